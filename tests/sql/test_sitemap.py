"""What search engines are told is there: pages that are served now, and no other."""

from datetime import timedelta

import pytest

from tests.actors import Person
from tests.database import Database


@pytest.fixture
def partner(db: Database) -> Person:
    return db.add_partner()


@pytest.fixture
def admin(db: Database) -> Person:
    return db.add_admin()


def _listed(db: Database, partner: Person) -> list[str]:
    with db.acting_as("anon"):
        count = db.value("select public.landing_page_sitemap() ->> 'sitemaps'")
        sitemaps = [db.value("select public.landing_page_sitemap(%s)", [n]) for n in range(1, int(count) + 1)]
    pages = [page["path"] for sitemap in sitemaps for page in sitemap["pages"]]
    return sorted(path for path in pages if path.startswith(partner.path("")))


def test_only_what_is_served_is_listed(db: Database, partner: Person, admin: Person) -> None:
    a, b, c, d, e = map(partner.path, "abcde")
    db.add_live_page(partner, admin, path=a)
    db.add_page(partner, path=b)
    db.submit(db.add_page(partner, path=c), partner)
    gone = db.add_live_page(partner, admin, path=d)
    db.run(
        "update public.partner_landing_pages set unpublish_at = now() + interval '1 hour' where id = %s",
        [gone],
    )
    planned = db.add_page(partner, path=e)
    db.run(
        "update public.partner_landing_pages set publish_at = now() + interval '1 hour' where id = %s",
        [planned],
    )
    db.submit(planned, partner)
    db.approve(planned, admin)

    assert _listed(db, partner) == [a, d]
    db.let_pass(timedelta(hours=1))
    assert _listed(db, partner) == [a, e]


def test_renamed_page_is_listed_where_it_is(db: Database, partner: Person, admin: Person) -> None:
    page_id = db.add_live_page(partner, admin, path=partner.path("oud"))
    db.run(
        "update public.partner_landing_pages set path = %s where id = %s", [partner.path("nieuw"), page_id]
    )

    assert _listed(db, partner) == [partner.path("oud")]
    db.submit(page_id, partner)
    db.approve(page_id, admin)
    assert _listed(db, partner) == [partner.path("nieuw")]


def test_each_page_is_in_one_sitemap(db: Database, partner: Person, admin: Person) -> None:
    """A thousand in each: with the pages of one partner, versions and all, made into two thousand and one."""
    page_id = db.add_live_page(partner, admin)
    db.run("alter table public.partner_landing_pages disable trigger user")
    db.run(
        "with made as (insert into public.partner_landing_pages (partner_id, path, title)"
        " select partner_id, path || '-' || n, title from public.partner_landing_pages, generate_series(1, 2000) as n"
        " where id = %(id)s returning id, path),"
        " versions as (insert into public.partner_landing_page_versions"
        " (page_id, partner_id, number, content_hash, path, snapshot)"
        " select m.id, v.partner_id, 1, v.content_hash, m.path, v.snapshot"
        " from made as m, public.partner_landing_page_versions as v where v.page_id = %(id)s returning id, page_id, path)"
        " select count(*) from versions",
        {"id": page_id},
    )
    db.run(
        "update public.partner_landing_pages as p set status = 'live', live_version_id = v.id, live_path = v.path,"
        " published_at = now() from public.partner_landing_page_versions as v where v.page_id = p.id"
        " and p.status = 'concept' and p.partner_id = %s",
        [partner.id],
    )

    listed = _listed(db, partner)

    assert (len(listed), len(set(listed))) == (2001, 2001)


@pytest.mark.parametrize("number", [0, -1, 1_000_000])
def test_there_is_no_other_sitemap(db: Database, number: int) -> None:
    with db.acting_as("anon"):
        assert db.value("select public.landing_page_sitemap(%s)", [number]) is None


def test_without_pages_there_is_one_empty_sitemap(db: Database) -> None:
    with db.acting_as("anon"):
        assert db.value("select public.landing_page_sitemap()")["pages"] == []
