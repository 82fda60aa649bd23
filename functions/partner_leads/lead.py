"""A lead as `my_leads()` answers it."""

import datetime as dt
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, TypeAdapter

from shared.lead.person import Page, Person

Status = Literal["new", "contacted", "quoted", "won", "lost"]
LostReason = Literal[
    "no_answer", "price", "another_firm", "out_of_area", "not_our_work", "not_serious", "withdrawn", "other"
]


class Lead(BaseModel):
    """One lead of the caller's. `person` is None once they were erased."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    submitted_at: dt.datetime
    outcome: str
    status: Status
    lost_reason: LostReason | None = None
    source: str | None = None
    page: Page | None = None
    person: Person | None = None


LEADS: TypeAdapter[list[Lead]] = TypeAdapter(list[Lead])
