"""What changes here is to change on the platform: what is put down, what is sent, and what is refused."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.actors import Person
from tests.database import Database
from tests.sql.test_campaign_inbox import _ingest, _linked_campaign, _status
from tests.sql.test_campaign_sync import Account

REQUEST = {"method": "POST", "url": "https://platform.example", "body": {}}


class Linked:
    """A campaign that is active here and on, with EUR 50 a day, in an account where writing is on."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.account = Account(db)
        self.partner, self.admin = db.add_partner(budget=100_000), db.add_admin()
        self.campaign_id: UUID = db.add_campaign(self.partner, daily_budget=50)
        self.external = str(uuid4().int)[:12]
        self.lease = str(uuid4())
        self.set_account(write_mode="on", currency="EUR")
        db.run(
            "insert into private.platform_campaigns (channel, account_id, external_campaign_id, name, word, read_at)"
            " values ('google_ads', %s, %s, 'c', 'ENABLED', now())",
            [self.account.account_id, self.external],
        )
        db.run(
            "update public.partner_marketing_campaigns set external_campaign_id = %s, status = 'active' where id = %s",
            [self.external, self.campaign_id],
        )
        db.run("delete from public.partner_campaign_writes")

    def set_account(self, **values: object) -> None:
        for name, value in values.items():
            self.db.run(
                f"update private.ad_connections set {name} = %s where account_id = %s",
                [value, self.account.account_id],
            )

    def set_status(self, status: str, who: Person | None = None) -> None:
        with self.db.acting_as(who or self.admin):
            self.db.run("select public.set_campaign_status(%s, %s)", [self.campaign_id, status])

    def set_budget(self, budget: float, who: Person | None = None) -> None:
        with self.db.acting_as(who or self.admin):
            self.db.run(
                "update public.partner_marketing_campaigns set daily_budget = %s where id = %s",
                [budget, self.campaign_id],
            )

    def writes(self) -> list[tuple[str, str, str | None]]:
        rows = self.db.rows("select value, status, reason from public.partner_campaign_writes order by id")
        return [(row["value"], row["status"], row["reason"]) for row in rows]

    def write(self) -> dict[str, Any]:
        return self.db.row("select * from public.partner_campaign_writes order by id desc limit 1")

    def job(self) -> dict[str, Any] | None:
        job = self.account.take(self.lease)
        assert job is None or job["kind"] == "writes"
        return job

    def take(self, job_id: int) -> dict[str, Any] | None:
        with self.db.acting_as("job_runner"):
            taken: dict[str, Any] | None = self.db.value(
                "select public.take_campaign_write(%s, %s)", [job_id, self.lease]
            )
        return taken

    def told(self, word: str | None = "ENABLED", **more: str | None) -> list[object]:
        """Say what the platform says of the campaign, by its `budget`, `note` and `switch`."""
        switch = {"ENABLED": "on", "PAUSED": "off", "REMOVED": "ended"}.get(word or "")
        known = {"budget": "50", "note": None, "switch": switch, **more}
        return [self.external, "c", word, known["budget"], known["note"], known["switch"]]

    def judge(self, job_id: int, write_id: int, told: list[object], *, may_send: bool = True) -> str:
        with self.db.acting_as("job_runner"):
            verdict: str = self.db.value(
                "select public.judge_campaign_write(%s, %s, %s, %s, %s, %s)",
                [job_id, self.lease, write_id, Jsonb(told), Jsonb(REQUEST), may_send],
            )
        return verdict

    def judged(self, told: list[object]) -> str:
        """Take what is to be written, and hear what is to be done about it."""
        job = self.job()
        assert job is not None
        taken = self.take(job["id"])
        assert taken is not None
        return self.judge(job["id"], taken["id"], told)

    def alerts(self) -> list[str]:
        rows = self.db.rows(
            "select detail from private.alerts where kind = 'campaign_write_needs_a_person'"
            " and resolved_at is null and subject like %s",
            [f"{self.campaign_id}%"],
        )
        return [row["detail"] for row in rows]


@pytest.fixture
def linked(db: Database) -> Linked:
    db.run("delete from private.sync_plans")
    db.run("delete from private.sync_jobs")
    db.run("delete from public.partner_campaign_writes")
    return Linked(db)


# Wishing -------------------------------------------------------------------------------------------------------


def test_pause_is_put_down_with_what_changed_the_campaign(linked: Linked) -> None:
    linked.set_status("paused", linked.partner)

    assert linked.writes() == [("paused", "waiting", None)]
    assert linked.write()["requested_by"] == "partner"
    job = linked.job()
    assert job is not None
    assert linked.take(job["id"]) == {
        "id": linked.write()["id"], "external_campaign_id": linked.external, "field": "status", "value": "paused"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "value"), [(["paused"], "paused"), (["paused", "active"], "active"), (["archived"], "paused")]
)
def test_what_is_wished_last_is_wished(linked: Linked, steps: list[str], value: str) -> None:
    for status in steps:
        linked.set_status(status)

    assert linked.writes() == [(value, "waiting", None)]


def test_campaign_that_is_not_linked_has_nothing_to_write(linked: Linked, db: Database) -> None:
    other = db.add_campaign(linked.partner)
    with db.acting_as(linked.admin):
        db.run("select public.set_campaign_status(%s, 'active')", [other])

    assert linked.writes() == []


def test_what_the_platform_ended_is_not_paused_there(linked: Linked, db: Database) -> None:
    db.run(
        "update public.partner_marketing_campaigns set platform_status = 'archived', status = 'archived' where id = %s",
        [linked.campaign_id],
    )

    assert linked.writes() == []


def test_who_leaves_has_no_campaign_running(linked: Linked, db: Database) -> None:
    db.run("delete from auth.users where id = %s", [linked.partner.id])

    assert linked.writes() == [("paused", "waiting", None)]
    assert linked.write()["partner_id"] is None


def test_budget_that_a_partner_changes_waits_for_an_admin(linked: Linked, db: Database) -> None:
    linked.set_budget(60, linked.partner)
    linked.set_budget(61, linked.partner)

    assert linked.writes() == [("61.00", "needs_approval", None)]
    assert linked.job() is None
    to_do = f"Set the daily budget to EUR 61.00 of campaign {linked.external} on google_ads"
    assert linked.alerts() == [f"{to_do} in account {linked.account.account_id}. (needs_approval)"]
    with db.acting_as(linked.partner), db.refused("PT403", "not_allowed"):
        db.run("select public.decide_campaign_write(%s, 'send')", [linked.write()["id"]])

    with db.acting_as(linked.admin):
        assert (
            db.value("select public.decide_campaign_write(%s, 'send')", [linked.write()["id"]])["status"]
            == "waiting"
        )
    assert linked.alerts() == []
    assert linked.judged(linked.told()) == "send"


def test_admin_approves_what_they_have_seen_and_no_other_budget(linked: Linked, db: Database) -> None:
    linked.set_budget(60, linked.partner)
    seen = linked.write()["id"]
    linked.set_budget(75, linked.partner)

    with db.acting_as(linked.admin), db.refused("PT404", "write_not_found"):
        db.run("select public.decide_campaign_write(%s, 'send')", [seen])

    assert linked.writes() == [("75.00", "needs_approval", None)]


@pytest.mark.parametrize(
    ("account", "reason"),
    [({"write_mode": "off"}, "writing_is_off"), ({"is_enabled": False}, "not_connected")],
)
def test_nothing_is_written_where_that_is_not_allowed(
    linked: Linked, account: dict[str, object], reason: str
) -> None:
    linked.set_account(**account)

    linked.set_status("paused")

    assert linked.writes() == [("paused", "by_hand", reason)]
    assert linked.job() is None
    assert linked.alerts() == [f"{linked.write()['to_do']} ({reason})"]


def test_off_is_what_an_account_is_unless_somebody_says_otherwise(db: Database) -> None:
    other = Account(db)

    assert db.row(
        "select write_mode from private.ad_connections where account_id = %s", [other.account_id]
    ) == {"write_mode": "off"}
    other.connect(write_mode="on", max_budget_change=10)
    assert db.row(
        "select write_mode from private.ad_connections where account_id = %s", [other.account_id]
    ) == {"write_mode": "off"}


def test_campaign_that_two_accounts_claim_is_left_to_a_person(linked: Linked, db: Database) -> None:
    other = Account(db)
    db.run(
        "insert into private.platform_campaigns (channel, account_id, external_campaign_id, name, word, read_at)"
        " values ('google_ads', %s, %s, 'c', 'ENABLED', now())",
        [other.account_id, linked.external],
    )

    linked.set_status("paused")

    assert linked.writes() == [("paused", "by_hand", "not_connected")]


def test_platform_that_says_something_else_meanwhile_does_not_undo_the_wish(
    linked: Linked, db: Database
) -> None:
    linked.set_status("paused", linked.partner)
    job = linked.job()
    assert job is not None

    assert linked.judge(job["id"], linked.write()["id"], linked.told("ENABLED"), may_send=False) == "wait"

    campaign = db.campaign(linked.campaign_id)
    assert (campaign["status"], campaign["platform_status"]) == ("paused", "active")
    assert linked.judge(job["id"], linked.write()["id"], linked.told("PAUSED"), may_send=False) == "done"
    # Once it is done, whoever starts it on the platform starts it here, and nothing is written back.
    assert linked.judge(job["id"], linked.write()["id"], linked.told("ENABLED")) == "settled"
    assert db.campaign(linked.campaign_id)["status"] == "active"
    assert linked.writes() == [("paused", "done", None)]


@pytest.mark.parametrize(("said", "left"), [("PAUSED", "done"), ("ENABLED", "dropped")])
def test_webhook_settles_what_is_wished_in_an_account_that_nobody_reads(
    db: Database, said: str, left: str
) -> None:
    external = str(uuid4().int)[:12]
    campaign_id = _linked_campaign(db, external)
    db.run("update public.partner_marketing_campaigns set status = 'active' where id = %s", [campaign_id])
    db.run("update public.partner_marketing_campaigns set status = 'paused' where id = %s", [campaign_id])

    _ingest(db, _status(external, said, "2026-11-20T10:00:00Z"))

    written = db.row(
        "select value, status, reason from public.partner_campaign_writes where campaign_id = %s",
        [campaign_id],
    )
    assert written == {"value": "paused", "status": left, "reason": "not_connected"}


# Judging -------------------------------------------------------------------------------------------------------


def test_what_is_sent_is_marked_before_and_done_once_the_platform_shows_it(
    linked: Linked, db: Database
) -> None:
    linked.set_status("paused")
    job = linked.job()
    assert job is not None
    taken = linked.take(job["id"])
    assert taken is not None

    assert linked.judge(job["id"], taken["id"], linked.told()) == "send"
    marked = linked.write()
    assert (marked["status"], marked["attempts"], marked["found"], marked["request"]) == (
        "sent", 1, "ENABLED", REQUEST
    )  # fmt: skip
    assert linked.judge(job["id"], taken["id"], linked.told("PAUSED"), may_send=False) == "done"

    assert linked.writes() == [("paused", "done", None)]
    assert linked.take(job["id"]) is None
    assert linked.account.job(job["id"])["status"] == "done"
    # What was read is what the campaign says, and not an hour later.
    assert db.campaign(linked.campaign_id)["platform_status"] == "paused"


def test_what_is_there_already_is_not_sent(linked: Linked) -> None:
    linked.set_status("paused")

    assert linked.judged(linked.told("PAUSED")) == "done"

    assert linked.write()["attempts"] == 0


def test_what_may_have_arrived_is_looked_for_before_it_is_sent_again(linked: Linked) -> None:
    linked.set_status("paused")
    assert linked.judged(linked.told()) == "send"

    # The run was killed: the next one finds it marked, and comes to it first.
    linked.set_budget(55)
    assert linked.judged(linked.told("PAUSED")) == "done"
    assert linked.writes() == [("paused", "done", None), ("55.00", "waiting", None)]


def test_what_does_not_arrive_is_sent_three_times(linked: Linked) -> None:
    linked.set_status("paused")

    assert [linked.judged(linked.told()) for _ in range(4)] == ["send", "send", "send", "refused"]

    assert linked.writes() == [("paused", "refused", "not_taken")]
    assert linked.alerts() == [f"{linked.write()['to_do']} (not_taken)"]


def test_what_did_not_arrive_is_forgotten_once_something_else_is_wished(linked: Linked) -> None:
    linked.set_status("paused")
    assert linked.judged(linked.told()) == "send"
    linked.set_status("active")

    assert linked.judged(linked.told("PAUSED")) == "done"
    assert linked.judged(linked.told("PAUSED")) == "send"
    assert linked.writes() == [("paused", "done", None), ("active", "sent", None)]
    linked.set_status("paused")
    assert linked.judged(linked.told("PAUSED")) == "dropped"


@pytest.mark.parametrize(
    ("account", "told", "reason"),
    [
        ({}, {"note": "shared"}, "shared_budget"),
        ({}, {"note": "lower_level"}, "lower_level_budget"),
        ({}, {"note": "total"}, "total_budget"),
        ({}, {"note": "automated"}, "automated_budget"),
        ({}, {"budget": None}, "no_daily_budget"),
        ({}, {"word": "REMOVED"}, "final_state"),
        ({}, {"switch": None}, "automated_campaign"),
        ({"currency": "USD"}, {}, "currency_not_eur"),
        ({"currency": None}, {}, "currency_not_eur"),
        ({"max_budget_change": 0.19}, {}, "change_too_large"),
        ({}, {"budget": "0"}, "change_too_large"),
    ],
)
def test_budget_that_is_not_to_be_written_is_refused_with_the_reason(
    linked: Linked, account: dict[str, object], told: dict[str, str | None], reason: str
) -> None:
    linked.set_account(**account)
    linked.set_budget(60)

    assert linked.judged(linked.told(**told)) == "refused"

    assert linked.writes() == [("60.00", "refused", reason)]


def test_budget_may_change_by_the_share_that_is_set(linked: Linked) -> None:
    linked.set_account(max_budget_change=0.2)
    linked.set_budget(60)

    assert linked.judged(linked.told()) == "send"


def test_start_of_what_has_ended_is_refused_and_its_pause_is_done(linked: Linked) -> None:
    linked.set_status("paused")
    assert linked.judged(linked.told("PAUSED")) == "done"
    linked.set_status("active")
    job = linked.job()
    assert job is not None

    # Told of the end only now, and not by a webhook, which would have archived the campaign.
    assert linked.judge(job["id"], linked.write()["id"], [*linked.told("PAUSED")[:5], "ended"]) == "refused"
    assert linked.write()["reason"] == "final_state"


def test_stop_comes_before_a_start(linked: Linked, db: Database) -> None:
    linked.set_status("paused")
    assert linked.judged(linked.told("PAUSED")) == "done"
    linked.set_status("active")
    other = db.add_campaign(linked.partner, status="active")
    external = str(uuid4().int)[:12]
    db.run(
        "insert into private.platform_campaigns (channel, account_id, external_campaign_id, name, word, read_at)"
        " values ('google_ads', %s, %s, 'c', 'ENABLED', now())",
        [linked.account.account_id, external],
    )
    db.run(
        "update public.partner_marketing_campaigns set external_campaign_id = %s where id = %s",
        [external, other],
    )
    with db.acting_as(linked.admin):
        db.run("select public.set_campaign_status(%s, 'paused')", [other])

    job = linked.job()
    assert job is not None
    taken = linked.take(job["id"])
    assert taken is not None
    assert (taken["external_campaign_id"], taken["value"]) == (external, "paused")


def test_job_that_comes_further_has_all_its_tries_again(linked: Linked) -> None:
    linked.set_status("paused")
    job = linked.job()
    assert job is not None
    for _ in range(11):
        linked.account.fail(job["id"], linked.lease, kind="transient", error="http 503")
    assert linked.account.job(job["id"])["attempts"] == 11

    assert linked.judge(job["id"], linked.write()["id"], linked.told(), may_send=False) == "wait"
    assert linked.account.job(job["id"])["attempts"] == 11
    assert linked.judge(job["id"], linked.write()["id"], linked.told()) == "send"

    assert linked.account.job(job["id"])["attempts"] == 0


def test_dry_run_shows_what_would_be_sent(linked: Linked, db: Database) -> None:
    linked.set_account(write_mode="dry_run")
    linked.set_status("paused")

    assert linked.judged(linked.told()) == "by_hand"

    assert linked.writes() == [("paused", "by_hand", "dry_run")]
    assert linked.write()["request"] == REQUEST
    linked.set_account(write_mode="on")
    job = linked.job()
    assert job is not None
    assert linked.take(job["id"]) is None
    with db.acting_as(linked.admin):
        db.run("select public.decide_campaign_write(%s, 'send')", [linked.write()["id"]])
    assert linked.judged(linked.told()) == "send"


def test_switch_stops_everything(linked: Linked, db: Database) -> None:
    linked.set_status("paused")
    job = linked.job()
    assert job is not None
    taken = linked.take(job["id"])
    assert taken is not None

    db.run("update private.write_switch set is_stopped = true")

    assert linked.judge(job["id"], taken["id"], linked.told()) == "wait"
    assert linked.take(job["id"]) is None
    assert linked.job() is None
    assert linked.writes() == [("paused", "waiting", None)]
    db.run("update private.write_switch set is_stopped = false")
    assert linked.judged(linked.told()) == "send"


def test_nothing_is_sent_while_the_platform_wants_to_be_left_alone(linked: Linked, db: Database) -> None:
    linked.set_status("paused")
    job = linked.job()
    assert job is not None
    blocked = "update private.sync_gates set blocked_until = %s, blocked_for = %s where account_id = '' and platform = %s"

    # Another account's run has heard it, with this job in hand.
    db.run(blocked, ["infinity", "quota", "google_ads"])
    assert linked.take(job["id"]) is None
    assert linked.account.job(job["id"])["status"] == "waiting"

    db.run(blocked, [None, None, "google_ads"])
    assert linked.take(job["id"]) is not None


def test_account_that_is_switched_off_meanwhile_is_not_written_in(linked: Linked) -> None:
    linked.set_status("paused")
    linked.set_account(write_mode="off")

    assert linked.judged(linked.told()) == "by_hand"


def test_what_a_person_did_on_the_platform_is_done(linked: Linked) -> None:
    linked.set_account(write_mode="off")
    linked.set_status("paused")
    linked.account.ask_for()
    linked.db.run("update private.sync_jobs set kind = 'campaigns', window_from = null, window_to = null")
    job = linked.account.take(linked.lease)
    assert job is not None

    linked.account.store(job["id"], linked.lease, campaigns=[linked.told("ENABLED")])
    assert linked.writes() == [("paused", "by_hand", "writing_is_off")]
    linked.db.run("update private.sync_jobs set status = 'waiting'")
    linked.account.store(job["id"], linked.lease, campaigns=[linked.told("PAUSED")])

    assert linked.writes() == [("paused", "done", None)]
    assert linked.alerts() == []


@pytest.mark.parametrize(("is_by_hand", "status"), [(True, "by_hand"), (False, "refused")])
def test_refusal_of_the_platform_is_said_in_its_own_word(
    linked: Linked, *, is_by_hand: bool, status: str
) -> None:
    linked.set_status("paused")
    job = linked.job()
    assert job is not None

    refusal = [job["id"], linked.lease, linked.write()["id"], is_by_hand]
    with linked.db.acting_as("job_runner"):
        linked.db.run("select public.refuse_campaign_write(%s, %s, %s, 'ACCESS_DENIED', %s)", refusal)

    assert linked.writes() == [("paused", status, "ACCESS_DENIED")]


def test_platform_that_cannot_be_reached_leaves_it_to_a_person(linked: Linked) -> None:
    linked.set_status("paused")
    assert linked.judged(linked.told()) == "send"
    linked.set_budget(55)
    job = linked.job()
    assert job is not None

    linked.account.fail(job["id"], linked.lease, kind="permanent", error="http 404")

    assert linked.writes() == [("paused", "by_hand", "unknown_outcome"), ("55.00", "by_hand", "http 404")]


# Who may -------------------------------------------------------------------------------------------------------


def test_lease_on_one_account_writes_nothing_of_another(linked: Linked, db: Database) -> None:
    linked.set_status("paused")
    other = Account(db)
    job_id = other.ask_for()
    db.run(
        "update private.sync_jobs set due_at = '-infinity', kind = 'writes', window_from = null, window_to = null"
    )
    job = other.take(linked.lease)
    assert job is not None
    assert job["account_id"] == other.account_id

    assert linked.judge(job_id, linked.write()["id"], linked.told()) == "settled"
    assert linked.take(job_id) is None
    assert linked.writes() == [("paused", "waiting", None)]


@pytest.mark.parametrize(
    ("decision", "sqlstate", "word"),
    [("perhaps", "PT400", "decision_refused"), (None, "PT400", "decision_refused")],
)
def test_decision_is_one_of_two(linked: Linked, decision: str | None, sqlstate: str, word: str) -> None:
    linked.set_budget(60, linked.partner)
    with linked.db.acting_as(linked.admin), linked.db.refused(sqlstate, word):
        linked.db.run("select public.decide_campaign_write(%s, %s)", [linked.write()["id"], decision])


def test_what_is_settled_is_not_decided_about(linked: Linked, db: Database) -> None:
    linked.set_budget(60, linked.partner)
    write_id = linked.write()["id"]
    with db.acting_as(linked.admin):
        assert db.value("select public.decide_campaign_write(%s, 'drop')", [write_id])["status"] == "dropped"
    with db.acting_as(linked.admin), db.refused("PT409", "write_already_settled"):
        db.run("select public.decide_campaign_write(%s, 'send')", [write_id])
    with db.acting_as(linked.admin), db.refused("PT404", "write_not_found"):
        db.run("select public.decide_campaign_write(%s, 'send')", [write_id + 1000])


def test_refused_change_is_not_sent_over_a_newer_one(linked: Linked, db: Database) -> None:
    linked.set_budget(90)
    assert linked.judged(linked.told()) == "refused"
    refused = linked.write()["id"]
    linked.set_budget(60)

    with db.acting_as(linked.admin), db.refused("PT409", "write_already_settled"):
        db.run("select public.decide_campaign_write(%s, 'send')", [refused])


def test_partner_sees_own_changes_alone(linked: Linked, db: Database) -> None:
    linked.set_status("paused")
    stranger = db.add_partner()

    with db.acting_as(linked.partner):
        assert db.value("select count(*) from public.partner_campaign_writes") == 1
    with db.acting_as(stranger):
        assert db.value("select count(*) from public.partner_campaign_writes") == 0
    with db.refused("42501"), db.acting_as(linked.partner):
        db.run("update public.partner_campaign_writes set status = 'waiting'")
