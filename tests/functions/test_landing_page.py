"""GET /partners/...: the stored bytes, their headers, and nothing that is not live."""

import base64
import hashlib

import httpx
import pytest

from shared.landing_page.csp import SCRIPT_HASHES
from tests.fake_postgrest import FakePostgREST
from tests.functions.conftest import Clock
from tests.functions.content import HASH, IMAGES

PATH = "/partners/jansen/tilburg"
HTML = "<!doctype html><style>a{}</style><style>\nb{}\n</style><script>alert('injected')</script><p>é"


@pytest.fixture(autouse=True)
def _answers(database: FakePostgREST) -> None:
    row = {"html": HTML, "content_hash": HASH, "published_at": "2026-11-18T12:00:00+00:00"}
    database.answers = {"live_landing_page": lambda arguments: [row] if arguments["path"] == PATH else []}


async def test_a_live_page_is_its_stored_bytes(
    database: FakePostgREST, page_client: httpx.AsyncClient
) -> None:
    response = await page_client.get(PATH)

    assert (response.status_code, response.text) == (200, HTML)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["ETag"] == f'"{HASH}"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert database.calls[0].authorization is None


async def test_head_has_the_headers_alone(page_client: httpx.AsyncClient) -> None:
    got, head = await page_client.get(PATH), await page_client.head(PATH)

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
        (f'"{HASH}"', 304),
        (f'W/"{HASH}"', 304),
        (f'"x", "{HASH}"', 304),
        ("*", 304),
        ('"x"', 200),
        ("", 200),
    ],
)
async def test_what_the_browser_has_is_not_sent_again(
    page_client: httpx.AsyncClient, tags: str, status: int
) -> None:
    response = await page_client.get(PATH, headers={"If-None-Match": tags})

    assert response.status_code == status
    assert response.headers["ETag"] == f'"{HASH}"'
    assert (response.content == b"") == (status == 304)


async def test_the_policy_allows_our_scripts_and_the_pages_styles_alone(
    page_client: httpx.AsyncClient,
) -> None:
    policy = (await page_client.get(PATH)).headers["Content-Security-Policy"]

    directives = {name: values for name, *values in (item.split() for item in policy.split("; "))}
    assert directives["default-src"] == ["'none'"]
    assert directives["script-src"] == [f"'{script}'" for script in SCRIPT_HASHES]
    assert directives["style-src"] == [
        "'sha256-" + base64.b64encode(hashlib.sha256(style).digest()).decode() + "'"
        for style in (b"a{}", b"\nb{}\n")
    ]
    assert directives["img-src"] == ["data:", IMAGES]
    assert directives["frame-ancestors"] == ["'none'"]
    assert "unsafe" not in policy


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
    posted, elsewhere = await page_client.post(PATH), await page_client.get("/sitemap.xml")

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
