"""What people see of a year: how long they wait for it, as they come, through PostgREST and the functions."""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import psycopg

from deploy.backup import dump
from stack import Stack

_ROUNDS = 15


@dataclass(frozen=True)
class Look:
    """What somebody waits for."""

    what: str
    median_ms: float
    kilobytes: float = 0

    def as_dict(self) -> dict[str, object]:
        """Return it for the report."""
        return asdict(self)


def look(stack: Stack) -> list[Look]:
    """Ask for all of it, as the partner with most visitors, one in the middle, and an admin."""
    project = stack.project
    with psycopg.connect(project.db_url, autocommit=True) as database, httpx.Client(timeout=60) as http:
        people = _people(database)
        tokens = {who: project.token(email) for who, email in people.items()}
        (path,) = database.execute(
            "select p.live_path from bench.pages as b join public.partner_landing_pages as p on p.id = b.id"
            " where b.n = 1"
        ).fetchone() or ("",)

        def get(url: str, who: str = "", expected: int = httpx.codes.OK) -> Callable[[], int]:
            headers = {"Authorization": f"Bearer {tokens[who]}"} if who else {}

            def ask() -> int:
                answer = http.get(url, headers=headers)
                if answer.status_code != expected:
                    raise RuntimeError(answer.text[:500])
                return len(answer.content)

            return ask

        report = f"{project.functions_url}/reports/landing-pages.json?days="
        tables = project.postgrest_url
        asked = {
            **{
                f"report of {days} days, {who}": get(f"{report}{days}", who)
                for who in ("the busiest partner", "a partner in the middle", "an admin")
                for days in (28, 365)
            },
            "leads, the busiest partner": get(
                f"{project.functions_url}/partner-leads", "the busiest partner"
            ),
            "own pages, a partner in the middle": get(
                f"{tables}/partner_landing_pages?select=id,path,status,views_count", "a partner in the middle"
            ),
            "own days of campaigns, one who advertises": get(
                f"{tables}/partner_campaign_metrics?select=day,spend&order=day.desc&limit=365",
                "one who advertises",
            ),
            "what waits for approval, an admin": get(
                f"{tables}/landing_pages_in_review?limit=50", "an admin"
            ),
            # Nobody has signed these pages' documents, so they are read and then not shown.
            "a page, read from the database": get(
                f"{project.functions_url}{path}?x", expected=httpx.codes.INTERNAL_SERVER_ERROR
            ),
            "the sitemap": get(f"{project.functions_url}/sitemap.xml"),
        }
        looks = [_time(what, ask) for what, ask in asked.items()]
        looks.append(_once("counter_drift()", lambda: _count_drift(database)))
        file = Path(stack.directory) / "year.dump"
        looks.append(_once("pg_dump", lambda: _dump(project.db_url, file)))
        file.unlink()
    return looks


def _people(database: psycopg.Connection) -> dict[str, str]:
    (busiest, middle) = database.execute(
        "select max(u.email) filter (where b.partner = (select partner from bench.pages where n = 1)),"
        " max(u.email) filter (where b.n = (select max(n) / 2 from bench.pages))"
        " from bench.pages as b join bench.partners as p on p.n = b.partner"
        " join auth.users as u on u.id = p.id"
    ).fetchone() or ("", "")
    return {
        "the busiest partner": busiest,
        "a partner in the middle": middle,
        "one who advertises": "partner10@jaar.voorbeeld.nl",
        "an admin": "beheer@jaar.voorbeeld.nl",
    }


def _time(what: str, ask: Callable[[], int]) -> Look:
    size = ask()
    seconds = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - began)
    return Look(what, round(statistics.median(seconds) * 1000, 1), round(size / 1000, 1))


def _once(what: str, ask: Callable[[], int]) -> Look:
    began = time.perf_counter()
    size = ask()
    return Look(what, round((time.perf_counter() - began) * 1000, 1), round(size / 1000, 1))


def _count_drift(database: psycopg.Connection) -> int:
    rows = database.execute("select * from private.find_counter_drift()").fetchall()
    if rows:
        raise RuntimeError(f"Counters are not what their ledgers add up to: {rows[:3]}")
    return 0


def _dump(url: str, file: Path) -> int:
    dump(url, file)
    return file.stat().st_size
