"""The seat belt around ledgers and counters: closed for everybody, and open just as long as one of ours writes."""

from typing import LiteralString

import pytest

from tests.database import Database
from tests.sql.test_leaving_partner import Belongings

_LEDGERS: list[LiteralString] = [
    "private.page_events",
    "public.partner_leads",
    "public.partner_campaign_metrics",
]


@pytest.fixture
def belongings(db: Database) -> Belongings:
    """A partner with a row in each ledger."""
    return Belongings(db)


def _is_open(db: Database) -> bool:
    answer: bool = db.value("select private.is_ledger_write()")
    return answer


@pytest.mark.parametrize("ledger", _LEDGERS)
@pytest.mark.parametrize(
    "act", ["update {0} set {1} = {1}", "delete from {0}", "insert into {0} select * from {0}"]
)
def test_dashboard_writes_no_ledger(
    db: Database, belongings: Belongings, ledger: LiteralString, act: LiteralString
) -> None:
    assert belongings.pages
    assert db.value(f"select count(*) from {ledger}") > 0
    column = "day" if "lead" not in ledger else "channel"

    with db.refused("PT403", "ledger_is_immutable"):
        db.run(act.format(ledger, column))


@pytest.mark.parametrize("table", ["partner_landing_page_stats", "partner_landing_page_drops"])
@pytest.mark.parametrize(
    "act", ["update {} set day = day", "delete from {}", "insert into {} select * from {}"]
)
def test_dashboard_writes_no_daily_figures(
    db: Database, belongings: Belongings, table: LiteralString, act: LiteralString
) -> None:
    assert belongings.pages
    assert db.value(f"select count(*) from public.{table}") > 0

    with db.refused("PT403", "counter_not_writable"):
        db.run(act.replace("{}", f"public.{table}"))


def test_dashboard_writes_no_view_into_a_days_own_table(db: Database, belongings: Belongings) -> None:
    assert belongings.pages
    table = db.value("select max(tableoid::regclass::text) from private.page_events")

    for act in ("insert into {0} select * from {0}", "delete from {0}"):
        with db.refused("PT403", "ledger_is_immutable"):
            db.run(act.format(table))


def test_belt_stays_open_for_whoever_calls_another_that_opens_it(
    db: Database, belongings: Belongings
) -> None:
    db.run("select private.begin_ledger_write()")
    db.run("select private.total_campaign(%s)", [belongings.campaign])
    within = _is_open(db)
    db.run("select private.end_ledger_write()")

    assert within
    assert not _is_open(db)


def test_what_fails_within_closes_the_belt_again(db: Database) -> None:
    db.run(
        "do $$ begin perform private.begin_ledger_write(); raise 'x'; exception when others then null; end $$"
    )

    assert not _is_open(db)


@pytest.mark.parametrize(
    "call",
    [
        "select public.record_events('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
        "select public.maintain_page_events()",
        "select public.ingest_campaign_events('standard', '[]')",
        "select public.replay_campaign_events('{}')",
        "insert into private.currency_rates (currency, day, per_eur, source) values ('USD', '2026-11-01', 1.1, 'x')",
        "select public.rebuild_counters()",
    ],
)
def test_every_function_closes_the_belt_that_it_opened(
    db: Database, belongings: Belongings, call: LiteralString
) -> None:
    # Lived through: a page published and rolled through its steps, a lead, a campaign linked, events taken in.
    assert belongings.pages
    assert not _is_open(db)

    db.run(call)

    assert not _is_open(db)


def test_lists_of_channels_are_one(platform: Database) -> None:
    """Whatever is called a channel in a table that people read is of the domain."""
    others = platform.rows(
        "select table_name from information_schema.columns"
        " where table_schema = 'public' and column_name = 'channel' and domain_name is distinct from 'marketing_channel'"
        " and table_name in (select relname from pg_class where relkind in ('r', 'p'))"
    )

    assert others == []


@pytest.mark.parametrize("channels", ["{radio}", "{google_ads,radio}", "{null}"])
def test_preferred_channels_are_known_ones(db: Database, channels: str) -> None:
    partner = db.add_partner()

    with db.refused("23514"):
        db.run("update public.profiles set preferred_channels = %s where id = %s", [channels, partner.id])
