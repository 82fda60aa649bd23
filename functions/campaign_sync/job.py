"""What is to be asked, as `take_sync_job()` answers it, and what comes of it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, SecretStr

from shared.campaign_events.event import CampaignEvent
from shared.campaign_events.payload import clean

Platform = Literal["google_ads", "meta_ads", "linkedin_ads", "tiktok_ads", "microsoft_ads", "ecb"]
Cursor = Mapping[str, object]
"""Where an adapter goes on: JSON of its own, without a token."""


class Api(BaseModel):
    """Where a platform is asked."""

    model_config = ConfigDict(frozen=True)

    base_url: str
    version: str | None = None

    @property
    def url(self) -> str:
        """The address that paths come after, with its version."""
        return f"{self.base_url}/{self.version}" if self.version else self.base_url


class Account(BaseModel):
    """Whose campaigns are asked for."""

    model_config = ConfigDict(frozen=True)

    manager_id: str | None = None
    sealed: SecretStr


class Job(BaseModel):
    """One thing to ask for."""

    model_config = ConfigDict(frozen=True)

    id: int
    platform: Platform
    account_id: str
    kind: Literal["writes", "conversions", "details", "rates", "campaigns", "leads", "days"]
    status: Literal["waiting", "fetched"]
    window_from: dt.date | None = None
    window_to: dt.date | None = None
    cursor: dict[str, object] | None = None
    announced: list[str] = []
    """Ids of leads of which a webhook said no more than that."""
    apis: dict[str, Api]
    account: Account | None = None

    @property
    def window(self) -> "Window":
        """The days that it is about."""
        if self.window_from is None or self.window_to is None:
            raise ValueError(f"A job of kind {self.kind} has no window.")
        return Window(self.window_from, self.window_to)


class Window(NamedTuple):
    """Days, the first and the last included."""

    first: dt.date
    last: dt.date


class Day(NamedTuple):
    """A campaign's day as a platform has it, in its units no longer: money is in the currency itself."""

    campaign_id: str
    day: dt.date
    currency: str
    spend: Decimal
    clicks: int
    impressions: int
    conversions: Decimal

    def row(self) -> list[object]:
        """Return it as `store_sync_page()` takes it; plain digits, since not everybody reads 1E+1."""
        return [
            self.campaign_id,
            self.day.isoformat(),
            self.currency,
            format(self.spend, "f"),
            self.clicks,
            self.impressions,
            format(self.conversions, "f"),
        ]


BudgetNote = Literal["shared", "lower_level", "total", "automated"]
"""Why a campaign's budget is not its own a day."""


Switch = Literal["on", "off", "ended"]
"""Whether somebody has it on, whatever else stops it. ended: never to be turned on again, or not yet."""


class Campaign(NamedTuple):
    """A campaign as a platform has it."""

    campaign_id: str
    name: str
    status: str
    """The platform's own word."""
    daily_budget: Decimal | None = None
    """In the account's currency itself."""
    budget_note: BudgetNote | None = None
    switch: Switch | None = None
    """None: not ours to turn."""
    budget_id: str | None = None
    """Where the platform keeps budgets by themselves."""

    def row(self) -> list[object]:
        """Return it as `store_sync_page()` takes it."""
        budget = None if self.daily_budget is None else format(self.daily_budget, "f")
        return [self.campaign_id, self.name, self.status, budget, self.budget_note, self.switch]


class Write(BaseModel):
    """What a campaign is to be on its platform, as `take_campaign_write()` answers it."""

    model_config = ConfigDict(frozen=True)

    id: int
    external_campaign_id: str
    field: Literal["status", "daily_budget"]
    value: str

    @property
    def is_active(self) -> bool:
        """Whether it is to run, where it is about that."""
        return self.value == "active"

    @property
    def budget(self) -> Decimal | None:
        """EUR a day, where it is about that."""
        return Decimal(self.value) if self.field == "daily_budget" else None


class Conversion(BaseModel):
    """A lead that was won, as `take_conversion()` answers it. Nothing in it is a person's as it is."""

    model_config = ConfigDict(frozen=True)

    id: int
    lead_id: str
    """The platform knows it by that: told twice, it counts once."""
    happened_at: dt.datetime
    reference: str | None = None
    is_repeated: bool = False
    target_id: str | None = None
    event_name: str | None = None
    value: Decimal | None = None
    """EUR."""
    submitted_at: dt.datetime
    platform_lead_id: str | None = None
    click: dict[str, str] | None = None
    """The click id by its name in an address, such as gclid."""
    hashes: dict[Literal["email", "phone"], str] | None = None
    """SHA-256 in hex, each made by that platform's rules."""

    def hashed(self, name: Literal["email", "phone"]) -> str | None:
        """Return what stands for an address or a number."""
        return (self.hashes or {}).get(name)


class Result(NamedTuple):
    """What a platform made of a conversion."""

    status: Literal["accepted", "done", "refused"]
    reason: str | None = None
    reference: str | None = None

    def row(self) -> dict[str, object]:
        """Return it as `note_conversion()` takes it."""
        return self._asdict()


class Order(NamedTuple):
    """A request that changes something. It has no token in it."""

    method: Literal["POST", "PUT"]
    url: str
    body: Mapping[str, object]
    is_form: bool = False
    headers: Mapping[str, str] = {}

    def row(self) -> dict[str, object]:
        """Return it as `judge_campaign_write()` keeps it."""
        return {"method": self.method, "url": self.url, "body": self.body}


class AccountFacts(NamedTuple):
    """What a platform says of an account itself."""

    currency: str | None = None
    time_zone: str | None = None
    name: str | None = None


class Page(NamedTuple):
    """What one answer said, and where to go on after it."""

    days: Sequence[Day] = ()
    campaigns: Sequence[Campaign] = ()
    leads: Sequence[CampaignEvent] = ()
    # Announced leads that there is no more to be said of.
    fetched: Sequence[str] = ()
    cursor: Cursor | None = None
    is_last: bool = False
    # Nothing more can be asked for so long: a report is being made.
    wait_seconds: float = 0
    account: AccountFacts | None = None

    def row(self) -> dict[str, object]:
        """Return it as `store_sync_page()` takes it."""
        return {
            "days": [day.row() for day in self.days],
            # People write these, and PostgreSQL cannot store all that JSON can say.
            "campaigns": clean([campaign.row() for campaign in self.campaigns]),
            "leads": clean([lead.row() for lead in self.leads]),
            "fetched": list(self.fetched),
            "cursor": self.cursor,
            "is_last": self.is_last,
            "wait_seconds": self.wait_seconds,
            "account": self.account and self.account._asdict(),
        }
