"""/webhooks/{source}: prove, read, store, and only then acknowledge."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping

import structlog
from starlette.requests import Request
from starlette.responses import Response

from functions.campaign_webhook.inbox import Inbox
from functions.campaign_webhook.sources.source import Source
from shared.http.body import read_body, require_media_type
from shared.http.edge import json_response
from shared.http.errors import MethodNotAllowed, Problem, UnknownSource
from shared.postgrest.client import Identity

NOTE_SECONDS = 1
"""LinkedIn waits three seconds for its handshake, and blocks a webhook after three that failed."""

NOTE_EVERY_SECONDS = 60
"""Anybody may ask for a handshake, and none of them may keep the database busy."""

log = structlog.get_logger()


class Receiver:
    """Takes deliveries in and has the database keep them."""

    def __init__(self, ingester: Identity, sources: Mapping[str, Source]) -> None:
        """Store as `ingester`, which may do nothing else, what these sources deliver."""
        self._ingester = ingester
        self._inbox = Inbox(ingester)
        self._sources = sources
        self._noted: dict[str, float] = {}

    async def receive(self, request: Request) -> Response:
        """Answer as the source wants it, once everything in the delivery is stored.

        Raises:
            UnknownSource: No webhook is open under this name.
            HandshakeRefused: A handshake is not this platform's.
            SignatureMismatch: The delivery cannot prove where it comes from.
        """
        name = request.path_params["source"]
        source = self._sources.get(name)
        if source is None:
            raise UnknownSource("No webhook is open under this name.", hint="A source opens with its secret.")
        if request.method == "GET":
            return await self._shake_hands(name, source, request)
        if request.method != "POST":
            raise MethodNotAllowed(source.methods)
        require_media_type(request, ("application/json", ""))
        body = await read_body(request, source.max_body_bytes)
        source.authenticate(request.headers, body)
        outcomes = await self._inbox.store(name, source.read(request.headers, body))
        log.info("webhook_stored", source=name, outcomes=Counter(outcome.outcome for outcome in outcomes))
        return json_response(source.acknowledge(outcomes))

    async def _shake_hands(self, name: str, source: Source, request: Request) -> Response:
        response = source.answer_handshake(request.query_params)
        now = time.monotonic()
        if now - self._noted.get(name, float("-inf")) < NOTE_EVERY_SECONDS:
            return response
        self._noted[name] = now
        try:
            async with asyncio.timeout(NOTE_SECONDS):
                await self._ingester.call("note_webhook_handshake", source=name)
        except (Problem, TimeoutError):
            log.warning("handshake_not_noted", source=name)
        return response
