"""Every path that was ever live leads, in one hop, to where its page is live now, or says that it is gone."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from operator import itemgetter
from random import Random
from uuid import UUID

import pytest

from tests.actors import Person
from tests.database import Database

# A walk is of so many steps: rows that a transaction has replaced stay until its end, and slow it down.
_STEPS = 250
# GENERATED_STEPS=10000 walks forty times, each another way.
_WALKS = max(int(os.environ.get("GENERATED_STEPS", _STEPS)) // _STEPS, 1)


@pytest.fixture
def partner(db: Database) -> Person:
    return db.add_partner()


@pytest.fixture
def admin(db: Database) -> Person:
    return db.add_admin()


def _look_up(db: Database, path: str) -> tuple[bool, str | None] | None:
    """Return whether there is a document at a path, and where its page is live; None if there never was one."""
    with db.acting_as("anon"):
        rows = db.rows("select html_gzip, location from public.live_landing_page(%s)", [path])
    return (rows[0]["html_gzip"] is not None, rows[0]["location"]) if rows else None


def _rename(db: Database, page_id: UUID, path: str, partner: Person, admin: Person) -> None:
    db.run("update public.partner_landing_pages set path = %s where id = %s", [path, page_id])
    db.submit(page_id, partner)
    db.approve(page_id, admin)


def test_live_page_is_at_its_address(db: Database, partner: Person, admin: Person) -> None:
    db.add_live_page(partner, admin, path=partner.path("a"))

    assert _look_up(db, partner.path("a")) == (True, partner.path("a"))
    assert _look_up(db, partner.path("b")) is None


def test_renamed_page_is_one_hop_away_and_renamed_back_none(
    db: Database, partner: Person, admin: Person
) -> None:
    a, b, c = map(partner.path, "abc")
    page_id = db.add_live_page(partner, admin, path=a)

    _rename(db, page_id, b, partner, admin)
    _rename(db, page_id, c, partner, admin)
    assert [_look_up(db, path) for path in (a, b, c)] == [(False, c), (False, c), (True, c)]

    _rename(db, page_id, a, partner, admin)
    assert [_look_up(db, path) for path in (a, b, c)] == [(True, a), (False, a), (False, a)]


def test_renaming_shows_only_once_it_is_approved(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_live_page(partner, admin, path=partner.path("a"))
    db.run("update public.partner_landing_pages set path = %s where id = %s", [partner.path("b"), page_id])
    db.submit(page_id, partner)

    assert _look_up(db, partner.path("a")) == (True, partner.path("a"))
    assert _look_up(db, partner.path("b")) is None


def test_archived_page_is_gone_at_all_its_addresses(db: Database, partner: Person, admin: Person) -> None:
    a, b = map(partner.path, "ab")
    page_id = db.add_live_page(partner, admin, path=a)
    _rename(db, page_id, b, partner, admin)

    db.run("update public.partner_landing_pages set status = 'archived' where id = %s", [page_id])

    assert [_look_up(db, path) for path in (a, b)] == [(False, None)] * 2


def test_live_page_beats_one_that_was_there(db: Database, partner: Person, admin: Person) -> None:
    a, b = map(partner.path, "ab")
    first = db.add_live_page(partner, admin, path=a)
    _rename(db, first, b, partner, admin)

    second = db.add_live_page(partner, admin, path=a)
    assert [_look_up(db, path) for path in (a, b)] == [(True, a), (True, b)]

    db.run("update public.partner_landing_pages set status = 'archived' where id = %s", [second])
    assert [_look_up(db, path) for path in (a, b)] == [(False, None), (True, b)]


def test_rolling_back_a_rename_leads_back(db: Database, partner: Person, admin: Person) -> None:
    a, b = map(partner.path, "ab")
    page_id = db.add_live_page(partner, admin, path=a)
    _rename(db, page_id, b, partner, admin)

    with db.acting_as(partner):
        db.run("select public.roll_back_landing_page(%s, 1)", [page_id])

    assert [_look_up(db, path) for path in (a, b)] == [(True, a), (False, a)]


def test_addresses_of_a_departed_partner_say_nothing(db: Database, partner: Person, admin: Person) -> None:
    db.add_live_page(partner, admin, path=partner.path("a"))

    db.run("delete from auth.users where id = %s", [partner.id])

    assert _look_up(db, partner.path("a")) is None


@dataclass
class _Planned:
    """What visitors may see of one page: from when on it is where, in the order of its approvals."""

    shown: list[tuple[int, str]] = field(default_factory=list)
    gone_from: float = inf

    def path_at(self, now: int) -> str | None:
        past = [path for since, path in self.shown if since <= now]
        return past[-1] if past and now < self.gone_from else None

    def paths(self, now: int) -> set[str]:
        """Return what another page cannot have: where it is, or was before its end, and where it is going to be."""
        past = [path for since, path in self.shown if since <= now]
        return {*past[-1:], *(path for since, path in self.shown if since > now)}


_Owner = tuple[int, str, UUID]
"""From which hour on a page has a path."""


def _of_use(owners: list[_Owner], now: int) -> list[_Owner]:
    """Leave out what a later owner has replaced: of two in one hour the later approval is the one that holds."""
    past = sorted((owner for owner in owners if owner[0] <= now), key=itemgetter(0))
    return [*{owner[1]: owner for owner in past}.values(), *(owner for owner in owners if owner[0] > now)]


@pytest.mark.parametrize("walk", range(_WALKS))
def test_whatever_is_renamed_planned_or_archived_nothing_is_lost_and_nothing_loops(
    db: Database, partner: Person, admin: Person, walk: int
) -> None:
    """Against a model: which page has a path from which hour on, and where each page is in that hour."""
    random = Random(walk)  # noqa: S311 - a test that can be repeated.
    db.run(
        "insert into private.partner_quotas (partner_id, max_submissions_a_day) values (%s, 1000000)"
        " on conflict (partner_id) do update set max_submissions_a_day = excluded.max_submissions_a_day",
        [partner.id],
    )
    paths = [partner.path(f"p{number}") for number in range(6)]
    pages = {db.add_page(partner, path=partner.path(f"nieuw-{number}")): _Planned() for number in range(4)}
    owners: list[_Owner] = []
    now = 0

    for number in range(_STEPS):
        page_id = random.choice([*pages])
        page = pages[page_id]
        taken = {path for other in pages.values() for path in other.paths(now)}
        free = [path for path in paths if path not in taken]
        if (dice := random.random()) < 0.3:
            hours = random.randint(1, 3)
            db.let_pass(timedelta(hours=hours))
            now += hours
        elif dice < 0.45 and page.shown:
            db.run("update public.partner_landing_pages set status = 'archived' where id = %s", [page_id])
            db.run("update public.partner_landing_pages set status = 'concept' where id = %s", [page_id])
            db.run(
                "update public.partner_landing_pages set path = %s where id = %s",
                [partner.path(f"weg-{number}"), page_id],
            )
            pages[page_id] = _Planned()
            owners = [owner for owner in owners if owner[0] <= now or owner[2] != page_id]
        elif free:
            path = random.choice(free)
            delay, lasts = random.choice([0, 0, 1, 2]), random.choice([None, None, 3, 4])
            db.run(
                "update public.partner_landing_pages set publish_at = now() + %s, unpublish_at = now() + %s"
                " where id = %s",
                [
                    timedelta(hours=delay) if delay else None,
                    timedelta(hours=lasts) if lasts else None,
                    page_id,
                ],
            )
            # What waited has another time now, and if that is this hour, it is shown before the next comes.
            page.gone_from = now + lasts if lasts else inf
            page.shown = [(since if since <= now else now + delay, was) for since, was in page.shown]
            owners = [
                (since if since <= now or owner != page_id else now + delay, was, owner)
                for since, was, owner in owners
            ]
            _rename(db, page_id, path, partner, admin)
            past = [(since, was) for since, was in page.shown if since <= now]
            page.shown = [*past[-1:], (now + delay, path)]
            owners = [owner for owner in owners if owner[0] <= now or owner[2] != page_id]
            owners.append((now + delay, path, page_id))

        owners = _of_use(owners, now)
        owner_of = {path: pages[owner] for since, path, owner in owners if since <= now}
        for path in paths:
            location = owner_of[path].path_at(now) if path in owner_of else None
            expected = (location == path, location) if path in owner_of else None
            assert _look_up(db, path) == expected, (number, path)

    assert len({path for _, path, _ in owners}) == len(paths)
