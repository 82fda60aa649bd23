"""What landing pages brought over some days, and what that adds up to."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict

Key = TypeVar("Key")


class Counts(BaseModel):
    """Views, the visitors who made them, and what they asked for."""

    model_config = ConfigDict(frozen=True)

    views: int = 0
    visitors: int = 0
    conversions: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Return both together."""
        return Counts(
            views=self.views + other.views,
            visitors=self.visitors + other.visitors,
            conversions=self.conversions + other.conversions,
        )

    @property
    def conversion_rate(self) -> float | None:
        """Conversions a visitor, 0 to 1; None without visitors."""
        return round(self.conversions / self.visitors, 4) if self.visitors else None


class Row(Counts):
    """A day of a source, and of the campaign of it that the visit named, by the platform's id."""

    day: dt.date
    source: str
    campaign: str | None


class Page(Counts):
    """A page over all of the days."""

    path: str | None
    title: str


class Drop(BaseModel):
    """What was received and not counted, or is held."""

    reason: str
    attempts: int


class Figures(BaseModel):
    """What `landing_page_report` answers."""

    since: dt.date
    until: dt.date
    rows: Sequence[Row]
    pages: Sequence[Page]
    drops: Sequence[Drop]

    @property
    def total(self) -> Counts:
        """All of it."""
        return _sum(self.rows)

    def by_day(self) -> list[tuple[dt.date, Counts]]:
        """Return every day, those without a visit too."""
        found = dict(_grouped(self.rows, lambda row: row.day))
        number = (self.until - self.since).days + 1
        days = [self.since + dt.timedelta(days=n) for n in range(number)]
        return [(day, found.get(day, Counts())) for day in days]

    def by_source(self) -> list[tuple[str, Counts]]:
        """Return the sources, most visitors first."""
        return _most_first(_grouped(self.rows, lambda row: row.source))

    def by_campaign(self) -> list[tuple[tuple[str, str], Counts]]:
        """Return (source, campaign) where there is one, most visitors first."""
        rows = [row for row in self.rows if row.campaign is not None]
        return _most_first(_grouped(rows, lambda row: (row.source, row.campaign or "")))

    def as_document(self) -> dict[str, object]:
        """Return what the JSON answer says."""

        def write(counts: Counts) -> dict[str, object]:
            figures = counts.model_dump(include={"views", "visitors", "conversions"})
            return {**figures, "conversion_rate": counts.conversion_rate}

        return {
            "since": self.since,
            "until": self.until,
            "total": write(self.total),
            "days": [{"day": day, **write(counts)} for day, counts in self.by_day()],
            "sources": [{"source": source, **write(counts)} for source, counts in self.by_source()],
            "campaigns": [
                {"source": source, "campaign": campaign, **write(counts)}
                for (source, campaign), counts in self.by_campaign()
            ],
            "pages": [{"path": page.path, "title": page.title, **write(page)} for page in self.pages],
            "drops": [drop.model_dump() for drop in self.drops],
        }

    @classmethod
    def of(cls, answer: object, since: dt.date, until: dt.date) -> Self:
        """Read the database's answer about these days."""
        return cls.model_validate(
            {**(answer if isinstance(answer, dict) else {}), "since": since, "until": until}
        )


def _sum(counts: Iterable[Counts]) -> Counts:
    return reduce(Counts.__add__, counts, Counts())


def _grouped(rows: Sequence[Row], key: Callable[[Row], Key]) -> list[tuple[Key, Counts]]:
    groups: dict[Key, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return [(name, _sum(group)) for name, group in groups.items()]


def _most_first(groups: list[tuple[Key, Counts]]) -> list[tuple[Key, Counts]]:
    return sorted(groups, key=lambda group: (-group[1].visitors, -group[1].views, str(group[0])))
