"""The one call that counts a batch of page events."""

from collections.abc import Awaitable, Callable

import structlog
from pydantic import TypeAdapter

from shared.http.errors import InternalError, InvalidValue
from shared.page_events.batch import Drop, EventBatch
from shared.postgrest.client import Identity

Record = Callable[[EventBatch], Awaitable[list[str]]]
"""Takes a batch to where it is safe, and returns what became of each event, and then of each drop."""

_OUTCOMES = TypeAdapter(list[str] | None)

log = structlog.get_logger()


async def record(database: Identity, batch: EventBatch) -> list[str]:
    """Return what became of each event, and then of each drop; `duplicate` of a batch that came before.

    Raises:
        Refusal: Somebody holds a page of a batch with an id (`retry`). Nothing was recorded.
        DatabaseUnavailable: There was no answer in time. Sending it again counts no event twice.
        InternalError: The database refused the call.
    """
    size = len(batch.ids)
    try:
        answer = await database.call("record_events", **batch.model_dump(mode="json"))
    except InternalError as error:
        if not size or not isinstance(error.__cause__, InvalidValue):
            raise
        # One of them the database cannot store, whatever we thought of it. Its batch-mates it can.
        if size > 1:
            return await _halve(database, batch)
        log.exception("event_refused", page_id=str(batch.page_ids[0]))
        return await _book_as_bad(database, batch)
    outcomes = _OUTCOMES.validate_python(answer)
    if outcomes is None:
        return ["duplicate"] * (size + len(batch.drops))
    if len(outcomes) != size + len(batch.drops):
        raise InternalError("The database answered for another number of events.")
    return outcomes


async def _halve(database: Identity, batch: EventBatch) -> list[str]:
    size, middle = len(batch.ids), len(batch.ids) // 2
    first = await record(database, batch.part(0, middle, batch.drops))
    second = await record(database, batch.part(middle, size, []))
    return [*first[:middle], *second, *first[middle:]]


async def _book_as_bad(database: Identity, batch: EventBatch) -> list[str]:
    bad = Drop(page_id=batch.page_ids[0], reason="bad", attempts=1)
    return ["bad", *(await record(database, batch.part(0, 0, [*batch.drops, bad])))[:-1]]
