"""Group commit: many events are one batch, answered once that is in the database, or in a log before it.

A batch takes along half of whoever is there when it leaves, so under load it is large, and without load it is
one event that waits for nobody. While the database counts one half, the other is answered, and what it sends
next is read. Nothing is acknowledged from memory: whoever is not answered may send again,
since the database counts an id once. Only how often something was turned away is counted here first (`drop`),
and a process that is killed takes the last few seconds of that with it.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from functions.landing_page_track.visitor import Visitor
from shared.http.errors import DatabaseUnavailable, EventLogUnavailable, Overloaded
from shared.page_events.batch import Drop, EventBatch, Kind
from shared.page_events.record import Record

MAX_BATCH = 500
"""Events a call; the database takes 1,000, and locks their pages meanwhile."""

CALLS_AT_ONCE = 2
"""More would be smaller, and wait for each other: the batches of one page take turns in the database."""

MIN_BATCH = 16
"""Fewer are not worth a call of their own while another is on its way."""

MAX_WAITING = 5_000
"""Events that may wait at once, which is about a second's worth; whoever comes then is told to come back."""

DROP_SECONDS = 5
"""How long a drop waits for a batch to ride in before it gets one of its own, also when that failed."""

MAX_DROP_KINDS = 500
"""Pages and reasons that are told apart in one call; whoever invents pages shares one row."""

BUSY = "busy"
"""What the database says of a page that somebody holds: it neither counted nor dropped the event."""

Drops = Counter[tuple[UUID | None, str]]
"""How often something was turned away: of which page, if it is known, and why."""


class PageEvent(NamedTuple):
    """What somebody did on a page, as it is stored."""

    id: UUID
    page_id: UUID
    kind: Kind
    visitor: Visitor
    source: str
    campaign: str | None
    signal: str | None


@dataclass(frozen=True, slots=True)
class _Request:
    events: Sequence[PageEvent]
    outcomes: asyncio.Future[list[str]]


class Recorder:
    """Has events recorded, as many at a time as are waiting."""

    def __init__(self, record: Record) -> None:
        """Record each batch with `record`."""
        self._record = record
        self._waiting: deque[_Request] = deque()
        self._waiting_events = 0
        self._drops = Drops()
        self._riding_events = 0
        self._flushers = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def count(self, events: Sequence[PageEvent]) -> list[str]:
        """Return what became of each event, once that is safe.

        Raises:
            Overloaded: Too many are waiting already. Nothing was recorded.
            EventLogUnavailable: The log before the database gave no answer in time.
            DatabaseUnavailable: There was no answer in time, or somebody holds a page of theirs. Sending them
                again counts nothing twice.
        """
        if self._waiting_events + len(events) > MAX_WAITING:
            raise Overloaded("More is coming in than can be recorded.")
        request = _Request(events, asyncio.get_running_loop().create_future())
        self._waiting.append(request)
        self._waiting_events += len(events)
        self._start_flusher()
        return await request.outcomes

    def drop(self, page_id: UUID | None, reason: str) -> None:
        """Count something that is not recorded, for the admin's accounts."""
        self._keep({(page_id, reason): 1})

    def _keep(self, drops: Mapping[tuple[UUID | None, str], int]) -> None:
        # Those of a call that failed come back to others': together they are still what a call may have.
        for (page_id, reason), attempts in drops.items():
            is_apart = len(self._drops) < MAX_DROP_KINDS or (page_id, reason) in self._drops
            self._drops[page_id if is_apart else None, reason] += attempts
        if self._drops and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(DROP_SECONDS, self._flush_drops)

    def _flush_drops(self) -> None:
        self._timer = None
        self._start_flusher()

    def _start_flusher(self) -> None:
        if self._flushers < CALLS_AT_ONCE:
            self._flushers += 1
            task = asyncio.create_task(self._flush())
            # The loop itself holds on to no task.
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _flush(self) -> None:
        try:
            await self._flush_all()
        finally:
            # Not when the task is seen to be done, a turn later: who came in between would wait for nobody.
            self._flushers -= 1

    async def _flush_all(self) -> None:
        await asyncio.sleep(0)  # A turn of the loop, in which whoever is here already is read.
        while self._waiting or (self._drops and self._timer is None):
            batch = self._take()
            drops, self._drops = self._drops, Drops()
            events = [event for request in batch for event in request.events]
            self._riding_events += len(events)
            try:
                outcomes = await self._record(_batch_of(events, drops))
            except Exception as error:  # noqa: BLE001  # Whatever it is, those who wait have to hear of it.
                self._keep(drops)
                if isinstance(error, DatabaseUnavailable | EventLogUnavailable):
                    # A call has waited for as long as anybody should: those behind it would wait once more.
                    batch += self._take_all()
                _fail(batch, error)
            else:
                self._keep_busy(drops, outcomes[len(events) :])
                _answer(batch, outcomes)
            finally:
                self._riding_events -= len(events)

    def _take_all(self) -> list[_Request]:
        everybody, self._waiting = [*self._waiting], deque()
        self._waiting_events = 0
        return everybody

    def _take(self) -> list[_Request]:
        batch: list[_Request] = []
        size = 0
        share = -(-(self._waiting_events + self._riding_events) // CALLS_AT_ONCE)
        most = min(max(share, MIN_BATCH), MAX_BATCH)
        while self._waiting and (not batch or size + len(self._waiting[0].events) <= most):
            request = self._waiting.popleft()
            self._waiting_events -= len(request.events)
            batch.append(request)
            size += len(request.events)
        return batch

    def _keep_busy(self, drops: Drops, outcomes: Sequence[str]) -> None:
        told = zip(drops.items(), outcomes, strict=True)
        self._keep({drop: attempts for (drop, attempts), outcome in told if outcome == BUSY})


def _batch_of(events: Sequence[PageEvent], drops: Drops) -> EventBatch:
    # Checked already, each when it came in.
    return EventBatch.model_construct(
        ids=[event.id for event in events],
        page_ids=[event.page_id for event in events],
        kinds=[event.kind for event in events],
        visitors=[event.visitor.visitor for event in events],
        addresses=[event.visitor.address for event in events],
        networks=[event.visitor.network for event in events],
        sources=[event.source for event in events],
        campaigns=[event.campaign for event in events],
        signals=[event.signal for event in events],
        drops=[
            Drop.model_construct(page_id=page_id, reason=reason, attempts=attempts)
            for (page_id, reason), attempts in drops.items()
        ],
    )


def _answer(batch: Sequence[_Request], outcomes: Sequence[str]) -> None:
    start = 0
    for request in batch:
        end = start + len(request.events)
        if not request.outcomes.done():  # A request that was cancelled waits for nothing.
            if BUSY in (own := list(outcomes[start:end])):
                request.outcomes.set_exception(DatabaseUnavailable("The page cannot be written to now."))
            else:
                request.outcomes.set_result(own)
        start = end


def _fail(batch: Sequence[_Request], error: Exception) -> None:
    for request in batch:
        if not request.outcomes.done():
            request.outcomes.set_exception(error)
