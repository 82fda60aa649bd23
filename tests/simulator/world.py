"""What the platforms know: the truth that the database has to equal."""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import NamedTuple

PLATFORMS = ("google_ads", "meta_ads", "linkedin_ads", "tiktok_ads", "microsoft_ads")

Fault = str
"""error, html, cut, stall, throttle, expired, or nothing."""


class Figures(NamedTuple):
    """A campaign's day."""

    spend: Decimal
    clicks: int
    impressions: int
    conversions: Decimal


BUDGET = Decimal(25)
"""What a campaign may spend a day where nobody has said otherwise."""

NOTHING = Figures(Decimal(0), 0, 0, Decimal(0))


@dataclass(eq=False)
class Account:
    """An ad account of one platform."""

    platform: str
    account_id: str
    currency: str
    time_zone: str = "Europe/Amsterdam"
    name: str = "Voorbeeld"
    days: dict[tuple[str, dt.date], Figures] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    paused: set[str] = field(default_factory=set)
    budgets: dict[str, Decimal] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    """Campaigns whose budget is not theirs alone."""
    writes: list[tuple[str, str, str]] = field(default_factory=list)
    """What was written, in the order in which it was: campaign, status or daily_budget, and what."""
    conversions: dict[str, int] = field(default_factory=dict)
    """Events by what the platform knows them by, and how often each was told."""
    results: dict[str, str] = field(default_factory=dict)
    """What Data Manager says of a request: PROCESSING, SUCCESS or a reason."""
    repeated: int = 0
    """How many of them changed nothing: they were made twice."""
    may_write: bool = True
    is_late: bool = False
    """What is written shows only once it has arrived."""
    under_way: list[tuple[str, str | None, Decimal | None]] = field(default_factory=list)
    refresh_tokens: set[str] = field(default_factory=lambda: {"refresh-0"})
    access_token: str = "access-0"  # noqa: S105 - not real.
    is_token_used: bool = True
    has_rights: bool = True

    def campaigns(self) -> list[str]:
        """Return all of them, deleted ones too."""
        return sorted({campaign for campaign, _ in self.days})

    def budget(self, campaign: str) -> Decimal:
        """Return what a campaign may spend a day."""
        return self.budgets.get(campaign, BUDGET)

    def arrive(self) -> None:
        """Have what was written show."""
        self.is_late = False
        for campaign, status, budget in self.under_way:
            self.write(campaign, status, budget)
        self.under_way.clear()

    def hear(self, key: str) -> None:
        """Take in a conversion, which counts once however often it is told."""
        self.conversions[key] = self.conversions.get(key, 0) + 1

    def is_active(self, campaign: str) -> bool:
        """Tell whether somebody has it on."""
        return campaign not in self.paused and campaign not in self.deleted

    def write(self, campaign: str, status: str | None, budget: Decimal | None) -> None:
        """Do as a request says, and note whether it was so already."""
        if self.is_late:
            self.under_way.append((campaign, status, budget))
            return
        if status is not None:
            self.writes.append((campaign, "status", status))
            self.repeated += self.is_active(campaign) == (status == "active")
            (self.paused.discard if status == "active" else self.paused.add)(campaign)
        if budget is not None:
            self.writes.append((campaign, "daily_budget", f"{budget:.2f}"))
            self.repeated += self.budget(campaign) == budget
            self.budgets[campaign] = budget

    def between(self, first: dt.date, last: dt.date) -> list[tuple[str, dt.date, Figures]]:
        """Return what there is to say, in the order of days: rows in which nothing happened are left out."""
        found = [
            (campaign, day, figures)
            for (campaign, day), figures in self.days.items()
            if first <= day <= last and figures != NOTHING
        ]
        return sorted(found, key=lambda row: (row[1], row[0]))


def no_faults(platform: str, number: int) -> Fault:  # noqa: ARG001 - faults differ by both.
    """Let everything work."""
    return ""


@dataclass
class World:
    """All accounts, all rates, and what goes wrong."""

    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    rates: dict[dt.date, dict[str, Decimal]] = field(default_factory=dict)
    page_size: int = 10_000
    polls: int = 0
    """How often a report is not ready yet."""
    fault: Callable[[str, int], Fault] = no_faults
    requests: Counter[str] = field(default_factory=Counter)
    faults: Counter[Fault] = field(default_factory=Counter)
    blocked: set[tuple[str, str]] = field(default_factory=set)
    asked_while_blocked: int = 0
    conversion_result: str = "SUCCESS"
    """What Data Manager says later of what it accepts now."""
    stalling: int = 0
    """Requests that nobody has looked at yet."""
    written: Callable[[], None] = lambda: None
    """Called after each write."""
    rows_given: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    reports: dict[str, tuple[str, dt.date, dt.date, int]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def account(self, platform: str, account_id: str, currency: str = "EUR") -> Account:
        """Return an account, made at first need."""
        return self.accounts.setdefault((platform, account_id), Account(platform, account_id, currency))

    def account_of(self, platform: str, campaign: str) -> str:
        """Return the id of the account that a campaign is in, or nothing."""
        found = (account for account in self.accounts.values() if account.platform == platform)
        return next((account.account_id for account in found if campaign in account.campaigns()), "")

    def next_fault(self, platform: str) -> Fault:
        """Count a request, and say what goes wrong with it."""
        with self.lock:
            self.requests[platform] += 1
            fault = self.fault(platform, self.requests[platform])
            if fault:
                self.faults[fault] += 1
            return fault

    def spend_a_while(self, random: Random, campaigns: int, first: dt.date, last: dt.date) -> None:
        """Have each account's campaigns spend, on most days: by one seed always the same on one day."""
        seed = random.random()
        for account in self.accounts.values():
            for number in range(campaigns):
                campaign = f"{account.account_id}{number:04}"
                for day in days_between(first, last):
                    chance = Random(f"{seed} {campaign} {day}")  # noqa: S311 - as above.
                    account.days[campaign, day] = make_figures(chance, account.currency)

    def eur(self, only: Account | None = None, campaign: str | None = None) -> Decimal:
        """Return what is spent, by the rate of the day or the last before it: of a campaign, or of all."""
        total = Fraction(0)
        for account in self.accounts.values():
            for (spender, day), figures in account.days.items():
                if only in {None, account} and campaign in {None, spender}:
                    total += Fraction(figures.spend) / self._rate(account.currency, day)
        # Rounded once.
        return round(Decimal(total.numerator) / Decimal(total.denominator), 2)

    def _rate(self, currency: str, day: dt.date) -> Fraction:
        if currency == "EUR":
            return Fraction(1)
        return Fraction(self.rates[max(known for known in self.rates if known <= day)][currency])

    def restate(self, random: Random, share: float) -> None:
        """Change some days: a little more, a little less, or taken back as a whole."""
        for account in self.accounts.values():
            for key in list(account.days):
                if random.random() < share:
                    account.days[key] = random.choice((NOTHING, make_figures(random, account.currency)))


def days_between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Return the days, both included."""
    for number in range((last - first).days + 1):
        yield first + dt.timedelta(days=number)


def make_figures(random: Random, currency: str) -> Figures:
    """Make up a day; on one of ten nothing happens."""
    if random.random() < 0.1:
        return NOTHING
    clicks = random.randint(0, 400)
    cents = random.randint(1, 90_000)
    spend = Decimal(cents) if currency == "JPY" else Decimal(cents) / 100
    return Figures(spend, clicks, clicks * 20 + 1, Decimal(random.randint(0, 20)) / 2)


def make_rates(first: dt.date, last: dt.date) -> dict[dt.date, dict[str, Decimal]]:
    """Make up rates of working days, always the same of one day."""
    base = {"USD": 1.16, "GBP": 0.87, "CHF": 0.93, "JPY": 181.0}
    saturday = 5
    return {
        day: {
            name: Decimal(f"{rate * (0.98 + (day.toordinal() % 37) / 900):.4f}")
            for name, rate in base.items()
        }
        for day in days_between(first, last)
        if day.weekday() < saturday
    }
