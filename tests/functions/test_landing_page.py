"""GET /partners/...: the stored bytes, their headers, and nothing that is not live."""

import gzip

import httpx
import pytest

from shared.landing_page.document import Signer
from tests.documents import make_document
from tests.fake_postgrest import FakePostgREST
from tests.functions.conftest import Clock
from tests.functions.content import HASH

PATH = "/partners/jansen/tilburg"
HTML = "<!doctype html><p>é"
CSP = "default-src 'none'; style-src 'sha256-AAAA'"


@pytest.fixture(autouse=True)
def _answers(database: FakePostgREST) -> None:
    _be_live(database, make_document(HASH, HTML, CSP).model_dump())


def _be_live(
    database: FakePostgREST, document: dict[str, object], *, seconds_left: float | None = None
) -> None:
    row = {**document, "location": PATH, "seconds_left": seconds_left}
    database.answers = {"live_landing_page": lambda arguments: [row] if arguments["path"] == PATH else []}


async def test_a_live_page_is_its_stored_bytes(
    database: FakePostgREST, page_client: httpx.AsyncClient
) -> None:
    response = await page_client.get(PATH)

    assert (response.status_code, response.text) == (200, HTML)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == CSP
    assert database.calls[0].authorization is None


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "gzip"),
        ("*", "gzip"),
        ("br;q=1, gzip;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("br", None),
        ("identity", None),
        ("", None),
    ],
)
async def test_each_browser_gets_the_page_as_it_takes_it(
    page_client: httpx.AsyncClient, accepted: str, encoding: str | None
) -> None:
    async with page_client.stream("GET", PATH, headers={"Accept-Encoding": accepted}) as response:
        sent = b"".join([chunk async for chunk in response.aiter_raw()])

    assert (gzip.decompress(sent) if encoding else sent).decode() == HTML
    assert response.headers.get("Content-Encoding") == encoding
    assert int(response.headers["Content-Length"]) == len(sent)
    # A cache that keeps both must not take one for the other.
    assert response.headers["ETag"] == (f'"{HASH}-gzip"' if encoding else f'"{HASH}"')
    assert response.headers["Vary"] == "Accept-Encoding"


async def test_a_page_that_was_stored_by_somebody_else_is_shown_to_nobody(
    database: FakePostgREST, page_client: httpx.AsyncClient
) -> None:
    ours = make_document(HASH, HTML, CSP)
    theirs = Signer.of("A" * 43 + "=").sign(HASH, ours.html_gzip, CSP)
    forged = [
        theirs,
        ours.model_copy(update={"html_gzip": gzip.compress(b"<script>")}),
        ours.model_copy(update={"csp": "default-src *"}),
        ours.model_copy(update={"content_hash": "cd" * 32}),
        ours.model_copy(update={"signature": bytes(64)}),
    ]

    for document in forged:
        _be_live(database, document.model_dump())
        answer = await page_client.get(PATH, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (500, "document_not_genuine")


async def test_what_was_genuine_a_moment_ago_is_shown_instead_of_what_is_not(
    database: FakePostgREST, page_client: httpx.AsyncClient, clock: Clock
) -> None:
    await page_client.get(PATH)
    _be_live(database, make_document(HASH).model_copy(update={"signature": bytes(64)}).model_dump())
    clock.seconds += 60

    assert (await page_client.get(PATH)).text == HTML


async def test_head_has_the_headers_alone(page_client: httpx.AsyncClient) -> None:
    headers = {"X-Request-Id": "4bf92f3577b34da6"}
    got, head = [await page_client.request(method, PATH, headers=headers) for method in ("GET", "HEAD")]

    assert head.status_code == 200
    assert dict(head.headers) == dict(got.headers)


@pytest.mark.parametrize("age", [0, 0.5, 14.9, 29.5])
async def test_a_page_taken_down_is_gone_from_caches_within_a_minute(
    page_client: httpx.AsyncClient, clock: Clock, age: float
) -> None:
    """However long it has been in ours: the CDN's time and our own add up."""
    await page_client.get(PATH)
    clock.seconds += age

    seconds = _cache_control(await page_client.get(PATH))

    assert seconds["max-age"] == 0
    assert age + seconds["s-maxage"] + seconds["stale-while-revalidate"] <= 60


async def test_old_page_is_shown_while_the_database_is_away_and_kept_by_nobody(
    database: FakePostgREST, page_client: httpx.AsyncClient, clock: Clock
) -> None:
    await page_client.get(PATH)
    database.answers["live_landing_page"] = httpx.ConnectError("down")
    clock.seconds += 600

    response = await page_client.get(PATH)

    assert (response.status_code, response.text) == (200, HTML)
    assert _cache_control(response) == {"max-age": 0, "s-maxage": 0}


def _cache_control(response: httpx.Response) -> dict[str, int]:
    directives = (item.partition("=") for item in response.headers["Cache-Control"].split(", "))
    return {name: int(value) for name, _, value in directives if value}


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        (f'"{HASH}-gzip"', 304),
        (f'W/"{HASH}-gzip"', 304),
        (f'"x", "{HASH}-gzip"', 304),
        ("*", 304),
        (f'"{HASH}"', 200),
        ('"x"', 200),
        ("", 200),
    ],
)
async def test_what_the_browser_has_is_not_sent_again(
    page_client: httpx.AsyncClient, tags: str, status: int
) -> None:
    response = await page_client.get(PATH, headers={"If-None-Match": tags})

    assert response.status_code == status
    assert response.headers["ETag"] == f'"{HASH}-gzip"'
    assert (response.content == b"") == (status == 304)


@pytest.mark.parametrize(
    "path", ["/partners/jansen", "/partners/", "/partners/a%00b", "/partners/é", "/partners/" + "a" * 300]
)
async def test_what_is_not_live_is_a_dutch_page(page_client: httpx.AsyncClient, path: str) -> None:
    response = await page_client.get(path)

    assert response.status_code == 404
    assert '<html lang="nl">' in response.text
    assert (response.headers["Vary"], response.headers["Cache-Control"]) == ("Accept", "no-store")


async def test_a_program_gets_a_problem(page_client: httpx.AsyncClient) -> None:
    response = await page_client.get("/partners/x/y", headers={"Accept": "application/json"})

    assert (response.status_code, response.json()["code"]) == (404, "page_not_found")


async def test_other_paths_and_methods_are_refused(page_client: httpx.AsyncClient) -> None:
    posted, elsewhere = await page_client.post(PATH), await page_client.get("/sitemap.txt")

    assert (posted.status_code, posted.headers["Allow"]) == (405, "GET, HEAD")
    assert elsewhere.status_code == 404


async def test_a_database_that_is_down_is_said_kindly(
    database: FakePostgREST, page_client: httpx.AsyncClient
) -> None:
    database.answers["live_landing_page"] = httpx.ConnectError("down")

    response = await page_client.get(PATH)

    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "Even geduld" in response.text


async def test_headers_without_end_are_refused_before_anything_else(
    database: FakePostgREST, page_client: httpx.AsyncClient
) -> None:
    response = await page_client.get(PATH, headers={"User-Agent": "x" * 40_000, "Accept": "application/json"})

    assert (response.status_code, response.json()["code"]) == (431, "headers_too_large")
    assert database.calls == []


# Addresses ------------------------------------------------------------------------------------------------

ELSEWHERE = dict.fromkeys(["html_gzip", "csp", "signature", "content_hash", "seconds_left"])


@pytest.mark.parametrize(
    "path", [f"{PATH}/", "/partners/Jansen/tilburg", "/partners/JANSEN/TILBURG//", "/partners/jansen/Tilburg"]
)
async def test_a_page_has_one_address(page_client: httpx.AsyncClient, path: str) -> None:
    response = await page_client.get(f"{path}?utm_source=google&gclid=a%20b")

    assert response.status_code == 308
    assert response.headers["Location"] == f"{PATH}?utm_source=google&gclid=a%20b"


@pytest.mark.parametrize("path", ["/partners/jansen/oud", "/partners/jansen/Oud/"])
async def test_a_page_that_moved_is_one_hop_away(
    database: FakePostgREST, page_client: httpx.AsyncClient, path: str
) -> None:
    database.answers["live_landing_page"] = lambda arguments: (
        [{**ELSEWHERE, "location": PATH}] if arguments["path"] == "/partners/jansen/oud" else []
    )

    response = await page_client.get(path)

    assert (response.status_code, response.headers["Location"]) == (308, PATH)
    assert response.headers["Cache-Control"] == "public, max-age=0, s-maxage=30, stale-while-revalidate=30"


async def test_a_page_that_was_taken_down_is_gone(
    database: FakePostgREST, page_client: httpx.AsyncClient
) -> None:
    database.answers["live_landing_page"] = [{**ELSEWHERE, "location": None}]

    seen = await page_client.get(PATH)
    read = await page_client.get(PATH, headers={"Accept": "application/json"})

    assert (seen.status_code, "Deze pagina is er niet meer" in seen.text) == (410, True)
    assert (read.status_code, read.json()["code"]) == (410, "page_gone")


async def test_where_a_page_went_is_asked_each_time(
    database: FakePostgREST, page_client: httpx.AsyncClient
) -> None:
    """Nobody fills the memory with addresses, and a page that comes back shows at once."""
    live = database.answers["live_landing_page"]
    database.answers["live_landing_page"] = [{**ELSEWHERE, "location": None}]
    await page_client.get(PATH)
    database.answers["live_landing_page"] = live

    assert (await page_client.get(PATH)).status_code == 200


async def test_a_page_that_is_taken_down_is_gone_within_the_minute(
    database: FakePostgREST, page_client: httpx.AsyncClient, clock: Clock
) -> None:
    await page_client.get(PATH)
    database.answers["live_landing_page"] = [{**ELSEWHERE, "location": None}]
    clock.seconds += 30

    assert (await page_client.get(PATH)).status_code == 410


# Previews -------------------------------------------------------------------------------------------------

TOKEN = "0123456789abcdef" * 4


async def test_a_preview_is_the_same_bytes_and_can_do_nothing(
    database: FakePostgREST, page_client: httpx.AsyncClient
) -> None:
    document = make_document(HASH, HTML, CSP)
    database.answers["landing_page_preview"] = [document.model_dump()]

    response = await page_client.get(f"/previews/{TOKEN}")

    assert (response.status_code, response.text) == (200, HTML)
    assert response.headers["Content-Security-Policy"].split(", ") == [
        CSP,
        "script-src 'none'; connect-src 'none'; form-action 'none'",
    ]
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert database.calls[-1].arguments == {"token": TOKEN}


async def test_a_preview_is_asked_for_each_time(
    database: FakePostgREST, page_client: httpx.AsyncClient
) -> None:
    database.answers["landing_page_preview"] = [make_document(HASH).model_dump()]
    await page_client.get(f"/previews/{TOKEN}")
    database.answers["landing_page_preview"] = []

    assert (await page_client.get(f"/previews/{TOKEN}")).status_code == 404


async def test_a_preview_that_somebody_else_stored_is_not_shown(
    database: FakePostgREST, page_client: httpx.AsyncClient
) -> None:
    """An admin would approve it."""
    forged = make_document(HASH).model_copy(update={"csp": "default-src *"})
    database.answers["landing_page_preview"] = [forged.model_dump()]

    assert (await page_client.get(f"/previews/{TOKEN}")).status_code == 500


@pytest.mark.parametrize("token", ["x", TOKEN[1:], TOKEN + "0", TOKEN.upper(), f"{TOKEN}/x"])
async def test_what_is_no_token_is_not_even_looked_up(
    database: FakePostgREST, page_client: httpx.AsyncClient, token: str
) -> None:
    seen = await page_client.get(f"/previews/{token}")

    assert seen.status_code == 404
    assert database.calls == []


async def test_a_link_that_shows_nothing_says_so(
    database: FakePostgREST, page_client: httpx.AsyncClient
) -> None:
    database.answers["landing_page_preview"] = []

    seen = await page_client.get(f"/previews/{TOKEN}")
    read = await page_client.get(f"/previews/{TOKEN}", headers={"Accept": "application/json"})

    assert (seen.status_code, "Deze link werkt niet meer" in seen.text) == (404, True)
    assert (read.status_code, read.json()["code"]) == (404, "preview_not_found")


# Schedules ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds_left", "cache_control"),
    [
        (3600, "public, max-age=0, s-maxage=30, stale-while-revalidate=30"),
        (45.9, "public, max-age=0, s-maxage=30, stale-while-revalidate=15"),
        (30, "public, max-age=0, s-maxage=30"),
        (12.7, "public, max-age=0, s-maxage=12"),
        (0.4, "public, max-age=0, s-maxage=0"),
    ],
)
async def test_nobody_keeps_a_page_past_what_is_planned(
    database: FakePostgREST, page_client: httpx.AsyncClient, seconds_left: float, cache_control: str
) -> None:
    _be_live(database, make_document(HASH, HTML, CSP).model_dump(), seconds_left=seconds_left)

    page = await page_client.get(PATH)
    moved = await page_client.get(f"{PATH}/")

    assert (page.headers["Cache-Control"], moved.headers["Cache-Control"]) == (cache_control, cache_control)


async def test_a_page_ends_at_its_time_and_not_half_a_minute_later(
    database: FakePostgREST, page_client: httpx.AsyncClient, clock: Clock
) -> None:
    _be_live(database, make_document(HASH, HTML, CSP).model_dump(), seconds_left=10)
    await page_client.get(PATH)
    database.answers["live_landing_page"] = [{**ELSEWHERE, "location": None}]

    clock.seconds += 9
    before = await page_client.get(PATH)
    clock.seconds += 1
    after = await page_client.get(PATH)

    assert (before.status_code, after.status_code) == (200, 410)


async def test_a_page_ends_at_its_time_while_the_database_is_away(
    database: FakePostgREST, page_client: httpx.AsyncClient, clock: Clock
) -> None:
    _be_live(database, make_document(HASH, HTML, CSP).model_dump(), seconds_left=100)
    await page_client.get(PATH)
    database.answers["live_landing_page"] = httpx.ConnectError("down")

    clock.seconds += 99
    before = await page_client.get(PATH)
    clock.seconds += 1
    after = await page_client.get(PATH)

    assert (before.status_code, after.status_code) == (200, 503)


# Sitemaps -------------------------------------------------------------------------------------------------


async def test_sitemap_lists_the_sitemaps(database: FakePostgREST, page_client: httpx.AsyncClient) -> None:
    database.answers["landing_page_sitemap"] = {"sitemaps": 2, "pages": []}

    response = await page_client.get("/sitemap.xml")

    assert response.headers["Content-Type"] == "application/xml"
    assert response.text == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        "<sitemap><loc>https://www.example.nl/sitemap.xml?page=1</loc></sitemap>"
        "<sitemap><loc>https://www.example.nl/sitemap.xml?page=2</loc></sitemap>"
        "</sitemapindex>"
    )
    assert database.calls[0].arguments == {"number": None}


async def test_each_sitemap_says_where_pages_are_and_since_when(
    database: FakePostgREST, page_client: httpx.AsyncClient
) -> None:
    pages = [{"path": PATH, "changed_at": "2026-11-18T12:00:00.123456+00:00"}]
    database.answers["landing_page_sitemap"] = {"sitemaps": 1, "pages": pages}

    response = await page_client.get("/sitemap.xml?page=1")

    assert (
        "<url><loc>https://www.example.nl/partners/jansen/tilburg</loc>"
        "<lastmod>2026-11-18T12:00:00+00:00</lastmod></url>"
    ) in response.text
    assert response.headers["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert database.calls[0].arguments == {"number": 1}


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "", "1e9", "9999999999", "1 "])
async def test_there_is_no_other_sitemap(
    database: FakePostgREST, page_client: httpx.AsyncClient, number: str
) -> None:
    database.answers["landing_page_sitemap"] = None

    response = await page_client.get("/sitemap.xml", params={"page": number})

    assert response.status_code == 404
