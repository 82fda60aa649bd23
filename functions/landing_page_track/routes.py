"""Puts landing_page_track together."""

from functools import partial

from starlette.routing import Route

from functions.landing_page_track.event_intake import EventIntake
from functions.landing_page_track.event_log import EventLog
from functions.landing_page_track.form_problem import present_to_sender
from functions.landing_page_track.lead_intake import LeadIntake
from functions.landing_page_track.recorder import Recorder
from functions.landing_page_track.settings import TrackSettings
from functions.landing_page_track.turnstile import Verify, make_verify
from functions.landing_page_track.visitor import Salts, Visitors
from shared.http.clock import Clock, utc_now
from shared.http.cors import preflight, with_cors
from shared.http.edge import Handler, serve
from shared.http.health import health_routes
from shared.landing_page.live_page import find_live_page
from shared.page_events.record import record
from shared.postgrest.client import PostgREST


def build(
    settings: TrackSettings, postgrest: PostgREST, now: Clock = utc_now, verify: Verify | None = None
) -> Handler:
    """Make the handler. Whatever it writes, it writes as event_recorder; it reads pages as a visitor does."""
    database = postgrest.as_role(settings.event_recorder_jwt)
    visitors = Visitors(Salts(database, now), settings.site_origin, settings.trusted_proxy_count)
    topic = settings.event_log_topic
    log = EventLog(topic, now, settings.pubsub_emulator_host) if topic else None
    recorder = Recorder(log.record if log else partial(record, database))
    events = EventIntake(recorder, visitors, settings, now)
    find_page = partial(find_live_page, postgrest.as_anon(), settings.page_public_keys)
    verify = verify or make_verify(settings.turnstile_secret)
    leads = LeadIntake(database, visitors, find_page, verify, settings.site_origin, now)
    routes = [
        Route("/events", events.receive, methods=["POST"]),
        preflight("/events", "POST", ["Content-Type"]),
        Route("/events/p.gif", events.receive_pixel, methods=["GET"]),
        Route("/leads", leads.receive, methods=["POST"]),
        preflight("/leads", "POST", ["Content-Type"]),
        *health_routes(database),
    ]
    return with_cors(serve(routes, present_to_sender), [settings.site_origin])
