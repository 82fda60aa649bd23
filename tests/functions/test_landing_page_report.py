"""GET /reports/landing-pages: the caller's figures as a page, as JSON and as CSV."""

import csv
import io
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from functions.landing_page_report import routes
from functions.landing_page_report.page import REASONS
from functions.landing_page_report.settings import ReportSettings
from shared.http.settings import Settings
from shared.landing_page.csp import source_hash
from shared.lead.sources import SOURCES
from shared.postgrest.client import PostgREST
from tests.database import Database
from tests.fake_postgrest import FakePostgREST, make_jwt, refuse
from tests.functions.conftest import PROJECT, make_client
from tests.functions.senders import NOW

CALLER = {"Authorization": f"Bearer {make_jwt('authenticated')}"}


def _row(day: str, source: str, campaign: str | None, *counts: int) -> dict[str, Any]:
    figures = dict(zip(("views", "visitors", "conversions"), counts, strict=True))
    return {"day": day, "source": source, "campaign": campaign, **figures}


ROWS = [
    _row("2026-11-16", "google_ads", "42", 40, 30, 3),
    _row("2026-11-16", "seo", None, 1200, 1000, 1),
    _row("2026-11-18", "google_ads", "42", 10, 10, 0),
    _row("2026-11-18", "direct", None, 0, 0, 1),
]
TILBURG = {
    "path": "/partners/jansen/tilburg",
    "title": "<b>Verf</b>",
    "views": 9,
    "visitors": 7,
    "conversions": 1,
}
ANSWER = {
    "rows": ROWS,
    "pages": [TILBURG],
    "drops": [{"reason": "bot", "attempts": 12}],
}


@pytest.fixture
async def client(
    database: FakePostgREST, open_database: Callable[[Settings], PostgREST]
) -> AsyncIterator[httpx.AsyncClient]:
    database.answers["landing_page_report"] = ANSWER
    settings = ReportSettings.model_validate(PROJECT)
    async with make_client(routes.build(settings, open_database(settings), now=lambda: NOW)) as client:
        yield client


async def test_it_is_asked_as_the_caller_for_the_days_up_to_today(
    database: FakePostgREST, client: httpx.AsyncClient
) -> None:
    await client.get("/reports/landing-pages.json?days=3", headers=CALLER)

    (call,) = database.calls
    assert call.authorization == CALLER["Authorization"]
    assert call.arguments == {"since": "2026-11-16", "until": "2026-11-18"}


async def test_json_adds_up(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/reports/landing-pages.json?days=3", headers=CALLER)).json()

    def figures(views: int, visitors: int, conversions: int, rate: float | None) -> dict[str, Any]:
        return {"views": views, "visitors": visitors, "conversions": conversions, "conversion_rate": rate}

    assert answer["total"] == figures(1250, 1040, 5, 0.0048)
    assert answer["days"] == [
        {"day": "2026-11-16", **figures(1240, 1030, 4, 0.0039)},
        {"day": "2026-11-17", **figures(0, 0, 0, None)},
        {"day": "2026-11-18", **figures(10, 10, 1, 0.1)},
    ]
    assert [source["source"] for source in answer["sources"]] == ["seo", "google_ads", "direct"]
    assert answer["sources"][1] == {"source": "google_ads", **figures(50, 40, 3, 0.075)}
    assert answer["campaigns"] == [{"source": "google_ads", "campaign": "42", **figures(50, 40, 3, 0.075)}]
    assert answer["pages"][0]["conversion_rate"] == 0.1429
    assert answer["drops"] == [{"reason": "bot", "attempts": 12}]


async def test_csv_is_the_rows_and_runs_nothing(database: FakePostgREST, client: httpx.AsyncClient) -> None:
    row = {**ROWS[0], "campaign": '=HYPERLINK("https://evil.example")'}
    database.answers["landing_page_report"] = {**ANSWER, "rows": [row, ROWS[1]]}

    response = await client.get("/reports/landing-pages.csv?days=3", headers=CALLER)

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="landing-pages-2026-11-16-2026-11-18.csv"' in response.headers["Content-Disposition"]
    head, first, second = csv.reader(io.StringIO(response.text.removeprefix("\ufeff")))
    assert head == ["day", "source", "campaign", "views", "visitors", "conversions"]
    assert first == ["2026-11-16", "google_ads", '\'=HYPERLINK("https://evil.example")', "40", "30", "3"]
    assert second == ["2026-11-16", "seo", "", "1200", "1000", "1"]


async def test_page_stands_by_itself(client: httpx.AsyncClient) -> None:
    response = await client.get("/reports/landing-pages?days=3", headers=CALLER)

    html = response.text
    (style,) = re.findall("<style>(.*?)</style>", html, re.DOTALL)
    policy = response.headers["Content-Security-Policy"]
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert policy.startswith(f"default-src 'none'; style-src '{source_hash(style)}'; form-action 'none'")
    assert not re.findall(r"\b(?:src|href|style)=", html)
    assert "<script" not in html
    assert "&lt;b&gt;Verf&lt;/b&gt;" in html
    assert "1.040" in html
    assert "0,5 %" in html
    assert 'points="0.00,38.0 50.00,100.0 100.00,99.5"' in html


async def test_whoever_has_nothing_yet_is_told_so(database: FakePostgREST, client: httpx.AsyncClient) -> None:
    database.answers["landing_page_report"] = {"rows": [], "pages": [], "drops": []}

    response = await client.get("/reports/landing-pages", headers=CALLER)

    assert response.status_code == 200
    assert "Nog geen bezoek" in response.text
    assert "Alles wat binnenkwam is geteld" in response.text


@pytest.mark.parametrize("days", ["0", "367", "-1", "x", "", "1.5", "٣", "9" * 5000])
async def test_period_that_is_none_is_refused(
    database: FakePostgREST, client: httpx.AsyncClient, days: str
) -> None:
    response = await client.get("/reports/landing-pages.json", params={"days": days}, headers=CALLER)

    assert (response.status_code, response.json()["code"]) == (400, "invalid_body")
    assert response.json()["errors"][0]["path"] == "days"
    assert database.calls == []


@pytest.mark.parametrize("form", ["", ".json", ".csv"])
async def test_nobody_sees_anything_without_signing_in(
    database: FakePostgREST, client: httpx.AsyncClient, form: str
) -> None:
    missing = await client.get(f"/reports/landing-pages{form}")
    database.answers["landing_page_report"] = refuse(401, "PGRST301", "JWT expired")
    expired = await client.get(f"/reports/landing-pages{form}", headers=CALLER)

    assert (missing.status_code, missing.json()["code"]) == (401, "missing_token")
    assert (expired.status_code, expired.json()["code"]) == (401, "invalid_token")


def test_every_source_and_reason_has_a_name(db: Database) -> None:
    sources = db.value(
        "select pg_get_constraintdef(oid) from pg_constraint where conname = 'visit_source_known'"
    )
    reasons = db.value(
        "select pg_get_constraintdef(oid) from pg_constraint"
        " where conname = 'partner_landing_page_drops_reason_known'"
    )

    assert set(re.findall(r"'(\w+)'", sources)) == SOURCES.keys()
    assert set(re.findall(r"'(\w+)'", reasons)) == REASONS.keys()
