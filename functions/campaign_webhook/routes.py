"""Puts campaign_webhook together."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.campaign_webhook.receiver import Receiver
from functions.campaign_webhook.settings import WebhookSettings
from functions.campaign_webhook.sources import make_sources
from shared.http.edge import Handler, problem_response, serve
from shared.http.errors import Problem
from shared.http.health import health_routes
from shared.postgrest.client import PostgREST

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def build(settings: WebhookSettings, postgrest: PostgREST) -> Handler:
    """Make the handler. Everything that it does to the database it does as campaign_ingester."""
    identity = postgrest.as_role(settings.campaign_ingester_jwt)
    receiver = Receiver(identity, make_sources(settings))
    # Every method is routed here, so that a closed source and an unknown one look the same.
    webhooks = Route("/webhooks/{source}", receiver.receive, methods=_METHODS)
    return serve([webhooks, *health_routes(identity)], present_with_message)


def present_with_message(request: Request, problem: Problem) -> Response:  # noqa: ARG001  # All problems alike.
    """Answer problem+json with `message`, which Google shows to whoever set the webhook up."""
    return problem_response({**problem.body(), "message": problem.detail}, problem)
