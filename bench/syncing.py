"""What a night of campaign sync costs: a month of many campaigns, against reading them and writing nothing.

The platforms are the tests' simulator, in a process of its own, which answers out of its memory. The limit is
what no sync can be quicker than: the same requests by the same adapters, whose days are dropped.
"""

import asyncio
import datetime as dt
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import psutil
import psycopg
from cryptography.fernet import Fernet
from psycopg.types.json import Jsonb
from pydantic import SecretStr

from functions.campaign_sync.asking import Asking, make_http
from functions.campaign_sync.credentials import Credentials, Sealer
from functions.campaign_sync.job import Account, Api, Job
from functions.campaign_sync.platforms import PLATFORMS
from functions.campaign_sync.runner import Runner
from shared.http.clock import utc_now
from shared.http.settings import Settings
from shared.postgrest.client import PostgREST
from stack import Stack
from stack.errors import StackError
from stack.progress import Progress

_REPOSITORY = Path(__file__).parents[1]
_DAYS = 30
_ACCOUNT_IDS = {platform: f"100000000{number}" for number, platform in enumerate(PLATFORMS, 1)}
_APIS = ("ads", "reports", "tokens")


@dataclass(frozen=True)
class Night:
    """A month of days of all accounts, once."""

    what: str
    campaigns: int
    seconds: float
    requests: int
    rows: int
    memory_mb: float
    """By how much this process grew at most."""

    def as_dict(self) -> dict[str, object]:
        """Return it for the report."""
        return asdict(self)


def measure_syncing(stack: Stack, progress: Progress, campaigns: int) -> list[Night]:
    """Sync a tenth of the campaigns and then all: all of it new, and once more with nothing changed."""
    nights = []
    for count in (max(1, campaigns // 10), campaigns):
        with _simulator(count) as url, psycopg.connect(stack.project.db_url, autocommit=True) as connection:
            sealer = _connect(connection, url)
            asyncio.run(_read(url, count))  # The simulator writes its answers.
            with progress.step(f"Reading {_DAYS} days of {count} campaigns on 5 platforms, writing nothing"):
                nights.append(asyncio.run(_read(url, count)))
            for what in ("synced for the first time", "synced once more, nothing changed"):
                with progress.step(f"{_DAYS} days of {count} campaigns on 5 platforms, {what}"):
                    nights.append(asyncio.run(_sync(stack, connection, sealer, count, what)))
            _forget(connection)
    return nights


@contextmanager
def _simulator(campaigns: int) -> Iterator[str]:
    command = [
        sys.executable,
        "-m",
        "tests.simulator",
        "--frozen",
        f"--campaigns={campaigns}",
        f"--days={_DAYS}",
    ]
    with subprocess.Popen(command, cwd=_REPOSITORY, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own.
        try:
            if process.stdout is None or not (url := process.stdout.readline().strip()):
                raise StackError(
                    "The simulator of the platforms did not start.", "Run python -m tests.simulator."
                )
            yield url
        finally:
            process.terminate()


def _credentials(platform: str) -> Credentials:
    return Credentials(access_token=SecretStr(f"access-{platform}-0"))


def _connect(connection: psycopg.Connection, url: str) -> Sealer:
    sealer = Sealer([SecretStr(Fernet.generate_key().decode())])
    connection.execute("delete from private.sync_plans")
    connection.execute("delete from private.sync_jobs")
    # What webhooks announced is not what is measured here.
    connection.execute("delete from private.work_to_fetch")
    connection.execute(
        "update private.platform_apis set base_url = %s || '/' || platform || '/' || api", [url]
    )
    rates = [("USD", "1.16"), ("GBP", "0.87"), ("CHF", "0.93"), ("JPY", "181")]
    for currency, per_eur in rates:
        connection.execute(
            "insert into private.currency_rates (currency, day, per_eur, source)"
            " select %s, d::date, %s, 'made up'"
            " from generate_series(current_date - 40, current_date, interval '1 day') as d"
            " on conflict do nothing",
            [currency, per_eur],
        )
    for platform, account_id in _ACCOUNT_IDS.items():
        about = Jsonb({"channel": platform, "account_id": account_id})
        connection.execute(
            "select public.connect_ad_account(%s, %s)", [about, sealer.seal(_credentials(platform))]
        )
    return sealer


def _forget(connection: psycopg.Connection) -> None:
    with connection.transaction():
        connection.execute("select private.begin_ledger_write()")
        connection.execute("delete from public.partner_campaign_metrics where via = 'sync'")
    connection.execute("delete from private.sync_jobs")
    connection.execute("delete from private.ad_connections")
    connection.execute("vacuum analyze public.partner_campaign_metrics, private.sync_days")


def _window() -> tuple[dt.date, dt.date]:
    today = utc_now().date()
    return today - dt.timedelta(days=_DAYS), today - dt.timedelta(days=1)


async def _read(url: str, campaigns: int) -> Night:
    requests = 0
    rows = 0

    async def count(_: httpx.Request) -> None:
        nonlocal requests
        requests += 1

    async def keep(_: Credentials, __: dt.datetime | None) -> None:
        raise StackError("A token was refreshed.", "The simulator's do not expire.")

    async def read(http: httpx.AsyncClient, platform: str) -> None:
        nonlocal rows
        first, last = _window()
        cursor: dict[str, object] | None = None
        is_done = False
        while not is_done:
            job = Job.model_validate(
                {
                    "id": 0,
                    "platform": platform,
                    "account_id": _ACCOUNT_IDS[platform],
                    "kind": "days",
                    "status": "waiting",
                    "window_from": first,
                    "window_to": last,
                    "cursor": cursor,
                    "apis": _apis(platform, url),
                    "account": Account(sealed=SecretStr("x")),
                }
            )
            asking = Asking(http, PLATFORMS[platform], job, _credentials(platform), keep, utc_now)
            async for page in PLATFORMS[platform].days(asking, job):
                rows += len(page.days)
                cursor = dict(page.cursor or {})
                is_done = page.is_last

    with _memory() as memory:
        began = time.perf_counter()
        async with make_http() as http:
            http.event_hooks = {"request": [count], "response": []}
            await asyncio.gather(*(read(http, platform) for platform in PLATFORMS))
        seconds = time.perf_counter() - began
    return Night("read, nothing written", campaigns, round(seconds, 2), requests, rows, memory[0])


def _apis(platform: str, url: str) -> dict[str, Api]:
    versions = {"google_ads": "v26", "meta_ads": "v27.0", "linkedin_ads": "202608", "tiktok_ads": "v1.3"}
    version = versions.get(platform, "v13")
    return {
        api: Api(base_url=f"{url}/{platform}/{api}", version=None if api == "tokens" else version)
        for api in _APIS
    }


async def _sync(
    stack: Stack, connection: psycopg.Connection, sealer: Sealer, campaigns: int, what: str
) -> Night:
    first, last = _window()
    for platform, account_id in _ACCOUNT_IDS.items():
        connection.execute(
            "insert into private.sync_jobs (platform, account_id, kind, slot, window_from, window_to)"
            " values (%s, %s, 'days', %s, %s, %s)",
            [platform, account_id, str(utc_now()), first, last],
        )
    requests = 0

    class Counting(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal requests
            requests += 1
            return await super().handle_async_request(request)

    project = stack.project
    settings = Settings.model_validate(
        {
            "supabase_url": project.supabase_url,
            "supabase_publishable_key": project.publishable_key,
            "postgrest_url": project.postgrest_url,
        }
    )
    with _memory() as memory:
        began = time.perf_counter()
        async with PostgREST(settings) as postgrest:
            identity = postgrest.as_role(SecretStr(project.token("job_runner")))
            runner = Runner(identity, sealer, Counting(), utc_now, time.monotonic)
            while _open_jobs(connection):
                await runner.run()
                # Microsoft's report is ready, and nobody wants to wait for it here.
                connection.execute("update private.sync_jobs set due_at = now() where finished_at is null")
        seconds = time.perf_counter() - began
    failed = connection.execute("select count(*) from private.sync_jobs where status <> 'done'").fetchone()
    if failed is None or failed[0]:
        raise StackError("Not every account could be synced.", "Look in private.sync_jobs.")
    found = connection.execute(
        "select count(*) from public.partner_campaign_metrics where via = 'sync' and spend > 0"
    ).fetchone()
    return Night(what, campaigns, round(seconds, 2), requests, found[0] if found else 0, memory[0])


def _open_jobs(connection: psycopg.Connection) -> bool:
    row = connection.execute(
        "select exists (select from private.sync_jobs where finished_at is null)"
    ).fetchone()
    return bool(row and row[0])


@contextmanager
def _memory() -> Iterator[list[float]]:
    """Sample by how much this process grows, in MB."""
    process = psutil.Process()
    before = process.memory_info().rss
    most = [0.0]
    is_over = threading.Event()

    def sample() -> None:
        while not is_over.wait(0.02):
            most[0] = max(most[0], round((process.memory_info().rss - before) / 1e6, 1))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield most
    finally:
        is_over.set()
        thread.join()
