"""Whether a function says that it lives and can work, and which request a line of the log is about."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import LogCapture

from shared.http import edge
from shared.http.edge import json_response, serve
from shared.http.errors import DatabaseUnavailable
from shared.http.health import health_routes
from shared.http.request_id import add_request_id
from shared.http.settings import Settings
from shared.postgrest.client import Identity, PostgREST
from shared.postgrest.schema import SCHEMA_VERSION
from tests.fake_postgrest import FakePostgREST, make_jwt
from tests.functions.conftest import PROJECT, Clock, make_client

ENDS = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def identity(open_database: Callable[[Settings], PostgREST]) -> Identity:
    settings = Settings.model_validate(PROJECT)
    token = make_jwt("job_runner", exp=int(ENDS.timestamp()))
    return open_database(settings).as_role(type(settings.supabase_publishable_key)(token))


@pytest.fixture
def client(identity: Identity, clock: Clock) -> httpx.AsyncClient:
    async def call(request: Request) -> Response:
        return json_response(await identity.call(request.path_params["function"]))

    async def wait(request: Request) -> Response:  # noqa: ARG001 - Starlette's signature.
        clock.seconds += 3
        return json_response({})

    async def refuse(request: Request) -> Response:  # noqa: ARG001 - as above.
        raise DatabaseUnavailable("Away.")

    routes = [
        Route("/call/{function}", call, methods=["POST"]),
        Route("/slow/{secret}", wait),
        Route("/away/{secret}", refuse),
        *health_routes(identity, lambda: clock.seconds),
    ]
    return make_client(serve(routes))


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[LogCapture]:
    """Return what is logged, with what a line's context adds."""
    capture = LogCapture()
    structlog.configure(processors=[add_request_id, capture])
    monkeypatch.setattr(edge, "configure_logging", lambda: None)
    yield capture
    structlog.reset_defaults()


async def test_function_that_runs_says_so_without_the_database(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"


async def test_function_that_can_work_says_until_when(
    client: httpx.AsyncClient, database: FakePostgREST
) -> None:
    database.answers["readiness"] = SCHEMA_VERSION

    answer = await client.get("/readyz")

    assert answer.json() == {"status": "ready", "token_ends_at": "2027-01-01T00:00:00+00:00"}


async def test_database_is_asked_once_however_often_somebody_asks(
    client: httpx.AsyncClient, database: FakePostgREST, clock: Clock
) -> None:
    database.answers["readiness"] = SCHEMA_VERSION
    for _ in range(3):
        await client.get("/readyz")
    assert database.called == ["readiness"]

    clock.seconds += 2
    await client.get("/readyz")

    assert database.called == ["readiness", "readiness"]


async def test_function_that_cannot_work_says_why(
    client: httpx.AsyncClient, database: FakePostgREST, clock: Clock
) -> None:
    database.answers["readiness"] = httpx.ConnectError("gone")
    away, again = await client.get("/readyz"), await client.get("/readyz")
    assert (again.status_code, database.called) == (503, ["readiness"])
    clock.seconds += 2
    expired = {"code": "PGRST303", "message": "JWT expired", "details": None, "hint": None}
    database.answers["readiness"] = httpx.Response(401, json=expired)
    refused = await client.get("/readyz")

    assert (away.status_code, away.json()["code"]) == (503, "database_unavailable")
    assert (refused.status_code, refused.json()["code"]) == (500, "internal_error")


@pytest.mark.parametrize(
    ("version", "status"),
    [("20261122091159", 503), (None, 503), (SCHEMA_VERSION, 200), ("29991231000000", 200)],
)
async def test_function_waits_for_the_migrations_that_it_was_written_for(
    client: httpx.AsyncClient, database: FakePostgREST, version: str | None, status: int
) -> None:
    database.answers["readiness"] = httpx.Response(200, json=version)

    answer = await client.get("/readyz")

    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "schema_too_old"


def test_version_is_that_of_the_newest_migration() -> None:
    migrations = Path(__file__).parents[2] / "supabase" / "migrations"

    assert max(file.name for file in migrations.glob("*.sql")).split("_")[0] == SCHEMA_VERSION


async def test_request_id_goes_to_postgrest_and_back(
    client: httpx.AsyncClient, database: FakePostgREST
) -> None:
    database.answers["readiness"] = SCHEMA_VERSION

    answer = await client.post("/call/readiness", headers={"X-Request-Id": "4bf92f3577b34da6"})

    assert answer.headers["x-request-id"] == "4bf92f3577b34da6"
    assert database.calls[0].headers["x-request-id"] == "4bf92f3577b34da6"


@pytest.mark.parametrize(
    "given", ["", "short", "a" * 65, 'x"},{"level":"', "a b c d e f", "../../etc/passwd"]
)
async def test_request_without_an_id_of_its_own_gets_one(
    client: httpx.AsyncClient, database: FakePostgREST, given: str
) -> None:
    database.answers["readiness"] = SCHEMA_VERSION

    answers = [await client.post("/call/readiness", headers={"X-Request-Id": given}) for _ in range(2)]

    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len({*ids}) == 2
    assert [uuid.UUID(one).hex for one in ids] == ids
    assert [call.headers["x-request-id"] for call in database.calls] == ids


async def test_what_fails_is_logged_by_its_route_and_its_id(
    logged: LogCapture, client: httpx.AsyncClient
) -> None:
    answer = await client.get("/away/link-that-opens-a-preview", headers={"X-Request-Id": "4bf92f3577b34da6"})

    assert answer.status_code == 503
    (line,) = logged.entries
    assert (line["event"], line["log_level"]) == ("request_failed", "warning")
    assert (line["route"], line["status"], line["method"]) == ("/away/{secret}", 503, "GET")
    assert line["request_id"] == "4bf92f3577b34da6"
    assert "link-that-opens" not in json.dumps(logged.entries, default=str)


async def test_line_of_a_call_says_for_which_request(
    logged: LogCapture, client: httpx.AsyncClient, database: FakePostgREST
) -> None:
    database.answers["readiness"] = httpx.ConnectError("gone")

    await client.post("/call/readiness", headers={"X-Request-Id": "4bf92f3577b34da6"})

    assert [(line["event"], line["request_id"]) for line in logged.entries] == [
        ("database_unreachable", "4bf92f3577b34da6"),
        ("request_failed", "4bf92f3577b34da6"),
    ]


async def test_what_is_slow_is_logged_and_what_is_not_is_not(
    logged: LogCapture, client: httpx.AsyncClient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.monotonic", lambda: clock.seconds)

    await client.get("/slow/x")
    await client.get("/healthz")
    await client.get("/nowhere")

    assert [(line["event"], line["route"], line["seconds"]) for line in logged.entries] == [
        ("request_slow", "/slow/{secret}", 3)
    ]
