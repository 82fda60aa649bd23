"""Whom a lead is told to: once each, in the lead's own transaction, by whichever job comes first, until it has arrived."""

import base64
import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.conftest import Connect
from tests.database import Database
from tests.sql.place import Place

EVERYTHING: dict[str, Any] = {
    "name": "Anna de Vries",
    "phone": "+31612345678",
    "postcode": "5013 CD",
    "message": "Het lekt.",
}


@pytest.fixture
def place(db: Database) -> Place:
    # What other tests left is none of ours.
    db.run("delete from private.lead_outbox")
    db.run("delete from private.alerts")
    return Place(db)


def _kinds(place: Place, answer: dict[str, Any]) -> list[str]:
    rows = place.db.rows(
        "select kind from private.lead_outbox where lead_id = %s order by kind", [answer["lead_id"]]
    )
    return [row["kind"] for row in rows]


def _take(db: Database, kind: str = "partner_mail", most: int = 20) -> list[dict[str, Any]]:
    with db.acting_as("job_runner"):
        taken: list[dict[str, Any]] = db.value("select public.take_deliveries(%s, %s)", [kind, most])
    return taken


def _note(db: Database, deliveries: Iterable[dict[str, Any]], outcome: str, error: str | None = None) -> int:
    results = [
        {"id": d["id"], "attempts": d["attempts"], "outcome": outcome, "error": error} for d in deliveries
    ]
    with db.acting_as("job_runner"):
        noted: int = db.value("select public.note_deliveries(%s)", [Jsonb(results)])
    return noted


def _row(place: Place, delivery: dict[str, Any]) -> dict[str, Any]:
    return place.db.row(
        "select *, due_at - now() as waits from private.lead_outbox where id = %s", [delivery["id"]]
    )


def _let_lease_end(place: Place) -> None:
    place.db.run("update private.lead_outbox set due_at = now() where due_at is not null")


def _set_webhook(place: Place, url: str | None = "https://hooks.voorbeeld.nl/leads") -> Any:  # noqa: ANN401 - JSON.
    with place.db.acting_as(place.partner):
        return place.db.value("select public.set_lead_webhook(%s)", [url])


# Whom to tell ----------------------------------------------------------------------------------------------------


def test_a_lead_is_told_to_its_partner_and_confirmed_to_its_visitor(place: Place) -> None:
    assert _kinds(place, place.ask()) == ["partner_mail", "visitor_mail"]
    assert _kinds(place, place.ask(email=None, phone="+31612345678")) == ["partner_mail"]

    _set_webhook(place)

    assert _kinds(place, place.ask()) == ["partner_mail", "visitor_mail", "webhook"]


def test_who_asks_twice_is_told_of_twice_and_thanked_once(place: Place) -> None:
    first, second = (place.ask(email="tweemaal@voorbeeld.nl") for _ in range(2))
    again = place.ask(UUID(first["lead_id"]), email="tweemaal@voorbeeld.nl")

    assert again["is_new"] is False
    assert _kinds(place, first) == ["partner_mail", "visitor_mail"]
    assert _kinds(place, second) == ["partner_mail"]


def test_what_is_held_is_told_to_nobody_until_it_is_released(place: Place) -> None:
    held = place.ask(suspicion="bot")
    assert _kinds(place, held) == []

    place.release(held)
    place.release(held)

    assert _kinds(place, held) == ["partner_mail", "visitor_mail"]


def _platform_lead(external: str, **facts: object) -> dict[str, Any]:
    number = uuid4().hex
    return {
        "event_key": f"lead-{number}",
        "body_hmac": number * 2,
        "facts": {"kind": "lead", "external_lead_id": number, "is_test": False, **facts},
        "channel": "google_ads",
        "external_campaign_id": external,
        "occurred_at": "2026-11-20T10:00:00Z",
        "person": {"name": "B. Klant", "email": "klant@voorbeeld.nl", "phone": "+31612345678"},
    }


def test_a_platforms_lead_is_told_of_when_somebody_claims_it(place: Place) -> None:
    external = f"g-{uuid4().hex}"
    recently = place.db.value("select (now() - interval '1 day')::text")
    long_ago = place.db.value("select (now() - interval '15 days')::text")
    events = [
        _platform_lead(external, submitted_at=recently),
        _platform_lead(external, submitted_at=long_ago),
        _platform_lead(external, submitted_at=recently, is_test=True),
    ]
    with place.db.acting_as("campaign_ingester"):
        place.db.value("select public.ingest_campaign_events('standard', %s)", [Jsonb(events)])
    assert place.db.value("select count(*) from private.lead_outbox") == 0

    campaign_id = place.db.add_campaign(place.partner)
    with place.db.acting_as(place.admin):
        place.db.run("select public.link_campaign(%s, %s)", [campaign_id, external])
    with place.db.acting_as("campaign_ingester"):
        late = _platform_lead(external, submitted_at=recently)
        place.db.value("select public.ingest_campaign_events('standard', %s)", [Jsonb([late])])

    told = place.db.rows("select kind, partner_id from private.lead_outbox")
    assert told == [{"kind": "partner_mail", "partner_id": place.partner.id}] * 2


# Taking and noting -----------------------------------------------------------------------------------------------


def test_a_delivery_says_what_to_send_and_to_whom(place: Place) -> None:
    secret = _set_webhook(place)["secret"]
    answer = place.ask(**EVERYTHING)

    (mail,), (to_visitor,), (hook,) = (_take(place.db, kind) for kind in _kinds(place, answer))

    assert (mail["lead_id"], mail["recipient"]) == (answer["lead_id"], place.partner.email)
    assert mail["person"].items() >= EVERYTHING.items()
    assert mail["page"]["path"] == place.db.page(place.page_id)["path"]
    assert (hook["webhook_url"], hook["webhook_secret"]) == ("https://hooks.voorbeeld.nl/leads", secret)
    # Or anybody could have us send anything to anyone.
    assert not [word for word in EVERYTHING.values() if word in str(to_visitor)]


def test_a_delivery_is_one_jobs_until_its_lease_ends_and_keeps_its_id(place: Place) -> None:
    place.ask()
    (first,) = _take(place.db)

    assert _take(place.db) == []
    assert dt.timedelta(minutes=1) < _row(place, first)["waits"] <= dt.timedelta(minutes=2)

    _let_lease_end(place)
    (second,) = _take(place.db)
    assert (second["id"], second["attempts"]) == (first["id"], 2)


def test_jobs_at_once_take_different_deliveries(connect: Connect) -> None:
    here, there = connect(), connect()
    place = Place(here)
    answers = [place.ask() for _ in range(6)]
    ours = {answer["lead_id"] for answer in answers}

    here.begin()
    mine = {delivery["lead_id"] for delivery in _take(here, most=100)}
    theirs = {delivery["lead_id"] for delivery in _take(there, most=100)}
    here.run("commit")

    assert ours <= mine
    assert not mine & theirs


def test_what_arrived_is_never_due_again(place: Place) -> None:
    place.ask()
    taken = _take(place.db)

    assert _note(place.db, taken, "delivered") == 1
    assert _note(place.db, taken, "failed", "smtp 450") == 0

    assert (_row(place, taken[0])["due_at"], _row(place, taken[0])["last_error"]) == (None, None)
    assert _row(place, taken[0])["delivered_at"] is not None


def test_what_failed_is_tried_again_later_and_later_for_a_week(place: Place) -> None:
    place.ask()
    waits = []
    for _ in range(9):
        taken = _take(place.db)
        _note(place.db, taken, "failed", "smtp 450")
        waits.append(_row(place, taken[0])["waits"].total_seconds() / 60)
        _let_lease_end(place)

    expected = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert all(0.75 * most <= wait <= 1.25 * most for wait, most in zip(waits, expected, strict=True))
    assert _row(place, taken[0])["last_error"] == "smtp 450"

    place.db.run("update private.lead_outbox set created_at = now() - interval '8 days'")
    taken = _take(place.db)
    _note(place.db, taken, "failed", "smtp 450")
    assert _row(place, taken[0])["due_at"] is None
    assert _row(place, taken[0])["delivered_at"] is None


def test_what_was_refused_waits_for_a_person(place: Place) -> None:
    place.ask()
    taken = _take(place.db)

    _note(place.db, taken, "refused", "smtp 550")
    assert _row(place, taken[0])["due_at"] is None

    place.db.run("update private.lead_outbox set due_at = now() where kind = 'partner_mail'")
    assert len(_take(place.db)) == 1


def test_a_job_that_comes_late_can_only_say_that_it_arrived(place: Place) -> None:
    place.ask()
    late = _take(place.db)
    _let_lease_end(place)
    current = _take(place.db)

    assert _note(place.db, late, "refused", "smtp 550") == 0
    assert _row(place, current[0])["due_at"] is not None
    assert _note(place.db, late, "delivered") == 1
    assert _row(place, current[0])["due_at"] is None


def test_a_program_that_does_not_answer_is_asked_once_and_keeps_nobody_else_waiting(place: Place) -> None:
    others = Place(place.db)
    for here in (place, others):
        _set_webhook(here)
    for _ in range(15):
        place.ask()
    others.ask()

    taken = _take(place.db, "webhook")
    ours = [delivery for delivery in taken if delivery["recipient"] == place.partner.email]

    assert (len(ours), len(taken)) == (10, 11)
    _note(place.db, ours[:1], "failed", "webhook timeout")
    waiting = place.db.rows(
        "select due_at from private.lead_outbox where partner_id = %s and kind = 'webhook' and attempts = 0",
        [place.partner.id],
    )
    assert len(waiting) == 5
    assert all(row["due_at"] >= _row(place, ours[0])["due_at"] for row in waiting)
    assert len(_take(place.db, most=100)) >= 11, "mail goes on"


def test_each_partners_first_comes_before_anybodys_second(place: Place) -> None:
    """Programs that take their time, and are behind for that, do not keep others from being told at all."""
    behind, other = [place, Place(place.db)], Place(place.db)
    for here in (*behind, other):
        _set_webhook(here)
    for here in behind:
        for _ in range(12):
            here.ask()
    place.db.run("update private.lead_outbox set due_at = now() - interval '1 hour'")
    other.ask()

    taken = [delivery["recipient"] for delivery in _take(place.db, "webhook", 3)]

    assert {*taken} == {here.partner.email for here in (*behind, other)}


def test_a_program_is_told_of_ten_at_once_whoever_takes_them(place: Place) -> None:
    _set_webhook(place)
    for _ in range(13):
        place.ask()

    taken = _take(place.db, "webhook", 8) + _take(place.db, "webhook", 8)

    assert (len(taken), _take(place.db, "webhook")) == (10, [])
    _note(place.db, taken[:2], "delivered")
    assert len(_take(place.db, "webhook")) == 2


def test_whoever_was_erased_is_told_of_no_more(place: Place) -> None:
    answer = place.ask(**EVERYTHING)
    taken = _take(place.db)
    with place.db.acting_as(place.admin):
        place.db.run("select public.erase_lead(%s)", [answer["lead_id"]])
    _let_lease_end(place)

    assert _kinds(place, answer) == []
    assert _take(place.db) == _take(place.db, "visitor_mail") == []
    assert _note(place.db, taken, "failed", "smtp 450") == 0


def test_nothing_waits_for_a_partner_who_left(place: Place, platform: Database) -> None:
    assert platform is not None
    _set_webhook(place)
    place.ask()

    place.db.run("delete from auth.users where id = %s", [place.partner.id])

    assert place.db.value("select count(*) from private.lead_outbox") == 0
    assert (
        place.db.value("select count(*) from private.lead_webhooks where partner_id = %s", [place.partner.id])
        == 0
    )


# When nobody hears -----------------------------------------------------------------------------------------------


def _alerts(place: Place) -> list[dict[str, Any]]:
    return place.db.rows("select kind, resolved_at is null as is_open from private.alerts order by id")


def test_one_alert_is_open_while_a_lead_has_been_untold_for_a_quarter_of_an_hour(place: Place) -> None:
    place.ask()
    place.ask()
    taken = _take(place.db)
    assert _alerts(place) == []

    place.db.run("update private.lead_outbox set created_at = now() - interval '16 minutes'")
    for _ in range(3):
        _take(place.db)
    assert _alerts(place) == [{"kind": "leads_undelivered", "is_open": True}]

    _note(place.db, taken[:1], "delivered")
    assert _alerts(place)[0]["is_open"]
    _note(place.db, taken[1:], "delivered")
    assert _alerts(place) == [{"kind": "leads_undelivered", "is_open": False}]


def test_whom_the_partner_has_called_anyway_raises_no_alert(place: Place) -> None:
    answer = place.ask()
    place.db.run("update private.lead_outbox set created_at = now() - interval '16 minutes'")
    with place.db.acting_as(place.partner):
        place.db.run("select public.set_lead_status(%s, 'contacted')", [answer["lead_id"]])

    _take(place.db)

    assert _alerts(place) == []


# A partner's own program -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.voorbeeld.nl/leads",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://localhost/",
        "https://user:pass@hooks.voorbeeld.nl/",
        "https://hooks.voorbeeld.nl:8443/",
        "https://hooks.voorbeeld.nl/#part",
        "https://hooks.voorbeeld.nl?query",
        "https://hooks.voorbeeld.nl/a b",
        "https://hooks.voorbeeld.nl\\@169.254.169.254/",
        "https://hooks.voorbeeld.nl/\n",
        "https://HOOKS.voorbeeld.nl/",
        "https://hooks.voorbeeld.nl/" + "a" * 500,
        "",
    ],
)
def test_a_webhook_goes_to_a_host_on_the_web_and_nowhere_else(place: Place, url: str) -> None:
    with place.db.refused("PT400", "lead_webhook_refused"):
        _set_webhook(place, url)


def test_a_secret_is_shown_once_and_is_another_with_every_call(place: Place) -> None:
    first, second = _set_webhook(place)["secret"], _set_webhook(place)["secret"]
    with place.db.acting_as(place.partner):
        shown = place.db.value("select public.read_lead_webhook()")

    assert first != second
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32
    assert first not in str(shown)
    assert second not in str(shown)
    assert shown["url"] == "https://hooks.voorbeeld.nl/leads"


def test_a_partner_sees_how_their_own_program_does_and_nobody_elses(place: Place) -> None:
    others = Place(place.db)
    _set_webhook(place)
    place.ask()
    _note(place.db, _take(place.db, "webhook"), "failed", "http 500")

    with place.db.acting_as(place.partner):
        ours = place.db.value("select public.read_lead_webhook()")
    with place.db.acting_as(others.partner):
        theirs = place.db.value("select public.read_lead_webhook()")

    assert (ours["undelivered"], ours["last_error"], ours["last_delivered_at"]) == (1, "http 500", None)
    assert theirs is None


def test_who_takes_their_webhook_away_is_told_no_more(place: Place) -> None:
    _set_webhook(place)
    answer = place.ask()

    assert _set_webhook(place, None) is None

    assert _kinds(place, answer) == ["partner_mail", "visitor_mail"]
    assert "webhook" not in _kinds(place, place.ask())
