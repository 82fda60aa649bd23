"""New templates reach a live page by an admin's step alone, and change not a word of it."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.actors import DASHBOARD, Actor, Person
from tests.database import Database


@pytest.fixture
def partner(db: Database) -> Person:
    return db.add_partner()


@pytest.fixture
def admin(db: Database) -> Person:
    return db.add_admin()


def _render(db: Database, page_id: UUID, by: Actor, template: str = "test-2") -> str:
    with db.acting_as(by):
        content_hash: str = db.value(
            "select public.live_landing_page_snapshot(%s, %s) ->> 'content_hash'", [page_id, template]
        )
    with db.acting_as("page_renderer"):
        db.store_document(page_id, content_hash, template_version=template)
    return content_hash


def _take(db: Database, page_id: UUID, content_hash: str, by: Actor) -> dict[str, object]:
    with db.acting_as(by):
        answer: dict[str, object] = db.value(
            "select public.rerender_landing_page(%s, %s)", [page_id, content_hash]
        )
    return answer


def _served(db: Database, page_id: UUID) -> str | None:
    path = db.page(page_id)["path"]
    with db.acting_as("anon"):
        served: str | None = db.value("select content_hash from public.live_landing_page(%s)", [path])
    return served


def _template(db: Database, page_id: UUID, by: Actor) -> str:
    with db.acting_as(by):
        template: str = db.value(
            "select template_version from public.live_landing_pages where id = %s", [page_id]
        )
    return template


def test_page_is_brought_up_to_date_and_says_what_it_said(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id = db.add_live_page(partner, admin, title="Zoals goedgekeurd")
    before = db.page(page_id)
    db.run("update public.partner_landing_pages set title = 'Nog niet klaar' where id = %s", [page_id])

    content_hash = _render(db, page_id, admin)
    answer = _take(db, page_id, content_hash, admin)

    snapshots = db.rows(
        "select snapshot, is_rerendered from public.partner_landing_page_versions where page_id = %s order by number",
        [page_id],
    )
    assert (answer["status"], answer["live_version"], _served(db, page_id)) == ("live", 2, content_hash)
    assert snapshots[1]["snapshot"] == {**snapshots[0]["snapshot"], "template_version": "test-2"}
    assert [row["is_rerendered"] for row in snapshots] == [False, True]
    assert db.page(page_id)["published_at"] == before["published_at"]
    assert _template(db, page_id, admin) == "test-2"


def test_step_is_on_record(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_live_page(partner, admin)
    _take(db, page_id, _render(db, page_id, admin), admin)

    transition = db.rows(
        "select from_status, to_status, actor, reason from public.partner_landing_page_transitions"
        " where page_id = %s order by id",
        [page_id],
    )[-1]
    assert tuple(transition.values()) == ("live", "live", "admin", "rendered anew")


@pytest.mark.parametrize("by", ["partner", "stranger"])
def test_only_an_admin_does_it(db: Database, partner: Person, admin: Person, by: str) -> None:
    page_id = db.add_live_page(partner, admin)
    content_hash = _render(db, page_id, admin)
    who = partner if by == "partner" else db.add_partner()
    sqlstate, word = ("PT403", "not_allowed") if by == "partner" else ("PT404", "page_not_found")

    with db.refused(sqlstate, word):
        _render(db, page_id, who)
    with db.refused(sqlstate, word):
        _take(db, page_id, content_hash, who)


@pytest.mark.parametrize("status", ["concept", "review", "archived"])
def test_only_what_is_live_is_rendered_anew(
    db: Database, partner: Person, admin: Person, status: str
) -> None:
    page_id = db.add_page(partner)
    if status != "concept":
        db.submit(page_id, partner)
    if status == "archived":
        db.approve(page_id, admin)
        db.run("update public.partner_landing_pages set status = 'archived' where id = %s", [page_id])

    with db.refused("PT409", "transition_not_allowed"):
        _render(db, page_id, admin)


def test_what_waits_for_approval_goes_on_waiting(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_live_page(partner, admin)
    db.run("update public.partner_landing_pages set title = 'De volgende' where id = %s", [page_id])
    waiting = db.submit(page_id, partner)

    _take(db, page_id, _render(db, page_id, admin), admin)
    db.approve(page_id, admin)

    assert _served(db, page_id) == waiting


def test_plan_stays_what_it_was(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_live_page(partner, admin)
    first = _served(db, page_id)
    db.run(
        "update public.partner_landing_pages set title = 'Straks', publish_at = now() + interval '1 hour' where id = %s",
        [page_id],
    )
    db.submit(page_id, partner)
    db.approve(page_id, admin)
    content_hash = _render(db, page_id, admin)

    _take(db, page_id, content_hash, admin)

    assert _served(db, page_id) == first
    db.let_pass(timedelta(hours=1))
    assert _served(db, page_id) == content_hash


def test_second_time_changes_nothing(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_live_page(partner, admin)
    content_hash = _render(db, page_id, admin)

    answers = [_take(db, page_id, content_hash, admin) for _ in range(2)]

    assert answers[0] == answers[1]
    assert (
        db.value(
            "select count(*) from public.partner_landing_page_transitions where page_id = %s and to_status = 'live'",
            [page_id],
        )
        == 2
    )


def test_partner_may_go_back_to_what_it_looked_like(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_live_page(partner, admin)
    first = _served(db, page_id)
    second = _render(db, page_id, admin)
    _take(db, page_id, second, admin)

    for version, expected in ((1, first), (2, second)):
        with db.acting_as(partner):
            db.run("select public.roll_back_landing_page(%s, %s)", [page_id, version])
        assert _served(db, page_id) == expected


def test_what_went_live_meanwhile_is_not_undone(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_live_page(partner, admin)
    content_hash = _render(db, page_id, admin)
    db.run("update public.partner_landing_pages set title = 'Nieuwer' where id = %s", [page_id])
    db.submit(page_id, partner)
    db.approve(page_id, admin)

    with db.refused("PT409", "content_changed"):
        _take(db, page_id, content_hash, admin)


def test_what_was_taken_down_does_not_come_back_as_rendered_anew(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id = db.add_live_page(partner, admin)
    _take(db, page_id, _render(db, page_id, admin), admin)
    taken_down = db.page(page_id)["live_version_id"]
    with db.acting_as(admin):
        db.run("select public.archive_landing_page(%s)", [page_id])
    db.run("update public.partner_landing_pages set status = 'concept' where id = %s", [page_id])
    db.run("update public.partner_landing_pages set title = 'Iets anders' where id = %s", [page_id])
    db.submit(page_id, partner)
    db.approve(page_id, admin)

    for who in (DASHBOARD, partner):
        with db.refused("PT409", "version_not_approved"), db.acting_as(who):
            if who == DASHBOARD:
                db.run(
                    "update public.partner_landing_pages set live_version_id = %s where id = %s",
                    [taken_down, page_id],
                )
            else:
                db.run("select public.roll_back_landing_page(%s, 2)", [page_id])


def test_what_was_not_rendered_is_not_shown(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_live_page(partner, admin)

    with db.refused("PT409", "document_missing"):
        _take(db, page_id, "0" * 64, admin)


def test_admins_rendering_takes_nothing_off_what_a_partner_may_submit(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id = db.add_live_page(partner, admin)
    other = db.add_page(partner)
    db.run("update private.partner_quotas set max_submissions_a_day = 3 where partner_id = %s", [partner.id])
    for template in ("test-2", "test-3", "test-4"):
        _take(db, page_id, _render(db, page_id, admin, template), admin)

    db.submit(other, partner)
    with db.refused("PT429", "too_many_submissions"):
        db.run("update public.partner_landing_pages set title = 'Anders' where id = %s", [other])
        db.submit(other, partner)
        db.run("update public.partner_landing_pages set title = 'Weer anders' where id = %s", [other])
        db.submit(other, partner)
