"""Links to versions that need not be live: for one version, for a while, and only from who may see the page."""

from collections.abc import Callable
from typing import Any
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


@pytest.fixture
def page_id(db: Database, partner: Person) -> UUID:
    return db.add_page(partner)


def _create(db: Database, who: Actor, page_id: UUID, version: int | None = None) -> dict[str, Any]:
    with db.acting_as(who):
        made: dict[str, Any] = db.value(
            "select public.create_landing_page_preview(%s, %s)", [page_id, version]
        )
    return made


def _shown(db: Database, path: str | None) -> str | None:
    """Return the hash of what somebody without an account is shown at a link."""
    assert path
    with db.acting_as("anon"):
        rows = db.rows(
            "select content_hash from public.landing_page_preview(%s)", [path.removeprefix("/previews/")]
        )
    return rows[0]["content_hash"] if rows else None


def _waiting(db: Database, who: Actor, page_id: UUID) -> list[dict[str, Any]]:
    with db.acting_as(who):
        return db.rows(
            "select content_hash, preview_path from public.landing_pages_in_review where id = %s", [page_id]
        )


def test_who_approves_finds_a_link_to_exactly_that(
    db: Database, partner: Person, admin: Person, page_id: UUID
) -> None:
    content_hash = db.submit(page_id, partner)

    for who in (admin, DASHBOARD, partner, "service_role"):
        (waiting,) = _waiting(db, who, page_id)
        assert _shown(db, waiting["preview_path"]) == waiting["content_hash"] == content_hash
    assert _waiting(db, db.add_partner(), page_id) == []


def test_link_is_to_its_version_whatever_comes_after_it(
    db: Database, partner: Person, admin: Person, page_id: UUID
) -> None:
    first = db.submit(page_id, partner)
    (link,) = _waiting(db, admin, page_id)
    db.approve(page_id, admin)
    db.run("update public.partner_landing_pages set title = 'Anders' where id = %s", [page_id])
    second = db.submit(page_id, partner)

    (newer,) = _waiting(db, admin, page_id)
    assert _shown(db, link["preview_path"]) == first
    assert _shown(db, newer["preview_path"]) == second != first

    with db.acting_as(partner):
        db.run("select public.archive_landing_page(%s)", [page_id])
    assert _shown(db, link["preview_path"]) == first


@pytest.mark.parametrize("maker", ["partner", "admin"])
def test_link_is_made_to_what_waits_or_to_the_version_that_is_named(
    db: Database, partner: Person, admin: Person, page_id: UUID, maker: str
) -> None:
    who = {"partner": partner, "admin": admin}[maker]
    first = db.submit(page_id, partner)
    db.approve(page_id, admin)
    db.run("update public.partner_landing_pages set title = 'Anders' where id = %s", [page_id])
    second = db.submit(page_id, partner)

    newest, named = _create(db, who, page_id), _create(db, who, page_id, 1)

    assert (newest["version"], newest["content_hash"], _shown(db, newest["path"])) == (2, second, second)
    assert (named["version"], named["content_hash"], _shown(db, named["path"])) == (1, first, first)


def _reject(db: Database, page_id: UUID, admin: Person) -> None:
    with db.acting_as(admin):
        db.run("select public.reject_landing_page(%s, 'Dit mag niet.')", [page_id])


def _edit(db: Database, page_id: UUID, admin: Person) -> None:
    with db.acting_as(admin):
        db.run("update public.partner_landing_pages set title = 'Anders' where id = %s", [page_id])


def _approve_and_take_down(db: Database, page_id: UUID, admin: Person) -> None:
    db.approve(page_id, admin)
    with db.acting_as(admin):
        db.run("select public.archive_landing_page(%s, 'Dit mag niet.')", [page_id])


def _approve_and_take_down_in_studio(db: Database, page_id: UUID, admin: Person) -> None:
    db.approve(page_id, admin)
    db.run("update public.partner_landing_pages set status = 'archived' where id = %s", [page_id])


@pytest.mark.parametrize("end", [_reject, _edit, _approve_and_take_down, _approve_and_take_down_in_studio])
def test_what_was_refused_or_taken_down_is_shown_by_no_link(
    db: Database,
    partner: Person,
    admin: Person,
    page_id: UUID,
    end: Callable[[Database, UUID, Person], None],
) -> None:
    """And a partner makes no new one."""
    content_hash = db.submit(page_id, partner)
    link = _create(db, partner, page_id)
    assert _shown(db, link["path"]) == content_hash

    end(db, page_id, admin)

    assert _shown(db, link["path"]) is None
    for version in (None, 1):
        with db.refused("PT409", "version_not_shown"):
            _create(db, partner, page_id, version)


def test_page_without_a_version_has_nothing_to_show(db: Database, partner: Person, page_id: UUID) -> None:
    with db.refused("PT404", "version_not_found") as refusal:
        _create(db, partner, page_id)
    assert refusal.hint == "Submit it first: what is submitted can be looked at."

    db.submit(page_id, partner)
    with db.refused("PT404", "version_not_found"):
        _create(db, partner, page_id, 2)


def test_stranger_makes_and_revokes_no_link(db: Database, partner: Person, page_id: UUID) -> None:
    db.submit(page_id, partner)
    stranger = db.add_partner()

    with db.refused("PT404", "page_not_found"):
        _create(db, stranger, page_id)
    with db.refused("PT404", "page_not_found"), db.acting_as(stranger):
        db.run("select public.revoke_landing_page_previews(%s)", [page_id])


def test_stranger_is_told_no_link(db: Database, partner: Person, page_id: UUID) -> None:
    db.submit(page_id, partner)
    version_id = db.page(page_id)["submitted_version_id"]

    told = {}
    for name, who in {"partner": partner, "stranger": db.add_partner(), "admin": db.add_admin()}.items():
        with db.acting_as(who):
            told[name] = db.value("select private.preview_path(%s, %s)", [page_id, version_id])

    assert told == {"partner": told["admin"], "stranger": None, "admin": told["admin"]}
    assert told["admin"].startswith("/previews/")


def test_revoked_link_is_worth_nothing(db: Database, partner: Person, admin: Person, page_id: UUID) -> None:
    db.submit(page_id, partner)
    made = _create(db, partner, page_id)

    with db.acting_as(admin):
        revoked = db.value("select public.revoke_landing_page_previews(%s)", [page_id])

    assert revoked == {"revoked": 2}
    assert _shown(db, made["path"]) is None
    assert [row["preview_path"] for row in _waiting(db, admin, page_id)] == [None]


def _expire(db: Database, page_id: UUID) -> None:
    db.run("update private.landing_page_previews set expires_at = now() where page_id = %s", [page_id])


def _change_the_key(db: Database, _: UUID) -> None:
    # What the table's comment tells an operator to do.
    db.run("update private.preview_key set key = default")
    db.run("delete from private.landing_page_previews")


@pytest.mark.parametrize("end", [_expire, _change_the_key])
def test_link_comes_to_an_end(
    db: Database, partner: Person, admin: Person, page_id: UUID, end: Callable[[Database, UUID], None]
) -> None:
    db.submit(page_id, partner)
    old = _create(db, partner, page_id)
    assert old["expires_at"]

    end(db, page_id)

    assert _shown(db, old["path"]) is None
    assert [row["preview_path"] for row in _waiting(db, admin, page_id)] == [None]
    assert _shown(db, _create(db, partner, page_id)["path"]) == old["content_hash"]


def test_link_is_good_for_two_weeks(db: Database, partner: Person, page_id: UUID) -> None:
    db.submit(page_id, partner)

    left = db.value(
        "select expires_at - now() from private.landing_page_previews where page_id = %s", [page_id]
    )

    assert left.days == 14


def test_token_is_kept_nowhere(db: Database, partner: Person, page_id: UUID) -> None:
    db.submit(page_id, partner)
    token = _create(db, partner, page_id)["path"].removeprefix("/previews/")

    kept = db.value("select string_agg(p::text, ' ') from private.landing_page_previews as p")

    assert len(token) == 64
    assert token not in kept


def test_twenty_links_of_a_version_are_good_at_a_time(
    db: Database, partner: Person, admin: Person, page_id: UUID
) -> None:
    """Whoever makes many takes nothing away from who looks at another version, or another page."""
    other = db.add_page(partner)
    db.submit(other, partner)
    first = db.submit(page_id, partner)
    (link,) = _waiting(db, admin, page_id)
    db.approve(page_id, admin)
    db.run("update public.partner_landing_pages set title = 'Anders' where id = %s", [page_id])
    db.submit(page_id, partner)
    links = [_create(db, partner, page_id)["path"] for _ in range(25)]

    assert [path for path in links if _shown(db, path)] == links[-20:]
    assert _shown(db, link["preview_path"]) == first
    assert _count(db, other) == 1


def _count(db: Database, page_id: UUID) -> int:
    count: int = db.value("select count(*) from private.landing_page_previews where page_id = %s", [page_id])
    return count


def test_links_go_when_the_partner_leaves(db: Database, partner: Person, page_id: UUID) -> None:
    db.submit(page_id, partner)
    made = _create(db, partner, page_id)

    db.run("delete from auth.users where id = %s", [partner.id])

    assert _shown(db, made["path"]) is None
    assert _count(db, page_id) == 0
