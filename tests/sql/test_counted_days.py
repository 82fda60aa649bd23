"""Days of views come and go; what they came to stays, and so does no salt."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.conftest import Connect
from tests.database import Database
from tests.events import make_visitor
from tests.uuid7 import uuid7_at


@pytest.fixture
def page(db: Database) -> UUID:
    return db.add_live_page(db.add_partner(), db.add_admin())


def _maintain(db: Database) -> dict[str, Any]:
    with db.acting_as("job_runner"):
        done: dict[str, Any] = db.value("select public.maintain_page_events()")
    return done


def _view(db: Database, page: UUID, *, ago: timedelta = timedelta()) -> None:
    moment = db.value("select now() - %s", [ago])
    with db.acting_as("event_recorder"):
        assert db.record_events([{"id": uuid7_at(moment), "page_id": page}]) == ["counted"]


def _lead(db: Database, page: UUID) -> None:
    with db.acting_as("event_recorder"):
        db.run(
            "select public.record_lead(jsonb_build_object('id', gen_random_uuid(), 'page_id', %s::uuid))",
            [page],
        )


def _days(db: Database) -> list[date]:
    return [
        db.value("select to_date(right(%s, 8), 'YYYYMMDD')", [row["name"]])
        for row in db.rows(
            "select inhrelid::regclass::text as name from pg_inherits"
            " where inhparent = 'private.page_events'::regclass order by 1"
        )
    ]


def _drop_days(db: Database) -> None:
    for day in _days(db):
        db.run(f"drop table private.page_events_{day:%Y%m%d}")


def _today(db: Database) -> date:
    today: date = db.value("select private.amsterdam_day(now())")
    return today


def _age(db: Database, page: UUID, days: int) -> None:
    """Move all that a page has counted into the past, as if so many days had gone by since."""
    db.run("select private.begin_ledger_write()")
    db.run("select private.add_event_day(private.amsterdam_day(now()) - %s)", [days])
    db.run("update private.page_events set day = day - %s where page_id = %s", [days, page])
    db.run(
        # By the clock in Amsterdam, where summer may have ended since.
        "update public.partner_leads set submitted_at = (submitted_at at time zone 'Europe/Amsterdam' - %s)"
        " at time zone 'Europe/Amsterdam' where page_id = %s",
        [timedelta(days), page],
    )
    db.run("update public.partner_landing_page_stats set day = day - %s where page_id = %s", [days, page])
    db.run("select private.end_ledger_write()")


def _figures(db: Database, page: UUID) -> list[Any]:
    counted = db.page(page)
    days = db.rows(
        "select day, source, views, visitors, conversions from public.partner_landing_page_stats"
        " where page_id = %s order by day",
        [page],
    )
    return [counted["views_count"], counted["conversions_count"], counted["last_viewed_at"], *days]


def test_there_is_room_for_a_week_ahead(db: Database) -> None:
    _drop_days(db)
    first, second = _maintain(db), _maintain(db)

    today = _today(db)
    assert {today + timedelta(days=number) for number in range(-1, 8)} <= {*_days(db)}
    assert (first["days_added"] > 0, second["days_added"]) == (True, 0)


def test_view_makes_room_for_itself_when_no_job_ran(db: Database, page: UUID) -> None:
    _drop_days(db)

    _view(db, page)
    _view(db, page, ago=timedelta(hours=23))

    assert db.page(page)["views_count"] == 2
    assert db.drift(page) == []


def test_days_are_made_while_others_count(platform: Database, connect: Connect) -> None:
    page = platform.add_live_page(platform.add_partner(), platform.add_admin())
    counting, maintaining = connect(), connect()
    _maintain(platform)
    counting.begin()
    _view(counting, page)

    maintaining.begin()
    maintaining.run("set local lock_timeout = '1s'")
    assert maintaining.value("select private.add_event_day(%s)", [date(2031, 1, 1)]) is True


def test_closed_day_keeps_its_figures_and_open_ones_are_derived(db: Database, page: UUID) -> None:
    """The rebuild that turned 50,000 views into none, since their day's rows were gone."""
    for _ in range(3):
        _view(db, page)
    _lead(db, page)
    _age(db, page, 40)
    _view(db, page)
    _lead(db, page)
    before = _figures(db, page)
    assert db.drift(page) == []

    closed = _maintain(db)["day_closed"]

    assert closed == (_today(db) - timedelta(days=40)).isoformat()
    assert db.value("select count(*) from private.page_events where page_id = %s", [page]) == 1
    assert db.drift(page) == []
    db.miscount(page)
    db.run("select private.recount_page(%s)", [page])
    assert _figures(db, page) == before
    assert [row["views"] for row in before[3:]] == [3, 1]


def test_closing_a_day_reads_no_other(db: Database, page: UUID) -> None:
    """However many days are kept: the job waits ten seconds for an answer."""
    for _ in range(3):
        _view(db, page)
    _age(db, page, 40)
    _view(db, page)
    before = _scans(db)

    closed = date.fromisoformat(_maintain(db)["day_closed"])

    assert closed == _today(db) - timedelta(days=40)
    assert _scans(db) == before


def _scans(db: Database) -> dict[str, int]:
    """Return how often this transaction has read each day that is there."""
    return {
        row["relname"]: row["scans"]
        for row in db.rows(
            "select relname, seq_scan + coalesce(idx_scan, 0) as scans from pg_stat_xact_all_tables"
            " where relname ~ '^page_events_[0-9]{8}$' and relname <> %s",
            [f"page_events_{_today(db) - timedelta(days=40):%Y%m%d}"],
        )
    }


def test_what_is_held_goes_with_its_day(db: Database, page: UUID) -> None:
    moment = db.value("select now()")
    with db.acting_as("event_recorder"):
        db.record_events([{"id": uuid7_at(moment), "page_id": page, "signal": "webdriver"}])
    _age(db, page, 40)
    db.run("select private.begin_ledger_write()")
    db.run("update private.held_events set day = day - 40 where page_id = %s", [page])
    db.run("select private.end_ledger_write()")

    _maintain(db)

    assert db.value("select count(*) from private.held_events where page_id = %s", [page]) == 0


def test_how_often_who_came_is_forgotten_within_two_hours(db: Database, page: UUID) -> None:
    _view(db, page)
    db.run("update private.event_rates set hour = hour - 1 where page_id = %s", [page])
    _view(db, page)

    _maintain(db)

    hours = db.rows("select distinct hour from private.event_rates where page_id = %s", [page])
    assert [row["hour"] for row in hours] == [db.value("select floor(extract(epoch from now()) / 3600)::int")]


def test_day_is_closed_at_what_is_true(db: Database, page: UUID) -> None:
    _view(db, page)
    _age(db, page, 40)
    before = _figures(db, page)
    db.run("select private.begin_ledger_write()")
    db.run("update public.partner_landing_page_stats set views = 7 where page_id = %s", [page])
    db.run("select private.end_ledger_write()")

    _maintain(db)

    assert _figures(db, page) == before
    assert db.drift(page) == []


def test_days_are_kept_as_long_as_was_set_and_closed_one_a_call(db: Database, page: UUID) -> None:
    for days in (36, 37, 30):
        _view(db, page)
        db.run("select private.begin_ledger_write()")
        db.run("select private.add_event_day(private.amsterdam_day(now()) - %s)", [days])
        db.run("select private.end_ledger_write()")
    today = _today(db)

    closed = [_maintain(db)["day_closed"] for _ in range(3)]
    db.run("update private.counting set keep_days = 20")
    closed.append(_maintain(db)["day_closed"])

    assert closed == [
        (today - timedelta(days=37)).isoformat(),
        (today - timedelta(days=36)).isoformat(),
        None,
        (today - timedelta(days=30)).isoformat(),
    ]


def test_lead_of_a_closed_day_still_counts(db: Database, page: UUID) -> None:
    """Figures that are final are still added to, by what is counted only now."""
    _view(db, page)
    _age(db, page, 40)
    _maintain(db)
    day = _today(db) - timedelta(days=40)

    db.run("select private.begin_ledger_write()")
    db.run(
        "select private.add_page_figures(array[(%s, %s, 'direct', null, 0, 0, 1, null)::private.page_figures])",
        [page, day],
    )
    db.run("select private.end_ledger_write()")

    assert (db.page(page)["views_count"], db.page(page)["conversions_count"]) == (1, 1)
    assert db.drift(page) == []


def test_removing_a_day_waits_no_longer_than_a_moment(platform: Database, connect: Connect) -> None:
    page = platform.add_live_page(platform.add_partner(), platform.add_admin())
    counting, maintaining = connect(), connect()
    _maintain(platform)
    platform.run("select private.add_event_day(private.amsterdam_day(now()) - 50)")
    counting.begin()
    _view(counting, page)

    with pytest.raises(psycopg.errors.LockNotAvailable):
        _maintain(maintaining)
    counting.connection.commit()
    assert _maintain(maintaining)["day_closed"] == (_today(platform) - timedelta(days=50)).isoformat()


def test_keeping_no_day_that_is_still_written_to_is_refused(db: Database) -> None:
    with db.refused("23514"):
        db.run("update private.counting set keep_days = 2")


# Salts ---------------------------------------------------------------------------------------------------------------


def test_salts_go_by_themselves_on_a_site_that_nobody_visits(db: Database) -> None:
    today = _today(db)
    db.run("delete from private.visitor_salts")
    for days in (0, 1, 2, 9):
        db.run("insert into private.visitor_salts values (%s, 'x')", [today - timedelta(days=days)])

    forgotten = [_maintain(db)["salts_forgotten"] for _ in range(2)]

    assert forgotten == [2, 0]
    assert {row["day"] for row in db.rows("select day from private.visitor_salts")} == {
        today,
        today - timedelta(days=1),
    }


def test_salts_are_in_no_log_of_the_database(db: Database) -> None:
    assert (
        db.value("select relpersistence::text from pg_class where oid = 'private.visitor_salts'::regclass")
        == "u"
    )


def test_two_hashes_of_one_visitor_are_two_visitors(db: Database, page: UUID) -> None:
    """As after a crash, which takes the salts along: a repeat visitor more, and never a count less."""
    moment = db.value("select now()")
    with db.acting_as("event_recorder"):
        for _ in range(2):
            db.record_events([{"id": uuid7_at(moment), "page_id": page, "visitor": make_visitor()}])

    assert db.page(page)["views_count"] == 2


def test_day_is_made_once_by_many_at_once(platform: Database, connect: Connect) -> None:
    """As at midnight, when no job ran: everybody counts, and nobody has a table."""
    day = date(2031, 2, 1)
    databases = [connect() for _ in range(8)]
    for database in databases:
        assert database.value("select to_regclass('private.page_events_20310201')") is None

    with ThreadPoolExecutor(8) as pool:
        made = [
            *pool.map(lambda database: database.value("select private.add_event_day(%s)", [day]), databases)
        ]

    assert sorted(made) == [False] * 7 + [True]
    platform.run("drop table private.page_events_20310201")
