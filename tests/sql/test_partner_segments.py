"""Segments: one active link, one primary, and ended links that stay."""

from uuid import UUID

import pytest

from tests.actors import Person
from tests.database import Database


@pytest.fixture
def partner(db: Database) -> Person:
    return db.add_partner()


def _link(db: Database, partner: Person, segment_id: UUID, *, is_primary: bool = False) -> UUID:
    with db.acting_as(partner):
        link_id: UUID = db.value(
            "insert into public.partner_segments (segment_id, is_primary) values (%s, %s) returning id",
            [segment_id, is_primary],
        )
    return link_id


def _primary(db: Database, partner: Person) -> list[UUID]:
    return [
        row["id"]
        for row in db.rows(
            "select id from public.partner_segments where partner_id = %s and is_primary", [partner.id]
        )
    ]


def test_link_is_the_callers_own_without_saying_so(db: Database, partner: Person) -> None:
    link_id = _link(db, partner, db.add_segment())

    assert db.value("select partner_id from public.partner_segments where id = %s", [link_id]) == partner.id


def test_second_active_link_to_a_segment_is_refused(db: Database, partner: Person) -> None:
    segment_id = db.add_segment()
    _link(db, partner, segment_id)

    with db.refused("23505") as refusal:
        _link(db, partner, segment_id)

    assert refusal.constraint == "partner_segments_one_active_link"


def test_ended_link_stays_and_a_new_one_may_follow(db: Database, partner: Person) -> None:
    segment_id = db.add_segment()
    first = _link(db, partner, segment_id)

    with db.acting_as(partner):
        db.run("update public.partner_segments set is_active = false where id = %s", [first])
    second = _link(db, partner, segment_id)

    links = db.rows(
        "select id, is_active from public.partner_segments where partner_id = %s order by is_active",
        [partner.id],
    )
    assert links == [{"id": first, "is_active": False}, {"id": second, "is_active": True}]
    with db.refused("23505"), db.acting_as(partner):
        db.run("update public.partner_segments set is_active = true where id = %s", [first])


def test_making_one_primary_demotes_the_other_in_the_same_statement(db: Database, partner: Person) -> None:
    first = _link(db, partner, db.add_segment(), is_primary=True)
    second = _link(db, partner, db.add_segment(), is_primary=True)
    after_insert = _primary(db, partner)

    with db.acting_as(partner):
        db.run("update public.partner_segments set is_primary = true where id = %s", [first])

    assert (after_insert, _primary(db, partner)) == ([second], [first])


def test_demotion_stays_with_the_partner(db: Database, partner: Person) -> None:
    other, segment_id = db.add_partner(), db.add_segment()
    others_primary = _link(db, other, segment_id, is_primary=True)

    _link(db, partner, segment_id, is_primary=True)

    assert _primary(db, other) == [others_primary]


def test_two_primaries_in_one_statement_leave_one(db: Database, partner: Person) -> None:
    """The second demotes the first, which is by then another version of the row."""
    links = [_link(db, partner, db.add_segment()) for _ in range(2)]

    with db.acting_as(partner):
        db.run("update public.partner_segments set is_primary = true where id = any (%s)", [links])

    assert len(_primary(db, partner)) == 1


def test_ended_link_is_never_primary(db: Database, partner: Person) -> None:
    link_id = _link(db, partner, db.add_segment(), is_primary=True)

    with db.refused("23514"), db.acting_as(partner):
        db.run("update public.partner_segments set is_active = false where id = %s", [link_id])
    with db.acting_as(partner):
        db.run(
            "update public.partner_segments set is_active = false, is_primary = false where id = %s",
            [link_id],
        )


def test_link_moves_to_nobody_else(db: Database, partner: Person) -> None:
    link_id = _link(db, partner, db.add_segment())

    with db.refused("PT403", "partner_id_not_writable"):
        db.run(
            "update public.partner_segments set partner_id = %s where id = %s", [db.add_partner().id, link_id]
        )


@pytest.mark.parametrize(
    ("column", "value"),
    [("priority", -1), ("priority", 1001), ("target_leads_per_week", -1), ("target_leads_per_week", 10001)],
)
def test_number_out_of_range_is_refused(db: Database, partner: Person, column: str, value: int) -> None:
    link_id = _link(db, partner, db.add_segment())

    with db.refused("23514"), db.acting_as(partner):
        db.run(f"update public.partner_segments set {column} = %s where id = %s", [value, link_id])
