"""Puts partner_leads together."""

from starlette.routing import Route

from functions.partner_leads.present import Presenter
from functions.partner_leads.screen import Screen
from functions.partner_leads.session import Sessions
from functions.partner_leads.settings import PartnerLeadsSettings
from shared.http.clock import Clock, utc_now
from shared.http.edge import Handler, serve
from shared.http.health import health_routes
from shared.postgrest.client import PostgREST


def build(settings: PartnerLeadsSettings, postgrest: PostgREST, now: Clock = utc_now) -> Handler:
    """Make the handler. It asks as the caller, and has no right of its own."""
    sessions = Sessions(
        postgrest, settings.trusted_origins, now, is_secure=settings.site_url.scheme == "https"
    )
    screen = Screen(postgrest, settings.site_origin)
    return serve(
        [
            Route("/partner-leads", screen.show, methods=["GET"]),
            Route("/partner-leads/export.csv", screen.export, methods=["GET"]),
            Route("/partner-leads/session", sessions.begin, methods=["POST"]),
            Route("/partner-leads/session/end", sessions.end, methods=["POST"]),
            Route("/partner-leads/{id}/status", screen.set_status, methods=["POST"]),
            *health_routes(postgrest.as_anon()),
        ],
        Presenter(settings.partner_app_url).present,
    )
