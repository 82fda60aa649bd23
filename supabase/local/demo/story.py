"""The main job, step by step, and what must come of it."""

import datetime as dt
import random
import time
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import httpx

from demo.actors import AdPlatforms, Client, Json, Visitors
from demo.content import landing_page
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

    @property
    def holds(self) -> bool:
        """Whether every figure is what was sent."""
        return all(check.holds for check in self.checks)


def run_main_job(project: Project, progress: Progress) -> Result:
    """Do the main job on a page and a campaign of its own, so that it can be run again on the same data."""
    with httpx.Client(timeout=30) as http:
        return _MainJob(project, progress, http).run()


class _MainJob:
    def __init__(self, project: Project, progress: Progress, http: httpx.Client) -> None:
        self._project = project
        self._progress = progress
        self._http = http
        self._partner = Client(project, http, PARTNER)
        self._admin = Client(project, http, ADMIN)
        self._number = int(time.time() * 1000)
        self._checks: list[Check] = []

    def run(self) -> Result:
        steps = [
            ("A partner writes a page; an admin sends it back, then approves it", self._publish),
            (f"{VISITORS} visitors make {VIEWS} views, with repeats and bots in between", self._visit),
            (f"{QUOTES} of them ask for a quote, two twice", self._ask_for_quotes),
            ("Google reports a lead three times and a day's spend twice, out of order", self._report),
            ("Every counter is compared with its ledger", self._compare_ledgers),
        ]
        for title, step in steps:
            with self._progress.step(title):
                step()
        return Result(self._checks, f"{self._project.functions_url}{self._path}")

    def _check(self, what: str, expected: object, found: object) -> None:
        self._checks.append(Check(what, expected, found))

    def _publish(self) -> None:
        self._path = f"/partners/dakwerken-van-dijk/dakreparatie-tilburg-{self._number}"
        self._page_id = self._partner.insert("partner_landing_pages", landing_page(self._path))["id"]
        self._partner.step(self._page_id, "submit")
        reason = "Zet de garantie ook in de kop."
        self._admin.step(self._page_id, "reject", reason=reason)
        submitted = self._partner.step(self._page_id, "submit")
        live = self._admin.step(self._page_id, "approve", content_hash=submitted["content_hash"])

        history = self._partner.select(
            f"partner_landing_page_transitions?page_id=eq.{self._page_id}&order=id&select=to_status,reason"
        )
        steps = [(step["to_status"], step["reason"]) for step in history]
        expected = [("review", None), ("concept", reason), ("review", None), ("live", None)]
        self._check("steps of the workflow", len(expected), len(steps) if steps == expected else steps)
        self._check("status of the page", "live", live["status"])
        self._check(
            "page on the site", 200, self._http.get(self._project.functions_url + self._path).status_code
        )

    def _visit(self) -> None:
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
        outcomes = [visitors.send_beacon(event_id, visitor) for event_id, visitor in sent]

        self._check("beacons counted", VIEWS, outcomes.count("counted"))
        self._check("beacons seen to be repeats", len(repeats), outcomes.count("duplicate"))
        self._check("beacons of bots turned away", BOTS, outcomes.count("bot"))
        self._check("views of the page", VIEWS, self._page()["views_count"])
        days = self._partner.select(f"partner_landing_page_stats?page_id=eq.{self._page_id}")
        self._check("views by day, summed", VIEWS, sum(day["views"] for day in days))
        a_day = {(visitor, moment.astimezone(_AMSTERDAM).date()) for visitor, moment in loads}
        self._check("visitors by day, summed", len(a_day), sum(day["visitors"] for day in days))

    def _ask_for_quotes(self) -> None:
        visitors = Visitors(self._project, self._http, self._page_id)
        now = dt.datetime.now(dt.UTC)
        forms = [(visitors.event_id(now), visitor) for visitor in range(QUOTES - 1)]
        statuses = [visitors.ask_for_quote(*form) for form in [*forms, *forms[:2]]]
        visitors.send_form(QUOTES)

        self._check("quote requests answered as repeats", 2, statuses.count(200))
        self._check("conversions of the page", QUOTES, self._page()["conversions_count"])
        leads = self._partner.select(
            f"partner_leads?page_id=eq.{self._page_id}&select=id,partner_lead_contacts(name,phone,consent_version)"
        )
        self._check(
            "leads with a person who agreed",
            QUOTES,
            sum(bool(lead["partner_lead_contacts"]) for lead in leads),
        )

    def _report(self) -> None:
        campaign = self._partner.insert(
            "partner_marketing_campaigns",
            {"channel": "google_ads", "daily_budget": "0.50", "cpl_target": "30.00"},
        )
        platform_id = 21_700_000_000 + self._number % 10**9
        self._admin.call("link_campaign", campaign_id=campaign["id"], external_campaign_id=str(platform_id))
        self._admin.call("set_campaign_status", campaign_id=campaign["id"], status="active")

        platforms = AdPlatforms(self._project, self._http, platform_id)
        answers = [platforms.deliver_lead(f"Cj0KEQiA-{self._number}") for _ in range(3)]
        noon = dt.datetime.now(dt.UTC).replace(hour=12, minute=0, second=0, microsecond=0)
        answers.append(platforms.report_day(noon.date(), noon, "21.37", 118, 9042))
        answers.append(platforms.report_day(noon.date(), noon.replace(hour=6), "9.02", 51, 4100))

        self._check("webhooks accepted", 5, answers.count(200))
        query = f"partner_marketing_campaigns?id=eq.{campaign['id']}"
        found = self._partner.select(query)[0]
        self._check("leads of the campaign", 1, found["total_leads"])
        self._check("spend of the campaign, EUR", "21.37", f"{found['total_spend']:.2f}")
        self._check("clicks, impressions", (118, 9042), (found["total_clicks"], found["total_impressions"]))
        # The budget is free again for the next run.
        self._admin.call("set_campaign_status", campaign_id=campaign["id"], status="archived")

    def _compare_ledgers(self) -> None:
        drift = Client(self._project, self._http, "job_runner").call("counter_drift")
        self._check("counters that differ from their ledger", 0, len(drift))

    def _page(self) -> Json:
        return self._partner.select(f"partner_landing_pages?id=eq.{self._page_id}")[0]
