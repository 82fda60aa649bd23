"""Calling the database: as whom, and what each of its answers means to a caller of ours."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from shared.http.errors import DatabaseUnavailable, InternalError, Problem, Refusal
from shared.http.settings import Settings
from shared.postgrest.client import PostgREST
from tests.fake_postgrest import FakePostgREST, refuse

SETTINGS = Settings(supabase_url="https://p.supabase.test", supabase_publishable_key="sb_publishable_x")

# status and body as PostgREST 12.0.2 and, where they differ, 16.x send them; then what our caller gets.
ANSWERS = [
    (409, "PT409", "content_changed", 409, "content_changed"),
    (410, "PT410", "page_not_live", 410, "page_not_live"),
    (503, "PT503", "retry", 503, "retry"),
    (403, "42501", "permission denied for function f", 403, "not_allowed"),
    (401, "42501", "permission denied for function f", 401, "invalid_token"),
    (401, "PGRST301", "JWT expired", 401, "invalid_token"),
    (401, "PGRST302", "Anonymous access is disabled", 401, "invalid_token"),
    (401, "PGRST303", "JWT expired", 401, "invalid_token"),
    (400, "22023", 'role "nobody" does not exist', 401, "invalid_token"),
    (401, "22023", 'role "nobody" does not exist', 401, "invalid_token"),
    (409, "23505", 'duplicate key value violates unique constraint "x_key"', 409, "conflict"),
    (409, "23503", 'violates foreign key constraint "x_fkey"', 409, "conflict"),
    (400, "23514", 'violates check constraint "x_format"', 400, "invalid_value"),
    (400, "22P02", "invalid input syntax for type uuid", 400, "invalid_value"),
    (400, "22023", "invalid parameter value", 400, "invalid_value"),
    (400, "P0001", "raised", 400, "invalid_value"),
    (500, "40P01", "deadlock detected", 503, "database_unavailable"),
    (500, "40001", "could not serialize access", 503, "database_unavailable"),
    (500, "57014", "canceling statement due to statement timeout", 503, "database_unavailable"),
    (503, "53300", "too many connections", 503, "database_unavailable"),
    (503, "PGRST000", "Could not connect", 503, "database_unavailable"),
    (503, "PGRST002", "Could not query the schema cache", 503, "database_unavailable"),
    (504, "PGRST003", "Timed out acquiring connection", 503, "database_unavailable"),
    (400, "", "server closed the connection unexpectedly", 503, "database_unavailable"),
    (500, "XX000", "internal", 503, "database_unavailable"),
    (404, "PGRST202", "Could not find the function", 500, "internal_error"),
    (404, "42883", "function does not exist", 500, "internal_error"),
]


@pytest.fixture
def database() -> FakePostgREST:
    return FakePostgREST()


@pytest.fixture
async def postgrest(database: FakePostgREST) -> AsyncIterator[PostgREST]:
    async with PostgREST(SETTINGS, database.transport) as opened:
        yield opened


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: f"{row[0]}-{row[1]}")
async def test_refusal_reaches_the_caller_as_one_problem(
    postgrest: PostgREST, database: FakePostgREST, row: tuple[int, str, str, int, str]
) -> None:
    status, code, message, expected_status, word = row
    database.answers["f"] = refuse(status, code, message, "details", "hint")

    with pytest.raises(Problem) as raised:
        await postgrest.as_caller("Bearer x").call("f")

    assert (raised.value.status, raised.value.code) == (expected_status, word)
    assert ("Retry-After" in raised.value.headers) == (expected_status == 503)
    assert ("WWW-Authenticate" in raised.value.headers) == (expected_status == 401)


async def test_only_a_migrations_own_details_are_passed_on(
    postgrest: PostgREST, database: FakePostgREST
) -> None:
    database.answers["f"] = refuse(400, "23514", "violates x", "Failing row contains (secret).")
    database.answers["g"] = refuse(409, "PT409", "word", "A sentence.", "Do this.")

    with pytest.raises(Problem) as ours:
        await postgrest.as_caller("Bearer x").call("f")
    with pytest.raises(Refusal) as theirs:
        await postgrest.as_caller("Bearer x").call("g")

    assert "secret" not in str(ours.value.body())
    assert theirs.value.body() == {
        "type": "/docs/errors.md#word",
        "title": "Conflict",
        "status": 409,
        "detail": "A sentence.",
        "code": "word",
        "hint": "Do this.",
    }


@pytest.mark.parametrize("status", [401, 403, 400, 404])
async def test_a_refused_token_of_our_own_is_our_fault(
    postgrest: PostgREST, database: FakePostgREST, status: int
) -> None:
    database.answers["f"] = refuse(status, "42501", "permission denied")

    with capture_logs() as logs, pytest.raises(InternalError):
        await postgrest.as_role(SecretStr("s3cr3t")).call("f")

    assert [entry["event"] for entry in logs] == ["own_call_refused"]
    assert "s3cr3t" not in str(logs)


async def test_our_own_roles_pass_on_what_the_database_says_in_words(
    postgrest: PostgREST, database: FakePostgREST
) -> None:
    database.answers["f"] = refuse(410, "PT410", "page_not_live")

    with pytest.raises(Refusal):
        await postgrest.as_role(SecretStr("s3cr3t")).call("f")


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.PoolTimeout("full"),
        httpx.RemoteProtocolError("cut"),
        httpx.Response(502, text="<html>Bad gateway</html>"),
        httpx.Response(200, text="<html>Log in to this network</html>"),
    ],
)
async def test_no_readable_answer_invites_a_retry(
    postgrest: PostgREST, database: FakePostgREST, failure: Exception | httpx.Response
) -> None:
    database.answers["f"] = failure

    with pytest.raises(DatabaseUnavailable):
        await postgrest.as_anon().call("f")


async def test_each_identity_sends_its_own_authorization_and_no_other(
    postgrest: PostgREST, database: FakePostgREST
) -> None:
    database.answers["f"] = {}

    await postgrest.as_caller("Bearer one").call("f", a=1)
    await postgrest.as_anon().call("f")
    await postgrest.as_role(SecretStr("ours")).call("f")

    assert [call.authorization for call in database.calls] == ["Bearer one", None, "Bearer ours"]
    assert {call.headers["apikey"] for call in database.calls} == {"sb_publishable_x"}
    assert database.calls[0].arguments == {"a": 1}


async def test_calls_at_once_each_hear_their_own_answer(
    postgrest: PostgREST, database: FakePostgREST
) -> None:
    database.answers["f"] = lambda arguments: arguments["number"]
    database.answers["g"] = refuse(401, "42501", "permission denied")
    database.answers["h"] = refuse(403, "42501", "permission denied")
    caller = postgrest.as_caller("Bearer x")

    answers = await asyncio.gather(
        *(caller.call(name, number=n) for n in range(30) for name in ("f", "g", "h")), return_exceptions=True
    )

    assert answers[::3] == list(range(30))
    assert {getattr(answer, "code", None) for answer in answers[1::3]} == {"invalid_token"}
    assert {getattr(answer, "code", None) for answer in answers[2::3]} == {"not_allowed"}


async def test_a_void_function_returns_none(postgrest: PostgREST, database: FakePostgREST) -> None:
    database.answers["f"] = None

    assert await postgrest.as_anon().call("f") is None


def test_an_identity_does_not_print_its_token(database: FakePostgREST) -> None:
    assert "secret" not in repr(PostgREST(SETTINGS, database.transport).as_caller("Bearer secret"))
