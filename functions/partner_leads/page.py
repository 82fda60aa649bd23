"""The screen: in Dutch, for a phone, without script."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from functions.partner_leads.lead import Lead, LostReason, Status
from shared.http.clock import AMSTERDAM
from shared.landing_page.csp import SECURITY_HEADERS, message_page_policy
from shared.lead.contact import as_email, as_phone, as_spoken, as_text
from shared.lead.sources import SOURCES

STATUSES: dict[Status, str] = {
    "new": "Nieuw",
    "contacted": "Contact gehad",
    "quoted": "Offerte gestuurd",
    "won": "Gewonnen",
    "lost": "Verloren",
}

LOST_REASONS: dict[LostReason, str] = {
    "no_answer": "Niet te bereiken",
    "price": "Prijs",
    "another_firm": "Koos een ander bedrijf",
    "out_of_area": "Buiten ons gebied",
    "not_our_work": "Geen werk voor ons",
    "not_serious": "Niet serieus",
    "withdrawn": "Ziet ervan af",
    "other": "Iets anders",
}


def render_leads(leads: Sequence[Lead], query: str, older: str | None) -> HTMLResponse:
    """Show leads, newest first. `query` is that of this page, `older` leads to those before them."""
    return _respond("leads.html.j2", 200, leads=leads, query=query, older=older)


def render_sign_in(app: str | None, *, is_refused: bool) -> HTMLResponse:
    """Say where to sign in, or take a token where there is no app to do it in."""
    return _respond("sign_in.html.j2", 401, app=app, is_refused=is_refused)


def _respond(template: str, status: int, **context: object) -> HTMLResponse:
    environment = _environment()
    style = environment.get_template("screen.css.j2").render().replace("\n", "")
    # Ours, and not a word of anybody's in it.
    html = environment.get_template(template).render(style=Markup(style), **context)  # noqa: S704
    headers = {**SECURITY_HEADERS, "Content-Security-Policy": message_page_policy(style)}
    return HTMLResponse(html, status, {**headers, "Cache-Control": "no-store"})


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = {"email": as_email, "phone": as_phone, "spoken": as_spoken, "text": as_text, "moment": _moment}
    environment.filters.update(filters)
    environment.globals.update(statuses=STATUSES, lost_reasons=LOST_REASONS, sources=SOURCES)
    return environment


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(AMSTERDAM).strftime("%d-%m-%Y %H:%M")
