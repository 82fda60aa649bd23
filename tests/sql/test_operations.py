"""What an operator is told: which of our tokens end soon, and which alerts are open."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Connect
from tests.database import Database

NOW = datetime.now(UTC)
SOON = NOW + timedelta(days=29)
LATE = NOW + timedelta(days=31)


@pytest.fixture
def quiet(db: Database) -> Database:
    """No token was seen yet, and no alert is open."""
    db.run("delete from private.narrow_tokens")
    db.run("delete from private.alerts")
    return db


def _use(db: Database, role: str, ends_at: datetime | None, headers: dict[str, str] | None = None) -> None:
    """Do what PostgREST does before a request that comes with such a token."""
    claims: dict[str, Any] = {"role": role} | ({"exp": int(ends_at.timestamp())} if ends_at else {})
    with db.connection.transaction():
        db.run(
            "select set_config('request.jwt.claims', %s, true), set_config('request.headers', %s, true),"
            " set_config('request.path', '/rpc/x', true), set_config('request.method', 'POST', true),"
            " set_config('role', %s, true)",
            [json.dumps(claims), json.dumps(headers or {}), role],
        )
        db.run("select private.check_request()")
        db.run("select set_config('role', 'none', true), set_config('request.jwt.claims', '', true)")


def _alerts(db: Database) -> list[str]:
    with db.acting_as("job_runner"):
        rows = db.rows("select kind, subject, detail from public.find_alerts() order by subject")
    assert {row["kind"] for row in rows} <= {"token_expires"}
    return [row["subject"].split()[0] for row in rows]


def test_token_that_ends_within_a_month_is_an_alert_until_another_is_used(quiet: Database) -> None:
    for role in ("page_renderer", "event_recorder", "campaign_ingester", "job_runner"):
        _use(quiet, role, LATE)
    _use(quiet, "job_runner", SOON)

    assert _alerts(quiet) == ["job_runner"]
    assert _alerts(quiet) == ["job_runner"], "and not once more"

    # One of two functions still has the old one.
    quiet.run("update private.narrow_tokens set seen_on = seen_on - 1")
    assert _alerts(quiet) == ["job_runner"]
    quiet.run("update private.narrow_tokens set seen_on = seen_on - 1")
    assert _alerts(quiet) == []
    assert quiet.value("select count(*) from private.alerts where resolved_at is not null") == 1


def test_token_that_never_ends_is_one_too(quiet: Database) -> None:
    _use(quiet, "event_recorder", None)

    assert _alerts(quiet) == ["event_recorder"]
    assert "never ends" in quiet.value("select detail from private.alerts")


def test_tokens_of_people_are_not_ours_to_watch(quiet: Database) -> None:
    for role in ("anon", "authenticated", "service_role"):
        _use(quiet, role, SOON)

    assert quiet.value("select count(*) from private.narrow_tokens") == 0


def test_use_is_noted_once_a_day(quiet: Database) -> None:
    _use(quiet, "job_runner", LATE)
    before = quiet.value("select xmin::text from private.narrow_tokens")
    _use(quiet, "job_runner", LATE)

    assert quiet.value("select xmin::text from private.narrow_tokens") == before


def test_nobody_waits_for_it_to_be_noted(connect: Connect) -> None:
    first, second = connect(), connect()
    ends_at = LATE + timedelta(seconds=secrets.randbelow(10**6))
    first.begin()
    second.run("set statement_timeout = '2s'")
    _use(first, "job_runner", ends_at)

    _use(second, "job_runner", ends_at)

    noted = "select count(*) from private.narrow_tokens where extract(epoch from expires_at)::bigint = %s"
    assert second.value(noted, [int(ends_at.timestamp())]) == 0
    first.connection.rollback()


def test_request_that_only_reads_notes_nothing(quiet: Database) -> None:
    with quiet.connection.transaction():
        quiet.run("set transaction read only")
        _use(quiet, "job_runner", LATE)

    assert quiet.value("select count(*) from private.narrow_tokens") == 0


def test_what_was_used_long_ago_is_forgotten(quiet: Database) -> None:
    _use(quiet, "job_runner", LATE)
    quiet.run("update private.narrow_tokens set seen_on = seen_on - 31")

    assert _alerts(quiet) == []
    assert quiet.value("select count(*) from private.narrow_tokens") == 0


def test_at_most_a_hundred_alerts_are_told(quiet: Database) -> None:
    quiet.run(
        "insert into private.alerts (kind, subject, detail) select 'x', n, '' from generate_series(1, 150) as n"
    )

    with quiet.acting_as("job_runner"):
        assert quiet.value("select count(*) from public.find_alerts()") == 100


def test_request_is_known_by_its_id_while_it_runs(quiet: Database) -> None:
    with quiet.connection.transaction():
        _use(quiet, "anon", LATE, {"x-request-id": "4bf92f3577b34da6"})
        assert quiet.value("show application_name") == "request 4bf92f3577b34da6"
        _use(quiet, "anon", LATE, {"x-request-id": "x" * 300})
        assert len(quiet.value("show application_name")) == 63
