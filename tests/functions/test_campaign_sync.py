"""POST /sync: who may set it going, and when a run leaves off."""

import itertools
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from functions.campaign_sync import routes
from functions.campaign_sync.credentials import Sealer
from functions.campaign_sync.settings import SyncSettings
from shared.http.clock import utc_now
from shared.http.settings import Settings
from shared.postgrest.client import PostgREST
from stack.example_secrets import JOBS_SECRET, SYNC_KEYS
from tests.fake_postgrest import FakePostgREST, make_jwt, refuse
from tests.functions.conftest import PROJECT, make_client
from tests.functions.test_sync_platforms import CREDENTIALS, answer

SCHEDULER = {"Authorization": f"Bearer {JOBS_SECRET}"}
SETTINGS = SyncSettings.model_validate(
    {
        **PROJECT,
        "job_runner_jwt": make_jwt("job_runner"),
        "jobs_secret": JOBS_SECRET,
        "sync_keys": list(SYNC_KEYS),
    }
)


@dataclass
class Google:
    """Google, which always has a next page."""

    requests: list[httpx.Request] = field(default_factory=list)
    seconds: float = 0

    def respond(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        assert len(self.requests) < 10, "It goes on and on."
        return answer("google/search_daily_page1.json")


def _job(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any member.
    return {
        "id": 7,
        "platform": "google_ads",
        "account_id": "1234567890",
        "kind": "days",
        "status": "waiting",
        "window_from": "2026-11-20",
        "window_to": "2026-11-23",
        "cursor": None,
        "apis": {"ads": {"base_url": "https://googleads.googleapis.com", "version": "v26"}},
        "account": {
            "manager_id": None,
            "sealed": Sealer(SETTINGS.sync_keys).seal(CREDENTIALS),
        },
        **changes,
    }


@pytest.fixture
def google() -> Google:
    return Google()


@pytest.fixture
async def client(
    open_database: Callable[[Settings], PostgREST], database: FakePostgREST, google: Google
) -> AsyncIterator[httpx.AsyncClient]:
    jobs = itertools.chain([_job()], itertools.repeat(None))
    database.answers |= {
        "take_sync_job": lambda _: httpx.Response(200, json=next(jobs)),
        "leave_sync": None,
        "store_sync_page": True,
        "apply_sync_window": True,
        "fail_sync_job": None,
    }
    handler = routes.build(
        SETTINGS,
        open_database(SETTINGS),
        httpx.MockTransport(google.respond),
        utc_now,
        lambda: google.seconds,
    )
    async with make_client(handler) as client:
        yield client


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer guess"}, {"Authorization": f"Bearer {SYNC_KEYS[0]}"}]
)
async def test_whoever_is_no_scheduler_sets_nothing_going(
    client: httpx.AsyncClient, database: FakePostgREST, headers: dict[str, str]
) -> None:
    refused = await client.post("/sync", headers=headers)

    assert refused.status_code == 401
    assert database.calls == []


async def test_run_that_hears_of_a_block_asks_no_more(
    client: httpx.AsyncClient, database: FakePostgREST, google: Google
) -> None:
    database.answers["store_sync_page"] = False

    done = await client.post("/sync", headers=SCHEDULER)

    assert done.json() == {"done": 0, "waiting": 1, "failed": 0, "pages": 1}
    assert len(google.requests) == 1
    assert "apply_sync_window" not in database.called


async def test_run_whose_time_is_over_asks_no_more(
    client: httpx.AsyncClient, database: FakePostgREST, google: Google
) -> None:
    def store(_: dict[str, Any]) -> bool:
        google.seconds += 20
        return True

    database.answers["store_sync_page"] = store

    done = await client.post("/sync", headers=SCHEDULER)

    assert (done.json()["pages"], len(google.requests)) == (3, 3)
    assert database.called[-1] == "leave_sync"


async def test_account_that_somebody_else_took_over_is_left(
    client: httpx.AsyncClient, database: FakePostgREST, google: Google
) -> None:
    database.answers["store_sync_page"] = refuse(409, "PT409", "lease_lost", "Somebody else is at work.")

    done = await client.post("/sync", headers=SCHEDULER)

    assert (done.status_code, len(google.requests)) == (200, 1)
    assert "fail_sync_job" not in database.called


@pytest.mark.parametrize(
    ("sqlstate", "message", "error"),
    [
        ("22P02", "invalid input syntax for type numeric", "page_refused"),
        ("PT400", "batch_refused", "batch_refused"),
    ],
)
async def test_page_that_the_database_refuses_does_not_stop_the_run(
    client: httpx.AsyncClient, database: FakePostgREST, sqlstate: str, message: str, error: str
) -> None:
    database.answers["store_sync_page"] = refuse(400, sqlstate, message)

    done = await client.post("/sync", headers=SCHEDULER)

    assert (done.status_code, done.json()["failed"]) == (200, 1)
    (failed,) = [call for call in database.calls if call.function == "fail_sync_job"]
    assert (failed.arguments["failure"]["kind"], failed.arguments["failure"]["error"]) == (
        "transient",
        error,
    )


async def test_credentials_of_another_key_need_a_person(
    client: httpx.AsyncClient, database: FakePostgREST, google: Google
) -> None:
    account = {**_job()["account"], "sealed": "gAAAA" + "x" * 100}
    jobs = itertools.chain([_job(account=account)], itertools.repeat(None))
    database.answers["take_sync_job"] = lambda _: httpx.Response(200, json=next(jobs))

    await client.post("/sync", headers=SCHEDULER)

    (failed,) = [call for call in database.calls if call.function == "fail_sync_job"]
    assert (failed.arguments["failure"]["kind"], failed.arguments["failure"]["error"]) == (
        "auth",
        "credentials_unreadable",
    )
    assert google.requests == []


async def test_no_token_goes_to_the_database_or_into_a_log(
    client: httpx.AsyncClient, database: FakePostgREST, google: Google, capsys: pytest.CaptureFixture[str]
) -> None:
    google.seconds = 0
    database.answers["store_sync_page"] = False

    await client.post("/sync", headers=SCHEDULER)

    said = json.dumps([call.arguments for call in database.calls]) + "".join(capsys.readouterr())
    for token in ("access-1", "refresh-1", "client-secret", "developer-token"):
        assert token not in said
    assert google.requests[0].headers["authorization"] == "Bearer access-1"
