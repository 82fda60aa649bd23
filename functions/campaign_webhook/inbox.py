"""Handing events to the database: what comes in together is stored together, in one call and one commit."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from pydantic import TypeAdapter

from functions.campaign_webhook.sources.source import Outcome
from shared.campaign_events.event import CampaignEvent
from shared.http.errors import Refusal
from shared.postgrest.client import Identity

MAX_EVENTS_A_CALL = 1000
"""As many as Meta puts into one POST, and as `ingest_campaign_events` takes."""

CALLS_AT_ONCE = 2
"""One is read by the database while it commits the other. More would wait for the same campaigns."""

_OUTCOMES = TypeAdapter(list[Outcome])

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Delivery:
    """Events of one source that somebody waits for."""

    source: str
    rows: Sequence[Row]
    outcomes: asyncio.Future[list[Outcome]]


class Inbox:
    """Stores events as `campaign_ingester`, and answers once their call has committed."""

    def __init__(self, ingester: Identity) -> None:
        """Store as `ingester`, which may do nothing else."""
        self._ingester = ingester
        self._waiting: deque[_Delivery] = deque()
        self._calls: set[asyncio.Task[None]] = set()

    async def store(self, source: str, events: Sequence[CampaignEvent]) -> list[Outcome]:
        """Store the events of a delivery and say what became of each, in order.

        Raises:
            DatabaseUnavailable: No answer came. What is sent again counts once.
            Problem: As the database had it.
        """
        rows = [event.row() for event in events]
        outcomes: list[Outcome] = []
        # Each call commits. Sent again after the second of two failed, the first one's events are there.
        for start in range(0, len(rows), MAX_EVENTS_A_CALL):
            part = rows[start : start + MAX_EVENTS_A_CALL]
            delivery = _Delivery(source, part, asyncio.get_running_loop().create_future())
            self._waiting.append(delivery)
            self._call_if_free()
            outcomes += await delivery.outcomes
        return outcomes

    def _call_if_free(self) -> None:
        while self._waiting and len(self._calls) < CALLS_AT_ONCE:
            call = asyncio.create_task(self._call(self._take_batch()))
            self._calls.add(call)
            call.add_done_callback(self._go_on)

    def _go_on(self, call: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        self._call_if_free()

    def _take_batch(self) -> list[_Delivery]:
        """Take who waits longest, and whoever else of the same source fits into the call."""
        batch = [self._waiting.popleft()]
        room = MAX_EVENTS_A_CALL - len(batch[0].rows)
        left: deque[_Delivery] = deque()
        for delivery in self._waiting:
            if delivery.source == batch[0].source and len(delivery.rows) <= room:
                batch.append(delivery)
                room -= len(delivery.rows)
            else:
                left.append(delivery)
        self._waiting = left
        return batch

    async def _call(self, batch: list[_Delivery]) -> None:
        try:
            outcomes = await self._ingest(
                batch[0].source, [row for delivery in batch for row in delivery.rows]
            )
        except Refusal as refusal:
            if len(batch) == 1 or refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                _fail(batch, refusal)
                return
            # One that the database does not take is not everybody's.
            for delivery in batch:
                await self._call([delivery])
        except Exception as problem:  # noqa: BLE001 - whatever it is, nobody may wait for ever.
            _fail(batch, problem)
        else:
            for delivery in batch:
                told, outcomes = outcomes[: len(delivery.rows)], outcomes[len(delivery.rows) :]
                if not delivery.outcomes.done():
                    delivery.outcomes.set_result(told)

    async def _ingest(self, source: str, rows: list[Row]) -> list[Outcome]:
        answer = await self._ingester.call("ingest_campaign_events", source=source, events=rows)
        outcomes = _OUTCOMES.validate_python(answer)
        if len(outcomes) != len(rows):
            raise RuntimeError(f"{len(rows)} events, and {len(outcomes)} outcomes")
        return outcomes


def _fail(batch: list[_Delivery], problem: Exception) -> None:
    for delivery in batch:
        if not delivery.outcomes.done():
            delivery.outcomes.set_exception(problem)
