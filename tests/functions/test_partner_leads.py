"""A partner's screen: their leads as a page and as a file, the session of a browser, and steps of leads."""

import csv
import io
import re
from collections.abc import AsyncIterator, Callable
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest

from functions.partner_leads import routes
from functions.partner_leads.screen import ON_A_PAGE
from functions.partner_leads.settings import PartnerLeadsSettings
from shared.http.settings import Settings
from shared.landing_page.csp import source_hash
from shared.postgrest.client import PostgREST
from tests.fake_postgrest import FakePostgREST, refuse
from tests.functions.conftest import PROJECT, make_client
from tests.functions.deliveries import PERSON
from tests.functions.senders import NOW

TOKEN = jwt.encode({"role": "authenticated", "exp": int(NOW.timestamp()) + 3600}, "k" * 32)
CALLER = {"Authorization": f"Bearer {TOKEN}"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HERE = {"Origin": "https://www.example.nl"}


def _lead(number: int = 1, **changes: object) -> dict[str, Any]:
    return {
        "id": str(UUID(int=number)),
        "submitted_at": f"2026-11-18T12:00:{59 - number % 60:02}+00:00",
        "outcome": "counted",
        "status": "new",
        "lost_reason": None,
        "source": "google_ads",
        "page": {"title": "Dakreparatie in Tilburg", "path": "/partners/van-dijk/tilburg"},
        "person": PERSON,
        **changes,
    }


Open = Callable[..., httpx.AsyncClient]


@pytest.fixture
def serve(database: FakePostgREST, open_database: Callable[[Settings], PostgREST]) -> Open:
    """Start partner_leads with further settings."""
    database.answers |= {"my_leads": [_lead()], "set_lead_status": "contacted"}

    def serve(**options: object) -> httpx.AsyncClient:
        settings = PartnerLeadsSettings.model_validate({**PROJECT, **options})
        return make_client(routes.build(settings, open_database(settings), now=lambda: NOW))

    return serve


@pytest.fixture
async def client(serve: Open) -> AsyncIterator[httpx.AsyncClient]:
    async with serve() as client:
        yield client


# Who looks -------------------------------------------------------------------------------------------------


async def test_a_program_sends_its_token_and_a_browser_its_cookie(
    client: httpx.AsyncClient, database: FakePostgREST
) -> None:
    answers = [
        await client.get("/partner-leads", headers=headers)
        for headers in (CALLER, {"Cookie": f"partner_session={TOKEN}"})
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert {call.authorization for call in database.calls} == {f"Bearer {TOKEN}"}


async def test_a_session_is_a_cookie_that_no_script_reads_and_no_other_site_posts_with(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/partner-leads/session", data={"access_token": TOKEN}, headers=HERE)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/partner-leads")
    (cookie,) = SimpleCookie(answer.headers["Set-Cookie"]).values()
    assert (cookie.key, cookie.value) == ("partner_session", TOKEN)
    assert cookie["httponly"]
    assert cookie["secure"]
    assert (cookie["samesite"], cookie["path"], cookie["max-age"]) == ("lax", "/partner-leads", "3600")


async def test_a_session_is_begun_by_the_site_and_the_app_and_nobody_else(
    serve: Open, database: FakePostgREST
) -> None:
    async with serve(partner_app_url="https://app.example.nl/inloggen") as client:
        statuses = {
            origin: (
                await client.post(
                    "/partner-leads/session", data={"access_token": TOKEN}, headers={"Origin": origin}
                )
            ).status_code
            for origin in (
                "https://www.example.nl",
                "https://app.example.nl",
                "https://evil.example",
                "https://app.example.nl.evil.example",
                "null",
            )
        }

    assert list(statuses.values()) == [303, 303, 403, 403, 403]
    assert len(database.calls) == 2


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c; Path=/", "a.b.c\r\nSet-Cookie: x=1", "é.b.c"])
async def test_what_is_no_token_gets_into_no_cookie_and_no_header(
    client: httpx.AsyncClient, database: FakePostgREST, token: str
) -> None:
    answer = await client.post("/partner-leads/session", data={"access_token": token}, headers=HERE)

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert "Set-Cookie" not in answer.headers
    assert database.calls == []


async def test_a_token_that_the_database_refuses_begins_nothing(
    client: httpx.AsyncClient, database: FakePostgREST
) -> None:
    database.answers["my_leads"] = refuse(401, "PGRST301", "JWT expired")

    answer = await client.post(
        "/partner-leads/session", data={"access_token": TOKEN}, headers={**HERE, **BROWSER}
    )

    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert "niet geldig" in answer.text


async def test_who_signs_out_is_forgotten(client: httpx.AsyncClient) -> None:
    answer = await client.post("/partner-leads/session/end", headers=HERE)

    (cookie,) = SimpleCookie(answer.headers["Set-Cookie"]).values()
    assert (answer.status_code, cookie.value, cookie["max-age"]) == (303, "", "0")


async def test_who_is_not_signed_in_is_shown_where_to(serve: Open) -> None:
    async with serve(partner_app_url="https://app.example.nl/inloggen") as client:
        answer = await client.get("/partner-leads", headers=BROWSER)
        to_program = await client.get("/partner-leads")

    assert answer.status_code == 401
    assert 'href="https://app.example.nl/inloggen"' in answer.text
    assert "access_token" not in answer.text
    assert to_program.json()["code"] == "missing_token"


# The page ---------------------------------------------------------------------------------------------------


async def test_the_page_says_who_asked_and_how_to_reach_them(client: httpx.AsyncClient) -> None:
    answer = await client.get("/partner-leads", headers=CALLER)

    for word in (
        "Anna de Vries",
        'href="tel:+31612345678">Bel 06 12345678',
        'href="mailto:anna%40voorbeeld.nl"',
        "5013 CD",
        "Het dak lekt bij de schoorsteen.",
        "18-11-2026 13:00",
        "Google Ads",
        "Dakreparatie in Tilburg",
    ):
        assert word in answer.text, word
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text)
    assert f"'{source_hash(style)}'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("field", ["name", "email", "phone", "postcode", "message"])
async def test_nothing_that_anybody_wrote_becomes_markup(
    client: httpx.AsyncClient, database: FakePostgREST, field: str
) -> None:
    evil = "\"><script>alert(1)</script>'javascript:alert(1)"
    database.answers["my_leads"] = [_lead(person={**PERSON, field: evil, "answers": {evil: evil}})]

    answer = await client.get("/partner-leads", headers=CALLER)

    assert "<script" not in answer.text
    assert 'href="javascript' not in answer.text


async def test_who_was_erased_is_shown_as_such(client: httpx.AsyncClient, database: FakePostgREST) -> None:
    database.answers["my_leads"] = [_lead(person=None)]

    assert "Gegevens verwijderd" in (await client.get("/partner-leads", headers=CALLER)).text


async def test_older_leads_are_a_link_away(client: httpx.AsyncClient, database: FakePostgREST) -> None:
    database.answers["my_leads"] = [_lead(number) for number in range(ON_A_PAGE)]
    page = (await client.get("/partner-leads", headers=CALLER)).text
    (older,) = re.findall(r'href="(/partner-leads\?[^"]+)"', page)
    database.answers["my_leads"] = []

    last = await client.get(older.replace("&amp;", "&"), headers=CALLER)

    asked = database.calls[-1].arguments
    assert (asked["before_id"], asked["most"]) == (str(UUID(int=ON_A_PAGE - 1)), ON_A_PAGE)
    assert asked["before_at"].startswith("2026-11-18T12:00:")
    assert "Dit waren ze allemaal" in last.text


@pytest.mark.parametrize("query", ["?before_at=gisteren", "?before_at=2026-11-18T12:00:00", "?before_id=1"])
async def test_a_page_that_there_is_not_is_refused(
    client: httpx.AsyncClient, database: FakePostgREST, query: str
) -> None:
    answer = await client.get(f"/partner-leads{query}", headers=CALLER)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_body")
    assert database.calls == []


# Steps ------------------------------------------------------------------------------------------------------

STATUS = f"/partner-leads/{UUID(int=1)}/status"


async def test_a_tap_is_a_step_and_leads_back_to_the_lead(
    client: httpx.AsyncClient, database: FakePostgREST
) -> None:
    query = "?before_at=2026-11-18T12%3A00%3A00Z&before_id=00000000-0000-0000-0000-000000000002"
    answer = await client.post(
        STATUS + query, data={"status": "lost", "lost_reason": "price"}, headers={**CALLER, **HERE}
    )

    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/partner-leads{query}#lead-{UUID(int=1)}",
    )
    (call,) = database.calls
    assert (call.function, call.arguments) == (
        "set_lead_status",
        {"lead_id": str(UUID(int=1)), "status": "lost", "lost_reason": "price"},
    )


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_no_other_site_takes_a_step(
    client: httpx.AsyncClient, database: FakePostgREST, origin: str
) -> None:
    cookie = {"Cookie": f"partner_session={TOKEN}", "Origin": origin}
    answer = await client.post(STATUS, data={"status": "won"}, headers=cookie)

    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert database.calls == []


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (STATUS, {}),
        (STATUS, {"status": "sold"}),
        (STATUS, {"status": "won", "lead_id": "x"}),
        (STATUS, {"status": "lost", "lost_reason": "weather"}),
        ("/partner-leads/1/status", {"status": "won"}),
    ],
)
async def test_a_step_that_there_is_not_is_refused(
    client: httpx.AsyncClient, database: FakePostgREST, path: str, fields: dict[str, str]
) -> None:
    answer = await client.post(path, data=fields, headers={**CALLER, **HERE})

    assert (answer.status_code, answer.json()["code"]) in {
        (400, "invalid_body"),
        (415, "unsupported_media_type"),
    }
    assert database.calls == []


async def test_a_person_is_told_in_dutch_that_it_did_not_work(
    client: httpx.AsyncClient, database: FakePostgREST
) -> None:
    database.answers["set_lead_status"] = refuse(404, "PT404", "lead_not_found", "There is none.", "Look.")
    cookie = {"Cookie": f"partner_session={TOKEN}", **HERE, **BROWSER}

    answer = await client.post(STATUS, data={"status": "won"}, headers=cookie)

    assert answer.status_code == 404
    assert "Dat ging niet" in answer.text


# The file ---------------------------------------------------------------------------------------------------


async def test_a_spreadsheet_opens_the_file_and_runs_nothing(
    client: httpx.AsyncClient, database: FakePostgREST
) -> None:
    evil = [
        '=HYPERLINK("https://evil.example","Klik")',
        "+31 6",
        "@SUM(A1)",
        " =1+1",
        "\uff1d1",
    ]
    people = [_lead(number, person={**PERSON, "name": name}) for number, name in enumerate(evil)]
    database.answers["my_leads"] = [*people, _lead(99, person=None, status="lost", lost_reason="price")]

    answer = await client.get("/partner-leads/export.csv", headers=CALLER)

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "aanvragen.csv" in answer.headers["Content-Disposition"]
    text = answer.content.decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    assert header[:4] == ["ontvangen", "naam", "telefoon", "e-mail"]
    assert [row[1] for row in rows] == [*(f"'{name}" for name in evil), ""]
    assert rows[0][0] == "2026-11-18 13:00"
    assert rows[0][2] == "06 12345678"
    assert rows[-1][9:11] == ["Verloren", "Prijs"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "inside", ['x";=1+1', "x,=1+1", "x;=1+1", 'x"\t@SUM(1)', 'x\n=1+1,"=2', 'x;"" =1', 'x,"\n+1']
)
async def test_no_cell_begins_a_formula_however_it_is_separated(
    client: httpx.AsyncClient, database: FakePostgREST, delimiter: str, inside: str
) -> None:
    database.answers["my_leads"] = [_lead(person={**PERSON, "name": inside, "message": inside})]

    text = (await client.get("/partner-leads/export.csv", headers=CALLER)).content.decode("utf-8-sig")

    cells = [
        cell.lstrip(' "')
        for rows in (csv.reader(io.StringIO(text), delimiter=delimiter), [text.split(delimiter)])
        for row in rows
        for cell in row
    ]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


async def test_the_file_has_all_pages_of_leads(client: httpx.AsyncClient, database: FakePostgREST) -> None:
    many = [_lead(number) for number in range(1100)]

    def pages(arguments: dict[str, Any]) -> list[dict[str, Any]]:
        before = arguments["before_id"]
        start = UUID(before).int + 1 if before else 0
        return many[start : start + arguments["most"]]

    database.answers["my_leads"] = pages

    answer = await client.get("/partner-leads/export.csv", headers=CALLER)

    assert len(answer.text.splitlines()) == 1101
    assert len(database.calls) == 3
