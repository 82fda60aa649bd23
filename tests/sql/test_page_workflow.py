"""The workflow of a landing page: who may take which step, through the functions and in the Table Editor."""

import gzip
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest

from functions.landing_page_publish.snapshot import Branding, Snapshot
from tests.actors import DASHBOARD, Actor, Person
from tests.conftest import Connect
from tests.database import BLOCKS, Database

# The status that the page is in afterwards, or the word of the refusal.
STEPS = """
                concept                  review                   live                     archived

submit
  partner       review                   review                   live                     transition_not_allowed
  stranger      page_not_found           page_not_found           page_not_found           page_not_found
  admin         review                   review                   live                     transition_not_allowed
  service_role  review                   review                   live                     transition_not_allowed
  dashboard     review                   review                   live                     transition_not_allowed
approve
  partner       not_allowed              not_allowed              not_allowed              not_allowed
  stranger      page_not_found           page_not_found           page_not_found           page_not_found
  admin         transition_not_allowed   live                     live                     transition_not_allowed
  service_role  transition_not_allowed   live                     live                     transition_not_allowed
  dashboard     transition_not_allowed   live                     live                     transition_not_allowed
reject
  partner       transition_not_allowed   concept                  transition_not_allowed   transition_not_allowed
  stranger      page_not_found           page_not_found           page_not_found           page_not_found
  admin         transition_not_allowed   concept                  transition_not_allowed   transition_not_allowed
  service_role  transition_not_allowed   concept                  transition_not_allowed   transition_not_allowed
  dashboard     transition_not_allowed   concept                  transition_not_allowed   transition_not_allowed
archive
  partner       transition_not_allowed   transition_not_allowed   archived                 transition_not_allowed
  stranger      page_not_found           page_not_found           page_not_found           page_not_found
  admin         transition_not_allowed   transition_not_allowed   archived                 transition_not_allowed
  service_role  transition_not_allowed   transition_not_allowed   archived                 transition_not_allowed
  dashboard     transition_not_allowed   transition_not_allowed   archived                 transition_not_allowed
restore
  partner       transition_not_allowed   transition_not_allowed   transition_not_allowed   concept
  stranger      page_not_found           page_not_found           page_not_found           page_not_found
  admin         transition_not_allowed   transition_not_allowed   transition_not_allowed   concept
  service_role  transition_not_allowed   transition_not_allowed   transition_not_allowed   concept
  dashboard     transition_not_allowed   transition_not_allowed   transition_not_allowed   concept
"""

# What the Table Editor answers to a plain change of `status`, from the row's to the column's. The content was
# submitted once, so its version exists.
EDITOR = """
                concept                  review                   live                     archived
  concept       transition_not_allowed   review                   transition_not_allowed   transition_not_allowed
  review        reason_required          transition_not_allowed   version_required         transition_not_allowed
  live          transition_not_allowed   transition_not_allowed   transition_not_allowed   archived
  archived      concept                  transition_not_allowed   transition_not_allowed   transition_not_allowed
"""

_STATUSES = ("concept", "review", "live", "archived")
_CALLS: Mapping[str, str] = {
    "submit": "select public.submit_landing_page(%(page)s, %(hash)s)",
    "approve": "select public.approve_landing_page(%(page)s, %(hash)s)",
    "reject": "select public.reject_landing_page(%(page)s, 'Noem een telefoonnummer')",
    "archive": "select public.archive_landing_page(%(page)s, 'Voorbij')",
    "restore": "select public.restore_landing_page(%(page)s)",
}
_ACTORS = {"partner": "partner", "admin": "admin", "service_role": "service_role", "dashboard": "dashboard"}
_STATUS_OF = {
    "not_allowed": "PT403",
    "page_not_found": "PT404",
    "reason_required": "PT400",
    "version_required": "PT400",
}


def _steps() -> list[tuple[str, str, str, str]]:
    steps: list[tuple[str, str, str, str]] = []
    step = ""
    for line in STEPS.splitlines()[2:]:
        if line.startswith("  "):
            who, *outcomes = line.split()
            steps += [
                (step, who, status, outcome) for status, outcome in zip(_STATUSES, outcomes, strict=True)
            ]
        elif line:
            step = line.strip()
    return steps


def _edits() -> list[tuple[str, str, str]]:
    lines = [line.split() for line in EDITOR.splitlines()[2:]]
    return [
        (before, after, outcome)
        for before, *cells in lines
        for after, outcome in zip(_STATUSES, cells, strict=True)
    ]


@pytest.fixture
def partner(db: Database) -> Person:
    return db.add_partner()


@pytest.fixture
def admin(db: Database) -> Person:
    return db.add_admin()


def _bring_to(db: Database, status: str, partner: Person, admin: Person, **columns: Any) -> tuple[UUID, str]:  # noqa: ANN401
    """Make a page whose content was submitted once, and walk it to a status."""
    page_id = db.add_page(partner, **columns)
    content_hash = db.submit(page_id, partner)
    with db.acting_as(partner):
        if status == "concept":
            db.run("select public.reject_landing_page(%s)", [page_id])
    if status in {"live", "archived"}:
        db.approve(page_id, admin)
    with db.acting_as(partner):
        if status == "archived":
            db.run("select public.archive_landing_page(%s)", [page_id])
    return page_id, content_hash


def _transitions(db: Database, page_id: UUID) -> list[tuple[str, str, str, UUID | None, str | None]]:
    return [
        (row["from_status"], row["to_status"], row["actor"], row["actor_id"], row["reason"])
        for row in db.rows(
            "select * from public.partner_landing_page_transitions where page_id = %s order by id", [page_id]
        )
    ]


def _submissions(db: Database, page_id: UUID) -> list[tuple[str, UUID | None, str, UUID | None, str | None]]:
    return [
        (row["status"], row["submitted_by"], row["decided_as"], row["decided_by"], row["reason"])
        for row in db.rows(
            "select * from public.partner_landing_page_submissions where page_id = %s order by id", [page_id]
        )
    ]


@pytest.mark.parametrize(("step", "who", "status", "outcome"), _steps())
def test_step_leads_where_the_table_says(
    db: Database, partner: Person, admin: Person, step: str, who: str, status: str, outcome: str
) -> None:
    page_id, content_hash = _bring_to(db, status, partner, admin)
    actors: dict[str, Actor] = {
        "partner": partner,
        "stranger": db.add_partner(),
        "admin": admin,
        "service_role": "service_role",
        "dashboard": DASHBOARD,
    }
    before = _transitions(db, page_id)
    parameters = {"page": page_id, "hash": content_hash}

    if outcome in _STATUSES:
        with db.acting_as(actors[who]):
            db.run(_CALLS[step], parameters)
    else:
        with db.refused(_STATUS_OF.get(outcome, "PT409"), outcome), db.acting_as(actors[who]):
            db.run(_CALLS[step], parameters)

    now = db.page(page_id)["status"]
    steps_taken = _transitions(db, page_id)[len(before) :]
    assert now == (outcome if outcome in _STATUSES else status)
    if now == status:
        assert steps_taken == []
    else:
        actor = actors[who]
        ((from_status, to_status, recorded_as, recorded_id, _),) = steps_taken
        assert (from_status, to_status, recorded_as) == (status, now, _ACTORS[who])
        assert recorded_id == (actor.id if isinstance(actor, Person) else None)


@pytest.mark.parametrize(("before", "after", "outcome"), _edits())
def test_table_editor_walks_the_same_steps(
    db: Database, partner: Person, admin: Person, before: str, after: str, outcome: str
) -> None:
    page_id, _ = _bring_to(db, before, partner, admin)
    change = "update public.partner_landing_pages set status = %s where id = %s"

    if outcome in _STATUSES:
        db.run(change, [after, page_id])
    else:
        with db.refused(_STATUS_OF.get(outcome, "PT409"), outcome):
            db.run(change, [after, page_id])

    assert db.page(page_id)["status"] == (outcome if outcome in _STATUSES else before)


def test_what_is_live_is_exactly_what_was_approved(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_page(partner, title="Eerst")
    content_hash = db.submit(page_id, partner)
    db.approve(page_id, admin)

    page = db.page(page_id)
    version = db.row(
        "select * from public.partner_landing_page_versions where id = %s", [page["live_version_id"]]
    )
    with db.acting_as("anon"):
        served = db.row("select * from public.live_landing_page(%s)", [page["path"]])

    assert (version["content_hash"], version["number"]) == (content_hash, 1)
    assert _submissions(db, page_id) == [("approved", partner.id, "admin", admin.id, None)]
    assert version["snapshot"]["title"] == "Eerst"
    assert (page["live_path"], page["submitted_version_id"]) == (page["path"], None)
    assert served["content_hash"] == content_hash
    assert content_hash.encode() in gzip.decompress(served["html_gzip"])
    assert page["published_at"] is not None


def test_hash_is_of_the_snapshot_and_of_all_it_depends_on(db: Database, partner: Person) -> None:
    page_id = db.add_page(partner)

    def ask(template: str = "1") -> str:
        with db.acting_as(partner):
            found: str = db.value(
                "select public.landing_page_snapshot(%s, %s) ->> 'content_hash'", [page_id, template]
            )
        return found

    hashes = {ask(), ask("2")}
    for change in (
        "update public.partner_landing_pages set title = 'Anders' where id = %s",
        "update public.partner_landing_pages set subtitle = 'Anders' where id = %s",
        "update public.partner_landing_pages set seo_title = 'Anders' where id = %s",
        "update public.partner_landing_pages set seo_description = 'Anders' where id = %s",
        "update public.partner_landing_pages set content_json = content_json #- '{blocks,0}' where id = %s",
        "update public.partner_landing_pages set path = path || '-2' where id = %s",
    ):
        db.run(change, [page_id])
        hashes.add(ask())
    db.run("update public.profiles set brand_color = '#000000' where id = %s", [partner.id])
    hashes.add(ask())

    assert len(hashes) == 9
    assert {len(found) for found in hashes} == {64}


def test_edit_in_review_withdraws_the_page(db: Database, partner: Person, admin: Person) -> None:
    page_id, content_hash = _bring_to(db, "review", partner, admin)

    with db.acting_as(partner):
        db.run("update public.partner_landing_pages set title = 'Toch anders' where id = %s", [page_id])

    page = db.page(page_id)
    assert (page["status"], page["submitted_version_id"]) == ("concept", None)
    assert _transitions(db, page_id)[-1] == (
        "review",
        "concept",
        "partner",
        partner.id,
        "edited while in review",
    )
    with db.refused("PT409", "transition_not_allowed"), db.acting_as(admin):
        db.run("select public.approve_landing_page(%s, %s)", [page_id, content_hash])


def test_change_that_shows_nothing_leaves_the_review_alone(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id, _ = _bring_to(db, "review", partner, admin)

    segment_id = db.add_segment()

    with db.acting_as(partner):
        db.run("update public.partner_landing_pages set segment_id = %s where id = %s", [segment_id, page_id])

    assert db.page(page_id)["status"] == "review"


def test_change_of_what_the_page_does_not_show_leaves_the_review_alone(
    db: Database, partner: Person, admin: Person
) -> None:
    """The tone of voice is for whoever writes the next text; it stands in no page."""
    page_id, content_hash = _bring_to(db, "review", partner, admin)

    with db.acting_as(partner):
        db.run("update public.profiles set tone_of_voice = 'Losser' where id = %s", [partner.id])
    with db.acting_as(admin):
        db.run("select public.approve_landing_page(%s, %s)", [page_id, content_hash])

    assert db.page(page_id)["status"] == "live"


def test_snapshot_holds_what_the_renderer_reads_and_nothing_else(db: Database, partner: Person) -> None:
    snapshot = db.value("select public.landing_page_snapshot(%s, 'x') -> 'snapshot'", [db.add_page(partner)])

    assert snapshot.keys() == Snapshot.model_fields.keys()
    assert snapshot["branding"].keys() == Branding.model_fields.keys()


def test_edit_is_noticed_in_every_column_that_a_visitor_sees(db: Database, partner: Person) -> None:
    """PostgreSQL wants the columns of a trigger spelled out; these are those of `landing_page_content`."""
    noticed = db.rows(
        "select a.attname from pg_trigger as t join pg_attribute as a on a.attrelid = t.tgrelid and a.attnum = any (t.tgattr)"
        " where t.tgname = 'partner_landing_pages_notice_edit'"
    )
    seen = db.value(
        "select private.landing_page_content(p) from public.partner_landing_pages as p where id = %s",
        [db.add_page(partner)],
    )

    assert {row["attname"].removesuffix("_json") for row in noticed} == seen.keys()


def test_submission_says_what_became_of_it(db: Database, partner: Person, admin: Person) -> None:
    page_id, _ = _bring_to(db, "review", partner, admin)
    with db.acting_as(partner):
        db.run("update public.partner_landing_pages set title = 'Anders' where id = %s", [page_id])
    db.submit(page_id, partner)
    with db.acting_as(admin):
        db.run("select public.reject_landing_page(%s, 'Te kort')", [page_id])
    db.submit(page_id, admin)
    db.approve(page_id, admin)

    assert _submissions(db, page_id) == [
        ("withdrawn", partner.id, "partner", partner.id, "edited while in review"),
        ("rejected", partner.id, "admin", admin.id, "Te kort"),
        ("approved", admin.id, "admin", admin.id, None),
    ]


def test_page_rendered_by_a_newer_template_takes_the_place_of_what_waits(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id, _ = _bring_to(db, "review", partner, admin)
    newer = db.render(page_id, partner, template="test-2")

    with db.acting_as(partner):
        db.run("select public.submit_landing_page(%s, %s)", [page_id, newer])
    db.approve(page_id, admin)

    path = db.page(page_id)["path"]
    with db.acting_as("anon"):
        served = db.value("select content_hash from public.live_landing_page(%s)", [path])
    assert [row[0] for row in _submissions(db, page_id)] == ["withdrawn", "approved"]
    assert served == newer


def test_editing_never_touches_what_is_live(db: Database, partner: Person, admin: Person) -> None:
    page_id, content_hash = _bring_to(db, "live", partner, admin)
    before = db.page(page_id)

    with db.acting_as(partner):
        db.run(
            "update public.partner_landing_pages set title = 'Nieuw', path = path || '-nieuw' where id = %s",
            [page_id],
        )

    after = db.page(page_id)
    with db.acting_as("anon"):
        served = db.rows("select content_hash from public.live_landing_page(%s)", [before["path"]])
        moved = db.rows("select content_hash from public.live_landing_page(%s)", [after["path"]])
    assert (after["status"], after["live_version_id"]) == ("live", before["live_version_id"])
    assert after["published_at"] == before["published_at"]
    assert served == [{"content_hash": content_hash}]
    assert moved == []


def test_editing_the_branding_never_touches_what_is_live(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id, content_hash = _bring_to(db, "live", partner, admin)

    with db.acting_as(partner):
        db.run("update public.profiles set brand_color = '#123456' where id = %s", [partner.id])

    path = db.page(page_id)["path"]
    with db.acting_as("anon"):
        served = db.rows("select content_hash from public.live_landing_page(%s)", [path])
    assert served == [{"content_hash": content_hash}]


def test_update_of_a_live_page_waits_beside_it_and_then_replaces_it(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id, first_hash = _bring_to(db, "live", partner, admin)
    db.run("update public.partner_landing_pages set title = 'Nieuw' where id = %s", [page_id])

    second_hash = db.submit(page_id, partner)
    waiting = db.page(page_id)
    with db.acting_as("anon"):
        meanwhile = db.value("select content_hash from public.live_landing_page(%s)", [waiting["path"]])
    db.approve(page_id, admin)

    with db.acting_as("anon"):
        afterwards = db.value("select content_hash from public.live_landing_page(%s)", [waiting["path"]])
    assert waiting["status"] == "live"
    assert (meanwhile, afterwards) == (first_hash, second_hash)
    assert db.page(page_id)["submitted_version_id"] is None
    assert _submissions(db, page_id)[-1] == ("approved", partner.id, "admin", admin.id, None)
    assert [row[:3] for row in _transitions(db, page_id)] == [
        ("concept", "review", "partner"),
        ("review", "live", "admin"),
        ("live", "live", "admin"),
    ]


def test_editing_a_waiting_update_withdraws_it_and_what_is_live_stays(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id, first_hash = _bring_to(db, "live", partner, admin)
    db.run("update public.partner_landing_pages set title = 'Nieuw' where id = %s", [page_id])
    db.submit(page_id, partner)

    with db.acting_as(partner):
        db.run("update public.partner_landing_pages set title = 'Nieuwer' where id = %s", [page_id])

    page = db.page(page_id)
    assert (page["status"], page["submitted_version_id"]) == ("live", None)
    with db.acting_as("anon"):
        assert db.value("select content_hash from public.live_landing_page(%s)", [page["path"]]) == first_hash


def test_dashboard_approves_an_update_by_its_live_version(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id, _ = _bring_to(db, "live", partner, admin)
    db.run("update public.partner_landing_pages set title = 'Nieuw' where id = %s", [page_id])
    db.submit(page_id, partner)

    db.run(
        "update public.partner_landing_pages set live_version_id = submitted_version_id where id = %s",
        [page_id],
    )

    page = db.page(page_id)
    assert page["submitted_version_id"] is None
    assert (
        db.value(
            "select number from public.partner_landing_page_versions where id = %s", [page["live_version_id"]]
        )
        == 2
    )
    assert _transitions(db, page_id)[-1] == ("live", "live", "dashboard", None, None)
    assert _submissions(db, page_id)[-1] == ("approved", partner.id, "dashboard", None, None)


def test_approving_in_the_dashboard_names_the_version(db: Database, partner: Person, admin: Person) -> None:
    """One cell, and the status follows."""
    page_id, _ = _bring_to(db, "review", partner, admin)
    submitted = db.page(page_id)["submitted_version_id"]

    db.run("update public.partner_landing_pages set live_version_id = %s where id = %s", [submitted, page_id])

    page = db.page(page_id)
    assert (page["status"], page["live_version_id"], page["submitted_version_id"]) == (
        "live",
        submitted,
        None,
    )


@pytest.mark.parametrize("state", ["review", "live"])
def test_version_that_took_the_place_of_the_one_on_the_screen_is_not_approved(
    db: Database, partner: Person, admin: Person, state: str
) -> None:
    page_id, _ = _bring_to(db, state, partner, admin)
    seen = []
    for title in ("Onschuldig", "Verwisseld"):
        db.run("update public.partner_landing_pages set title = %s where id = %s", [title, page_id])
        db.submit(page_id, partner)
        seen.append(db.page(page_id)["submitted_version_id"])
    before = db.page(page_id)

    with db.refused(
        *(("PT409", "transition_not_allowed") if state == "review" else ("PT409", "version_not_approved"))
    ):
        db.run(
            "update public.partner_landing_pages set live_version_id = %s where id = %s", [seen[0], page_id]
        )

    assert db.page(page_id) == before


def test_approving_another_version_than_what_was_submitted_is_refused(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id, _ = _bring_to(db, "archived", partner, admin)
    old_version = db.value(
        "select id from public.partner_landing_page_versions where page_id = %s", [page_id]
    )
    with db.acting_as(partner):
        db.run("select public.restore_landing_page(%s)", [page_id])
        db.run("update public.partner_landing_pages set title = 'Tweede' where id = %s", [page_id])
    db.submit(page_id, partner)

    with db.refused("PT400", "version_required"):
        db.run(
            "update public.partner_landing_pages set status = 'live', live_version_id = %s where id = %s",
            [old_version, page_id],
        )


def test_rollback_goes_to_a_version_that_has_been_live_and_back(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id, first_hash = _bring_to(db, "live", partner, admin)
    path = db.page(page_id)["path"]
    db.run("update public.partner_landing_pages set title = 'Nieuw' where id = %s", [page_id])
    second_hash = db.submit(page_id, partner)
    db.approve(page_id, admin)

    served = []
    for version in (1, 2):
        with db.acting_as(partner):
            db.run("select public.roll_back_landing_page(%s, %s)", [page_id, version])
        with db.acting_as("anon"):
            served.append(db.value("select content_hash from public.live_landing_page(%s)", [path]))

    assert served == [first_hash, second_hash]
    assert _transitions(db, page_id)[-1] == ("live", "live", "partner", partner.id, "rolled back")


@pytest.mark.parametrize("who", ["partner", "admin", "dashboard", "service_role"])
def test_nobody_rolls_back_to_a_version_that_was_never_approved(
    db: Database, partner: Person, admin: Person, who: str
) -> None:
    page_id, _ = _bring_to(db, "live", partner, admin)
    db.run("update public.partner_landing_pages set title = 'Nooit gezien' where id = %s", [page_id])
    db.submit(page_id, partner)
    actors: dict[str, Actor] = {"partner": partner, "admin": admin, "dashboard": DASHBOARD}

    with db.refused("PT409", "version_not_approved"), db.acting_as(actors.get(who, who)):
        db.run("select public.roll_back_landing_page(%s, 2)", [page_id])
    with db.acting_as(partner):
        db.run("select public.reject_landing_page(%s)", [page_id])
    with db.refused("PT409", "version_not_approved"), db.acting_as(actors.get(who, who)):
        db.run("select public.roll_back_landing_page(%s, 2)", [page_id])


def test_table_editor_does_not_go_live_with_a_version_that_was_never_approved(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id, _ = _bring_to(db, "live", partner, admin)
    db.run("update public.partner_landing_pages set title = 'Nooit gezien' where id = %s", [page_id])
    db.submit(page_id, partner)
    with db.acting_as(partner):
        db.run("select public.reject_landing_page(%s)", [page_id])

    with db.refused("PT409", "version_not_approved"):
        db.run(
            "update public.partner_landing_pages set live_version_id ="
            " (select id from public.partner_landing_page_versions where page_id = %(page)s and number = 2)"
            " where id = %(page)s",
            {"page": page_id},
        )


@pytest.mark.parametrize("column", ["live_version_id", "submitted_version_id"])
def test_page_never_points_to_another_pages_version(
    db: Database, partner: Person, admin: Person, column: str
) -> None:
    page_id, _ = _bring_to(db, "live", partner, admin)
    other_id, _ = _bring_to(db, "live", db.add_partner(), admin)
    other_version = db.page(other_id)["live_version_id"]

    with db.refused("PT409"):
        db.run(
            f"update public.partner_landing_pages set {column} = %s where id = %s",
            [other_version, page_id],
        )


def test_version_of_another_page_is_refused_even_without_the_trigger(
    db: Database, partner: Person, admin: Person
) -> None:
    """The foreign key holds where the trigger might not."""
    page_id, _ = _bring_to(db, "live", partner, admin)
    other_id, _ = _bring_to(db, "live", partner, admin)
    db.run("alter table public.partner_landing_pages disable trigger partner_landing_pages_walk")

    with db.refused("23503") as refusal:
        db.run(
            "update public.partner_landing_pages set live_version_id = %s where id = %s",
            [db.page(other_id)["live_version_id"], page_id],
        )

    assert refusal.constraint == "partner_landing_pages_live_version_id_fkey"


@pytest.mark.parametrize("who", ["admin", "dashboard"])
def test_what_the_marketplace_took_down_is_not_rolled_back_to(
    db: Database, partner: Person, admin: Person, who: str
) -> None:
    """Not by way of a harmless version in between either; approving it again is possible."""
    page_id, taken_down = _bring_to(db, "live", partner, admin)
    title = db.page(page_id)["title"]
    with db.acting_as(admin if who == "admin" else DASHBOARD):
        db.run(
            "update public.partner_landing_pages set status = 'archived', status_reason = 'Misleidend' where id = %s"
            if who == "dashboard"
            else "select public.archive_landing_page(%s, 'Misleidend')",
            [page_id],
        )
    with db.acting_as(partner):
        db.run("select public.restore_landing_page(%s)", [page_id])
        db.run("update public.partner_landing_pages set title = 'Onschuldig' where id = %s", [page_id])
    db.submit(page_id, partner)
    db.approve(page_id, admin)

    for actor in (partner, admin, DASHBOARD):
        with db.refused("PT409", "version_not_approved"), db.acting_as(actor):
            db.run("select public.roll_back_landing_page(%s, 1)", [page_id])
    assert _submissions(db, page_id)[0][0::4] == ("revoked", "Misleidend")

    db.run("update public.partner_landing_pages set title = %s where id = %s", [title, page_id])
    assert db.submit(page_id, partner) == taken_down
    db.approve(page_id, admin)
    assert [row[0] for row in _submissions(db, page_id)] == ["revoked", "approved", "approved"]


@pytest.mark.parametrize("who", ["admin", "dashboard"])
def test_version_that_the_marketplace_rolled_back_from_needs_a_new_approval(
    db: Database, partner: Person, admin: Person, who: str
) -> None:
    page_id, _ = _bring_to(db, "live", partner, admin)
    db.run("update public.partner_landing_pages set title = 'Misleidend' where id = %s", [page_id])
    db.submit(page_id, partner)
    db.approve(page_id, admin)

    with db.acting_as(admin if who == "admin" else DASHBOARD):
        db.run("select public.roll_back_landing_page(%s, 1)", [page_id])

    with db.refused("PT409", "version_not_approved"), db.acting_as(partner):
        db.run("select public.roll_back_landing_page(%s, 2)", [page_id])
    assert [row[0] for row in _submissions(db, page_id)] == ["approved", "revoked"]


def test_document_of_an_older_template_is_not_submitted(db: Database, partner: Person) -> None:
    """Directly, past landing_page_publish: its templates may have been changed because they let something through."""
    page_id = db.add_page(partner)
    old = db.render(page_id, partner, template="test-1")
    new = db.render(page_id, partner, template="test-2")

    with db.refused("PT409", "content_changed"), db.acting_as(partner):
        db.run("select public.submit_landing_page(%s, %s)", [page_id, old])

    with db.acting_as(partner):
        db.run("select public.submit_landing_page(%s, %s)", [page_id, new])


def test_template_that_is_deployed_again_is_the_newest(db: Database, partner: Person) -> None:
    page_id = db.add_page(partner)
    old = db.render(page_id, partner, template="test-1")
    db.render(page_id, partner, template="test-2")

    assert db.render(page_id, partner, template="test-1") == old

    with db.acting_as(partner):
        db.run("select public.submit_landing_page(%s, %s)", [page_id, old])


def test_what_a_partner_took_down_themselves_may_come_back(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id, _ = _bring_to(db, "archived", partner, admin)
    with db.acting_as(partner):
        db.run("select public.restore_landing_page(%s)", [page_id])
        db.run("update public.partner_landing_pages set title = 'Anders' where id = %s", [page_id])
    db.submit(page_id, partner)
    db.approve(page_id, admin)

    with db.acting_as(partner):
        db.run("select public.roll_back_landing_page(%s, 1)", [page_id])


def test_approval_says_what_it_approves(db: Database, partner: Person, admin: Person) -> None:
    page_id, _ = _bring_to(db, "review", partner, admin)

    with db.refused("PT400", "content_hash_required"), db.acting_as(admin):
        db.run("select public.approve_landing_page(%s, null)", [page_id])


# Made by AI ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["created", "edited", "submitted"])
def test_ai_page_is_not_approved_by_whoever_had_a_part_in_it(
    db: Database, partner: Person, admin: Person, part: str
) -> None:
    page_id = db.add_page(partner, author=admin if part == "created" else partner, source="ai_generated")
    if part == "edited":
        with db.acting_as(admin):
            db.run("update public.partner_landing_pages set title = 'Beter' where id = %s", [page_id])
    db.submit(page_id, admin if part == "submitted" else partner)

    with db.refused("PT403", "author_cannot_approve"):
        db.approve(page_id, admin)
    db.approve(page_id, db.add_admin())

    assert db.page(page_id)["status"] == "live"


def test_ai_page_is_not_approved_by_an_admin_whose_edit_is_still_in_it(
    db: Database, partner: Person, admin: Person
) -> None:
    """Whoever edits later does not wash the earlier editor's hands."""
    page_id = db.add_page(partner, source="ai_generated")
    with db.acting_as(admin):
        db.run("update public.partner_landing_pages set subtitle = 'Van de admin' where id = %s", [page_id])
    with db.acting_as(partner):
        db.run("update public.partner_landing_pages set title = 'Van de partner' where id = %s", [page_id])
    db.submit(page_id, partner)

    with db.refused("PT403", "author_cannot_approve"):
        db.approve(page_id, admin)


@pytest.mark.parametrize("admin_is_first", [False, True])
def test_ai_page_is_not_approved_by_whoever_ever_handed_it_in(
    db: Database, partner: Person, admin: Person, *, admin_is_first: bool
) -> None:
    """The version is the same one, whoever else handed it in before or after."""
    page_id = db.add_page(partner, source="ai_generated")
    first, second = (admin, partner) if admin_is_first else (partner, admin)
    db.submit(page_id, first)
    with db.acting_as(partner):
        db.run("select public.reject_landing_page(%s)", [page_id])
    db.submit(page_id, second)

    with db.refused("PT403", "author_cannot_approve"):
        db.approve(page_id, admin)


@pytest.mark.parametrize("who", [DASHBOARD, "service_role"])
def test_ai_page_needs_an_approver_with_a_name(db: Database, partner: Person, who: str) -> None:
    page_id = db.add_page(partner, source="ai_generated")
    content_hash = db.submit(page_id, partner)

    with db.refused("PT403", "named_approver_required"), db.acting_as(who):
        db.run("select public.approve_landing_page(%s, %s)", [page_id, content_hash])
    if who == DASHBOARD:
        with db.refused("PT403", "named_approver_required"):
            db.run("update public.partner_landing_pages set status = 'live' where id = %s", [page_id])

    assert db.page(page_id)["status"] == "review"


def test_ai_update_of_a_live_page_needs_a_name_too(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_page(partner, source="ai_generated")
    db.submit(page_id, partner)
    db.approve(page_id, admin)
    db.run("update public.partner_landing_pages set title = 'Tweede' where id = %s", [page_id])
    db.submit(page_id, partner)

    with db.refused("PT403", "named_approver_required"):
        db.run(
            "update public.partner_landing_pages set live_version_id = submitted_version_id where id = %s",
            [page_id],
        )


@pytest.mark.parametrize("source", ["manual", "template"])
def test_page_that_a_person_made_is_approved_by_its_maker_too(
    db: Database, admin: Person, source: str
) -> None:
    page_id = db.add_page(admin, source=source)
    db.submit(page_id, admin)

    db.approve(page_id, admin)

    assert db.page(page_id)["status"] == "live"


# At the same time ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("approval", ["function", "table editor"])
def test_approval_that_races_with_an_edit_never_publishes_the_edit(
    platform: Database, connect: Connect, approval: str
) -> None:
    """The admin's click waits for the partner's save, and then finds nothing that waits for approval."""
    partner, admin = platform.add_partner(), platform.add_admin()
    page_id, content_hash = _bring_to(platform, "review", partner, admin)
    submitted = platform.page(page_id)["submitted_version_id"]
    editing, approving = connect(), connect()
    editing.begin()

    def approve() -> None:
        if approval == "function":
            with approving.acting_as(admin):
                approving.run("select public.approve_landing_page(%s, %s)", [page_id, content_hash])
        else:
            approving.run(
                "update public.partner_landing_pages set live_version_id = %s where id = %s",
                [submitted, page_id],
            )

    editing.run(
        "update public.partner_landing_pages set title = 'Op het laatste moment' where id = %s", [page_id]
    )
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(approve)
        assert wait([waiting], timeout=0.3).not_done, "the approval should wait for the edit"
        editing.connection.commit()
        with pytest.raises(psycopg.Error) as caught:
            waiting.result(timeout=10)

    assert caught.value.diag.message_primary == "transition_not_allowed"
    assert platform.page(page_id)["status"] == "concept"


def test_two_approvals_at_once_are_one(platform: Database, connect: Connect) -> None:
    partner, admin = platform.add_partner(), platform.add_admin()
    page_id, content_hash = _bring_to(platform, "review", partner, admin)
    first, second = connect(), connect()
    first.begin()
    call = "select public.approve_landing_page(%s, %s)"

    first.run(call, [page_id, content_hash])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second.run, call, [page_id, content_hash])
        assert wait([waiting], timeout=0.3).not_done, "the second approval should wait for the first"
        first.connection.commit()
        waiting.result(timeout=10)

    assert [row[1] for row in _transitions(platform, page_id)] == ["review", "live"]


def test_two_pages_that_go_live_at_one_path_at_once_are_one(platform: Database, connect: Connect) -> None:
    """The second one's check saw nothing; the unique key sees it."""
    partner, admin = platform.add_partner(), platform.add_admin()
    path = partner.path("same")
    old_id, _ = _bring_to(platform, "live", partner, admin, path=path)
    platform.run("update public.partner_landing_pages set path = path || '-2' where id = %s", [old_id])
    new_id, _ = _bring_to(platform, "review", partner, admin, path=path)
    with platform.acting_as(partner):
        platform.run("select public.archive_landing_page(%s)", [old_id])
        platform.run("select public.restore_landing_page(%s)", [old_id])
    platform.run("update public.partner_landing_pages set path = %s where id = %s", [f"{path}-3", old_id])
    platform.submit(old_id, partner)
    platform.approve(old_id, admin)
    first, second = connect(), connect()
    first.begin()

    first.run("select public.roll_back_landing_page(%s, 1)", [old_id])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(
            second.run,
            "update public.partner_landing_pages set live_version_id = submitted_version_id where id = %s",
            [new_id],
        )
        assert wait([waiting], timeout=0.3).not_done, "the second page should wait for the first"
        first.connection.commit()
        with pytest.raises(psycopg.errors.UniqueViolation):
            waiting.result(timeout=10)

    assert platform.page(old_id)["live_path"] == path
    assert platform.page(new_id)["status"] == "review"


def test_path_and_slug_changed_at_once_invite_a_retry(platform: Database, connect: Connect) -> None:
    """A page's change holds the page and asks for the slug; the slug's change holds that and asks for the page."""
    partner = platform.add_partner()
    page_id = platform.add_page(partner, path=partner.path("a"))
    renaming, moving = connect(), connect()
    renaming.begin()

    renaming.run("select from public.profiles where id = %s for update", [partner.id])
    with ThreadPoolExecutor(1) as pool:
        move = pool.submit(
            moving.run, "update public.partner_landing_pages set path = path || '-b' where id = %s", [page_id]
        )
        assert wait([move], timeout=0.3).not_done, "the page should wait for the slug"
        errors = []
        try:
            renaming.run(
                "update public.profiles set partner_slug = partner_slug || '-x' where id = %s", [partner.id]
            )
        except psycopg.Error as error:
            errors.append(error)
        renaming.connection.commit()
        try:
            move.result(timeout=10)
        except psycopg.Error as error:
            errors.append(error)

    assert [(error.sqlstate, error.diag.message_primary) for error in errors] == [("PT503", "retry")]


# Rejection -----------------------------------------------------------------------------------------------------------


def test_reason_may_be_saved_before_the_rejection(db: Database, partner: Person) -> None:
    """The Table Editor saves a cell at a time."""
    page_id = db.add_page(partner)
    db.submit(page_id, partner)
    db.run(
        "update public.partner_landing_pages set status_reason = 'Noem een telefoonnummer' where id = %s",
        [page_id],
    )

    db.run("update public.partner_landing_pages set status = 'concept' where id = %s", [page_id])

    row = db.row("select status, status_reason from public.partner_landing_pages where id = %s", [page_id])
    assert row == {"status": "concept", "status_reason": "Noem een telefoonnummer"}
    # Handed in again, it is not the reason of the next rejection.
    db.submit(page_id, partner)
    with db.refused("PT400", "reason_required"):
        db.run("update public.partner_landing_pages set status = 'concept' where id = %s", [page_id])


def test_live_again_is_no_approval_of_what_waits(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_page(partner)
    db.submit(page_id, partner)
    db.approve(page_id, admin)
    db.run("update public.partner_landing_pages set title = 'Anders' where id = %s", [page_id])
    db.submit(page_id, partner)

    with db.refused("PT400", "version_required") as refusal:
        db.run("update public.partner_landing_pages set status = 'live' where id = %s", [page_id])

    assert "live_version_id" in str(refusal.hint)
    db.run(
        "update public.partner_landing_pages set status = 'live', title = 'Nog anders' where id = %s",
        [page_id],
    )


def test_page_without_a_path_is_told_where_it_may_be(db: Database, partner: Person) -> None:
    with db.refused("PT400", "path_not_under_slug") as refusal, db.acting_as(partner):
        db.run("insert into public.partner_landing_pages (title) values ('Zonder pad')")

    assert f"/partners/{partner.slug}/" in str(refusal.hint)


@pytest.mark.parametrize("reason", [None, "", "   "])
def test_rejection_without_a_reason_is_refused(
    db: Database, partner: Person, admin: Person, reason: str | None
) -> None:
    page_id, _ = _bring_to(db, "review", partner, admin)

    with db.refused("PT400", "reason_required"), db.acting_as(admin):
        db.run("select public.reject_landing_page(%s, %s)", [page_id, reason])


def test_rejection_tells_the_partner_why(db: Database, partner: Person, admin: Person) -> None:
    page_id, _ = _bring_to(db, "review", partner, admin)

    with db.acting_as(admin):
        db.run("select public.reject_landing_page(%s, 'Te weinig tekst')", [page_id])

    with db.acting_as(partner):
        seen = db.page(page_id)["status_reason"]
    assert seen == "Te weinig tekst"
    assert _transitions(db, page_id)[-1] == ("review", "concept", "admin", admin.id, "Te weinig tekst")


def test_dashboard_rejects_with_a_reason_in_the_row(db: Database, partner: Person, admin: Person) -> None:
    page_id, _ = _bring_to(db, "review", partner, admin)

    db.run(
        "update public.partner_landing_pages set status = 'concept', status_reason = 'Kan beter' where id = %s",
        [page_id],
    )

    assert _transitions(db, page_id)[-1] == ("review", "concept", "dashboard", None, "Kan beter")


def test_second_rejection_for_the_same_reason_is_possible(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id, _ = _bring_to(db, "review", partner, admin)

    for _ in range(2):
        with db.acting_as(admin):
            db.run("select public.reject_landing_page(%s, 'Te weinig tekst')", [page_id])
        db.submit(page_id, partner)

    assert [row[4] for row in _transitions(db, page_id) if row[1] == "concept"] == ["Te weinig tekst"] * 2


def test_rejected_update_of_a_live_page_leaves_it_up_and_a_trace(
    db: Database, partner: Person, admin: Person
) -> None:
    """Who, when, why: the page stays live, so it is the submission that tells."""
    page_id, _ = _bring_to(db, "live", partner, admin)
    db.run("update public.partner_landing_pages set title = 'Nieuw' where id = %s", [page_id])
    db.submit(page_id, partner)

    with db.refused("PT400", "reason_required"), db.acting_as(admin):
        db.run("select public.reject_landing_page(%s)", [page_id])
    with db.acting_as(admin):
        db.run("select public.reject_landing_page(%s, 'Liever niet')", [page_id])

    page = db.page(page_id)
    assert (page["status"], page["submitted_version_id"], page["status_reason"]) == (
        "live",
        None,
        "Liever niet",
    )
    assert _submissions(db, page_id)[-1] == ("rejected", partner.id, "admin", admin.id, "Liever niet")


# Submission ----------------------------------------------------------------------------------------------------------


def test_submitting_needs_a_document(db: Database, partner: Person) -> None:
    page_id = db.add_page(partner)
    with db.acting_as(partner):
        content_hash = db.value("select public.landing_page_snapshot(%s, '1') ->> 'content_hash'", [page_id])

    with db.refused("PT409", "document_missing"), db.acting_as(partner):
        db.run("select public.submit_landing_page(%s, %s)", [page_id, content_hash])
    with db.refused("PT409", "document_missing"):
        db.run("update public.partner_landing_pages set status = 'review' where id = %s", [page_id])


def test_hash_of_another_page_is_refused(db: Database, partner: Person) -> None:
    """Somebody else's document passed its gates; that says nothing about this page."""
    page_id = db.add_page(partner)
    other_id = db.add_page(partner)
    others_hash = db.render(other_id, partner)

    with db.refused("PT409", "document_missing"), db.acting_as(partner):
        db.run("select public.submit_landing_page(%s, %s)", [page_id, others_hash])


@pytest.mark.parametrize(
    "change",
    [
        "update public.partner_landing_pages set title = 'Later' where partner_id = %s",
        "update public.profiles set brand_color = '#ABCDEF' where id = %s",
    ],
)
def test_stale_hash_is_refused(db: Database, partner: Person, change: str) -> None:
    page_id = db.add_page(partner)
    stale = db.render(page_id, partner)
    db.run(change, [partner.id])

    with db.refused("PT409", "content_changed"), db.acting_as(partner):
        db.run("select public.submit_landing_page(%s, %s)", [page_id, stale])


def test_hash_rendered_by_another_template_than_it_says_is_refused(db: Database, partner: Person) -> None:
    page_id = db.add_page(partner)
    with db.acting_as(partner):
        content_hash = db.value("select public.landing_page_snapshot(%s, '2') ->> 'content_hash'", [page_id])
    with db.acting_as("page_renderer"):
        db.store_document(page_id, content_hash, template_version="1")

    with db.refused("PT409", "content_changed"), db.acting_as(partner):
        db.run("select public.submit_landing_page(%s, %s)", [page_id, content_hash])


def test_approving_another_hash_than_was_submitted_is_refused(
    db: Database, partner: Person, admin: Person
) -> None:
    page_id = db.add_page(partner)
    looked_at = db.submit(page_id, partner)
    db.run("update public.partner_landing_pages set title = 'Na het kijken' where id = %s", [page_id])
    db.submit(page_id, partner)

    with db.refused("PT409", "content_changed"), db.acting_as(admin):
        db.run("select public.approve_landing_page(%s, %s)", [page_id, looked_at])


def test_submitting_twice_makes_one_version(db: Database, partner: Person) -> None:
    page_id = db.add_page(partner)

    db.submit(page_id, partner)
    db.submit(page_id, partner)

    versions = db.value(
        "select count(*) from public.partner_landing_page_versions where page_id = %s", [page_id]
    )
    assert (versions, len(_transitions(db, page_id))) == (1, 1)


def test_old_content_submitted_again_is_its_old_version(db: Database, partner: Person, admin: Person) -> None:
    page_id, first_hash = _bring_to(db, "live", partner, admin)
    title = db.page(page_id)["title"]
    for new_title in ("Nieuw", title):
        db.run("update public.partner_landing_pages set title = %s where id = %s", [new_title, page_id])
        db.submit(page_id, partner)
        if new_title == "Nieuw":
            db.approve(page_id, admin)
    db.approve(page_id, admin)

    page = db.page(page_id)
    live = db.row(
        "select * from public.partner_landing_page_versions where id = %s", [page["live_version_id"]]
    )
    assert (live["number"], live["content_hash"]) == (1, first_hash)


@pytest.mark.parametrize(
    "other",
    [{"html_gzip": b"<script>"}, {"csp": "*"}, {"signature": bytes(64)}, {"template_version": "test-2"}],
    ids=lambda other: next(iter(other)),
)
def test_other_bytes_for_a_hash_are_refused_aloud(
    db: Database, partner: Person, other: dict[str, object]
) -> None:
    """Who could replace the bytes of an approved hash could publish anything; who was first is looked for."""
    page_id = db.add_page(partner)
    content_hash = db.render(page_id, partner)
    query: LiteralString = "select * from private.landing_page_documents where content_hash = %s"
    before = db.row(query, [content_hash])

    with db.refused("PT409", "document_conflict"), db.acting_as("page_renderer"):
        db.store_document(page_id, content_hash, **other)

    assert db.row(query, [content_hash]) == before


def test_document_that_was_stored_under_another_page_is_nobodys(db: Database, partner: Person) -> None:
    """Or a leaving partner could not leave while somebody else's version stands on it."""
    page_id, other_id = db.add_page(partner), db.add_page(db.add_partner())
    with db.acting_as(partner):
        content_hash = db.value(
            "select public.landing_page_snapshot(%s, 'test-1') ->> 'content_hash'", [page_id]
        )
    with db.acting_as("page_renderer"):
        db.store_document(other_id, content_hash)

    with db.refused("PT409", "document_missing"), db.acting_as(partner):
        db.run("select public.submit_landing_page(%s, %s)", [page_id, content_hash])


def test_archived_page_is_not_even_rendered(db: Database, partner: Person, admin: Person) -> None:
    page_id, _ = _bring_to(db, "archived", partner, admin)

    with db.refused("PT409", "transition_not_allowed"), db.acting_as(partner):
        db.run("select public.landing_page_snapshot(%s, '1')", [page_id])


@pytest.mark.parametrize(
    "table",
    [
        "private.landing_page_documents",
        "public.partner_landing_page_versions",
        "public.partner_landing_page_submissions",
        "public.partner_landing_page_transitions",
    ],
)
@pytest.mark.parametrize("statement", ["update {} set created_at = now()", "delete from {}"])
def test_history_is_immutable_for_the_dashboard_too(
    db: Database, partner: Person, admin: Person, table: str, statement: str
) -> None:
    _bring_to(db, "live", partner, admin)

    with db.refused("PT403", "ledger_is_immutable"):
        db.run(statement.format(table))


@pytest.mark.parametrize(
    "other",
    [
        {"html_gzip": b""},
        {"html_gzip": bytes(14_601)},
        {"csp": ""},
        {"csp": "default-src *\r\nSet-Cookie: a=b"},
        {"csp": "x" * 2001},
        {"signature": bytes(63)},
    ],
    ids=["nothing", "too large", "no policy", "another header", "policy without end", "no signature"],
)
def test_document_that_could_not_be_served_is_refused(
    db: Database, partner: Person, other: dict[str, object]
) -> None:
    page_id = db.add_page(partner)

    with db.refused("23514"), db.acting_as("page_renderer"):
        db.store_document(page_id, "a" * 64, **other)


# Rows ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["review", "live", "archived"])
def test_page_begins_as_a_concept_for_everybody(db: Database, partner: Person, status: str) -> None:
    with db.refused("PT409", "transition_not_allowed"):
        db.add_page(partner, author=DASHBOARD, status=status)


@pytest.mark.parametrize(
    "columns",
    [
        {"views_count": 5},
        {"conversions_count": 5},
        {"last_viewed_at": "2026-01-01"},
        {"published_at": "2026-01-01"},
    ],
)
def test_page_begins_with_empty_hands_for_everybody(
    db: Database, partner: Person, columns: Mapping[str, object]
) -> None:
    with db.refused("PT403", "counter_not_writable"):
        db.add_page(partner, author=DASHBOARD, **columns)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("views_count", "1000"),
        ("views_count", "0"),
        ("conversions_count", "1"),
        ("last_viewed_at", "2030-01-01"),
    ],
)
def test_counter_is_not_written_by_hand(
    db: Database, partner: Person, admin: Person, column: str, value: str
) -> None:
    page_id, _ = _bring_to(db, "live", partner, admin)
    with db.acting_as("event_recorder"):
        db.run(
            "select public.record_lead(jsonb_build_object('id', gen_random_uuid(), 'page_id', %s::uuid))",
            [page_id],
        )
    if column == "views_count" and value == "0":
        column = "conversions_count"

    with db.refused("PT403", "counter_not_writable"):
        db.run(
            f"update public.partner_landing_pages set {column} = %s where id = %s",
            [value if value != "1" else "7", page_id],
        )


@pytest.mark.parametrize("column", ["source", "partner_id", "created_by", "editor_ids"])
def test_page_keeps_its_partner_author_and_source(
    db: Database, partner: Person, admin: Person, column: str
) -> None:
    """By source, four eyes are decided; by partner, whose leads these are."""
    page_id, _ = _bring_to(db, "concept", partner, admin, source="ai_generated")
    values = {"source": "manual", "partner_id": admin.id, "created_by": admin.id, "editor_ids": [admin.id]}

    with db.refused("PT403", "column_not_writable"):
        db.run(
            f"update public.partner_landing_pages set {column} = %s where id = %s",
            [values[column], page_id],
        )


@pytest.mark.parametrize("column", ["live_path", "live_version_id", "published_at"])
def test_what_publication_means_is_not_written_by_hand(
    db: Database, partner: Person, admin: Person, column: str
) -> None:
    page_id, _ = _bring_to(db, "concept", partner, admin)
    version_id = db.value("select id from public.partner_landing_page_versions where page_id = %s", [page_id])
    values = {"live_path": partner.path("x"), "live_version_id": version_id, "published_at": "2026-01-01"}

    with db.refused("PT409", "transition_not_allowed"):
        db.run(
            f"update public.partner_landing_pages set {column} = %s where id = %s",
            [values[column], page_id],
        )


def test_edit_and_approval_are_never_one_change(db: Database, partner: Person, admin: Person) -> None:
    page_id, _ = _bring_to(db, "review", partner, admin)

    with db.refused("PT409", "content_changed"):
        db.run(
            "update public.partner_landing_pages set status = 'live', title = 'Snel nog even' where id = %s",
            [page_id],
        )


def test_edit_and_update_approval_are_never_one_change(db: Database, partner: Person, admin: Person) -> None:
    page_id, _ = _bring_to(db, "live", partner, admin)
    db.run("update public.partner_landing_pages set title = 'Nieuw' where id = %s", [page_id])
    db.submit(page_id, partner)
    submitted = db.page(page_id)["submitted_version_id"]

    db.run(
        "update public.partner_landing_pages set live_version_id = submitted_version_id, title = 'Tegelijk' where id = %s",
        [page_id],
    )

    # What went live is what was submitted; the edit is a concept of the next version.
    page = db.page(page_id)
    assert (page["live_version_id"], page["submitted_version_id"], page["title"]) == (
        submitted,
        None,
        "Tegelijk",
    )


@pytest.mark.parametrize(
    "content",
    [
        '"<script>"',
        '{"v": 1}',
        '{"v": 2, "blocks": []}',
        '{"v": 1, "blocks": {}}',
        "[]",
        "null",
        *(
            pytest.param(f'{{"v": 1, "blocks": [{block}]}}', id=block)
            for block in (
                "{}",
                '"hero"',
                "[]",
                '[{"id": "a", "type": "hero", "data": {}}]',
                '{"id": 1, "type": "hero", "data": {}}',
                '{"id": ["a"], "type": "hero", "data": {}}',
                '{"id": "a", "type": null, "data": {}}',
                '{"id": "a", "type": "hero", "data": []}',
                '{"id": "a", "type": "hero"}',
            )
        ),
        pytest.param('{"v": 1, "blocks": [' + "[" * 20 + "]" * 20 + "]}", id="20 levels"),
        pytest.param('{"v": 1, "blocks": [' + "[" * 6000 + "]" * 6000 + "]}", id="6,000 levels"),
    ],
)
def test_content_of_another_shape_is_refused(db: Database, partner: Person, content: str) -> None:
    page_id = db.add_page(partner)

    with db.refused("23514"), db.acting_as(partner):
        db.run(
            "update public.partner_landing_pages set content_json = %s::jsonb where id = %s",
            [content, page_id],
        )


@pytest.mark.parametrize(
    "kinds",
    [
        [],
        ["hero", "lead_form"],
        ["hero", "legal"],
        ["lead_form", "hero", "legal"],
        ["hero", "legal", "lead_form"],
        ["hero", "hero", "lead_form", "legal"],
        ["hero", "lead_form", "lead_form", "legal"],
        ["hero", "legal", "lead_form", "legal"],
    ],
)
def test_page_without_what_it_needs_is_not_submitted_whoever_stored_its_document(
    db: Database, partner: Person, kinds: list[str]
) -> None:
    blocks = [{"id": str(number), "type": kind, "data": {}} for number, kind in enumerate(kinds)]
    page_id = db.add_page(partner, content_json={"v": 1, "blocks": blocks})

    with db.refused("PT422", "content_refused"):
        db.submit(page_id, partner)


def test_page_with_an_id_twice_is_not_submitted(db: Database, partner: Person) -> None:
    blocks = [{**block, "id": "same"} for block in BLOCKS]
    page_id = db.add_page(partner, content_json={"v": 1, "blocks": blocks})

    with db.refused("PT422", "content_refused"):
        db.submit(page_id, partner)


def test_no_caller_reaches_the_stored_bytes(db: Database, partner: Person) -> None:
    """Who could send HTML could publish it: only page_renderer stores any."""
    page_id = db.add_page(partner)
    for who in (partner, db.add_admin(), "anon", "service_role", "event_recorder"):
        with db.refused("42501"), db.acting_as(who):
            db.store_document(page_id, "0" * 64)


# Paths ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "code", "word"),
    [
        ("/partners/iemand-anders/x", "PT400", "path_not_under_slug"),
        ("/partners/{slug}x/page", "PT400", "path_not_under_slug"),
        ("/elders/{slug}/page", "PT400", "path_not_under_slug"),
        ("/partners/{slug}/../admin", "23514", None),
        ("/partners/{slug}/", "23514", None),
        ("/partners/{slug}/Met-Hoofdletter", "23514", None),
        ("/partners/{slug}/a//b", "23514", None),
        ("/partners/{slug}/a?b", "23514", None),
        ("/partners/{slug}/a\n", "23514", None),
    ],
)
def test_path_lies_under_the_partners_slug(
    db: Database, partner: Person, path: str, code: str, word: str | None
) -> None:
    page_id = db.add_page(partner)
    wanted = path.format(slug=partner.slug)

    with db.refused(code, word):
        db.add_page(partner, path=wanted)
    with db.refused(code, word), db.acting_as(partner):
        db.run("update public.partner_landing_pages set path = %s where id = %s", [wanted, page_id])


def test_page_needs_a_slug_first(db: Database) -> None:
    partner = db.add_partner(slug=None)

    with db.refused("PT409", "partner_slug_missing"):
        db.add_page(partner)


def test_two_pages_of_a_partner_never_share_a_path(db: Database, partner: Person) -> None:
    db.add_page(partner, path=partner.path("same"))

    with db.refused("23505") as refusal:
        db.add_page(partner, path=partner.path("same"))

    assert refusal.constraint == "partner_landing_pages_path_key"


def test_path_of_a_live_page_is_taken_although_its_concept_has_moved(
    db: Database, partner: Person, admin: Person
) -> None:
    first_id, _ = _bring_to(db, "live", partner, admin, path=partner.path("oud"))
    db.run(
        "update public.partner_landing_pages set path = %s where id = %s", [partner.path("nieuw"), first_id]
    )
    second_id, _ = _bring_to(db, "review", partner, admin, path=partner.path("oud"))

    with db.refused("PT409", "path_taken"):
        db.approve(second_id, admin)

    assert db.page(second_id)["status"] == "review"


def test_rollback_to_a_path_that_another_page_has_taken_is_refused(
    db: Database, partner: Person, admin: Person
) -> None:
    first_id, _ = _bring_to(db, "live", partner, admin, path=partner.path("oud"))
    db.run(
        "update public.partner_landing_pages set path = %s where id = %s", [partner.path("nieuw"), first_id]
    )
    db.submit(first_id, partner)
    db.approve(first_id, admin)
    _bring_to(db, "live", partner, admin, path=partner.path("oud"))

    with db.refused("PT409", "path_taken"), db.acting_as(partner):
        db.run("select public.roll_back_landing_page(%s, 1)", [first_id])


def test_pages_follow_a_changed_slug(db: Database, partner: Person, admin: Person) -> None:
    concept = db.add_page(partner, path=partner.path("a/b"))
    in_review, _ = _bring_to(db, "review", partner, admin)

    with db.acting_as(partner):
        db.run("update public.profiles set partner_slug = 'nieuwe-naam' where id = %s", [partner.id])

    assert db.page(concept)["path"] == "/partners/nieuwe-naam/a/b"
    assert db.page(in_review)["status"] == "concept"


@pytest.mark.parametrize("status", ["live", "archived"])
@pytest.mark.parametrize("who", ["partner", "admin", "dashboard"])
def test_slug_is_fixed_once_a_page_has_been_live(
    db: Database, partner: Person, admin: Person, status: str, who: str
) -> None:
    _bring_to(db, status, partner, admin)
    actors: dict[str, Actor] = {"partner": partner, "admin": admin, "dashboard": DASHBOARD}

    for slug in ("nieuwe-naam", None):
        with db.refused("PT409", "partner_slug_in_use"), db.acting_as(actors[who]):
            db.run("update public.profiles set partner_slug = %s where id = %s", [slug, partner.id])


def test_slug_is_not_dropped_while_pages_stand_under_it(db: Database, partner: Person) -> None:
    db.add_page(partner)

    with db.refused("PT409", "partner_slug_missing"):
        db.run("update public.profiles set partner_slug = null where id = %s", [partner.id])


# Views ---------------------------------------------------------------------------------------------------------------


def test_review_list_shows_first_versions_and_updates(db: Database, partner: Person, admin: Person) -> None:
    in_review, review_hash = _bring_to(db, "review", partner, admin)
    updated, _ = _bring_to(db, "live", partner, admin)
    db.run("update public.partner_landing_pages set title = 'Nieuw' where id = %s", [updated])
    update_hash = db.submit(updated, partner)

    with db.acting_as(admin):
        listed = db.rows(
            "select * from public.landing_pages_in_review where partner_slug = %s", [partner.slug]
        )

    assert {(row["id"], row["is_update"], row["version"], row["content_hash"]) for row in listed} == {
        (in_review, False, 1, review_hash),
        (updated, True, 2, update_hash),
    }
