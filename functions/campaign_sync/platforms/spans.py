"""A window asked for in spans of days, where a platform answers with so many rows at most."""

import datetime as dt
from dataclasses import dataclass
from typing import Self

from functions.campaign_sync.job import Cursor, Job
from functions.campaign_sync.platforms.platform import number_of, text_of


@dataclass(frozen=True)
class Span:
    """Some days of a window, the first and the last included."""

    first: dt.date
    days: int
    end: dt.date
    """The last day of the window."""

    @classmethod
    def of(cls, job: Job, most: int = 400) -> Self:
        """Return where a job goes on: with all of its window, or as many days as a platform answers for."""
        window = job.window
        first = dt.date.fromisoformat(text_of(job.cursor, "from") or window.first.isoformat())
        days = number_of(job.cursor, "days", (window.last - window.first).days + 1)
        return cls(first, min(days, most), window.last)

    @property
    def last(self) -> dt.date:
        """The last day of the span."""
        return min(self.first + dt.timedelta(days=self.days - 1), self.end)

    @property
    def is_last(self) -> bool:
        """Whether no other comes after it."""
        return self.last >= self.end

    @property
    def is_a_day(self) -> bool:
        """Whether it cannot be halved."""
        return self.first == self.last

    def half(self) -> Self:
        """Return its first half."""
        days = (self.last - self.first).days + 1
        return type(self)(self.first, max(1, days // 2), self.end)

    def next(self) -> Self:
        """Return the span after it, as long."""
        return type(self)(self.last + dt.timedelta(days=1), self.days, self.end)

    def cursor(self) -> Cursor:
        """Return what brings a later run here."""
        return {"from": self.first.isoformat(), "days": self.days}
