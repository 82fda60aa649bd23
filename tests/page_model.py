"""What the figures of pages should be, by the rules alone."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_HALF_HOUR = 1_800_000


@dataclass
class Model:
    """The events that count: one of a kind, by a visitor of a page, a half-hour of the clock."""

    events: set[tuple[str, int, int, str]] = field(default_factory=set)

    def add(self, event: Mapping[str, Any]) -> None:
        """Take in an event that is in time, however often it comes."""
        half_hour = (UUID(event["id"]).int >> 80) // _HALF_HOUR
        self.events.add((event["page_id"], event["visitor"], half_hour, event.get("kind", "view")))

    def figures(self) -> dict[tuple[str, str], tuple[int, int, int]]:
        """Return views, visitors and conversions by page and day."""
        by_day = [((page, _day(half_hour)), who, kind) for page, who, half_hour, kind in self.events]
        views = Counter(key for key, _, kind in by_day if kind == "view")
        visitors = Counter(key for key, _ in {(key, who) for key, who, kind in by_day if kind == "view"})
        conversions = Counter(key for key, _, kind in by_day if kind != "view")
        return {key: (views[key], visitors[key], conversions[key]) for key, _, _ in by_day}


def _day(half_hour: int) -> str:
    return datetime.fromtimestamp(half_hour * 1800, UTC).astimezone(AMSTERDAM).date().isoformat()
