"""Views by way of a log: each that was acknowledged counts once, whoever is away or killed meanwhile."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from shared.page_events.batch import EventBatch
from stack import Stack
from stack.project import Project
from stack.running.process import wait_until
from stack.services.postgres.server import NAME as POSTGRES
from tests.database import Database
from tests.flows.alone import COUNT_HERE, Alone, kill, own_settings, running
from tests.flows.scene import Scene
from tests.flows.traffic import BROWSER
from tests.flows.visits import view
from tests.simulator.pubsub import TOPIC, PubSub, serving


@pytest.fixture
def pubsub() -> Iterator[PubSub]:
    with serving(PubSub()) as running_pubsub:
        yield running_pubsub


@dataclass
class Site:
    """landing_page_track, which publishes, and whoever opens a page of it."""

    url: str
    page_id: str
    acknowledged: list[str]

    def open_pages(self, number: int, at_once: int = 16) -> Counter[str]:
        """Have so many browsers come, each again until it is acknowledged; return what was said."""
        with httpx.Client(timeout=30) as http, ThreadPoolExecutor(at_once) as pool:
            return Counter(pool.map(lambda serial: self._open(http, serial), range(number)))

    def come_by_as_bots(self, number: int) -> None:
        """Have so many come who are nobody."""
        for _ in range(number):
            answer = httpx.post(
                f"{self.url}/events", json=view(self.page_id), headers={"User-Agent": "Googlebot/2.1"}
            )
            assert answer.headers["event-outcome"] == "bot"

    def _open(self, http: httpx.Client, serial: int) -> str:
        visit = view(self.page_id)
        agent = {"User-Agent": BROWSER.format(f"{len(self.acknowledged)}.{serial}")}
        for _ in range(200):
            answer = http.post(f"{self.url}/events", json=visit, headers=agent)
            if answer.is_success:
                self.acknowledged.append(str(visit["id"]))
                return answer.headers["event-outcome"]
            assert answer.status_code == 503, answer.text
            threading.Event().wait(0.05)
        raise TimeoutError("A view was never acknowledged.")


@contextmanager
def _site(project: Project, page_id: str, pubsub: PubSub, directory: Path) -> Iterator[Site]:
    log = {"EVENT_LOG_TOPIC": TOPIC, "PUBSUB_EMULATOR_HOST": pubsub.host}
    settings = {**own_settings("landing_page_track", project), **log}
    with running("landing_page_track", settings, directory) as track:
        yield Site(track.url, page_id, [])


def _counting(project: Project, pubsub: PubSub, directory: Path) -> AbstractContextManager[Alone]:
    """Run landing_page_count; it is pushed to once `push_to` says so."""
    settings = {**own_settings("landing_page_count", project), "CERTS_URL": pubsub.certs_url}
    return running("landing_page_count", settings, directory, COUNT_HERE)


def _push_to(pubsub: PubSub, count: Alone) -> None:
    pubsub.push_to = f"{count.url}/event-batches"
    pubsub.let_flow()


def _assert_each_counts_once(project: Project, site: Site, bots: int = 0) -> None:
    with psycopg.connect(project.db_url, autocommit=True, row_factory=dict_row) as connection:
        database = Database(connection)
        stored = database.rows("select id from private.page_events where page_id = %s", [site.page_id])
        drops = database.rows(
            "select reason, attempts from public.partner_landing_page_drops where page_id = %s",
            [site.page_id],
        )
        drift = database.drift(site.page_id)
    assert Counter(str(row["id"]) for row in stored) == Counter(site.acknowledged)
    assert {row["reason"]: row["attempts"] for row in drops} == ({"bot": bots} if bots else {})
    assert drift == []


def test_batch_that_comes_again_and_again_counts_once(
    scene: Scene, platform: Database, pubsub: PubSub, tmp_path: Path
) -> None:
    """The log delivers at least once, here three times at once. Drops have no ids, and are booked once."""
    page_id = str(platform.add_live_page(platform.add_partner(), platform.add_admin()))
    pubsub.copies = 3
    with (
        _site(scene.project, page_id, pubsub, tmp_path) as site,
        _counting(scene.project, pubsub, tmp_path) as count,
    ):
        pubsub.push_to = f"{count.url}/event-batches"
        said = site.open_pages(200)
        site.come_by_as_bots(7)
        assert wait_until(lambda: _dropped(pubsub) == 7, 15), "what was turned away is published, too"
        pubsub.let_flow()
        pubsub.wait_until_taken()

    assert said == {"logged": 200}
    assert len(pubsub.published) < 150, "many ride together"
    assert pubsub.answers.keys() == {204}
    assert pubsub.answers[204] == 3 * len(pubsub.published)
    _assert_each_counts_once(scene.project, site, bots=7)


def test_who_is_killed_while_counting_loses_nothing_and_counts_nothing_twice(
    scene: Scene, platform: Database, pubsub: PubSub, tmp_path: Path
) -> None:
    page_id = str(platform.add_live_page(platform.add_partner(), platform.add_admin()))
    with _site(scene.project, page_id, pubsub, tmp_path) as site:
        pubsub.push_to = "http://127.0.0.1:9"
        site.open_pages(200, at_once=4)
        for _ in range(2):
            with _counting(scene.project, pubsub, tmp_path) as count:
                before = pubsub.taken
                _push_to(pubsub, count)
                assert pubsub.has_taken_more(before)
                kill(count.process)
        assert pubsub.taken < len(pubsub.published), "it was killed in the middle"
        with _counting(scene.project, pubsub, tmp_path) as count:
            _push_to(pubsub, count)
            pubsub.wait_until_taken()

    assert len(site.acknowledged) == 200
    _assert_each_counts_once(scene.project, site)


def test_while_the_database_is_away_views_are_taken_and_count_when_it_is_back(
    mended: Stack, broken_scene: Scene, pubsub: PubSub, tmp_path: Path
) -> None:
    """That is what the log is for."""
    project = mended.project
    page_id = broken_scene.publish_page()
    with _site(project, page_id, pubsub, tmp_path) as site, _counting(project, pubsub, tmp_path) as count:
        pubsub.push_to = f"{count.url}/event-batches"
        # The first of a process asks for the day's salt.
        site.open_pages(1)
        pubsub.let_flow()
        mended.supervisor.kill(POSTGRES)
        said = site.open_pages(100)
        assert wait_until(lambda: pubsub.answers[503] > 0, 20), "it is brought, and cannot be counted"
        taken = pubsub.taken
        mended.up(seed=True)
        pubsub.wait_until_taken()

    assert said == {"logged": 100}
    assert taken < len(pubsub.published)
    _assert_each_counts_once(project, site)


def test_while_the_log_is_away_browsers_send_again(
    scene: Scene, platform: Database, pubsub: PubSub, tmp_path: Path
) -> None:
    page_id = str(platform.add_live_page(platform.add_partner(), platform.add_admin()))
    pubsub.is_away = True
    with (
        _site(scene.project, page_id, pubsub, tmp_path) as site,
        _counting(scene.project, pubsub, tmp_path) as count,
        ThreadPoolExecutor(1) as pool,
    ):
        pubsub.push_to = f"{count.url}/event-batches"
        refused = httpx.post(
            f"{site.url}/events", json=view(page_id), headers={"User-Agent": BROWSER.format(0)}
        )
        opening = pool.submit(site.open_pages, 20)
        threading.Event().wait(0.3)
        assert (site.acknowledged, pubsub.published) == ([], [])
        pubsub.is_away = False
        said = opening.result(30)
        pubsub.let_flow()
        pubsub.wait_until_taken()

    assert (refused.status_code, refused.json()["code"]) == (503, "event_log_unavailable")
    assert said == {"logged": 20}
    _assert_each_counts_once(scene.project, site)


def _dropped(pubsub: PubSub) -> int:
    batches = map(EventBatch.model_validate_json, list(pubsub.published))
    return sum(drop.attempts for batch in batches for drop in batch.drops)
