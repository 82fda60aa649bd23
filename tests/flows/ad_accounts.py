"""Connected ad accounts of a stack, runs that ask in them, and the simulator that answers."""

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import httpx
from psycopg.types.json import Jsonb
from pydantic import SecretStr

from functions.campaign_sync.credentials import Credentials, Sealer
from functions.campaign_sync.runner import Runner
from shared.http.clock import utc_now
from shared.http.settings import Settings
from shared.postgrest.client import Identity, PostgREST
from stack import Stack
from stack.example_secrets import SYNC_KEYS
from stack.running.process import wait_until
from tests.database import Database
from tests.functions.test_sync_platforms import CREDENTIALS
from tests.simulator.server import Simulator
from tests.simulator.world import NOTHING, World, make_rates

Answer = Callable[[httpx.Request], httpx.Response]
KEY = SecretStr(SYNC_KEYS[0])
CURRENCIES = {
    "google_ads": "USD",
    "meta_ads": "GBP",
    "linkedin_ads": "EUR",
    "tiktok_ads": "JPY",
    "microsoft_ads": "CHF",
}
FIRST, LAST = dt.date(2026, 8, 25), dt.date(2026, 11, 22)


@dataclass
class Accounts:
    """Connected accounts of a stack, and runs that ask in them."""

    database: Database
    stack: Stack
    requests: list[httpx.Request] = field(default_factory=list)

    def connect(self, channel: str, account_id: str, credentials: Credentials = CREDENTIALS) -> None:
        connection = {"channel": channel, "account_id": account_id}
        self.database.run(
            "select public.connect_ad_account(%s, %s)", [Jsonb(connection), Sealer([KEY]).seal(credentials)]
        )

    def ask_for(self, channel: str, account_id: str, first: str, last: str) -> int:
        job_id: int = self.database.value(
            "insert into private.sync_jobs (platform, account_id, kind, slot, window_from, window_to)"
            " values (%s, %s, 'days', %s, %s, %s) returning id",
            [channel, account_id, str(utc_now()), first, last],
        )
        return job_id

    async def run(self, answer_to: Answer, clock: Callable[[], dt.datetime] = utc_now) -> dict[str, object]:
        def respond(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return answer_to(request)

        project = self.stack.project
        settings = Settings.model_validate(
            {"supabase_url": project.supabase_url, "supabase_publishable_key": project.publishable_key}
        )
        async with PostgREST(settings) as postgrest:
            identity = postgrest.as_role(SecretStr(project.token("job_runner")))
            runner = Runner(identity, Sealer([KEY]), httpx.MockTransport(respond), clock, lambda: 0)
            return await runner.run()

    def make_due(self) -> None:
        self.database.run("update private.sync_jobs set due_at = now() where finished_at is null")

    def totals(self, channel: str, account_id: str) -> dict[str, Any]:
        return self.database.row(
            "select count(*) as days, sum(spend) as spend, sum(clicks) as clicks,"
            " sum(impressions) as impressions, sum(conversions) as conversions,"
            " round(sum(spend_eur), 2) as eur"
            " from public.partner_campaign_metrics where channel = %s and account_id = %s and not is_absent",
            [channel, account_id],
        )

    def job(self, job_id: int) -> dict[str, Any]:
        return self.database.row("select * from private.sync_jobs where id = %s", [job_id])


class KilledError(BaseException):
    """The process is gone: nothing runs after it, not even what cleans up."""


class Mortal:
    """An identity whose process is killed at a step: before a call, or after it and before its answer."""

    def __init__(self, identity: Identity, steps: int, *, after: bool) -> None:
        self._identity = identity
        self._steps = steps
        self._after = after

    async def call(self, function: str, /, **arguments: object) -> object:
        self._steps -= 1
        if self._steps < 0 or (self._steps == 0 and not self._after):
            raise KilledError
        answer = await self._identity.call(function, **arguments)
        if self._steps == 0:
            raise KilledError
        return answer


@dataclass
class Simulated:
    """Accounts on the simulator, connected; and runs."""

    accounts: Accounts
    world: World
    random: Random

    @classmethod
    def build(
        cls,
        accounts: Accounts,
        simulator: Simulator,
        seed: int,
        currencies: Mapping[str, str] = CURRENCIES,
    ) -> "Simulated":
        made = cls(accounts, simulator.world, Random(seed))  # noqa: S311 - a seed that can be repeated.
        made.world.rates = make_rates(FIRST - dt.timedelta(days=10), LAST)
        accounts.database.run("delete from private.currency_rates")
        made.point_to(simulator)
        refreshed = Credentials(
            client_id="client",
            client_secret=SecretStr("secret"),
            refresh_token=SecretStr("refresh-0"),
            access_token=SecretStr("access-0"),
        )
        fixed = refreshed.model_copy(update={"refresh_token": None})
        for number, (platform, currency) in enumerate(currencies.items()):
            account_id = f"{seed % 1000}{made.random.randint(10**6, 10**7)}{number}"
            account = made.world.account(platform, account_id, currency)
            account.refresh_tokens = {f"refresh-{account_id}"}
            own = {"refresh_token": SecretStr(f"refresh-{account_id}")}
            is_fixed = platform in {"meta_ads", "tiktok_ads"}
            accounts.connect(platform, account_id, fixed if is_fixed else refreshed.model_copy(update=own))
        return made

    def point_to(self, simulator: Simulator) -> None:
        self.accounts.database.run(
            "update private.platform_apis set base_url = %s || '/' || platform || '/' || api", [simulator.url]
        )

    def ask(self, first: dt.date, last: dt.date, days: int = 30) -> None:
        for platform, account_id in self.world.accounts:
            start = first
            while start <= last:
                end = min(start + dt.timedelta(days=days - 1), last)
                self.accounts.ask_for(platform, account_id, str(start), str(end))
                start = end + dt.timedelta(days=1)
        self.accounts.database.run(
            "insert into private.sync_jobs (platform, account_id, kind, slot)"
            " values ('ecb', '', 'rates', %s)",
            [str(utc_now())],
        )

    async def run(self, steps: int | None = None, *, after: bool = False) -> None:
        """Run once; with `steps`, until the process is killed there."""
        project = self.accounts.stack.project
        settings = Settings.model_validate(
            {"supabase_url": project.supabase_url, "supabase_publishable_key": project.publishable_key}
        )
        async with PostgREST(settings) as postgrest:
            identity: Any = postgrest.as_role(SecretStr(project.token("job_runner")))
            if steps is not None:
                identity = Mortal(identity, steps, after=after)
            runner = Runner(
                identity, Sealer([KEY]), None, lambda: dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC), lambda: 0
            )
            with suppress(KilledError):
                await runner.run()

    def let_time_pass(self) -> None:
        """Leases end, blocks end on both sides, and what is to be tried later is due."""
        # What stalled arrives by then, or never.
        assert wait_until(lambda: self.world.stalling == 0, 10)
        self.world.blocked.clear()
        database = self.accounts.database
        database.run("update private.sync_gates set lease_id = null, leased_until = null")
        database.run("update private.sync_gates set blocked_until = null, blocked_for = null")
        self.accounts.make_due()

    def is_done(self) -> bool:
        open_jobs = self.accounts.database.value(
            "select count(*) from private.sync_jobs where finished_at is null"
        )
        return not open_jobs

    async def finish(self, most: int = 60) -> None:
        for _ in range(most):
            await self.run()
            if self.is_done():
                return
            self.let_time_pass()
        raise AssertionError(
            self.accounts.database.rows("select * from private.sync_jobs where finished_at is null")
        )

    def stored(self) -> dict[tuple[str, str, str, str], tuple[str, int, int, str]]:
        rows = self.accounts.database.rows(
            "select channel, account_id, external_campaign_id as campaign, day::text, spend, clicks,"
            " impressions, conversions from public.partner_campaign_metrics"
            " where account_id = any(%s) and (spend > 0 or clicks > 0 or impressions > 0)",
            [[account_id for _, account_id in self.world.accounts]],
        )
        return {
            (row["channel"], row["account_id"], row["campaign"], row["day"]): (
                plain(row["spend"]),
                row["clicks"],
                row["impressions"],
                plain(row["conversions"]),
            )
            for row in rows
        }

    def told(self) -> dict[tuple[str, str, str, str], tuple[str, int, int, str]]:
        """The simulator's own ledger, as the database has to have it."""
        return {
            (account.platform, account.account_id, campaign, str(day)): (
                plain(figures.spend),
                figures.clicks,
                figures.impressions,
                plain(figures.conversions),
            )
            for account in self.world.accounts.values()
            for (campaign, day), figures in account.days.items()
            if figures != NOTHING
        }

    def stored_eur(self) -> Decimal:
        eur: Decimal = self.accounts.database.value(
            "select round(sum(spend_eur), 2) from public.partner_campaign_metrics where account_id = any(%s)",
            [[account_id for _, account_id in self.world.accounts]],
        )
        return eur


def plain(amount: Decimal) -> str:
    """Write it as Python and PostgreSQL both would."""
    return format(amount.normalize(), "f")
