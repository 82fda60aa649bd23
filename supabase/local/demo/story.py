"""The main job, step by step, and what must come of it."""

import asyncio
import datetime as dt
import random
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

import httpx
from postgrest import APIResponse, AsyncPostgrestClient

from demo.actors import AdPlatforms, Json, Person, Visitors
from demo.content import landing_page
from demo.platforms import DAYS, Platforms
from demo.scheduler import count_mails, deliver, sync
from demo.showcase import publish_firms
from stack.progress import Progress
from stack.project import Project

PARTNER = "info@dakwerkenvandijk.voorbeeld.nl"
ADMIN = "anouk.admin@voorbeeld.nl"

VISITORS = 120
VIEWS = 200
BOTS = 15
QUOTES = 9

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True)
class Check:
    """One figure: what was sent, and what the database says."""

    what: str
    expected: object
    found: object

    @property
    def holds(self) -> bool:
        """Whether they agree."""
        return self.expected == self.found


@dataclass(frozen=True)
class Result:
    """What the main job came to."""

    checks: list[Check]
    page_url: str
    showcase: list[str]
    """Pages that are worth looking at."""

    @property
    def holds(self) -> bool:
        """Whether every figure is what was sent."""
        return all(check.holds for check in self.checks)


def run_main_job(project: Project, progress: Progress, platforms_url: str) -> Result:
    """Do the main job on a page and a campaign of its own, so that it can be run again on the same data.

    `platforms_url` is where the simulator of the ad platforms answers.
    """
    return asyncio.run(_run(project, progress, platforms_url))


async def _run(project: Project, progress: Progress, platforms_url: str) -> Result:
    async with httpx.AsyncClient(timeout=30) as http:
        partner = await Person.sign_in(project, http, PARTNER)
        admin = await Person.sign_in(project, http, ADMIN)
        job = _MainJob(project, http, partner, admin)
        return await job.run(progress, Platforms(project, http, platforms_url))


class _MainJob:
    def __init__(self, project: Project, http: httpx.AsyncClient, partner: Person, admin: Person) -> None:
        self._project = project
        self._http = http
        self._partner = partner
        self._admin = admin
        self._number = int(time.time() * 1000)
        self._checks: list[Check] = []
        self._synced: list[str] = []

    async def run(self, progress: Progress, platforms: Platforms) -> Result:
        self._platforms = platforms
        steps = [
            ("Three firms upload pictures and publish a page each", self._show_firms),
            ("A partner writes a page; an admin sends it back, then approves it", self._publish),
            (f"{VISITORS} visitors make {VIEWS} views, with repeats and bots in between", self._visit),
            (f"{QUOTES} of them ask for a quote, two twice", self._ask_for_quotes),
            ("The partner hears of each by mail, and who asked does too", self._tell),
            ("Google reports a lead three times and a day's spend twice, out of order", self._report),
            (f"Five ad platforms are asked for {DAYS} days, and the ECB for rates", self._sync),
            ("The partner pauses a campaign on each, and it is paused there", self._pause),
            ("Every counter is compared with its ledger", self._compare_ledgers),
        ]
        for title, step in steps:
            with progress.step(title):
                await step()
        return Result(self._checks, f"{self._project.functions_url}{self._path}", self._showcase)

    def _check(self, what: str, expected: object, found: object) -> None:
        self._checks.append(Check(what, expected, found))

    async def _show_firms(self) -> None:
        self._showcase = await publish_firms(self._project, self._http, self._admin)
        answers = [await self._http.get(url) for url in self._showcase]
        shown = [answer.status_code for answer in answers].count(200)
        self._check("pages of the three firms", len(self._showcase), shown)

    async def _publish(self) -> None:
        self._path = f"/partners/dakwerken-van-dijk/dakreparatie-tilburg-{self._number}"
        page = await self._partner.table("partner_landing_pages").insert(landing_page(self._path)).execute()
        self._page_id = _only(page)["id"]
        await self._partner.step(self._page_id, "submit")
        reason = "Zet de garantie ook in de kop."
        await self._admin.step(self._page_id, "reject", reason=reason)
        submitted = await self._partner.step(self._page_id, "submit")
        preview = await self._admin.step(self._page_id, "preview")
        looked_at = await self._http.get(preview["url"])
        live = await self._admin.step(self._page_id, "approve", content_hash=submitted["content_hash"])

        transitions = self._partner.table("partner_landing_page_transitions").select("to_status", "reason")
        history = await transitions.eq("page_id", self._page_id).order("id").execute()
        steps = [(step["to_status"], step["reason"]) for step in _rows(history)]
        expected = [("review", None), ("concept", reason), ("review", None), ("live", None)]
        self._check("steps of the workflow", len(expected), len(steps) if steps == expected else steps)
        self._check("status of the page", "live", live["status"])
        served = await self._http.get(self._project.functions_url + self._path)
        self._check("page on the site", 200, served.status_code)
        is_same = looked_at.content == served.content
        self._check("page that was looked at before", "the same", "the same" if is_same else "another")

    async def _visit(self) -> None:
        visitors = Visitors(self._project, self._http, self._page_id)
        now = dt.datetime.now(dt.UTC)
        loads = [(visitor, now - dt.timedelta(seconds=visitor)) for visitor in range(VISITORS)]
        # Some come back after three hours: another half-hour of the clock, so another view.
        loads += [(visitor, moment - dt.timedelta(hours=3)) for visitor, moment in loads[: VIEWS - VISITORS]]
        beacons = [(visitors.event_id(moment), visitor) for visitor, moment in loads]
        # Every tenth beacon is sent three times, as a browser does that heard no answer.
        repeats = [beacon for beacon in beacons[::10] for _ in range(2)]
        bots = [(visitors.event_id(now), None) for _ in range(BOTS)]
        sent = [*beacons, *repeats, *bots]
        random.shuffle(sent)
        outcomes = [await visitors.send_beacon(event_id, visitor) for event_id, visitor in sent]

        self._check("beacons counted", VIEWS, outcomes.count("counted"))
        self._check("beacons seen to be repeats", len(repeats), outcomes.count("duplicate"))
        self._check("beacons of bots turned away", BOTS, outcomes.count("bot"))
        self._check("views of the page", VIEWS, (await self._page())["views_count"])
        figures = self._partner.table("partner_landing_page_stats").select("views", "visitors")
        days = _rows(await figures.eq("page_id", self._page_id).execute())
        self._check("views by day, summed", VIEWS, sum(day["views"] for day in days))
        a_day = {(visitor, moment.astimezone(_AMSTERDAM).date()) for visitor, moment in loads}
        self._check("visitors by day, summed", len(a_day), sum(day["visitors"] for day in days))

    async def _ask_for_quotes(self) -> None:
        visitors = Visitors(self._project, self._http, self._page_id)
        now = dt.datetime.now(dt.UTC)
        forms = [(visitors.event_id(now), visitor) for visitor in range(QUOTES - 1)]
        statuses = [await visitors.ask_for_quote(*form) for form in [*forms, *forms[:2]]]
        await visitors.send_form(QUOTES)

        self._check("quote requests answered as repeats", 2, statuses.count(200))
        self._check("conversions of the page", QUOTES, (await self._page())["conversions_count"])
        leads = self._partner.table("partner_leads").select("partner_lead_contacts(name,consent_version)")
        people = [
            lead["partner_lead_contacts"]
            for lead in _rows(await leads.eq("page_id", self._page_id).execute())
        ]
        agreed = sum(bool(person and person["consent_version"]) for person in people)
        self._check("leads with a person who agreed", QUOTES, agreed)

    async def _tell(self) -> None:
        while sum((await asyncio.to_thread(deliver, self._project)).values()):
            pass
        if self._project.maildir is not None:  # Else it went to a provider.
            mails = count_mails(self._project.maildir, f"{self._path}\n")
            self._check("mails to the partner", QUOTES, mails.pop(PARTNER, 0))
            # One of them left no address.
            self._check("mails to who asked", QUOTES - 1, mails.total())
        screen = await self._partner.read("/partner-leads")
        self._check("leads on the partner's screen", QUOTES, screen.count(f'href="{self._path}"'))

    async def _report(self) -> None:
        campaigns = self._partner.table("partner_marketing_campaigns")
        planned = {"channel": "google_ads", "daily_budget": "0.50", "cpl_target": "30.00"}
        campaign = _only(await campaigns.insert(planned).execute())
        platform_id = 21_700_000_000 + self._number % 10**9
        await self._admin.call(
            "link_campaign", campaign_id=campaign["id"], external_campaign_id=str(platform_id)
        )
        await self._admin.call("set_campaign_status", campaign_id=campaign["id"], status="active")

        platforms = AdPlatforms(self._project, self._http, platform_id)
        answers = [await platforms.deliver_lead(f"Cj0KEQiA-{self._number}") for _ in range(3)]
        noon = dt.datetime.now(dt.UTC).replace(hour=12, minute=0, second=0, microsecond=0)
        answers.append(await platforms.report_day(noon.date(), noon, "21.37", 118, 9042))
        answers.append(await platforms.report_day(noon.date(), noon.replace(hour=6), "9.02", 51, 4100))

        self._check("webhooks accepted", 5, answers.count(200))
        found = _only(await campaigns.select("*").eq("id", campaign["id"]).execute())
        self._check("leads of the campaign", 1, found["total_leads"])
        self._check("spend of the campaign, EUR", "21.37", f"{found['total_spend']:.2f}")
        self._check("clicks, impressions", (118, 9042), (found["total_clicks"], found["total_impressions"]))
        # The budget is free again for the next run.
        await self._admin.call("set_campaign_status", campaign_id=campaign["id"], status="archived")

    async def _sync(self) -> None:
        self._platforms.point_here()
        accounts = await self._platforms.accounts()
        spent = {}
        for account in accounts:
            await self._platforms.connect(self._admin, account)
            await self._platforms.ask_for_days(self._admin, account)
            # Of each account one campaign is this partner's.
            external, eur = account["campaigns"][0].values()
            spent[await self._find_or_link(account["platform"], external)] = Decimal(eur)
        await self._ask_platforms()

        campaigns = self._partner.table("partner_marketing_campaigns").select("id", "total_spend")
        found = _rows(await campaigns.in_("id", list(spent)).execute())
        total = sum((Decimal(str(campaign["total_spend"])) for campaign in found), Decimal(0))
        what = f"{DAYS} days on {len(accounts)} platforms, EUR"
        self._check(what, f"{sum(spent.values()):.2f}", f"{total:.2f}")

        self._synced = list(spent)

    async def _ask_platforms(self) -> None:
        # Until nothing is due and nothing waits; what goes wrong each time shows in the figures.
        for _ in range(20):
            if not (await asyncio.to_thread(sync, self._project))["done"] and not self._platforms.hurry():
                break

    async def _pause(self) -> None:
        self._platforms.let_write()
        for campaign_id in self._synced:
            await self._admin.call("set_campaign_status", campaign_id=campaign_id, status="active")
            await self._partner.call("set_campaign_status", campaign_id=campaign_id, status="paused")
        await self._ask_platforms()
        paused = [campaign for account in await self._platforms.accounts() for campaign in account["paused"]]
        self._check("campaigns that are paused there", len(self._synced), len(paused))

    async def _find_or_link(self, channel: str, external_campaign_id: str) -> str:
        campaigns = self._partner.table("partner_marketing_campaigns")
        linked = (
            campaigns.select("id").eq("channel", channel).eq("external_campaign_id", external_campaign_id)
        )
        for campaign in _rows(await linked.execute()):
            return str(campaign["id"])
        campaign_id = str(_only(await campaigns.insert({"channel": channel}).execute())["id"])
        await self._admin.call(
            "link_campaign", campaign_id=campaign_id, external_campaign_id=external_campaign_id
        )
        return campaign_id

    async def _compare_ledgers(self) -> None:
        headers = {
            "apikey": self._project.publishable_key,
            "Authorization": f"Bearer {self._project.token('job_runner')}",
        }
        jobs = AsyncPostgrestClient(
            f"{self._project.supabase_url}/rest/v1", headers=headers, http_client=self._http
        )
        drift = await jobs.rpc("counter_drift", {}).execute()
        self._check("counters that differ from their ledger", 0, len(cast("list[Json]", drift.data)))

    async def _page(self) -> Json:
        pages = self._partner.table("partner_landing_pages").select("*")
        return _only(await pages.eq("id", self._page_id).execute())


def _rows(answer: APIResponse) -> list[Json]:
    return cast("list[Json]", answer.data)


def _only(answer: APIResponse) -> Json:
    (row,) = _rows(answer)
    return row
