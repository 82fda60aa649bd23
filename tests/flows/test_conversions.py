"""A partner's won lead is told to the platform that brought it, once, whatever goes wrong on the way."""

import asyncio
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from shared.landing_page.consent import ADS_CONSENT_TEXTS, CONSENT_TEXTS, CURRENT_CONSENT
from tests.actors import Person
from tests.database import Database
from tests.flows.ad_accounts import CURRENCIES, LAST, Accounts, Simulated
from tests.simulator.server import Simulator
from tests.simulator.world import Account

pytestmark = pytest.mark.usefixtures("impatient")

CLICKS = {
    "google_ads": "gclid",
    "meta_ads": "fbclid",
    "linkedin_ads": "li_fat_id",
    "tiktok_ads": "ttclid",
    "microsoft_ads": "msclkid",
}


@dataclass
class Won:
    """A page whose leads come by ads of all platforms, each of which is told of those that are won."""

    simulated: Simulated
    partner: Person
    admin: Person
    page_id: UUID

    @property
    def database(self) -> Database:
        return self.simulated.accounts.database

    @classmethod
    def build(cls, accounts: Accounts, simulator: Simulator, seed: int) -> "Won":
        simulated = Simulated.build(accounts, simulator, seed)
        simulated.world.spend_a_while(simulated.random, 1, LAST, LAST)
        database = accounts.database
        partner, admin = database.add_partner(), database.add_admin()
        database.run("update private.ad_connections set write_mode = 'on'")
        database.run("delete from private.conversion_targets")
        database.run(
            "insert into private.conversion_targets (channel, account_id, target_id, event_source, value_eur)"
            " select channel, account_id, account_id, 'web', 50 from private.ad_connections"
        )
        database.run("update private.lead_limits set max_of_page = 100000")
        return cls(simulated, partner, admin, database.add_live_page(partner, admin))

    def account(self, platform: str) -> Account:
        (found,) = (a for a in self.simulated.world.accounts.values() if a.platform == platform)
        return found

    def win(self, platform: str, *, agrees: bool = True) -> str:
        """Have somebody ask who came by an ad, and the partner do the job."""
        lead = {
            "id": str(uuid4()),
            "page_id": str(self.page_id),
            "email": f"{uuid4()}@voorbeeld.nl",
            "consent_version": CURRENT_CONSENT,
            "consent_text": CONSENT_TEXTS[CURRENT_CONSENT],
            "ads_consent_version": "2026-11" if agrees else None,
            "ads_consent_text": ADS_CONSENT_TEXTS["2026-11"] if agrees else None,
            "source": platform,
            "tags": {CLICKS[platform]: f"click-{uuid4().hex}"},
        }
        with self.database.acting_as("event_recorder"):
            self.database.run("select public.record_lead(%s)", [Jsonb(lead)])
        with self.database.acting_as(self.partner):
            self.database.run("select public.set_lead_status(%s, 'won')", [lead["id"]])
        return str(lead["id"])

    def let_time_pass(self) -> None:
        self.simulated.let_time_pass()
        self.database.run(
            "update public.partner_lead_conversions set due_at = now() where due_at is not null"
        )

    async def finish(self) -> None:
        for _ in range(30):
            self.let_time_pass()
            await self.simulated.run()
            open_rows = "select count(*) from public.partner_lead_conversions where due_at is not null"
            if not self.database.value(open_rows):
                return
        raise AssertionError(self.rows())

    def rows(self) -> list[dict[str, Any]]:
        return self.database.rows(
            "select lead_id::text, channel, status, reason, attempts from public.partner_lead_conversions"
            " where partner_id = %s order by id",
            [self.partner.id],
        )


@pytest.fixture(autouse=True)
def _is_switched_on_again(accounts: Accounts) -> Iterator[None]:
    yield
    accounts.database.run("update private.write_switch set is_stopped = false")
    accounts.database.run("delete from public.partner_lead_conversions")


_FAULTS = ("cut", "stall", "error", "cut", "throttle", "html", "cut", "expired")


@pytest.mark.parametrize("seed", [int(os.environ.get("SYNC_SEED", "11"))])
async def test_platforms_count_each_won_lead_once(
    accounts: Accounts, simulator: Simulator, seed: int
) -> None:
    """Two runs at once, one of which is killed; answers that are lost; results that come later."""
    won = Won.build(accounts, simulator, 7000 + seed)
    world, random = won.simulated.world, won.simulated.random
    kinds = itertools.cycle(_FAULTS)

    def fault(platform: str, number: int) -> str:
        if number > 60 or random.random() > 0.35:
            return ""
        kind = next(kinds)
        return "cut" if kind == "expired" and platform in {"meta_ads", "tiktok_ads"} else kind

    world.fault = fault
    agreed = [won.win(platform) for platform in CURRENCIES for _ in range(4)]
    refused = [won.win(platform, agrees=False) for platform in CURRENCIES]
    for _ in range(6):
        won.let_time_pass()
        await asyncio.gather(
            won.simulated.run(random.randint(3, 30), after=random.random() < 0.5), won.simulated.run()
        )
    await won.finish()

    rows = {row["lead_id"]: (row["status"], row["reason"]) for row in won.rows()}
    assert rows == dict.fromkeys(agreed, ("done", None)) | dict.fromkeys(refused, ("refused", "no_consent"))
    for platform in CURRENCIES:
        heard = won.account(platform).conversions
        assert len(heard) == 4, platform
        if platform != "microsoft_ads":
            # Microsoft knows them by click, goal and time.
            assert heard.keys() == {row["lead_id"] for row in won.rows() if row["channel"] == platform} & set(
                agreed
            )
    assert world.asked_while_blocked == 0
    assert world.faults.keys() >= {"cut", "stall", "error"}


async def test_google_says_later_and_the_lead_shows_it(accounts: Accounts, simulator: Simulator) -> None:
    won = Won.build(accounts, simulator, 7101)
    world = won.simulated.world
    world.conversion_result = "CLICK_NOT_FOUND"
    lead_id = won.win("google_ads")
    won.let_time_pass()

    await won.simulated.run()
    assert [(row["status"], row["reason"]) for row in won.rows()] == [("accepted", None)]
    await won.finish()

    assert won.rows() == [
        {
            "lead_id": lead_id,
            "channel": "google_ads",
            "status": "refused",
            "reason": "CLICK_NOT_FOUND",
            "attempts": 2,
        }
    ]
    assert won.account("google_ads").conversions == {lead_id: 1}


async def test_old_one_sinks_nobody_else(accounts: Accounts, simulator: Simulator) -> None:
    """Meta refuses a whole request for one that is older than a week; what is too old is not sent at all."""
    won = Won.build(accounts, simulator, 7102)
    old, young = won.win("meta_ads"), won.win("meta_ads")
    won.database.run(
        "update public.partner_lead_conversions set happened_at = now() - interval '8 days'"
        " where lead_id = %s",
        [old],
    )

    await won.finish()

    assert {row["lead_id"]: (row["status"], row["reason"]) for row in won.rows()} == {
        old: ("refused", "too_old"),
        young: ("done", None),
    }
    assert won.account("meta_ads").conversions == {young: 1}


async def test_erased_person_is_told_of_to_nobody(accounts: Accounts, simulator: Simulator) -> None:
    won = Won.build(accounts, simulator, 7103)
    lead_id = won.win("linkedin_ads")
    with won.database.acting_as(won.admin):
        won.database.run("select public.erase_lead(%s)", [lead_id])

    await won.finish()

    assert won.rows() == []
    assert won.account("linkedin_ads").conversions == {}


async def test_switch_stops_telling_too(accounts: Accounts, simulator: Simulator) -> None:
    won = Won.build(accounts, simulator, 7104)
    for platform in CURRENCIES:
        won.win(platform)
    won.database.run("update private.write_switch set is_stopped = true")
    won.let_time_pass()

    await won.simulated.run()

    assert [account.conversions for account in won.simulated.world.accounts.values()] == [{}] * 5
    assert {row["status"] for row in won.rows()} == {"waiting"}
