"""/events: what happens on pages, one or a batch, each counted once and answered after it is committed."""

import secrets
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page_track.attribution import Address, attribute
from functions.landing_page_track.automation import find_reason, find_signal
from functions.landing_page_track.recorder import PageEvent, Recorder
from functions.landing_page_track.settings import TrackSettings
from functions.landing_page_track.uuid7 import UUIDv7, make_uuid7
from functions.landing_page_track.visitor import Visitors
from shared.http.body import parse_json, read_body, require_media_type, validate
from shared.http.clock import Clock
from shared.http.edge import json_response
from shared.http.errors import ForeignOrigin, InvalidBody, PageNotFound
from shared.http.origin import refuse_foreign
from shared.page_events.batch import Kind

MAX_BODY_BYTES = 32 * 1024
MAX_BATCH = 100

# text/plain is what a page may send across origins without asking first, and what sendBeacon sends.
_ACCEPTED = ("application/json", "text/plain", "")

# One transparent pixel, as small as GIF89a has it.
_PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)


class Event(BaseModel):
    """Something that happened on a page, at the time that its id carries."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: UUIDv7
    page_id: UUID
    kind: Kind = "view"
    query: Address = ""
    referrer: Address = ""
    bot: Annotated[int, Field(ge=0, le=7)] = 0


class EventIntake:
    """Takes events in and has the database count them."""

    def __init__(self, recorder: Recorder, visitors: Visitors, settings: TrackSettings, now: Clock) -> None:
        """Count with `recorder` who `visitors` says it is."""
        self._recorder = recorder
        self._visitors = visitors
        self._site = settings.site_origin
        self._respects_gpc = settings.respect_gpc
        self._now = now

    async def receive(self, request: Request) -> Response:
        """Answer one event with 204 or a problem, a batch with every outcome in order.

        204 says that sending it again would change nothing: it is counted, or dropped for a reason that is
        not the sender's to mend. Event-Outcome names that reason.

        Raises:
            ForeignOrigin: Another site's page sent it.
            InvalidBody: One event is malformed, or a batch is too long. In a batch, a malformed one is `bad`.
            PageNotFound: One event is of a page that never was.
        """
        self._refuse_foreign(request)
        require_media_type(request, _ACCEPTED)
        body = await read_body(request, MAX_BODY_BYTES)
        event = _read_one(body)
        if event is None:
            value = parse_json(body)
            if isinstance(value, list):
                return await self._receive_batch(request, value)
            event = self._validate(value)
        outcome = await self._record_one(request, event)
        return Response(status_code=204, headers={"Event-Outcome": outcome})

    async def _receive_batch(self, request: Request, items: list[object]) -> Response:
        if len(items) > MAX_BATCH:
            raise InvalidBody(f"A batch has at most {MAX_BATCH} events.")
        outcomes = await self._record(request, [_read_event(item) for item in items])
        return json_response({"outcomes": outcomes})

    async def receive_pixel(self, request: Request) -> Response:
        """Answer the picture that a browser without script asks for, once the view is recorded.

        HEAD counts nothing. A preview of a page tells nobody where it is asked from, and so is not counted.

        Raises:
            ForeignOrigin: It is not asked for by a page of ours.
            InvalidBody: `page_id` is none.
            PageNotFound: There is no such page.
        """
        headers = {"Cache-Control": "no-store"}
        if request.method != "HEAD":
            self._refuse_foreign(request)
            referer = request.headers.get("referer", "")
            if not referer.startswith(f"{self._site}/"):
                self._recorder.drop(None, "foreign")
                raise ForeignOrigin("Only pages of this site count their views with this picture.")
            milliseconds = int(self._now().timestamp() * 1000)
            view = {
                "id": make_uuid7(milliseconds, secrets.token_bytes(10)),
                "page_id": request.query_params.get("page_id"),
                "query": urlsplit(referer).query,
            }
            headers["Event-Outcome"] = await self._record_one(request, self._validate(view))
        return Response(_PIXEL, headers=headers, media_type="image/gif")

    def _refuse_foreign(self, request: Request) -> None:
        try:
            refuse_foreign(request, self._site)
        except ForeignOrigin:
            self._recorder.drop(None, "foreign")
            raise

    def _validate(self, body: object) -> Event:
        try:
            return validate(Event, body)
        except InvalidBody:
            self._recorder.drop(None, "bad")
            raise

    async def _record_one(self, request: Request, event: Event) -> str:
        (outcome,) = await self._record(request, [event])
        if outcome == "unknown_page":
            raise PageNotFound("The event is of a page that does not exist.")
        if outcome == "bad":
            raise InvalidBody("The database refused the event.")
        return outcome

    async def _record(self, request: Request, events: Sequence[Event | None]) -> list[str]:
        reason = find_reason(request, respects_gpc=self._respects_gpc)
        outcomes = ["bad" if event is None else reason or "late" for event in events]
        identified: dict[int, PageEvent] = {}
        if reason is None:
            for index, event in enumerate(events):
                # Without a salt for its day there is nobody to count: the event is late, or from the future.
                if event and (known := await self._identify(request, event)):
                    identified[index] = known
        for index, event in enumerate(events):
            if index not in identified:
                self._recorder.drop(event.page_id if event else None, outcomes[index])
        if identified:
            told = await self._recorder.count([*identified.values()])
            for index, outcome in zip(identified, told, strict=True):
                outcomes[index] = outcome
        return outcomes

    async def _identify(self, request: Request, event: Event) -> PageEvent | None:
        visitor = await self._visitors.identify(request, event.id)
        if visitor is None:
            return None
        attribution = attribute(event.query, event.referrer, self._site)
        campaign = attribution.tags.get("utm_id")
        return PageEvent(
            event.id, event.page_id, event.kind, visitor, attribution.source, campaign, find_signal(event.bot)
        )


def _read_one(body: bytes) -> Event | None:
    # Nearly always it is one, and good. What is wrong with it is found out the long way.
    try:
        return Event.model_validate_json(body)
    except ValidationError:
        return None


def _read_event(item: object) -> Event | None:
    try:
        return Event.model_validate(item)
    except ValidationError:
        return None
