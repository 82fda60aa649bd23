"""GET /reports/landing-pages: one self-contained page for a person, and the same figures as JSON and CSV."""

import datetime as dt
import re

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from functions.landing_page_report.figures import Figures
from functions.landing_page_report.page import render
from shared.http.authorization import read_authorization
from shared.http.clock import AMSTERDAM, Clock
from shared.http.edge import json_response
from shared.http.errors import Failure, InvalidBody
from shared.http.spreadsheet import csv_response
from shared.landing_page.csp import SECURITY_HEADERS, report_policy
from shared.postgrest.client import PostgREST

DEFAULT_DAYS = 28
MAX_DAYS = 366


class Reports:
    """Shows the caller's own figures; an admin's are everybody's."""

    def __init__(self, postgrest: PostgREST, now: Clock) -> None:
        """Ask with `postgrest`, of the days up to `now`."""
        self._postgrest = postgrest
        self._now = now

    async def as_page(self, request: Request) -> Response:
        """Answer a page in Dutch.

        Raises:
            InvalidBody: `days` is not a number from 1 to 366.
            MissingToken, InvalidToken: Nobody is signed in.
        """
        figures = await self._ask(request)
        html, style = render(figures)
        headers = {**SECURITY_HEADERS, "Content-Security-Policy": report_policy(style)}
        return HTMLResponse(html, headers={**headers, "Cache-Control": "no-store"})

    async def as_json(self, request: Request) -> Response:
        """Answer the same figures as JSON. Raises as `as_page` does."""
        return json_response((await self._ask(request)).as_document())

    async def as_csv(self, request: Request) -> Response:
        """Answer a row a day, source and campaign, as RFC 4180 has it. Raises as `as_page` does."""
        figures = await self._ask(request)
        rows = (
            (row.day, row.source, row.campaign or "", row.views, row.visitors, row.conversions)
            for row in figures.rows
        )
        header = ["day", "source", "campaign", "views", "visitors", "conversions"]
        return csv_response(f"landing-pages-{figures.since}-{figures.until}.csv", header, rows)

    async def _ask(self, request: Request) -> Figures:
        caller = self._postgrest.as_caller(read_authorization(request))
        until = self._now().astimezone(AMSTERDAM).date()
        since = until - dt.timedelta(days=_read_days(request) - 1)
        answer = await caller.call("landing_page_report", since=since.isoformat(), until=until.isoformat())
        return Figures.of(answer, since, until)


def _read_days(request: Request) -> int:
    text = request.query_params.get("days", str(DEFAULT_DAYS))
    if not (re.fullmatch("[0-9]{1,3}", text) and 1 <= int(text) <= MAX_DAYS):
        wrong = Failure("days", f"must be a number from 1 to {MAX_DAYS}")
        raise InvalidBody("The period cannot be read.", errors=[wrong])
    return int(text)
