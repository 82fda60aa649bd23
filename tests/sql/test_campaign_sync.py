"""What is asked of platforms, by whom and when; and what a complete window does to the ledger."""

import itertools
from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.database import Database
from tests.sql.test_campaign_inbox import _ingest, _linked_campaign, _metrics

_numbers = itertools.count(1)
SEALED = "gAAAA" + "x" * 100


class Account:
    """An ad account of Google's, and the jobs in it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.account_id = f"{uuid4().int % 10**15}{next(_numbers)}"
        self.connect()

    def connect(self, sealed: str = SEALED, **more: object) -> None:
        connection = {"channel": "google_ads", "account_id": self.account_id, **more}
        self.db.run("select public.connect_ad_account(%s, %s)", [Jsonb(connection), sealed])

    def ask_for(self, first: str = "2026-11-01", last: str = "2026-11-03") -> int:
        job_id: int = self.db.value(
            "insert into private.sync_jobs (platform, account_id, kind, slot, window_from, window_to)"
            " values ('google_ads', %s, 'days', %s, %s, %s) returning id",
            [self.account_id, f"by hand {next(_numbers)}", first, last],
        )
        return job_id

    def take(self, lease: str | None = None) -> dict[str, Any] | None:
        with self.db.acting_as("job_runner"):
            job: dict[str, Any] | None = self.db.value(
                "select public.take_sync_job(%s)", [lease or str(uuid4())]
            )
        return job

    def store(
        self, job_id: int, lease: str, *days: list[object], is_last: bool = True, **more: object
    ) -> bool:
        page = {"days": list(days), "is_last": is_last, **more}
        with self.db.acting_as("job_runner"):
            goes_on: bool = self.db.value(
                "select public.store_sync_page(%s, %s, %s)", [job_id, lease, Jsonb(page)]
            )
        return goes_on

    def apply(self, job_id: int, lease: str) -> None:
        with self.db.acting_as("job_runner"):
            while not self.db.value("select public.apply_sync_window(%s, %s)", [job_id, lease]):
                pass

    def fail(self, job_id: int, lease: str, **failure: object) -> None:
        with self.db.acting_as("job_runner"):
            self.db.run("select public.fail_sync_job(%s, %s, %s)", [job_id, lease, Jsonb(failure)])

    def sync(self, *days: list[object], first: str = "2026-11-01", last: str = "2026-11-03") -> None:
        """Ask for a window and be told these days, all of them at once."""
        job_id, lease = self.ask_for(first, last), str(uuid4())
        self.db.run("update private.sync_jobs set due_at = '-infinity' where id = %s", [job_id])
        job = self.take(lease)
        assert job is not None
        assert job["id"] == job_id
        self.store(job_id, lease, *days)
        self.apply(job_id, lease)
        with self.db.acting_as("job_runner"):
            self.db.run("select public.leave_sync(%s)", [lease])
        # Each window is newer than the one before, also within one transaction.
        self.age("1 minute")

    def age(self, by: str) -> None:
        """Make what the ledger holds older."""
        self.db.run("select private.begin_ledger_write()")
        self.db.run(
            "update public.partner_campaign_metrics set as_of = as_of - %s::interval where account_id = %s",
            [by, self.account_id],
        )
        self.db.run(
            "select private.total_campaign_days(array(select id from public.partner_marketing_campaigns))"
        )
        self.db.run("select private.end_ledger_write()")

    def job(self, job_id: int) -> dict[str, Any]:
        return self.db.row("select * from private.sync_jobs where id = %s", [job_id])

    def days(self) -> dict[str, str]:
        rows = self.db.rows(
            "select external_campaign_id || ' ' || to_char(day, 'DD') as day, trim_scale(spend)::text as spend"
            " from public.partner_campaign_metrics where account_id = %s",
            [self.account_id],
        )
        return {row["day"]: row["spend"] for row in rows}


def _day(campaign: str, day: int, spend: str, clicks: int = 1, currency: str = "EUR") -> list[object]:
    return [campaign, f"2026-11-{day:02}", currency, spend, clicks, clicks * 10, "0.5"]


@pytest.fixture
def account(db: Database) -> Account:
    db.run("delete from private.sync_plans")
    db.run("delete from private.sync_jobs")
    return Account(db)


# Who is at work ----------------------------------------------------------------------------------------------


def test_nobody_else_is_at_work_in_an_account(account: Account) -> None:
    account.ask_for()
    account.ask_for()

    first = account.take()
    second = account.take()

    assert first is not None
    assert first["account"]["sealed"] == SEALED
    assert first["apis"]["ads"].keys() == {"base_url", "version"}
    assert second is None


def test_run_that_was_killed_is_followed_by_another(account: Account) -> None:
    job_id, killed, lease = account.ask_for(), str(uuid4()), str(uuid4())
    account.take(killed)
    account.store(job_id, killed, _day("c", 1, "1.00"), is_last=False, cursor={"page_token": "2"})

    account.db.run("update private.sync_gates set leased_until = now() where lease_id is not null")
    job = account.take(lease)

    assert job is not None
    assert (job["id"], job["cursor"]) == (job_id, {"page_token": "2"})
    with account.db.refused("PT409", "lease_lost"):
        account.store(job_id, killed, _day("c", 1, "9.00"))
    account.store(job_id, lease, _day("c", 2, "2.00"))
    account.apply(job_id, lease)
    assert account.days() == {"c 01": "1", "c 02": "2", "c 03": "0"}


def test_lease_that_takes_another_job_lets_go_of_the_first(account: Account) -> None:
    other = Account(account.db)
    lease = str(uuid4())
    account.ask_for()
    other.ask_for()

    first, second = account.take(lease), account.take(lease)

    assert first is not None
    assert second is not None
    held = account.db.rows("select account_id from private.sync_gates where lease_id = %s", [lease])
    assert len(held) == 1
    with account.db.acting_as("job_runner"):
        account.db.run("select public.leave_sync(%s)", [lease])
    assert not account.db.rows("select from private.sync_gates where lease_id is not null")


@pytest.mark.parametrize(("scope", "others_wait"), [("account", False), ("platform", True)])
def test_nothing_is_asked_while_the_platform_wants_to_be_left_alone(
    account: Account, scope: str, *, others_wait: bool
) -> None:
    other = Account(account.db)
    job_id, lease = account.ask_for(), str(uuid4())
    account.take(lease)
    account.fail(job_id, lease, kind="throttled", error="RESOURCE_EXHAUSTED", seconds=900, scope=scope)
    account.ask_for()
    other.ask_for()

    taken = [account.take(), account.take()]

    assert [job and job["account_id"] for job in taken] == (
        [None, None] if others_wait else [other.account_id, None]
    )
    assert account.job(job_id)["last_error"] == "RESOURCE_EXHAUSTED"
    account.db.run("update private.sync_gates set blocked_until = now() where blocked_until is not null")
    account.db.run("update private.sync_jobs set due_at = now() where finished_at is null")
    account.db.run("update private.sync_gates set lease_id = null, leased_until = null")
    assert account.take() is not None


def test_run_that_is_under_way_hears_that_the_platform_is_blocked(account: Account) -> None:
    other = Account(account.db)
    leases = [str(uuid4()), str(uuid4())]
    jobs = {account.account_id: account.ask_for(), other.account_id: other.ask_for()}
    first, second = account.take(leases[0]), account.take(leases[1])
    assert first is not None
    assert second is not None

    account.fail(jobs[first["account_id"]], leases[0], kind="throttled", error="x", scope="platform")

    assert not account.store(jobs[second["account_id"]], leases[1], is_last=False, cursor={"page_token": "2"})


def test_account_whose_token_is_refused_waits_for_a_person(account: Account) -> None:
    job_id, lease = account.ask_for(), str(uuid4())
    account.take(lease)

    account.fail(job_id, lease, kind="auth", error="invalid_grant")

    account.db.run("update private.sync_gates set lease_id = null, leased_until = null")
    assert account.take() is None
    alert = account.db.row(
        "select kind, detail from private.alerts where subject = %s and resolved_at is null",
        [f"google_ads {account.account_id}"],
    )
    assert (alert["kind"], "invalid_grant" in alert["detail"]) == ("connection_needs_a_person", True)
    account.connect()
    account.db.run("update private.sync_gates set lease_id = null, leased_until = null")
    assert account.take() is not None
    assert not account.db.rows(
        "select from private.alerts where subject = %s and resolved_at is null",
        [f"google_ads {account.account_id}"],
    )


def test_account_that_is_switched_off_is_left_alone(account: Account) -> None:
    account.ask_for()
    account.db.run("update private.ad_connections set is_enabled = false")

    assert account.take() is None


def test_what_fails_for_a_while_is_tried_later_and_in_the_end_not_again(account: Account) -> None:
    job_id, lease = account.ask_for(), str(uuid4())

    for attempt in range(12):
        account.db.run("update private.sync_jobs set due_at = now() where id = %s", [job_id])
        assert account.take(lease) is not None, attempt
        account.fail(job_id, lease, kind="transient", error="http 500")

    job = account.job(job_id)
    assert (job["status"], job["attempts"], job["last_error"]) == ("refused", 12, "http 500")
    assert account.take() is None


def test_job_that_waited_for_hours_begins_anew(account: Account) -> None:
    job_id, lease = account.ask_for(), str(uuid4())
    account.take(lease)
    account.store(job_id, lease, _day("c", 1, "1.00"), is_last=False, cursor={"page_token": "2"})
    account.db.run("update private.sync_jobs set as_of = as_of - interval '7 hours' where id = %s", [job_id])

    job = account.take(lease)

    assert job is not None
    assert job["cursor"] is None
    assert account.db.value("select count(*) from private.sync_days where job_id = %s", [job_id]) == 0


# Plans -------------------------------------------------------------------------------------------------------


def test_window_is_planned_once_and_ends_yesterday(account: Account) -> None:
    account.db.run(
        "insert into private.sync_plans (platform, kind, period, after, days)"
        " values ('google_ads', 'days', 'day', '0', 30)"
    )
    for _ in range(3):
        account.db.run("select private.plan_sync_jobs()")

    (job,) = account.db.rows(
        "select *, (now() at time zone 'Europe/Amsterdam')::date as today from private.sync_jobs"
    )
    assert (job["today"] - job["window_to"]).days == 1
    assert (job["window_to"] - job["window_from"]).days == 29


def test_days_end_with_the_accounts_own_yesterday(account: Account) -> None:
    account.connect(time_zone="Pacific/Kiritimati")
    west = Account(account.db)
    west.connect(time_zone="Pacific/Pago_Pago")
    account.db.run(
        "insert into private.sync_plans (platform, kind, period, after, days)"
        " values ('google_ads', 'days', 'day', '0', 30)"
    )
    account.db.run("select private.plan_sync_jobs()")

    rows = account.db.rows("select account_id, window_to from private.sync_jobs")
    ends = {row["account_id"]: row["window_to"] for row in rows}
    # 25 hours apart.
    assert (ends[account.account_id] - ends[west.account_id]).days >= 1


def test_migrations_plan_what_each_platform_still_restates(db: Database) -> None:
    plans = db.rows("select platform, days from private.sync_plans where kind = 'days' and period = 'day'")

    assert {(row["platform"], row["days"]) for row in plans} == {
        ("google_ads", 30),
        ("meta_ads", 28),
        ("linkedin_ads", 30),
        ("tiktok_ads", 30),
        ("microsoft_ads", 30),
    }


# Windows -----------------------------------------------------------------------------------------------------


def test_window_changes_nothing_before_its_last_page(account: Account) -> None:
    job_id, lease = account.ask_for(), str(uuid4())
    account.take(lease)

    account.store(job_id, lease, _day("c", 1, "1.00"), is_last=False, cursor={"page_token": "2"})
    account.apply(job_id, lease)

    assert account.days() == {}
    assert account.job(job_id)["status"] == "waiting"


def test_complete_window_takes_the_place_of_what_was_known(account: Account) -> None:
    external = f"c-{account.account_id}"
    campaign_id = _linked_campaign(account.db, external)
    account.sync(_day(external, 1, "10.00"), _day(external, 2, "20.00", 5), _day(external, 3, "30.00"))
    account.sync(_day(external, 1, "10.00"), _day(external, 3, "33.00"))

    campaign = account.db.campaign(campaign_id)

    # Of the second day nothing is said any longer, so nothing was spent.
    assert account.days() == {f"{external} 01": "10", f"{external} 02": "0", f"{external} 03": "33"}
    assert (campaign["total_spend"], campaign["total_clicks"]) == (Decimal("43.00"), 2)
    assert account.db.drift(campaign_id) == []
    (restated,) = account.db.rows(
        "select reason, spend_before, spend_after from private.campaign_restatements where account_id = %s",
        [account.account_id],
    )
    assert (restated["reason"], restated["spend_before"], restated["spend_after"]) == ("absent", 20, 0)


def test_days_outside_the_window_stay_as_they_are(account: Account) -> None:
    account.sync(_day("c", 1, "10.00"), _day("c", 3, "30.00"))

    account.sync(_day("c", 3, "31.00"), first="2026-11-02", last="2026-11-03")
    account.sync(_day("c", 1, "99.00"), first="2026-11-02", last="2026-11-02")

    assert account.days() == {"c 01": "10", "c 03": "31"}


def test_campaign_that_is_said_nothing_of_spent_nothing(account: Account) -> None:
    account.sync(_day("a", 1, "10.00"), _day("b", 2, "20.00"))

    account.sync(_day("b", 2, "20.00"))

    assert account.days() == {"a 01": "0", "a 03": "0", "b 02": "20", "b 03": "0"}


def test_empty_answer_of_another_account_changes_nothing_here(account: Account) -> None:
    other = Account(account.db)
    account.sync(_day("a", 1, "10.00"))

    other.sync()

    assert account.days()["a 01"] == "10"


def test_report_that_came_in_between_is_newer_than_the_window(account: Account) -> None:
    external = f"c-{account.account_id}"
    job_id, lease = account.ask_for(), str(uuid4())
    account.take(lease)
    account.store(job_id, lease, _day(external, 1, "10.00"))
    later = account.db.value("select (now() + interval '1 minute')::text")
    report = _metrics(external, day="2026-11-01", spend="12.00", as_of=later)
    _ingest(account.db, {**report, "account_id": account.account_id})

    account.apply(job_id, lease)

    assert account.days()[f"{external} 01"] == "12"


def test_figures_without_an_account_are_not_counted_beside_those_with_it(account: Account) -> None:
    external = f"c-{account.account_id}"
    campaign_id = _linked_campaign(account.db, external)
    _ingest(account.db, _metrics(external, day="2026-11-01", spend="10.00"))

    account.sync(_day(external, 1, "11.00"))

    assert account.db.campaign(campaign_id)["total_spend"] == Decimal("11.00")
    assert account.db.drift(campaign_id) == []


def test_campaign_that_is_linked_later_takes_the_days_over(account: Account) -> None:
    external = f"c-{account.account_id}"
    account.sync(_day(external, 1, "10.00"))

    campaign_id = _linked_campaign(account.db, external)

    assert account.db.campaign(campaign_id)["total_spend"] == Decimal("10.00")


def test_currency_without_a_rate_is_not_nothing(account: Account) -> None:
    external = f"c-{account.account_id}"
    campaign_id = _linked_campaign(account.db, external)

    account.sync(_day(external, 1, "10.00", currency="AED"))

    campaign = account.db.campaign(campaign_id)
    assert (campaign["total_spend"], campaign["unpriced_spend"]) == (None, {"AED": 10})


def test_figures_that_did_not_change_are_as_new_as_the_answer(account: Account) -> None:
    external = f"c-{account.account_id}"
    campaign_id = _linked_campaign(account.db, external)
    account.sync(_day(external, 1, "10.00"))
    account.age("1 day")

    account.sync(_day(external, 1, "10.00"))

    is_new = account.db.value(
        "select spend_as_of > now() - interval '1 hour' from public.partner_marketing_campaigns where id = %s",
        [campaign_id],
    )
    assert is_new


def test_what_cannot_be_believed_waits_for_a_person(account: Account) -> None:
    account.sync(_day("c", 1, "1000000.01"), _day("c", 2, "2.00"))

    parked = account.db.rows(
        "select via, reason, facts ->> 'spend' as spend from private.campaign_inbox where account_id = %s",
        [account.account_id],
    )
    assert parked == [{"via": "sync", "reason": "implausible", "spend": "1000000.010000"}]
    assert account.days() == {"c 02": "2", "c 03": "0"}


def test_row_that_no_constraint_takes_does_not_stop_its_window(account: Account) -> None:
    odd = [["c", "2026-11-01", "eur", "1", 1, 1, "0"], ["d", "2026-11-01", "EUR", "1", 1, 1, "-0.5"]]

    account.sync(*odd, ["e", "2026-11-01", "EUR", "-1", 1, 1, "0"], _day("f", 1, "5.00"))

    assert account.days()["f 01"] == "5"
    parked = account.db.rows(
        "select external_campaign_id as id, reason from private.campaign_inbox where account_id = %s order by 1",
        [account.account_id],
    )
    # A zero for the window's last day has its campaign's odd currency too.
    assert {row["id"] for row in parked} == {"c", "d", "e"}
    assert {row["reason"] for row in parked} == {"bad_metrics"}


def test_account_in_a_time_zone_that_nobody_knows_is_read_all_the_same(account: Account) -> None:
    job_id, lease = account.ask_for(), str(uuid4())
    account.take(lease)

    account.store(job_id, lease, account={"currency": "usd", "time_zone": "Mars/Olympus", "name": "Dak"})

    kept = account.db.row(
        "select currency, time_zone, name from private.ad_connections where account_id = %s",
        [account.account_id],
    )
    assert kept == {"currency": None, "time_zone": "Europe/Amsterdam", "name": "Dak"}


def test_page_without_end_is_refused(account: Account) -> None:
    job_id, lease = account.ask_for(), str(uuid4())
    account.take(lease)

    with account.db.refused("PT400", "batch_refused"):
        account.store(job_id, lease, *([_day("c", 1, "1")] * 20_001))


def test_many_campaigns_are_brought_in_call_by_call(account: Account) -> None:
    account.sync(*(_day(f"c{number:04}", 1, "0.01") for number in range(250)))

    assert len(account.days()) == 500
    assert account.db.value("select count(*) from private.sync_days") == 0


def _read_campaigns(account: Account, *campaigns: list[object]) -> None:
    job_id: int = account.db.value(
        "insert into private.sync_jobs (platform, account_id, kind, slot)"
        " values ('google_ads', %s, 'campaigns', %s) returning id",
        [account.account_id, f"{next(_numbers)}"],
    )
    lease = str(uuid4())
    assert account.take(lease) is not None
    # Each is newer than the one before, also within one transaction.
    account.db.run(
        "update private.sync_jobs set as_of = as_of + id * interval '1 ms' where id = %s", [job_id]
    )
    account.store(job_id, lease, campaigns=list(campaigns))
    account.apply(job_id, lease)
    with account.db.acting_as("job_runner"):
        account.db.run("select public.leave_sync(%s)", [lease])


def _told(account: Account) -> list[tuple[str, str, str | None]]:
    rows = account.db.rows(
        "select facts ->> 'platform_status' as word, status, reason"
        " from private.campaign_inbox where account_id = %s and kind = 'status' order by id",
        [account.account_id],
    )
    return [(row["word"], row["status"], row["reason"]) for row in rows]


def test_status_goes_the_way_of_webhooks_once_it_changes(account: Account) -> None:
    external = f"c-{account.account_id}"
    campaign_id = _linked_campaign(account.db, external)

    for word in ("PAUSED", "PAUSED", "ENABLED"):
        _read_campaigns(
            account,
            [external, "Dakwerk", word, "25", None],
            ["another", "Nog een", "ENABLED", None, "shared"],
        )

    assert _told(account) == [("PAUSED", "applied", None), ("ENABLED", "applied", None)]
    assert account.db.campaign(campaign_id)["platform_status"] == "active"
    known = account.db.rows(
        "select external_campaign_id as id, word, daily_budget, budget_note from private.platform_campaigns"
        " where account_id = %s order by 1",
        [account.account_id],
    )
    assert [tuple(row.values()) for row in known] == [
        ("another", "ENABLED", None, "shared"),
        (external, "ENABLED", 25, None),
    ]


def test_word_that_nobody_knows_is_said_once(account: Account) -> None:
    external = f"c-{account.account_id}"
    _linked_campaign(account.db, external)

    for _ in range(3):
        _read_campaigns(account, [external, "Dakwerk", "ON_HOLIDAY", None, None])

    assert _told(account) == [("ON_HOLIDAY", "parked", "unknown_status")]


def test_campaign_that_is_linked_later_hears_of_its_status(account: Account) -> None:
    external = f"c-{account.account_id}"
    _read_campaigns(account, [external, "Dakwerk", "PAUSED", None, None])
    campaign_id = _linked_campaign(account.db, external)

    _read_campaigns(account, [external, "Dakwerk", "PAUSED", None, None])

    assert account.db.campaign(campaign_id)["platform_status"] == "paused"


def test_health_says_which_day_is_missing(account: Account) -> None:
    account.db.run(
        "insert into private.sync_jobs"
        " (platform, account_id, kind, slot, window_from, window_to, status, finished_at)"
        " values ('google_ads', %s, 'days', 'a', current_date - 30, current_date - 10, 'done', now()),"
        " ('google_ads', %s, 'days', 'b', current_date - 8, current_date - 1, 'done', now())",
        [account.account_id, account.account_id],
    )

    health = account.db.row(
        "select *, current_date - oldest_missing_day as missing from private.sync_health where account_id = %s",
        [account.account_id],
    )

    assert (health["missing"], health["health"], health["blocked_until"]) == (9, "ok", None)


# What time brings ----------------------------------------------------------------------------------------------


def _alerts(account: Account) -> set[str]:
    account.db.run("select private.watch_sync()")
    rows = account.db.rows(
        "select kind from private.alerts where resolved_at is null and subject in (%s, 'google_ads ads')",
        [f"google_ads {account.account_id}"],
    )
    return {row["kind"] for row in rows}


def test_person_hears_in_time_of_what_ends(account: Account) -> None:
    assert _alerts(account) == set()

    account.db.run(
        "update private.ad_connections set consent_ends_at = now() + interval '29 days',"
        " connected_at = now() - interval '27 hours' where account_id = %s",
        [account.account_id],
    )
    account.db.run(
        "update private.platform_apis set expires_on = current_date + 59 where platform = 'google_ads' and api = 'ads'"
    )

    assert _alerts(account) == {"consent_ends", "figures_late", "platform_version_ends"}
    account.db.run(
        "update private.ad_connections set consent_ends_at = now() + interval '31 days', last_success_at = now()"
    )
    account.db.run("update private.platform_apis set expires_on = current_date + 61")
    assert _alerts(account) == set()


def test_jobs_that_are_long_over_are_forgotten(account: Account) -> None:
    account.db.run(
        "insert into private.sync_jobs (platform, account_id, kind, slot, status, finished_at)"
        " values ('google_ads', %s, 'campaigns', 'old', 'done', now() - interval '91 days'),"
        " ('google_ads', %s, 'campaigns', 'new', 'done', now() - interval '89 days')",
        [account.account_id, account.account_id],
    )
    waiting = account.ask_for()

    with account.db.acting_as("job_runner"):
        assert account.db.value("select public.maintain_sync()") == {
            "jobs": 1,
            "restatements": 0,
            "writes": 0,
        }

    left = account.db.rows(
        "select slot, id from private.sync_jobs where account_id = %s", [account.account_id]
    )
    assert {row["slot"] for row in left} >= {"new"}
    assert waiting in {row["id"] for row in left}
    assert len(left) == 2


def test_pages_go_with_their_job(account: Account) -> None:
    job_id, lease = account.ask_for(), str(uuid4())
    account.db.run("update private.sync_jobs set due_at = '-infinity' where id = %s", [job_id])
    assert account.take(lease) is not None
    account.store(job_id, lease, _day("c", 1, "10"), is_last=False)
    kept = "select count(*) from private.sync_days where job_id = %s"
    assert account.db.value(kept, [job_id]) == 1

    account.db.run("delete from private.sync_jobs where id = %s", [job_id])

    assert account.db.value(kept, [job_id]) == 0


# Who may not ---------------------------------------------------------------------------------------------------


def test_credentials_go_into_the_vault_and_out_of_it_with_the_connection(account: Account) -> None:
    stored = "select count(*) from vault.decrypted_secrets where name = %s and decrypted_secret = %s"
    name = f"ad account google_ads {account.account_id}"
    assert account.db.value(stored, [name, SEALED]) == 1
    renewed = SEALED + "y"

    account.connect(renewed)

    assert account.db.value(stored, [name, renewed]) == 1
    account.db.run("delete from private.ad_connections where account_id = %s", [account.account_id])
    assert account.db.value("select count(*) from vault.secrets where name = %s", [name]) == 0


@pytest.mark.parametrize("sealed", ["EAAGtoken", "", "gAAAA", SEALED + " ", "ya29." + "x" * 100])
def test_token_as_it_is_is_not_kept(account: Account, sealed: str) -> None:
    with account.db.refused("PT400", "credentials_not_sealed"):
        account.connect(sealed)


@pytest.mark.parametrize(
    "changes",
    [
        {"channel": "seo"},
        {"channel": None},
        {"account_id": "1/../2"},
        {"account_id": "act_1"},
        {"account_id": None},
        {"manager_id": "1 OR 1=1"},
        {"currency": "eur"},
        {"time_zone": "Europe/Atlantis"},
    ],
)
def test_connection_that_cannot_be_is_refused(account: Account, changes: dict[str, Any]) -> None:
    connection = {"channel": "google_ads", "account_id": "5", **changes}
    with account.db.refused("PT400", "connection_refused"):
        account.db.run("select public.connect_ad_account(%s, %s)", [Jsonb(connection), SEALED])


@pytest.mark.parametrize(
    "base_url",
    [
        "http://graph.facebook.com",
        "https://user@graph.facebook.com",
        "https://graph.facebook.com/?x=",
        "http://127.0.0.1.example.nl:80",
        "ftp://graph.facebook.com",
        "https://graph.facebook.com/",
    ],
)
def test_platform_is_asked_at_a_host_and_by_https(db: Database, base_url: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        db.run("update private.platform_apis set base_url = %s where platform = 'meta_ads'", [base_url])


@pytest.mark.parametrize("who", ["partner", "anon", "campaign_ingester", "job_runner"])
@pytest.mark.parametrize(
    "statement",
    [
        "select * from private.ad_connections",
        "select * from private.sync_jobs",
        "select * from private.sync_health",
        "select * from vault.decrypted_secrets",
        "update private.platform_apis set base_url = 'https://evil.example'",
        "update private.ad_connections set is_enabled = true",
        "insert into private.currency_rates (currency, day, per_eur, source) values ('USD', '2026-11-01', 1, 'x')",
        "select private.connect_ad_account('{}', '')",
    ],
)
def test_stranger_reads_no_token_and_moves_no_host(account: Account, who: str, statement: str) -> None:
    actor = account.db.add_partner() if who == "partner" else who
    with pytest.raises(psycopg.Error) as caught, account.db.acting_as(actor):
        account.db.run(statement)
    assert caught.value.sqlstate in {"42501", "PT403"}


def test_partner_has_no_window_asked_for(account: Account) -> None:
    with account.db.acting_as(account.db.add_partner()), account.db.refused("PT403", "not_allowed"):
        account.db.run(
            "select public.request_sync('google_ads', %s, '2026-11-01', '2026-11-30')", [account.account_id]
        )


def test_admin_has_months_asked_for_in_windows_of_thirty_days(account: Account) -> None:
    with account.db.acting_as(account.db.add_admin()):
        answer = account.db.value(
            "select public.request_sync('google_ads', %s, current_date - 70, current_date - 1)",
            [account.account_id],
        )

    rows = account.db.rows(
        "select window_to - window_from + 1 as days from private.sync_jobs where id = any(%s) order by window_from",
        [answer["jobs"]],
    )
    assert [row["days"] for row in rows] == [30, 30, 10]


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-11-02", "2026-11-01"), ("1999-01-01", "2026-11-01"), ("2026-11-01", "2100-01-01"), (None, None)],
)
def test_window_that_cannot_be_is_refused(account: Account, first: str | None, last: str | None) -> None:
    with account.db.refused("PT400", "window_refused"):
        account.db.run(
            "select public.request_sync('google_ads', %s, %s, %s)", [account.account_id, first, last]
        )
