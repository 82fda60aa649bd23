"""Counting: an event counts once, whatever comes twice, late, out of order or at the same time."""

import threading
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.actors import Person
from tests.api import As
from tests.conftest import Connect
from tests.database import Database
from tests.events import RECORD, columns, make_visitor
from tests.page_model import Model
from tests.uuid7 import uuid7_at

View = dict[str, Any]
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_NO_LOG = {"batch_id": None, "received_at": None}


@dataclass(frozen=True)
class LivePage:
    id: UUID
    partner: Person
    admin: Person


@pytest.fixture
def page(db: Database) -> LivePage:
    return _live_page(db)


def _live_page(db: Database) -> LivePage:
    partner, admin = db.add_partner(), db.add_admin()
    return LivePage(db.add_live_page(partner, admin), partner, admin)


def _now(db: Database) -> datetime:
    """Return the database's time, which in a transaction stands still."""
    now: datetime = db.value("select now()")
    return now


def _view(page_id: UUID, moment: datetime, visitor: int | None = None, **changes: object) -> View:
    return {
        "id": str(uuid7_at(moment)),
        "page_id": str(page_id),
        "visitor": make_visitor() if visitor is None else visitor,
        **changes,
    }


def _record(db: Database, views: Sequence[View], drops: Sequence[View] = ()) -> list[str]:
    with db.acting_as("event_recorder"):
        return db.record_events(views, drops)


def _lead(db: Database, page_id: UUID, lead_id: UUID | None = None, **person: object) -> dict[str, Any]:
    lead = {"id": str(lead_id or uuid4()), "page_id": str(page_id), "name": "A. Klant", **person}
    with db.acting_as("event_recorder"):
        answer: dict[str, Any] = db.value("select public.record_lead(%s)", [Jsonb(lead)])
    return answer


def _figures(db: Database, page_id: UUID) -> tuple[int, int]:
    page = db.page(page_id)
    return page["views_count"], page["conversions_count"]


def _days(db: Database, page_id: UUID) -> dict[str, tuple[int, int, int]]:
    return {
        row["day"].isoformat(): (row["views"], row["visitors"], row["conversions"])
        for row in db.rows(
            "select day, sum(views)::int as views, sum(visitors)::int as visitors,"
            " sum(conversions)::int as conversions"
            " from public.partner_landing_page_stats where page_id = %s group by day",
            [page_id],
        )
    }


def _sources(db: Database, page_id: UUID) -> dict[tuple[str, UUID | None], tuple[int, int, int]]:
    return {
        (row["source"], row["campaign_id"]): (row["views"], row["visitors"], row["conversions"])
        for row in db.rows("select * from public.partner_landing_page_stats where page_id = %s", [page_id])
    }


def _drops(db: Database, page_id: UUID | None) -> dict[str, int]:
    return {
        row["reason"]: row["attempts"]
        for row in db.rows(
            "select * from public.partner_landing_page_drops where page_id is not distinct from %s", [page_id]
        )
    }


# Once ----------------------------------------------------------------------------------------------------------------


def test_view_counts(db: Database, page: LivePage) -> None:
    now = _now(db)

    outcomes = _record(db, [_view(page.id, now)])

    day = now.astimezone(_AMSTERDAM).date().isoformat()
    assert outcomes == ["counted"]
    assert _figures(db, page.id) == (1, 0)
    assert _days(db, page.id) == {day: (1, 1, 0)}
    last = db.page(page.id)["last_viewed_at"]
    assert abs(last - now) < timedelta(milliseconds=2)


def test_same_id_counts_once_in_a_batch_and_across_batches(db: Database, page: LivePage) -> None:
    event = _view(page.id, _now(db))

    first = _record(db, [event, event])
    second = _record(db, [event])

    assert (first, second) == (["counted", "duplicate"], ["duplicate"])
    assert _figures(db, page.id) == (1, 0)
    assert db.drift(page.id) == []


def test_reload_within_the_half_hour_is_no_second_view(db: Database, page: LivePage) -> None:
    """A half-hour of the clock, so a minute may divide two views and 29 minutes may not."""
    visitor = make_visitor()
    yesterday = _now(db) - timedelta(hours=20)
    half_hour = yesterday.replace(minute=30 if yesterday.minute >= 30 else 0, second=0, microsecond=0)
    moments = [
        timedelta(seconds=1),
        timedelta(minutes=29, seconds=59),
        timedelta(minutes=30),
        timedelta(seconds=-1),
    ]

    outcomes = _record(db, [_view(page.id, half_hour + moment, visitor) for moment in moments])

    assert outcomes == ["counted", "duplicate", "counted", "counted"]


def test_visitors_of_a_day_are_distinct(db: Database, page: LivePage) -> None:
    """Two visitors, one of whom comes three times, hours apart; at noon, so that the day is one."""
    day_start = (
        (_now(db) - timedelta(hours=12)).astimezone(_AMSTERDAM).replace(minute=0, second=0, microsecond=0)
    )
    ada, bea = make_visitor(), make_visitor()
    moments = [(ada, 0), (ada, 2), (bea, 2), (ada, 4)]
    events = [_view(page.id, day_start + timedelta(hours=hours), visitor) for visitor, hours in moments]

    for event in events:
        _record(db, [event])

    expected: dict[str, list[int]] = {}
    for visitor, hours in moments:
        expected.setdefault((day_start + timedelta(hours=hours)).date().isoformat(), []).append(visitor)
    assert _days(db, page.id) == {day: (len(seen), len(set(seen)), 0) for day, seen in expected.items()}


def test_two_half_hours_in_one_batch_are_two_views_of_one_visitor(db: Database, page: LivePage) -> None:
    visitor = make_visitor()
    moment = _now(db) - timedelta(hours=2)

    outcomes = _record(
        db, [_view(page.id, moment, visitor), _view(page.id, moment + timedelta(minutes=30), visitor)]
    )

    views = sum(views for views, _, _ in _days(db, page.id).values())
    assert outcomes == ["counted", "counted"]
    assert views == _figures(db, page.id)[0] == 2
    assert db.drift(page.id) == []


def test_day_is_an_amsterdam_day(db: Database) -> None:
    """23:30 UTC in winter and 22:30 UTC in summer belong to the next day in the Netherlands."""
    days = db.row(
        "select private.amsterdam_day('2026-01-31 23:30+00')::text as winter,"
        " private.amsterdam_day('2026-07-31 22:30+00')::text as summer,"
        " private.amsterdam_day('2026-07-31 21:59:59.999+00')::text as before"
    )

    assert days == {"winter": "2026-02-01", "summer": "2026-08-01", "before": "2026-07-31"}


@pytest.mark.parametrize(
    "turn", ["2026-03-29 01:00", "2026-10-25 01:00", "2026-12-31 23:00", "2026-06-30 22:00"]
)
def test_day_turns_at_midnight_in_amsterdam_also_when_the_clock_is_put_on_or_back(
    db: Database, page: LivePage, turn: str
) -> None:
    """A visit every ten minutes, from two days before to two days after; a day of 23 hours and one of 25 among them."""
    turns = datetime.fromisoformat(turn).replace(tzinfo=UTC)
    visitors = [make_visitor() for _ in range(2)]
    views = [
        _view(page.id, turns + timedelta(minutes=minutes), visitors[minutes % 3 == 0])
        for minutes in range(-2880, 2880, 10)
    ]
    db.run("select private.add_event_day(%s::date + d) from generate_series(-3, 3) as d", [turns.date()])
    model = Model()
    for view in views:
        model.add(view)

    # As an admin releases them: an event of another year is late.
    arguments = {**columns(views), "drops": None}
    db.run("select private.begin_ledger_write()")
    db.run(
        "select private.count_events(%(ids)s::uuid[], %(page_ids)s::uuid[], %(kinds)s::text[], %(visitors)s::bigint[],"
        " %(addresses)s::bigint[], %(networks)s::bigint[], %(sources)s::text[], %(campaigns)s::text[],"
        " %(signals)s::text[], '{}', now(), true)",
        arguments,
    )
    db.run("select private.end_ledger_write()")

    of_page = {(str(page.id), day): figures for day, figures in _days(db, page.id).items()}
    assert of_page == model.figures()
    assert db.drift(page.id) == []


def test_one_id_on_two_pages_counts_once(db: Database, page: LivePage) -> None:
    """One event id counts once, so a second page under it is a duplicate and no second view."""
    other = _live_page(db)
    event = _view(page.id, _now(db))

    outcomes = _record(db, [event, {**event, "page_id": str(other.id)}])

    assert sorted(outcomes) == ["counted", "duplicate"]
    assert _figures(db, page.id)[0] + _figures(db, other.id)[0] == 1


def test_tap_is_a_conversion_once_a_half_hour_and_no_view(db: Database, page: LivePage) -> None:
    """It may come before its view does, whose visitor is counted all the same."""
    now = _now(db)
    visitor = make_visitor()
    tap = _view(page.id, now, visitor, kind="call")

    outcomes = _record(
        db,
        [
            tap,
            _view(page.id, now, visitor),
            tap,
            _view(page.id, now, visitor, kind="call"),
            _view(page.id, now, visitor, kind="whatsapp"),
            {**tap, "kind": "view"},
        ],
    )

    day = now.astimezone(_AMSTERDAM).date().isoformat()
    assert outcomes == ["counted", "counted", "duplicate", "duplicate", "counted", "duplicate"]
    assert _figures(db, page.id) == (1, 2)
    assert _days(db, page.id) == {day: (1, 1, 2)}
    assert db.drift(page.id) == []


def test_tap_alone_is_no_visit(db: Database, page: LivePage) -> None:
    assert _record(db, [_view(page.id, _now(db), kind="call")]) == ["counted"]

    assert _figures(db, page.id) == (0, 1)
    assert db.page(page.id)["last_viewed_at"] is None
    assert db.drift(page.id) == []


def test_kind_that_nobody_knows_is_not_stored(db: Database, page: LivePage) -> None:
    with pytest.raises(psycopg.errors.CheckViolation), db.connection.transaction():
        _record(db, [_view(page.id, _now(db), kind="scroll")])


def test_held_tap_is_a_conversion_once_it_is_released(db: Database, page: LivePage) -> None:
    assert _record(db, [_view(page.id, _now(db), kind="call", signal="webdriver")]) == ["webdriver"]
    assert _figures(db, page.id) == (0, 0)

    assert _release(db, page, page.admin) == 1
    assert _figures(db, page.id) == (0, 1)
    assert db.drift(page.id) == []


# What is not counted -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "outcome"),
    [
        (timedelta(hours=24) - timedelta(seconds=1), "counted"),
        (timedelta(hours=24, seconds=1), "late"),
        (timedelta(minutes=-5) + timedelta(seconds=1), "counted"),
        (timedelta(minutes=-5, seconds=-1), "late"),
        (timedelta(days=3650), "late"),
    ],
)
def test_event_is_taken_for_a_day_and_five_minutes_ahead(
    db: Database, page: LivePage, age: timedelta, outcome: str
) -> None:
    assert _record(db, [_view(page.id, _now(db) - age)]) == [outcome]


def test_batch_says_for_each_event_what_became_of_it(db: Database, page: LivePage) -> None:
    now = _now(db)
    concept = db.add_page(page.partner)
    seen = _view(page.id, now)
    _record(db, [seen])

    outcomes = _record(
        db,
        [
            _view(uuid4(), now),
            _view(concept, now),
            seen,
            _view(page.id, now - timedelta(days=2)),
            _view(page.id, now),
            {**seen, "page_id": str(_live_page(db).id)},
        ],
    )

    assert outcomes == ["unknown_page", "page_not_live", "duplicate", "late", "counted", "conflict"]
    assert _record(db, []) == []


def test_everything_received_is_accounted_for(db: Database, page: LivePage) -> None:
    """What its sender turned away comes along; a page that is none is nobody's, however many are invented."""
    now = _now(db)
    view = _view(page.id, now)
    turned_away = [
        {"page_id": page.id, "reason": "bot", "attempts": 3},
        {"page_id": page.id, "reason": "duplicate", "attempts": 1},
        {"page_id": uuid4(), "reason": "bot", "attempts": 2},
        {"page_id": uuid4(), "reason": "bot", "attempts": 2},
    ]
    before = _drops(db, None)

    _record(db, [view, view, _view(uuid4(), now), _view(uuid4(), now)], turned_away)
    assert _record(db, [], turned_away[:1]) == ["booked"]

    none = {reason: attempts - before.get(reason, 0) for reason, attempts in _drops(db, None).items()}
    assert _drops(db, page.id) == {"bot": 6, "duplicate": 2}
    assert (none["unknown_page"], none["bot"]) == (2, 4)
    assert _figures(db, page.id) == (1, 0)


def test_drops_are_their_own_partners_and_strays_the_admins(db: Database, page: LivePage) -> None:
    _record(db, [_view(uuid4(), _now(db))], [{"page_id": page.id, "reason": "bot", "attempts": 1}])

    seen = {}
    for who in (page.partner, db.add_partner(), page.admin):
        with db.acting_as(who):
            seen[who] = {
                (row["page_id"], row["reason"])
                for row in db.rows(
                    "select * from public.partner_landing_page_drops where page_id = %s or page_id is null",
                    [page.id],
                )
            }

    assert [*seen.values()][:2] == [{(page.id, "bot")}, set()]
    assert {(page.id, "bot"), (None, "unknown_page")} <= seen[page.admin]


@pytest.mark.parametrize(
    "drop", [{"attempts": -1}, {"reason": "bored"}, {"reason": None}, {"attempts": None}]
)
def test_drops_are_known_reasons_and_numbers(db: Database, page: LivePage, drop: View) -> None:
    with pytest.raises(psycopg.errors.IntegrityError), db.connection.transaction():
        _record(db, [], [{"page_id": page.id, "reason": "bot", "attempts": 1, **drop}])


# Too many of one kind ------------------------------------------------------------------------------------------------


def _limit(db: Database, address: int, network: int) -> None:
    db.run(
        "update private.counting set max_events_of_address = %s, max_events_of_network = %s",
        [address, network],
    )


def _held(db: Database, page_id: UUID) -> Counter[str]:
    return Counter(
        row["reason"]
        for row in db.rows("select reason from private.held_events where page_id = %s", [page_id])
    )


def _release(db: Database, page: LivePage, by: Any, reason: str | None = None) -> int:  # noqa: ANN401
    day = _now(db).astimezone(_AMSTERDAM).date()
    with db.acting_as(by):
        released: int = db.value("select public.release_events(%s, %s, %s)", [page.id, day, reason])
    return released


def test_one_address_and_one_network_add_so_much_an_hour(db: Database, page: LivePage) -> None:
    """Whatever it says of its browser, and over however many half-hours; another page is another matter."""
    _limit(db, 5, 8)
    other = _live_page(db)
    now = _now(db)

    def send(address: int, number: int, at: LivePage = page) -> Counter[str]:
        moments = (now - timedelta(minutes=30 * (n % 3)) for n in range(number))
        return Counter(_record(db, [_view(at.id, moment, address=address, network=9) for moment in moments]))

    assert send(1, 3) == {"counted": 3}
    assert send(1, 4) == {"counted": 2, "address": 2}
    assert send(2, 4) == {"counted": 1, "network": 3}
    assert send(1, 4, other) == {"counted": 4}
    assert _figures(db, page.id) == (6, 0)
    assert _held(db, page.id) == {"address": 2, "network": 3}
    assert _drops(db, page.id) == {"address": 2, "network": 3}
    assert db.drift(page.id) == []


def test_what_is_counted_already_makes_nobody_suspect(db: Database, page: LivePage) -> None:
    _limit(db, 2, 2)
    view = _view(page.id, _now(db), address=1, network=1)

    outcomes = [*_record(db, [view] * 5), *_record(db, [view] * 5)]

    assert Counter(outcomes) == {"counted": 1, "duplicate": 9}


def test_far_too_many_are_not_even_kept(db: Database, page: LivePage) -> None:
    _limit(db, 2, 1000)
    now = _now(db)

    outcomes = Counter(_record(db, [_view(page.id, now, address=1) for _ in range(30)]))

    assert outcomes == {"counted": 2, "address": 18, "throttled": 10}
    assert _held(db, page.id) == {"address": 18}
    assert _drops(db, page.id) == {"address": 18, "throttled": 10}


def test_another_hour_is_another_chance(db: Database, page: LivePage) -> None:
    _limit(db, 1, 1)
    assert _record(db, [_view(page.id, _now(db), address=1)]) == ["counted"]
    db.run("update private.event_rates set hour = hour - 1 where page_id = %s", [page.id])

    assert _record(db, [_view(page.id, _now(db), address=1)]) == ["counted"]


@pytest.mark.parametrize("signal", ["webdriver", "no_languages", "no_screen"])
def test_browser_without_a_person_is_held(db: Database, page: LivePage, signal: str) -> None:
    assert _record(db, [_view(page.id, _now(db), signal=signal)]) == [signal]
    assert _figures(db, page.id) == (0, 0)
    assert _held(db, page.id) == {signal: 1}


def test_held_events_count_once_they_are_released(db: Database, page: LivePage) -> None:
    _limit(db, 1, 100)
    now = _now(db)
    campaign = db.add_campaign(page.partner, external_campaign_id="42")
    came_by: dict[str, Any] = {"address": 1, "source": "google_ads", "campaign": "42"}
    views = [_view(page.id, now, **came_by) for _ in range(4)]
    _record(db, views)
    _record(db, [_view(page.id, now, signal="webdriver")])
    # One of them was counted in the meantime, as somebody who came by another network.
    _record(db, [{**views[1], "address": 2}])

    assert _release(db, page, page.admin, "address") == 2
    assert _figures(db, page.id) == (4, 0)
    assert _sources(db, page.id) == {("google_ads", campaign): (4, 4, 0)}
    assert _drops(db, page.id) == {"address": 0, "webdriver": 1, "duplicate": 1}
    assert _release(db, page, "service_role") == 1
    assert _release(db, page, "postgres") == 0
    assert _figures(db, page.id) == (5, 0)
    assert _record(db, views) == ["duplicate"] * 4
    assert db.drift(page.id) == []


def test_partner_releases_nothing(db: Database, page: LivePage) -> None:
    _record(db, [_view(page.id, _now(db), signal="webdriver")])

    with db.refused("PT403", "not_allowed"):
        _release(db, page, page.partner)


# Where they came from ------------------------------------------------------------------------------------------------


def test_figures_are_by_source_and_campaign_and_add_up(db: Database, page: LivePage) -> None:
    """A visitor is counted under the source of their first view, so that the day's visitors are the sum."""
    now = _now(db)
    campaign = db.add_campaign(page.partner, external_campaign_id="42")
    ada = make_visitor()

    _record(
        db,
        [
            _view(page.id, now, ada, source="google_ads", campaign="42"),
            _view(page.id, now, source="google_ads", campaign="43"),
            _view(page.id, now, source="meta_ads", campaign="42"),
        ],
    )
    _record(db, [_view(page.id, now - timedelta(minutes=30), ada, source="seo")])
    _lead(db, page.id, uuid7_at(now), source="google_ads", tags={"utm_id": "42"})

    figures = _sources(db, page.id)
    assert figures["google_ads", campaign] == (1, 1, 1)
    assert figures["google_ads", None] == (1, 1, 0)
    assert figures["meta_ads", None] == (1, 1, 0)
    assert figures["seo", None][0] == 1
    assert _figures(db, page.id) == (4, 1)
    assert db.drift(page.id) == []


def test_view_is_never_another_partners_campaigns(db: Database, page: LivePage) -> None:
    db.add_campaign(db.add_partner(), external_campaign_id="42")

    _record(db, [_view(page.id, _now(db), source="google_ads", campaign="42")])

    assert [*_sources(db, page.id)] == [("google_ads", None)]


@pytest.mark.parametrize("age", [timedelta(hours=23), timedelta(minutes=-4), timedelta(hours=25)])
def test_lead_counts_on_the_day_that_its_id_says(db: Database, page: LivePage, age: timedelta) -> None:
    """A retry over midnight stays where the first try was; an id from nowhere counts now."""
    moment = _now(db) - age

    _lead(db, page.id, uuid7_at(moment))

    expected = moment if age < timedelta(hours=24) else _now(db)
    assert [*_days(db, page.id)] == [expected.astimezone(_AMSTERDAM).date().isoformat()]
    assert db.drift(page.id) == []


@pytest.mark.parametrize(
    "change",
    [
        {"ids": [str(uuid4())] * 2},
        {"visitors": []},
        {"sources": None},
        columns([{"id": uuid4(), "page_id": uuid4()} for _ in range(1001)]),
        {"drops": {}},
        {"drops": None},
        {"drops": [{}] * 1001},
    ],
)
def test_what_is_no_batch_is_refused_whole(db: Database, page: LivePage, change: View) -> None:
    arguments = {**columns([_view(page.id, _now(db))]), **change}

    with db.refused("PT400", "batch_refused"), db.acting_as("event_recorder"):
        db.run(RECORD, {**arguments, **_NO_LOG, "drops": Jsonb(arguments["drops"])})


@pytest.mark.parametrize("hole", ["id", "visitor", "source"])
def test_hole_in_a_column_is_bad_and_its_mates_count(db: Database, page: LivePage, hole: str) -> None:
    arguments = columns([_view(page.id, _now(db)) for _ in range(2)])
    arguments[f"{hole}s"][0] = None

    with db.acting_as("event_recorder"):
        outcomes = db.value(RECORD, {**arguments, **_NO_LOG, "drops": Jsonb([])})

    assert outcomes == ["bad", "counted"]


def test_archived_page_counts_nothing_more(db: Database, page: LivePage) -> None:
    _record(db, [_view(page.id, _now(db))])
    with db.acting_as(page.partner):
        db.run("select public.archive_landing_page(%s)", [page.id])

    assert _record(db, [_view(page.id, _now(db))]) == ["page_not_live"]
    assert _figures(db, page.id) == (1, 0)


# Leads ---------------------------------------------------------------------------------------------------------------


def test_lead_is_stored_with_its_person_and_counts_as_a_conversion(db: Database, page: LivePage) -> None:
    answer = _lead(
        db,
        page.id,
        email="a@voorbeeld.nl",
        phone="+31612345678",
        consent_version="1",
        consent_text="Ja, bel mij.",
    )

    with db.acting_as(page.partner):
        contact = db.row("select * from public.partner_lead_contacts where lead_id = %s", [answer["lead_id"]])
    assert answer["outcome"] == "counted"
    assert (contact["name"], contact["phone"], contact["consent_text"]) == (
        "A. Klant",
        "+31612345678",
        "Ja, bel mij.",
    )
    assert _figures(db, page.id) == (0, 1)
    assert db.drift(page.id) == []


def test_lead_sent_again_counts_once_also_when_the_page_is_down(db: Database, page: LivePage) -> None:
    lead_id = uuid4()
    first = _lead(db, page.id, lead_id)
    with db.acting_as(page.partner):
        db.run("select public.archive_landing_page(%s)", [page.id])

    second = _lead(db, page.id, lead_id)

    assert (first["is_new"], second["is_new"]) == (True, False)
    assert _figures(db, page.id) == (0, 1)


def test_lead_with_anothers_id_is_a_conflict(db: Database, page: LivePage) -> None:
    lead_id = uuid4()
    _lead(db, page.id, lead_id)

    with db.refused("PT409", "lead_conflict"):
        _lead(db, _live_page(db).id, lead_id)


def test_lead_for_a_page_that_is_gone_or_never_was_is_refused(db: Database, page: LivePage) -> None:
    concept = db.add_page(page.partner)

    with db.refused("PT410", "page_not_live"):
        _lead(db, concept)
    with db.refused("PT404", "page_not_found"):
        _lead(db, uuid4())


def test_lead_is_its_own_partners_alone(db: Database, page: LivePage) -> None:
    _lead(db, page.id)
    stranger = db.add_partner()

    seen = []
    for who in (page.partner, stranger):
        with db.acting_as(who):
            seen.append(
                db.value("select count(*) from public.partner_leads")
                + db.value("select count(*) from public.partner_lead_contacts")
            )

    assert seen == [2, 0]


def test_lead_counts_for_the_campaign_that_its_address_names(db: Database, page: LivePage) -> None:
    campaign = db.add_campaign(page.partner, external_campaign_id="42")
    other_channel = db.add_campaign(page.partner, channel="meta_ads", external_campaign_id="42")
    tags = {"utm_id": "42", "gclid": "EAIa"}
    lead_id = uuid4()

    _lead(db, page.id, lead_id, source="google_ads", tags=tags)
    _lead(db, page.id, lead_id, source="meta_ads", tags={"utm_id": "42"})

    lead = db.row("select source, campaign_id from public.partner_leads where page_id = %s", [page.id])
    kept = db.value("select tags from public.partner_lead_contacts where lead_id = %s", [lead_id])
    totals = [
        db.value("select total_leads from public.partner_marketing_campaigns where id = %s", [each])
        for each in (campaign, other_channel)
    ]
    assert (lead["source"], lead["campaign_id"], kept) == ("google_ads", campaign, tags)
    assert totals == [1, 0]
    assert db.drift(campaign) == []


def test_lead_is_never_another_partners_campaigns(db: Database, page: LivePage) -> None:
    stranger = db.add_partner()
    campaign = db.add_campaign(stranger, external_campaign_id="42")

    _lead(db, page.id, source="google_ads", tags={"utm_id": "42"})

    assert db.value("select campaign_id from public.partner_leads where page_id = %s", [page.id]) is None
    assert (
        db.value("select total_leads from public.partner_marketing_campaigns where id = %s", [campaign]) == 0
    )


@pytest.mark.parametrize(
    ("source", "tags"),
    [
        ("google", {}),
        ("direct", []),
        ("direct", {"email": "a@voorbeeld.nl"}),
        ("direct", {"utm_source": "x" * 20_000}),
    ],
)
def test_attribution_is_known_sources_and_tags(
    db: Database, page: LivePage, source: str, tags: object
) -> None:
    with db.refused("23514"), db.acting_as("event_recorder"):
        db.run(
            "select public.record_lead(%s)",
            [Jsonb({"id": str(uuid4()), "page_id": str(page.id), "source": source, "tags": tags})],
        )


# Privacy -------------------------------------------------------------------------------------------------------------


def test_salt_is_one_a_day_and_its_old_ones_go(db: Database) -> None:
    today = db.value("select private.amsterdam_day(now())")
    db.run("insert into private.visitor_salts (day, salt) values (%s, 'x')", [today - timedelta(days=2)])

    salts = []
    with db.acting_as("event_recorder"):
        salts += [
            db.value("select public.visitor_salt(%s)", [today - timedelta(days=back)]) for back in (0, 0, 1)
        ]

    kept = db.rows("select day from private.visitor_salts where day < %s", [today - timedelta(days=1)])
    assert salts[0] == salts[1] != salts[2]
    assert {len(salt) for salt in salts} == {64}
    assert kept == []


@pytest.mark.parametrize("days", [-2, 2])
def test_salt_of_another_day_is_not_kept(db: Database, days: int) -> None:
    day = db.value("select private.amsterdam_day(now())") + timedelta(days=days)

    with db.refused("PT400", "salt_not_kept"), db.acting_as("event_recorder"):
        db.run("select public.visitor_salt(%s)", [day])


# Counters and their ledgers ------------------------------------------------------------------------------------------


# Many at once --------------------------------------------------------------------------------------------------------


def test_overlapping_batches_at_once_count_what_the_model_counts(platform: Database, as_: As) -> None:
    """Sixteen callers send the same events, cut and shuffled differently, with reloads among them; nobody deadlocks."""
    random = Random(7)  # noqa: S311 - a test that can be repeated.
    pages = [_live_page(platform).id for _ in range(4)]
    visitors = [make_visitor() for _ in range(25)]
    now = datetime.now(UTC) - timedelta(minutes=1)
    events = [
        _view(
            random.choice(pages),
            now - timedelta(minutes=random.choice([0, 1, 31, 600, 1300])),
            random.choice(visitors),
            kind=random.choice(["view", "view", "call"]),
        )
        for _ in range(300)
    ]
    model = Model()
    for event in events:
        model.add(event)
    caller = as_("event_recorder")
    barrier = threading.Barrier(16)

    def send(seed: int) -> Counter[str]:
        mine = events.copy()
        Random(seed).shuffle(mine)  # noqa: S311
        barrier.wait()
        outcomes: Counter[str] = Counter()
        batches = deque(mine[start : start + 50] for start in range(0, len(mine), 50))
        while batches:
            batch = batches.popleft()
            answer = caller.call("record_events", columns(batch))
            assert answer.status_code == 200, answer.text
            # On a slow machine sixteen in a row are too many to wait for.
            if busy := [
                view for view, outcome in zip(batch, answer.json(), strict=True) if outcome == "busy"
            ]:
                batches.append(busy)
            outcomes.update(outcome for outcome in answer.json() if outcome != "busy")
        return outcomes

    with ThreadPoolExecutor(16) as pool:
        answered = sum(pool.map(send, range(16)), Counter[str]())

    stats = {
        (str(row["page_id"]), row["day"].isoformat()): (row["views"], row["visitors"], row["conversions"])
        for row in platform.rows(
            "select * from public.partner_landing_page_stats where page_id = any (%s)", [pages]
        )
    }
    assert answered.keys() == {"counted", "duplicate"}
    assert answered["counted"] == len(model.events)
    assert stats == model.figures()
    assert platform.drift(*pages) == []


@pytest.mark.parametrize("lock", ["for update", "for no key update"])
def test_page_that_somebody_holds_keeps_no_other_waiting(
    platform: Database, connect: Connect, lock: str
) -> None:
    held, free = _live_page(platform).id, _live_page(platform).id
    now = datetime.now(UTC)
    views = [_view(page, now) for page in (held, free, uuid4(), held)]
    drops = [{"page_id": page, "reason": "bot", "attempts": 2} for page in (free, held)]
    holder, recorder = connect(), connect()
    holder.begin()
    holder.run(f"select from public.partner_landing_pages where id = %s {lock}", [held])

    with recorder.acting_as("event_recorder"):
        recorder.run("set local statement_timeout = '2s'")
        outcomes = recorder.record_events(views, drops)
    holder.connection.rollback()

    assert outcomes == ["busy", "counted", "unknown_page", "busy", "booked", "busy"]
    assert [_figures(platform, page) for page in (held, free)] == [(0, 0), (1, 0)]
    assert [_drops(platform, page) for page in (held, free)] == [{}, {"bot": 2}]
    with recorder.acting_as("event_recorder"):
        assert recorder.record_events(views, drops[1:]) == [
            "counted",
            "duplicate",
            "unknown_page",
            "counted",
            "booked",
        ]
    assert _drops(platform, held) == {"bot": 2}
    assert platform.drift(held, free) == []


def test_counting_waits_for_counting(platform: Database, connect: Connect) -> None:
    """Another instance's batch is done in some milliseconds: nobody is sent away for that."""
    page = _live_page(platform).id
    holder, recorder = connect(), connect()
    holder.begin()
    holder.run("select from public.partner_landing_pages where id = %s for no key update", [page])

    def record() -> list[str]:
        with recorder.acting_as("event_recorder"):
            return recorder.record_events([_view(page, datetime.now(UTC))])

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(record)
        assert wait([waiting], timeout=0.05).not_done
        holder.connection.rollback()
        assert waiting.result(timeout=10) == ["counted"]


def test_views_and_leads_at_once_count_each_once(platform: Database, as_: As) -> None:
    """Every lead is sent three times and every view twice, while the partner edits the page."""
    page = _live_page(platform)
    now = datetime.now(UTC)
    leads = [{"id": str(uuid4()), "page_id": str(page.id), "name": "A. Klant"} for _ in range(12)] * 3
    batches = [[_view(page.id, now) for _ in range(5)] for _ in range(12)] * 2
    recorder, partner = as_("event_recorder"), as_(page.partner)

    with ThreadPoolExecutor(24) as pool:
        answers = [
            *[pool.submit(recorder.call, "record_lead", {"lead": lead}) for lead in leads],
            *[pool.submit(recorder.call, "record_events", columns(batch)) for batch in batches],
            *[
                pool.submit(partner.update, "partner_landing_pages", {"title": f"Titel {number}"}, id=page.id)
                for number in range(12)
            ],
        ]

    assert {answer.result().status_code for answer in answers} == {200}
    assert _figures(platform, page.id) == (60, 12)
    assert platform.drift(page.id) == []


def test_consent_of_any_length_is_not_stored(db: Database, page: LivePage) -> None:
    lead = {"id": str(uuid4()), "page_id": str(page.id), "name": "A. Klant", "consent_text": "x" * 2001}

    with db.refused("23514"), db.acting_as("event_recorder"):
        db.run("select public.record_lead(%s)", [Jsonb(lead)])
