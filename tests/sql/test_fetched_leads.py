"""Leads that are asked for go the way of webhooks, count once, and nobody who was erased comes back."""

from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.database import Database
from tests.sql.test_campaign_inbox import Event, _ingest, _linked_campaign
from tests.sql.test_campaign_sync import Account

# Nobody else's in this suite.
LEAD, OTHER = "991200000000001", "991200000000002"


def _event(
    lead_id: str,
    campaign: str | None,
    *,
    channel: str = "meta_ads",
    at: str = "2026-11-20T10:00:00Z",
    email: str = "zoe@example.org",
    gclid: str | None = None,
) -> Event:
    key = f"{channel}:fetched:{lead_id}"
    person = {"email": email, "answers": {"E-mail": email}, "tags": {"gclid": gclid} if gclid else {}}
    return {
        "event_key": key,
        "body_hmac": sha256(key.encode()).hexdigest(),
        "channel": channel,
        "external_campaign_id": campaign,
        "occurred_at": at,
        "facts": {"kind": "lead", "external_lead_id": lead_id, "is_test": False, "submitted_at": at},
        "payload": {},
        "person": person,
    }


def _announced(lead_id: str, **more: object) -> Event:
    """A lead as Meta's webhook has it: without a campaign, and nobody in it."""
    return {
        "event_key": f"meta:leadgen:{lead_id}",
        "body_hmac": sha256(lead_id.encode()).hexdigest(),
        "channel": "meta_ads",
        "facts": {"kind": "lead", "external_lead_id": lead_id, "is_test": False, "is_announced": True},
        "payload": {},
        **more,
    }


class Leads:
    """A campaign that is linked, and an account that is asked for leads."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.account = Account(db)
        self.external = str(uuid4().int)[:12]
        self.channel("meta_ads")
        self.campaign_id: UUID = db.add_campaign(db.add_partner(), channel="meta_ads")
        db.run(
            "update public.partner_marketing_campaigns set external_campaign_id = %s where id = %s",
            [self.external, self.campaign_id],
        )

    def channel(self, channel: str) -> None:
        """Have the account be one of another platform."""
        self.name = channel
        self.db.run(
            "insert into private.sync_gates (platform, account_id) values (%s, %s) on conflict do nothing",
            [channel, self.account.account_id],
        )
        self.db.run(
            "update private.ad_connections set channel = %s where account_id = %s",
            [channel, self.account.account_id],
        )

    def fetch(self, *leads: Event, fetched: tuple[str, ...] = (), kind: str = "leads") -> None:
        window = "'2026-11-17', '2026-11-23'" if kind == "leads" else "null, null"
        job_id, lease = (
            self.db.value(
                "insert into private.sync_jobs (platform, account_id, kind, slot, window_from, window_to, due_at)"
                f" values (%s, %s, %s, %s, {window}, '-infinity') returning id",
                [self.name, self.account.account_id, kind, str(uuid4())],
            ),
            str(uuid4()),
        )
        job = self.account.take(lease)
        assert job is not None
        assert job["id"] == job_id
        self.account.store(job_id, lease, leads=list(leads), fetched=list(fetched))
        self.account.apply(job_id, lease)
        assert self.account.job(job_id)["status"] == "done"
        with self.db.acting_as("job_runner"):
            self.db.run("select public.leave_sync(%s)", [lease])

    def total(self) -> int:
        total: int = self.db.campaign(self.campaign_id)["total_leads"]
        return total

    def leads(self) -> list[tuple[str, str | None]]:
        rows = self.db.rows(
            "select l.external_lead_id, k.email from public.partner_leads as l"
            " left join public.partner_lead_contacts as k on k.lead_id = l.id"
            " where l.channel = %s and l.external_lead_id = %s",
            [self.name, LEAD],
        )
        return [(row["external_lead_id"], row["email"]) for row in rows]

    def people_in_inbox(self) -> int:
        count: int = self.db.value(
            "select count(*) from private.inbox_persons as p join private.campaign_inbox as i on i.id = p.inbox_id"
            " where i.external_lead_id = %s",
            [LEAD],
        )
        return count

    def waiting(self) -> int:
        count: int = self.db.value("select count(*) from private.fetch_queue")
        return count


@pytest.fixture
def leads(db: Database) -> Leads:
    db.run("delete from private.sync_plans")
    db.run("delete from private.sync_jobs")
    db.run("delete from private.ad_connections")
    db.run("delete from private.work_to_fetch")
    return Leads(db)


def test_what_a_webhook_missed_is_counted_once(leads: Leads) -> None:
    missed = _event(LEAD, leads.external)

    leads.fetch(missed)
    leads.fetch(missed)

    assert leads.leads() == [(LEAD, "zoe@example.org")]
    assert leads.total() == 1
    assert (
        leads.db.value("select via from private.campaign_inbox where external_lead_id = %s", [LEAD]) == "sync"
    )


def test_what_a_webhook_brought_is_left_alone(leads: Leads) -> None:
    webhook = {**_event(LEAD, leads.external, email="eerst@example.org"), "event_key": "meta:lead:1"}
    assert _ingest(leads.db, webhook, source="meta_ads") == [("applied", None)]

    leads.fetch(_event(LEAD, leads.external, email="anders@example.org"))

    assert leads.leads() == [(LEAD, "eerst@example.org")]
    assert leads.total() == 1
    assert (
        leads.db.value("select count(*) from private.campaign_inbox where external_lead_id = %s", [LEAD]) == 1
    )


def test_webhook_that_comes_late_counts_nothing_twice(leads: Leads) -> None:
    leads.fetch(_event(LEAD, leads.external))

    _ingest(leads.db, {**_event(LEAD, leads.external), "event_key": "meta:lead:1"}, source="meta_ads")

    assert leads.leads() == [(LEAD, "zoe@example.org")]
    assert leads.total() == 1


def test_announced_lead_gets_its_campaign_and_its_person(leads: Leads) -> None:
    assert _ingest(leads.db, _announced(LEAD), source="meta_ads") == [("parked", "to_fetch")]
    assert leads.waiting() == 1
    assert leads.total() == 0

    leads.fetch(_event(LEAD, leads.external), fetched=(LEAD,), kind="details")

    assert leads.leads() == [(LEAD, "zoe@example.org")]
    assert (leads.total(), leads.waiting()) == (1, 0)
    rows = leads.db.rows(
        "select status, reason from private.campaign_inbox where external_lead_id = %s", [LEAD]
    )
    assert [(row["status"], row["reason"]) for row in rows] == [("applied", None)] * 2


def test_job_for_what_was_announced_is_planned_with_its_ids(leads: Leads) -> None:
    _ingest(leads.db, _announced(LEAD), _announced(OTHER), source="meta_ads")

    job = leads.account.take()

    assert job is not None
    assert (job["kind"], job["account_id"]) == ("details", leads.account.account_id)
    assert sorted(job["announced"]) == [LEAD, OTHER]


def test_announced_lead_of_another_account_is_asked_for_there(leads: Leads, db: Database) -> None:
    own = Account(db)
    db.run("update private.ad_connections set channel = 'google_ads' where account_id = %s", [own.account_id])
    db.run("insert into private.sync_gates (platform, account_id) values ('meta_ads', %s)", [own.account_id])
    db.run("update private.ad_connections set channel = 'meta_ads' where account_id = %s", [own.account_id])
    _ingest(leads.db, _announced(LEAD, account_id=own.account_id), source="meta_ads")

    job = leads.account.take()

    assert job is not None
    assert job["account_id"] == own.account_id


def test_lead_that_nobodys_campaign_brought_is_no_longer_to_be_fetched(leads: Leads) -> None:
    _ingest(leads.db, _announced(LEAD), source="meta_ads")

    leads.fetch(_event(LEAD, None), fetched=(LEAD,), kind="details")

    assert leads.leads() == [(LEAD, "zoe@example.org")]
    assert (leads.total(), leads.waiting()) == (0, 0)
    reasons = leads.db.rows(
        "select distinct reason from private.campaign_inbox where external_lead_id = %s", [LEAD]
    )
    assert reasons == [{"reason": "unknown_campaign"}]


def test_lead_that_is_gone_is_no_longer_asked_for(leads: Leads) -> None:
    _ingest(leads.db, _announced(LEAD), source="meta_ads")

    leads.fetch(fetched=(LEAD,), kind="details")

    assert leads.leads() == [(LEAD, None)]
    assert leads.waiting() == 0


def test_erased_person_stays_erased(leads: Leads, db: Database) -> None:
    leads.fetch(_event(LEAD, leads.external))
    lead_id = db.value("select id from public.partner_leads where external_lead_id = %s", [LEAD])
    with db.acting_as(db.add_admin()):
        db.run("select public.erase_lead(%s)", [lead_id])

    leads.fetch(_event(LEAD, leads.external))
    again = {**_event(LEAD, leads.external), "event_key": "meta:lead:1"}
    _ingest(db, again, source="meta_ads")

    assert leads.leads() == [(LEAD, None)]
    assert leads.total() == 1
    assert leads.people_in_inbox() == 0


def test_person_who_took_it_back_before_it_was_fetched_is_not_kept(leads: Leads, db: Database) -> None:
    withdrawal = {
        "event_key": "meta:withdrawal:1",
        "body_hmac": "0" * 64,
        "channel": "meta_ads",
        "facts": {"kind": "withdrawal", "external_lead_id": LEAD},
        "payload": {},
    }
    _ingest(db, _announced(LEAD), withdrawal, source="meta_ads")

    leads.fetch(_event(LEAD, leads.external), fetched=(LEAD,))

    assert leads.leads() == [(LEAD, None)]
    assert leads.people_in_inbox() == 0


@pytest.mark.parametrize(
    ("at", "gclid", "counted"),
    [
        # Google's webhook and its API may name the same lead otherwise.
        ("2026-11-20T10:00:00Z", "x", 1),
        ("2026-11-20T05:00:00-05:00", "x", 1),
        ("2026-11-20T10:00:00Z", "y", 2),
        ("2026-11-20T10:00:05Z", "x", 2),
    ],
)
def test_googles_lead_under_another_id(db: Database, leads: Leads, at: str, gclid: str, counted: int) -> None:
    leads.channel("google_ads")
    external = str(uuid4().int)[:12]
    campaign_id = _linked_campaign(db, external)
    webhook = _event("long-id", external, channel="google_ads", gclid="x") | {
        "event_key": "google:lead:long-id"
    }
    _ingest(db, webhook, source="google_ads")

    leads.fetch(_event("L1", external, channel="google_ads", at=at, gclid=gclid))

    assert db.campaign(campaign_id)["total_leads"] == counted


def test_lead_of_another_platform_is_refused(leads: Leads) -> None:
    job_id = leads.db.value(
        "insert into private.sync_jobs (platform, account_id, kind, slot, due_at)"
        " values ('meta_ads', %s, 'details', 'x', '-infinity') returning id",
        [leads.account.account_id],
    )
    lease = str(uuid4())
    assert leads.account.take(lease) is not None

    forged: dict[str, Any] = {**_event(LEAD, leads.external), "channel": "linkedin_ads"}
    with leads.db.refused("PT400", "batch_refused"):
        leads.account.store(job_id, lease, leads=[forged], fetched=[])


def test_campaign_that_was_announced_is_known_once_all_are_asked_for(leads: Leads, db: Database) -> None:
    announcement = {
        "event_key": "meta:field_changed:1",
        "body_hmac": "0" * 64,
        "channel": "meta_ads",
        "external_campaign_id": leads.external,
        "facts": {"kind": "announcement", "object_type": "campaign", "object_id": leads.external},
        "payload": {},
    }
    assert _ingest(db, announcement, source="meta_ads") == [("parked", "to_fetch")]
    job_id = db.value(
        "insert into private.sync_jobs (platform, account_id, kind, slot, due_at)"
        " values ('meta_ads', %s, 'campaigns', 'x', '-infinity') returning id",
        [leads.account.account_id],
    )
    lease = str(uuid4())
    assert leads.account.take(lease) is not None
    leads.account.store(job_id, lease, campaigns=[[leads.external, "c", "ACTIVE", None, None, "on"]])
    leads.account.apply(job_id, lease)

    assert leads.waiting() == 0
    told = "select status from private.campaign_inbox where event_key = 'meta:field_changed:1'"
    assert db.value(told) == "applied"


def test_campaign_that_is_announced_while_all_are_asked_for_is_asked_for_again(
    leads: Leads, db: Database
) -> None:
    db.run(
        "insert into private.work_to_fetch (channel, object_type, object_id, announced_at)"
        " values ('meta_ads', 'campaign', %s, now() + interval '1 minute')",
        [leads.external],
    )
    job_id = db.value(
        "insert into private.sync_jobs (platform, account_id, kind, slot, due_at)"
        " values ('meta_ads', %s, 'campaigns', 'x', '-infinity') returning id",
        [leads.account.account_id],
    )
    lease = str(uuid4())
    assert leads.account.take(lease) is not None
    leads.account.store(job_id, lease, campaigns=[[leads.external, "c", "ACTIVE", None, None, "on"]])
    leads.account.apply(job_id, lease)

    assert leads.waiting() == 1
