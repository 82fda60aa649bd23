"""Whatever platforms report, in whatever order, cut, repeated and broken off: the totals are a simple model's."""

import itertools
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.database import Database
from tests.generated import generate

CAMPAIGNS = 3
# EUR is worth 1.25 USD and 160 JPY on each of these days.
DAYS = ("2026-11-18", "2026-11-19", "2026-11-20")
RATES = {"EUR": Decimal(1), "USD": Decimal("1.25"), "JPY": Decimal(160)}
STATUSES = {"ENABLED": "active", "PAUSED": "paused", "IN_REVIEW": "in_review"}

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Lead:
    """Somebody sent a form of a campaign. The same one may be told under two keys."""

    campaign: int
    number: int
    key: int
    is_test: bool


@dataclass(frozen=True)
class Report:
    """What a campaign's day came to so far, as of a minute."""

    campaign: int
    day: str
    account: str | None
    minute: int
    cents: int
    clicks: int
    currency: str


@dataclass(frozen=True)
class Status:
    """What state the platform had a campaign in, at a minute."""

    campaign: int
    word: str
    minute: int


@dataclass(frozen=True)
class Withdrawal:
    """Somebody took their lead back."""

    number: int


Event = Lead | Report | Status | Withdrawal

_campaigns = st.integers(0, CAMPAIGNS - 1)
_events = st.one_of(
    # A lead's number says of which campaign it is, and whether it is a test.
    st.builds(
        lambda number, key: Lead(number % CAMPAIGNS, number, key, is_test=number % 4 == 0),
        st.integers(1, 12),
        st.integers(0, 1),
    ),
    st.builds(
        Report,
        campaign=_campaigns,
        day=st.sampled_from(DAYS),
        account=st.sampled_from([None, "1", "2"]),
        minute=st.integers(0, 3),
        cents=st.integers(0, 100_000),
        clicks=st.integers(0, 9),
        currency=st.sampled_from(list(RATES)),
    ),
    st.builds(Status, campaign=_campaigns, word=st.sampled_from(list(STATUSES)), minute=st.integers(0, 9)),
    st.builds(Withdrawal, number=st.integers(1, 12)),
)


@dataclass(frozen=True)
class Plan:
    """What happened, and the seed by which it is shuffled, repeated and cut into batches."""

    events: list[Event]
    seed: int


@dataclass
class Model:
    """What has to come out, of what happened alone."""

    leads: list[set[int]] = field(default_factory=lambda: [set() for _ in range(CAMPAIGNS)])
    days: dict[tuple[int, str], dict[str | None, tuple[Any, ...]]] = field(default_factory=dict)
    statuses: dict[int, tuple[int, str]] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)

    def learn(self, event: Event) -> None:
        match event:
            case Lead(campaign, number, _, is_test):
                if not is_test:
                    self.leads[campaign].add(number)
            case Report(campaign, day, account, minute, cents, clicks, currency):
                told = (minute, Decimal(cents) / 100, clicks, clicks * 10, currency)
                accounts = self.days.setdefault((campaign, day), {})
                accounts[account] = max(told, accounts.get(account, told))
            case Status(campaign, word, minute):
                told_status = (minute, STATUSES[word])
                self.statuses[campaign] = max(told_status, self.statuses.get(campaign, told_status))
            case Withdrawal(number):
                self.withdrawn.add(number)

    def totals(self, campaign: int) -> tuple[Decimal, int, int]:
        spend, clicks = Decimal(0), 0
        for (of, _), accounts in self.days.items():
            named = {account: told for account, told in accounts.items() if account is not None}
            for _, amount, day_clicks, _, currency in (named or accounts).values() if of == campaign else ():
                spend += _rounded(amount / RATES[currency], "0.000001")
                clicks += day_clicks
        return _rounded(spend, "0.01"), clicks, len(self.leads[campaign])


def _rounded(amount: Decimal, unit: str) -> Decimal:
    return amount.quantize(Decimal(unit), ROUND_HALF_UP)


@dataclass
class Stream:
    """Tells the database what happened, in pieces."""

    db: Database
    name: str
    random: Random
    campaigns: list[UUID]
    rates: list[tuple[str, str]] = field(
        default_factory=lambda: [(currency, day) for currency in RATES if currency != "EUR" for day in DAYS]
    )

    def tell(self, events: Iterable[Event]) -> None:
        """Ingest a batch; now and then it breaks off before it commits, and is sent again."""
        batch = [self._row(event) for event in events]
        if self.random.random() < 0.3:
            with suppress(BrokenOffError), self.db.connection.transaction():
                self._ingest(batch)
                raise BrokenOffError
        self._ingest(batch)

    def happen_meanwhile(self) -> None:
        """Link a campaign, or learn a rate, if there is any left."""
        if self.random.random() < 0.2:
            self._learn_rate()
        if self.random.random() < 0.2:
            self._link(self.random.randrange(CAMPAIGNS))
        if self.random.random() < 0.1:
            self._replay()

    def finish(self) -> None:
        """Know everything in the end."""
        while self.rates:
            self._learn_rate()
        for number in range(CAMPAIGNS):
            self._link(number)

    def _ingest(self, batch: list[dict[str, Any]]) -> None:
        with self.db.acting_as("campaign_ingester"):
            self.db.run("select public.ingest_campaign_events('google_ads', %s)", [Jsonb(batch)])

    def _replay(self) -> None:
        with self.db.acting_as("job_runner"):
            self.db.run("select public.replay_campaign_events('{}')")

    def _learn_rate(self) -> None:
        if self.rates:
            currency, day = self.rates.pop(self.random.randrange(len(self.rates)))
            self.db.run(
                "insert into private.currency_rates (currency, day, per_eur, source) values (%s, %s, %s, 'made up')"
                " on conflict (currency, day) do update set per_eur = excluded.per_eur",
                [currency, day, RATES[currency]],
            )

    def _link(self, number: int) -> None:
        self.db.run(
            "update public.partner_marketing_campaigns set external_campaign_id = %s"
            " where id = %s and external_campaign_id is null",
            [f"{self.name}-{number}", self.campaigns[number]],
        )

    def _row(self, event: Event) -> dict[str, Any]:
        campaign = f"{self.name}-{event.campaign}" if not isinstance(event, Withdrawal) else None
        row: dict[str, Any] = {
            "event_key": f"{self.name}-{event}",
            "body_hmac": f"{hash(str(event)) % 16**16:064x}",
            "channel": "google_ads",
            "external_campaign_id": campaign,
        }
        match event:
            case Lead(_, number, _, is_test):
                facts = {"kind": "lead", "external_lead_id": f"{self.name}-{number}", "is_test": is_test}
                return {**row, "facts": facts, "person": {"name": f"Klant {number}"}}
            case Report(_, day, account, minute, cents, clicks, currency):
                facts = {
                    "kind": "metrics",
                    "day": day,
                    "as_of": f"2026-11-20T12:0{minute}:00Z",
                    "spend": str(Decimal(cents) / 100),
                    "currency": currency,
                    "clicks": clicks,
                    "impressions": clicks * 10,
                }
                return {**row, "facts": facts, "account_id": account}
            case Status(_, word, minute):
                as_of = f"2026-11-20T12:0{minute}:00Z"
                return {**row, "facts": {"kind": "status", "platform_status": word, "as_of": as_of}}
            case Withdrawal(number):
                return {**row, "facts": {"kind": "withdrawal", "external_lead_id": f"{self.name}-{number}"}}


class BrokenOffError(Exception):
    """A batch was broken off."""


@generate(60)
@given(st.builds(Plan, st.lists(_events, min_size=5, max_size=60), st.integers(0, 2**32)))
def test_totals_are_those_of_the_model_and_of_a_rebuild(db: Database, plan: Plan) -> None:
    random = Random(plan.seed)  # noqa: S311 - to shuffle.
    model = Model()
    for event in plan.events:
        model.learn(event)
    partner = db.add_partner(budget=None)
    stream = Stream(
        db, f"s{next(_numbers)}-{db.prefix}", random, [db.add_campaign(partner) for _ in range(CAMPAIGNS)]
    )

    left = plan.events + random.choices(plan.events, k=len(plan.events) // 2)
    random.shuffle(left)
    while left:
        size = random.randint(1, 12)
        batch, left = left[:size], left[size:]
        stream.tell(batch)
        stream.happen_meanwhile()
    stream.finish()

    for number, campaign_id in enumerate(stream.campaigns):
        campaign = db.campaign(campaign_id)
        assert (campaign["total_spend"], campaign["total_clicks"], campaign["total_leads"]) == model.totals(
            number
        )
        expected = model.statuses.get(number)
        assert campaign["platform_status"] == (expected and expected[1])
    assert db.drift(*stream.campaigns) == []
    persons = db.rows(
        "select l.external_lead_id as id, k.name from public.partner_leads as l"
        " left join public.partner_lead_contacts as k on k.lead_id = l.id where l.external_lead_id like %s",
        [f"{stream.name}-%"],
    )
    told = {event.number for event in plan.events if isinstance(event, Lead)}
    assert {row["id"]: row["name"] for row in persons} == {
        f"{stream.name}-{number}": None if number in model.withdrawn else f"Klant {number}" for number in told
    }
    assert (
        db.value(
            "select count(*) from private.inbox_persons as p join private.campaign_inbox as i"
            " on i.id = p.inbox_id where i.event_key like %s",
            [f"{stream.name}-%"],
        )
        == 0
    )
