"""How much a partner may store: exactly so much, whoever writes, and nobody else waits for it."""

import json
from concurrent.futures import ThreadPoolExecutor, wait
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.actors import DASHBOARD, Person
from tests.conftest import Connect
from tests.database import Database

# What makes so many rows of a kind in one statement, as a partner may.
MAKE: dict[str, LiteralString] = {
    "pages": "insert into public.partner_landing_pages (partner_id, path, title)"
    " select %(id)s, %(path)s || n, 'Pagina' from generate_series(1, %(rows)s) as n",
    "campaigns": "insert into public.partner_marketing_campaigns (partner_id, channel)"
    " select %(id)s, 'seo' from generate_series(1, %(rows)s)",
    "segment_links": "insert into public.partner_segments (partner_id, segment_id, is_active)"
    " select %(id)s, %(segment)s, false from generate_series(1, %(rows)s)",
}
MOST = {"pages": 200, "campaigns": 200, "segment_links": 500}


def _make(db: Database, partner: Person, what: str, rows: int, batch: str = "a") -> int:
    values = {
        "id": partner.id,
        "path": partner.path(f"{batch}-"),
        "segment": db.add_segment() if what == "segment_links" else None,
        "rows": rows,
    }
    with db.acting_as(partner):
        return db.run(MAKE[what], values)


def _row(db: Database, partner: Person) -> dict[str, int]:
    return db.row("select * from private.partner_quotas where partner_id = %s", [partner.id])


@pytest.mark.parametrize("what", MAKE)
def test_partner_fills_the_quota_to_the_last_row_and_no_further(db: Database, what: str) -> None:
    partner = db.add_partner()
    assert _make(db, partner, what, MOST[what]) == MOST[what]

    with db.refused("PT409", "quota_exceeded") as refusal:
        _make(db, partner, what, 1, "b")

    assert refusal.detail == f"A partner has at most {MOST[what]} {what.replace('_', ' ')}."
    assert _row(db, partner)[what] == MOST[what]


@pytest.mark.parametrize("what", MAKE)
def test_one_statement_that_makes_too_many_makes_none(db: Database, what: str) -> None:
    partner = db.add_partner()

    with db.refused("PT409", "quota_exceeded"):
        _make(db, partner, what, MOST[what] + 1)

    assert db.rows("select from private.partner_quotas where partner_id = %s", [partner.id]) == []


def test_dashboard_is_bound_too_and_raises_the_limit(db: Database) -> None:
    partner = db.add_partner()
    _make(db, partner, "pages", 200)
    with db.refused("PT409", "quota_exceeded"):
        db.add_page(partner, author=DASHBOARD)

    db.run("update private.partner_quotas set max_pages = 201 where partner_id = %s", [partner.id])
    db.add_page(partner)

    with db.refused("PT409", "quota_exceeded") as refusal:
        db.add_page(partner)
    assert refusal.detail == "A partner has at most 201 pages."


def test_deleted_rows_are_given_back(db: Database) -> None:
    partner = db.add_partner()
    _make(db, partner, "campaigns", 200)

    db.run("delete from public.partner_marketing_campaigns where partner_id = %s", [partner.id])

    assert _make(db, partner, "campaigns", 200) == 200


def test_partner_with_everything_can_leave(db: Database) -> None:
    partner = db.add_partner()
    for what in MAKE:
        _make(db, partner, what, 3)

    db.run("delete from auth.users where id = %s", [partner.id])

    assert db.rows("select from private.partner_quotas where partner_id = %s", [partner.id]) == []


def _content(size: int) -> Jsonb:
    """Make content of so many bytes."""
    block = {"id": "", "data": {}, "type": "text"}
    empty = len(json.dumps({"v": 1, "blocks": [block]}))
    return Jsonb({"v": 1, "blocks": [{**block, "id": "x" * (size - empty)}]})


def _fill_with_content(db: Database, partner: Person) -> UUID:
    """Use 4 MB but 100 bytes, and return the page that has the last 60 kB of them."""
    for _ in range(69):
        db.add_page(partner, content_json=_content(60_000))
    return db.add_page(partner, content_json=_content(4 * 2**20 - 100 - 69 * 60_000))


def test_partner_fills_pages_with_so_much_content_and_no_more(db: Database) -> None:
    partner = db.add_partner()
    _fill_with_content(db, partner)

    with db.refused("PT409", "quota_exceeded") as refusal:
        db.add_page(partner, content_json=_content(101))
    db.add_page(partner, content_json=_content(100))

    assert refusal.detail == "A partner has at most 4194304 content bytes."
    assert _row(db, partner)["content_bytes"] == 4 * 2**20
    assert db.drift(partner.id) == []


def test_edit_takes_what_it_adds_and_gives_back_what_it_removes(db: Database) -> None:
    partner = db.add_partner()
    page_id = _fill_with_content(db, partner)
    size = db.page(page_id)["content_bytes"]
    edit: LiteralString = "update public.partner_landing_pages set content_json = %s where id = %s"

    with db.refused("PT409", "quota_exceeded"), db.acting_as(partner):
        db.run(edit, [_content(size + 101), page_id])
    with db.acting_as(partner):
        db.run(edit, [_content(size - 10_000), page_id])
    db.add_page(partner, content_json=_content(10_100))

    assert _row(db, partner)["content_bytes"] == 4 * 2**20
    assert db.drift(partner.id) == []


@pytest.mark.parametrize("level", [*psycopg.IsolationLevel])
def test_two_at_once_do_not_pass_the_limit_together(
    platform: Database, connect: Connect, level: psycopg.IsolationLevel
) -> None:
    partner = platform.add_partner()
    _make(platform, partner, "pages", 199)
    first, second = connect(), connect()
    first.begin(level)
    second.begin(level)
    insert = "insert into public.partner_landing_pages (partner_id, path, title) values (%s, %s, 'x')"

    first.run(insert, [partner.id, partner.path("een")])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second.run, insert, [partner.id, partner.path("twee")])
        assert wait([waiting], timeout=0.2).not_done, "the second should queue behind the first"
        first.connection.commit()
        with pytest.raises(psycopg.Error) as caught:
            waiting.result(timeout=10)
    second.connection.rollback()

    assert caught.value.diag.message_primary in {"quota_exceeded", "retry"}
    assert _row(platform, partner)["pages"] == 200
    assert platform.drift(partner.id) == []


def test_partner_hands_in_so_many_versions_a_day(db: Database) -> None:
    partner = db.add_partner()
    one, other = db.add_page(partner), db.add_page(partner)
    db.run("update private.partner_quotas set max_submissions_a_day = 2 where partner_id = %s", [partner.id])
    db.submit(one, partner)
    db.submit(other, partner)
    rendered = db.value("select count(*) from private.landing_page_documents where page_id = %s", [one])
    db.run("update public.partner_landing_pages set title = 'Anders' where id = %s", [one])

    with db.refused("PT429", "too_many_submissions"):
        db.submit(one, partner)

    # It is not rendered either, so there is nothing to store.
    assert (
        db.value("select count(*) from private.landing_page_documents where page_id = %s", [one]) == rendered
    )
    with db.refused("PT429", "too_many_submissions"), db.acting_as(db.add_admin()):
        db.run("select public.landing_page_snapshot(%s, '1')", [one])


def test_rendering_without_handing_in_counts_too(db: Database) -> None:
    """An edit between the two leaves a document behind, and a leaked token needs no page that says so."""
    partner = db.add_partner()
    page_id = db.add_page(partner)
    db.run("update private.partner_quotas set max_submissions_a_day = 2 where partner_id = %s", [partner.id])
    for title in ("een", "twee"):
        db.run("update public.partner_landing_pages set title = %s where id = %s", [title, page_id])
        db.render(page_id, partner)

    with db.refused("PT429", "too_many_submissions"), db.acting_as(partner):
        db.run("select public.landing_page_snapshot(%s, '1')", [page_id])
    with db.refused("PT429", "too_many_submissions"), db.acting_as("page_renderer"):
        db.store_document(page_id, "0" * 64)


def test_two_clicks_on_submit_do_not_lock_each_other_out(platform: Database, connect: Connect) -> None:
    """One stores a newer document while the other hands in: both take the page first, and the quota after it."""
    partner = platform.add_partner()
    page_id = platform.add_page(partner)
    content_hash = platform.render(page_id, partner)
    holding, storing, submitting = connect(), connect(), connect()
    submit = "select public.submit_landing_page(%s, %s)"
    holding.begin()
    holding.run("select from private.partner_quotas where partner_id = %s for update", [partner.id])

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(storing.store_document, page_id, "0" * 64)
        assert wait([first], timeout=0.3).not_done, "the document should wait for the quota"
        second = pool.submit(submitting.run, submit, [page_id, content_hash])
        assert wait([second], timeout=0.3).not_done, "the submission should wait too"
        holding.connection.commit()
        first.result(timeout=10)
        with pytest.raises(psycopg.Error) as caught:
            second.result(timeout=10)

    assert caught.value.diag.message_primary == "content_changed"


def test_rebuild_counts_anew(db: Database) -> None:
    partner = db.add_partner()
    _make(db, partner, "pages", 3)
    db.run(
        "update private.partner_quotas set pages = 7, content_bytes = 7 where partner_id = %s", [partner.id]
    )
    assert {row["counter"] for row in db.drift(partner.id)} == {"pages", "content_bytes"}

    with db.acting_as("job_runner"):
        db.run("select public.rebuild_counters()")

    assert _row(db, partner)["pages"] == 3
    assert db.drift(partner.id) == []


def test_platform_that_had_no_quotas_is_not_refused_its_own_rows(db: Database) -> None:
    """Rows from before the triggers are counted by a rebuild, which raises the limit that they would break."""
    partner = db.add_partner()
    db.run("alter table public.partner_landing_pages disable trigger partner_landing_pages_count_insert")
    _make(db, partner, "pages", 250)
    db.run("alter table public.partner_landing_pages enable trigger partner_landing_pages_count_insert")

    with db.acting_as("job_runner"):
        db.run("select public.rebuild_counters()")

    assert (_row(db, partner)["pages"], _row(db, partner)["max_pages"]) == (250, 250)
