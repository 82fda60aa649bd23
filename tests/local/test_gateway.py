"""The gateway lets through what a hosted project's lets through, as whom it would."""

import signal
from collections.abc import Iterator

import httpx
import pytest

from stack import Project, Stack
from tests.local.conftest import Person

NO_KEY = {
    "message": "No API key found in request",
    "hint": "No `apikey` request header or url param was found.",
}


@pytest.fixture
def api(project: Project) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{project.supabase_url}/rest/v1") as client:
        yield client


@pytest.fixture
def names(own_stack: Stack, person: Person) -> dict[str, str]:
    """What a test calls a key or token, and what it is."""
    return {
        "publishable": own_stack.state.publishable_key,
        "secret": own_stack.state.secret_key,
        "person": own_stack.project.token(person.email),
        "page_renderer": own_stack.project.token("page_renderer"),
        "other": "sb_publishable_of_another_project",
    }


@pytest.mark.parametrize(
    ("apikey", "bearer", "role"),
    [
        ("publishable", None, "anon"),
        ("publishable", "publishable", "anon"),  # What clients send while nobody is signed in.
        ("publishable", "secret", "anon"),  # The key decides, not what stands in for a token.
        ("publishable", "person", "authenticated"),
        ("publishable", "page_renderer", "page_renderer"),
        ("secret", None, "service_role"),
        ("secret", "secret", "service_role"),
        ("secret", "publishable", "service_role"),
        ("secret", "person", "authenticated"),  # A person's token wins over the secret key.
    ],
)
def test_key_and_token_decide_the_role(
    api: httpx.Client, names: dict[str, str], apikey: str, bearer: str | None, role: str
) -> None:
    headers = {"apikey": names[apikey]}
    if bearer:
        headers["Authorization"] = f"Bearer {names[bearer]}"

    answer = api.post("/rpc/whoami", headers=headers)

    assert answer.json()["role"] == role


def test_own_token_carries_its_person(api: httpx.Client, names: dict[str, str], person: Person) -> None:
    headers = {"apikey": names["publishable"], "Authorization": f"Bearer {names['person']}"}

    assert api.post("/rpc/whoami", headers=headers).json()["sub"] == person.id


@pytest.mark.parametrize("bearer", [None, "person", "secret"])
def test_no_key_is_refused_whoever_asks(api: httpx.Client, names: dict[str, str], bearer: str | None) -> None:
    headers = {"Authorization": f"Bearer {names[bearer]}"} if bearer else {}

    answer = api.get("/notes", headers=headers)

    assert (answer.status_code, answer.json()) == (401, NO_KEY)


@pytest.mark.parametrize("key", ["other", "person"])
def test_another_key_is_refused(api: httpx.Client, names: dict[str, str], key: str) -> None:
    answer = api.get("/notes", headers={"apikey": names[key]})

    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid API key")


def test_secret_key_is_refused_in_a_browser(api: httpx.Client, names: dict[str, str]) -> None:
    answer = api.get("/notes", headers={"apikey": names["secret"], "User-Agent": "Mozilla/5.0 (X11)"})

    assert answer.status_code == 401
    assert "browser" in answer.json()["message"]


def test_broken_token_is_passed_on_and_refused_by_postgrest(api: httpx.Client, names: dict[str, str]) -> None:
    answer = api.get("/notes", headers={"apikey": names["publishable"], "Authorization": "Bearer nonsense"})

    assert (answer.status_code, answer.json()["code"]) == (401, "PGRST301")


def test_request_and_answer_arrive_unchanged(api: httpx.Client, names: dict[str, str]) -> None:
    """The escaped comma is part of a value; unescaped it would separate two."""
    headers = {"apikey": names["secret"], "Prefer": "count=exact", "Range": "0-0"}

    answer = api.get('/notes?text=in.("a%2Cb",c)&order=id', headers=headers)

    assert answer.status_code == 206
    assert answer.json() == [{"id": 1, "text": "a,b"}]
    assert answer.headers["content-range"] == "0-0/2"


def test_large_body_passes(api: httpx.Client, names: dict[str, str]) -> None:
    headers = {"apikey": names["secret"], "Prefer": "return=representation,tx=rollback"}
    text = "x" * 3_000_000

    answer = api.post("/notes", headers=headers, json={"id": 99, "text": text})

    assert answer.json()[0]["text"] == text


def test_page_of_another_origin_may_call(api: httpx.Client, names: dict[str, str]) -> None:
    asked = {
        "Origin": "https://painter.example",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "apikey,authorization,content-profile",
    }

    preflight = api.options("/notes", headers=asked)
    refused = api.get("/notes", headers={"Origin": "https://painter.example"})
    answer = api.head("/notes", headers={"Origin": "https://painter.example", "apikey": names["secret"]})

    assert preflight.status_code == 200
    assert "PATCH" in preflight.headers["access-control-allow-methods"]
    assert "apikey" in preflight.headers["access-control-allow-headers"]
    # A refusal that a page can't read looks like a network failure to it.
    assert refused.headers["access-control-allow-origin"] == "*"
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert "Content-Range" in answer.headers["access-control-expose-headers"]


def test_postgrest_away_is_said_with_when_to_come_back(
    own_stack: Stack, api: httpx.Client, names: dict[str, str]
) -> None:
    own_stack.supervisor.kill("postgrest", signal.SIGKILL)
    try:
        answer = api.get("/notes", headers={"apikey": names["publishable"]})
    finally:
        own_stack.up(migrate=False)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert "hint" in answer.json()


@pytest.mark.parametrize("path", ["/elsewhere", "/robots.txt"])
def test_gateway_has_what_a_project_has_and_nothing_else(project: Project, path: str) -> None:
    assert httpx.get(f"{project.supabase_url}{path}").status_code == 404
