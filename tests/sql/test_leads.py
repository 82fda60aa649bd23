"""Leads from landing pages: what counts, what is held, who sees whom, and what can be proven afterwards."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, LiteralString
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from shared.landing_page.consent import CONSENT_TEXTS, CURRENT_CONSENT
from tests.actors import Actor
from tests.conftest import Connect
from tests.database import BLOCKS, Database
from tests.events import make_visitor
from tests.sql.place import Place
from tests.uuid7 import uuid7_at


@pytest.fixture
def place(db: Database) -> Place:
    return Place(db)


def _grow_older(db: Database, answer: Mapping[str, Any], age: dt.timedelta) -> None:
    db.run("select private.begin_ledger_write()")
    db.run(
        "update public.partner_leads set created_at = created_at - %s where id = %s", [age, answer["lead_id"]]
    )
    db.run("select private.end_ledger_write()")


# The same person again ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"email": "tweemaal@voorbeeld.nl"}, {"email": "tweemaal@voorbeeld.nl", "phone": "+31687654321"}),
        ({"phone": "+31687654321"}, {"phone": "+31687654321", "email": "other@voorbeeld.nl"}),
    ],
)
def test_who_asks_twice_on_a_page_within_a_day_is_kept_and_counts_once(
    place: Place, first: dict[str, Any], second: dict[str, Any]
) -> None:
    answers = [place.ask(**first), place.ask(**second)]

    assert [answer["outcome"] for answer in answers] == ["counted", "duplicate"]
    assert place.conversions() == 1
    assert place.db.drift(place.page_id) == []
    with place.db.acting_as(place.partner):
        assert len(place.db.rows("select from public.partner_lead_contacts")) == 2


def test_who_asks_on_another_page_or_another_day_counts_again(place: Place) -> None:
    first = place.ask(email="tweemaal@voorbeeld.nl")
    elsewhere = place.ask(
        email="tweemaal@voorbeeld.nl", page_id=place.db.add_live_page(place.partner, place.admin)
    )
    _grow_older(place.db, first, dt.timedelta(hours=25))
    later = place.ask(email="tweemaal@voorbeeld.nl")

    assert {answer["outcome"] for answer in (first, elsewhere, later)} == {"counted"}
    assert place.conversions() == 2


def test_people_who_leave_nothing_to_compare_are_two(place: Place) -> None:
    assert [place.ask(email=None)["outcome"] for _ in range(2)] == ["counted", "counted"]


def test_a_retry_gets_the_first_answer(place: Place) -> None:
    first = place.ask(suspicion="honeypot")
    again = place.ask(UUID(first["lead_id"]))

    assert again == {**first, "is_new": False}
    assert again["outcome"] == "quarantined"


# What nobody asked for -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"suspicion": "bot"}, "bot"),
        ({"suspicion": "turnstile"}, "turnstile"),
        ({"suspicion": "honeypot", "milliseconds": 5}, "honeypot"),
        ({"milliseconds": 1999.9}, "too_fast"),
    ],
)
def test_what_looks_like_a_program_is_held_until_an_admin_releases_it(
    place: Place, answers: dict[str, Any], reason: str
) -> None:
    yesterday = place.db.value("select now() - interval '20 hours'")
    held = place.ask(uuid7_at(yesterday), **answers)

    assert (held["outcome"], place.lead(held)["reason"]) == ("quarantined", reason)
    assert place.conversions() == 0
    with place.db.acting_as(place.partner):
        assert place.db.rows("select from public.partner_leads") == []
        assert place.db.rows("select from public.partner_lead_contacts") == []
    with place.db.acting_as(place.admin):
        assert place.db.rows("select from public.partner_leads where id = %s", [held["lead_id"]]) != []

    assert place.release(held) == "counted"
    assert place.release(held) == "counted"

    assert place.conversions() == 1
    assert place.db.value(
        "select day from public.partner_landing_page_stats where page_id = %s", [place.page_id]
    ) == place.db.value("select private.amsterdam_day(%s)", [yesterday])
    assert place.db.drift(place.page_id) == []
    with place.db.acting_as(place.partner):
        assert len(place.db.rows("select from public.partner_lead_contacts")) == 1


def test_what_took_long_enough_counts(place: Place) -> None:
    assert place.ask(milliseconds=2000)["outcome"] == "counted"


def test_a_released_lead_of_somebody_who_counts_already_is_their_second(place: Place) -> None:
    held = place.ask(email="tweemaal@voorbeeld.nl", suspicion="bot")
    counted = place.ask(email="tweemaal@voorbeeld.nl")

    assert counted["outcome"] == "counted"
    assert place.release(held) == "duplicate"
    assert place.conversions() == 1


def test_a_campaign_counts_what_its_page_counts(place: Place) -> None:
    campaign_id = place.db.add_campaign(place.partner)
    external_id = f"ext-{uuid4()}"
    with place.db.acting_as(place.admin):
        place.db.run("select public.link_campaign(%s, %s)", [campaign_id, external_id])
    tagged: dict[str, Any] = {"source": "google_ads", "tags": {"utm_id": external_id}}

    held = place.ask(**tagged, suspicion="bot")
    place.ask(**tagged, email="tweemaal@voorbeeld.nl")
    place.ask(**tagged, email="tweemaal@voorbeeld.nl")

    assert place.db.campaign(campaign_id)["total_leads"] == 1
    assert place.release(held) == "counted"
    assert place.db.campaign(campaign_id)["total_leads"] == 2
    assert place.db.drift(campaign_id, place.page_id) == []


@pytest.mark.parametrize(
    ("limit", "same", "other"),
    [
        ("visitor", {"visitor": 1}, {"visitor": 2}),
        ("address", {"address": 1}, {"address": 2}),
        ("network", {"network": 1}, {"network": 2}),
        ("page", {}, None),
        ("contact", {"phone": "+31687654321"}, {"phone": "+31687654329"}),
    ],
)
def test_too_many_of_one_are_held_and_others_count(
    place: Place, limit: str, same: dict[str, Any], other: dict[str, Any] | None
) -> None:
    place.limit(**{f"max_of_{limit}": 2})
    elsewhere = place.db.add_live_page(place.partner, place.admin)

    leads = [place.lead(place.ask(**same)) for _ in range(4)]

    assert [lead["reason"] for lead in leads] == [None, None, limit, limit]
    over_all_pages = limit in {"address", "network", "contact"}
    assert (place.lead(place.ask(**same, page_id=elsewhere))["reason"] == limit) is over_all_pages
    if other is not None:
        assert place.ask(**other)["outcome"] == "counted"


def test_nobody_has_a_customer_held_by_sending_what_is_held(place: Place) -> None:
    place.limit(max_of_page=2, max_of_contact=2)
    for _ in range(4):
        place.ask(email="tweemaal@voorbeeld.nl", suspicion="bot")

    assert place.ask(email="tweemaal@voorbeeld.nl")["outcome"] == "counted"


@pytest.mark.parametrize("limit", ["address", "network"])
def test_far_too_many_of_one_network_are_not_kept(place: Place, limit: str) -> None:
    place.limit(**{f"max_of_{limit}": 1})
    sender: dict[str, Any] = {limit: 1}
    another: dict[str, Any] = {limit: 2}
    answers = [place.ask(**sender) for _ in range(10)]

    with place.db.refused("PT429", "too_many_leads"):
        place.ask(**sender)

    assert [answer["outcome"] for answer in answers] == ["counted", *["quarantined"] * 9]
    assert place.ask(UUID(answers[0]["lead_id"]), **sender)["is_new"] is False
    assert place.ask(**another)["outcome"] == "counted"


def test_rates_are_forgotten_with_the_hour(place: Place) -> None:
    place.ask(visitor=1, address=2, network=3)
    place.db.run("update private.lead_rates set hour = hour - 1")

    with place.db.acting_as("job_runner"):
        place.db.run("select public.maintain_page_events()")

    assert place.db.value("select count(*) from private.lead_rates") == 0


# What a partner reads --------------------------------------------------------------------------------------------


def _my_leads(place: Place, **arguments: object) -> list[dict[str, Any]]:
    with place.db.acting_as(place.partner):
        leads: list[dict[str, Any]] = place.db.value(
            "select public.my_leads(before_at => %s, before_id => %s, most => %s)",
            [arguments.get("before_at"), arguments.get("before_id"), arguments.get("most", 50)],
        )
    return leads


def test_a_partner_reads_their_leads_page_by_page_and_none_twice(place: Place) -> None:
    others = Place(place.db)
    others.ask()
    answers = [place.ask(name=f"Klant {number}") for number in range(5)]
    held = place.ask(suspicion="bot")
    with place.db.acting_as(place.admin):
        place.db.run("select public.erase_lead(%s)", [answers[0]["lead_id"]])

    seen: list[dict[str, Any]] = []
    while page := _my_leads(
        place,
        most=2,
        **({"before_at": seen[-1]["submitted_at"], "before_id": seen[-1]["id"]} if seen else {}),
    ):
        assert len(page) <= 2
        seen += page

    # All of one moment, for they are of one transaction.
    assert sorted(lead["id"] for lead in seen) == sorted(answer["lead_id"] for answer in answers)
    assert held["lead_id"] not in str(seen)
    people = {lead["id"]: lead["person"] for lead in seen}
    assert people[answers[0]["lead_id"]] is None
    assert people[answers[1]["lead_id"]]["name"] == "Klant 1"
    assert {lead["page"]["path"] for lead in seen} == {place.db.page(place.page_id)["path"]}


# Where they came from --------------------------------------------------------------------------------------------


def _see(place: Place, visitor: int, minutes_ago: int, source: str, page_id: UUID | None = None) -> None:
    moment = place.db.value("select now()") - dt.timedelta(minutes=minutes_ago)
    view = {
        "id": str(uuid7_at(moment)),
        "page_id": str(page_id or place.page_id),
        "visitor": visitor,
        "source": source,
    }
    with place.db.acting_as("event_recorder"):
        assert place.db.record_events([view]) == ["counted"]


def _is_just_after_midnight(place: Place) -> bool:
    return bool(
        place.db.value(
            "select private.amsterdam_day(now()) <> private.amsterdam_day(now() - interval '3 hours')"
        )
    )


def test_a_lead_keeps_the_first_and_the_last_touch_of_its_visit(place: Place) -> None:
    if _is_just_after_midnight(place):
        pytest.skip("A visit ends with the day.")
    visitor = make_visitor()
    elsewhere = place.db.add_live_page(place.partner, place.admin)
    strangers = Place(place.db)
    _see(strangers, visitor, 170, "tiktok_ads")
    _see(place, visitor, 150, "direct")
    _see(place, visitor, 110, "seo", elsewhere)
    _see(place, visitor, 60, "meta_ads")
    _see(place, visitor, 10, "direct")
    _see(place, make_visitor(), 5, "email")

    direct = place.lead(place.ask(visitor=visitor, source="direct"))
    by_mail = place.lead(place.ask(visitor=visitor, source="email"))
    nobody = place.lead(place.ask(source="direct"))

    assert (direct["first_source"], direct["source"]) == ("seo", "meta_ads")
    assert (by_mail["first_source"], by_mail["source"]) == ("seo", "email")
    assert (nobody["first_source"], nobody["source"]) == ("direct", "direct")


def test_nothing_of_a_visitor_is_kept_with_a_lead(place: Place) -> None:
    visitor, address, network = 1234567890123456789, 2345678901234567891, 3456789012345678912
    answer = place.ask(visitor=visitor, address=address, network=network)

    whole = place.db.value(
        "select to_jsonb(l)::text || to_jsonb(k)::text from public.partner_leads as l"
        " join public.partner_lead_contacts as k on k.lead_id = l.id where l.id = %s",
        [answer["lead_id"]],
    )
    rates = place.db.value("select jsonb_agg(r)::text from private.lead_rates as r")

    assert not [number for number in (visitor, address, network) if str(number) in whole + rates]


# What can be proven ----------------------------------------------------------------------------------------------


def test_what_was_agreed_to_is_kept_with_who_received_it_and_where_it_stood(place: Place) -> None:
    blocks = [
        {
            **block,
            "data": {"company": "Jansen Schilders"} if block["type"] == "legal" else {"fields": ["email"]},
        }
        for block in BLOCKS
    ]
    place.page_id = place.db.add_live_page(
        place.partner, place.admin, content_json=Jsonb({"v": 1, "blocks": blocks})
    )
    old_hash = place.db.row(
        "select content_hash from public.partner_landing_page_versions where page_id = %s", [place.page_id]
    )["content_hash"]
    place.db.run("update public.partner_landing_pages set title = 'Nieuwer' where id = %s", [place.page_id])
    new_hash = place.db.submit(place.page_id, place.partner)
    place.db.approve(place.page_id, place.admin)

    named = place.ask(content_hash=old_hash)
    unnamed = place.ask()
    foreign = place.ask(content_hash="f" * 64)

    def evidence(answer: Mapping[str, Any]) -> dict[str, Any]:
        return place.db.row(
            "select * from public.partner_lead_contacts where lead_id = %s", [answer["lead_id"]]
        )

    kept = evidence(named)
    assert (kept["consent_version"], kept["consent_text"]) == (
        CURRENT_CONSENT,
        CONSENT_TEXTS[CURRENT_CONSENT],
    )
    assert kept["content_hash"] == old_hash
    assert {evidence(unnamed)["content_hash"], evidence(foreign)["content_hash"]} == {new_hash}
    snapshot = place.db.row(
        'select snapshot, jsonb_path_query_first(snapshot, \'$.content.blocks[*] ? (@."type" == "lead_form")\')::text'
        " as form from public.partner_landing_page_versions where content_hash = %s",
        [old_hash],
    )
    assert kept["consent_recipients"] == ["Jansen Schilders"]
    asked = (snapshot["form"] + CONSENT_TEXTS[CURRENT_CONSENT]).encode()
    assert kept["form_sha256"] == hashlib.sha256(asked).hexdigest()
    assert kept["consented_at"] is not None
    # As docs/leads.md says.
    assert place.db.value(
        "select private.lead_form_sha256(v.snapshot -> 'content', k.consent_text) = k.form_sha256"
        " from public.partner_lead_contacts as k"
        " join public.partner_landing_page_versions as v on v.content_hash = k.content_hash"
        " where k.lead_id = %s",
        [named["lead_id"]],
    )


# Who sees whom ---------------------------------------------------------------------------------------------------


def test_an_admin_reads_a_person_by_a_function_that_remembers_it(place: Place) -> None:
    answer = place.ask(name="Anna de Vries")
    with place.db.acting_as(place.admin):
        assert place.db.rows("select from public.partner_lead_contacts") == []
        person = place.db.row("select * from public.read_lead_person(%s)", [answer["lead_id"]])

    assert person["name"] == "Anna de Vries"
    with place.db.acting_as(place.partner):
        look = place.db.row("select * from public.partner_lead_looks")
    assert (str(look["lead_id"]), look["actor"], look["actor_id"]) == (
        answer["lead_id"],
        "admin",
        place.admin.id,
    )
    with place.db.refused("PT403", "ledger_is_immutable"):
        place.db.run("delete from public.partner_lead_looks where id = %s", [look["id"]])


def test_admins_see_leads_that_nobody_claims(place: Place) -> None:
    external_lead_id = f"lead-{uuid4()}"
    event = {
        "event_key": f"lead-{uuid4()}",
        "body_hmac": "0" * 64,
        "channel": "google_ads",
        "external_campaign_id": f"unknown-{uuid4()}",
        "facts": {"kind": "lead", "external_lead_id": external_lead_id},
    }
    with place.db.acting_as("campaign_ingester"):
        place.db.run("select public.ingest_campaign_events('google_ads', %s)", [Jsonb([event])])

    find = "select from public.partner_leads where external_lead_id = %s"
    with place.db.acting_as(place.admin):
        assert len(place.db.rows(find, [external_lead_id])) == 1
    with place.db.acting_as(place.partner):
        assert place.db.rows(find, [external_lead_id]) == []


def test_erasing_a_person_keeps_the_count(place: Place) -> None:
    answer = place.ask(name="Anna de Vries", email="tweemaal@voorbeeld.nl")

    with place.db.acting_as(place.admin):
        assert place.db.value("select public.erase_lead(%s)", [answer["lead_id"]]) is True
        assert place.db.value("select public.erase_lead(%s)", [answer["lead_id"]]) is False

    assert place.lead(answer)["erased_at"] is not None
    assert place.conversions() == 1
    # Sent again, they do not come back.
    assert place.ask(UUID(answer["lead_id"]), name="Anna de Vries")["is_new"] is False
    assert (
        place.db.rows("select from public.partner_lead_contacts where lead_id = %s", [answer["lead_id"]])
        == []
    )


@pytest.mark.parametrize("function", ["release_lead", "erase_lead", "read_lead_person"])
def test_partners_do_none_of_what_admins_do(place: Place, function: str) -> None:
    answer = place.ask(suspicion="bot")

    with place.db.refused("PT403", "not_allowed"), place.db.acting_as(place.partner):
        place.db.run(f"select public.{function}(%s)", [answer["lead_id"]])
    with place.db.refused("PT404", "lead_not_found"), place.db.acting_as(place.admin):
        place.db.run(f"select public.{function}(%s)", [uuid4()])


# What becomes of them --------------------------------------------------------------------------------------------


def _say(place: Place, who: Actor, answer: Mapping[str, Any], *status: str) -> str:
    with place.db.acting_as(who):
        said: str = place.db.value(
            "select public.set_lead_status(%s, %s, %s)",
            [answer["lead_id"], *status, *[None] * (2 - len(status))],
        )
    return said


def test_a_partner_says_how_far_a_lead_is_and_who_said_so_is_kept(place: Place) -> None:
    answer = place.ask()

    for status in (("contacted",), ("contacted",), ("lost", "price"), ("won",)):
        assert _say(place, place.partner, answer, *status) == status[0]
    _say(place, place.admin, answer, "quoted")

    with place.db.acting_as(place.partner):
        steps = place.db.rows(
            "select from_status, to_status, lost_reason, actor, actor_id from public.partner_lead_steps"
            " where lead_id = %s order by created_at, from_status = 'new' desc, actor desc, lost_reason nulls last",
            [answer["lead_id"]],
        )
    assert {tuple(step.values()) for step in steps} == {
        ("new", "contacted", None, "partner", place.partner.id),
        ("contacted", "lost", "price", "partner", place.partner.id),
        ("lost", "won", None, "partner", place.partner.id),
        ("won", "quoted", None, "admin", place.admin.id),
    }
    assert len(steps) == 4
    assert (place.lead(answer)["status"], place.lead(answer)["lost_reason"]) == ("quoted", None)
    assert place.conversions() == 1


def test_steps_of_a_lead_come_to_an_end(place: Place) -> None:
    answer = place.ask()
    for number in range(100):
        _say(place, place.partner, answer, ("won", "new")[number % 2])

    with place.db.refused("PT429", "too_many_lead_steps"):
        _say(place, place.partner, answer, "won")


@pytest.mark.parametrize(
    "status", [("sold",), ("lost",), ("won", "price"), ("lost", "Mevrouw de Vries belde niet terug"), (None,)]
)
def test_other_words_are_refused_and_change_nothing(place: Place, status: tuple[str, ...]) -> None:
    answer = place.ask()

    with place.db.refused("PT400", "lead_status_refused"):
        _say(place, place.partner, answer, *status)

    assert place.lead(answer)["status"] == "new"


def test_a_partner_says_nothing_of_anothers_leads_nor_of_what_is_held(place: Place) -> None:
    answer, held = place.ask(), place.ask(suspicion="bot")

    with place.db.refused("PT404", "lead_not_found"):
        _say(place, place.db.add_partner(), answer, "won")
    with place.db.refused("PT404", "lead_not_found"):
        _say(place, place.partner, held, "won")
    assert _say(place, place.admin, held, "contacted") == "contacted"


def test_somebody_is_told_all_that_is_kept_of_them(place: Place) -> None:
    anna: dict[str, Any] = {
        "email": "tweemaal@voorbeeld.nl",
        "phone": "+31687654321",
        "name": "Anna de Vries",
    }
    first = place.ask(**anna)
    second = place.ask(email="tweemaal@voorbeeld.nl", message="Ook het dak, graag.", suspicion="bot")
    place.ask(email="bart@voorbeeld.nl")
    _say(place, place.partner, first, "contacted")

    with place.db.acting_as(place.admin):
        by_email = place.db.value("select public.export_person(email => 'Tweemaal@voorbeeld.nl')")
        by_phone = place.db.value("select public.export_person(phone => '+31687654321')")
        nobody = place.db.value("select public.export_person(email => 'niemand@voorbeeld.nl')")
        nothing = place.db.value("select public.export_person()")

    assert {entry["lead"]["id"] for entry in by_email} == {first["lead_id"], second["lead_id"]}
    (entry,) = by_phone
    assert entry["person"]["name"] == "Anna de Vries"
    assert [step["to_status"] for step in entry["steps"]] == ["contacted"]
    assert len(entry["looks"]) == 2
    assert (nobody, nothing) == ([], [])
    with place.db.refused("PT403", "not_allowed"), place.db.acting_as(place.partner):
        place.db.run("select public.export_person(email => 'tweemaal@voorbeeld.nl')")


# At once ---------------------------------------------------------------------------------------------------------


def _lead_of(page_id: UUID, **answers: object) -> Jsonb:
    return Jsonb({"id": str(uuid4()), "page_id": str(page_id), **answers})


def test_of_two_that_ask_the_same_at_once_one_is_the_first(platform: Database, connect: Connect) -> None:
    place, others = Place(platform), [connect(), connect()]
    email = f"{uuid4()}@voorbeeld.nl"

    with ThreadPoolExecutor() as pool:
        with others[0].connection.transaction(), others[0].acting_as("event_recorder"):
            first = others[0].value("select public.record_lead(%s)", [_lead_of(place.page_id, email=email)])
            second = pool.submit(_record_as_recorder, others[1], _lead_of(place.page_id, email=email))
            # It waits for the page, whose first lead nobody else sees yet.
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        outcomes = [first["outcome"], second.result(timeout=10)["outcome"]]

    assert outcomes == ["counted", "duplicate"]
    assert place.conversions() == 1
    assert platform.drift(place.page_id) == []


def _record_as_recorder(database: Database, lead: Jsonb) -> dict[str, Any]:
    with database.acting_as("event_recorder"):
        answer: dict[str, Any] = database.value("select public.record_lead(%s)", [lead])
    return answer


def test_two_admins_who_release_a_lead_at_once_count_it_once(platform: Database, connect: Connect) -> None:
    place, others = Place(platform), [connect(), connect()]
    held = place.ask(suspicion="bot")
    release: LiteralString = "select public.release_lead(%s)"

    def release_as_admin() -> str:
        with others[1].acting_as(place.admin):
            outcome: str = others[1].value(release, [held["lead_id"]])
        return outcome

    with ThreadPoolExecutor() as pool:
        with others[0].connection.transaction(), others[0].acting_as(place.admin):
            assert others[0].value(release, [held["lead_id"]]) == "counted"
            second = pool.submit(release_as_admin)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        assert second.result(timeout=10) == "counted"

    assert place.conversions() == 1
    assert platform.drift(place.page_id) == []


# Always ----------------------------------------------------------------------------------------------------------

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "ask", "retry", "release", "erase"]),
        st.integers(0, 7),
        st.sampled_from([{}, {}, {"suspicion": "bot"}, {"milliseconds": 1}]),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_STEPS)
def test_conversions_are_the_leads_that_count(
    db: Database, steps: list[tuple[str, int, dict[str, Any]]]
) -> None:
    place = Place(db)
    place.limit(max_of_contact=4, max_of_page=15)
    leads: list[dict[str, Any]] = []
    for step, number, signs in steps:
        if step == "ask":
            leads.append(place.ask(phone=f"+3168765432{number}", **signs))
        elif leads and step == "retry":
            lead = leads[number % len(leads)]
            assert place.ask(UUID(lead["lead_id"]), phone="+31687654321")["is_new"] is False
        elif leads and step == "release":
            place.release(leads[number % len(leads)])
        elif leads:
            with db.acting_as(place.admin):
                db.run("select public.erase_lead(%s)", [leads[number % len(leads)]["lead_id"]])

    outcomes = [place.lead(lead)["outcome"] for lead in leads]
    assert place.conversions() == outcomes.count("counted")
    assert db.drift(place.page_id) == []
