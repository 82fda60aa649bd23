"""Puts landing_page_count together."""

from functools import partial

from starlette.routing import Route

from functions.landing_page_count.google_keys import GoogleKeys
from functions.landing_page_count.push import PushIntake
from functions.landing_page_count.settings import CountSettings
from shared.http.edge import Handler, serve
from shared.http.health import health_routes
from shared.page_events.record import record
from shared.postgrest.client import PostgREST


def build(settings: CountSettings, postgrest: PostgREST, keys: GoogleKeys | None = None) -> Handler:
    """Make the handler. Whatever it writes, it writes as event_recorder."""
    database = postgrest.as_role(settings.event_recorder_jwt)
    intake = PushIntake(partial(record, database), keys or GoogleKeys(), settings)
    return serve([Route("/event-batches", intake.receive, methods=["POST"]), *health_routes(database)])
