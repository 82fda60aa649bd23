"""Counters are compared with their ledgers and rebuilt, row by row, while everybody goes on writing."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.api import As
from tests.conftest import Connect
from tests.database import Database
from tests.events import columns
from tests.sql.test_leaving_partner import Belongings
from tests.uuid7 import uuid7_at


@pytest.fixture
def belongings(db: Database) -> Belongings:
    return Belongings(db)


@pytest.fixture
def platform(platform: Database) -> Database:
    """The platform with nothing to repair but what a test breaks."""
    _rebuild_until_done(platform)
    return platform


def _rebuild(db: Database) -> int:
    with db.acting_as("job_runner"):
        repaired: int = db.value("select public.rebuild_counters()")
    return repaired


def _rebuild_until_done(db: Database) -> None:
    assert any(_rebuild(db) == 0 for _ in range(100)), "what it repairs should stay repaired"


def _break(db: Database, *statements: tuple[LiteralString, UUID]) -> None:
    with db.connection.transaction():
        db.run("select private.begin_ledger_write()")
        for statement, key in statements:
            assert db.run(statement, [key]) == 1
        db.run("select private.end_ledger_write()")


def _break_campaign(db: Database, campaign_id: UUID) -> None:
    _break(
        db,
        (
            "update public.partner_marketing_campaigns set total_leads = total_leads + 4 where id = %s",
            campaign_id,
        ),
    )


def _count_view(db: Database, page_id: UUID, outcome: str = "counted") -> None:
    with db.acting_as("event_recorder"):
        assert db.record_events([{"id": uuid7_at(datetime.now(UTC)), "page_id": page_id}]) == [outcome]


# What it repairs -----------------------------------------------------------------------------------------------------


def test_whatever_was_broken_is_repaired(db: Database, belongings: Belongings) -> None:
    page, campaign, partner = belongings.live_page, belongings.campaign, belongings.partner.id
    intact = _figures(db, belongings)
    _break(
        db,
        (
            "update public.partner_landing_pages set views_count = 7, conversions_count = 0 where id = %s",
            page,
        ),
        ("update public.partner_landing_pages set last_viewed_at = null where id = %s", page),
        ("update public.partner_landing_page_stats set visitors = 9 where page_id = %s", page),
        ("update public.partner_landing_page_stats set day = day - 1 where page_id = %s", page),
        (
            "update public.partner_marketing_campaigns set total_leads = 4, total_spend = 1 where id = %s",
            campaign,
        ),
        ("update private.partner_commitments set committed = 3 where partner_id = %s", partner),
        ("delete from private.partner_quotas where partner_id = %s", partner),
    )

    with db.acting_as("job_runner"):
        reported = db.rows("select * from public.counter_drift()")
    repaired = _rebuild(db)

    assert {row["relation"] for row in reported} == {
        "partner_landing_pages",
        "partner_landing_page_stats",
        "partner_marketing_campaigns",
        "partner_commitments",
        "partner_quotas",
    }
    # A page and its days are one.
    assert repaired == 4
    assert db.rows("select * from private.find_counter_drift()") == []
    assert _figures(db, belongings) == intact


def _figures(db: Database, belongings: Belongings) -> list[Any]:
    page, campaign = db.page(belongings.live_page), db.campaign(belongings.campaign)
    return [
        {name: value for name, value in row.items() if name != "updated_at"}
        for row in (
            page,
            campaign,
            *db.rows(
                "select page_id, day, source, partner_id, views, visitors, conversions, last_viewed_at"
                " from public.partner_landing_page_stats where page_id = %s",
                [page["id"]],
            ),
            *db.rows(
                "select * from private.partner_commitments where partner_id = %s", [belongings.partner.id]
            ),
            *db.rows("select * from private.partner_quotas where partner_id = %s", [belongings.partner.id]),
        )
    ]


def test_commitments_that_are_missing_are_made(db: Database, belongings: Belongings) -> None:
    intact = _figures(db, belongings)
    db.run("delete from private.partner_commitments where partner_id = %s", [belongings.partner.id])

    assert _rebuild(db) == 1
    assert _figures(db, belongings) == intact


def test_what_is_right_is_not_written(db: Database, belongings: Belongings) -> None:
    assert belongings.pages
    before = db.rows("select ctid::text from public.partner_landing_pages order by id")

    assert _rebuild(db) == 0
    assert db.rows("select ctid::text from public.partner_landing_pages order by id") == before


def test_ledger_that_breaks_a_rule_keeps_nothing_else_from_being_repaired(
    db: Database, belongings: Belongings
) -> None:
    overspent = db.add_partner(budget="100.00")
    db.run("alter table public.partner_marketing_campaigns disable trigger user")
    db.add_campaign(overspent, monthly_budget="250.00")
    db.run("alter table public.partner_marketing_campaigns enable trigger user")
    _break_campaign(db, belongings.campaign)

    # The overspent partner's quota and the campaign.
    assert _rebuild(db) == 2
    assert _rebuild(db) == 0
    assert {
        (row["relation"], row["counter"]) for row in db.rows("select * from private.find_counter_drift()")
    } == {("partner_commitments", "committed")}


def test_as_many_rows_a_call_as_hold_up_nobody(db: Database) -> None:
    partner = db.add_partner()
    db.add_campaign(partner)
    db.run("update private.partner_quotas set max_campaigns = 2000 where partner_id = %s", [partner.id])
    db.run(
        "insert into public.partner_marketing_campaigns (partner_id, channel)"
        " select %s, 'google_ads' from generate_series(1, 1000)",
        [partner.id],
    )
    db.run("select private.begin_ledger_write()")
    db.run(
        "update public.partner_marketing_campaigns set total_leads = 4 where partner_id = %s", [partner.id]
    )
    db.run("select private.end_ledger_write()")

    assert [_rebuild(db) for _ in range(3)] == [1000, 1, 0]


# Whom it keeps waiting -----------------------------------------------------------------------------------------------


def test_only_what_is_repaired_is_held(platform: Database, connect: Connect) -> None:
    partner, admin = platform.add_partner(), platform.add_admin()
    broken, other = (platform.add_live_page(partner, admin) for _ in range(2))
    campaign_id = platform.add_campaign(partner)
    platform.miscount(broken)
    rebuilding, writing = connect(), connect()
    rebuilding.begin()
    assert _rebuild(rebuilding) == 1

    writing.run("set lock_timeout = '1s'")
    _count_view(writing, other)
    writing.run("update public.partner_marketing_campaigns set cpl_target = 9 where id = %s", [campaign_id])
    writing.add_page(partner)
    _count_view(writing, broken, "busy")


@pytest.mark.parametrize("call", ["select public.counter_drift()", "select public.rebuild_counters()"])
def test_whole_ledgers_are_read_once_at_a_time(connect: Connect, db: Database, call: LiteralString) -> None:
    checking = connect()
    checking.begin()
    checking.run("select private.be_the_only_check()")

    with db.refused("PT429", "already_running"), db.acting_as("job_runner"):
        db.run(call)


# For whom it waits ---------------------------------------------------------------------------------------------------


def test_what_is_in_use_is_left_for_the_next_call(platform: Database, connect: Connect) -> None:
    partner, admin = platform.add_partner(), platform.add_admin()
    busy, free = (platform.add_live_page(partner, admin) for _ in range(2))
    platform.miscount(busy)
    platform.miscount(free)
    viewing, rebuilding = connect(), connect()
    viewing.begin()
    _count_view(viewing, busy)

    rebuilding.run("set lock_timeout = '1s'")
    assert _rebuild(rebuilding) == 1
    assert {row["key"] for row in platform.drift(busy, free)} == {str(busy)}
    viewing.connection.commit()
    assert _rebuild(rebuilding) == 1
    assert platform.page(busy)["views_count"] == 1
    assert platform.drift(busy) == []


def _use_page(db: Database, belongings: Belongings) -> None:
    lead = Jsonb({"id": str(uuid4()), "page_id": str(belongings.live_page), "name": "A. Klant"})
    with db.acting_as("event_recorder"):
        db.run("select public.record_lead(%s)", [lead])


def _use_campaign(db: Database, belongings: Belongings) -> None:
    belongings.ingest(db, "2")


@pytest.mark.parametrize("use", [_use_page, _use_campaign])
def test_what_always_is_in_use_is_waited_for_and_counted_right(
    platform: Database, connect: Connect, use: Callable[[Database, Belongings], None]
) -> None:
    belongings = Belongings(platform)
    broken = belongings.live_page if use is _use_page else belongings.campaign
    if use is _use_page:
        platform.miscount(broken)
    else:
        _break_campaign(platform, broken)
    using, rebuilding = connect(), connect()
    using.begin()
    use(using, belongings)

    with ThreadPoolExecutor(1) as pool:
        rebuild = pool.submit(_rebuild, rebuilding)
        try:
            assert wait([rebuild], timeout=0.3).not_done, "the rebuild should wait"
        finally:
            using.connection.commit()
        assert rebuild.result(timeout=10) == 1

    assert platform.page(belongings.live_page)["conversions_count"] == (2 if use is _use_page else 1)
    assert platform.campaign(belongings.campaign)["total_leads"] == (1 if use is _use_page else 2)
    assert platform.drift(broken) == []


def test_nothing_is_lost_while_others_count(platform: Database, connect: Connect, as_: As) -> None:
    """A sum that missed somebody's event, or had it twice, would stand in the page for good."""
    partner, admin = platform.add_partner(), platform.add_admin()
    pages = [platform.add_live_page(partner, admin) for _ in range(3)]
    rebuilding = connect()
    recorder = as_("event_recorder")
    is_over = threading.Event()

    def send() -> int:
        sent = 0
        while not is_over.is_set():
            views = [{"id": uuid7_at(datetime.now(UTC)), "page_id": page_id} for page_id in pages]
            answer = recorder.call("record_events", columns(views))
            assert answer.json() == ["counted"] * 3, answer.text
            sent += 1
        return sent

    with ThreadPoolExecutor(4) as pool:
        senders = [pool.submit(send) for _ in range(4)]
        try:
            for number in range(30):
                platform.miscount(pages[number % 3])
                _rebuild_until_done(rebuilding)
        finally:
            is_over.set()
    sent = sum(sender.result() for sender in senders)

    assert sent > 30
    assert [platform.page(page_id)["views_count"] for page_id in pages] == [sent] * 3
    assert platform.drift(*pages) == []
