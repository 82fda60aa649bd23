"""What the functions answer while what they stand on is away."""

from collections.abc import Callable

import httpx
import pytest

from stack import Stack
from stack.running.process import wait_until
from stack.services.postgres.server import NAME as POSTGRES
from stack.services.postgrest import FUNCTIONS_NAME as FUNCTIONS_POSTGREST
from tests.flows.scene import Scene
from tests.flows.traffic import NOON
from tests.flows.visits import BROWSER, event_id, lead, view
from tests.flows.webhooks import encode, google_lead, metrics, signed

Requests = dict[str, Callable[[], httpx.Response]]


@pytest.fixture(params=[FUNCTIONS_POSTGREST, POSTGRES], ids=["PostgREST", "PostgreSQL"])
def away(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def requests(broken_scene: Scene) -> Requests:
    """One good request to each function, to be sent as often as one likes; the page has no reader yet."""
    scene = broken_scene
    functions, http, browser = scene.project.functions_url, scene.http, {"User-Agent": BROWSER}
    page_id, path = scene.pages["live"], scene.path_of(scene.publish_page())
    beacon, form = view(page_id), lead(page_id)
    report = encode(metrics("1", NOON, "1.00", 1))
    headers = signed(report)
    submit = f"{functions}/landing-pages/{scene.pages['concept']}/submit"
    authorization = scene.authorization(scene.partner)
    return {
        "submit": lambda: http.post(submit, headers=authorization),
        "serve": lambda: http.get(f"{functions}{path}", headers={"Accept": "application/json"}),
        "view": lambda: http.post(f"{functions}/events", json=beacon, headers=browser),
        "views": lambda: http.post(f"{functions}/events", json=[beacon], headers=browser),
        "lead": lambda: http.post(f"{functions}/leads", json=form, headers=browser),
        "google": lambda: http.post(f"{functions}/webhooks/google_ads", json=google_lead(event_id(), "1")),
        "standard": lambda: http.post(f"{functions}/webhooks/standard", content=report, headers=headers),
    }


def test_function_says_503_while_the_database_is_away_and_works_when_it_is_back(
    away: str, mended: Stack, requests: Requests
) -> None:
    mended.supervisor.kill(away)

    answers = {name: send() for name, send in requests.items()}

    for name, answer in answers.items():
        assert answer.status_code == 503, (name, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        problem = answer.json()
        assert (problem["status"], problem["code"]) == (503, "database_unavailable")
        assert {"type", "title", "detail"} <= problem.keys()

    mended.up(seed=True)

    for name, send in requests.items():
        assert wait_until(lambda send=send: send().is_success, 20), name  # type: ignore[misc]


def test_person_is_told_in_dutch_that_the_database_is_away(mended: Stack, broken_scene: Scene) -> None:
    functions, http = broken_scene.project.functions_url, broken_scene.http
    form = {
        "page_id": broken_scene.pages["live"],
        "name": "Marieke",
        "phone": "06 1234 5678",
        "consent": "on",
    }
    path = broken_scene.path_of(broken_scene.publish_page())
    mended.supervisor.kill(FUNCTIONS_POSTGREST)

    answers = [
        http.get(f"{functions}{path}", headers={"Accept": "text/html"}),
        http.post(f"{functions}/leads", data=form, headers={"User-Agent": BROWSER}),
    ]

    for answer in answers:
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "over een minuut nog eens" in answer.text


def test_page_that_somebody_saw_is_there_while_the_database_is_away(
    away: str, mended: Stack, broken_scene: Scene
) -> None:
    url = f"{broken_scene.project.functions_url}{broken_scene.path('live')}"
    before = broken_scene.http.get(url)
    mended.supervisor.kill(away)

    during = broken_scene.http.get(url)

    assert (before.status_code, during.status_code) == (200, 200)
    assert during.content == before.content
