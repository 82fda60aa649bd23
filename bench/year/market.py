"""The marketplace: who is there, and what happens on a day."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg.types.json import Jsonb

from demo.content import landing_page

_SQL = Path(__file__).with_name("market.sql")
_BATCH = 500
"""As many events as landing_page_track sends at once when it has a lot to do."""

_DOCUMENT_BYTES = 6_000
"""A typical page, compressed; what does not get any smaller is all that matters of it here."""

_HANDLED = 0.8

_VACUUM = (
    "vacuum private.event_rates, private.lead_rates, private.lead_outbox, public.partner_landing_pages,"
    " public.partner_landing_page_stats, public.partner_marketing_campaigns, public.partner_campaign_metrics"
)


@dataclass(frozen=True)
class Size:
    """How large a marketplace is."""

    partners: int
    pages: int
    views_a_day: int
    leads_a_day: int


@dataclass(frozen=True)
class Day:
    """What a day came to, and what it cost."""

    days_ago: int
    counted: int
    leads: int
    views_a_second: float
    lead_ms: float
    told_ms: float
    campaign_days_seconds: float
    upkeep_seconds: float
    megabytes: float

    def as_dict(self) -> dict[str, object]:
        """Return it for the report."""
        return asdict(self)


class Market:
    """Partners with pages and campaigns, in a database."""

    def __init__(self, url: str, size: Size) -> None:
        """Work in the database at `url`."""
        self._url = url
        self._size = size
        self._database = psycopg.connect(url, autocommit=True)

    def __enter__(self) -> Self:
        """Return itself; it is connected already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the database."""
        self._database.close()

    def open(self) -> None:
        """Have everybody join, with their campaigns."""
        self._database.execute(_SQL.read_text())
        self._database.execute("call bench.make_partners(%s)", [self._size.partners])

    def make_pages(self) -> None:
        """Have every page written, rendered, handed in and approved."""
        content, document = Jsonb(landing_page("")), os.urandom(_DOCUMENT_BYTES)
        half = self._size.pages // 2

        def make(first: int, last: int) -> None:
            with psycopg.connect(self._url, autocommit=True) as database:
                database.execute(
                    "call bench.make_pages(%s, %s, %s, %s, %s)",
                    [first, last, content, document, "default-src 'none'"],
                )

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(make, (1, half + 1), (half, self._size.pages)))
        self._database.execute("vacuum analyze")

    def live_a_day(self, days_ago: int) -> Day:
        """Have visitors come and ask, partners told and answering, platforms report, and the jobs run."""
        half = self._size.views_a_day // 2
        with ThreadPoolExecutor(3) as pool:
            asking = pool.submit(self._ask, self._size.leads_a_day)
            views = [*pool.map(self._record_views, (half, self._size.views_a_day - half))]
            leads, asking_seconds = asking.result()
        counted = sum(number for number, _ in views)
        deliveries, telling_seconds = self._tell()
        self._handle(leads)
        # As autovacuum does in a day; here a day is over before it looks.
        self._database.execute(_VACUUM)
        return Day(
            days_ago=days_ago,
            counted=counted,
            leads=len(leads),
            views_a_second=round(sum(number / seconds for number, seconds in views if seconds), 0),
            lead_ms=round(asking_seconds / max(len(leads), 1) * 1000, 2),
            told_ms=round(telling_seconds / max(deliveries, 1) * 1000, 2),
            campaign_days_seconds=self._timed(lambda: self._database.execute("call bench.store_days()")),
            upkeep_seconds=self._timed(lambda: self._database.execute("select bench.keep_up()")),
            megabytes=round(self.value("select pg_database_size(current_database())") / 1e6, 1),
        )

    def analyze(self) -> None:
        """Have PostgreSQL count its rows."""
        self._database.execute("analyze")

    def value(self, query: str) -> Any:  # noqa: ANN401  # Whatever it asks for.
        """Return what a query answers."""
        (value,) = self._database.execute(query).fetchone() or (None,)
        return value

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return all that a query answers."""
        return self._database.execute(query).fetchall()

    def _record_views(self, views: int) -> tuple[int, float]:
        counted, seconds = 0, 0.0
        with psycopg.connect(self._url, autocommit=True) as database:
            for start in range(0, views, _BATCH):
                batch = min(_BATCH, views - start)
                (number, taken) = database.execute(
                    "select counted, taken from bench.record_views(%s, %s)", [batch, self._size.pages]
                ).fetchone() or (0, None)
                counted += number
                seconds += taken.total_seconds()
        return counted, seconds

    def _ask(self, leads: int) -> tuple[list[str], float]:
        with psycopg.connect(self._url, autocommit=True) as database:
            began = time.perf_counter()
            rows = [
                database.execute("select bench.record_lead(%s)", [self._size.pages]).fetchone()
                for _ in range(leads)
            ]
            return [str(row[0]) for row in rows if row], time.perf_counter() - began

    def _tell(self) -> tuple[int, float]:
        told, began = 0, time.perf_counter()
        for kind in ("partner_mail", "visitor_mail"):
            while number := self.value(f"select bench.deliver('{kind}')"):
                told += number
        return told, time.perf_counter() - began

    def _handle(self, leads: list[str]) -> None:
        for lead in leads[: round(_HANDLED * len(leads))]:
            self._database.execute("select bench.handle(%s)", [lead])

    def _timed(self, call: Callable[[], object]) -> float:
        began = time.perf_counter()
        call()
        return round(time.perf_counter() - began, 3)
