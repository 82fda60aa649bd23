"""What ad platforms report: stored once, applied in any order, adopted when an admin links the campaign."""

import itertools
import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from tests.api import As
from tests.conftest import Connect
from tests.database import Database

Event = dict[str, Any]
_numbers = itertools.count(1)


def _event(external: str, kind: str, facts: Mapping[str, object] | None = None, **parts: object) -> Event:
    number = next(_numbers)
    return {
        "event_key": f"{kind}-{number}-{external}",
        "body_hmac": f"{number:064x}",
        "facts": {"kind": kind, **(facts or {})},
        "channel": "google_ads",
        "external_campaign_id": external,
        "occurred_at": "2026-11-20T10:00:00Z",
        **parts,
    }


_FIGURES = {"day": "2026-11-20", "spend": "10.00", "currency": "EUR", "clicks": 10, "impressions": 100}


def _metrics(external: str, **changes: object) -> Event:
    figures = {
        **_FIGURES,
        "as_of": "2026-11-20T12:00:00Z",
        **{name: value for name, value in changes.items() if name not in {"event_key", "body_hmac"}},
    }
    keys = {name: value for name, value in changes.items() if name in {"event_key", "body_hmac"}}
    return _event(external, "metrics", figures, **keys)


def _lead(
    external: str, external_lead_id: str | None = None, *, is_test: bool = False, **changes: object
) -> Event:
    lead = {
        "external_lead_id": external_lead_id or f"lead-{next(_numbers)}",
        "is_test": is_test,
        "submitted_at": "2026-11-20T09:00:00Z",
    }
    person = {"name": "B. Klant", "phone": "+31612345678"}
    return _event(external, "lead", lead, **{"person": person, **changes})


def _status(external: str, status: str, as_of: str) -> Event:
    return _event(external, "status", {"platform_status": status, "as_of": as_of})


def _ingest(db: Database, *events: Event, source: str = "standard") -> list[tuple[str, str | None]]:
    with db.acting_as("campaign_ingester"):
        answers = db.value("select public.ingest_campaign_events(%s, %s)", [source, Jsonb(list(events))])
    assert [answer["event_key"] for answer in answers] == [event["event_key"] for event in events]
    return [(answer["outcome"], answer["reason"]) for answer in answers]


@pytest.fixture
def external(db: Database) -> str:
    return f"g-{db.prefix}-{next(_numbers)}"


@pytest.fixture
def campaign_id(db: Database, external: str) -> UUID:
    return _linked_campaign(db, external)


def _linked_campaign(db: Database, external: str) -> UUID:
    campaign_id = db.add_campaign(db.add_partner())
    db.run(
        "update public.partner_marketing_campaigns set external_campaign_id = %s where id = %s",
        [external, campaign_id],
    )
    return campaign_id


def _totals(db: Database, campaign_id: UUID) -> tuple[Decimal | None, int, int, int]:
    row = db.campaign(campaign_id)
    return row["total_spend"], row["total_clicks"], row["total_impressions"], row["total_leads"]


# Once ----------------------------------------------------------------------------------------------------------------


def test_event_that_comes_twice_is_applied_once(db: Database, external: str, campaign_id: UUID) -> None:
    lead, metrics = _lead(external), _metrics(external)

    first = _ingest(db, lead, metrics)
    second = _ingest(db, metrics, lead)

    assert first == [("applied", None)] * 2
    assert second == [("duplicate", None)] * 2
    assert _totals(db, campaign_id) == (Decimal("10.00"), 10, 100, 1)
    deliveries = db.rows(
        "select deliveries from private.campaign_inbox where external_campaign_id = %s", [external]
    )
    assert deliveries == [{"deliveries": 2}] * 2
    assert db.drift(campaign_id) == []


def test_event_that_comes_twice_in_one_batch_is_applied_once(
    db: Database, external: str, campaign_id: UUID
) -> None:
    lead = _lead(external)

    outcomes = _ingest(db, lead, lead)

    assert outcomes == [("applied", None), ("duplicate", None)]
    assert _totals(db, campaign_id)[3] == 1


def test_other_words_under_the_same_key_are_kept_and_not_applied(
    db: Database, external: str, campaign_id: UUID
) -> None:
    first = _metrics(external)
    second = {
        **_metrics(external, spend="999.00", as_of="2026-11-21T00:00:00Z"),
        "event_key": first["event_key"],
    }

    outcomes = [_ingest(db, first), _ingest(db, second)]

    kept = db.rows(
        "select is_conflict, status, reason, facts ->> 'spend' as spend from private.campaign_inbox"
        " where event_key = %s order by id",
        [first["event_key"]],
    )
    assert outcomes == [[("applied", None)], [("conflict", "conflict")]]
    assert [tuple(row.values()) for row in kept] == [
        (False, "applied", None, "10.00"),
        (True, "parked", "conflict", "999.00"),
    ]
    assert _totals(db, campaign_id)[0] == Decimal("10.00")


def test_one_key_from_two_sources_is_two_events(db: Database, external: str, campaign_id: UUID) -> None:
    """But one lead of the platform's, told by it and by a middleman, is one lead."""
    lead = _lead(external)

    outcomes = [_ingest(db, lead), _ingest(db, lead, source="google_ads")]

    assert outcomes == [[("applied", None)], [("applied", None)]]
    assert _totals(db, campaign_id)[3] == 1


def test_person_is_kept_apart_from_the_inbox(db: Database, external: str, campaign_id: UUID) -> None:
    """Erasing a person then touches one table."""
    _ingest(db, _lead(external))

    stored = db.value(
        "select i::text from private.campaign_inbox as i where external_campaign_id = %s", [external]
    )
    partner_id = db.campaign(campaign_id)["partner_id"]
    contact = db.row("select * from public.partner_lead_contacts where partner_id = %s", [partner_id])
    assert "Klant" not in stored
    assert "+31612345678" not in stored
    assert (contact["name"], contact["phone"]) == ("B. Klant", "+31612345678")


def _contacts(db: Database, campaign_id: UUID) -> list[dict[str, Any]]:
    return db.rows(
        "select k.name, k.answers from public.partner_lead_contacts as k join public.partner_leads as l on l.id = k.lead_id"
        " where l.campaign_id = %s order by k.name",
        [campaign_id],
    )


@pytest.mark.parametrize("same_key", [True, False], ids=["the event's key", "the lead's id"])
def test_stranger_with_a_leads_id_does_not_take_the_persons_place(
    db: Database, external: str, campaign_id: UUID, *, same_key: bool
) -> None:
    """With a token that got about: whoever comes second is kept beside the first, once, and the lead counts once."""
    junk = {**_lead(external, "lead-x"), "person": {"name": "Niemand"}}
    real = {**_lead(external, "lead-x"), "person": {"name": "C. Echt", "phone": "+31687654321"}}
    if same_key:
        real["event_key"] = junk["event_key"]

    outcomes = [_ingest(db, junk), _ingest(db, real), _ingest(db, real)]

    (contact,) = _contacts(db, campaign_id)
    assert outcomes[1] == [("conflict" if same_key else "applied", None)]
    assert contact["name"] == "Niemand"
    assert list(contact["answers"].values()) == [real["person"]]
    assert _totals(db, campaign_id)[3] == 1


def test_stranger_with_an_events_key_does_not_take_the_leads_place(
    db: Database, external: str, campaign_id: UUID
) -> None:
    real = _lead(external)
    junk = {**_event(external, "other", {"park_reason": "bad_lead"}), "event_key": real["event_key"]}

    outcomes = [_ingest(db, junk), _ingest(db, real), _ingest(db, real)]

    assert [outcome for ((outcome, _),) in outcomes] == ["parked", "conflict", "conflict"]
    assert [contact["name"] for contact in _contacts(db, campaign_id)] == ["B. Klant"]
    assert _totals(db, campaign_id)[3] == 1


def test_conflicting_person_is_kept_apart_from_the_inbox_too(
    db: Database, external: str, campaign_id: UUID
) -> None:
    first = _lead(external)
    second = {**_lead(external), "event_key": first["event_key"], "person": {"name": "C. Ander"}}

    _ingest(db, first, second)

    kept = db.value(
        "select string_agg(i::text, ' ') from private.campaign_inbox as i where event_key = %s",
        [first["event_key"]],
    )
    assert "Ander" not in kept
    assert [contact["name"] for contact in _contacts(db, campaign_id)] == ["B. Klant", "C. Ander"]


@pytest.mark.parametrize("same_key", [True, False], ids=["in other words", "under another key"])
def test_person_who_was_erased_does_not_come_back(
    db: Database, external: str, campaign_id: UUID, *, same_key: bool
) -> None:
    first = _lead(external, "lead-z")
    again = {**_lead(external, "lead-z"), "person": {"name": "B. Klant", "email": "b@voorbeeld.nl"}}
    if same_key:
        again["event_key"] = first["event_key"]
    _ingest(db, first)
    db.run(
        "delete from public.partner_lead_contacts where name = 'B. Klant' and lead_id in"
        " (select id from public.partner_leads where campaign_id = %s)",
        [campaign_id],
    )

    _ingest(db, again)

    assert _contacts(db, campaign_id) == []
    assert _totals(db, campaign_id)[3] == 1
    assert db.drift(campaign_id) == []


def _persons(db: Database, external: str) -> list[dict[str, Any]]:
    return [
        row["person"]
        for row in db.rows(
            "select p.person from private.inbox_persons as p join private.campaign_inbox as i on i.id = p.inbox_id"
            " where i.external_campaign_id = %s order by p.inbox_id",
            [external],
        )
    ]


def test_answers_filled_to_the_brim_stop_no_batch_and_nobody_is_lost(
    db: Database, external: str, campaign_id: UUID
) -> None:
    full = {**_lead(external, "lead-y"), "person": {"name": "Vol", "answers": {"a": "x" * 65_000}}}
    real = {**_lead(external, "lead-y"), "person": {"name": "C. Echt", "answers": {"b": "y" * 1000}}}

    outcomes = _ingest(db, full, real, _metrics(external))

    assert outcomes == [("applied", None), ("parked", "large_answers"), ("applied", None)]
    assert [contact["name"] for contact in _contacts(db, campaign_id)] == ["Vol"]
    assert _persons(db, external) == [real["person"]]
    assert _totals(db, campaign_id)[3] == 1


def test_answers_that_are_too_large_leave_the_lead_and_whom_to_call(
    db: Database, external: str, campaign_id: UUID
) -> None:
    person = {"name": "D. Veel", "phone": "+31687654321", "answers": {"a": "x" * 70_000}}

    outcomes = _ingest(db, {**_lead(external), "person": person})

    assert outcomes == [("parked", "large_answers")]
    assert [(contact["name"], contact["answers"]) for contact in _contacts(db, campaign_id)] == [
        ("D. Veel", {})
    ]
    assert _persons(db, external) == [person]
    assert _totals(db, campaign_id)[3] == 1


@pytest.mark.parametrize(
    "parts",
    [
        {"event_key": ""},
        {"event_key": "k" * 301},
        {"event_key": None},
        {"body_hmac": "A" * 64},
        {"body_hmac": None},
        {"external_campaign_id": "c" * 256},
        {"channel": "meta_ads"},
        {"facts": {"kind": "lead", "external_lead_id": "l" * 256}},
        {"facts": {"kind": "status", "platform_status": "s" * 101, "as_of": "2026-11-20T12:00:00Z"}},
        {"payload": {"x": "y" * 1_048_576}},
    ],
)
def test_event_that_our_function_would_not_make_is_refused(
    db: Database, external: str, parts: dict[str, object]
) -> None:
    good = _lead(external)

    with db.refused("PT400", "batch_refused"):
        _ingest(db, good, {**_lead(external), **parts}, source="google_ads")

    assert (
        db.value("select count(*) from private.campaign_inbox where event_key = %s", [good["event_key"]]) == 0
    )


@pytest.mark.parametrize("events", ["{}", "null", "1", '["x"]', "[null]", json.dumps([{}] * 1001)])
def test_what_is_no_list_of_events_is_refused(db: Database, events: str) -> None:
    with db.refused("PT400", "batch_refused"), db.acting_as("campaign_ingester"):
        db.run("select public.ingest_campaign_events('standard', %s::jsonb)", [events])


# Metrics -------------------------------------------------------------------------------------------------------------


def test_newest_report_of_a_day_wins_in_whatever_order(
    db: Database, external: str, campaign_id: UUID
) -> None:
    reports = [
        _metrics(external, as_of=f"2026-11-20T{hour}:00:00Z", spend=spend, clicks=clicks)
        for hour, spend, clicks in (("18", "30.00", 30), ("06", "5.00", 5), ("12", "20.00", 20))
    ]

    for report in reports:
        _ingest(db, report)

    assert _totals(db, campaign_id) == (Decimal("30.00"), 30, 100, 0)


def test_platform_may_correct_its_figures_downwards(db: Database, external: str, campaign_id: UUID) -> None:
    _ingest(db, _metrics(external, as_of="2026-11-20T12:00:00Z", spend="30.00"))
    _ingest(db, _metrics(external, as_of="2026-11-21T12:00:00Z", spend="25.00"))

    assert _totals(db, campaign_id)[0] == Decimal("25.00")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_one_moment_the_larger_figures_win_in_either_order(
    db: Database, external: str, campaign_id: UUID, order: tuple[int, int]
) -> None:
    reports = [_metrics(external, spend="10.00", clicks=50), _metrics(external, spend="12.00", clicks=1)]

    for index in order:
        _ingest(db, reports[index])

    assert _totals(db, campaign_id)[:2] == (Decimal("12.00"), 1)


def test_days_add_up_and_are_rounded_once(db: Database, external: str, campaign_id: UUID) -> None:
    _ingest(db, *[_metrics(external, day=f"2026-11-{day:02}", spend="0.333333") for day in range(1, 4)])

    assert _totals(db, campaign_id) == (Decimal("1.00"), 30, 300, 0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"spend": "NaN"}, "bad_metrics"),
        ({"spend": "-1"}, "bad_metrics"),
        ({"spend": "1000000.01"}, "implausible"),
        ({"clicks": 100_000_001}, "implausible"),
        ({"impressions": 10_000_000_001}, "implausible"),
        ({"day": "2026-11-22"}, "bad_metrics"),
        ({"day": "-infinity"}, "bad_metrics"),
        ({"day": "1999-12-31"}, "bad_metrics"),
        ({"spend": "a lot"}, "bad_metrics"),
        ({"spend": None}, "bad_metrics"),
        ({"clicks": -1}, "bad_metrics"),
        ({"clicks": None}, "bad_metrics"),
        ({"clicks": 1.5}, "bad_metrics"),
        ({"day": "2026-02-30"}, "bad_metrics"),
        ({"as_of": "yesterday-ish"}, "bad_metrics"),
        ({"as_of": None}, "bad_metrics"),
        ({"day": "infinity"}, "bad_metrics"),
        ({"as_of": "infinity"}, "bad_metrics"),
    ],
)
def test_poisoned_report_is_parked_with_its_reason_and_its_mates_count(
    db: Database, external: str, campaign_id: UUID, changes: dict[str, object], reason: str
) -> None:
    outcomes = _ingest(
        db,
        _metrics(external, day="2026-11-01"),
        _metrics(external, **changes),
        _metrics(external, day="2026-11-02"),
    )

    assert outcomes == [("applied", None), ("parked", reason), ("applied", None)]
    assert _totals(db, campaign_id)[0] == Decimal("20.00")
    kept = db.row(
        "select * from private.campaign_inbox where status = 'parked' and external_campaign_id = %s",
        [external],
    )
    assert kept["reason"] == reason


# Leads and status ----------------------------------------------------------------------------------------------------


def test_test_lead_is_kept_and_not_counted(db: Database, external: str, campaign_id: UUID) -> None:
    _ingest(db, _lead(external, is_test=True), _lead(external))

    kept = db.value("select count(*) from public.partner_leads where campaign_id = %s", [campaign_id])
    assert (kept, _totals(db, campaign_id)[3]) == (2, 1)
    assert db.drift(campaign_id) == []


@pytest.mark.parametrize(
    "event",
    [
        {"facts": {"kind": "lead"}},
        {"facts": {"kind": "lead", "external_lead_id": ""}},
        {"facts": {"kind": "lead", "external_lead_id": "x-1", "is_test": "perhaps"}},
        {"facts": {"kind": "lead", "external_lead_id": "x-1", "submitted_at": "soon"}},
        {"facts": {"kind": "lead", "external_lead_id": "x-1"}, "person": {"name": "A", "answers": "text"}},
        {"facts": {"kind": "lead", "external_lead_id": "x-1"}, "channel": "pigeon"},
        {"facts": {"kind": "status", "platform_status": "ENABLED"}},
        {"facts": {"kind": "status", "platform_status": "ENABLED", "as_of": "soon"}},
        {"facts": {"kind": "status", "platform_status": "ENABLED", "as_of": "2999-01-01T00:00:00Z"}},
        {"facts": {"kind": "metrics", **_FIGURES, "as_of": "2999-01-01T00:00:00Z"}},
    ],
)
def test_poisoned_event_is_parked_and_its_mates_count(
    db: Database, external: str, campaign_id: UUID, event: Event
) -> None:
    outcomes = _ingest(db, _lead(external), {**_event(external, "lead"), **event}, _lead(external))

    assert outcomes == [("applied", None), ("parked", f"bad_{event['facts']['kind']}"), ("applied", None)]
    assert _totals(db, campaign_id)[3] == 2


def test_event_that_nobody_understands_is_kept(db: Database, external: str, campaign_id: UUID) -> None:
    outcomes = _ingest(
        db, _event(external, "other", payload={"x": 1}), _event(external, "other", {"park_reason": "too_odd"})
    )

    assert outcomes == [("parked", "unknown_kind"), ("parked", "too_odd")]
    assert _totals(db, campaign_id)[3] == 0


_NOON = "2026-11-20T12:00:00Z"


def _campaign_with(db: Database, external: str, status: str, *, committed: int = 0) -> UUID:
    """Return a linked campaign of EUR 400 a month, of a partner who may commit 1,000 and has committed more since."""
    partner = db.add_partner(budget=1000)
    campaign_id = db.add_campaign(partner, external_campaign_id=external, monthly_budget=400)
    for step in {
        "planned": [],
        "active": ["active"],
        "paused": ["active", "paused"],
        "archived": ["archived"],
    }[status]:
        db.run("update public.partner_marketing_campaigns set status = %s where id = %s", [step, campaign_id])
    if committed:
        db.add_campaign(partner, monthly_budget=committed)
    return campaign_id


@pytest.mark.parametrize(
    ("status", "word", "becomes", "platform_status", "reason"),
    [
        ("planned", "ENABLED", "active", "active", None),
        ("planned", "PAUSED", "planned", "paused", None),
        ("active", "paused", "paused", "paused", None),
        ("paused", "Enabled", "active", "active", None),
        ("active", "ENABLED", "active", "active", None),
        ("active", "IN_REVIEW", "active", "in_review", None),
        ("active", "REMOVED", "archived", "archived", None),
        ("archived", "ENABLED", "archived", "active", "not_allowed"),
        ("active", "ON_HOLIDAY", "active", None, "unknown_status"),
    ],
)
def test_status_follows_the_platform_where_the_workflow_allows(
    db: Database,
    external: str,
    status: str,
    word: str,
    becomes: str,
    platform_status: str,
    reason: str | None,
) -> None:
    campaign_id = _campaign_with(db, external, status)

    outcomes = _ingest(db, _status(external, word, _NOON))

    campaign = db.campaign(campaign_id)
    assert outcomes == [("parked" if reason else "applied", reason)]
    assert (campaign["status"], campaign["platform_status"]) == (becomes, platform_status)


def test_status_follows_the_platform_only_within_the_budget(db: Database, external: str) -> None:
    campaign_id = _campaign_with(db, external, "paused", committed=700)

    outcomes = _ingest(db, _status(external, "ENABLED", _NOON))

    campaign = db.campaign(campaign_id)
    assert outcomes == [("parked", "budget_exceeded")]
    assert (campaign["status"], campaign["platform_status"]) == ("paused", "active")
    # Paused there as well, there is no difference to show any longer.
    _ingest(db, _status(external, "PAUSED", "2026-11-20T13:00:00Z"))
    statuses = db.rows(
        "select status from private.campaign_inbox where external_campaign_id = %s order by id", [external]
    )
    assert [row["status"] for row in statuses] == ["superseded", "applied"]


def test_partner_who_only_buys_leads_is_not_made_active(db: Database, external: str) -> None:
    campaign_id = _campaign_with(db, external, "paused")
    db.run(
        "update public.profiles set marketing_mode = 'leads_only' where id = %s",
        [db.campaign(campaign_id)["partner_id"]],
    )

    assert _ingest(db, _status(external, "ENABLED", _NOON)) == [("parked", "not_allowed")]
    assert db.campaign(campaign_id)["status"] == "paused"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_newest_status_stays_in_whatever_order(db: Database, external: str, order: tuple[int, ...]) -> None:
    campaign_id = _campaign_with(db, external, "active")
    told = [
        _status(external, status, f"2026-11-20T{hour}:00:00Z")
        for status, hour in (("ENABLED", 12), ("PAUSED", 14), ("ENABLED", 13))
    ]

    for index in order:
        _ingest(db, told[index])

    campaign = db.campaign(campaign_id)
    assert (campaign["platform_status"], campaign["status"]) == ("paused", "paused")


def test_spend_over_the_budget_is_a_fact_and_not_refused(
    db: Database, external: str, campaign_id: UUID
) -> None:
    outcomes = _ingest(db, _metrics(external, spend="123456.78"))

    assert outcomes == [("applied", None)]
    assert _totals(db, campaign_id)[0] == Decimal("123456.78")


def test_lead_of_another_partners_campaign_is_out_of_sight(
    db: Database, external: str, campaign_id: UUID
) -> None:
    _ingest(db, _lead(external), _metrics(external))
    stranger = db.add_partner()

    with db.acting_as(stranger):
        seen = [
            db.value("select count(*) from public.partner_leads"),
            db.value("select count(*) from public.partner_lead_contacts"),
            db.value("select count(*) from public.partner_campaign_metrics"),
        ]

    assert seen == [0, 0, 0]
    assert campaign_id is not None


# Before the campaign is known ----------------------------------------------------------------------------------------


def test_what_came_before_the_link_is_adopted_once(db: Database, external: str) -> None:
    outcomes = _ingest(
        db,
        _lead(external),
        _lead(external, is_test=True),
        _metrics(external),
        _metrics(external, day="2026-11-19"),
        _status(external, "ENABLED", "2026-11-20T12:00:00Z"),
        _status(external, "PAUSED", "2026-11-20T11:00:00Z"),
    )
    partner, admin = db.add_partner(), db.add_admin()
    campaign_id = db.add_campaign(partner)

    with db.acting_as(admin):
        db.run("select public.link_campaign(%s, %s)", [campaign_id, external])
        db.run("select public.link_campaign(%s, %s)", [campaign_id, external])

    assert outcomes == [("parked", "unknown_campaign")] * 6
    assert _totals(db, campaign_id) == (Decimal("20.00"), 20, 200, 1)
    assert db.campaign(campaign_id)["platform_status"] == "active"
    with db.acting_as(partner):
        seen = (
            db.value("select count(*) from public.partner_leads"),
            db.value("select count(*) from public.partner_lead_contacts"),
            db.value("select count(*) from public.partner_campaign_metrics"),
        )
    assert seen == (2, 2, 2)
    assert (
        db.value(
            "select count(*) from private.campaign_inbox where external_campaign_id = %s and status = 'parked'",
            [external],
        )
        == 0
    )
    assert db.drift(campaign_id) == []


def test_unclaimed_lead_is_seen_by_no_partner(db: Database, external: str) -> None:
    _ingest(db, _lead(external))

    with db.acting_as(db.add_partner()):
        seen = db.value("select count(*) from public.partner_leads")

    assert seen == 0


def test_link_in_the_table_editor_adopts_too(db: Database, external: str) -> None:
    _ingest(db, _lead(external), _metrics(external))

    campaign_id = _linked_campaign(db, external)
    second_id = db.add_campaign(db.add_partner(), external_campaign_id=f"{external}-b")

    assert _totals(db, campaign_id) == (Decimal("10.00"), 10, 100, 1)
    assert _totals(db, second_id) == (Decimal(0), 0, 0, 0)


def test_link_adopts_only_its_own_channel(db: Database, external: str) -> None:
    _ingest(db, {**_lead(external), "channel": "meta_ads"}, _lead(f"{external}-other"))

    campaign_id = _linked_campaign(db, external)

    assert _totals(db, campaign_id) == (Decimal(0), 0, 0, 0)


def test_report_without_a_rate_stays_parked_when_the_campaign_is_linked(db: Database, external: str) -> None:
    _ingest(db, _metrics(external, currency="USD"), _metrics(external, day="2026-11-19"))

    campaign_id = _linked_campaign(db, external)

    assert _totals(db, campaign_id)[:2] == (None, 20)
    assert db.campaign(campaign_id)["unpriced_spend"] == {"USD": 10}
    kept = db.row(
        "select status, reason from private.campaign_inbox where external_campaign_id = %s and facts ->> 'currency' = 'USD'",
        [external],
    )
    assert kept == {"status": "parked", "reason": "no_rate"}


# Many at once --------------------------------------------------------------------------------------------------------


def _at_once(count: int, task: Callable[[int], Any]) -> list[Any]:
    barrier = threading.Barrier(count)

    def run(number: int) -> object:
        barrier.wait()
        return task(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_sixteen_deliveries_of_one_batch_at_once_count_once(platform: Database, as_: As) -> None:
    external = f"g-{platform.prefix}-{next(_numbers)}"
    campaign_id = _linked_campaign(platform, external)
    batch = [_lead(external) for _ in range(6)] + [
        _metrics(external, day=f"2026-11-{day:02}") for day in range(1, 7)
    ]
    caller = as_("campaign_ingester")

    def deliver(number: int) -> list[str]:
        mine = batch[number % 12 :] + batch[: number % 12]
        answer = caller.call("ingest_campaign_events", {"source": "standard", "events": mine})
        assert answer.status_code == 200, answer.text
        return [outcome["outcome"] for outcome in answer.json()]

    answered = [outcome for outcomes in _at_once(16, deliver) for outcome in outcomes]

    assert (answered.count("applied"), answered.count("duplicate")) == (12, 180)
    assert _totals(platform, campaign_id) == (Decimal("60.00"), 60, 600, 6)
    assert platform.drift(campaign_id) == []


def test_events_of_many_campaigns_at_once_while_they_are_linked(platform: Database, as_: As) -> None:
    """Sixteen batches over eight campaigns, each lead told twice, while an admin links the eight."""
    admin = platform.add_admin()
    externals = [f"g-{platform.prefix}-{next(_numbers)}" for _ in range(8)]
    campaigns = [platform.add_campaign(platform.add_partner()) for _ in externals]
    ingester, linker = as_("campaign_ingester"), as_(admin)
    batches = [[_lead(external) for external in externals] for _ in range(8)] * 2

    def act(number: int) -> int:
        if number < len(batches):
            answer = ingester.call(
                "ingest_campaign_events", {"source": "standard", "events": batches[number]}
            )
        else:
            index = number - len(batches)
            arguments = {"campaign_id": str(campaigns[index]), "external_campaign_id": externals[index]}
            answer = linker.call("link_campaign", arguments)
        while answer.status_code == 503 and answer.json()["message"] == "retry":
            answer = (
                ingester.call("ingest_campaign_events", {"source": "standard", "events": batches[number]})
                if number < len(batches)
                else linker.call("link_campaign", arguments)
            )
        assert answer.status_code == 200, answer.text
        return answer.status_code

    _at_once(24, act)

    assert [_totals(platform, campaign_id)[3] for campaign_id in campaigns] == [8] * 8
    assert platform.drift(*campaigns) == []


def test_event_that_races_with_its_link_is_not_lost(platform: Database, connect: Connect) -> None:
    """The event looked for the campaign before the link was there, and commits after the link began."""
    external = f"g-{platform.prefix}-{next(_numbers)}"
    campaign_id = platform.add_campaign(platform.add_partner())
    ingesting, linking = connect(), connect()
    ingesting.begin()

    outcomes = _ingest(ingesting, _lead(external), _metrics(external))
    with ThreadPoolExecutor(1) as pool:
        link = pool.submit(linking.run, "select public.link_campaign(%s, %s)", [campaign_id, external])
        assert wait([link], timeout=0.3).not_done, "the link should wait for the event"
        ingesting.connection.commit()
        link.result(timeout=10)

    assert outcomes == [("parked", "unknown_campaign")] * 2
    assert _totals(platform, campaign_id) == (Decimal("10.00"), 10, 100, 1)
    assert platform.drift(campaign_id) == []


def test_event_that_comes_while_its_link_is_made_finds_it(platform: Database, connect: Connect) -> None:
    """The link has been made and is not committed; the event waits for it and is counted by one of the two."""
    external = f"g-{platform.prefix}-{next(_numbers)}"
    campaign_id = platform.add_campaign(platform.add_partner())
    ingesting, linking = connect(), connect()
    linking.begin()

    linking.run("select public.link_campaign(%s, %s)", [campaign_id, external])
    with ThreadPoolExecutor(1) as pool:
        event = pool.submit(_ingest, ingesting, _lead(external), _metrics(external))
        assert wait([event], timeout=0.3).not_done, "the event should wait for the link"
        linking.connection.commit()
        outcomes = event.result(timeout=10)

    assert outcomes == [("applied", None)] * 2
    assert _totals(platform, campaign_id) == (Decimal("10.00"), 10, 100, 1)
    assert platform.drift(campaign_id) == []
