"""Pausing here pauses there: on the simulator of each platform, whatever goes wrong on the way."""

import asyncio
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.actors import Person
from tests.database import Database
from tests.flows.ad_accounts import CURRENCIES, LAST, Accounts, Simulated
from tests.simulator.server import Simulator
from tests.simulator.world import BUDGET, Account

pytestmark = pytest.mark.usefixtures("impatient")

_CAMPAIGNS = 4


@dataclass
class Linked:
    """Campaigns of one partner, each linked to one that runs on the simulator."""

    simulated: Simulated
    partner: Person
    admin: Person
    campaigns: dict[UUID, tuple[Account, str]]

    @property
    def database(self) -> Database:
        return self.simulated.accounts.database

    @classmethod
    async def build(cls, accounts: Accounts, simulator: Simulator, seed: int, mode: str = "on") -> "Linked":
        simulated = Simulated.build(accounts, simulator, 5000 + seed, dict.fromkeys(CURRENCIES, "EUR"))
        simulated.world.spend_a_while(simulated.random, _CAMPAIGNS, LAST, LAST)
        database = accounts.database
        made = cls(simulated, database.add_partner(budget=10**6), database.add_admin(), {})
        for account in simulated.world.accounts.values():
            for campaign in account.campaigns():
                campaign_id = database.value(
                    "insert into public.partner_marketing_campaigns"
                    " (partner_id, channel, status, daily_budget, external_campaign_id)"
                    " values (%s, %s, 'active', %s, %s) returning id",
                    [made.partner.id, account.platform, BUDGET, campaign],
                )
                made.campaigns[campaign_id] = (account, campaign)
        database.run(
            "insert into private.sync_jobs (platform, account_id, kind, slot)"
            " select channel, account_id, 'campaigns', clock_timestamp()::text from private.ad_connections"
        )
        await simulated.finish()
        database.run("update private.ad_connections set currency = 'EUR', write_mode = %s", [mode])
        return made

    def wish(self, campaign_id: UUID, status: str) -> None:
        with self.database.acting_as(self.admin):
            self.database.run("select public.set_campaign_status(%s, %s)", [campaign_id, status])

    def wish_budget(self, campaign_id: UUID, budget: Decimal) -> None:
        with self.database.acting_as(self.admin):
            self.database.run(
                "update public.partner_marketing_campaigns set daily_budget = %s where id = %s",
                [budget, campaign_id],
            )

    def here(self) -> dict[str, tuple[str, Decimal]]:
        rows = self.database.rows(
            "select external_campaign_id, status, daily_budget from public.partner_marketing_campaigns"
            " where partner_id = %s",
            [self.partner.id],
        )
        return {row["external_campaign_id"]: (row["status"], row["daily_budget"]) for row in rows}

    def there(self) -> dict[str, tuple[str, Decimal]]:
        return {
            campaign: ("active" if account.is_active(campaign) else "paused", account.budget(campaign))
            for account, campaign in self.campaigns.values()
        }

    def written(self) -> int:
        return sum(len(account.writes) for account in self.simulated.world.accounts.values())

    def rows(self) -> list[dict[str, Any]]:
        return self.database.rows(
            "select w.*, c.channel::text, c.external_campaign_id from public.partner_campaign_writes as w"
            " join public.partner_marketing_campaigns as c on c.id = w.campaign_id"
            " where c.partner_id = %s order by w.id",
            [self.partner.id],
        )


@pytest.fixture(autouse=True)
def _is_switched_on_again(accounts: Accounts) -> Iterator[None]:
    yield
    accounts.database.run("update private.write_switch set is_stopped = false")
    accounts.database.run("delete from public.partner_campaign_writes")


_FAULTS = ("error", "throttle", "html", "expired", "cut", "stall", "cut", "stall", "throttle", "expired")


@pytest.mark.parametrize("seed", [int(os.environ.get("SYNC_SEED", "11"))])
async def test_platforms_are_as_wished_and_nothing_is_written_twice(
    accounts: Accounts, simulator: Simulator, seed: int
) -> None:
    """Two runs at once, one of which is killed; answers that are lost after the platform did as told."""
    linked = await Linked.build(accounts, simulator, seed)
    simulated, world, random = linked.simulated, linked.simulated.world, linked.simulated.random
    kinds = itertools.cycle(_FAULTS)

    def fault(platform: str, number: int) -> str:
        if number > 120 or random.random() > 0.15:
            return ""
        kind = next(kinds)
        return "cut" if kind == "expired" and platform in {"meta_ads", "tiktok_ads"} else kind

    world.fault = fault
    for _ in range(6):
        _wish_something(linked, random)
        await asyncio.gather(
            simulated.run(random.randint(3, 40), after=random.random() < 0.5), simulated.run()
        )
        simulated.let_time_pass()
    await simulated.finish()

    rows = linked.rows()
    # What did not arrive before something else was wished is dropped.
    assert {"done"} <= {row["status"] for row in rows} <= {"done", "dropped"}
    assert linked.there() == linked.here()
    assert sum(account.repeated for account in world.accounts.values()) == 0
    assert linked.written() <= len(rows)
    assert linked.written() > 20
    assert world.asked_while_blocked == 0
    assert world.faults.keys() >= {"cut", "stall", "error", "throttle"}


def _wish_something(linked: Linked, random: Random) -> None:
    for campaign_id in random.sample(list(linked.campaigns), 8):
        campaign = linked.campaigns[campaign_id][1]
        status, budget = linked.here()[campaign]
        if random.random() < 0.6:
            linked.wish(campaign_id, "paused" if status == "active" else "active")
        else:
            linked.wish_budget(campaign_id, budget * random.choice((80, 90, 110, 120)) / 100)


async def test_what_shows_late_is_not_sent_again_at_once(accounts: Accounts, simulator: Simulator) -> None:
    linked = await Linked.build(accounts, simulator, 926)
    for account in linked.simulated.world.accounts.values():
        account.is_late = True
    one_each = {account.platform: campaign_id for campaign_id, (account, _) in linked.campaigns.items()}
    for campaign_id in one_each.values():
        linked.wish(campaign_id, "paused")

    await linked.simulated.run()
    assert {(row["status"], row["attempts"]) for row in linked.rows()} == {("sent", 1)}
    for account in linked.simulated.world.accounts.values():
        assert len(account.under_way) == 1
        account.arrive()
    linked.simulated.let_time_pass()
    await linked.simulated.run()

    assert {(row["status"], row["attempts"]) for row in linked.rows()} == {("done", 1)}
    assert linked.written() == len(one_each)


async def test_switch_stops_a_batch_that_is_under_way(accounts: Accounts, simulator: Simulator) -> None:
    linked = await Linked.build(accounts, simulator, 921)
    for campaign_id in linked.campaigns:
        linked.wish(campaign_id, "paused")

    def stop_at_the_third() -> None:
        if linked.written() == 3:
            # Somebody in the dashboard.
            with psycopg.connect(accounts.stack.project.db_url, autocommit=True) as connection:
                connection.execute("update private.write_switch set is_stopped = true")

    linked.simulated.world.written = stop_at_the_third
    await linked.simulated.run()

    # What had been marked as sent by then was on its way, one an account at most; nothing after it.
    written = linked.written()
    assert 3 <= written <= 3 + 3
    rows = linked.rows()
    assert sum(row["status"] in {"sent", "done"} for row in rows) == written
    assert sum(row["status"] == "waiting" for row in rows) == len(linked.campaigns) - written
    linked.simulated.let_time_pass()
    await linked.simulated.run()
    assert linked.written() == written

    accounts.database.run("update private.write_switch set is_stopped = false")
    await linked.simulated.run()
    assert linked.written() == len(linked.campaigns)
    assert {status for status, _ in linked.there().values()} == {"paused"}
    assert {row["status"] for row in linked.rows()} == {"done"}


@pytest.mark.parametrize(("mode", "seed"), [("off", 922), ("dry_run", 925)])
async def test_nothing_is_written_unless_it_is_allowed(
    accounts: Accounts, simulator: Simulator, mode: str, seed: int
) -> None:
    linked = await Linked.build(accounts, simulator, seed, mode)
    for number, campaign_id in enumerate(linked.campaigns):
        if number % 2:
            linked.wish(campaign_id, "paused")
        else:
            linked.wish_budget(campaign_id, Decimal(30))

    await linked.simulated.run()

    assert linked.written() == 0
    rows = linked.rows()
    reason = {"off": "writing_is_off", "dry_run": "dry_run"}[mode]
    assert {(row["status"], row["reason"]) for row in rows} == {("by_hand", reason)}
    assert all(row["external_campaign_id"] in row["to_do"] for row in rows)
    shown = {row["channel"]: row["request"] for row in rows if row["value"] == "paused"}
    if mode == "dry_run":
        assert {channel: request["body"] for channel, request in shown.items()}["meta_ads"] == {
            "status": "PAUSED"
        }
        assert all(request["url"].startswith(simulator.url) for request in shown.values())
    else:
        assert set(shown.values()) == {None}


async def test_who_has_no_right_to_write_is_told_what_to_do(accounts: Accounts, simulator: Simulator) -> None:
    linked = await Linked.build(accounts, simulator, 923)
    for account in linked.simulated.world.accounts.values():
        account.may_write = False
    one_each = {account.platform: campaign_id for campaign_id, (account, _) in linked.campaigns.items()}
    for campaign_id in one_each.values():
        linked.wish(campaign_id, "paused")

    await linked.simulated.run()

    assert {row["channel"]: (row["status"], row["reason"]) for row in linked.rows()} == {
        "google_ads": ("by_hand", "USER_PERMISSION_DENIED"),
        "meta_ads": ("by_hand", "294"),
        "linkedin_ads": ("by_hand", "ACCESS_DENIED"),
        "tiktok_ads": ("by_hand", "40001"),
        "microsoft_ads": ("by_hand", "UserIsNotAuthorized"),
    }

    # Once somebody has done it, the platform says so.
    for campaign_id in one_each.values():
        account, campaign = linked.campaigns[campaign_id]
        account.paused.add(campaign)
    accounts.database.run(
        "insert into private.sync_jobs (platform, account_id, kind, slot)"
        " select channel, account_id, 'campaigns', clock_timestamp()::text from private.ad_connections"
    )
    await linked.simulated.finish()
    assert {row["status"] for row in linked.rows()} == {"done"}
    assert linked.written() == 0


async def test_what_the_platform_refuses_is_said(accounts: Accounts, simulator: Simulator) -> None:
    linked = await Linked.build(accounts, simulator, 924)
    one_each = {account.platform: campaign_id for campaign_id, (account, _) in linked.campaigns.items()}
    for platform, campaign_id in one_each.items():
        account, campaign = linked.campaigns[campaign_id]
        account.shared.add(campaign)
        linked.wish_budget(campaign_id, Decimal(30))
        if platform == "google_ads":
            linked.wish_budget(campaign_id, Decimal(3000))
            account.shared.clear()

    await linked.simulated.run()

    assert linked.written() == 0
    assert {row["channel"]: (row["status"], row["reason"]) for row in linked.rows()} == {
        "google_ads": ("refused", "change_too_large"),
        "meta_ads": ("refused", "100/1885272"),
        "linkedin_ads": ("refused", "VALUE_TOO_LOW"),
        "tiktok_ads": ("refused", "40002"),
        "microsoft_ads": ("refused", "shared_budget"),
    }
