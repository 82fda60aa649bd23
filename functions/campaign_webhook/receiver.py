"""POST /webhooks/{channel}: prove, read, store, and only then acknowledge."""

from collections import Counter

import structlog
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.campaign_webhook.channels import open_channels
from functions.campaign_webhook.channels.channel import Channel, Outcome
from functions.campaign_webhook.settings import WebhookSettings
from shared.body import read_body, require_media_type
from shared.edge import Handler, json_response, problem_response, serve
from shared.errors import MethodNotAllowed, Problem, UnknownChannel
from shared.postgrest import PostgREST

MAX_BODY_BYTES = 1024 * 1024
"""Meta batches 1,000 changes into one POST; with ids as text that is 223 kB."""

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_OUTCOMES = TypeAdapter(list[Outcome])

log = structlog.get_logger()


def build(settings: WebhookSettings, postgrest: PostgREST) -> Handler:
    """Make the handler. Everything that it does to the database it does as campaign_ingester."""
    ingester = postgrest.as_role(settings.campaign_ingester_jwt)
    channels = open_channels(settings)

    async def receive(request: Request) -> Response:
        source = request.path_params["channel"]
        channel = _find_channel(channels, request)
        require_media_type(request, ("application/json", ""))
        body = await read_body(request, MAX_BODY_BYTES)
        channel.authenticate(request.headers, body)
        events = channel.read(request.headers, body)
        answer = await ingester.call(
            "ingest_campaign_events", source=source, events=[event.row() for event in events]
        )
        outcomes = _OUTCOMES.validate_python(answer)
        log.info("webhook_stored", source=source, outcomes=Counter(outcome.outcome for outcome in outcomes))
        return json_response(channel.acknowledge(outcomes))

    # Every method is routed here, so that a closed channel and an unknown one look the same.
    return serve([Route("/webhooks/{channel}", receive, methods=_METHODS)], present_with_message)


def _find_channel(channels: dict[str, Channel], request: Request) -> Channel:
    channel = channels.get(request.path_params["channel"])
    if channel is None:
        raise UnknownChannel("No webhook is open under this name.", hint="A channel opens with its secret.")
    if request.method != "POST":
        raise MethodNotAllowed(["POST"])
    return channel


def present_with_message(request: Request, problem: Problem) -> Response:  # noqa: ARG001  # All problems alike.
    """Answer problem+json with `message`, which Google shows to whoever set the webhook up."""
    return problem_response({**problem.body(), "message": problem.detail}, problem)
