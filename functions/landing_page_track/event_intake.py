"""POST /events: views of pages, one or a batch, each counted once and answered after it is committed."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page_track.attribution import Address, attribute
from functions.landing_page_track.automation import find_automation
from functions.landing_page_track.recorder import Recorder, View
from functions.landing_page_track.uuid7 import UUIDv7
from functions.landing_page_track.visitor import Visitors
from shared.http.body import parse_json, read_body, require_media_type, validate
from shared.http.edge import json_response
from shared.http.errors import InvalidBody, PageNotFound

MAX_BODY_BYTES = 32 * 1024
MAX_BATCH = 100

# text/plain is what a page may send across origins without asking first, and what sendBeacon sends.
_ACCEPTED = ("application/json", "text/plain", "")


class Event(BaseModel):
    """Something that happened on a page, at the time that its id carries."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: UUIDv7
    page_id: UUID
    kind: Literal["view"]
    query: Address = ""
    referrer: Address = ""


class EventIntake:
    """Takes events in and has the database count them."""

    def __init__(self, recorder: Recorder, visitors: Visitors, site: str) -> None:
        """Count with `recorder`; pages of `site` lead to each other."""
        self._recorder = recorder
        self._visitors = visitors
        self._site = site

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
        (outcome,) = await self._record(request, [self._validate(body)])
        if outcome == "unknown_page":
            raise PageNotFound("The event is of a page that does not exist.")
        if outcome == "bad":
            raise InvalidBody("The database refused the event.")
        return Response(status_code=204, headers={"Event-Outcome": outcome})

    def _validate(self, body: object) -> Event:
        try:
            return validate(Event, body)
        except InvalidBody:
            self._recorder.drop(None, "bad")
            raise

    async def _record(self, request: Request, events: Sequence[Event | None]) -> list[str]:
        automation = find_automation(request)
        outcomes = ["bad" if event is None else automation or "late" for event in events]
        views: dict[int, View] = {}
        if automation is None:
            for index, event in enumerate(events):
                # Without a salt for its day there is nobody to count: the event is late, or from the future.
                if event and (view := await self._identify(request, event)):
                    views[index] = view
        for index, event in enumerate(events):
            if index not in views:
                self._recorder.drop(event.page_id if event else None, outcomes[index])
        if views:
            for index, outcome in zip(views, await self._recorder.count([*views.values()]), strict=True):
                outcomes[index] = outcome
        return outcomes

    async def _identify(self, request: Request, event: Event) -> View | None:
        visitor = await self._visitors.identify(request, event.id)
        if visitor is None:
            return None
        attribution = attribute(event.query, event.referrer, self._site)
        campaign = attribution.tags.get("utm_id")
        return View(event.id, event.page_id, visitor, attribution.source, campaign)


def _read_event(item: object) -> Event | None:
    try:
        return Event.model_validate(item)
    except ValidationError:
        return None
