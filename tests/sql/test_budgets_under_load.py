"""Sixty-four writers at once through PostgREST, and a model that the database has to agree with."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx
import psycopg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from pytest_mock import MockerFixture

from tests.actors import DASHBOARD, Person
from tests.api import Api, As
from tests.database import Database

_WRITERS = 64
_RULES = {"budget_exceeded": 409, "retry": 503}


def _at_once(tasks: Sequence[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """Run every task in a thread of its own, none before all are there, and each until it has its turn."""
    barrier = threading.Barrier(len(tasks))

    def run(task: Callable[[], httpx.Response]) -> httpx.Response:
        barrier.wait()
        while (answer := task()).status_code == HTTPStatus.TOO_MANY_REQUESTS:
            assert answer.json()["message"] == "too_many_requests"
        return answer

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def _outcomes(answers: list[httpx.Response]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for answer in answers:
        if answer.is_success:
            counted["ok"] += 1
        else:
            word = answer.json()["message"]
            assert answer.status_code == _RULES.get(word), answer.text
            counted[word] += 1
    return counted


def test_sixty_four_writers_never_overspend(platform: Database, as_: As) -> None:
    """Half of them add a campaign, half raise one that is there; the budget has room for a part of each."""
    partner = platform.add_partner(budget="6400.00")
    existing = [platform.add_campaign(partner, monthly_budget="50.00") for _ in range(_WRITERS // 2)]
    caller = as_(partner)

    def add() -> httpx.Response:
        row = {"partner_id": str(partner.id), "channel": "seo", "monthly_budget": "150.00"}
        return caller.insert("partner_marketing_campaigns", row)

    def raise_budget(campaign_id: UUID) -> httpx.Response:
        return caller.update("partner_marketing_campaigns", {"monthly_budget": "200.00"}, id=campaign_id)

    answers = _at_once([add] * (_WRITERS // 2) + [partial(raise_budget, one) for one in existing])

    outcomes = _outcomes(answers)
    facts = platform.row(
        "select k.committed, k.budget, sum(c.committed_budget) as sum from private.partner_commitments as k"
        " join public.partner_marketing_campaigns as c using (partner_id)"
        " where k.partner_id = %s group by k.committed, k.budget",
        [partner.id],
    )
    # Each success takes 150 of the 4,800 that are left; nobody was turned away while there was room.
    assert outcomes["ok"] == 32 - outcomes["retry"]
    assert facts["committed"] == facts["sum"] == 1600 + 150 * outcomes["ok"]
    assert facts["sum"] <= facts["budget"]
    assert platform.drift(partner.id) == []


def test_writers_of_many_partners_in_bulk_keep_every_budget(
    platform: Database, token: Callable[[Any], str], postgrest: httpx.Client
) -> None:
    """An admin's statements over all campaigns, while the partners change theirs.

    Two statements that visit the same rows in different orders deadlock before any trigger of ours is asked, so
    PostgreSQL's own 40P01 is an answer here, and 57014 when too many wait for such. They never are for writers of
    one row at a time.
    """
    admin = platform.add_admin()
    partners = [platform.add_partner(budget="500.00") for _ in range(8)]
    campaigns = [platform.add_campaign(partner, monthly_budget="100.00") for partner in partners]
    as_admin = Api(postgrest, token(admin))

    def everything(amount: int) -> httpx.Response:
        ids = ",".join(map(str, campaigns))
        return as_admin.send(
            "PATCH",
            "/partner_marketing_campaigns",
            params={"id": f"in.({ids})", "select": "id"},
            json={"monthly_budget": amount},
            prefer="return=representation",
        )

    def own(index: int) -> httpx.Response:
        caller = Api(postgrest, token(partners[index]))
        return caller.update("partner_marketing_campaigns", {"monthly_budget": 450}, id=campaigns[index])

    tasks = [
        partial(own, number % 8) if number % 2 else partial(everything, 200 + number * 10)
        for number in range(32)
    ]
    answers = _at_once(tasks)

    own_words = [a for a in answers if a.is_success or a.json()["code"] not in {"40P01", "57014"}]
    assert _outcomes(own_words)["ok"] > 0
    assert platform.drift(*[partner.id for partner in partners]) == []
    assert (
        platform.value(
            "select count(*) from private.partner_commitments where committed > budget and partner_id = any (%s)",
            [[partner.id for partner in partners]],
        )
        == 0
    )


class BudgetModel(RuleBasedStateMachine):
    """What a partner and an admin do to budgets, beside a model that says yes or no first."""

    # Set by the test below, which knows the connection.
    db: Database

    def __init__(self) -> None:
        super().__init__()
        self.partner: Person = self.db.add_partner(budget=1000)
        self.budget: Decimal | None = Decimal(1000)
        self.mode = "hybrid"
        # Per campaign: status, daily and monthly budget.
        self.campaigns: dict[UUID, tuple[str, Decimal | None, Decimal | None]] = {}

    def _attempt(self, query: str, parameters: list[object]) -> bool:
        try:
            with self.db.acting_as(DASHBOARD):
                self.db.run(query, parameters)
        except psycopg.Error as error:
            if error.diag.message_primary not in {"budget_exceeded", "leads_only_partner"}:
                raise
            return False
        return True

    def _is_allowed(
        self,
        campaigns: dict[UUID, tuple[str, Decimal | None, Decimal | None]],
        budget: Decimal | None,
        mode: str,
    ) -> bool:
        is_idle = mode != "leads_only" or all(status != "active" for status, _, _ in campaigns.values())
        return is_idle and sum(map(_commits, campaigns.values()), Decimal(0)) <= (budget or 0)

    amounts = st.none() | st.decimals(0, 600, places=2)

    @rule(daily=st.none() | st.decimals(0, 20, places=2), monthly=amounts)
    def add(self, daily: Decimal | None, monthly: Decimal | None) -> None:
        campaign_id = UUID(int=len(self.campaigns) + self.partner.id.int)
        wanted = {**self.campaigns, campaign_id: ("planned", daily, monthly)}
        done = self._attempt(
            "insert into public.partner_marketing_campaigns (id, partner_id, channel, daily_budget, monthly_budget)"
            " values (%s, %s, 'seo', %s, %s)",
            [campaign_id, self.partner.id, daily, monthly],
        )
        assert done == self._is_allowed(wanted, self.budget, self.mode)
        self.campaigns = wanted if done else self.campaigns

    @rule(number=st.integers(0, 9), daily=st.none() | st.decimals(0, 20, places=2), monthly=amounts)
    def change(self, number: int, daily: Decimal | None, monthly: Decimal | None) -> None:
        if not self.campaigns:
            return
        campaign_id = list(self.campaigns)[number % len(self.campaigns)]
        wanted = {**self.campaigns, campaign_id: (self.campaigns[campaign_id][0], daily, monthly)}
        done = self._attempt(
            "update public.partner_marketing_campaigns set daily_budget = %s, monthly_budget = %s where id = %s",
            [daily, monthly, campaign_id],
        )
        assert done == self._is_allowed(wanted, self.budget, self.mode)
        self.campaigns = wanted if done else self.campaigns

    @rule(number=st.integers(0, 9))
    def walk(self, number: int) -> None:
        if not self.campaigns:
            return
        campaign_id = list(self.campaigns)[number % len(self.campaigns)]
        status, daily, monthly = self.campaigns[campaign_id]
        step = {"planned": "active", "active": "paused", "paused": "active"}[status]
        wanted = {**self.campaigns, campaign_id: (step, daily, monthly)}
        done = self._attempt(
            "update public.partner_marketing_campaigns set status = %s where id = %s", [step, campaign_id]
        )
        assert done == self._is_allowed(wanted, self.budget, self.mode)
        self.campaigns = wanted if done else self.campaigns

    @rule(budget=st.none() | st.decimals(0, 2000, places=2), mode=st.sampled_from(["leads_only", "hybrid"]))
    def agree(self, budget: Decimal | None, mode: str) -> None:
        done = self._attempt(
            "update public.profiles set monthly_marketing_budget = %s, marketing_mode = %s where id = %s",
            [budget, mode, self.partner.id],
        )
        assert done == self._is_allowed(self.campaigns, budget, mode)
        if done:
            self.budget, self.mode = budget, mode

    @invariant()
    def database_agrees(self) -> None:
        kept = self.db.value(
            "select committed from private.partner_commitments where partner_id = %s", [self.partner.id]
        )
        assert kept == sum(map(_commits, self.campaigns.values()), Decimal(0))


def _commits(campaign: tuple[str, Decimal | None, Decimal | None]) -> Decimal:
    status, daily, monthly = campaign
    if status not in {"planned", "active"}:
        return Decimal(0)
    if monthly is not None:
        return monthly
    return (Decimal("30.4") * (daily or 0)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_database_and_model_agree_on_every_step(db: Database, mocker: MockerFixture) -> None:
    # Hypothesis makes its machines itself, without arguments.
    mocker.patch.object(BudgetModel, "db", db, create=True)

    run_state_machine_as_test(
        BudgetModel,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert db.rows("select * from private.find_counter_drift()") == []
