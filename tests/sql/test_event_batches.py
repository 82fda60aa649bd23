"""Batches that come by way of a log, which keeps them for a week and delivers at least once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.api import As
from tests.conftest import Connect
from tests.database import Database
from tests.events import columns, make_visitor
from tests.uuid7 import uuid7_at


@pytest.fixture
def page(db: Database) -> UUID:
    return db.add_live_page(db.add_partner(), db.add_admin())


def _view(page: UUID, moment: datetime, **more: object) -> dict[str, Any]:
    return {"id": uuid7_at(moment), "page_id": page, "visitor": make_visitor(), **more}


def _bot(page: UUID) -> dict[str, object]:
    return {"page_id": page, "reason": "bot", "attempts": 3}


def _counted(db: Database, page: UUID) -> tuple[int, dict[str, int]]:
    """Return a page's views, and what was dropped of it."""
    drops = db.rows(
        "select reason, attempts from public.partner_landing_page_drops where page_id = %s", [page]
    )
    return db.page(page)["views_count"], {drop["reason"]: drop["attempts"] for drop in drops}


def test_batch_that_is_brought_again_changes_nothing(db: Database, page: UUID) -> None:
    """Neither do its drops, which have no ids of their own, nor is what counted before booked as a duplicate."""
    now = db.value("select now()")
    batch, views = uuid4(), [_view(page, now), _view(page, now)]

    with db.acting_as("event_recorder"):
        first = db.record_events(views, [_bot(page)], batch_id=batch, received_at=now)
        again = [db.record_events(views, [_bot(page)], batch_id=batch, received_at=now) for _ in range(3)]

    assert first == ["counted", "counted", "booked"]
    assert again == [None] * 3
    assert _counted(db, page) == (2, {"bot": 3})
    assert db.drift(page) == []


def test_batch_that_is_brought_twice_at_once_is_recorded_once(platform: Database, as_: As) -> None:
    page = platform.add_live_page(platform.add_partner(), platform.add_admin())
    now = datetime.now(UTC)
    call = {
        **columns([_view(page, now) for _ in range(50)], [_bot(page)]),
        "batch_id": str(uuid4()),
        "received_at": now.isoformat(),
    }
    recorder, barrier = as_("event_recorder"), threading.Barrier(8)

    def bring(_: int) -> object:
        barrier.wait()
        answer = recorder.call("record_events", call)
        assert answer.status_code == 200, answer.text
        return answer.json()

    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(bring, range(8))]

    assert answers.count(None) == 7
    assert [answer for answer in answers if answer] == [["counted"] * 50 + ["booked"]]
    assert _counted(platform, page) == (50, {"bot": 3})
    assert platform.drift(page) == []


def test_batch_with_a_page_that_somebody_holds_is_to_be_brought_again_whole(
    platform: Database, connect: Connect
) -> None:
    held, free = (platform.add_live_page(platform.add_partner(), platform.add_admin()) for _ in range(2))
    now = datetime.now(UTC)
    batch, views = uuid4(), [_view(held, now), _view(free, now)]
    holder, recorder = connect(), connect()
    holder.begin()
    holder.run("select from public.partner_landing_pages where id = %s for update", [held])

    with recorder.refused("PT503", "retry"), recorder.acting_as("event_recorder"):
        recorder.record_events(views, [_bot(free)], batch_id=batch, received_at=now)
    holder.connection.rollback()

    assert [_counted(platform, page) for page in (held, free)] == [(0, {}), (0, {})]
    with recorder.acting_as("event_recorder"):
        told = recorder.record_events(views, [_bot(free)], batch_id=batch, received_at=now)
    assert told == ["counted", "counted", "booked"]
    assert [_counted(platform, page) for page in (held, free)] == [(1, {}), (1, {"bot": 3})]


def test_what_waited_for_days_counts_on_the_day_that_it_was(db: Database, page: UUID) -> None:
    """The database was away from Friday to Monday; Friday's visits are Friday's."""
    friday = db.value("select now()") - timedelta(days=3)
    db.let_pass(timedelta(days=4))
    views = [_view(page, friday - timedelta(minutes=1)), _view(page, friday - timedelta(hours=25))]

    with db.acting_as("event_recorder"):
        assert db.record_events(views) == ["late", "late"]
        told = db.record_events(views, [_bot(page)], batch_id=uuid4(), received_at=friday)

    assert told == ["counted", "late", "booked"]
    days = db.rows("select * from public.partner_landing_page_stats where page_id = %s", [page])
    assert [(day["day"], day["views"]) for day in days] == [(_day(db, friday - timedelta(minutes=1)), 1)]
    dropped = db.rows(
        "select day, reason from public.partner_landing_page_drops where page_id = %s and reason = 'bot'",
        [page],
    )
    assert [drop["day"] for drop in dropped] == [_day(db, friday)]
    assert db.drift(page) == []


def test_how_many_are_believed_of_an_address_goes_by_the_hour_in_which_they_came(
    db: Database, page: UUID
) -> None:
    """When a day's batches come all at once, whoever came every hour is still believed."""
    db.run("update private.counting set max_events_of_address = 1")
    db.let_pass(timedelta(hours=3))
    now = db.value("select now()")

    with db.acting_as("event_recorder"):
        outcomes = [
            db.record_events([_view(page, moment, address=7)], batch_id=uuid4(), received_at=moment)
            for moment in (now - timedelta(hours=2), now - timedelta(hours=1), now, now)
        ]

    assert outcomes == [["counted"], ["counted"], ["counted"], ["address"]]


@pytest.mark.parametrize("days", [-9, -400, 1, 400])
def test_nobody_says_that_it_was_received_when_no_log_can_have(db: Database, page: UUID, days: int) -> None:
    """Whoever has event_recorder's token and no log writes into a week, and not into any year."""
    moment = db.value("select now()") + timedelta(days=days)

    with db.acting_as("event_recorder"):
        told = db.record_events([_view(page, moment)], batch_id=uuid4(), received_at=moment)

    assert told == ["late"]
    assert _counted(db, page) == (0, {"late": 1})


def test_day_that_is_closed_takes_nothing_any_more(db: Database, page: UUID) -> None:
    moment = db.value("select now()") - timedelta(days=5)
    db.run("update private.counting set keep_days = 3, closed_through = private.amsterdam_day(now()) - 4")

    with db.acting_as("event_recorder"):
        told = db.record_events([_view(page, moment)], batch_id=uuid4(), received_at=moment)

    assert told == ["late"]
    assert db.value("select to_regclass(%s)", [f"private.page_events_{_day(db, moment):%Y%m%d}"]) is None


def test_batches_are_remembered_for_longer_than_a_log_keeps_them(db: Database) -> None:
    now = db.value("select now()")
    old, fresh = uuid4(), uuid4()
    with db.acting_as("event_recorder"):
        for batch, days in ((old, 7), (fresh, 6)):
            db.record_events([], batch_id=batch, received_at=now - timedelta(days=days))
    db.run("update private.event_batches set arrived_on = arrived_on - 2 where id = %s", [old])

    with db.acting_as("job_runner"):
        db.run("select public.maintain_page_events()")

    kept = db.rows("select id from private.event_batches where id = any (%s)", [[old, fresh]])
    assert [row["id"] for row in kept] == [fresh]


def _day(db: Database, moment: datetime) -> date:
    day: date = db.value("select private.amsterdam_day(%s)", [moment])
    return day
