"""People are kept for as long as private.retention says, erased when they ask, and what counts goes on counting."""

import json
from typing import Any
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.database import Database
from tests.sql.place import Place


@pytest.fixture
def place(db: Database) -> Place:
    return Place(db)


def _maintain(db: Database) -> dict[str, Any]:
    with db.acting_as("job_runner"):
        done: dict[str, Any] = db.value("select public.maintain_people()")
    return done


def _not_understood(db: Database, person: dict[str, Any]) -> None:
    number = uuid4().hex
    event = {
        "event_key": f"odd-{number}",
        "body_hmac": number * 2,
        "facts": {"kind": "lead"},
        "channel": "google_ads",
        "external_campaign_id": f"g-{number}",
        "occurred_at": "2026-11-20T10:00:00Z",
        "person": person,
    }
    with db.acting_as("campaign_ingester"):
        (answer,) = db.value("select public.ingest_campaign_events('standard', %s)", [Jsonb([event])])
    assert answer["outcome"] == "parked"


def test_who_came_longer_ago_than_is_kept_is_forgotten_and_still_counts(place: Place) -> None:
    old, young = place.ask(name="Oud"), place.ask(name="Jong")
    place.db.run(
        "update public.partner_lead_contacts set created_at = now() - interval '12 months 1 day' where lead_id = %s",
        [old["lead_id"]],
    )

    assert _maintain(place.db)["people"] == 1
    assert _maintain(place.db)["people"] == 0

    assert place.lead(old)["erased_at"] is not None
    assert place.lead(young)["erased_at"] is None
    assert place.db.rows("select name from public.partner_lead_contacts where name in ('Oud', 'Jong')") == [
        {"name": "Jong"}
    ]
    assert place.conversions() == 2
    assert place.db.drift(place.page_id) == []


def test_an_operator_says_how_long(place: Place) -> None:
    place.ask()
    place.db.run("update public.partner_lead_contacts set created_at = now() - interval '2 months'")
    assert _maintain(place.db)["people"] == 0

    place.db.run("update private.retention set person_months = 1")

    assert _maintain(place.db)["people"] >= 1


def test_who_came_with_an_event_that_nobody_understood_is_forgotten_too(place: Place) -> None:
    _not_understood(place.db, {"name": "B. Klant"})
    assert _maintain(place.db)["event_people"] == 0

    place.db.run("update private.inbox_persons set created_at = now() - interval '91 days'")

    assert _maintain(place.db)["event_people"] >= 1
    assert place.db.value("select count(*) from private.inbox_persons") == 0


def test_old_deliveries_go_and_those_that_are_due_stay(place: Place) -> None:
    delivered, due = place.ask(email=None), place.ask(email=None)
    place.db.run("update private.lead_outbox set created_at = now() - interval '91 days'")
    place.db.run(
        "update private.lead_outbox set due_at = null, delivered_at = now() where lead_id = %s",
        [delivered["lead_id"]],
    )

    _maintain(place.db)

    left = place.db.rows(
        "select lead_id::text from private.lead_outbox where lead_id = any (%s::uuid[])",
        [[delivered["lead_id"], due["lead_id"]]],
    )
    assert left == [{"lead_id": due["lead_id"]}]


def test_somebody_is_found_and_forgotten_wherever_they_are(place: Place) -> None:
    email = f"{uuid4()}@voorbeeld.nl"
    place.ask(email=email, name="Zoekmij")
    elsewhere = place.db.add_live_page(place.partner, place.admin)
    place.ask(email=email, name="Zoekmij", page_id=elsewhere)
    _not_understood(place.db, {"name": "Zoekmij", "email": email.upper()})

    with place.db.acting_as(place.admin):
        before = place.db.value("select public.export_person(%s)", [email.title()])
        places = place.db.value("select public.erase_person(%s)", [email.title()])
        after = place.db.value("select public.export_person(%s)", [email])

    assert json.dumps(before).count("Zoekmij") == 3
    assert (places, after) == (3, [])
    assert place.db.drift(place.page_id, elsewhere) == []


def test_nobody_is_not_everybody(place: Place) -> None:
    place.ask(email=None, phone=None)
    _not_understood(place.db, {"name": "B. Klant"})

    with place.db.acting_as(place.admin):
        assert place.db.value("select public.erase_person()") == 0
        assert place.db.value("select public.erase_person('', '')") == 0
        assert place.db.value("select public.export_person()") == []
