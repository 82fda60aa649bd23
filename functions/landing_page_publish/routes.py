"""Puts landing_page_publish together."""

from starlette.routing import Route

from functions.landing_page_publish.publisher import Publisher
from functions.landing_page_publish.settings import PublishSettings
from shared.http.cors import CALLER_HEADERS, preflight, with_cors
from shared.http.edge import Handler, serve
from shared.http.health import health_routes
from shared.postgrest.client import PostgREST


def build(settings: PublishSettings, postgrest: PostgREST) -> Handler:
    """Make the handler. It acts as the caller; only the document is stored by an identity of our own."""
    renderer = postgrest.as_role(settings.page_renderer_jwt)
    publisher = Publisher(postgrest, renderer, settings)
    path = "/landing-pages/{id}/{action}"
    steps = Route(path, publisher.act, methods=["POST"])
    routes = [steps, preflight(path, "POST", CALLER_HEADERS), *health_routes(renderer)]
    return with_cors(serve(routes), settings.dashboard_origins)
