"""Puts landing_page_report together."""

from starlette.routing import Route

from functions.landing_page_report.settings import ReportSettings
from functions.landing_page_report.show import Reports
from shared.http.clock import Clock, utc_now
from shared.http.cors import CALLER_HEADERS, preflight, with_cors
from shared.http.edge import Handler, serve
from shared.http.health import health_routes
from shared.postgrest.client import PostgREST


def build(settings: ReportSettings, postgrest: PostgREST, now: Clock = utc_now) -> Handler:
    """Make the handler. It asks as the caller, and has no right of its own."""
    reports = Reports(postgrest, now)
    shown = {
        "/reports/landing-pages": reports.as_page,
        "/reports/landing-pages.json": reports.as_json,
        "/reports/landing-pages.csv": reports.as_csv,
    }
    routes = [
        *(Route(path, show, methods=["GET"]) for path, show in shown.items()),
        *(preflight(path, "GET", CALLER_HEADERS) for path in shown),
        *health_routes(postgrest.as_anon()),
    ]
    return with_cors(serve(routes), settings.dashboard_origins)
