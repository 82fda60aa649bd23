"""What a platform's adapter offers. All scaling of units happens in it."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from functions.campaign_sync.asking import Answer, Asking
from functions.campaign_sync.credentials import Credentials
from functions.campaign_sync.job import Campaign, Conversion, Job, Order, Page, Result, Write
from functions.campaign_sync.trouble import Trouble


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
