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
