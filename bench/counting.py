"""How many views and leads a second are counted, against what the machine could do at most, in one run.

The limits: a function that only parses; PostgREST called once a view; and pgbench adding one to one row,
which is what a counter without any of its rules would be. The load comes from wrk, of which each request is a
browser of its own. After each run the views are counted in the database: one acknowledged and not there, or
there and never sent, ends the benchmark.
"""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import LiteralString

import httpx
import psycopg

from bench.pages import allow_alike, approve_page, submit_page
from bench.server import Served, serving
from shared.landing_page.document import Signer
from stack import Stack
from stack.example_secrets import PAGE_SIGNING_KEY
from stack.progress import Progress
from stack.project import Project
from tests.simulator import pubsub
from tests.simulator.pubsub import ACCOUNT, AUDIENCE, TOPIC, PubSub

PARSING = "a function that only parses"
RPC = "PostgREST called once a view"
UPDATE = "pgbench: update one row"
TRACK = "landing_page_track"
INTO_LOG = "landing_page_track, into a log"
COUNT = "landing_page_count, out of it"
LEADS_RPC = "leads: PostgREST called once a lead"
LEADS = "leads: landing_page_track"

CONNECTIONS = 64
PAGES = 1_000

_SCRIPT = Path(__file__).with_name("counting.lua")
PARSING_SOURCE = Path(__file__).with_name("parsing.py")
_REPOSITORY = Path(__file__).parents[1]
_TRACK = _REPOSITORY / "functions" / "landing_page_track" / "main.py"
_COUNT = _REPOSITORY / "tests" / "simulator" / "landing_page_count.py"

# The others are that page once more, each with a version of its own.
_COPY: LiteralString = """
    create temp table copies on commit drop as
    select gen_random_uuid() as id, gen_random_uuid() as version_id, i from generate_series(1, %(more)s) as i;
    alter table public.partner_landing_pages disable trigger user;
    insert into public.partner_landing_pages (id, partner_id, path, title, content_json)
    select c.id, p.partner_id, p.path || '-' || c.i, p.title, p.content_json
    from copies as c join public.partner_landing_pages as p on p.id = %(page)s;
    insert into public.partner_landing_page_versions
      (id, page_id, partner_id, number, content_hash, path, snapshot)
    select c.version_id, c.id, p.partner_id, 1, v.content_hash, v.path || '-' || c.i, v.snapshot
    from copies as c
    join public.partner_landing_pages as p on p.id = %(page)s
    join public.partner_landing_page_versions as v on v.id = p.live_version_id;
    update public.partner_landing_pages as p
    set status = 'live', published_at = now(), live_version_id = c.version_id, live_path = p.path
    from copies as c where p.id = c.id;
    alter table public.partner_landing_pages enable trigger user;
"""

# Spread over ten days, of visitors who all are somebody else. The pages' counters do not know of them.
_STORE: LiteralString = """
    select private.add_event_day(private.amsterdam_day(now()) - d) from generate_series(0, 9) as d;
    select private.begin_ledger_write();
    insert into private.page_events (visitor, half_hour, day, id, page_id, kind, is_first, source)
    select
      hashtextextended(i::text, 7), 1000000 + i %% 48, private.amsterdam_day(now()) - (i %% 10)::integer,
      gen_random_uuid(), p.ids[1 + (power(random(), 3) * (cardinality(p.ids) - 1))::integer],
      'view', true, 'direct'
    from generate_series(1, %(views)s) as i
    cross join (
      select array_agg(x.id) as ids from public.partner_landing_pages as x where x.status = 'live'
    ) as p;
    select private.end_ledger_write();
"""


@dataclass(frozen=True)
class Run:
    """What one load came to: a second, and in milliseconds."""

    per_second: float
    what: str = ""
    p50_ms: float | None = None
    p99_ms: float | None = None
    bytes_per_view: int | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the figures, for a file."""
        return asdict(self)


class MissingProgramsError(Exception):
    """What the load is made with is not installed."""


class MiscountedError(Exception):
    """What was counted is not what was sent: no figure of the run means anything."""


def measure_counting(stack: Stack, progress: Progress, seconds: int, stored: int) -> list[Run]:
    """Measure each for so many seconds, and once more with so many views stored, unless that is 0.

    Raises:
        MissingProgramsError: There is no wrk, or no pgbench.
        MiscountedError: What was counted is not what was sent.
    """
    stack.up(seed=True)
    with psycopg.connect(stack.project.db_url, autocommit=True) as database:
        with progress.step(f"{PAGES:,} pages are made"):
            one, all_ = make_pages(stack, database)
        load = Load(stack.project, database, seconds)
        runs: list[Run] = []

        def run(what: str, measure: Callable[[], Run]) -> Run:
            with progress.step(f"{what}, for {seconds} s"):
                runs.append(replace(measure(), what=what))
            return runs[-1]

        run(PARSING, lambda: load.parsing(one))
        single = run(RPC, lambda: load.rpc(one))
        run(UPDATE, load.pgbench)
        run(TRACK, lambda: load.track(one))
        # Each instance has its own batches, and the database alone says what counts.
        run(f"{TRACK}, 2 workers", lambda: load.track(one, workers=2))
        run(f"{TRACK}, 4 workers", lambda: load.track(one, workers=4))
        with progress.step(f"{TRACK} by way of a log, for {seconds} s"):
            runs += load.track_by_log(one)
        rate = round(single.per_second / 2)
        run(f"{RPC}, {rate} a second", lambda: load.rpc(one, rate=rate))
        run(f"{TRACK}, {rate} a second", lambda: load.track(one, rate=rate))
        run(f"{TRACK}, {PAGES:,} pages", lambda: load.track(all_, skew=1))
        run(LEADS_RPC, lambda: load.leads_rpc(all_))
        run(LEADS, lambda: load.leads(all_))
        if stored:
            with progress.step(f"{stored:,} views are stored"):
                with database.transaction():
                    psycopg.ClientCursor(database).execute(_STORE, {"views": stored})
                database.execute("vacuum analyze private.page_events")
            run(f"{TRACK}, {stored:,} views stored", lambda: load.track(one))
    return runs


def check_programs() -> None:
    """See that there is what the load is made with, before anything is waited for.

    Raises:
        MissingProgramsError: There is not.
    """
    missing = [name for name in ("wrk", "pgbench") if shutil.which(name) is None]
    if missing:
        raise MissingProgramsError(
            f"{' and '.join(missing)} missing. On Debian: apt-get install wrk postgresql-contrib"
        )


class Load:
    """Sends views, and holds what came of them against what the database says."""

    def __init__(self, project: Project, database: psycopg.Connection, seconds: int) -> None:
        """Send for so many seconds at a time."""
        self._project = project
        self._database = database
        self._seconds = seconds
        self._token = project.token("event_recorder")
        self._settings = {
            "SUPABASE_URL": project.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": project.publishable_key,
            "POSTGREST_URL": project.postgrest_url,
            "EVENT_RECORDER_JWT": self._token,
        }

    def parsing(self, pages: Path) -> Run:
        """Send views to a function that only parses them."""
        with serving(PARSING_SOURCE, {}) as served:
            return _run(self._send(served.url, "beacon", pages))

    def rpc(self, pages: Path, *, rate: int = 0) -> Run:
        """Send each view to PostgREST in a call of its own."""
        return _run(self._send_and_count(self._project.postgrest_url, "rpc", pages, rate=rate))

    def pgbench(self) -> Run:
        """Add one to one row."""
        self._database.execute(
            "create table if not exists private.bench_counter (id int primary key, n bigint not null)"
        )
        self._database.execute("insert into private.bench_counter values (1, 0) on conflict do nothing")
        command = ["pgbench", "-n", f"-c{CONNECTIONS}", "-j2", f"-T{self._seconds}", "-f/dev/stdin"]
        done = subprocess.run(  # noqa: S603 - our own.
            [*command, self._project.db_url],
            input="update private.bench_counter set n = n + 1 where id = 1;",
            capture_output=True,
            text=True,
            check=True,
        )
        (per_second,) = re.findall(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
        (latency,) = re.findall(r"^latency average = ([\d.]+)", done.stdout, re.MULTILINE)
        return Run(round(float(per_second), 1), p50_ms=float(latency))

    def track(self, pages: Path, *, workers: int = 1, skew: int = 0, rate: int = 0) -> Run:
        """Send views to landing_page_track, and see what they take to keep."""
        size, views = self._stored()
        with self.serving(workers) as served:
            run = self.send(served.url, pages, skew=skew, rate=rate)
        larger, more = self._stored()
        return replace(run, bytes_per_view=round((larger - size) / (more - views)) if more > views else None)

    def track_by_log(self, pages: Path) -> list[Run]:
        """Send views to landing_page_track, which publishes them; then have landing_page_count count them.

        Pub/Sub is the tests' stand-in, which keeps what it is given in memory: what is measured is our side.
        """
        before = self._counted()
        with pubsub.serving(PubSub()) as log:
            settings = {"EVENT_LOG_TOPIC": TOPIC, "PUBSUB_EMULATOR_HOST": log.host}
            counting = {
                **self._settings,
                "PUSH_SERVICE_ACCOUNT": ACCOUNT,
                "PUSH_AUDIENCE": AUDIENCE,
                "CERTS_URL": log.certs_url,
            }
            with serving(_COUNT, counting) as count, self.serving(more=settings) as served:
                log.push_to = f"{count.url}/event-batches"
                answer = self._send(served.url, "beacon", pages)
                time.sleep(1)
                began = time.monotonic()
                log.let_flow()
                log.wait_until_taken(300)
                seconds = time.monotonic() - began
        counted = self._check(before, answer)
        drained = Run(round(counted / seconds, 1), what=COUNT)
        return [replace(_run(answer), what=INTO_LOG), drained]

    def leads_rpc(self, pages: Path) -> Run:
        """Send each lead to PostgREST in a call of its own."""
        return _run(self._send_and_count(self._project.postgrest_url, "form-rpc", pages, skew=1))

    def leads(self, pages: Path) -> Run:
        """Send leads to landing_page_track."""
        with self.serving() as served:
            return _run(self._send_and_count(served.url, "form", pages, skew=1))

    def serving(
        self, workers: int = 1, more: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Served]:
        """Serve landing_page_track, with further settings."""
        settings = {
            **self._settings,
            "SITE_URL": "https://www.voorbeeld.nl",
            "PAGE_PUBLIC_KEYS": json.dumps([Signer.of(PAGE_SIGNING_KEY).public_key]),
            "TRUSTED_PROXY_COUNT": "1",
            **(more or {}),
        }
        return serving(_TRACK, settings, workers)

    def send(self, url: str, pages: Path, *, skew: int = 0, rate: int = 0) -> Run:
        """Send views to landing_page_track.

        Raises:
            MiscountedError: What was counted is not what was sent.
        """
        return _run(self._send_and_count(url, "beacon", pages, skew, rate))

    def _send_and_count(
        self, url: str, how: str, pages: Path, skew: int = 0, rate: int = 0
    ) -> dict[str, float]:
        before = self._counted()
        answer = self._send(url, how, pages, skew, rate)
        # What was still on its way when the clock stopped is let come in.
        time.sleep(1)
        self._check(before, answer)
        return answer

    def _check(self, before: int, answer: Mapping[str, float]) -> int:
        """Return how many more are counted than before, which is no fewer than were acknowledged."""
        told, sent, counted = answer["answered"], answer["written"], self._counted() - before
        if not told <= counted <= sent:
            raise MiscountedError(f"{told:.0f} acknowledged, {sent:.0f} sent, {counted} counted")
        return counted

    def _send(self, url: str, how: str, pages: Path, skew: int = 0, rate: int = 0) -> dict[str, float]:
        options = ["-t2", f"-c{CONNECTIONS}", f"-d{self._seconds}s", "--timeout=20s", f"-s{_SCRIPT}"]
        done = subprocess.run(  # noqa: S603 - our own.
            ["wrk", *options, url, "--", how, str(pages), str(skew), str(rate), str(CONNECTIONS)],  # noqa: S607 - found above.
            env={"PATH": os.environ["PATH"], "EVENT_RECORDER_JWT": self._token},
            capture_output=True,
            text=True,
            check=True,
        )
        answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        if answer["refused"] or answer["broken"]:
            raise MiscountedError(f"{answer['refused']:.0f} refused, {answer['broken']:.0f} broken")
        return answer

    def _counted(self) -> int:
        return self._number("select sum(views_count + conversions_count) from public.partner_landing_pages")

    def _stored(self) -> tuple[int, int]:
        """Return the bytes of today's views, indexes included, and how many they are."""
        table = "'private.page_events_' || to_char(private.amsterdam_day(now()), 'YYYYMMDD')"
        return (
            self._number(f"select pg_total_relation_size(to_regclass({table}))"),
            self._number("select count(*) from private.page_events where day = private.amsterdam_day(now())"),
        )

    def _number(self, query: str) -> int:
        (value,) = self._database.execute(query).fetchone() or (0,)
        return int(value or 0)


def _run(answer: Mapping[str, float]) -> Run:
    per_second = round(answer["answered"] / answer["seconds"], 1)
    return Run(per_second, p50_ms=answer["p50"], p99_ms=answer["p99"])


def make_pages(stack: Stack, database: psycopg.Connection) -> tuple[Path, Path]:
    """Return two files of page ids: one page, and all of them."""
    files = stack.directory / "one-page", stack.directory / "pages"
    with httpx.Client(timeout=30) as http:
        allow_alike(stack.project)
        page = submit_page(stack.project, http)
        approve_page(stack.project, http, page)
    with database.transaction():
        psycopg.ClientCursor(database).execute(_COPY, {"more": PAGES - 1, "page": page.page_id})
    ids = database.execute(
        "select id::text from public.partner_landing_pages where path like %s order by length(path), path",
        [f"{page.path}%"],
    )
    files[0].write_text(f"{page.page_id}\n")
    files[1].write_text("".join(f"{page_id}\n" for (page_id,) in ids))
    return files
