"""The marketplace's own events, as its scripts and middlemen send them.

docs/campaign-events.schema.json is made of these:
python -m functions.campaign_webhook.own_events > docs/campaign-events.schema.json
"""

import datetime as dt
import json
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    TypeAdapter,
    model_validator,
)
from pydantic.json_schema import WithJsonSchema

from shared.campaign_events.event import Channel
from shared.campaign_events.payload import identifier, is_true, moment, read_moment
from shared.http.body import Day

# ISO 4217: how many decimals a currency has where it does not have two.
# https://www.six-group.com/en/products-services/financial-information/data-standards.html
_DECIMALS = {
    code: decimals
    for decimals, codes in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for code in codes.split()
}


def _exact_amount(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number, or text")  # noqa: TRY004  # pydantic wants a ValueError.
    # The shortest text that is this number: what the sender typed, up to 15 digits.
    return repr(value) if isinstance(value, float) else value


def _exact_count(value: object) -> object:
    if isinstance(value, bool | float):
        raise ValueError("must be a whole number, or text")  # noqa: TRY004  # pydantic wants a ValueError.
    return value


Identifier = Annotated[
    str | None,
    BeforeValidator(identifier),
    WithJsonSchema({"type": ["string", "integer", "null"], "description": "An id of the platform's, exact."}),
]
Moment = Annotated[
    dt.datetime, BeforeValidator(read_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
PerhapsMoment = Annotated[
    dt.datetime | None,
    BeforeValidator(moment),
    WithJsonSchema({"type": ["string", "null"], "format": "date-time"}),
]
Flag = Annotated[bool, BeforeValidator(is_true), WithJsonSchema({"type": "boolean"})]
Count = Annotated[
    int,
    BeforeValidator(_exact_count),
    Field(ge=0, le=10**12),
    WithJsonSchema({"type": ["integer", "string"], "minimum": 0}),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(_exact_amount),
    Field(ge=0, lt=10**12, max_digits=40, decimal_places=28),
    # Plain digits: 1E+3 is a number to PostgreSQL too, but not to everybody who reads the inbox.
    PlainSerializer(lambda amount: format(amount, "f")),
    WithJsonSchema({"type": ["string", "number"], "description": "Exact as text."}),
]
WholeAmount = Annotated[
    int,
    BeforeValidator(_exact_count),
    Field(ge=0, lt=10**18),
    WithJsonSchema({"type": ["integer", "string"], "minimum": 0}),
]


class _Data(BaseModel):
    """What every event says. Members beyond those named are kept apart, as a person might be in them."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    platform: Annotated[Channel | None, Field(description="The channel that it is about.")] = None
    account_id: Identifier = None
    campaign_id: Identifier = None


class MetricsData(_Data):
    """A campaign's day so far: cumulative, so that the newest `as_of` replaces what was known.

    The amount comes in exactly one unit: `spend` in the currency itself, `spend_minor` in its smallest coin,
    `spend_micros` in millionths, as Google's API has it.
    """

    date: Day
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217.")]
    spend: Amount | None = None
    spend_minor: WholeAmount | None = None
    spend_micros: WholeAmount | None = None
    clicks: Count
    impressions: Count
    as_of: Moment | None = None

    @model_validator(mode="after")
    def _check_unit(self) -> Self:
        given = [amount for amount in (self.spend, self.spend_minor, self.spend_micros) if amount is not None]
        if len(given) != 1:
            raise ValueError("exactly one of spend, spend_minor and spend_micros is needed")
        return self

    @property
    def amount(self) -> Decimal:
        """The spend in the currency itself."""
        if self.spend is not None:
            return self.spend
        if self.spend_minor is not None:
            return Decimal(self.spend_minor).scaleb(-_DECIMALS.get(self.currency, 2))
        return Decimal(self.spend_micros or 0).scaleb(-6)


class StatusData(_Data):
    """A campaign's status in the platform's own vocabulary, or ours: active, paused, archived."""

    status: Annotated[str, Field(min_length=1, max_length=100)]
    as_of: Moment | None = None


class LeadData(_Data):
    """Somebody who filled in a form, of a platform without a webhook, or by way of a middleman."""

    lead_id: Identifier = None
    form_id: Identifier = None
    is_test: Flag = False
    submitted_at: PerhapsMoment = None
    fields: Annotated[
        object,
        WithJsonSchema(
            {
                "type": "object",
                "description": "Questions and answers; name, email, phone and postcode by these names.",
            }
        ),
    ] = None


class _Event(BaseModel):
    """The envelope that Standard Webhooks recommends."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    timestamp: Annotated[Moment, Field(description="When it happened.")]


class CampaignMetrics(_Event):
    """A campaign's day."""

    type: Literal["campaign.metrics", "campaign.metrics.snapshot"]
    data: MetricsData


class CampaignStatus(_Event):
    """A campaign's status."""

    type: Literal["campaign.status", "campaign.status.changed"]
    data: StatusData


class LeadCreated(_Event):
    """A lead."""

    type: Literal["lead.created"]
    data: LeadData


OwnEvent = Annotated[CampaignMetrics | CampaignStatus | LeadCreated, Field(discriminator="type")]

if __name__ == "__main__":
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Events of the marketplace's own",
        **TypeAdapter[object](OwnEvent).json_schema(),
    }
    print(json.dumps(schema, indent=2))  # noqa: T201 - that is what it is run for.
