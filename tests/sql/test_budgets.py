"""Budgets: what a partner's planned and active campaigns commit together never exceeds what was agreed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest

from tests.actors import Person
from tests.conftest import Connect
from tests.database import Database

_SET_MONTHLY = "update public.partner_marketing_campaigns set monthly_budget = %s where id = %s"


def _committed(db: Database, partner: Person) -> Decimal:
    committed: Decimal = db.value(
        "select committed from private.partner_commitments where partner_id = %s", [partner.id]
    )
    return committed


def _sum(db: Database, partner: Person) -> Decimal:
    found: Decimal = db.value(
        "select coalesce(sum(committed_budget), 0) from public.partner_marketing_campaigns where partner_id = %s",
        [partner.id],
    )
    return found


# What is committed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("daily", "monthly", "committed"),
    [
        (None, None, "0.00"),
        (None, "250.00", "250.00"),
        ("10.00", None, "304.00"),
        ("10.00", "120.00", "120.00"),
        ("10.00", "0", "0.00"),
        ("0.01", None, "0.30"),
        ("33.33", None, "1013.23"),
        # 375.4400 and 0.7600: halves never arise, 30.4 having one decimal and a cent two.
        ("12.35", None, "375.44"),
    ],
)
def test_campaign_commits_its_month_or_thirty_point_four_days(
    db: Database, daily: str | None, monthly: str | None, committed: str
) -> None:
    partner = db.add_partner(budget=5000)

    campaign_id = db.add_campaign(partner, daily_budget=daily, monthly_budget=monthly)

    assert db.campaign(campaign_id)["committed_budget"] == Decimal(committed)
    assert _committed(db, partner) == Decimal(committed)


@pytest.mark.parametrize("value", ["NaN", "-0.01", "Infinity", "10000000000"])
@pytest.mark.parametrize("column", ["daily_budget", "monthly_budget"])
def test_amount_that_is_no_amount_is_refused(db: Database, column: str, value: str) -> None:
    partner = db.add_partner()

    with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.NumericValueOutOfRange)):
        db.add_campaign(partner, **{column: value})


@pytest.mark.parametrize("value", ["NaN", "-0.01", "Infinity", "10000000000"])
def test_budget_that_is_no_amount_is_refused(db: Database, value: str) -> None:
    partner = db.add_partner()

    with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.NumericValueOutOfRange)):
        db.run("update public.profiles set monthly_marketing_budget = %s where id = %s", [value, partner.id])


# What is refused -----------------------------------------------------------------------------------------------------


def test_budget_is_filled_to_the_cent_and_not_beyond(db: Database) -> None:
    partner = db.add_partner(budget="1000.00")
    campaign_id = db.add_campaign(partner, monthly_budget="600.00")
    db.add_campaign(partner, monthly_budget="400.00")

    with db.refused("PT409", "budget_exceeded") as refusal, db.acting_as(partner):
        db.run(_SET_MONTHLY, ["600.01", campaign_id])

    assert "EUR 1000.01" in (refusal.detail or "")
    assert "EUR 1000.00" in (refusal.detail or "")
    assert _committed(db, partner) == Decimal(1000)


def test_new_campaign_over_the_budget_is_refused_with_the_figures(db: Database) -> None:
    partner = db.add_partner(budget="300.00")
    db.add_campaign(partner, daily_budget="5.00")

    with db.refused("PT409", "budget_exceeded") as refusal, db.acting_as(partner):
        db.run(
            "insert into public.partner_marketing_campaigns (partner_id, channel, daily_budget) values (%s, 'seo', 5)",
            [partner.id],
        )

    assert refusal.detail is not None
    assert "EUR 304.00 a month of a monthly_marketing_budget of EUR 300.00" in refusal.detail


@pytest.mark.parametrize("budget", [None, 0])
def test_without_a_budget_nothing_is_committed(db: Database, budget: int | None) -> None:
    partner = db.add_partner(budget=budget)
    db.add_campaign(partner)

    with db.refused("PT409", "budget_exceeded") as refusal:
        db.add_campaign(partner, monthly_budget="0.01")

    assert ("no monthly_marketing_budget is set" in (refusal.detail or "")) == (budget is None)


def test_lowering_the_budget_below_what_is_committed_is_refused_with_the_figure(db: Database) -> None:
    partner = db.add_partner(budget="1000.00")
    db.add_campaign(partner, monthly_budget="640.50")

    for budget in ("640.49", None):
        with db.refused("PT409", "budget_exceeded") as refusal, db.acting_as(partner):
            db.run(
                "update public.profiles set monthly_marketing_budget = %s where id = %s", [budget, partner.id]
            )
        assert "640.50" in (refusal.detail or "")
    with db.acting_as(partner):
        db.run("update public.profiles set monthly_marketing_budget = 640.50 where id = %s", [partner.id])

    assert db.drift(partner.id) == []


@pytest.mark.parametrize("status", ["paused", "archived"])
def test_stopped_campaign_frees_its_budget(db: Database, status: str) -> None:
    partner, admin = db.add_partner(budget="500.00"), db.add_admin()
    campaign_id = db.add_campaign(partner, monthly_budget="500.00")
    with db.acting_as(admin):
        db.run("select public.set_campaign_status(%s, 'active')", [campaign_id])

    with db.acting_as(partner):
        db.run("select public.set_campaign_status(%s, %s)", [campaign_id, status])

    assert _committed(db, partner) == 0
    db.add_campaign(partner, monthly_budget="500.00")


def test_paused_campaign_does_not_come_back_over_the_budget(db: Database) -> None:
    partner, admin = db.add_partner(budget="500.00"), db.add_admin()
    campaign_id = db.add_campaign(partner, monthly_budget="300.00")
    for status in ("active", "paused"):
        with db.acting_as(admin):
            db.run("select public.set_campaign_status(%s, %s)", [campaign_id, status])
    db.add_campaign(partner, monthly_budget="300.00")

    with db.refused("PT409", "budget_exceeded") as refusal, db.acting_as(admin):
        db.run("select public.set_campaign_status(%s, 'active')", [campaign_id])

    assert "EUR 600.00" in (refusal.detail or "")


def test_budget_moves_between_campaigns_in_one_statement(db: Database) -> None:
    """Judged by its outcome: on the way, row by row, this would be 1,400 of 1,000."""
    partner = db.add_partner(budget="1000.00")
    small = db.add_campaign(partner, monthly_budget="300.00")
    large = db.add_campaign(partner, monthly_budget="700.00")

    with db.acting_as(partner):
        db.run(
            "update public.partner_marketing_campaigns"
            " set monthly_budget = case id when %(small)s then 700 else 300 end where id in (%(small)s, %(large)s)",
            {"small": small, "large": large},
        )

    assert (_committed(db, partner), _sum(db, partner)) == (Decimal(1000), Decimal(1000))


def test_one_statement_over_many_partners_is_judged_for_each(db: Database) -> None:
    partners = [db.add_partner(budget="100.00") for _ in range(3)]
    campaigns = [db.add_campaign(partner, monthly_budget="50.00") for partner in partners]

    db.run(
        "update public.partner_marketing_campaigns set monthly_budget = 100 where id = any (%s)", [campaigns]
    )
    with db.refused("PT409", "budget_exceeded"):
        db.run(
            "update public.partner_marketing_campaigns set monthly_budget = case id when %s then 100.01 else 1 end"
            " where id = any (%s)",
            [campaigns[1], campaigns],
        )

    assert [_committed(db, partner) for partner in partners] == [Decimal(100)] * 3


def test_deleted_campaign_frees_its_budget(db: Database) -> None:
    """Nobody is granted that; the dashboard can."""
    partner = db.add_partner(budget="100.00")
    campaign_id = db.add_campaign(partner, monthly_budget="100.00")

    db.run("delete from public.partner_marketing_campaigns where id = %s", [campaign_id])

    assert _committed(db, partner) == 0


# Partners who only buy leads -----------------------------------------------------------------------------------------


def test_leads_only_partner_has_no_active_campaign(db: Database) -> None:
    partner, admin = db.add_partner(mode="leads_only"), db.add_admin()
    campaign_id = db.add_campaign(partner, monthly_budget="10.00")

    with db.refused("PT409", "leads_only_partner"), db.acting_as(admin):
        db.run("select public.set_campaign_status(%s, 'active')", [campaign_id])
    with db.refused("PT409", "leads_only_partner"):
        db.run("update public.partner_marketing_campaigns set status = 'active' where id = %s", [campaign_id])
    with db.refused("PT409", "leads_only_partner"):
        db.add_campaign(partner, status="active")


def test_partner_with_an_active_campaign_does_not_become_leads_only(db: Database) -> None:
    partner, admin = db.add_partner(mode="full_marketing"), db.add_admin()
    campaign_id = db.add_campaign(partner)
    with db.acting_as(admin):
        db.run("select public.set_campaign_status(%s, 'active')", [campaign_id])

    with db.refused("PT409", "leads_only_partner"), db.acting_as(partner):
        db.run("update public.profiles set marketing_mode = 'leads_only' where id = %s", [partner.id])
    with db.acting_as(partner):
        db.run("select public.set_campaign_status(%s, 'paused')", [campaign_id])
        db.run("update public.profiles set marketing_mode = 'leads_only' where id = %s", [partner.id])

    assert db.drift(partner.id) == []


# The campaign's own workflow -----------------------------------------------------------------------------------------

CAMPAIGN_STEPS = """
                planned                  active                   paused                   archived
planned         planned                  active                   transition_not_allowed   archived
active          transition_not_allowed   active                   paused                   archived
paused          transition_not_allowed   active                   paused                   archived
archived        transition_not_allowed   transition_not_allowed   transition_not_allowed   archived
"""

_STATUSES = ("planned", "active", "paused", "archived")


def _campaign_steps() -> Iterator[tuple[str, str, str]]:
    for line in CAMPAIGN_STEPS.splitlines()[2:]:
        before, *cells = line.split()
        yield from ((before, after, outcome) for after, outcome in zip(_STATUSES, cells, strict=True))


def _campaign_in(db: Database, status: str, partner: Person) -> UUID:
    campaign_id = db.add_campaign(partner)
    for step in {"planned": [], "paused": ["active", "paused"]}.get(status, [status]):
        db.run("update public.partner_marketing_campaigns set status = %s where id = %s", [step, campaign_id])
    return campaign_id


@pytest.mark.parametrize(("before", "after", "outcome"), list(_campaign_steps()))
@pytest.mark.parametrize("who", ["dashboard", "admin", "partner"])
def test_campaign_walks_its_steps(db: Database, who: str, before: str, after: str, outcome: str) -> None:
    """A partner stops what they pay for; an admin decides when it starts."""
    partner, admin = db.add_partner(), db.add_admin()
    campaign_id = _campaign_in(db, before, partner)
    code, word = ("PT403", "not_allowed") if who == "partner" and after == "active" else ("PT409", outcome)

    def walk() -> None:
        if who == "dashboard":
            db.run(
                "update public.partner_marketing_campaigns set status = %s where id = %s",
                [after, campaign_id],
            )
        else:
            with db.acting_as(admin if who == "admin" else partner):
                db.run("select public.set_campaign_status(%s, %s)", [campaign_id, after])

    if word in _STATUSES:
        walk()
    else:
        with db.refused(code, word):
            walk()

    assert db.campaign(campaign_id)["status"] == (after if word in _STATUSES else before)


@pytest.mark.parametrize("column", ["partner_id", "channel"])
def test_campaign_keeps_its_partner_and_channel(db: Database, column: str) -> None:
    campaign_id = db.add_campaign(db.add_partner())
    values = {"partner_id": db.add_partner().id, "channel": "seo"}

    with db.refused("PT403", "column_not_writable"):
        db.run(
            f"update public.partner_marketing_campaigns set {column} = %s where id = %s",
            [values[column], campaign_id],
        )


@pytest.mark.parametrize("column", ["total_spend", "total_clicks", "total_impressions", "total_leads"])
def test_total_is_not_written_by_hand(db: Database, column: str) -> None:
    partner = db.add_partner()
    campaign_id = db.add_campaign(partner)

    with db.refused("PT403", "counter_not_writable"):
        db.run(
            f"update public.partner_marketing_campaigns set {column} = 7 where id = %s",
            [campaign_id],
        )
    with db.refused("PT403", "counter_not_writable"):
        db.add_campaign(partner, **{column: 7})


def test_link_to_an_ad_account_is_an_admins_and_final(db: Database) -> None:
    partner, admin = db.add_partner(), db.add_admin()
    campaign_id, second_id = db.add_campaign(partner), db.add_campaign(partner)

    with db.refused("PT403", "not_allowed"), db.acting_as(partner):
        db.run("select public.link_campaign(%s, 'g-1')", [campaign_id])
    with db.acting_as(admin):
        db.run("select public.link_campaign(%s, 'g-1')", [campaign_id])
        db.run("select public.link_campaign(%s, 'g-1')", [campaign_id])
    with db.refused("PT409", "campaign_already_linked"), db.acting_as(admin):
        db.run("select public.link_campaign(%s, 'g-2')", [campaign_id])
    with db.refused("23505"), db.acting_as(admin):
        db.run("select public.link_campaign(%s, 'g-1')", [second_id])


# Many at once --------------------------------------------------------------------------------------------------------

_LEVELS = {
    "read committed": psycopg.IsolationLevel.READ_COMMITTED,
    "repeatable read": psycopg.IsolationLevel.REPEATABLE_READ,
    "serializable": psycopg.IsolationLevel.SERIALIZABLE,
}


@pytest.mark.parametrize("level", _LEVELS)
def test_two_at_once_never_overspend(platform: Database, connect: Connect, level: str) -> None:
    """Both have looked before either writes; the second waits for the first and is then refused."""
    partner = platform.add_partner(budget="1000.00")
    campaigns = [platform.add_campaign(partner, monthly_budget="400.00") for _ in range(2)]
    first, second = connect(), connect()
    first.begin(_LEVELS[level])
    second.begin(_LEVELS[level])

    first.run(_SET_MONTHLY, ["600.00", campaigns[0]])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second.run, _SET_MONTHLY, ["600.00", campaigns[1]])
        assert wait([waiting], timeout=0.2).not_done, "the second should queue behind the first"
        first.connection.commit()
        with pytest.raises(psycopg.Error) as caught:
            waiting.result(timeout=10)
    second.connection.rollback()

    refusal = (caught.value.sqlstate, caught.value.diag.message_primary)
    # A snapshot that is out of date is not judged but sent back; as 40001, PostgREST 12 would repeat it for ever.
    assert refusal == (("PT409", "budget_exceeded") if level == "read committed" else ("PT503", "retry"))
    assert _committed(platform, partner) == _sum(platform, partner) == Decimal(1000)


@pytest.mark.parametrize("level", _LEVELS)
def test_budget_lowered_while_a_campaign_is_raised_holds(
    platform: Database, connect: Connect, level: str
) -> None:
    partner = platform.add_partner(budget="1000.00")
    campaign_id = platform.add_campaign(partner, monthly_budget="400.00")
    lowering, raising = connect(), connect()
    lowering.begin(_LEVELS[level])
    raising.begin(_LEVELS[level])

    raising.run(_SET_MONTHLY, ["900.00", campaign_id])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(
            lowering.run,
            "update public.profiles set monthly_marketing_budget = 500 where id = %s",
            [partner.id],
        )
        wait([waiting], timeout=0.2)
        raising.connection.commit()
        with pytest.raises(psycopg.Error) as caught:
            waiting.result(timeout=10)
    lowering.connection.rollback()

    assert caught.value.sqlstate in {"PT409", "PT503"}
    assert _committed(platform, partner) == _sum(platform, partner) == Decimal(900)
    assert platform.drift(partner.id) == []


def test_deadlock_invites_a_retry(platform: Database, connect: Connect) -> None:
    """Two transactions that take two partners' budgets in opposite orders."""
    partners = [platform.add_partner() for _ in range(2)]
    campaigns = [[platform.add_campaign(partner) for partner in partners] for _ in range(2)]
    transactions = [connect(), connect()]
    for transaction in transactions:
        transaction.begin()

    transactions[0].run(_SET_MONTHLY, [1, campaigns[0][0]])
    transactions[1].run(_SET_MONTHLY, [1, campaigns[1][1]])
    with ThreadPoolExecutor(2) as pool:
        crossing = [
            pool.submit(transactions[0].run, _SET_MONTHLY, [1, campaigns[0][1]]),
            pool.submit(transactions[1].run, _SET_MONTHLY, [1, campaigns[1][0]]),
        ]
        # The loser's transaction is over, which lets the winner pass.
        done = wait(crossing, timeout=10, return_when="FIRST_EXCEPTION").done
        for attempt, transaction in zip(crossing, transactions, strict=True):
            if attempt in done and attempt.exception():
                transaction.connection.rollback()
        errors = [error for attempt in crossing if (error := attempt.exception(timeout=10))]

    (error,) = errors
    assert isinstance(error, psycopg.Error)
    assert (error.sqlstate, error.diag.message_primary) == ("PT503", "retry")
