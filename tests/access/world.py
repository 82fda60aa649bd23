"""The rows that the access tests are about: everything a partner can have, and somebody to want it."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from tests.actors import Actor, Person
from tests.database import Database

# A day of a campaign, as our own function hands it in.
METRICS: dict[str, object] = {
    "kind": "metrics",
    "day": "2026-11-01",
    "as_of": "2026-11-02T00:00:00Z",
    "spend": "1.00",
    "currency": "EUR",
    "clicks": 1,
    "impressions": 2,
}


@dataclass(frozen=True)
class World:
    """One partner's belongings, and the others who try them."""

    database: Database
    partner: Person
    stranger: Person
    admin: Person
    segment_id: UUID
    link_id: UUID
    concept_id: UUID
    live_page_id: UUID
    version_id: UUID
    campaign_id: UUID
    linked_campaign_id: UUID
    external_campaign_id: str
    lead_id: UUID

    def actor(self, who: str) -> Actor:
        """Return who a column of the expectations stands for."""
        people: dict[str, Actor] = {"partner": self.partner, "stranger": self.stranger, "admin": self.admin}
        return people.get(who, who)


def build_world(database: Database) -> World:
    """Give a partner one row in every table that holds a partner's rows."""
    partner, stranger, admin = database.add_partner(), database.add_partner(), database.add_admin()
    segment_id = database.add_segment()
    link_id: UUID = database.value(
        "insert into public.partner_segments (partner_id, segment_id) values (%s, %s) returning id",
        [partner.id, segment_id],
    )
    live_page_id = database.add_live_page(partner, admin)
    database.run("update public.partner_landing_pages set title = 'Nieuwer' where id = %s", [live_page_id])
    database.submit(live_page_id, partner)
    lead_id = uuid4()
    with database.acting_as("event_recorder"):
        database.run(
            "select public.record_lead(%s)",
            [Jsonb({"id": str(lead_id), "page_id": str(live_page_id), "name": "A. Klant"})],
        )
        database.record_events([], [{"page_id": live_page_id, "reason": "bot", "attempts": 1}])
    with database.acting_as(admin):
        database.run("select public.read_lead_person(%s)", [lead_id])
        database.run("select public.set_lead_status(%s, 'contacted')", [lead_id])
    # By a platform whose account is no longer connected.
    database.run(
        "insert into public.partner_lead_conversions"
        " (lead_id, partner_id, channel, account_id, status, reason, finished_at)"
        " values (%s, %s, 'google_ads', '1', 'refused', 'no_consent', now())",
        [lead_id, partner.id],
    )
    external_campaign_id = f"ext-{uuid4()}"
    linked_campaign_id = database.add_campaign(partner)
    with database.acting_as(admin):
        database.run("select public.link_campaign(%s, %s)", [linked_campaign_id, external_campaign_id])
        database.run("select public.set_campaign_status(%s, 'active')", [linked_campaign_id])
    metrics = {
        "event_key": f"metrics-{uuid4()}",
        "body_hmac": "0" * 64,
        "channel": "google_ads",
        "external_campaign_id": external_campaign_id,
        "facts": METRICS,
    }
    with database.acting_as("campaign_ingester"):
        database.run("select public.ingest_campaign_events('standard', %s)", [Jsonb([metrics])])
    return World(
        database=database,
        partner=partner,
        stranger=stranger,
        admin=admin,
        segment_id=segment_id,
        link_id=link_id,
        concept_id=database.add_page(partner),
        live_page_id=live_page_id,
        version_id=database.page(live_page_id)["live_version_id"],
        campaign_id=database.add_campaign(partner),
        linked_campaign_id=linked_campaign_id,
        external_campaign_id=external_campaign_id,
        lead_id=lead_id,
    )
