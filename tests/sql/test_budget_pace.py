"""This month's spend against the budget: by partner, channel and segment."""

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.actors import Person
from tests.database import Database
from tests.sql.test_campaign_inbox import _ingest, _metrics

_numbers = itertools.count(1)
TODAY = dt.datetime.now(ZoneInfo("Europe/Amsterdam")).date()
DAYS = ((TODAY.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)).day


@pytest.fixture
def partner(db: Database) -> Person:
    partner = db.add_partner()
    db.run("update public.profiles set monthly_marketing_budget = 3000 where id = %s", [partner.id])
    return partner


def _campaign(db: Database, partner: Person, channel: str, budget: int, segment_id: object = None) -> str:
    external = f"p-{db.prefix}-{next(_numbers)}"
    db.run(
        "insert into public.partner_marketing_campaigns"
        " (partner_id, channel, monthly_budget, segment_id, external_campaign_id) values (%s, %s, %s, %s, %s)",
        [partner.id, channel, budget, segment_id, external],
    )
    return external


def _spend(
    db: Database, external: str, channel: str, day: dt.date, spend: str, currency: str = "EUR"
) -> None:
    as_of = dt.datetime.now(dt.UTC).isoformat()
    report = _metrics(external, day=day.isoformat(), spend=spend, currency=currency, as_of=as_of)
    _ingest(db, {**report, "channel": channel})


def _pace(db: Database, partner: Person) -> dict[tuple[str, str | None, Any], dict[str, Any]]:
    with db.acting_as(partner):
        rows = db.rows("select * from public.budget_pace")
    return {(row["level"], row["channel"], row["segment_id"]): row for row in rows}


def test_spend_is_added_up_by_partner_channel_and_segment(db: Database, partner: Person) -> None:
    segment_id = db.value("select id from public.lead_segments limit 1")
    google = _campaign(db, partner, "google_ads", 1000, segment_id)
    other = _campaign(db, partner, "google_ads", 500)
    meta = _campaign(db, partner, "meta_ads", 600)
    _spend(db, google, "google_ads", TODAY, "10.005")
    _spend(db, other, "google_ads", TODAY, "20.005")
    _spend(db, meta, "meta_ads", TODAY, "5")
    _spend(db, meta, "meta_ads", TODAY.replace(day=1) - dt.timedelta(days=1), "400")

    pace = _pace(db, partner)

    assert {key: (row["budget"], row["spent"]) for key, row in pace.items()} == {
        ("partner", None, None): (3000, Decimal("35.01")),
        ("channel", "google_ads", None): (1500, Decimal("30.01")),
        ("channel", "meta_ads", None): (600, Decimal("5.00")),
        ("segment", "google_ads", segment_id): (1000, Decimal("10.01")),
        ("segment", "google_ads", None): (500, Decimal("20.01")),
        ("segment", "meta_ads", None): (600, Decimal("5.00")),
    }


@pytest.mark.skipif(TODAY.day == 1, reason="no day of this month is over")
def test_pace_is_that_of_the_days_that_are_over(db: Database, partner: Person) -> None:
    google = _campaign(db, partner, "google_ads", 1000)
    gone = TODAY.day - 1
    _spend(db, google, "google_ads", TODAY - dt.timedelta(days=1), str(gone * 90))
    _spend(db, google, "google_ads", TODAY, "1000")

    pace = _pace(db, partner)

    row = pace["channel", "google_ads", None]
    assert row["expected_by_now"] == round(Decimal(1000) * gone / DAYS, 2)
    assert row["expected_at_end"] == 90 * DAYS
    assert row["is_ahead"]
    assert pace["partner", None, None]["expected_by_now"] == round(Decimal(3000) * gone / DAYS, 2)


def test_spend_that_cannot_be_said_in_eur_is_not_nothing(db: Database, partner: Person) -> None:
    google = _campaign(db, partner, "google_ads", 1000)
    _spend(db, google, "google_ads", TODAY, "100", "AED")

    row = _pace(db, partner)["partner", None, None]

    assert (row["spent"], row["expected_at_end"]) == (None, None)


def test_stranger_sees_nobody_elses_pace(db: Database, partner: Person) -> None:
    _campaign(db, partner, "google_ads", 1000)

    assert _pace(db, db.add_partner()) == {}
