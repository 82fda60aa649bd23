"""POST /webhooks/{source}: prove, read, store, and only then acknowledge."""

from collections import Counter
from collections.abc import Mapping

import structlog
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from functions.campaign_webhook.sources.source import Outcome, Source
from shared.http.body import read_body, require_media_type
from shared.http.edge import json_response
from shared.http.errors import MethodNotAllowed, UnknownSource
from shared.postgrest.client import Identity

MAX_BODY_BYTES = 1024 * 1024
"""Meta batches 1,000 changes into one POST; with ids as text that is 223 kB."""

_OUTCOMES = TypeAdapter(list[Outcome])

log = structlog.get_logger()


class Receiver:
    """Takes deliveries in and has the database keep them."""

    def __init__(self, ingester: Identity, sources: Mapping[str, Source]) -> None:
        """Store as `ingester`, which may do nothing else, what these sources deliver."""
        self._ingester = ingester
        self._sources = sources

    async def receive(self, request: Request) -> Response:
        """Answer as the source wants it, once everything in the delivery is stored.

        Raises:
            UnknownSource: No webhook is open under this name.
            SignatureMismatch: The delivery cannot prove where it comes from.
        """
        name = request.path_params["source"]
        source = self._find_source(request)
        require_media_type(request, ("application/json", ""))
        body = await read_body(request, MAX_BODY_BYTES)
        source.authenticate(request.headers, body)
        events = source.read(request.headers, body)
        answer = await self._ingester.call(
            "ingest_campaign_events", source=name, events=[event.row() for event in events]
        )
        outcomes = _OUTCOMES.validate_python(answer)
        log.info("webhook_stored", source=name, outcomes=Counter(outcome.outcome for outcome in outcomes))
        return json_response(source.acknowledge(outcomes))

    def _find_source(self, request: Request) -> Source:
        source = self._sources.get(request.path_params["source"])
        if source is None:
            raise UnknownSource("No webhook is open under this name.", hint="A source opens with its secret.")
        if request.method != "POST":
            raise MethodNotAllowed(["POST"])
        return source
