"""Puts landing_page_publish together."""

from starlette.routing import Route

from functions.landing_page_publish.publisher import Publisher
from functions.landing_page_publish.settings import PublishSettings
from shared.http.edge import Handler, serve
from shared.http.health import health_routes
from shared.postgrest.client import PostgREST


def build(settings: PublishSettings, postgrest: PostgREST) -> Handler:
    """Make the handler. It acts as the caller; only the document is stored by an identity of our own."""
    renderer = postgrest.as_role(settings.page_renderer_jwt)
    publisher = Publisher(postgrest, renderer, settings)
    steps = Route("/landing-pages/{id}/{action}", publisher.act, methods=["POST"])
    return serve([steps, *health_routes(renderer)])
