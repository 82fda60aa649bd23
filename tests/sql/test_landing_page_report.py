"""landing_page_report(): each sees their own figures, and they add up to what is counted."""

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest

from tests.actors import Actor
from tests.database import Database
from tests.uuid7 import uuid7_at


def _report(db: Database, by: Actor, days: int = 2) -> dict[str, Any]:
    today = db.value("select private.amsterdam_day(now())")
    with db.acting_as(by):
        report: dict[str, Any] = db.value(
            "select public.landing_page_report(%s, %s)", [today - dt.timedelta(days=days - 1), today]
        )
    return report


def test_report_is_the_callers_own(db: Database) -> None:
    partner, stranger, admin = db.add_partner(), db.add_partner(), db.add_admin()
    pages = [db.add_live_page(who, admin) for who in (partner, partner, stranger)]
    campaign = db.add_campaign(partner, external_campaign_id="42")
    now = db.value("select now()")
    came_by = {"source": "google_ads", "campaign": "42"}
    views = [{"id": uuid7_at(now), "page_id": page, **came_by} for page in (pages[0], pages[0], *pages)]
    with db.acting_as("event_recorder"):
        db.record_events(views, [{"page_id": pages[0], "reason": "bot", "attempts": 3}])
        db.run(
            "select public.record_lead(jsonb_build_object('id', %s::uuid, 'page_id', %s::uuid, 'source', 'seo'))",
            [uuid4(), pages[1]],
        )

    own, other, all_ = (_report(db, who) for who in (partner, stranger, admin))

    by_source = {row["source"]: (row["campaign"], row["views"], row["conversions"]) for row in own["rows"]}
    assert by_source == {"google_ads": ("42", 4, 0), "seo": (None, 0, 1)}
    assert [(page["path"], page["views"], page["conversions"]) for page in own["pages"]] == [
        (db.page(pages[0])["live_path"], 3, 0),
        (db.page(pages[1])["live_path"], 1, 1),
    ]
    assert own["drops"] == [{"reason": "bot", "attempts": 3}]
    # Another partner's visit names no campaign of this one.
    assert [(row["campaign"], row["views"]) for row in other["rows"]] == [(None, 1)]
    assert other["drops"] == []
    assert sum(row["views"] for row in all_["rows"]) >= 5
    # Everybody's are by day and source alone.
    assert {row["campaign"] for row in all_["rows"]} == {None}
    kinds = [(row["day"], row["source"]) for row in all_["rows"]]
    assert len(kinds) == len({*kinds})
    assert campaign is not None


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_period_has_its_limits(db: Database, days: int) -> None:
    with db.refused("PT400", "period_refused"):
        _report(db, db.add_partner(), days)


def test_day_outside_of_the_period_is_not_in_it(db: Database) -> None:
    partner, admin = db.add_partner(), db.add_admin()
    page = db.add_live_page(partner, admin)
    with db.acting_as("event_recorder"):
        db.record_events(
            [{"id": uuid7_at(db.value("select now() - interval '23 hours 59 minutes'")), "page_id": page}]
        )

    assert (_report(db, partner, 1)["rows"], len(_report(db, partner, 2)["rows"])) == ([], 1)


def test_everybodys_days_are_read_in_one_go(db: Database) -> None:
    """By the partners' index each of an admin's millions of rows would be looked up by itself."""
    partner, admin = db.add_partner(), db.add_admin()
    view = {"id": uuid7_at(db.value("select now()")), "page_id": db.add_live_page(partner, admin)}
    with db.acting_as("event_recorder"):
        assert db.record_events([view]) == ["counted"]
    # As if there were millions: whoever may look them up does.
    db.run("set local seq_page_cost = 100000")
    db.run("set local enable_bitmapscan = off")

    def looked_up(by: Actor) -> int:
        index = "public.partner_landing_page_stats_partner_id_idx"
        before = db.value("select pg_stat_get_xact_tuples_fetched(%s::regclass)", [index])
        _report(db, by)
        return int(db.value("select pg_stat_get_xact_tuples_fetched(%s::regclass)", [index]) - before)

    assert (looked_up(partner), looked_up(admin)) == (2, 0)
