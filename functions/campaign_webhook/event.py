"""A platform's event in our own words: what `ingest_campaign_events` stores, applies or parks."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from shared.http.body import Day

Channel = Literal[
    "google_ads", "meta_ads", "linkedin_ads", "tiktok_ads", "microsoft_ads", "seo", "email", "other"
]
CHANNELS: frozenset[str] = frozenset(get_args(Channel))

ParkReason = Literal["unknown_kind", "bad_lead", "bad_metrics", "bad_status"]


def _exact(value: object) -> object:
    # 421.37 as a JSON number is already no longer what the sender meant; as text it is.
    if isinstance(value, bool | float):
        raise ValueError("must be a whole number, or text")  # noqa: TRY004  # pydantic wants a ValueError.
    return value


def read_moment(value: object) -> dt.datetime:
    """Read an ISO 8601 time with its offset.

    Raises:
        ValueError: It is something else; a time without an offset could be any of 26 moments.
    """
    try:
        moment = dt.datetime.fromisoformat(value if isinstance(value, str) else "")
        if moment.tzinfo is not None:
            return moment.astimezone(dt.UTC)
    except OverflowError:
        pass  # 0001-01-01 with an offset lies before the first year.
    raise ValueError("must be an ISO 8601 time with an offset")


Moment = Annotated[dt.datetime, BeforeValidator(read_moment)]
Count = Annotated[int, BeforeValidator(_exact), Field(ge=0, le=10**12)]
Amount = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(ge=0, lt=10**12, max_digits=40, decimal_places=28),
    # Plain digits: 1E+3 is a number to PostgreSQL too, but not to everybody who reads the inbox.
    PlainSerializer(lambda amount: format(amount, "f")),
]


class _Part(BaseModel):
    """What providers send more is in the payload."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class LeadFacts(_Part):
    """A lead without its person."""

    kind: Literal["lead"] = "lead"

    external_lead_id: Annotated[str, Field(min_length=1)]
    is_test: bool
    submitted_at: dt.datetime | None


class MetricsFacts(_Part):
    """A campaign's day so far: cumulative, so that the newest `as_of` replaces what was known."""

    kind: Literal["metrics"] = "metrics"

    day: Day = Field(validation_alias="date")
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    spend: Amount
    clicks: Count
    impressions: Count
    as_of: Moment


class StatusFacts(_Part):
    """A campaign's status in the platform's own vocabulary."""

    kind: Literal["status"] = "status"

    platform_status: Annotated[str, Field(min_length=1, max_length=100)] = Field(validation_alias="status")
    as_of: Moment


class Unreadable(_Part):
    """What nobody understood. It is kept with its reason, to be applied when that has been mended."""

    kind: Literal["other"] = "other"
    park_reason: ParkReason


Facts = Annotated[LeadFacts | MetricsFacts | StatusFacts | Unreadable, Field(discriminator="kind")]


class Person(_Part):
    """Whoever filled in a platform's form. Stored apart from the event, so that it can be erased."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    postcode: str | None = None
    answers: dict[str, object] = {}


class CampaignEvent(BaseModel):
    """One logical event. `payload` is what the platform said, without its secrets and without the person."""

    model_config = ConfigDict(frozen=True)

    event_key: str
    body_hmac: str
    channel: Channel | None
    account_id: str | None = None
    external_campaign_id: str | None = None
    occurred_at: dt.datetime | None = None
    payload: dict[str, object]
    person: Person | None = None
    facts: Facts

    def row(self) -> dict[str, object]:
        """Return the element of the argument of `ingest_campaign_events`."""
        return self.model_dump(mode="json")
