"""Who may do what through the API: the one place where that is written down.

A table, view or function of schema `public` that is not here fails the suite, so whoever adds one says who it is for.
The row is always the partner's; the stranger, another partner, and the admin try the same one. The outcomes:

    ok        It happens: the row is read or written, the function answers.
    denied    Permission denied (42501): there is no grant. HTTP 403, and 401 for anon.
    refused   Row level security turns the new row away (42501, "violates row-level security"). HTTP 403.
    nothing   Row level security hides the row: HTTP 200 and no rows.
    locked    It is a view, and nobody writes through it (view_not_writable). HTTP 405.
    <word>    A rule of ours says no with that word: the caller got past the grants.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.access.world import World
from tests.documents import make_document
from tests.events import columns

WHO = (
    "anon",
    "partner",
    "stranger",
    "admin",
    "page_renderer",
    "event_recorder",
    "campaign_ingester",
    "job_runner",
    "service_role",
)

RELATIONS = """
                                  anon    partner  stranger  admin    renderer  recorder  ingester  jobs    service

campaign_performance
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          locked  locked   locked    locked   locked    locked    locked    locked  locked
  update                          locked  locked   locked    locked   locked    locked    locked    locked  locked
  delete                          locked  locked   locked    locked   locked    locked    locked    locked  locked
budget_pace
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          locked  locked   locked    locked   locked    locked    locked    locked  locked
  update                          locked  locked   locked    locked   locked    locked    locked    locked  locked
  delete                          locked  locked   locked    locked   locked    locked    locked    locked  locked
landing_pages_in_review
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          locked  locked   locked    locked   locked    locked    locked    locked  locked
  update                          locked  locked   locked    locked   locked    locked    locked    locked  locked
  delete                          locked  locked   locked    locked   locked    locked    locked    locked  locked
live_landing_pages
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          locked  locked   locked    locked   locked    locked    locked    locked  locked
  update                          locked  locked   locked    locked   locked    locked    locked    locked  locked
  delete                          locked  locked   locked    locked   locked    locked    locked    locked  locked

profiles
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  refused  refused   ok       denied    denied    denied    denied  ok
  update                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  ok
lead_segments
  select                          denied  ok       ok        ok       denied    denied    denied    denied  ok
  insert                          denied  denied   denied    denied   denied    denied    denied    denied  ok
  update                          denied  denied   denied    denied   denied    denied    denied    denied  ok
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  ok
partner_segments
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  ok       refused   ok       denied    denied    denied    denied  ok
  update                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
partner_landing_pages
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  ok       refused   ok       denied    denied    denied    denied  ok
  update                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
partner_landing_page_versions
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  update                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
partner_landing_page_submissions
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  update                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
partner_landing_page_transitions
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  update                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
partner_landing_page_stats
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  update                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
partner_landing_page_drops
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  update                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
partner_marketing_campaigns
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  ok       refused   ok       denied    denied    denied    denied  ok
  update                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
partner_campaign_metrics
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  update                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
partner_campaign_writes
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  update                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
partner_leads
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  update                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
partner_lead_looks
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  update                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
partner_lead_steps
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  update                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
partner_lead_conversions
  select                          denied  ok       nothing   ok       denied    denied    denied    denied  ok
  insert                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  update                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
partner_lead_contacts
  select                          denied  ok       nothing   nothing  denied    denied    denied    denied  ok
  insert                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  update                          denied  denied   denied    denied   denied    denied    denied    denied  denied
  delete                          denied  denied   denied    denied   denied    denied    denied    denied  denied
"""

# One line a caller is too much for these: the outcome by who, where the rest is denied.
FUNCTIONS: Mapping[str, Mapping[str, str]] = {
    "landing_page_snapshot(uuid, text)": {
        "partner": "ok",
        "stranger": "page_not_found",
        "admin": "ok",
        "service_role": "ok",
    },
    "store_landing_page_document(uuid, text, text, bytea, text, bytea)": {"page_renderer": "ok"},
    "submit_landing_page(uuid, text)": {
        "partner": "document_missing",
        "stranger": "page_not_found",
        "admin": "document_missing",
        "service_role": "document_missing",
    },
    "approve_landing_page(uuid, text)": {
        "partner": "not_allowed",
        "stranger": "page_not_found",
        "admin": "content_changed",
        "service_role": "content_changed",
    },
    "reject_landing_page(uuid, text)": {
        "partner": "transition_not_allowed",
        "stranger": "page_not_found",
        "admin": "transition_not_allowed",
        "service_role": "transition_not_allowed",
    },
    "archive_landing_page(uuid, text)": {
        "partner": "transition_not_allowed",
        "stranger": "page_not_found",
        "admin": "transition_not_allowed",
        "service_role": "transition_not_allowed",
    },
    "restore_landing_page(uuid)": {
        "partner": "transition_not_allowed",
        "stranger": "page_not_found",
        "admin": "transition_not_allowed",
        "service_role": "transition_not_allowed",
    },
    "roll_back_landing_page(uuid, integer)": {
        "partner": "version_not_found",
        "stranger": "page_not_found",
        "admin": "version_not_found",
        "service_role": "version_not_found",
    },
    "create_landing_page_preview(uuid, integer)": {
        "partner": "version_not_found",
        "stranger": "page_not_found",
        "admin": "version_not_found",
        "service_role": "version_not_found",
    },
    "revoke_landing_page_previews(uuid)": {
        "partner": "ok",
        "stranger": "page_not_found",
        "admin": "ok",
        "service_role": "ok",
    },
    "live_landing_page_snapshot(uuid, text)": {
        "partner": "not_allowed",
        "stranger": "page_not_found",
        "admin": "ok",
        "service_role": "ok",
    },
    "rerender_landing_page(uuid, text)": {
        "partner": "not_allowed",
        "stranger": "page_not_found",
        "admin": "document_missing",
        "service_role": "document_missing",
    },
    # The three things that a visitor without an account reaches.
    "landing_page_sitemap(integer)": {
        "anon": "ok",
        "partner": "ok",
        "stranger": "ok",
        "admin": "ok",
        "service_role": "ok",
    },
    "landing_page_preview(text)": {
        "anon": "ok",
        "partner": "ok",
        "stranger": "ok",
        "admin": "ok",
        "service_role": "ok",
    },
    "live_landing_page(text)": {
        "anon": "ok",
        "partner": "ok",
        "stranger": "ok",
        "admin": "ok",
        "service_role": "ok",
    },
    "set_campaign_status(uuid, text)": {
        "partner": "transition_not_allowed",
        "stranger": "campaign_not_found",
        "admin": "transition_not_allowed",
        "service_role": "transition_not_allowed",
    },
    "link_campaign(uuid, text)": {
        "partner": "not_allowed",
        "stranger": "campaign_not_found",
        "admin": "campaign_already_linked",
        "service_role": "campaign_already_linked",
    },
    "visitor_salt(date)": {"event_recorder": "ok"},
    "record_events(uuid[], uuid[], text[], bigint[], bigint[], bigint[], text[], text[], text[], jsonb, uuid, timestamp with time zone)": {
        "event_recorder": "ok"
    },
    "record_lead(jsonb)": {"event_recorder": "page_not_found"},
    "release_lead(uuid)": {
        "partner": "not_allowed",
        "stranger": "not_allowed",
        "admin": "ok",
        "service_role": "ok",
    },
    "my_leads(timestamp with time zone, uuid, integer)": {"partner": "ok", "stranger": "ok", "admin": "ok"},
    "set_lead_status(uuid, text, text)": {
        "partner": "ok",
        "stranger": "lead_not_found",
        "admin": "ok",
        "service_role": "ok",
    },
    "export_person(text, text)": {
        "partner": "not_allowed",
        "stranger": "not_allowed",
        "admin": "ok",
        "service_role": "ok",
    },
    "erase_lead(uuid)": {
        "partner": "not_allowed",
        "stranger": "not_allowed",
        "admin": "lead_not_found",
        "service_role": "lead_not_found",
    },
    "erase_person(text, text)": {
        "partner": "not_allowed",
        "stranger": "not_allowed",
        "admin": "ok",
        "service_role": "ok",
    },
    "read_lead_person(uuid)": {
        "partner": "not_allowed",
        "stranger": "not_allowed",
        "admin": "ok",
        "service_role": "ok",
    },
    "reassign_lead(uuid, uuid)": {
        "partner": "not_allowed",
        "stranger": "not_allowed",
        "admin": "lead_not_untouched",
        "service_role": "lead_not_untouched",
    },
    "maintain_people()": {"job_runner": "ok"},
    "find_alerts()": {"job_runner": "ok"},
    "readiness()": {
        "anon": "ok",
        "page_renderer": "ok",
        "event_recorder": "ok",
        "campaign_ingester": "ok",
        "job_runner": "ok",
    },
    "take_deliveries(text, integer)": {"job_runner": "ok"},
    "note_deliveries(jsonb)": {"job_runner": "ok"},
    "connect_ad_account(jsonb, text)": {
        "partner": "not_allowed",
        "stranger": "not_allowed",
        "admin": "credentials_not_sealed",
        "service_role": "credentials_not_sealed",
    },
    "request_sync(text, text, date, date)": {
        "partner": "not_allowed",
        "stranger": "not_allowed",
        "admin": "connection_not_found",
        "service_role": "connection_not_found",
    },
    "read_platform_apis(text)": {
        "partner": "not_allowed",
        "stranger": "not_allowed",
        "admin": "ok",
        "service_role": "ok",
    },
    "sync_progress(text, text)": {
        "partner": "not_allowed",
        "stranger": "not_allowed",
        "admin": "ok",
        "service_role": "ok",
    },
    "maintain_sync()": {"job_runner": "ok"},
    "take_sync_job(uuid)": {"job_runner": "ok"},
    "leave_sync(uuid)": {"job_runner": "ok"},
    "keep_credentials(bigint, uuid, text, timestamp with time zone)": {"job_runner": "lease_lost"},
    "store_sync_page(bigint, uuid, jsonb)": {"job_runner": "lease_lost"},
    "apply_sync_window(bigint, uuid)": {"job_runner": "lease_lost"},
    "fail_sync_job(bigint, uuid, jsonb)": {"job_runner": "lease_lost"},
    "store_rates(bigint, uuid, jsonb, text, boolean)": {"job_runner": "lease_lost"},
    "take_campaign_write(bigint, uuid)": {"job_runner": "lease_lost"},
    "judge_campaign_write(bigint, uuid, bigint, jsonb, jsonb, boolean)": {"job_runner": "lease_lost"},
    "refuse_campaign_write(bigint, uuid, bigint, text, boolean)": {"job_runner": "lease_lost"},
    "decide_campaign_write(bigint, text)": {
        "partner": "not_allowed",
        "stranger": "not_allowed",
        "admin": "write_not_found",
        "service_role": "write_not_found",
    },
    "take_conversion(bigint, uuid)": {"job_runner": "lease_lost"},
    "note_conversion(bigint, uuid, bigint, jsonb)": {"job_runner": "lease_lost"},
    "set_lead_webhook(text)": {"partner": "ok", "stranger": "ok", "admin": "ok"},
    "read_lead_webhook()": {"partner": "ok", "stranger": "ok", "admin": "ok"},
    "ingest_campaign_events(text, jsonb)": {"campaign_ingester": "ok"},
    "note_webhook_handshake(text)": {"campaign_ingester": "ok"},
    "replay_campaign_events(jsonb, bigint)": {"job_runner": "ok"},
    "counter_drift()": {"job_runner": "ok"},
    "rebuild_counters()": {"job_runner": "ok"},
    "maintain_page_events()": {"job_runner": "ok"},
    "landing_page_report(date, date)": {
        "partner": "ok",
        "stranger": "ok",
        "admin": "ok",
    },
    "release_events(uuid, date, text)": {
        "partner": "not_allowed",
        "stranger": "not_allowed",
        "admin": "ok",
        "service_role": "ok",
    },
}

Fields = Mapping[str, object]


@dataclass(frozen=True)
class RelationSample:
    """How to try a relation. `row` finds exactly one row of the partner's."""

    row: Callable[[World], Fields]
    insert: Callable[[World], Fields] = field(default=lambda _: {})
    update: Fields = field(default_factory=dict)
    # A row that may go: whoever is allowed to delete takes this one.
    spare: Callable[[World], Fields] | None = None


def _page_of(world: World) -> Fields:
    return {"page_id": world.live_page_id}


RELATION_SAMPLES: Mapping[str, RelationSample] = {
    "budget_pace": RelationSample(
        row=lambda world: {"partner_id": world.partner.id, "level": "partner"}, update={"spent": 0}
    ),
    "campaign_performance": RelationSample(
        row=lambda world: {"id": world.campaign_id},
        insert=lambda _: {"channel": "seo"},
        update={"status": "active"},
    ),
    "landing_pages_in_review": RelationSample(
        row=lambda world: {"id": world.live_page_id},
        insert=lambda _: {"title": "Mine"},
        update={"title": "Mine"},
    ),
    "live_landing_pages": RelationSample(
        row=lambda world: {"id": world.live_page_id},
        insert=lambda _: {"title": "Mine"},
        update={"title": "Mine"},
    ),
    "profiles": RelationSample(
        row=lambda world: {"id": world.partner.id},
        insert=lambda world: {"id": world.database.add_user().id},
        update={"tone_of_voice": "Rustig"},
        spare=lambda world: {"id": world.database.add_partner().id},
    ),
    "lead_segments": RelationSample(
        row=lambda world: {"id": world.segment_id},
        insert=lambda _: {"trade": f"Trade {uuid4()}", "region": "Utrecht"},
        update={"region": "Elders"},
        spare=lambda world: {"id": world.database.add_segment()},
    ),
    "partner_segments": RelationSample(
        row=lambda world: {"id": world.link_id},
        insert=lambda world: {
            "partner_id": world.partner.id,
            "segment_id": world.segment_id,
            "is_active": False,
        },
        update={"priority": 7},
    ),
    "partner_landing_pages": RelationSample(
        row=lambda world: {"id": world.concept_id},
        insert=lambda world: {
            "partner_id": world.partner.id,
            "path": world.partner.path(f"new-{uuid4()}"),
            "title": "Nieuw",
        },
        update={"subtitle": "Anders"},
    ),
    "partner_landing_page_versions": RelationSample(
        row=lambda world: {"id": world.version_id},
        insert=lambda world: {**_page_of(world), "number": 99, "content_hash": "0" * 64, "path": "/x"},
        update={"path": "/partners/elders/x"},
    ),
    "partner_landing_page_submissions": RelationSample(
        row=lambda world: {**_page_of(world), "status": "waiting"},
        insert=lambda world: {
            **_page_of(world),
            "version_id": str(world.version_id),
            "submitted_as": "admin",
        },
        update={"reason": "Because"},
    ),
    "partner_landing_page_transitions": RelationSample(
        row=lambda world: {**_page_of(world), "to_status": "live"},
        insert=lambda world: {
            **_page_of(world),
            "from_status": "review",
            "to_status": "live",
            "actor": "admin",
        },
        update={"reason": "Because"},
    ),
    "partner_landing_page_stats": RelationSample(
        row=_page_of,
        insert=lambda world: {**_page_of(world), "day": "2026-01-01", "views": 1000},
        update={"views": 1000},
    ),
    "partner_landing_page_drops": RelationSample(
        row=_page_of,
        insert=lambda world: {**_page_of(world), "day": "2026-01-01", "reason": "bot", "attempts": 1},
        update={"attempts": 1000},
    ),
    "partner_marketing_campaigns": RelationSample(
        row=lambda world: {"id": world.campaign_id},
        insert=lambda world: {"partner_id": world.partner.id, "channel": "email"},
        update={"cpl_target": 12},
    ),
    "partner_campaign_metrics": RelationSample(
        row=lambda world: {"external_campaign_id": world.external_campaign_id},
        insert=lambda _: {"channel": "seo", "external_campaign_id": "x", "day": "2026-01-01"},
        update={"spend_eur": 0},
    ),
    "partner_campaign_writes": RelationSample(
        row=lambda world: {"campaign_id": world.linked_campaign_id},
        insert=lambda world: {
            "campaign_id": world.linked_campaign_id,
            "field": "status",
            "value": "active",
            "status": "waiting",
            "to_do": "Start it.",
            "requested_by": "admin",
        },
        update={"status": "waiting"},
    ),
    "partner_leads": RelationSample(
        row=lambda world: {"id": world.lead_id},
        insert=lambda world: {"id": uuid4(), "page_id": world.live_page_id, "partner_id": world.partner.id},
        update={"is_test": True},
    ),
    "partner_lead_looks": RelationSample(
        row=lambda world: {"lead_id": world.lead_id},
        insert=lambda world: {"lead_id": world.lead_id, "actor": "admin"},
        update={"actor": "dashboard"},
    ),
    "partner_lead_conversions": RelationSample(
        row=lambda world: {"lead_id": world.lead_id},
        insert=lambda world: {"lead_id": world.lead_id, "channel": "google_ads", "account_id": "1"},
        update={"status": "waiting"},
    ),
    "partner_lead_steps": RelationSample(
        row=lambda world: {"lead_id": world.lead_id},
        insert=lambda world: {
            "lead_id": world.lead_id,
            "from_status": "new",
            "to_status": "won",
            "actor": "admin",
        },
        update={"actor": "dashboard"},
    ),
    "partner_lead_contacts": RelationSample(
        row=lambda world: {"lead_id": world.lead_id},
        insert=lambda world: {"lead_id": world.lead_id, "name": "Iemand"},
        update={"name": "Iemand"},
    ),
}


# Arguments with which nothing changes, whoever calls: what is not an answer is a word.
FUNCTION_SAMPLES: Mapping[str, Callable[[World], Fields]] = {
    "landing_page_snapshot(uuid, text)": lambda world: {
        "page_id": world.live_page_id,
        "template_version": "1",
    },
    "store_landing_page_document(uuid, text, text, bytea, text, bytea)": lambda world: {
        "page_id": world.concept_id,
        "template_version": "1",
        **make_document(uuid4().hex * 2).model_dump(),
    },
    "submit_landing_page(uuid, text)": lambda world: {
        "page_id": world.live_page_id,
        "content_hash": "0" * 64,
    },
    "approve_landing_page(uuid, text)": lambda world: {
        "page_id": world.live_page_id,
        "content_hash": "0" * 64,
    },
    "reject_landing_page(uuid, text)": lambda world: {"page_id": world.concept_id, "reason": "No"},
    "archive_landing_page(uuid, text)": lambda world: {"page_id": world.concept_id},
    "restore_landing_page(uuid)": lambda world: {"page_id": world.concept_id},
    "roll_back_landing_page(uuid, integer)": lambda world: {"page_id": world.live_page_id, "version": 99},
    "live_landing_page_snapshot(uuid, text)": lambda world: {
        "page_id": world.live_page_id,
        "template_version": "another",
    },
    "rerender_landing_page(uuid, text)": lambda world: {
        "page_id": world.live_page_id,
        "content_hash": "0" * 64,
    },
    "landing_page_sitemap(integer)": lambda _: {"number": 1},
    "create_landing_page_preview(uuid, integer)": lambda world: {
        "page_id": world.live_page_id,
        "version": 99,
    },
    "revoke_landing_page_previews(uuid)": lambda world: {"page_id": world.concept_id},
    "landing_page_preview(text)": lambda _: {"token": "0" * 64},
    "live_landing_page(text)": lambda world: {"path": world.partner.path("page-1")},
    "set_campaign_status(uuid, text)": lambda world: {"campaign_id": world.campaign_id, "status": "paused"},
    "link_campaign(uuid, text)": lambda world: {
        "campaign_id": world.linked_campaign_id,
        "external_campaign_id": "another",
    },
    "visitor_salt(date)": lambda _: {"day": datetime.now(ZoneInfo("Europe/Amsterdam")).date().isoformat()},
    "record_events(uuid[], uuid[], text[], bigint[], bigint[], bigint[], text[], text[], text[], jsonb, uuid, timestamp with time zone)": lambda _: (
        columns([])
    ),
    "record_lead(jsonb)": lambda _: {"lead": {"id": str(uuid4()), "page_id": str(uuid4())}},
    "release_lead(uuid)": lambda world: {"lead_id": world.lead_id},
    "reassign_lead(uuid, uuid)": lambda world: {"lead_id": world.lead_id, "partner_id": world.stranger.id},
    "maintain_people()": lambda _: {},
    "find_alerts()": lambda _: {},
    "readiness()": lambda _: {},
    "erase_person(text, text)": lambda _: {"email": "nobody@voorbeeld.nl"},
    "take_deliveries(text, integer)": lambda _: {"kind": "partner_mail"},
    "note_deliveries(jsonb)": lambda _: {"results": []},
    "connect_ad_account(jsonb, text)": lambda _: {
        "connection": {"channel": "google_ads", "account_id": "1"},
        "sealed": "a token as it is",
    },
    "request_sync(text, text, date, date)": lambda _: {
        "channel": "google_ads",
        "account_id": "1",
        "window_from": "2026-11-01",
        "window_to": "2026-11-02",
    },
    "read_platform_apis(text)": lambda _: {"platform": "google_ads"},
    "sync_progress(text, text)": lambda _: {"channel": "google_ads", "account_id": "1"},
    "maintain_sync()": lambda _: {},
    "take_sync_job(uuid)": lambda _: {"lease": str(uuid4())},
    "leave_sync(uuid)": lambda _: {"lease": str(uuid4())},
    "keep_credentials(bigint, uuid, text, timestamp with time zone)": lambda _: {
        "job_id": 0,
        "lease": str(uuid4()),
        "sealed": "gAAAA",
    },
    "store_sync_page(bigint, uuid, jsonb)": lambda _: {"job_id": 0, "lease": str(uuid4()), "page": {}},
    "apply_sync_window(bigint, uuid)": lambda _: {"job_id": 0, "lease": str(uuid4())},
    "fail_sync_job(bigint, uuid, jsonb)": lambda _: {"job_id": 0, "lease": str(uuid4()), "failure": {}},
    "store_rates(bigint, uuid, jsonb, text, boolean)": lambda _: {
        "job_id": 0,
        "lease": str(uuid4()),
        "rates": [],
        "source": "ECB",
        "is_last": True,
    },
    "take_campaign_write(bigint, uuid)": lambda _: {"job_id": 0, "lease": str(uuid4())},
    "judge_campaign_write(bigint, uuid, bigint, jsonb, jsonb, boolean)": lambda _: {
        "job_id": 0,
        "lease": str(uuid4()),
        "write_id": 0,
        "campaign": [],
        "request": {},
        "may_send": True,
    },
    "refuse_campaign_write(bigint, uuid, bigint, text, boolean)": lambda _: {
        "job_id": 0,
        "lease": str(uuid4()),
        "write_id": 0,
        "reason": "no",
        "is_by_hand": False,
    },
    "decide_campaign_write(bigint, text)": lambda _: {"write_id": 0, "decision": "send"},
    "take_conversion(bigint, uuid)": lambda _: {"job_id": 0, "lease": str(uuid4())},
    "note_conversion(bigint, uuid, bigint, jsonb)": lambda _: {
        "job_id": 0,
        "lease": str(uuid4()),
        "conversion_id": 0,
        "result": {"status": "done"},
    },
    "set_lead_webhook(text)": lambda _: {"url": "https://hooks.voorbeeld.nl/leads"},
    "read_lead_webhook()": lambda _: {},
    "my_leads(timestamp with time zone, uuid, integer)": lambda _: {},
    "set_lead_status(uuid, text, text)": lambda world: {"lead_id": world.lead_id, "status": "contacted"},
    "export_person(text, text)": lambda _: {"email": "niemand@voorbeeld.nl"},
    "erase_lead(uuid)": lambda _: {"lead_id": str(uuid4())},
    "read_lead_person(uuid)": lambda world: {"lead_id": world.lead_id},
    "ingest_campaign_events(text, jsonb)": lambda _: {"source": "standard", "events": []},
    "note_webhook_handshake(text)": lambda _: {"source": "meta_ads"},
    "replay_campaign_events(jsonb, bigint)": lambda _: {"selection": {"reason": "none"}},
    "counter_drift()": lambda _: {},
    "rebuild_counters()": lambda _: {},
    "maintain_page_events()": lambda _: {},
    "landing_page_report(date, date)": lambda _: {"since": "2026-01-01", "until": "2026-01-31"},
    "release_events(uuid, date, text)": lambda world: {"page_id": world.live_page_id, "day": "2026-01-01"},
}


def relation_expectations() -> dict[tuple[str, str, str], str]:
    """Read the table: (relation, action, who) to outcome."""
    outcomes: dict[tuple[str, str, str], str] = {}
    relation = ""
    for line in RELATIONS.splitlines()[2:]:
        if line and not line.startswith(" "):
            relation = line.strip()
        elif line.strip():
            action, *cells = line.split()
            for who, outcome in zip(WHO, cells, strict=True):
                outcomes[relation, action, who] = outcome
    return outcomes


def function_expectations() -> dict[tuple[str, str], str]:
    """Read the functions: (signature, who) to outcome."""
    return {(name, who): row.get(who, "denied") for name, row in FUNCTIONS.items() for who in WHO}
