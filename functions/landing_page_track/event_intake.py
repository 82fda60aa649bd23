"""POST /events: views of pages, one or a batch, each counted once and answered after it is committed."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page_track.automation import find_automation
from functions.landing_page_track.uuid7 import UUIDv7
from functions.landing_page_track.visitor import Visitors
from shared.http.body import parse_json, read_body, require_media_type, validate
from shared.http.edge import json_response
from shared.http.errors import InvalidBody, PageNotFound
from shared.postgrest.client import Identity

MAX_BODY_BYTES = 32 * 1024
MAX_BATCH = 100

# text/plain is what a page may send across origins without asking first, and what sendBeacon sends.
_ACCEPTED = ("application/json", "text/plain", "")
_OUTCOMES = TypeAdapter(list[str])


class Event(BaseModel):
    """Something that happened on a page, at the time that its id carries."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: UUIDv7
    page_id: UUID
    kind: Literal["view"]


class EventIntake:
    """Takes events in and has the database count them."""

    def __init__(self, recorder: Identity, visitors: Visitors) -> None:
        """Record as `recorder`, which may do nothing else."""
        self._recorder = recorder
        self._visitors = visitors

    async def receive(self, request: Request) -> Response:
        """Answer one event with 204 or a problem, a batch with every outcome in order.

        204 says that sending it again would change nothing: it is counted, or dropped for a reason that is
        not the sender's to mend. Event-Outcome names that reason.

        Raises:
            InvalidBody: One event is malformed, or a batch is too long. In a batch, a malformed one is `bad`.
            PageNotFound: One event is of a page that never was.
        """
        require_media_type(request, _ACCEPTED)
        body = parse_json(await read_body(request, MAX_BODY_BYTES))
        if isinstance(body, list):
            if len(body) > MAX_BATCH:
                raise InvalidBody(f"A batch has at most {MAX_BATCH} events.")
            outcomes = await self._record(request, [_read_event(item) for item in body])
            return json_response({"outcomes": outcomes})
        (outcome,) = await self._record(request, [validate(Event, body)])
        if outcome == "unknown_page":
            raise PageNotFound("The event is of a page that does not exist.")
        if outcome == "bad":
            raise InvalidBody("The database refused the event.")
        return Response(status_code=204, headers={"Event-Outcome": outcome})

    async def _record(self, request: Request, events: Sequence[Event | None]) -> list[str]:
        automation = find_automation(request)
        outcomes = ["bad" if event is None else automation or "late" for event in events]
        if automation:
            return outcomes
        rows: dict[int, dict[str, object]] = {}
        for index, event in enumerate(events):
            # Without a salt for its day there is nobody to count: the event is late, or from the future.
            if event and (visitor := await self._visitors.identify(request, event.id)):
                rows[index] = {**event.model_dump(), "visitor": visitor}
        if rows:
            answer = await self._recorder.call("record_events", events=list(rows.values()))
            for index, outcome in zip(rows, _OUTCOMES.validate_python(answer), strict=True):
                outcomes[index] = outcome
        return outcomes


def _read_event(item: object) -> Event | None:
    try:
        return Event.model_validate(item)
    except ValidationError:
        return None
