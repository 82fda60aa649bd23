"""Days of ad accounts, from the platforms' own answers to a campaign's totals."""

import asyncio
import datetime as dt
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from random import Random

import httpx
import pytest
from pydantic import SecretStr

from functions.campaign_sync.credentials import Sealer
from stack import Stack
from stack.example_secrets import JOBS_SECRET, SYNC_KEYS
from stack.running.process import wait_until
from stack.services.functions.service import FUNCTIONS
from tests.actors import Person, sign_token
from tests.flows.ad_accounts import CURRENCIES, FIRST, KEY, LAST, Accounts, Simulated
from tests.functions.test_platform_leads import FORM
from tests.functions.test_platform_leads import LEADS as TIKTOK_LEADS
from tests.functions.test_sync_platforms import ACCOUNTS, NOW, answer, sample, zipped
from tests.simulator.server import Simulator
from tests.simulator.world import NOTHING, days_between, make_figures, make_rates

pytestmark = pytest.mark.usefixtures("impatient")


# The samples ---------------------------------------------------------------------------------------------


def _answer_samples(request: httpx.Request) -> httpx.Response:
    """Answer as the samples' README has it."""
    asked = f"{request.method} {request.url.raw_path.decode()} {request.content.decode()}"
    for pattern, name in _SAMPLES.items():
        if re.search(pattern, asked):
            content = sample(name)
            if name.endswith("report_poll_success.json"):
                told = json.loads(content)
                told["ReportRequestStatus"]["ReportDownloadUrl"] = f"{request.url.copy_with(path='/1.zip')}"
                return httpx.Response(200, json=told)
            if name.endswith("campaign_performance_report.csv"):
                return httpx.Response(200, content=zipped(content))
            return answer(name)
    raise AssertionError(asked)


_SAMPLES: Mapping[str, str] = {
    r"googleAds:search .*pageToken": "google/search_daily_page2.json",
    r"googleAds:search": "google/search_daily_page1.json",
    r"/insights\?.*after=": "meta/insights_daily_page2.json",
    r"/insights\?": "meta/insights_daily_page1.json",
    r"/adAccounts\?q=search": "linkedin/ad_accounts_page.json",
    r"/adAnalytics\?": "linkedin/ad_analytics_daily.json",
    r"/advertiser/info/": "tiktok/advertiser_info.json",
    r"/report/integrated/get/.*page=2": "tiktok/report_daily_page2.json",
    r"/report/integrated/get/": "tiktok/report_daily_page1.json",
    r"GenerateReport/Submit": "microsoft/report_submit_ok.json",
    r"GenerateReport/Poll": "microsoft/report_poll_success.json",
    r"/1\.zip": "microsoft/campaign_performance_report.csv",
    r"eurofxref-hist-90d\.xml": "ecb/eurofxref-hist-90d.xml",
}


async def test_samples_add_up_to_the_cent(accounts: Accounts) -> None:
    accounts.database.run("delete from private.currency_rates")
    accounts.database.run(
        "insert into private.sync_jobs (platform, account_id, kind, slot) values ('ecb', '', 'rates', 'x')"
    )
    for channel, account_id in ACCOUNTS.items():
        accounts.connect(channel, account_id)
        accounts.ask_for(channel, account_id, "2026-11-20", "2026-11-23")

    first = await accounts.run(_answer_samples, lambda: NOW)
    accounts.make_due()
    second = await accounts.run(_answer_samples, lambda: NOW)

    assert (first["done"], first["waiting"], first["failed"]) == (5, 1, 0)
    assert (second["done"], second["failed"]) == (1, 0)
    assert {
        channel: tuple(str(value) for value in accounts.totals(channel, account_id).values())
        for channel, account_id in ACCOUNTS.items()
    } == {
        "google_ads": ("7", "1700.916790", "469", "36468", "22.750000", "1462.28"),
        "meta_ads": ("5", "2075.420000", "1637", "141043", "14.000000", "2367.79"),
        "linkedin_ads": ("5", "240.460000", "495", "29769", "5.000000", "240.46"),
        "tiktok_ads": ("5", "272.050000", "831", "34893", "25.000000", "233.82"),
        "microsoft_ads": ("5", "1146.420000", "535", "15030", "17.500000", "1230.75"),
    }
    total = accounts.database.value(
        "select round(sum(spend_eur), 2) from public.partner_campaign_metrics where account_id = any(%s)",
        [list(ACCOUNTS.values())],
    )
    assert total == Decimal("5535.10")
    assert accounts.database.value("select count(*) from private.sync_days") == 0


def _answer_leads(request: httpx.Request) -> httpx.Response:
    asked = f"{request.method} {request.url.raw_path.decode()} {request.content.decode()}"
    for pattern, told in _LEADS.items():
        if re.search(pattern, asked):
            if isinstance(told, bytes):
                return httpx.Response(200, content=told)
            return answer(told) if isinstance(told, str) else httpx.Response(200, json=told)
    raise AssertionError(asked)


_ONE_PAGE = {"page": 1, "total_page": 1}
_LEADS: Mapping[str, str | bytes | dict[str, object]] = {
    r"googleAds:search": "google/search_lead_form_submissions.json",
    r"/me/accounts": {"data": [{"id": "11"}]},
    r"/leadgen_forms": {"data": [{"id": "1234509876543210"}]},
    r"/leads\?.*after=": {"data": []},
    r"/leads\?": "meta/form_leads_page1.json",
    r"start=0&": "linkedin/lead_form_responses_page.json",
    r"start=2&": {"elements": [], "paging": {"total": 2}},
    r"/leadForms/3162": {"questions": [{"questionId": 9244, "predefinedField": "EMAIL", "name": "E-mail"}]},
    r"/page/get/": {
        "code": 0,
        "data": {"list": [{"page_id": FORM}], "page_info": {"total_page": 1, "page": 1}},
    },
    r"/page/lead/task/ .*page_id": "tiktok/lead_task_created.json",
    r"/page/lead/task/ .*task_id": "tiktok/lead_task_done.json",
    r"/page/lead/task/download/": TIKTOK_LEADS.encode(),
}


async def test_leads_that_no_webhook_brought_are_asked_for_and_count_once(accounts: Accounts) -> None:
    database = accounts.database
    channels = {
        "google_ads": "21700100001",
        "meta_ads": "120210000000000100",
        "linkedin_ads": "367378525",
        "tiktok_ads": "1780000000000000001",
    }
    partner = database.add_partner()
    campaigns = {
        channel: database.value(
            "insert into public.partner_marketing_campaigns (partner_id, channel, external_campaign_id)"
            " values (%s, %s, %s) returning id",
            [partner.id, channel, external],
        )
        for channel, external in channels.items()
    }
    for channel in channels:
        accounts.connect(channel, ACCOUNTS[channel])

    for day in (1, 2):
        database.run(
            "insert into private.sync_jobs (platform, account_id, kind, slot, window_from, window_to)"
            " select channel, account_id, 'leads', %s, '2026-11-17', '2026-11-23'"
            " from private.ad_connections",
            [f"day {day}"],
        )
        run = await accounts.run(_answer_leads)
        # TikTok makes a file first.
        assert (run["done"], run["waiting"], run["failed"]) == (3, 1, 0)
        accounts.make_due()
        assert (await accounts.run(_answer_leads))["done"] == 1

    assert {
        channel: database.campaign(campaign_id)["total_leads"] for channel, campaign_id in campaigns.items()
    } == dict.fromkeys(channels, 1)
    people = database.rows(
        "select l.channel, l.is_test, k.email, k.phone from public.partner_leads as l"
        " left join public.partner_lead_contacts as k on k.lead_id = l.id"
        " where l.channel = any(%s) and l.submitted_at between '2026-11-17' and '2026-11-24'"
        " order by l.channel, k.email",
        [list(channels)],
    )
    assert [tuple(row.values()) for row in people] == [
        ("google_ads", False, "j@example.org", None),
        ("google_ads", False, None, "+4915550100"),
        ("linkedin_ads", False, "soren@example.org", None),
        ("linkedin_ads", True, None, None),
        ("meta_ads", False, "max@example.org", None),
        ("meta_ads", False, "zoe@example.org", None),
        ("tiktok_ads", False, "max@example.org", None),
        ("tiktok_ads", False, "zoe@example.org", "+31612345678"),
    ]


# The simulator -------------------------------------------------------------------------------------------


_FAULTS = ("error", "throttle", "html", "expired", "cut", "stall", "error", "throttle", "expired", "cut")


def _faulty(random: Random) -> Callable[[str, int], str]:
    """Let something go wrong with every fifth request. Meta's and TikTok's tokens do not expire."""
    kinds = itertools.cycle(random.sample(_FAULTS, len(_FAULTS)))

    def fault(platform: str, number: int) -> str:
        if number > 400 or random.random() > 0.2:
            return ""
        kind = next(kinds)
        has_tokens = platform not in {"meta_ads", "tiktok_ads", "ecb"}
        return kind if has_tokens or kind != "expired" else "cut"

    return fault


@pytest.mark.parametrize("seed", [int(os.environ.get("SYNC_SEED", "11"))])
async def test_months_of_days_come_out_to_the_cent_whatever_goes_wrong(
    accounts: Accounts, simulator: Simulator, seed: int
) -> None:
    """Two runs at once, faults of every kind, runs that are killed, restated days and deleted campaigns.

    SYNC_DAYS=365 SYNC_CAMPAIGNS=10 is a year of fifty campaigns.
    """
    first = LAST - dt.timedelta(days=int(os.environ.get("SYNC_DAYS", "90")) - 1)
    how_many = int(os.environ.get("SYNC_CAMPAIGNS", "4"))
    simulated = Simulated.build(accounts, simulator, seed)
    world, random = simulated.world, simulated.random
    world.page_size, world.polls = 40, 1
    world.rates = make_rates(first - dt.timedelta(days=10), LAST)
    world.spend_a_while(random, how_many, first, LAST)
    world.fault = _faulty(random)
    google = next(account for account in world.accounts.values() if account.platform == "google_ads")
    external = sorted({campaign for campaign, _ in google.days})[1]
    linked = accounts.database.add_campaign(accounts.database.add_partner())
    accounts.database.run(
        "update public.partner_marketing_campaigns set external_campaign_id = %s where id = %s",
        [external, linked],
    )

    simulated.ask(first, LAST)
    for _ in range(12):
        await asyncio.gather(
            simulated.run(random.randint(3, 40), after=random.random() < 0.5), simulated.run()
        )
        simulated.let_time_pass()
    await simulated.finish(200)
    assert simulated.stored() == simulated.told()

    world.restate(random, 0.1)
    for account in world.accounts.values():
        campaigns = sorted({campaign for campaign, _ in account.days})
        account.deleted.add(campaigns[0])
    simulated.ask(first, LAST)
    await simulated.finish(200)

    assert simulated.stored() == simulated.told()
    assert simulated.stored_eur() == world.eur()
    assert world.asked_while_blocked == 0
    assert world.faults.keys() == set(_FAULTS)
    row = accounts.database.campaign(linked)
    assert row["total_clicks"] == sum(
        figures.clicks for (campaign, _), figures in google.days.items() if campaign == external
    )
    assert accounts.database.drift(linked) == []


def _post(stack: Stack) -> None:
    url, headers = f"{stack.project.functions_url}/sync", {"Authorization": f"Bearer {JOBS_SECRET}"}
    with suppress(httpx.TransportError):
        httpx.post(url, headers=headers, timeout=60)


@pytest.mark.parametrize("milliseconds", [100, 300, 600])
def test_process_that_is_killed_costs_a_page_an_account(
    accounts: Accounts, mended: Stack, simulator: Simulator, milliseconds: int
) -> None:
    simulated = Simulated.build(accounts, simulator, milliseconds)
    world = simulated.world
    world.page_size = 25
    world.spend_a_while(simulated.random, 5, LAST - dt.timedelta(days=29), LAST)
    simulated.ask(LAST - dt.timedelta(days=29), LAST)
    run = threading.Thread(target=_post, args=[mended])
    run.start()
    run.join(milliseconds / 1000)

    mended.supervisor.kill(FUNCTIONS, signal.SIGKILL)
    run.join()
    mended.up(seed=True)
    simulated.point_to(simulator)

    def is_done() -> bool:
        simulated.let_time_pass()
        _post(mended)
        return simulated.is_done()

    assert wait_until(is_done, 40)
    assert simulated.stored() == simulated.told()
    for platform in CURRENCIES:
        rows = [times for (of, _, _), times in world.rows_given.items() if of == platform]
        # LinkedIn and Microsoft have one page for all of it.
        page = len(rows) if platform in {"linkedin_ads", "microsoft_ads"} else world.page_size
        assert sum(times - 1 for times in rows) <= page, platform


async def test_what_is_paused_there_is_paused_here(accounts: Accounts, simulator: Simulator) -> None:
    simulated = Simulated.build(accounts, simulator, 5)
    simulated.world.spend_a_while(simulated.random, 2, LAST, LAST)
    database = accounts.database
    partner = database.add_partner()
    linked = {}
    for account in simulated.world.accounts.values():
        linked[account.platform] = database.value(
            "insert into public.partner_marketing_campaigns"
            " (partner_id, channel, status, external_campaign_id) values (%s, %s, 'active', %s) returning id",
            [partner.id, account.platform, account.campaigns()[0]],
        )
    ids = list(linked.values())

    async def read() -> dict[str, tuple[str, str]]:
        database.run(
            "insert into private.sync_jobs (platform, account_id, kind, slot)"
            " select channel, account_id, 'campaigns', clock_timestamp()::text from private.ad_connections"
        )
        await simulated.finish()
        rows = database.rows(
            "select channel, status, platform_status"
            " from public.partner_marketing_campaigns where id = any(%s)",
            [ids],
        )
        return {row["channel"]: (row["status"], row["platform_status"]) for row in rows}

    before = await read()
    for account in simulated.world.accounts.values():
        account.paused.add(account.campaigns()[0])
    after = [await read(), await read()]

    assert before == dict.fromkeys(CURRENCIES, ("active", "active"))
    assert after == [dict.fromkeys(CURRENCIES, ("paused", "paused"))] * 2
    told = database.value(
        "select count(*) from private.campaign_inbox as i join public.partner_marketing_campaigns as c"
        " on c.channel = i.channel and c.external_campaign_id = i.external_campaign_id"
        " where i.kind = 'status' and i.via = 'sync' and c.id = any(%s)",
        [ids],
    )
    # Once as active and once as paused: what did not change is no event.
    assert told == 10
    known = database.rows("select name, daily_budget from private.platform_campaigns")
    assert len(known) == 10
    assert {row["daily_budget"] for row in known} == {25}


# The commands --------------------------------------------------------------------------------------------


def _command(
    accounts: Accounts, who: Person, *arguments: str, given: str = ""
) -> subprocess.CompletedProcess[str]:
    project = accounts.stack.project
    module, *rest = arguments
    return subprocess.run(
        [sys.executable, "-m", f"functions.campaign_sync.{module}", *rest],
        env={
            "PATH": os.environ["PATH"],
            "SUPABASE_URL": project.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": project.publishable_key,
            "SYNC_KEYS": json.dumps(SYNC_KEYS),
            "ADMIN_JWT": sign_token(project, who),
            "JOB_RUNNER_JWT": project.token("job_runner"),
        },
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_account_is_tried_and_then_connected(accounts: Accounts, simulator: Simulator) -> None:
    simulated = Simulated.build(accounts, simulator, 6)
    account = simulated.world.account("microsoft_ads", "4711", "CHF")
    account.refresh_tokens = {"refresh-by-hand"}
    account.days["40000001", LAST] = make_figures(simulated.random, "CHF")
    given = {
        "client_id": "id",
        "client_secret": "secret",
        "refresh_token": "refresh-by-hand",
        "developer_token": "d",
    }
    admin = accounts.database.add_admin()

    done = _command(
        accounts, admin, "connect", "microsoft_ads", "4711", "--manager", "12", given=json.dumps(given)
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "✓ The platform gave an access token." in done.stdout
    assert "microsoft_ads 4711 can be read: 1 campaigns" in done.stdout
    assert "40000001" in done.stdout
    assert not [secret for secret in ("refresh-by-hand", "secret", "access-4711") if secret in done.stdout]
    sealed = accounts.database.value(
        "select v.decrypted_secret from private.ad_connections as c"
        " join vault.decrypted_secrets as v on v.id = c.secret_id where c.account_id = '4711'"
    )
    kept = Sealer([KEY]).open(SecretStr(sealed))
    # The one that took its place, and not the one that was typed.
    assert kept.refresh_token is not None
    assert kept.refresh_token.get_secret_value() == "refresh-4711-1"


@pytest.mark.parametrize(
    ("who", "changes", "says"),
    [
        ("admin", {"refresh_token": "guessed"}, "says no (auth): invalid_grant. Nothing was kept"),
        ("admin", {"pass_word": "x"}, "Missing or wrong: PASS_WORD"),
        ("partner", {}, "Only an admin may do this."),
    ],
)
def test_account_that_cannot_be_read_is_not_connected(
    accounts: Accounts, simulator: Simulator, who: str, changes: dict[str, str], says: str
) -> None:
    simulated = Simulated.build(accounts, simulator, 7)
    simulated.world.account("google_ads", "4712").refresh_tokens = {"right"}
    database = accounts.database
    given = json.dumps({"client_id": "id", "client_secret": "s", "refresh_token": "right", **changes})
    person = database.add_admin() if who == "admin" else database.add_partner()

    done = _command(accounts, person, "connect", "google_ads", "4712", given=given)

    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not database.value("select count(*) from private.ad_connections where account_id = '4712'")


def test_months_are_fetched_with_progress_and_gone_on_with(accounts: Accounts, simulator: Simulator) -> None:
    simulated = Simulated.build(accounts, simulator, 8)
    account = next(
        account for account in simulated.world.accounts.values() if account.platform == "google_ads"
    )
    for day in days_between(FIRST, LAST):
        account.days["21700", day] = make_figures(simulated.random, account.currency)
    admin, about = accounts.database.add_admin(), ("google_ads", account.account_id)

    first = _command(accounts, admin, "backfill", *about, str(FIRST), str(LAST))
    again = _command(accounts, admin, "backfill", *about)

    assert (first.returncode, first.stderr) == (0, "")
    days = len([figures for figures in account.days.values() if figures != NOTHING])
    assert first.stdout.splitlines()[-1] == f"3 of 3 windows, {days} days"
    assert again.stdout.splitlines()[-1] == f"3 of 3 windows, {days} days"
    assert simulated.stored() == simulated.told()
