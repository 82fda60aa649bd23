"""A batch of page events: the arguments of `record_events`, and the message that a log carries them in."""

from typing import Annotated, Literal, Self
from uuid import UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

Kind = Literal["view", "call", "whatsapp"]
"""Seeing the page, or a tap on a link that calls the partner or writes to them."""

Hash = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""PostgreSQL's bigint."""


class Drop(BaseModel):
    """How often something was turned away: of which page, if it is known, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    page_id: UUID | None
    reason: str
    attempts: int


class EventBatch(BaseModel):
    """Events, a column each, and what was turned away meanwhile.

    What comes by way of a log has an id of its own and says when it was received: the log delivers at least
    once, and maybe later.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    ids: list[UUID]
    page_ids: list[UUID]
    kinds: list[Kind]
    visitors: list[Hash]
    addresses: list[Hash]
    networks: list[Hash]
    sources: list[str]
    campaigns: list[str | None]
    signals: list[str | None]
    drops: list[Drop]
    batch_id: UUID | None = None
    received_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _has_columns_of_one_length(self) -> Self:
        if len({len(getattr(self, name)) for name in _COLUMNS}) > 1:
            raise ValueError("its columns must be of one length")
        return self

    def part(self, start: int, end: int, drops: list[Drop]) -> Self:
        """Return some of its events, with these drops. The same part of the same batch has the same id."""
        columns = {name: getattr(self, name)[start:end] for name in _COLUMNS}
        batch_id = self.batch_id and uuid5(self.batch_id, f"{start}-{end}")
        return self.model_copy(update={**columns, "drops": drops, "batch_id": batch_id})


_COLUMNS = tuple(name for name in EventBatch.model_fields if name not in {"drops", "batch_id", "received_at"})
