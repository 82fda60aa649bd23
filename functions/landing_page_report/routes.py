"""Puts landing_page_report together."""

from starlette.routing import Route

from functions.landing_page_report.settings import ReportSettings
from functions.landing_page_report.show import Reports
from shared.http.clock import Clock, utc_now
from shared.http.edge import Handler, serve
from shared.http.health import health_routes
from shared.postgrest.client import PostgREST


def build(settings: ReportSettings, postgrest: PostgREST, now: Clock = utc_now) -> Handler:  # noqa: ARG001  # As every function.
    """Make the handler. It asks as the caller, and has no right of its own."""
    reports = Reports(postgrest, now)
    return serve(
        [
            Route("/reports/landing-pages", reports.as_page, methods=["GET"]),
            Route("/reports/landing-pages.json", reports.as_json, methods=["GET"]),
            Route("/reports/landing-pages.csv", reports.as_csv, methods=["GET"]),
            *health_routes(postgrest.as_anon()),
        ]
    )
