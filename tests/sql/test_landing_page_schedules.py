"""A schedule is kept because every reader asks what is served now, and by no job."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.actors import DASHBOARD, Actor, Person
from tests.database import Database
from tests.uuid7 import uuid7_at

HOUR = timedelta(hours=1)


@pytest.fixture
def partner(db: Database) -> Person:
    return db.add_partner()


@pytest.fixture
def admin(db: Database) -> Person:
    return db.add_admin()


def _plan(
    db: Database,
    page_id: UUID,
    by: Actor,
    publish: timedelta | None = None,
    unpublish: timedelta | None = None,
) -> None:
    with db.acting_as(by):
        db.run(
            "update public.partner_landing_pages set publish_at = now() + %s, unpublish_at = now() + %s where id = %s",
            [publish, unpublish, page_id],
        )


def _seen(db: Database, path: str) -> str | None:
    """Return what a visitor meets at a path: a hash, where to go, `gone`, or None for nothing ever."""
    with db.acting_as("anon"):
        rows = db.rows("select content_hash, location from public.live_landing_page(%s)", [path])
    return (rows[0]["content_hash"] or rows[0]["location"] or "gone") if rows else None


def _listed(db: Database, by: Actor) -> list[str]:
    with db.acting_as(by):
        return [row["path"] for row in db.rows("select path from public.live_landing_pages order by path")]


def _view(db: Database, page_id: UUID, *, ago: timedelta = timedelta()) -> str:
    moment = db.value("select now() - %s", [ago])
    with db.acting_as("event_recorder"):
        (outcome,) = db.record_events([{"id": uuid7_at(moment), "page_id": page_id}])
    return outcome


def _lead(db: Database, page_id: UUID) -> None:
    with db.acting_as("event_recorder"):
        db.run(
            "select public.record_lead(jsonb_build_object('id', gen_random_uuid(), 'page_id', %s::uuid))",
            [page_id],
        )


def test_approved_page_waits_for_its_time(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_page(partner)
    path = db.page(page_id)["path"]
    _plan(db, page_id, partner, publish=2 * HOUR)
    content_hash = db.submit(page_id, partner)
    db.approve(page_id, admin)

    assert (db.page(page_id)["status"], _seen(db, path), _listed(db, partner)) == ("live", None, [])
    assert _view(db, page_id) == "page_not_live"
    with db.refused("PT410", "page_not_live"):
        _lead(db, page_id)

    db.let_pass(2 * HOUR)

    assert (_seen(db, path), _listed(db, partner)) == (content_hash, [path])
    assert _view(db, page_id) == "counted"
    _lead(db, page_id)


def test_page_is_gone_from_its_end_on(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_live_page(partner, admin)
    path = db.page(page_id)["path"]
    _plan(db, page_id, partner, unpublish=HOUR)
    assert (_view(db, page_id), _listed(db, partner)) == ("counted", [path])

    db.let_pass(2 * HOUR)

    assert (_seen(db, path), _listed(db, partner)) == ("gone", [])
    assert _view(db, page_id) == "page_not_live"
    with db.refused("PT410", "page_not_live"):
        _lead(db, page_id)


def test_view_from_before_the_end_counts_when_it_comes_late(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id = db.add_live_page(partner, admin)
    db.let_pass(3 * HOUR)
    _plan(db, page_id, partner, unpublish=HOUR)
    db.let_pass(2 * HOUR)

    assert [_view(db, page_id, ago=ago) for ago in (2 * HOUR, timedelta(minutes=30))] == [
        "counted",
        "page_not_live",
    ]


def test_page_whose_end_is_moved_is_there_again(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_live_page(partner, admin)
    path = db.page(page_id)["path"]
    _plan(db, page_id, partner, unpublish=HOUR)
    db.let_pass(HOUR)

    _plan(db, page_id, partner)

    assert _seen(db, path) not in {None, "gone"}


def test_next_version_waits_and_the_present_one_stays(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_live_page(partner, admin)
    path = db.page(page_id)["path"]
    first = _seen(db, path)
    db.run("update public.partner_landing_pages set title = 'Nieuwe prijzen' where id = %s", [page_id])
    _plan(db, page_id, partner, publish=HOUR)
    second = db.submit(page_id, partner)
    db.approve(page_id, admin)

    assert (_seen(db, path), _listed(db, partner), _view(db, page_id)) == (first, [path], "counted")
    db.let_pass(HOUR)
    assert _seen(db, path) == second != first


def test_version_that_takes_the_place_of_a_waiting_one_leaves_the_present_one(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id = db.add_live_page(partner, admin)
    path = db.page(page_id)["path"]
    first = _seen(db, path)
    _plan(db, page_id, partner, publish=HOUR)
    for title in ("Tweede", "Derde"):
        db.run("update public.partner_landing_pages set title = %s where id = %s", [title, page_id])
        third = db.submit(page_id, partner)
        db.approve(page_id, admin)

    assert _seen(db, path) == first
    db.let_pass(HOUR)
    assert _seen(db, path) == third


def test_waiting_version_follows_a_changed_plan(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_page(partner)
    path = db.page(page_id)["path"]
    _plan(db, page_id, partner, publish=HOUR)
    content_hash = db.submit(page_id, partner)
    db.approve(page_id, admin)

    _plan(db, page_id, partner, publish=3 * HOUR)
    db.let_pass(2 * HOUR)
    assert _seen(db, path) is None

    _plan(db, page_id, partner)
    assert _seen(db, path) == content_hash


def test_plan_for_later_takes_nothing_away_that_visitors_see(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id = db.add_live_page(partner, admin)
    path = db.page(page_id)["path"]

    _plan(db, page_id, partner, publish=HOUR)

    assert _seen(db, path) not in {None, "gone"}


def test_planned_rename_leads_on_from_its_moment(db: Database, partner: Person, admin: Person) -> None:
    old, new = map(partner.path, ("oud", "nieuw"))
    page_id = db.add_live_page(partner, admin, path=old)
    first = _seen(db, old)
    db.run("update public.partner_landing_pages set path = %s where id = %s", [new, page_id])
    _plan(db, page_id, partner, publish=HOUR)
    second = db.submit(page_id, partner)
    db.approve(page_id, admin)

    assert (_seen(db, old), _seen(db, new), _listed(db, partner)) == (first, None, [old])
    db.let_pass(HOUR)
    assert (_seen(db, old), _seen(db, new), _listed(db, partner)) == (new, second, [new])


def test_another_page_takes_no_address_before_it_is_left(
    db: Database, partner: Person, admin: Person
) -> None:
    old = partner.path("oud")
    page_id = db.add_live_page(partner, admin, path=old)
    db.run(
        "update public.partner_landing_pages set path = %s where id = %s", [partner.path("nieuw"), page_id]
    )
    _plan(db, page_id, partner, publish=HOUR)
    db.submit(page_id, partner)
    db.approve(page_id, admin)
    other = db.add_page(partner, path=old)
    db.submit(other, partner)

    with db.refused("PT409", "path_taken"):
        db.approve(other, admin)

    db.let_pass(HOUR)
    db.approve(other, admin)
    assert _seen(db, old) == db.value(
        "select content_hash from public.partner_landing_page_versions where page_id = %s", [other]
    )


def test_planned_page_leaves_an_old_address_leading_on_until_its_time(
    db: Database, partner: Person, admin: Person
) -> None:
    old, new = map(partner.path, ("oud", "nieuw"))
    moved = db.add_live_page(partner, admin, path=old)
    db.run("update public.partner_landing_pages set path = %s where id = %s", [new, moved])
    db.submit(moved, partner)
    db.approve(moved, admin)
    planned = db.add_page(partner, path=old)
    _plan(db, planned, partner, publish=HOUR)
    content_hash = db.submit(planned, partner)
    db.approve(planned, admin)

    assert _seen(db, old) == new
    # And no cache leads on for longer.
    with db.acting_as("anon"):
        assert (
            db.value("select seconds_left from public.live_landing_page(%s)", [old]) == HOUR.total_seconds()
        )
    db.let_pass(HOUR)
    assert _seen(db, old) == content_hash


def test_page_that_is_archived_before_its_time_never_was(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id = db.add_page(partner)
    path = db.page(page_id)["path"]
    _plan(db, page_id, partner, publish=HOUR)
    db.submit(page_id, partner)
    db.approve(page_id, admin)

    db.run("update public.partner_landing_pages set status = 'archived' where id = %s", [page_id])
    db.let_pass(HOUR)

    assert (_seen(db, path), db.page(page_id)["published_at"]) == (None, None)


def test_rolling_back_ends_what_was_planned(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_live_page(partner, admin)
    path = db.page(page_id)["path"]
    first = _seen(db, path)
    db.run("update public.partner_landing_pages set title = 'Tweede' where id = %s", [page_id])
    _plan(db, page_id, partner, publish=HOUR)
    db.submit(page_id, partner)
    db.approve(page_id, admin)

    with db.acting_as(partner):
        db.run("select public.roll_back_landing_page(%s, 1)", [page_id])

    db.let_pass(HOUR)
    assert _seen(db, path) == first


@pytest.mark.parametrize("step", ["archive", "roll_back"])
def test_what_an_admin_takes_down_before_the_next_version_is_not_rolled_back_to(
    db: Database, partner: Person, admin: Person, step: str
) -> None:
    """Taken down is what visitors saw, too."""
    page_id = db.add_live_page(partner, admin)
    for number, delay in ((2, None), (3, HOUR)):
        db.run("update public.partner_landing_pages set title = %s where id = %s", [str(number), page_id])
        _plan(db, page_id, partner, publish=delay)
        db.submit(page_id, partner)
        db.approve(page_id, admin)

    with db.acting_as(admin):
        if step == "archive":
            db.run("select public.archive_landing_page(%s)", [page_id])
        else:
            db.run("select public.roll_back_landing_page(%s, 1)", [page_id])
    if step == "archive":
        db.run(
            "update public.partner_landing_pages set status = 'concept', publish_at = null where id = %s",
            [page_id],
        )
        db.run("update public.partner_landing_pages set title = 'Opnieuw' where id = %s", [page_id])
        db.submit(page_id, partner)
        db.approve(page_id, admin)

    for version in (2, 3):
        with db.refused("PT409", "version_not_approved"), db.acting_as(partner):
            db.run("select public.roll_back_landing_page(%s, %s)", [page_id, version])


@pytest.mark.parametrize("step", ["submit", "approve"])
def test_page_is_not_published_after_its_end(db: Database, partner: Person, admin: Person, step: str) -> None:
    page_id = db.add_page(partner)
    _plan(db, page_id, partner, unpublish=HOUR)
    if step == "approve":
        db.submit(page_id, partner)
    db.let_pass(HOUR)

    with db.refused("PT409", "schedule_over"):
        if step == "submit":
            db.submit(page_id, partner)
        else:
            db.approve(page_id, admin)


def test_planning_withdraws_nothing(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_page(partner)
    db.submit(page_id, partner)

    _plan(db, page_id, partner, publish=HOUR, unpublish=2 * HOUR)

    with db.acting_as(admin):
        row = db.row("select * from public.landing_pages_in_review where id = %s", [page_id])
    assert row["unpublish_at"] - row["publish_at"] == HOUR


def test_dashboard_plans_and_approves_in_one_save(db: Database, partner: Person) -> None:
    page_id = db.add_page(partner)
    path = db.page(page_id)["path"]
    content_hash = db.submit(page_id, partner)

    with db.acting_as(DASHBOARD):
        db.run(
            "update public.partner_landing_pages"
            " set live_version_id = submitted_version_id, publish_at = now() + interval '1 hour' where id = %s",
            [page_id],
        )

    assert _seen(db, path) is None
    db.let_pass(HOUR)
    assert _seen(db, path) == content_hash


@pytest.mark.parametrize(
    ("publish_at", "unpublish_at"),
    [
        ("infinity", None),
        (None, "infinity"),
        ("-infinity", None),
        ("2027-01-02", "2027-01-01"),
        ("2027-01-01", "2027-01-01"),
        ("20270-01-01", None),
    ],
)
def test_plan_makes_sense(
    db: Database, partner: Person, publish_at: str | None, unpublish_at: str | None
) -> None:
    page_id = db.add_page(partner)

    with db.acting_as(partner), db.refused("23514") as refusal:
        db.run(
            "update public.partner_landing_pages set publish_at = %s, unpublish_at = %s where id = %s",
            [publish_at, unpublish_at, page_id],
        )

    assert refusal.constraint == "partner_landing_pages_schedule_order"


@pytest.mark.parametrize("planned", [None, HOUR])
def test_visitor_is_told_for_how_long(
    db: Database, partner: Person, admin: Person, planned: timedelta | None
) -> None:
    page_id = db.add_live_page(partner, admin, path=partner.path("actie"))
    _plan(db, page_id, partner, unpublish=planned)

    with db.acting_as("anon"):
        row = db.row("select * from public.live_landing_page(%s)", [partner.path("actie")])

    assert row["seconds_left"] == (planned.total_seconds() if planned else None)


def test_slug_of_a_planned_page_is_kept(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_page(partner)
    _plan(db, page_id, partner, publish=HOUR)
    db.submit(page_id, partner)
    db.approve(page_id, admin)

    with db.refused("PT409", "partner_slug_in_use"):
        db.run("update public.profiles set partner_slug = partner_slug || 'x' where id = %s", [partner.id])
