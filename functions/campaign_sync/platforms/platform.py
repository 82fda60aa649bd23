"""What a platform's adapter offers. All scaling of units happens in it."""

import datetime as dt
import hashlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from functions.campaign_sync.asking import Answer, Asking
from functions.campaign_sync.credentials import Credentials
from functions.campaign_sync.job import Campaign, Conversion, Job, Order, Page, Result, Write
from functions.campaign_sync.trouble import Trouble
from shared.campaign_events.event import CampaignEvent, Person, lead_facts
from shared.campaign_events.payload import shorten

LEADS_AT_ONCE = 100
"""With their answers, which people write: the database takes 1,000 events and 8 MB in one call."""

_DETAILS = 20
_PATIENCE = 5


class Adapter(ABC):
    """A platform: how it is asked, what it says, and how it says no."""

    @abstractmethod
    def headers(self, job: Job, credentials: Credentials) -> Mapping[str, str]:
        """Return the headers that every request has, with the access token."""

    def params(self, credentials: Credentials) -> Mapping[str, str]:  # noqa: ARG002 - Meta's reads them.
        """Return what every query has, made of the credentials."""
        return {}

    @abstractmethod
    def trouble(self, answer: Answer) -> Trouble | None:
        """Return what an answer's body says is wrong; None if it says nothing is, or says nothing."""

    @abstractmethod
    def days(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Ask for the window's days, from the cursor on, a page at a time.

        The iteration ends after the page that `is_last`, or after one with `wait_seconds`.

        Raises:
            Trouble: The platform says no, or what nobody understands.
        """

    @abstractmethod
    def campaigns(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Ask for all campaigns of the account, ended ones too, from the cursor on.

        Raises:
            Trouble: As above.
        """

    @abstractmethod
    async def campaign(self, asking: Asking, job: Job, campaign_id: str) -> Campaign:
        """Ask for one campaign of the account, by an id of digits alone, as it is now.

        Raises:
            Trouble: As above; permanent, `campaign_not_found`, where the account has none of that id.
        """

    def leads(self, asking: Asking, job: Job) -> AsyncIterator[Page]:  # noqa: ARG002 - not every platform has any.
        """Ask for the leads since the window's first day, from the cursor on: what a webhook may have missed.

        Raises:
            Trouble: As above.
        """
        raise Trouble("permanent", "no_leads")

    async def lead(self, asking: Asking, job: Job, lead_id: str) -> CampaignEvent | None:  # noqa: ARG002 - as above.
        """Ask for one lead that was announced. None: there is no such lead any more.

        Raises:
            Trouble: As above.
        """
        raise Trouble("permanent", "no_leads")

    async def details(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Ask for the leads that were announced, one by one; of which one may not be to be had.

        Raises:
            Trouble: None is to be had.
        """
        leads: list[CampaignEvent] = []
        fetched: list[str] = []
        refused = got = 0
        for number, lead_id in enumerate(job.announced, 1):
            try:
                lead = await self.lead(asking, job, lead_id)
            except Trouble as trouble:
                refused += 1
                # Where none of the first is to be had, it is the account that has no right to them.
                if trouble.kind != "permanent" or (not got and refused == min(_PATIENCE, len(job.announced))):
                    raise
            else:
                got += 1
                fetched.append(lead_id)
                leads += [lead] if lead is not None else []
            if len(fetched) == _DETAILS and number < len(job.announced):
                yield Page(leads=leads, fetched=fetched)
                leads, fetched = [], []
        yield Page(leads=leads, fetched=fetched, is_last=True)

    @abstractmethod
    def order(self, job: Job, campaign: Campaign, write: Write) -> Order:
        """Return the request that makes it what it is to be: with the absolute value, and nothing else.

        Raises:
            Trouble: Permanent: there is no such request.
        """

    @abstractmethod
    def conversion(self, job: Job, conversion: Conversion) -> Order:
        """Return the request that tells of a lead, and of that alone: of two, an old one would sink both."""

    @abstractmethod
    def told(self, answer: Answer) -> Result:
        """Return what an answer to that says. A success that does not say so may be somebody's in between.

        Raises:
            Trouble: It is none of the platform's.
        """

    async def result(self, asking: Asking, job: Job, conversion: Conversion) -> Result:  # noqa: ARG002 - as above.
        """Ask what became of a lead that was accepted.

        Raises:
            Trouble: Nobody can say yet, or ever.
        """
        raise Trouble("permanent", "no_result")


def only(campaigns: Iterable[Campaign], campaign_id: str) -> Campaign:
    """Return the campaign of that id.

    Raises:
        Trouble: It is not among them.
    """
    for campaign in campaigns:
        if campaign.campaign_id == campaign_id:
            return campaign
    raise Trouble("permanent", "campaign_not_found")


class FetchedLead(NamedTuple):
    """A lead as a platform has it."""

    lead_id: str
    campaign_id: str | None
    submitted_at: dt.datetime
    person: Person | None
    payload: Mapping[str, object]
    """What the platform says of it that can name nobody."""
    is_test: bool = False

    def event(self, job: Job) -> CampaignEvent:
        """Return it as a webhook would have told it, under a key of its own: its id is what counts once."""
        key = f"{job.platform}:fetched:{self.lead_id}"
        return CampaignEvent(
            event_key=shorten(key),
            # A lead does not change, and nothing of the person is in it.
            body_hmac=hashlib.sha256(key.encode()).hexdigest(),
            channel=job.platform,
            account_id=job.account_id,
            external_campaign_id=self.campaign_id,
            occurred_at=self.submitted_at,
            payload=self.payload,
            person=self.person,
            facts=lead_facts(self.lead_id, is_test=self.is_test, submitted_at=self.submitted_at),
        )


class Told(BaseModel):
    """What a platform says. More may come at any time."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


Kind = TypeVar("Kind", bound=BaseModel)


def read(model: type[Kind], answer: Answer) -> Kind:
    """Read an answer.

    Raises:
        Trouble: It has another shape: a version that nobody announced, or something in between answered.
    """
    try:
        return model.model_validate(answer.json())
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        raise Trouble("permanent", f"unexpected answer at {where}"[:200]) from None


def text_of(cursor: Mapping[str, object] | None, name: str) -> str | None:
    """Return a cursor's member, if it is text."""
    value = (cursor or {}).get(name)
    return value if isinstance(value, str) else None


def number_of(cursor: Mapping[str, object] | None, name: str, otherwise: int) -> int:
    """Return a cursor's member, if it is a whole number."""
    value = (cursor or {}).get(name)
    return value if isinstance(value, int) else otherwise
