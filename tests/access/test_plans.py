"""What a partner lists is found by an index, however many rows others have."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.access.expectations import RELATION_SAMPLES
from tests.access.world import World
from tests.database import Database

# Everybody may read all of these: they are short lists of the marketplace's own.
_SHARED = {"lead_segments"}


def _scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "Relation Name" in plan:
        yield plan
    for part in plan.get("Plans", ()):
        yield from _scans(part)


def _has_condition(scan: dict[str, Any]) -> bool:
    # A bitmap's condition stands in the nodes below, of which there may be several.
    below = [part for part in scan.get("Plans", ()) if part["Node Type"].startswith("Bitmap")]
    return "Index Cond" in scan or any(_has_condition(part) for part in below)


@pytest.fixture
def _others(world: World, db: Database) -> None:
    """Give the planner others' pages to think of, live and waiting for approval: of a few it reads all."""
    db.run("alter table public.partner_landing_pages disable trigger user")
    db.run(
        "with made as (insert into public.partner_landing_pages (partner_id, path, title)"
        " select p.partner_id, '/partners/anderen/' || n, p.title"
        " from public.partner_landing_pages as p, generate_series(1, 600) as n where p.id = %(id)s returning id, path)"
        " insert into public.partner_landing_page_versions (page_id, partner_id, number, content_hash, path, snapshot)"
        " select m.id, %(other)s, 1, v.content_hash, m.path, v.snapshot"
        " from made as m, public.partner_landing_page_versions as v where v.page_id = %(id)s and v.number = 1",
        {"id": world.live_page_id, "other": world.stranger.id},
    )
    db.run(
        "update public.partner_landing_pages as p set partner_id = v.partner_id, live_version_id = v.id,"
        " status = 'live', live_path = v.path, published_at = now()"
        " from public.partner_landing_page_versions as v"
        " where v.page_id = p.id and p.path like '/partners/anderen/%%1'"
    )
    db.run(
        "update public.partner_landing_pages as p set partner_id = v.partner_id, submitted_version_id = v.id,"
        " status = 'review' from public.partner_landing_page_versions as v"
        " where v.page_id = p.id and p.path like '/partners/anderen/%%2'"
    )
    db.run("alter table public.partner_landing_pages enable trigger user")
    db.run("alter table public.partner_landing_page_submissions disable trigger user")
    db.run(
        "insert into public.partner_landing_page_submissions (page_id, partner_id, version_id, submitted_as)"
        " select p.id, p.partner_id, p.submitted_version_id, 'partner' from public.partner_landing_pages as p"
        " where p.status = 'review' and p.path like '/partners/anderen/%%'"
    )
    db.run("alter table public.partner_landing_page_submissions enable trigger user")
    db.run(
        "analyze public.partner_landing_pages, public.partner_landing_page_versions, public.partner_landing_page_submissions"
    )


@pytest.mark.usefixtures("_others")
@pytest.mark.parametrize("relation", sorted(RELATION_SAMPLES.keys() - _SHARED))
def test_partner_finds_own_rows_by_index(world: World, db: Database, relation: str) -> None:
    """Where nothing else costs anything, a scan without a condition on an index is one that cannot have any."""
    with db.acting_as(world.partner):
        for way in ("seqscan", "hashjoin", "mergejoin"):
            db.run(f"set local enable_{way} = off")
        ((plan,),) = db.rows(f"explain (format json) select * from public.{relation}")[0].values()

    scans = list(_scans(plan["Plan"]))
    assert scans
    assert [scan for scan in scans if not _has_condition(scan)] == []
