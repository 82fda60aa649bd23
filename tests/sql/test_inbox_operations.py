"""What operators do with the inbox: look, correct, replay, add a rate, erase a person."""

import datetime as dt
import itertools
from collections import Counter
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.database import Database
from tests.sql.test_campaign_inbox import (
    _campaign_with,
    _event,
    _ingest,
    _lead,
    _linked_campaign,
    _metrics,
    _persons,
    _status,
    _totals,
)

_numbers = itertools.count(1)
USD = {"currency": "USD", "spend": "12.50"}


@pytest.fixture
def external(db: Database) -> str:
    return f"o-{db.prefix}-{next(_numbers)}"


def _replay(db: Database, **selection: object) -> dict[str, Any]:
    with db.acting_as("job_runner"):
        answer: dict[str, Any] = db.value("select public.replay_campaign_events(%s)", [Jsonb(selection)])
    answer.pop("last_id")
    return answer


def _inbox(db: Database, external: str) -> list[tuple[str, str | None]]:
    rows = db.rows(
        "select status, reason from private.campaign_inbox where external_campaign_id = %s order by id",
        [external],
    )
    return [(row["status"], row["reason"]) for row in rows]


def _add_rate(db: Database, per_eur: str, day: str = "2026-11-20") -> None:
    db.run(
        "insert into private.currency_rates (currency, day, per_eur, source) values ('USD', %s, %s, 'made up')"
        " on conflict (currency, day) do update set per_eur = excluded.per_eur",
        [day, per_eur],
    )


# Rates ----------------------------------------------------------------------------------------------------------


def test_day_in_another_currency_counts_once_its_rate_is_there(db: Database, external: str) -> None:
    campaign_id = _linked_campaign(db, external)
    _ingest(db, _metrics(external, **USD), _metrics(external, day="2026-11-19", **USD))
    before = _totals(db, campaign_id)

    _add_rate(db, "1.25")

    # Not known is not 0.
    assert before == (None, 20, 200, 0)
    assert [str(total) for total in _totals(db, campaign_id)] == ["None", "20", "200", "0"]
    assert db.campaign(campaign_id)["unpriced_spend"] == {"USD": 12.5}
    assert _inbox(db, external) == [("applied", None), ("parked", "no_rate")]
    earlier, day = db.rows(
        "select * from public.partner_campaign_metrics where external_campaign_id = %s order by day",
        [external],
    )
    assert (earlier["spend_eur"], earlier["rate_date"]) == (None, None)
    assert (str(day["spend"]), day["currency"], str(day["spend_eur"]), day["rate_date"], day["via"]) == (
        "12.500000",
        "USD",
        "10.000000000000",
        dt.date(2026, 11, 20),
        "webhook",
    )
    assert db.drift(campaign_id) == []


def test_day_is_made_anew_when_its_rate_changes(db: Database, external: str) -> None:
    campaign_id = _linked_campaign(db, external)
    _add_rate(db, "1.25")
    _ingest(db, _metrics(external, **USD), _metrics(external, day="2026-11-19"))

    _add_rate(db, "1.0")

    assert str(_totals(db, campaign_id)[0]) == "22.50"
    assert db.drift(campaign_id) == []


def _rates_of(db: Database, external: str) -> dict[str, tuple[str | None, str | None]]:
    rows = db.rows(
        "select day::text, spend_eur::numeric(12, 2)::text as eur, rate_date::text"
        " from public.partner_campaign_metrics where external_campaign_id = %s",
        [external],
    )
    return {row["day"][-2:]: (row["eur"], row["rate_date"] and row["rate_date"][-2:]) for row in rows}


def test_day_without_a_rate_of_its_own_takes_the_last_of_seven_days(db: Database, external: str) -> None:
    _linked_campaign(db, external)
    _add_rate(db, "1.25", "2026-11-06")

    _ingest(db, *(_metrics(external, day=f"2026-11-{day}", **USD) for day in ("05", "06", "13", "14")))

    assert _rates_of(db, external) == {
        "05": (None, None),
        "06": ("10.00", "06"),
        "13": ("10.00", "06"),
        "14": (None, None),
    }
    reasons = db.rows(
        "select facts ->> 'day' as day, reason from private.campaign_inbox where external_campaign_id = %s",
        [external],
    )
    assert {row["day"][-2:]: row["reason"] for row in reasons} == {
        "05": "no_rate",
        "06": None,
        "13": None,
        "14": "no_rate",
    }


def test_nearer_rate_takes_the_place_of_an_earlier_one(db: Database, external: str) -> None:
    campaign_id = _linked_campaign(db, external)
    _add_rate(db, "1.25", "2026-11-06")
    _ingest(db, *(_metrics(external, day=f"2026-11-{day}", **USD) for day in ("07", "09", "10")))

    _add_rate(db, "1.00", "2026-11-09")
    # And one that comes late is no nearer to what is after the next.
    _add_rate(db, "0.50", "2026-11-08")

    assert _rates_of(db, external) == {"07": ("10.00", "06"), "09": ("12.50", "09"), "10": ("12.50", "09")}
    assert str(_totals(db, campaign_id)[0]) == "35.00"
    assert db.drift(campaign_id) == []


def test_rate_that_makes_a_day_implausible_leaves_it_unknown(db: Database, external: str) -> None:
    campaign_id = _linked_campaign(db, external)
    _ingest(db, _metrics(external, currency="USD", spend="2000000"))

    _add_rate(db, "1.25")

    assert _totals(db, campaign_id)[0] is None
    assert _inbox(db, external) == [("parked", "implausible")]
    assert db.drift(campaign_id) == []


def test_cents_are_rounded_once(db: Database, external: str) -> None:
    campaign_id = _linked_campaign(db, external)
    days = [f"2026-11-{day:02}" for day in range(1, 19)]

    _ingest(db, *(_metrics(external, day=day, spend="0.005") for day in days))

    # Each by itself would have been 0.01.
    assert str(_totals(db, campaign_id)[0]) == "0.09"


# What shrinks ---------------------------------------------------------------------------------------------------


def test_figure_that_shrinks_is_written_down(db: Database, external: str) -> None:
    campaign_id = _linked_campaign(db, external)
    _ingest(db, _metrics(external, spend="9.00", clicks=9))

    _ingest(db, _metrics(external, spend="10.00", clicks=9, as_of="2026-11-20T13:00:00Z"))
    _ingest(db, _metrics(external, spend="8.00", clicks=7, as_of="2026-11-20T14:00:00Z"))

    kept = db.rows(
        "select reason, spend_before::text, spend_after::text, clicks_before, clicks_after"
        " from private.campaign_restatements where external_campaign_id = %s",
        [external],
    )
    assert kept == [
        {
            "reason": "reported",
            "spend_before": "10.000000",
            "spend_after": "8.000000",
            "clicks_before": 9,
            "clicks_after": 7,
        }
    ]
    assert str(_totals(db, campaign_id)[0]) == "8.00"


def test_rate_makes_a_day_of_no_campaign_known_that_is_linked_later(db: Database, external: str) -> None:
    _ingest(db, _metrics(external, **USD))
    _add_rate(db, "1.25")

    campaign_id = _linked_campaign(db, external)

    assert str(_totals(db, campaign_id)[0]) == "10.00"
    assert _inbox(db, external) == [("applied", None)]


# Accounts -------------------------------------------------------------------------------------------------------


def test_days_of_two_accounts_add_up(db: Database, external: str) -> None:
    campaign_id = _linked_campaign(db, external)

    _ingest(db, *({**_metrics(external), "account_id": account} for account in ("1", "2")))

    assert str(_totals(db, campaign_id)[0]) == "20.00"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("at_once", [True, False])
def test_day_that_is_told_with_its_account_is_not_counted_without(
    db: Database, external: str, order: tuple[int, int], *, at_once: bool
) -> None:
    campaign_id = _linked_campaign(db, external)
    reports = [{**_metrics(external), "account_id": "1"}, _metrics(external, spend="99.00")]
    told = [reports[index] for index in order]

    if at_once:
        _ingest(db, *told)
    else:
        for report in told:
            _ingest(db, report)

    assert str(_totals(db, campaign_id)[0]) == "10.00"
    assert db.drift(campaign_id) == []


# Announcements and withdrawals ----------------------------------------------------------------------------------


def _waiting(db: Database, *object_ids: str) -> list[str]:
    rows = db.rows("select object_id from private.fetch_queue where object_id = any (%s)", [list(object_ids)])
    return sorted(row["object_id"] for row in rows)


def _announced(lead_id: str) -> dict[str, Any]:
    lead = _lead("", lead_id, person=None, external_campaign_id=None, channel="linkedin_ads")
    lead["facts"]["is_announced"] = True
    return lead


def _withdrawal(lead_id: str) -> dict[str, Any]:
    facts = {"external_lead_id": lead_id}
    return _event("", "withdrawal", facts, external_campaign_id=None, channel="linkedin_ads")


def test_what_is_announced_is_work_once_and_the_lead_counts(db: Database, external: str) -> None:
    change = {"object_type": "campaign", "object_id": external}

    outcomes = _ingest(
        db,
        _event(external, "announcement", change),
        _event(external, "announcement", change),
        _announced(f"lead-{external}"),
    )

    assert outcomes == [("parked", "to_fetch")] * 3
    assert _waiting(db, external, f"lead-{external}") == sorted([external, f"lead-{external}"])
    leads = db.rows("select * from public.partner_leads where external_lead_id = %s", [f"lead-{external}"])
    assert [lead["campaign_id"] for lead in leads] == [None]


def test_lead_is_attributed_once_its_campaign_is_told(db: Database, external: str) -> None:
    campaign_id = _linked_campaign(db, external)
    lead = _announced(f"lead-{external}")
    _ingest(db, lead)
    details = _lead(external, f"lead-{external}", channel="linkedin_ads")
    channel = "update public.partner_marketing_campaigns set external_campaign_id = %s where id = %s"
    linked = db.add_campaign(db.add_partner(), channel="linkedin_ads")
    db.run(channel, [external, linked])

    assert _ingest(db, details, details) == [("applied", None), ("duplicate", None)]

    assert _totals(db, linked)[3] == 1
    assert _totals(db, campaign_id)[3] == 0
    contact = db.row(
        "select k.* from public.partner_lead_contacts as k join public.partner_leads as l on l.id = k.lead_id"
        " where l.external_lead_id = %s",
        [f"lead-{external}"],
    )
    assert contact["partner_id"] == db.campaign(linked)["partner_id"]
    assert db.drift(linked) == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("at_once", [True, False])
def test_lead_that_is_taken_back_counts_and_nobody_is_kept(
    db: Database, external: str, order: tuple[int, int], *, at_once: bool
) -> None:
    lead_id = f"lead-{external}"
    with_person = {**_announced(lead_id), "person": {"name": "E. Terug"}}
    told = [(with_person, _withdrawal(lead_id))[index] for index in order]

    if at_once:
        _ingest(db, *told)
    else:
        for event in told:
            _ingest(db, event)
    _replay(db, external_campaign_id=None)

    lead = db.row("select * from public.partner_leads where external_lead_id = %s", [lead_id])
    assert lead["erased_at"] is not None
    assert db.rows("select * from public.partner_lead_contacts where lead_id = %s", [lead["id"]]) == []
    assert db.value("select count(*) from private.inbox_persons where person::text like '%%Terug%%'") == 0
    assert _waiting(db, lead_id) == []


# Persons --------------------------------------------------------------------------------------------------------


def test_person_of_a_lead_that_nobody_understood_is_kept_and_comes_with_it_in_the_end(
    db: Database, external: str
) -> None:
    campaign_id = _linked_campaign(db, external)
    lead = {**_lead(external), "channel": None}

    outcomes = _ingest(db, lead)
    kept = _persons(db, external)
    db.run(
        "update private.campaign_inbox set channel = 'google_ads' where event_key = %s", [lead["event_key"]]
    )
    replayed = _replay(db, reason="bad_lead", external_campaign_id=external)

    assert outcomes == [("parked", "bad_lead")]
    assert kept == [lead["person"]]
    assert replayed == {"replayed": 1, "applied": 1, "superseded": 0, "parked": 0}
    assert _persons(db, external) == []
    assert _totals(db, campaign_id)[3] == 1
    contact = db.row(
        "select k.* from public.partner_lead_contacts as k join public.partner_leads as l on l.id = k.lead_id"
        " where l.campaign_id = %s",
        [campaign_id],
    )
    assert contact["name"] == "B. Klant"


def test_person_who_was_erased_from_the_inbox_does_not_come_back(db: Database, external: str) -> None:
    lead = {**_lead(external), "channel": None}
    in_other_words = {
        **lead,
        "body_hmac": "ab" * 32,
        "person": {"name": "B. Klant", "email": "b@klant.example"},
    }
    _ingest(db, lead)
    db.run(
        "delete from private.inbox_persons where inbox_id ="
        " (select id from private.campaign_inbox where event_key = %s)",
        [lead["event_key"]],
    )

    outcomes = _ingest(db, lead, in_other_words)
    _replay(db, external_campaign_id=external)

    assert [outcome for outcome, _ in outcomes] == ["duplicate", "conflict"]
    assert _persons(db, external) == []


def test_person_who_was_erased_is_gone_from_the_inbox_too(db: Database, external: str) -> None:
    person = {"name": "F. Lang", "phone": "+31687654321", "answers": {"a": "x" * 70_000}}
    campaign_id = _linked_campaign(db, external)
    _ingest(db, {**_lead(external), "person": person})
    kept = len(_persons(db, external))

    db.run(
        "delete from public.partner_lead_contacts where lead_id in"
        " (select id from public.partner_leads where campaign_id = %s)",
        [campaign_id],
    )
    _replay(db, external_campaign_id=external)

    assert kept == 1
    assert _persons(db, external) == []
    assert db.rows("select * from public.partner_lead_contacts where name = 'F. Lang'") == []
    assert _totals(db, campaign_id)[3] == 1


# Replay ---------------------------------------------------------------------------------------------------------


def test_replaying_everything_changes_nothing(db: Database, external: str) -> None:
    campaign_id = _campaign_with(db, external, "active")
    _ingest(
        db,
        _lead(external),
        _lead(external, is_test=True),
        _metrics(external, as_of="2026-11-20T12:00:00Z"),
        _metrics(external, as_of="2026-11-20T11:00:00Z", spend="5.00"),
        _metrics(external, day="2026-11-19", currency="USD"),
        _status(external, "PAUSED", "2026-11-20T12:00:00Z"),
        _status(external, "ENABLED", "2026-11-20T11:00:00Z"),
        _event(external, "other"),
    )
    before = _inbox(db, external), db.campaign(campaign_id)

    for _ in range(3):
        assert _replay(db, external_campaign_id=external)["replayed"] == 8

    after = _inbox(db, external), db.campaign(campaign_id)
    assert after == before
    assert Counter(status for status, _ in after[0]) == {"applied": 5, "superseded": 1, "parked": 2}
    assert db.drift(campaign_id) == []


def test_status_that_the_budget_did_not_allow_is_followed_when_it_does(db: Database, external: str) -> None:
    campaign_id = _campaign_with(db, external, "paused", committed=700)
    _ingest(db, _status(external, "ENABLED", "2026-11-20T12:00:00Z"))
    partner_id = db.campaign(campaign_id)["partner_id"]
    db.run("update public.profiles set monthly_marketing_budget = 5000 where id = %s", [partner_id])

    _replay(db, reason="budget_exceeded")

    assert db.campaign(campaign_id)["status"] == "active"
    assert _inbox(db, external) == [("applied", None)]


def test_word_that_is_added_lets_its_statuses_be_replayed(db: Database, external: str) -> None:
    campaign_id = _campaign_with(db, external, "active")
    _ingest(db, _status(external, "on_holiday", "2026-11-20T12:00:00Z"))
    db.run("insert into private.platform_statuses values ('google_ads', 'ON_HOLIDAY', 'paused')")

    _replay(db, kind="status", reason="unknown_status", source="standard", status="parked")

    assert db.campaign(campaign_id)["platform_status"] == "paused"


@pytest.mark.parametrize("selection", ["[]", "null", "1", '{"reasons": "x"}', '{"id": 1}'])
def test_selection_that_is_misspelt_selects_nothing(db: Database, selection: str) -> None:
    with db.refused("PT400", "selection_refused"), db.acting_as("job_runner"):
        db.run("select public.replay_campaign_events(%s::jsonb)", [selection])


def test_replay_goes_on_where_it_stopped(db: Database, external: str) -> None:
    _ingest(db, *(_event(external, "other") for _ in range(1000)))
    _ingest(db, *(_event(external, "other") for _ in range(5)))
    seen, last_id = [], 0
    while last_id is not None:
        with db.acting_as("job_runner"):
            answer = db.value(
                "select public.replay_campaign_events(%s, %s)",
                [Jsonb({"external_campaign_id": external}), last_id],
            )
        seen.append(answer["replayed"])
        last_id = answer["last_id"]

    assert seen == [1000, 5, 0]


# Looking --------------------------------------------------------------------------------------------------------


def test_views_show_what_waits_for_whom(db: Database, external: str) -> None:
    _ingest(
        db,
        {**_lead(external), "channel": None},
        _metrics(external),
        _event(external, "announcement", {"object_type": "ad", "object_id": external}),
    )

    overview = db.rows("select * from private.inbox_overview where source = 'standard' and events > 0")
    dead = db.rows("select * from private.dead_letters where external_campaign_id = %s", [external])
    assert {"bad_lead", "unknown_campaign", "to_fetch"} <= {row["reason"] for row in overview}
    assert [(row["reason"], row["has_person"]) for row in dead] == [("bad_lead", True)]
    assert _waiting(db, external) == [external]


@pytest.mark.parametrize(
    ("times", "silent_for", "is_silent"),
    [
        (200, "2 hours", False),
        (200, "5 hours", True),
        (7, "1 day", False),
        (7, "3 days", True),
        (0, "1 day", False),
    ],
)
def test_source_that_used_to_speak_is_missed(
    db: Database, external: str, times: int, silent_for: str, *, is_silent: bool
) -> None:
    db.run(
        "update private.campaign_inbox set received_at = received_at - interval '1 year' where source = 'tiktok_ads'"
    )
    if times:
        _ingest(
            db,
            *({**_event(external, "other"), "channel": "tiktok_ads"} for _ in range(times)),
            source="tiktok_ads",
        )
        db.run(
            "update private.campaign_inbox set received_at = now() - %s::interval"
            " where source = 'tiktok_ads' and external_campaign_id = %s",
            [silent_for, external],
        )

    source = db.row("select * from private.webhook_sources where source = 'tiktok_ads'")

    assert (source["is_silent"], source["events_last_week"]) == (is_silent, times)


def test_handshake_is_noted_once_a_minute(db: Database) -> None:
    for _ in range(3):
        with db.acting_as("campaign_ingester"):
            db.run("select public.note_webhook_handshake('linkedin_ads')")
    db.run("update private.webhook_handshakes set last_at = now() - interval '6 hours', handshakes = 7")

    late = db.row("select * from private.webhook_sources where source = 'linkedin_ads'")
    with db.acting_as("campaign_ingester"):
        db.run("select public.note_webhook_handshake('linkedin_ads')")
    well = db.row("select * from private.webhook_sources where source = 'linkedin_ads'")

    assert (late["is_handshake_late"], well["is_handshake_late"]) == (True, False)
    noted = db.value("select handshakes from private.webhook_handshakes where source = 'linkedin_ads'")
    assert noted == 8
