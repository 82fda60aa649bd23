"""What the outbox gives out, and what became of it."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter

from shared.lead.person import Page, Person


class Delivery(BaseModel):
    """One thing to send, as `take_deliveries()` answers it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    """The same at every attempt."""
    attempts: int
    kind: Literal["partner_mail", "visitor_mail", "webhook"]
    lead_id: UUID
    outcome: str
    submitted_at: dt.datetime
    channel: str | None = None
    source: str | None = None
    page: Page | None = None
    company: str | None = None
    """Who was named as receiving the data."""
    recipient: str | None = None
    person: Person = Person()
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None


DELIVERIES: TypeAdapter[list[Delivery]] = TypeAdapter(list[Delivery])


class Outcome(BaseModel):
    """What became of one attempt. A word and a number, for the outbox outlives the person."""

    model_config = ConfigDict(frozen=True)

    outcome: Literal["delivered", "failed", "refused"]
    error: Annotated[str, Field(max_length=100)] | None = None


DELIVERED = Outcome(outcome="delivered")


def failed(error: str) -> Outcome:
    """Say that it may work later."""
    return Outcome(outcome="failed", error=error)


def refused(error: str) -> Outcome:
    """Say that it will not, unless a person does something."""
    return Outcome(outcome="refused", error=error)
