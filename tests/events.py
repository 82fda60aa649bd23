"""Events as `record_events` takes them: a column each."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any


def make_visitor() -> int:
    """Make the hash of somebody who has not been here before."""
    return secrets.randbelow(2**64) - 2**63


def columns(views: Sequence[Mapping[str, Any]], drops: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return the arguments for these views; who says no more of them comes from nowhere."""
    return {
        "ids": [str(view["id"]) for view in views],
        "page_ids": [str(view["page_id"]) for view in views],
        "kinds": [view.get("kind", "view") for view in views],
        "visitors": [view.get("visitor", make_visitor()) for view in views],
        "addresses": [view.get("address", make_visitor()) for view in views],
        "networks": [view.get("network", make_visitor()) for view in views],
        "sources": [view.get("source", "direct") for view in views],
        "campaigns": [view.get("campaign") for view in views],
        "signals": [view.get("signal") for view in views],
        "drops": [
            {"page_id": str(drop["page_id"]), "reason": drop["reason"], "attempts": drop["attempts"]}
            for drop in drops
        ],
    }


RECORD = (
    "select public.record_events(%(ids)s::uuid[], %(page_ids)s::uuid[], %(kinds)s::text[],"
    " %(visitors)s::bigint[], %(addresses)s::bigint[], %(networks)s::bigint[],"
    " %(sources)s::text[], %(campaigns)s::text[], %(signals)s::text[], %(drops)s,"
    " %(batch_id)s, %(received_at)s)"
)
"""The call, as SQL."""


def count_all(arguments: Mapping[str, Any]) -> list[str]:
    """Answer as `record_events` does when nothing is wrong with anything."""
    return ["counted"] * len(arguments["ids"]) + ["booked"] * len(arguments["drops"])
