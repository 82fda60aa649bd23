"""A lead that was won is told to the platform that brought it: whether, by what, and how often."""

import datetime as dt
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.actors import Person
from tests.database import Database
from tests.sql.place import Place
from tests.sql.test_campaign_sync import Account

ADS_CONSENT = {"ads_consent_version": "2026-11", "ads_consent_text": "Ja, het platform mag het horen."}


class Told(Place):
    """A page whose leads come by Google, and an account of Google's that is told of those that are won."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.account = Account(db)
        self.lease = str(uuid4())
        db.run(
            "update private.ad_connections set write_mode = 'on' where account_id = %s",
            [self.account.account_id],
        )
        db.run(
            "insert into private.conversion_targets (channel, account_id, target_id, value_eur)"
            " values ('google_ads', %s, '7712337565', 249.90)",
            [self.account.account_id],
        )

    def target(self, **values: object) -> None:
        for name, value in values.items():
            self.db.run(f"update private.conversion_targets set {name} = %s", [value])

    def lead_by(self, source: str = "google_ads", **answers: object) -> UUID:
        known = {"source": source, "tags": Jsonb({"gclid": "EAIa"}).obj, **ADS_CONSENT, **answers}
        return UUID(self.ask(**known)["lead_id"])

    def set_status(self, lead_id: UUID, status: str, who: Person | None = None) -> None:
        reason = "price" if status == "lost" else None
        with self.db.acting_as(who or self.partner):
            self.db.run("select public.set_lead_status(%s, %s, %s)", [lead_id, status, reason])

    def win(self, **answers: object) -> UUID:
        lead_id = self.lead_by(**answers)  # type: ignore[arg-type]
        self.set_status(lead_id, "won")
        return lead_id

    def conversions(self, lead_id: UUID) -> list[tuple[str, str | None]]:  # type: ignore[override]
        rows = self.db.rows(
            "select status, reason from public.partner_lead_conversions where lead_id = %s", [lead_id]
        )
        return [(row["status"], row["reason"]) for row in rows]

    def wait(self, by: str = "11 minutes") -> None:
        self.db.run(
            "update public.partner_lead_conversions"
            " set due_at = due_at - %(by)s::interval, happened_at = happened_at - %(by)s::interval,"
            " sent_at = sent_at - %(by)s::interval",
            {"by": by},
        )

    def job(self) -> dict[str, Any] | None:
        return self.account.take(self.lease)

    def take(self) -> dict[str, Any] | None:
        """Take a job, if there is one, and what is to be told."""
        self.db.run("update private.sync_jobs set due_at = '-infinity' where kind = 'conversions'")
        job = self.job()
        if job is None:
            return None
        assert job["kind"] == "conversions"
        with self.db.acting_as("job_runner"):
            taken: dict[str, Any] | None = self.db.value(
                "select public.take_conversion(%s, %s)", [job["id"], self.lease]
            )
        return {**taken, "job_id": job["id"]} if taken is not None else None

    def note(self, taken: dict[str, Any], **result: str | None) -> None:
        with self.db.acting_as("job_runner"):
            self.db.run(
                "select public.note_conversion(%s, %s, %s, %s)",
                [taken["job_id"], self.lease, taken["id"], Jsonb(result)],
            )


@pytest.fixture
def told(db: Database) -> Told:
    db.run("delete from private.sync_plans")
    db.run("delete from private.sync_jobs")
    db.run("delete from private.conversion_targets")
    db.run("delete from public.partner_lead_conversions")
    return Told(db)


# Whether -------------------------------------------------------------------------------------------------------


def test_lead_that_is_won_is_told_by_its_click_and_nothing_else(told: Told) -> None:
    lead_id = told.win(email="Jan@Voorbeeld.nl", phone="+31612345678")
    assert told.conversions(lead_id) == [("waiting", None)]
    # Whoever tapped the wrong word has ten minutes.
    assert told.take() is None
    told.wait()

    taken = told.take()

    assert taken is not None
    assert (taken["lead_id"], taken["click"], taken["hashes"]) == (str(lead_id), {"gclid": "EAIa"}, None)
    assert (taken["target_id"], taken["value"], taken["is_repeated"]) == ("7712337565", "249.90", False)
    assert "Jan" not in str(taken)
    assert told.conversions(lead_id) == [("sent", None)]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"ads_consent_version": None, "ads_consent_text": None}, "no_consent"),
        ({"tags": {}, "email": None, "phone": "12"}, "no_identifier"),
    ],
)
def test_who_is_not_told_of_and_why(told: Told, answers: dict[str, object], reason: str) -> None:
    lead_id = told.win(**answers)

    assert told.conversions(lead_id) == [("refused", reason)]
    told.wait()
    assert told.take() is None
    with told.db.acting_as(told.partner):
        shown = told.db.rows("select reason from public.partner_lead_conversions")
    assert shown == [{"reason": reason}]


@pytest.mark.parametrize("source", ["direct", "social", "seo", "meta_ads", "microsoft_ads"])
def test_platform_that_did_not_bring_it_hears_nothing(told: Told, source: str) -> None:
    assert told.conversions(told.win(source=source)) == []


def test_lead_that_does_not_count_is_not_told(told: Told) -> None:
    lead_id = told.lead_by(suspicion="bot")
    told.set_status(lead_id, "won", told.admin)

    assert told.lead({"lead_id": lead_id})["outcome"] == "quarantined"
    assert told.conversions(lead_id) == []


@pytest.mark.parametrize(
    ("at_status", "steps", "conversions"),
    [
        ("won", ["contacted", "quoted"], []),
        ("quoted", ["contacted"], []),
        ("quoted", ["quoted"], [("waiting", None)]),
        ("quoted", ["quoted", "won"], [("waiting", None)]),
        ("quoted", ["won"], [("waiting", None)]),
        ("won", ["won", "lost"], [("dropped", None)]),
        ("won", ["won", "lost", "won"], [("waiting", None)]),
        ("won", ["won", "quoted"], [("dropped", None)]),
    ],
)
def test_when_it_came_so_far(
    told: Told, at_status: str, steps: list[str], conversions: list[tuple[str, str | None]]
) -> None:
    told.target(at_status=at_status)
    lead_id = told.lead_by()

    for status in steps:
        told.set_status(lead_id, status)

    assert told.conversions(lead_id) == conversions


def test_lead_is_told_once(told: Told) -> None:
    lead_id = told.win()
    told.wait()
    taken = told.take()
    assert taken is not None
    told.note(taken, status="done")

    for status in ("lost", "won"):
        told.set_status(lead_id, status)

    assert told.conversions(lead_id) == [("done", None)]
    told.wait()
    assert told.take() is None


def test_which_of_two_accounts_is_known_by_the_campaign(told: Told, db: Database) -> None:
    other = Account(db)
    db.run(
        "insert into private.conversion_targets (channel, account_id, target_id) values ('google_ads', %s, '2')",
        [other.account_id],
    )
    assert told.conversions(told.win()) == []
    external = str(uuid4().int)[:12]
    campaign_id = db.add_campaign(told.partner)
    db.run(
        "update public.partner_marketing_campaigns set external_campaign_id = %s where id = %s",
        [external, campaign_id],
    )
    db.run(
        "insert into private.platform_campaigns (channel, account_id, external_campaign_id, name, word, read_at)"
        " values ('google_ads', %s, %s, 'c', 'ENABLED', now())",
        [other.account_id, external],
    )

    lead_id = told.win(tags={"gclid": "x", "utm_id": external})

    assert db.value(
        "select account_id from public.partner_lead_conversions where lead_id = %s", [lead_id]
    ) == (other.account_id)


# By what -------------------------------------------------------------------------------------------------------


def _sha256(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("channel", "email", "phone"),
    [
        # As the samples have it: 4e344a1d…b657 and 1763c758…02c1.
        ("meta_ads", _sha256("zo.e+ads@example.org"), _sha256("31612345678")),
        ("tiktok_ads", _sha256("zo.e+ads@example.org"), _sha256("+31612345678")),
        ("linkedin_ads", _sha256("zo.e+ads@example.org"), None),
        ("google_ads", _sha256("zo.e+ads@example.org"), _sha256("+31612345678")),
        ("microsoft_ads", _sha256("zoe@example.org"), None),
    ],
)
def test_each_platform_wants_people_written_its_own_way(
    db: Database, channel: str, email: str, phone: str | None
) -> None:
    hashes = db.value(
        "select private.lead_hashes(%s, jsonb_populate_record(null::public.partner_lead_contacts, %s))",
        [channel, Jsonb({"email": " Zo.e+ads@Example.org ", "phone": "+31612345678"})],
    )

    assert hashes == {name: value for name, value in (("email", email), ("phone", phone)) if value}
    assert _sha256("zo.e+ads@example.org").startswith("4e344a1d")
    assert _sha256("zoe@example.org").startswith("1763c758")


@pytest.mark.parametrize(
    ("contact", "hashed"),
    [
        ({"email": "Jürgen.Oz@example.org"}, "jürgen.oz@example.org"),
        ({"email": "jurgen.oz@example.org"}, "jurgen.oz@example.org"),
        ({"email": "J.Oz+x@gmail.com"}, "joz@gmail.com"),
        ({"email": "J.Oz@googlemail.com"}, "joz@googlemail.com"),
    ],
)
def test_google_reads_addresses_of_its_own_without_dots(
    db: Database, contact: dict[str, str], hashed: str
) -> None:
    hashes = db.value(
        "select private.lead_hashes('google_ads', jsonb_populate_record(null::public.partner_lead_contacts, %s))",
        [Jsonb(contact)],
    )

    assert hashes == {"email": _sha256(hashed)}


def test_number_that_is_none_is_not_hashed(db: Database) -> None:
    hashes = db.value(
        "select private.lead_hashes('meta_ads', jsonb_populate_record(null::public.partner_lead_contacts, %s))",
        [Jsonb({"phone": "06 bel me"})],
    )

    assert hashes is None


def test_who_came_without_a_click_is_told_of_by_hashes(told: Told) -> None:
    told.win(tags={}, email="jan@voorbeeld.nl", phone="+31612345678")
    told.wait()

    taken = told.take()

    assert taken is not None
    assert taken["hashes"] == {"email": _sha256("jan@voorbeeld.nl"), "phone": _sha256("+31612345678")}
    assert taken["click"] is None


# How often -----------------------------------------------------------------------------------------------------


def test_run_that_is_killed_leaves_it_to_the_next_under_the_same_id_and_time(told: Told) -> None:
    told.win()
    told.wait()
    first = told.take()
    assert first is not None
    assert told.take() is None

    told.db.run("update public.partner_lead_conversions set due_at = now()")
    second = told.take()

    assert second is not None
    assert (second["lead_id"], second["happened_at"]) == (first["lead_id"], first["happened_at"])
    assert (first["is_repeated"], second["is_repeated"]) == (False, True)


def test_what_cannot_be_brought_over_ends(told: Told) -> None:
    lead_id = told.win()
    for _ in range(10):
        told.db.run("update public.partner_lead_conversions set due_at = now()")
        assert told.take() is not None

    told.db.run("update public.partner_lead_conversions set due_at = now()")
    assert told.take() is None
    assert told.conversions(lead_id) == [("refused", "not_taken")]


def test_result_that_comes_later_is_asked_for(told: Told) -> None:
    lead_id = told.win()
    told.wait()
    taken = told.take()
    assert taken is not None
    told.note(taken, status="accepted", reference="dm-1")
    assert told.conversions(lead_id) == [("accepted", None)]
    assert told.take() is None

    told.wait("31 minutes")
    asked = told.take()
    assert asked is not None
    # Whoever asks needs to know nothing of the person.
    assert (asked["reference"], asked["click"], asked["hashes"]) == ("dm-1", None, None)
    told.note(asked, status="refused", reason="CLICK_NOT_FOUND")

    assert told.conversions(lead_id) == [("refused", "CLICK_NOT_FOUND")]
    alert = "select detail from private.alerts where kind = 'conversion_refused' and resolved_at is null"
    assert "CLICK_NOT_FOUND" in told.db.value(alert)


def test_result_that_does_not_come_is_given_up(told: Told) -> None:
    lead_id = told.win()
    told.wait()
    taken = told.take()
    assert taken is not None
    told.note(taken, status="accepted", reference="dm-1")
    told.wait("4 days")
    asked = told.take()
    assert asked is not None

    told.note(asked, status="accepted")

    assert told.conversions(lead_id) == [("refused", "no_result")]


@pytest.mark.parametrize(("channel", "days"), [("meta_ads", 7), ("tiktok_ads", 28), ("linkedin_ads", 90)])
def test_what_a_platform_would_refuse_for_its_age_is_not_sent(db: Database, channel: str, days: int) -> None:
    age = db.value("select private.max_conversion_age(%s)", [channel])
    assert age == dt.timedelta(days=days, hours=-1)


def test_too_late_is_too_late(told: Told) -> None:
    lead_id = told.win()
    told.wait("90 days")

    assert told.take() is None
    assert told.conversions(lead_id) == [("refused", "too_old")]


# Who may not ---------------------------------------------------------------------------------------------------


def test_person_who_is_erased_is_told_of_to_nobody(told: Told, db: Database) -> None:
    waiting, told_of = told.win(), told.win()
    told.wait()
    with db.acting_as(told.admin):
        db.run("select public.erase_lead(%s)", [waiting])
    taken = told.take()
    assert taken is not None
    assert taken["lead_id"] == str(told_of)
    told.note(taken, status="done")

    assert told.conversions(waiting) == []
    with db.acting_as(told.admin):
        db.run("select public.erase_lead(%s)", [told_of])
    # That it was told is a figure, and names nobody.
    assert told.conversions(told_of) == [("done", None)]


def test_nothing_is_told_while_the_switch_is_on_or_the_account_off(told: Told, db: Database) -> None:
    lead_id = told.win()
    told.wait()
    db.run("update private.write_switch set is_stopped = true")
    assert told.take() is None
    db.run("update private.write_switch set is_stopped = false")
    for mode in ("off", "dry_run"):
        db.run("update private.ad_connections set write_mode = %s", [mode])
        assert told.take() is None
    assert told.conversions(lead_id) == [("waiting", None)]

    db.run("update private.ad_connections set write_mode = 'on'")
    assert told.take() is not None


def test_switch_that_is_turned_with_the_job_in_hand_stops_it(told: Told, db: Database) -> None:
    told.win()
    told.wait()
    job = told.job()
    assert job is not None
    db.run("update private.write_switch set is_stopped = true")

    with db.acting_as("job_runner"):
        assert db.value("select public.take_conversion(%s, %s)", [job["id"], told.lease]) is None


def test_nothing_is_told_while_the_platform_wants_to_be_left_alone(told: Told, db: Database) -> None:
    told.win()
    told.wait()
    job = told.job()
    assert job is not None
    db.run(
        "update private.sync_gates set blocked_until = 'infinity', blocked_for = 'quota'"
        " where account_id = '' and platform = 'google_ads'"
    )

    with db.acting_as("job_runner"):
        assert db.value("select public.take_conversion(%s, %s)", [job["id"], told.lease]) is None
    assert told.account.job(job["id"])["status"] == "waiting"


def test_stranger_sees_nothing_of_it(told: Told, db: Database) -> None:
    told.win()
    with db.acting_as(db.add_partner()):
        assert db.rows("select * from public.partner_lead_conversions") == []
    with db.acting_as(told.admin):
        assert len(db.rows("select * from public.partner_lead_conversions")) == 1


def test_lead_that_goes_to_another_partner_takes_it_along(told: Told, db: Database) -> None:
    lead_id = told.win()
    other = db.add_partner()

    db.run("select private.begin_ledger_write()")
    db.run("update public.partner_leads set partner_id = %s where id = %s", [other.id, lead_id])
    db.run("select private.end_ledger_write()")

    with db.acting_as(other):
        assert len(db.rows("select * from public.partner_lead_conversions")) == 1


@pytest.mark.parametrize(("is_test", "told_of"), [(True, 0), (False, 1)])
def test_test_lead_of_a_platform_is_not_told(
    told: Told, db: Database, *, is_test: bool, told_of: int
) -> None:
    told.target(covers_own_forms=True)
    lead_id = uuid4()
    db.run("select private.begin_ledger_write()")
    db.run(
        "insert into public.partner_leads (id, partner_id, channel, external_lead_id, is_test)"
        " values (%s, %s, 'google_ads', %s, %s)",
        [lead_id, told.partner.id, str(lead_id), is_test],
    )
    db.run(
        "insert into public.partner_lead_contacts (lead_id, partner_id, email)"
        " values (%s, %s, 'jan@voorbeeld.nl')",
        [lead_id, told.partner.id],
    )
    db.run("select private.end_ledger_write()")

    told.set_status(lead_id, "won")

    assert len(told.conversions(lead_id)) == told_of


def test_form_of_the_platforms_own_is_covered_if_an_operator_says_so(told: Told, db: Database) -> None:
    target = db.row("select * from private.conversion_targets")
    lead_id = uuid4()
    db.run("select private.begin_ledger_write()")
    db.run(
        "insert into public.partner_leads (id, partner_id, channel, external_lead_id)"
        " values (%s, %s, 'google_ads', 'x')",
        [lead_id, told.partner.id],
    )
    db.run(
        "insert into public.partner_lead_contacts (lead_id, partner_id, email) values (%s, %s, 'jan@voorbeeld.nl')",
        [lead_id, told.partner.id],
    )
    db.run("select private.end_ledger_write()")
    refusal = (
        "select private.refuse_conversion(l, t, now()) from public.partner_leads as l,"
        " private.conversion_targets as t where l.id = %s"
    )
    assert target["covers_own_forms"] is False
    assert db.value(refusal, [lead_id]) == "no_consent"

    told.target(covers_own_forms=True)
    assert db.value(refusal, [lead_id]) is None
