"""A partner leaves while people are on their pages: that is not held up, and no fault of ours is told."""

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
import psycopg

from stack.project import Project
from stack.running.process import wait_until
from tests.actors import Person
from tests.database import Database
from tests.flows.scene import Scene
from tests.flows.visits import BROWSER, lead, view
from tests.flows.webhooks import encode, google_lead, metrics, signed

LEAVERS = 6

Visit = Callable[[httpx.Client], httpx.Response]


def _visits(pages: list[str], campaigns: list[str]) -> list[Visit]:
    """Return what comes in of a partner's pages and campaigns, each over and over."""

    def figures(http: httpx.Client) -> httpx.Response:
        body = encode(metrics(secrets.choice(campaigns), dt.datetime.now(dt.UTC), "1.00", 1))
        return http.post("/webhooks/standard", content=body, headers=signed(body))

    return [
        lambda http: http.post("/events", json=[view(page) for page in pages]),
        lambda http: http.post("/events", json=[view(page) for page in reversed(pages)]),
        lambda http: http.post("/leads", json=lead(pages[0])),
        lambda http: http.post("/leads", json=lead(secrets.choice(pages))),
        lambda http: http.post("/webhooks/google_ads", json=google_lead(secrets.token_hex(8), campaigns[0])),
        figures,
    ]


def _leave_under_load(
    project: Project, partner: Person, visits: list[Visit], answers: Counter[tuple[str, int]]
) -> None:
    is_over = Event()

    def repeat(number: int, visit: Visit) -> None:
        agent = {"User-Agent": f"{BROWSER} {number}"}
        with httpx.Client(base_url=project.functions_url, headers=agent, timeout=30) as http:
            after = 0
            while after < 3:
                after += is_over.is_set()
                answer = visit(http)
                answers[answer.request.url.path, answer.status_code] += 1

    with ThreadPoolExecutor(len(visits)) as pool:
        visitors = [pool.submit(repeat, number, visit) for number, visit in enumerate(visits)]
        before = answers.total()
        assert wait_until(lambda: answers.total() > before + 4 * len(visits), 20)
        try:
            with psycopg.connect(project.db_url, autocommit=True) as connection:
                connection.execute("delete from auth.users where id = %s", [partner.id])
        finally:
            is_over.set()
        for visitor in visitors:
            visitor.result(timeout=60)


def test_leaving_is_not_held_up_and_visitors_are_told_that_the_page_is_gone(
    scene: Scene, platform: Database
) -> None:
    answers: Counter[tuple[str, int]] = Counter()
    for _ in range(LEAVERS):
        partner = platform.add_partner()
        pages = [platform.add_live_page(partner, scene.admin) for _ in range(3)]
        campaigns = [platform.add_campaign(partner) for _ in range(2)]
        external = [f"leaver-{secrets.token_hex(6)}" for _ in campaigns]
        with platform.acting_as(scene.admin):
            for campaign, name in zip(campaigns, external, strict=True):
                platform.run("select public.link_campaign(%s, %s)", [campaign, name])

        _leave_under_load(scene.project, partner, _visits([*map(str, pages)], external), answers)

        assert platform.drift(*pages, *campaigns) == []
        left = "select from public.partner_lead_contacts where partner_id = %s"
        assert platform.rows(left, [partner.id]) == []

    allowed = {
        "/events": {200},
        "/leads": {201, 410},
        "/webhooks/google_ads": {200},
        "/webhooks/standard": {200},
    }
    assert {answer: n for answer, n in answers.items() if answer[1] not in allowed[answer[0]]} == {}
    assert answers["/leads", 201] > LEAVERS
    assert answers["/leads", 410] >= LEAVERS
