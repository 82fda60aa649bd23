"""Puts landing_page_track together."""

from starlette.routing import Route

from functions.landing_page_track.cors import answer_preflight, with_cors
from functions.landing_page_track.event_intake import EventIntake
from functions.landing_page_track.form_problem import present_to_sender
from functions.landing_page_track.lead_intake import LeadIntake
from functions.landing_page_track.settings import TrackSettings
from functions.landing_page_track.visitor import Clock, Salts, Visitors, utc_now
from shared.http.edge import Handler, serve
from shared.postgrest.client import PostgREST


def build(settings: TrackSettings, postgrest: PostgREST, now: Clock = utc_now) -> Handler:
    """Make the handler. Everything that it does to the database it does as event_recorder."""
    recorder = postgrest.as_role(settings.event_recorder_jwt)
    visitors = Visitors(Salts(recorder, now), settings.site_origin, settings.trusted_proxy_count)
    events = EventIntake(recorder, visitors)
    leads = LeadIntake(recorder, now)
    routes = [
        Route("/events", events.receive, methods=["POST"]),
        Route("/events", answer_preflight, methods=["OPTIONS"]),
        Route("/leads", leads.receive, methods=["POST"]),
        Route("/leads", answer_preflight, methods=["OPTIONS"]),
    ]
    return with_cors(serve(routes, present_to_sender), settings.site_origin)
