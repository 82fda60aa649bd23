"""POST /events: counted once, acknowledged after the commit, and every drop with its reason."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.landing_page_track.uuid7 import milliseconds_of
from tests.events import count_all
from tests.fake_postgrest import FakePostgREST, refuse
from tests.functions.conftest import Serve
from tests.functions.senders import CRAWLER, NOW, PAGE_ID, lead, uuid7, view


@pytest.fixture(autouse=True)
def _answers(database: FakePostgREST) -> None:
    database.answers = {
        "visitor_salt": "ab" * 32,
        "record_events": count_all,
    }


COLUMNS = ("ids", "page_ids", "kinds", "visitors", "sources", "campaigns")


def recorded(database: FakePostgREST) -> list[dict[str, Any]]:
    calls = [call for call in database.calls if call.function == "record_events"]
    return [
        dict(zip(("id", "page_id", "kind", "visitor", "source", "campaign"), row, strict=True))
        for call in calls
        for row in zip(*(call.arguments[column] for column in COLUMNS), strict=True)
    ]


@pytest.mark.parametrize("content_type", ["text/plain;charset=UTF-8", "application/json", None])
async def test_a_view_is_recorded_as_event_recorder(
    database: FakePostgREST, track_client: httpx.AsyncClient, content_type: str | None
) -> None:
    request = track_client.build_request("POST", "/events", json=view())
    del request.headers["Content-Type"]
    if content_type:
        request.headers["Content-Type"] = content_type

    response = await track_client.send(request)

    assert (response.status_code, response.headers["Event-Outcome"], response.content) == (
        204,
        "counted",
        b"",
    )
    (event,) = recorded(database)
    assert event == {
        "id": str(uuid7()),
        "page_id": PAGE_ID,
        "kind": "view",
        "visitor": event["visitor"],
        "source": "direct",
        "campaign": None,
    }
    assert "event_recorder" not in (
        database.calls[-1].authorization or ""
    )  # It is inside the token, encoded.
    assert len({call.authorization for call in database.calls}) == 1


async def test_an_id_is_one_id_however_it_is_written(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    await track_client.post("/events", json=view(id=uuid7().hex.upper(), page_id=PAGE_ID.upper()))

    assert recorded(database)[0].items() >= {"id": str(uuid7()), "page_id": PAGE_ID}.items()


async def test_where_it_came_from_is_told_and_no_click_id(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    """An ad platform knows a person by its click id, and nobody may know who opened a page."""
    query = "?utm_source=google&utm_medium=cpc&utm_id=42&gclid=EAIa"

    await track_client.post("/events", json=view(query=query, referrer="https://www.google.nl/"))

    (event,) = recorded(database)
    assert (event["source"], event["campaign"]) == ("google_ads", "42")
    assert "EAIa" not in str(database.calls[-1].arguments)


@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [
        ("counted", 204, None),
        ("duplicate", 204, None),
        ("late", 204, None),
        ("page_not_live", 204, None),
        ("unknown_page", 404, "page_not_found"),
        ("bad", 400, "invalid_body"),
    ],
)
async def test_each_outcome_has_its_answer(
    database: FakePostgREST,
    track_client: httpx.AsyncClient,
    outcome: str,
    status: int,
    code: str | None,
) -> None:
    database.answers["record_events"] = [outcome]

    response = await track_client.post("/events", json=view())

    assert response.status_code == status
    if code:
        assert response.json()["code"] == code
    else:
        assert response.headers["Event-Outcome"] == outcome


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"User-Agent": CRAWLER}, "bot"),
        ({"User-Agent": "curl/8.5.0"}, "bot"),
        ({"User-Agent": ""}, "bot"),
        ({"Sec-Purpose": "prefetch;prerender"}, "prefetch"),
        ({"Purpose": "prefetch"}, "prefetch"),
        ({"Sec-GPC": "1"}, "opted_out"),
        ({"DNT": "1"}, "opted_out"),
    ],
)
async def test_what_no_person_opened_does_not_reach_the_database(
    database: FakePostgREST, track_client: httpx.AsyncClient, headers: dict[str, str], outcome: str
) -> None:
    response = await track_client.post("/events", json=view(), headers=headers)

    assert (response.status_code, response.headers["Event-Outcome"]) == (204, outcome)
    assert database.calls == []


async def test_what_was_turned_away_is_told_with_the_next_view(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    other = "0190a1b2-0000-4000-8000-000000000002"
    for page_id in (PAGE_ID, PAGE_ID, other):
        await track_client.post("/events", json=view(page_id=page_id), headers={"User-Agent": CRAWLER})
    await track_client.post("/events", json={"id": 1})
    await track_client.post("/events", json=[view(id="01800000-0000-7000-8000-000000000000"), None])

    await track_client.post("/events", json=view())
    await track_client.post("/events", json=view())

    first, second = (call.arguments["drops"] for call in database.calls if call.function == "record_events")
    assert first == [
        {"page_id": PAGE_ID, "reason": "bot", "attempts": 2},
        {"page_id": other, "reason": "bot", "attempts": 1},
        {"page_id": None, "reason": "bad", "attempts": 2},
        {"page_id": PAGE_ID, "reason": "late", "attempts": 1},
    ]
    assert second == []


async def test_a_batch_is_answered_in_order_and_a_bad_one_spares_its_mates(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    outcomes = ["counted", "duplicate", "unknown_page"]
    database.answers["record_events"] = [*outcomes, "booked", "booked"]
    good = [view(id=str(uuid7(serial=n))) for n in range(3)]
    old = view(id="01800000-0000-7000-8000-000000000000")

    response = await track_client.post("/events", json=[good[0], {"id": 1}, good[1], None, old, good[2]])

    assert response.status_code == 200
    assert response.json() == {"outcomes": ["counted", "bad", "duplicate", "bad", "late", "unknown_page"]}


async def test_a_tap_is_recorded_as_what_it_is(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    response = await track_client.post("/events", json=[view(kind="call"), view(kind="scroll")])

    assert response.json() == {"outcomes": ["counted", "bad"]}
    assert [event["kind"] for event in recorded(database)] == ["call"]


async def test_a_crawlers_batch_is_all_bots(database: FakePostgREST, track_client: httpx.AsyncClient) -> None:
    response = await track_client.post("/events", json=[view(), 1], headers={"User-Agent": CRAWLER})

    assert response.json() == {"outcomes": ["bot", "bad"]}
    assert database.calls == []


async def test_an_empty_batch_is_no_call(database: FakePostgREST, track_client: httpx.AsyncClient) -> None:
    assert (await track_client.post("/events", json=[])).json() == {"outcomes": []}
    assert database.calls == []


async def test_opting_out_is_a_setting(database: FakePostgREST, serve_track: Serve) -> None:
    async with serve_track(respect_gpc=False) as client:
        response = await client.post("/events", json=view(), headers={"Sec-GPC": "1"})

    assert response.headers["Event-Outcome"] == "counted"
    assert len(recorded(database)) == 1


@pytest.mark.parametrize(
    ("bot", "signal"),
    [
        (0, None),
        (1, "webdriver"),
        (2, "no_languages"),
        (4, "no_screen"),
        (7, "webdriver"),
        (6, "no_languages"),
    ],
)
async def test_what_the_browser_gives_away_is_told(
    database: FakePostgREST, track_client: httpx.AsyncClient, bot: int, signal: str | None
) -> None:
    database.answers["record_events"] = [signal or "counted"]

    response = await track_client.post("/events", json=view(bot=bot))

    assert database.calls[-1].arguments["signals"] == [signal]
    assert response.headers["Event-Outcome"] == (signal or "counted")


SITE = "https://www.example.nl"


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"Origin": SITE, "Sec-Fetch-Site": "same-origin"}, True),
        # Functions on an origin of their own.
        ({"Origin": SITE, "Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({}, True),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": f"{SITE}.evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
    ],
)
@pytest.mark.parametrize("path", ["/events", "/leads"])
async def test_another_sites_page_counts_nothing(
    database: FakePostgREST,
    track_client: httpx.AsyncClient,
    path: str,
    headers: dict[str, str],
    is_ours: bool,  # noqa: FBT001  # A table's column.
) -> None:
    database.answers["record_lead"] = {"lead_id": str(uuid7()), "outcome": "counted", "is_new": True}

    response = await track_client.post(path, json=view() if path == "/events" else lead(), headers=headers)

    if is_ours:
        assert response.is_success
    else:
        assert (response.status_code, response.json()["code"]) == (403, "foreign_origin")
        assert database.calls == []


async def test_what_another_site_sent_is_accounted_for(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    await track_client.post("/events", json=view(), headers={"Origin": "https://evil.example"})
    await track_client.post("/events", json=view())

    assert database.calls[-1].arguments["drops"] == [{"page_id": None, "reason": "foreign", "attempts": 1}]


# Without script --------------------------------------------------------------------------------------------

PIXEL = f"/events/p.gif?page_id={PAGE_ID}"
REFERER = {"Referer": f"{SITE}/partners/jansen/tilburg?msclkid=abc&utm_id=42"}


async def test_a_browser_without_script_is_counted_by_a_picture(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    response = await track_client.get(PIXEL, headers=REFERER)

    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/gif")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Event-Outcome"] == "counted"
    assert response.content[:6] == b"GIF89a"
    (event,) = recorded(database)
    assert (event["page_id"], event["source"], event["campaign"]) == (PAGE_ID, "microsoft_ads", "42")
    assert milliseconds_of(UUID(event["id"])) == int(NOW.timestamp() * 1000)


async def test_looking_at_the_pictures_head_counts_nothing(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    response = await track_client.head(PIXEL, headers=REFERER)

    assert (response.status_code, response.content) == (200, b"")
    assert "Event-Outcome" not in response.headers
    assert database.calls == []


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        (PIXEL, {}, 403, "foreign_origin"),
        (PIXEL, {"Referer": "https://evil.example/"}, 403, "foreign_origin"),
        (PIXEL, {"Referer": f"{SITE}.evil.example/"}, 403, "foreign_origin"),
        (PIXEL, {**REFERER, "Sec-Fetch-Site": "cross-site"}, 403, "foreign_origin"),
        ("/events/p.gif", REFERER, 400, "invalid_body"),
        ("/events/p.gif?page_id=x", REFERER, 400, "invalid_body"),
    ],
)
async def test_a_picture_that_is_asked_for_wrongly_counts_nothing(  # noqa: PLR0913, PLR0917  # A table's row.
    database: FakePostgREST,
    track_client: httpx.AsyncClient,
    path: str,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    response = await track_client.get(path, headers=headers)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert database.calls == []


BAD = {
    "no body": {},
    "broken JSON": {"content": b"{"},
    "not an object": {"json": "x"},
    "an unknown member": {"json": view(visitor="me")},
    "an unknown kind": {"json": view(kind="conversion")},
    "a UUIDv4": {"json": view(id=PAGE_ID)},
    "a UUIDv7 of another variant": {"json": view(id="0190a1b2-0000-7000-c000-000000000001")},
    "no UUID": {"json": view(page_id="x")},
    "a number": {"json": view(id=7)},
    "signals that there are none of": {"json": view(bot=8)},
    "a batch that is too long": {"json": [view()] * 101},
}


@pytest.mark.parametrize("request_", BAD.values(), ids=BAD)
async def test_bad_input_changes_nothing(
    database: FakePostgREST, track_client: httpx.AsyncClient, request_: dict[str, Any]
) -> None:
    response = await track_client.post("/events", **request_)

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["code"] in {"invalid_body", "malformed_body"}
    assert database.calls == []


async def test_other_bad_requests_have_their_own_status(track_client: httpx.AsyncClient) -> None:
    form = await track_client.post("/events", data={"id": "1"})
    large = await track_client.post("/events", content=b" " * 32_769)
    method = await track_client.get("/events")
    elsewhere = await track_client.post("/events/more", json={})

    assert (form.status_code, large.status_code, elsewhere.status_code) == (415, 413, 404)
    assert (method.status_code, method.headers["Allow"]) == (405, "OPTIONS, POST")


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError("down"), httpx.ReadTimeout("slow"), refuse(500, "57014", "x")]
)
async def test_without_a_commit_there_is_no_204(
    database: FakePostgREST, track_client: httpx.AsyncClient, failure: Exception | httpx.Response
) -> None:
    database.answers["record_events"] = failure

    response = await track_client.post("/events", json=view())

    assert (response.status_code, response.json()["code"]) == (503, "database_unavailable")
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize("answer", [[], ["counted", "counted"], {"x": 1}])
async def test_an_answer_that_makes_no_sense_is_no_204(
    database: FakePostgREST, track_client: httpx.AsyncClient, answer: object
) -> None:
    database.answers["record_events"] = answer

    response = await track_client.post("/events", json=view())

    assert (response.status_code, response.json()["code"]) == (500, "internal_error")


async def test_a_salt_is_fetched_once_for_all_who_wait(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    await asyncio.gather(
        *(track_client.post("/events", json=view(id=str(uuid7(serial=n)))) for n in range(20))
    )

    assert database.called.count("visitor_salt") == 1
    assert len(recorded(database)) == 20


async def test_cross_origin_answers_are_for_the_site_alone(track_client: httpx.AsyncClient) -> None:
    site = SITE

    preflight = await track_client.options(
        "/events", headers={"Origin": site, "Access-Control-Request-Method": "POST"}
    )
    counted = await track_client.post("/events", json=view(), headers={"Origin": site})
    refused = await track_client.post("/events", content=b"{", headers={"Origin": site})
    stranger = await track_client.post("/events", json=view(), headers={"Origin": "https://evil.example"})

    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Headers"] == "Content-Type"
    for response in (preflight, counted, refused):
        assert response.headers["Access-Control-Allow-Origin"] == site
        assert response.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Origin" not in stranger.headers


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(body=st.binary(max_size=200) | st.text().map(lambda text: text.encode()))
async def test_no_body_crashes_the_intake(track_client: httpx.AsyncClient, body: bytes) -> None:
    response = await track_client.post("/events", content=body)

    assert response.status_code in {200, 400}
