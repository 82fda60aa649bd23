"""A lead that its partner lets lie: who may get it, what its person agreed to, and that it counts where it counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.actors import Person
from tests.database import BLOCKS, Database
from tests.sql.place import Place


@dataclass
class Market(Place):
    """A page in a segment, which names two other firms; both are in the segment, and so is a third that it does not name."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.segment_id = self.db.add_segment()
        self.named, self.second, self.unnamed = (self._add_firm() for _ in range(3))
        self.page_id = self.db.add_live_page(
            self.partner, self.admin, segment_id=self.segment_id, content_json=Jsonb(self._content())
        )

    def _add_firm(self) -> Person:
        firm = self.db.add_partner()
        with self.db.acting_as(firm):
            self.db.run("insert into public.partner_segments (segment_id) values (%s)", [self.segment_id])
        return firm

    def _content(self) -> dict[str, Any]:
        also_to = [
            {"partner_slug": firm.slug, "company": f"Firma {firm.slug}"} for firm in (self.named, self.second)
        ]
        data: dict[str, dict[str, Any]] = {
            "legal": {"company": "De eerste"},
            "lead_form": {"fields": ["email"], "also_to": also_to},
        }
        blocks = [{**block, "data": data.get(str(block["type"]), block["data"])} for block in BLOCKS]
        return {"v": 1, "blocks": blocks}

    def grow_old(self, days: float = 4) -> None:
        """Let days pass for every lead and step there is."""
        self.db.run("select private.begin_ledger_write()")
        for table in ("partner_leads", "partner_lead_contacts", "partner_lead_steps"):
            self.db.run(
                f"update public.{table} set created_at = created_at - make_interval(secs => %s)",
                [days * 86400],
            )
        self.db.run("select private.end_ledger_write()")

    def give(self, answer: Mapping[str, Any], firm: Person) -> UUID:
        with self.db.acting_as(self.admin):
            owner: UUID = self.db.value("select public.reassign_lead(%s, %s)", [answer["lead_id"], firm.id])
        return owner

    def untouched(self) -> list[dict[str, Any]]:
        return self.db.rows(
            "select lead_id::text, may_go_to from private.untouched_leads where partner_id = any (%s)",
            [[self.partner.id, self.named.id, self.second.id, self.unnamed.id]],
        )

    def sees(self, who: Person) -> set[str]:
        with self.db.acting_as(who):
            return {
                row["lead_id"]
                for row in self.db.rows("select lead_id::text from public.partner_lead_contacts")
            }


@pytest.fixture
def market(db: Database) -> Market:
    return Market(db)


def test_a_lead_that_lies_is_offered_back_to_those_that_its_person_was_told_of(market: Market) -> None:
    answer = market.ask()
    assert market.untouched() == []

    market.grow_old()

    assert market.untouched() == [
        {"lead_id": answer["lead_id"], "may_go_to": [market.named.slug, market.second.slug]}
    ]
    kept = market.db.row("select * from public.partner_lead_contacts where lead_id = %s", [answer["lead_id"]])
    assert kept["consent_recipients"] == [
        "De eerste",
        f"Firma {market.named.slug}",
        f"Firma {market.second.slug}",
    ]


def test_it_goes_with_its_person_and_counts_where_it_counted(market: Market) -> None:
    answer = market.ask()
    market.grow_old()

    assert market.give(answer, market.named) == market.named.id
    assert market.give(answer, market.named) == market.named.id

    assert (market.sees(market.partner), market.sees(market.named)) == (set(), {answer["lead_id"]})
    assert market.conversions() == 1
    assert market.db.drift(market.page_id) == []
    steps = market.db.rows(
        "select partner_id, from_status, to_status, actor from public.partner_lead_steps where lead_id = %s order by from_status",
        [answer["lead_id"]],
    )
    assert steps == [
        {
            "partner_id": market.partner.id,
            "from_status": "new",
            "to_status": "offered_back",
            "actor": "admin",
        },
        {"partner_id": market.named.id, "from_status": "offered_back", "to_status": "new", "actor": "admin"},
    ]
    # Its clock begins anew.
    assert market.untouched() == []
    market.grow_old()
    assert market.untouched() == [{"lead_id": answer["lead_id"], "may_go_to": [market.second.slug]}]
    waiting = market.db.value(
        "select extract(day from waiting) from private.untouched_leads where lead_id = %s",
        [answer["lead_id"]],
    )
    assert waiting == 4


def test_its_new_partner_and_its_person_are_told_and_the_old_partner_no_more(market: Market) -> None:
    answer = market.ask(email="wie@voorbeeld.nl")
    market.grow_old()
    market.give(answer, market.named)

    waiting = market.db.rows(
        "select distinct partner_id from private.lead_outbox where lead_id = %s and delivered_at is null",
        [answer["lead_id"]],
    )
    assert waiting == [{"partner_id": market.named.id}]
    with market.db.acting_as("job_runner"):
        told = [
            delivery
            for kind in ("partner_mail", "visitor_mail")
            for delivery in market.db.value("select public.take_deliveries(%s, 100)", [kind])
            if delivery["lead_id"] == answer["lead_id"]
        ]

    assert [(delivery["recipient"], delivery["company"]) for delivery in told] == [
        (market.named.email, f"Firma {market.named.slug}"),
        ("wie@voorbeeld.nl", f"Firma {market.named.slug}"),
    ]


@pytest.mark.parametrize("why", ["unnamed", "not in the segment", "itself", "nobody"])
def test_nobody_gets_a_lead_that_its_person_did_not_agree_to(market: Market, why: str) -> None:
    answer = market.ask()
    market.grow_old()
    if why == "not in the segment":
        with market.db.acting_as(market.named):
            market.db.run("update public.partner_segments set is_active = false")
    nobody = Person(uuid4(), "nobody@voorbeeld.nl", "nobody")
    to = {
        "unnamed": market.unnamed,
        "not in the segment": market.named,
        "itself": market.admin,
        "nobody": nobody,
    }[why]

    with market.db.refused("PT409", "recipient_not_named"):
        market.give(answer, to)

    assert market.sees(market.partner) == {answer["lead_id"]}


def test_a_lead_goes_to_nobody_twice(market: Market) -> None:
    answer = market.ask()
    for firm in (market.named, market.second):
        market.grow_old()
        market.give(answer, firm)
    market.grow_old()

    with market.db.refused("PT409", "recipient_not_named"):
        market.give(answer, market.named)


@pytest.mark.parametrize("why", ["young", "touched", "erased", "held", "duplicate"])
def test_only_what_counts_and_lies_is_offered_back(market: Market, why: str) -> None:
    signs: dict[str, Any] = {"suspicion": "bot"} if why == "held" else {}
    if why == "duplicate":
        market.ask(email="tweemaal@voorbeeld.nl")
    answer = market.ask(email="tweemaal@voorbeeld.nl", **signs)
    if why != "young":
        market.grow_old()
    if why == "touched":
        with market.db.acting_as(market.partner):
            market.db.run("select public.set_lead_status(%s, 'contacted')", [answer["lead_id"]])
    if why == "erased":
        with market.db.acting_as(market.admin):
            market.db.run("select public.erase_lead(%s)", [answer["lead_id"]])

    with market.db.refused("PT409", "lead_not_untouched"):
        market.give(answer, market.named)


def test_a_segment_has_days_of_its_own(market: Market) -> None:
    market.ask()
    market.grow_old(days=1.5)
    assert market.untouched() == []

    market.db.run("insert into private.segment_lead_rules values (%s, 1)", [market.segment_id])

    assert len(market.untouched()) == 1


def test_who_got_a_lead_handles_it_as_their_own_and_leaves_with_it(market: Market) -> None:
    answer = market.ask()
    market.grow_old()
    market.give(answer, market.named)
    with market.db.acting_as(market.named):
        market.db.run("select public.set_lead_status(%s, 'won')", [answer["lead_id"]])
    with market.db.acting_as(market.partner), market.db.refused("PT404", "lead_not_found"):
        market.db.run("select public.set_lead_status(%s, 'lost', 'price')", [answer["lead_id"]])

    market.db.run("delete from auth.users where id = %s", [market.named.id])

    assert market.lead(answer)["partner_id"] is None
    assert market.conversions() == 1
    assert market.db.drift(market.page_id) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ask", "ask", "ask held", "release", "erase", "wait", "give", "give", "handle"]),
            st.integers(0, 7),
        ),
        max_size=25,
    )
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_becomes_of_leads_conversions_are_those_that_count(
    db: Database, steps: list[tuple[str, int]]
) -> None:
    market = Market(db)
    leads: list[dict[str, Any]] = []
    for step, number in steps:
        if step == "wait":
            market.grow_old()
        elif step.startswith("ask"):
            signs: dict[str, Any] = {"suspicion": "bot"} if step == "ask held" else {}
            leads.append(market.ask(phone=f"+3168765432{number}", **signs))
        elif leads:
            _take_step(market, step, leads[number % len(leads)], number)

    rows = [market.lead(lead) for lead in leads]
    assert market.conversions() == [row["outcome"] for row in rows].count("counted")
    assert db.drift(market.page_id) == []
    # A person is their lead's partner's, and nobody else's.
    for row in rows:
        contacts = db.rows(
            "select partner_id from public.partner_lead_contacts where lead_id = %s", [row["id"]]
        )
        assert contacts == ([] if row["erased_at"] else [{"partner_id": row["partner_id"]}])
        waiting = db.rows(
            "select partner_id from private.lead_outbox where lead_id = %s and delivered_at is null",
            [row["id"]],
        )
        assert {message["partner_id"] for message in waiting} <= {
            contact["partner_id"] for contact in contacts
        }


def _take_step(market: Market, step: str, lead: dict[str, Any], number: int) -> None:
    firms = (market.named, market.second, market.unnamed)
    if step == "release":
        market.release(lead)
    elif step == "erase":
        with market.db.acting_as(market.admin):
            market.db.run("select public.erase_lead(%s)", [lead["lead_id"]])
    elif step == "handle":
        with market.db.acting_as(market.admin):
            market.db.run("select public.set_lead_status(%s, 'contacted')", [lead["lead_id"]])
    else:
        try:
            market.give(lead, firms[number % 3])
        except psycopg.Error as refusal:
            assert str(refusal.diag.message_primary) in {"lead_not_untouched", "recipient_not_named"}  # noqa: PT017
