"""A page for every city that says the same in each is a doorway page, and is told from one that says its own."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any
from uuid import UUID

import psycopg
import pytest

from demo.content import landing_page
from demo.firms import FIRMS
from tests.actors import Person
from tests.conftest import Connect
from tests.database import Database

ROOFER = landing_page("")["content_json"]


@pytest.fixture
def partner(db: Database) -> Person:
    return db.add_partner()


@pytest.fixture
def admin(db: Database) -> Person:
    return db.add_admin()


def _for(city: str) -> dict[str, Any]:
    """Write the roofer's page for another city: its name is all that differs."""
    content: dict[str, Any] = json.loads(json.dumps(ROOFER).replace("Tilburg", city))
    return content


def _resembles(db: Database, page_id: UUID, by: Person) -> Mapping[str, Any] | None:
    with db.acting_as(by):
        found: Mapping[str, Any] | None = db.value(
            "select public.landing_page_snapshot(%s, 'test') -> 'resembles'", [page_id]
        )
    return found


@pytest.mark.parametrize("state", ["review", "live"])
def test_page_for_another_city_that_says_the_same_is_found(
    db: Database, partner: Person, admin: Person, state: str
) -> None:
    first = db.add_page(partner, content_json=_for("Tilburg"), path=partner.path("dakdekker-tilburg"))
    db.submit(first, partner)
    if state == "live":
        db.approve(first, admin)
    second = db.add_page(partner, content_json=_for("'s-Hertogenbosch"))

    found = _resembles(db, second, partner)

    assert found
    assert found["path"] == partner.path("dakdekker-tilburg")
    assert found["likeness"] >= 0.9


def test_pages_of_different_firms_are_far_from_alike(db: Database, partner: Person, admin: Person) -> None:
    db.allow_likeness(partner, 0.55)
    for firm in FIRMS:
        page_id = db.add_page(partner, content_json=firm.page["content_json"])
        assert _resembles(db, page_id, partner) is None
        db.submit(page_id, partner)
        db.approve(page_id, admin)


def test_page_is_not_like_its_own_earlier_version(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_live_page(partner, admin, content_json=_for("Tilburg"))
    db.run("update public.partner_landing_pages set title = 'Anders' where id = %s", [page_id])

    assert _resembles(db, page_id, partner) is None


@pytest.mark.parametrize("state", ["concept", "archived"])
def test_what_nobody_sees_is_not_compared_with(
    db: Database, partner: Person, admin: Person, state: str
) -> None:
    first = db.add_page(partner, content_json=_for("Tilburg"))
    if state == "archived":
        db.submit(first, partner)
        db.approve(first, admin)
        db.run("update public.partner_landing_pages set status = 'archived' where id = %s", [first])
    second = db.add_page(partner, content_json=_for("Breda"))

    assert _resembles(db, second, partner) is None


@pytest.mark.parametrize(
    ("is_same_segment", "state", "is_found"),
    [
        (True, "live", True),
        (True, "review", False),
        (False, "live", False),
    ],
)
def test_what_others_of_the_segment_have_live_is_compared_with_too(
    db: Database, partner: Person, admin: Person, *, is_same_segment: bool, state: str, is_found: bool
) -> None:
    segment_id, other_id = db.add_segment(), db.add_segment()
    competitor = db.add_partner()
    theirs = db.add_page(competitor, content_json=_for("Tilburg"), segment_id=segment_id)
    db.submit(theirs, competitor)
    if state == "live":
        db.approve(theirs, admin)
    copy = db.add_page(
        partner, content_json=_for("Tilburg"), segment_id=segment_id if is_same_segment else other_id
    )

    assert (_resembles(db, copy, partner) is not None) == is_found


def test_marketplace_may_allow_it(db: Database, partner: Person, admin: Person) -> None:
    db.allow_likeness(partner, 1)
    db.add_live_page(partner, admin, content_json=_for("Tilburg"))
    second = db.add_page(partner, content_json=_for("Breda"))

    assert _resembles(db, second, partner) is None


def test_document_from_before_the_other_page_lets_nobody_past(db: Database, partner: Person) -> None:
    """The gate is passed while the other page is a concept, and what it let through is handed in afterwards."""
    first = db.add_page(partner, content_json=_for("Tilburg"), path=partner.path("dakdekker-tilburg"))
    content_hash = db.render(first, partner)
    second = db.add_page(partner, content_json=_for("Breda"), path=partner.path("dakdekker-breda"))
    db.submit(second, partner)

    with db.refused("PT422", "content_refused") as refusal, db.acting_as(partner):
        db.run("select public.submit_landing_page(%s, %s)", [first, content_hash])

    assert refusal.detail
    assert refusal.detail.endswith(f" is the same as {partner.path('dakdekker-breda')}.")


def test_dashboard_is_told_too(db: Database, partner: Person) -> None:
    """Who brings back in Studio what was sent back hands in the version that there is."""
    first = db.add_page(partner, content_json=_for("Tilburg"))
    db.submit(first, partner)
    db.run(
        "update public.partner_landing_pages set status = 'concept', status_reason = 'Nog niet' where id = %s",
        [first],
    )
    db.submit(db.add_page(partner, content_json=_for("Breda")), partner)

    with db.refused("PT422", "content_refused"):
        db.run("update public.partner_landing_pages set status = 'review' where id = %s", [first])


def test_what_waits_is_handed_in_again_though_another_resembles_it(
    db: Database, partner: Person, admin: Person
) -> None:
    first = db.add_page(partner, content_json=_for("Tilburg"))
    content_hash = db.submit(first, partner)
    db.allow_likeness(partner, 1)
    db.add_live_page(partner, admin, content_json=_for("Breda"))
    db.allow_likeness(partner, 0.8)

    with db.acting_as(partner):
        again = db.value("select public.submit_landing_page(%s, %s)", [first, content_hash])

    assert (again["status"], again["content_hash"]) == ("review", content_hash)


def test_of_two_that_are_handed_in_at_once_one_passes(platform: Database, connect: Connect) -> None:
    partner = platform.add_partner()
    pages = [platform.add_page(partner, content_json=_for(city)) for city in ("Tilburg", "Breda")]
    hashes = [platform.render(page_id, partner) for page_id in pages]
    holding, one, other = connect(), connect(), connect()
    holding.begin()
    holding.run("select from private.partner_quotas where partner_id = %s for update", [partner.id])

    def submit(by: Database, page_id: UUID, content_hash: str) -> None:
        with by.acting_as(partner):
            by.run("select public.submit_landing_page(%s, %s)", [page_id, content_hash])

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(submit, *each) for each in zip((one, other), pages, hashes, strict=True)]
        assert wait(both, timeout=0.3).not_done == {*both}, "both should wait for their partner's turn"
        holding.connection.commit()
        errors = [attempt.exception(timeout=10) for attempt in both]

    (refused,) = [error for error in errors if error]
    assert isinstance(refused, psycopg.Error)
    assert refused.diag.message_primary == "content_refused"
    statuses = "select status from public.partner_landing_pages where partner_id = %s order by status"
    assert [row["status"] for row in platform.rows(statuses, [partner.id])] == ["concept", "review"]
