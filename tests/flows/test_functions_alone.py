"""Each function as it is deployed: alone, by its command, with its own settings and no others."""

import base64
import datetime as dt
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from psycopg import sql

from stack.example_secrets import JOBS_SECRET
from stack.project import Project
from stack.running.process import wait_until
from tests.conftest import Connect
from tests.database import Database
from tests.events import columns
from tests.flows.alone import COUNT_HERE, FUNCTIONS, HERE, kill, launch, own_settings, running
from tests.flows.scene import Scene
from tests.flows.visits import BROWSER, event_id, view
from tests.flows.webhooks import google_lead
from tests.simulator.pubsub import PubSub, push, serving

Send = Callable[[str], httpx.Response]

# What a good request to the function has to write to or read.
TABLES = {
    "landing_page": "landing_page_documents",
    "landing_page_publish": "landing_page_documents",
    "landing_page_track": "page_events",
    "landing_page_count": "page_events",
    "landing_page_report": "partner_landing_page_stats",
    "campaign_webhook": "campaign_inbox",
    "jobs": "alerts",
    "campaign_sync": "sync_jobs",
    "partner_leads": "partner_leads",
}


_JOBS = {"jobs": "/jobs/deliveries", "campaign_sync": "/sync"}
_SCREENS = {"landing_page_report": "/reports/landing-pages", "partner_leads": "/partner-leads"}


def _schema_of(table: str) -> str:
    return "public" if table.startswith("partner_") else "private"


def _good_request(function: str, scene: Scene, log: PubSub) -> Send:  # noqa: PLR0911  # One a function.
    if function == "landing_page":
        return _getting(scene, scene.path("live"))
    if function in _SCREENS:
        return _getting(scene, _SCREENS[function], **scene.authorization(scene.partner))
    if function == "landing_page_publish":
        path = f"/landing-pages/{scene.write_page()}/submit"
        return _posting(scene, path, None, **scene.authorization(scene.partner))
    if function == "landing_page_track":
        return _posting(scene, "/events", view(scene.pages["live"]), **{"User-Agent": BROWSER})
    if function == "landing_page_count":
        return _posting(scene, "/event-batches", _batch(scene), Authorization=f"Bearer {log.sign()}")
    if function in _JOBS:
        return _posting(scene, _JOBS[function], None, Authorization=f"Bearer {JOBS_SECRET}")
    return _posting(scene, "/webhooks/google_ads", google_lead(event_id(), "1"))


def _getting(scene: Scene, path: str, **headers: str) -> Send:
    return lambda url: scene.http.get(f"{url}{path}", headers=headers)


def _posting(scene: Scene, path: str, body: object, **headers: str) -> Send:
    return lambda url: scene.http.post(f"{url}{path}", json=body, headers=headers)


def _batch(scene: Scene) -> dict[str, object]:
    of_log = {"batch_id": str(uuid4()), "received_at": dt.datetime.now(dt.UTC).isoformat()}
    batch = {**columns([{"id": event_id(), "page_id": scene.pages["live"]}]), **of_log}
    return push(base64.b64encode(json.dumps(batch).encode()).decode())


def _is_waited_for(database: Database, table: str) -> bool:
    waiting: bool = database.value(
        "select exists (select from pg_locks where not granted and relation = %s::regclass)",
        [f"{_schema_of(table)}.{table}"],
    )
    return waiting


@pytest.fixture(scope="module")
def log() -> Iterator[PubSub]:
    with serving(PubSub()) as pubsub:
        yield pubsub


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_runs_alone_on_its_own_settings_and_finishes_what_it_began(
    function: str, scene: Scene, connect: Connect, log: PubSub, tmp_path: Path
) -> None:
    """Least privilege: with no other token than its own. And a new deployment costs no visitor an answer."""
    platform = connect()
    send, table = _good_request(function, scene, log), TABLES[function]
    settings, installed = own_settings(function, scene.project), HERE
    if function == "landing_page_count":
        settings, installed = {**settings, "CERTS_URL": log.certs_url}, COUNT_HERE
    with running(function, settings, tmp_path, installed) as alone, ThreadPoolExecutor(1) as pool:
        assert scene.http.get(f"{alone.url}/healthz").json() == {"status": "ok"}
        assert scene.http.get(f"{alone.url}/readyz").json()["status"] == "ready"
        lock = connect().connection
        with lock.transaction():
            lock.execute(sql.SQL("lock table {}").format(sql.Identifier(_schema_of(table), table)))
            in_flight = pool.submit(send, alone.url)
            assert wait_until(lambda: _is_waited_for(platform, table), 10), "the request is under way"
            alone.terminate()

        answer = in_flight.result(10)

        assert answer.is_success, answer.text
        assert alone.process.wait(5) == 0
    said = alone.log.read_text()
    assert not [word for word in ("Traceback", "Warning") if word in said], said


@pytest.mark.parametrize(
    "function",
    ["landing_page_publish", "landing_page_track", "landing_page_count", "campaign_webhook", "jobs"],
)
def test_function_whose_token_has_expired_is_not_ready(function: str, scene: Scene, tmp_path: Path) -> None:
    settings = own_settings(function, scene.project)
    expired = {
        name: scene.project.token(name[:-4].lower(), -60) for name in settings if name.endswith("_JWT")
    }

    with running(function, {**settings, **expired}, tmp_path) as alone:
        live, ready = (scene.http.get(f"{alone.url}{path}") for path in ("/healthz", "/readyz"))
        log = alone.log.read_text()

    assert (live.status_code, ready.status_code) == (200, 500)
    assert "own_call_refused" in log
    assert ready.headers["x-request-id"] in log
    assert [token for token in expired.values() if token in log] == []


def test_who_waits_for_a_lock_is_known_by_the_id_of_its_request(
    scene: Scene, platform: Database, connect: Connect
) -> None:
    request_id = f"trace-{event_id()}"
    headers = {"User-Agent": BROWSER, "X-Request-Id": request_id}
    lock = connect().connection
    with ThreadPoolExecutor(1) as pool:
        with lock.transaction():
            lock.execute("lock table private.page_events")
            url, sent = scene.project.functions_url, view(scene.pages["live"])
            in_flight = pool.submit(lambda: scene.http.post(f"{url}/events", json=sent, headers=headers))
            assert wait_until(lambda: _waiting(platform) == [f"request {request_id}"], 10), _waiting(platform)
        answer = in_flight.result(10)

    assert (answer.status_code, answer.headers["x-request-id"]) == (204, request_id)


def _waiting(database: Database) -> list[str]:
    rows = database.rows(
        "select application_name as name from pg_stat_activity"
        " where wait_event_type = 'Lock' and pid <> pg_backend_pid()"
    )
    return [row["name"] for row in rows]


def _wrong_settings(function: str, project: Project) -> Iterator[tuple[dict[str, str], set[str]]]:
    """Yield settings that a function must not start with, and which of them it has to name."""
    settings = own_settings(function, project)
    keys = {name for name in settings if name.endswith(("_KEYS", "_SECRETS", "_TOKENS"))}
    # Without a key a channel is closed, which is well; an empty key would open it to everybody.
    yield {}, settings.keys() - keys
    if keys:
        wrong = {name: '{"1": [""]}' if settings[name].startswith("{") else '[""]' for name in keys}
        yield {**settings, **wrong}, keys
    if tokens := {name for name in settings if name.endswith("_JWT")}:
        yield {**settings, **dict.fromkeys(tokens, project.token("service_role"))}, tokens


def test_function_with_a_setting_missing_or_wrong_does_not_start_and_says_which(
    scene: Scene, tmp_path: Path
) -> None:
    """A missing setting, an empty key, and the token of all tokens where a narrow one belongs."""
    cases = [(name, *case) for name in FUNCTIONS for case in _wrong_settings(name, scene.project)]

    def start(number: int) -> tuple[int, str]:
        function, settings, _ = cases[number]
        process, _ = launch(function, settings, output := tmp_path / f"{number}.log")
        try:
            return process.wait(30), output.read_text()
        finally:
            kill(process)

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(start, range(len(cases))))

    for (function, settings, wrong), (status, said) in zip(cases, ended, strict=True):
        assert status != 0, (function, wrong)
        assert [name for name in wrong if name.lower() not in said.lower()] == [], said
        assert [name for name, value in settings.items() if name.endswith("_JWT") and value in said] == []


def test_address_that_counts_is_the_one_our_own_proxy_wrote(scene: Scene, tmp_path: Path) -> None:
    """With one proxy of ours the last entry of X-Forwarded-For is its word; those before it are anybody's."""
    page_id = scene.publish_page()
    settings = {**own_settings("landing_page_track", scene.project), "TRUSTED_PROXY_COUNT": "1"}

    def open_page(url: str, forwarded_for: str) -> str:
        headers = {"User-Agent": BROWSER, "X-Forwarded-For": forwarded_for}
        return str(
            scene.http.post(f"{url}/events", json=view(page_id), headers=headers).headers["event-outcome"]
        )

    with running("landing_page_track", settings, tmp_path) as alone:
        outcomes = [
            open_page(alone.url, "203.0.113.77"),
            open_page(alone.url, "198.51.100.1, 203.0.113.77"),
            open_page(alone.url, "198.51.100.2, 203.0.113.77"),
            open_page(alone.url, "203.0.113.77, 203.0.113.78"),
        ]

    assert outcomes == ["counted", "duplicate", "duplicate", "counted"]
    assert "203.0.113" not in alone.log.read_text()


def test_without_a_proxy_of_ours_nobody_says_where_they_come_from(scene: Scene, tmp_path: Path) -> None:
    """The server would take X-Forwarded-For from 127.0.0.1 at its word."""
    page_id = scene.publish_page()
    settings = own_settings("landing_page_track", scene.project)

    with running("landing_page_track", settings, tmp_path) as alone:
        outcomes = [
            scene.http.post(
                f"{alone.url}/events",
                json=view(page_id),
                headers={"User-Agent": BROWSER, "X-Forwarded-For": f"203.0.113.{host}"},
            ).headers["event-outcome"]
            for host in (1, 2)
        ]

    assert outcomes == ["counted", "duplicate"]
