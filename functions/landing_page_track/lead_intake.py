"""POST /leads: a request for a quote, from a script as JSON or from a plain HTML form without any script."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from functions.landing_page_track.attribution import attribute
from functions.landing_page_track.automation import is_bot
from functions.landing_page_track.form_reasons import reasons_of
from functions.landing_page_track.lead_form import Lead
from functions.landing_page_track.refill import refill
from functions.landing_page_track.turnstile import Verify
from functions.landing_page_track.uuid7 import make_uuid7
from functions.landing_page_track.visitor import Visitors
from shared.http.body import FORM, media_type, parse_form, parse_json, read_body, require_media_type, validate
from shared.http.clock import AMSTERDAM, Clock
from shared.http.edge import json_response
from shared.http.errors import DatabaseUnavailable, InvalidBody, Problem
from shared.http.origin import refuse_foreign
from shared.landing_page.csp import SECURITY_HEADERS
from shared.landing_page.document import Document
from shared.landing_page.live_page import AtPath
from shared.landing_page.message_page import message_page
from shared.postgrest.client import Identity

MAX_BODY_BYTES = 64 * 1024
"""A message of 3,000 characters that JSON and forms may write in twelve bytes each, and the other answers."""

# httpcore looks through all of its connections, and through all who wait for one, at every request: with 64
# at a time that took as long as everything else together.
CALLS_AT_ONCE = 8
TURN_SECONDS = 5

# Only a page of ours: whoever tampers with the form must not be able to send people elsewhere with it.
_PAGE_PATH = re.compile(r"/partners(/[a-z0-9-]{1,100}){2,10}")

LookUp = Callable[[str], Awaitable[AtPath | None]]

log = structlog.get_logger()


class RecordedLead(BaseModel):
    """What `record_lead` answers."""

    lead_id: UUID
    outcome: Literal["counted", "duplicate", "quarantined"]
    is_new: bool


class LeadIntake:
    """Takes leads in and has the database keep them."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it stands on, each from elsewhere.
        self,
        recorder: Identity,
        visitors: Visitors,
        find_page: LookUp,
        verify: Verify,
        site: str,
        now: Clock,
    ) -> None:
        """Record as `recorder`, which may do nothing else, and find a site's pages to show again."""
        self._recorder = recorder
        self._visitors = visitors
        self._find_page = find_page
        self._verify = verify
        self._site = site
        self._now = now
        self._turns = asyncio.Semaphore(CALLS_AT_ONCE)

    async def receive(self, request: Request) -> Response:
        """Answer a script with 201, or 200 for a lead that is there already; a form with 303 to its thanks.

        A form whose answers are wrong gets its page back, filled in. Whether the lead counts is not told:
        who sends what nobody asked for would learn from it.

        Raises:
            ForeignOrigin: Another site's page sent it.
            InvalidBody: An answer is missing or wrong; all of them are listed.
            Refusal: The page is not live, the id is another page's, or far too many come from one network.
            DatabaseUnavailable: It did not answer in time, or others were still being answered.
        """
        refuse_foreign(request, self._site)
        require_media_type(request, ("application/json", FORM))
        body = await read_body(request, MAX_BODY_BYTES)
        if media_type(request) == FORM:
            return await self._receive_form(request, body)
        recorded = await self._record(request, validate(Lead, parse_json(body)))
        return json_response({"lead_id": recorded.lead_id}, 201 if recorded.is_new else 200)

    async def _receive_form(self, request: Request, body: bytes) -> Response:
        fields = parse_form(body)
        path = fields.pop("path", "")
        request.state.page_path = path if _PAGE_PATH.fullmatch(path) else None
        # Without script the browser says which page it was, and with it where the visit came from.
        fields.setdefault("query", _query_of(request.headers.get("referer", "")))
        request.state.answers = {**fields, "path": path}
        if "id" not in fields:
            # No script ran. A double click is then told by who it is about.
            milliseconds = int(self._now().timestamp() * 1000)
            fields["id"] = str(make_uuid7(milliseconds, secrets.token_bytes(10)))
            request.state.answers["id"] = fields["id"]
        try:
            await self._record(request, validate(Lead, fields))
        except InvalidBody as problem:
            return await self._show_again(request.state.page_path, fields, problem)
        if request.state.page_path is None:
            return message_page(201, "Bedankt!", ["Je aanvraag is verstuurd."])
        return RedirectResponse(f"{path}?bedankt=1#bedankt", 303, {"Cache-Control": "no-store"})

    async def _show_again(
        self, path: str | None, answers: Mapping[str, str], problem: InvalidBody
    ) -> Response:
        try:
            found = await self._find_page(path) if path else None
        except Problem:
            found = None  # What is wrong can be said without the page too.
        if found is None or not isinstance(found.page, Document):
            raise problem
        html = found.page.html.decode()
        language = "en" if '<html lang="en">' in html else "nl"
        html = refill(html, answers, reasons_of(problem, language))
        headers = {**SECURITY_HEADERS, "Content-Security-Policy": found.page.csp, "Cache-Control": "no-store"}
        return HTMLResponse(html, problem.status, headers)

    async def _record(self, request: Request, lead: Lead) -> RecordedLead:
        attribution = attribute(lead.query, lead.referrer, self._site)
        # Of today, whatever the id says: brakes are about arrival. Nothing of it is kept with the person.
        visitor = await self._visitors.identify_on(request, self._now().astimezone(AMSTERDAM).date())
        row = {
            **lead.row(attribution),
            **(visitor._asdict() if visitor else {}),
            "suspicion": await self._find_suspicion(request, lead),
        }
        try:
            await asyncio.wait_for(self._turns.acquire(), TURN_SECONDS)
        except TimeoutError:
            raise DatabaseUnavailable("Too many are being answered.") from None
        try:
            answer = await self._recorder.call("record_lead", lead=row)
        finally:
            self._turns.release()
        recorded = RecordedLead.model_validate(answer)
        log.info("lead_recorded", outcome=recorded.outcome, page_id=str(lead.page_id))
        return recorded

    async def _find_suspicion(self, request: Request, lead: Lead) -> str | None:
        if is_bot(request.headers.get("user-agent", "").encode("latin-1")):
            return "bot"
        if lead.website:
            return "honeypot"
        return None if await self._verify(lead.turnstile) else "turnstile"


def _query_of(address: str) -> str:
    try:
        return urlsplit(address).query
    except ValueError:
        return ""
