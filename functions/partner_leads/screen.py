"""The leads themselves: as a page, as a file for a spreadsheet, and how far each is."""

from collections.abc import AsyncIterator
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from functions.partner_leads.lead import LEADS, Lead, LostReason, Status
from functions.partner_leads.page import LOST_REASONS, STATUSES, render_leads
from functions.partner_leads.session import HOME, read_caller
from shared.http.body import Moment, read_form, validate
from shared.http.clock import AMSTERDAM
from shared.http.origin import refuse_foreign
from shared.http.spreadsheet import csv_response
from shared.lead.contact import as_spoken, as_text
from shared.lead.sources import SOURCES
from shared.postgrest.client import Identity, PostgREST

ON_A_PAGE = 50
IN_A_CALL = 500
IN_A_FILE = 10_000
"""The newest; those of a year, after which people are forgotten, are fewer."""

_MAX_BODY_BYTES = 4 * 1024
_HEADER = (
    *("ontvangen", "naam", "telefoon", "e-mail", "postcode", "bericht", "antwoorden"),
    *("pagina", "bron", "stand", "reden", "dubbel", "nummer"),
)


class Before(BaseModel):
    """Where a page of leads begins: before this one."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    before_at: Moment | None = None
    before_id: UUID | None = None

    @classmethod
    def of(cls, request: Request) -> Self:
        """Read it from the query. Raises InvalidBody."""
        return validate(cls, dict(request.query_params))

    @property
    def query(self) -> str:
        """As the query has it, empty for the newest leads."""
        parts = self.model_dump(mode="json", exclude_none=True)
        return f"?{urlencode(parts)}" if parts else ""


class Step(BaseModel):
    """How far a lead is, as a form says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Status
    lost_reason: LostReason | None = None


class Screen:
    """Shows the caller their own leads."""

    def __init__(self, postgrest: PostgREST, origin: str) -> None:
        """Ask with `postgrest`; take steps from pages of `origin` alone."""
        self._postgrest = postgrest
        self._origin = origin

    async def show(self, request: Request) -> Response:
        """Answer a page in Dutch.

        Raises:
            InvalidBody: The query is not one of ours.
            MissingToken, InvalidToken: Nobody is signed in.
        """
        before = Before.of(request)
        leads = await _ask(self._caller(request), before, ON_A_PAGE)
        older = _before(leads[-1]).query if len(leads) == ON_A_PAGE else None
        return render_leads(leads, before.query, older)

    async def export(self, request: Request) -> Response:
        """Answer the newest IN_A_FILE leads for a spreadsheet. Raises as `show` does."""
        leads = [lead async for lead in _ask_all(self._caller(request))]
        return csv_response("aanvragen.csv", _HEADER, map(_row, leads), delimiter=";")

    async def set_status(self, request: Request) -> Response:
        """Take a step, and lead back to the lead.

        Raises:
            ForeignOrigin: Another site's page sent it.
            InvalidBody: There is no such status.
            Refusal: `lead_not_found`, `lead_status_refused`, `too_many_lead_steps`.
            MissingToken, InvalidToken: Nobody is signed in.
        """
        refuse_foreign(request, self._origin)
        caller, before = self._caller(request), Before.of(request)
        lead_id = validate(_Id, request.path_params).id
        step = validate(Step, await read_form(request, _MAX_BODY_BYTES))
        await caller.call("set_lead_status", lead_id=str(lead_id), **step.model_dump())
        return RedirectResponse(f"{HOME}{before.query}#lead-{lead_id}", 303, {"Cache-Control": "no-store"})

    def _caller(self, request: Request) -> Identity:
        return self._postgrest.as_caller(read_caller(request))


class _Id(BaseModel):
    id: UUID


async def _ask(caller: Identity, before: Before, most: int) -> list[Lead]:
    answer = await caller.call("my_leads", most=most, **before.model_dump(mode="json"))
    return LEADS.validate_python(answer)


async def _ask_all(caller: Identity) -> AsyncIterator[Lead]:
    before = Before()
    for _ in range(IN_A_FILE // IN_A_CALL):
        leads = await _ask(caller, before, IN_A_CALL)
        for lead in leads:
            yield lead
        if len(leads) < IN_A_CALL:
            break
        before = _before(leads[-1])


def _before(lead: Lead) -> Before:
    return Before(before_at=lead.submitted_at, before_id=lead.id)


def _row(lead: Lead) -> list[object]:
    person = lead.person
    return [
        lead.submitted_at.astimezone(AMSTERDAM).strftime("%Y-%m-%d %H:%M"),
        *(
            [
                person.name,
                person.phone and as_spoken(person.phone),
                person.email,
                person.postcode,
                person.message,
            ]
            if person
            else [None] * 5
        ),
        as_text(person.answers) if person else None,
        lead.page and lead.page.title,
        SOURCES.get(lead.source or "", lead.source),
        STATUSES[lead.status],
        LOST_REASONS[lead.lost_reason] if lead.lost_reason else None,
        "ja" if lead.outcome == "duplicate" else None,
        lead.id,
    ]
