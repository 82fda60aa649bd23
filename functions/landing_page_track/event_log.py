"""A managed log before the database: Pub/Sub keeps each batch until landing_page_count has had it counted.

https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/publish
"""

import base64
import time
from collections.abc import Callable
from uuid import uuid4

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from shared.http.clock import Clock
from shared.http.errors import EventLogUnavailable, InternalError
from shared.page_events.batch import EventBatch

_API = "https://pubsub.googleapis.com"

# https://cloud.google.com/run/docs/container-contract#metadata-server
_TOKEN = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token"  # noqa: S105 - an address.

TIMEOUT = httpx.Timeout(connect=2, write=5, read=10, pool=2)

TOKEN_MARGIN_SECONDS = 120
"""How long before it ends a token is asked for anew; Google has the next one ready five minutes before."""

log = structlog.get_logger()


class _Token(BaseModel):
    access_token: str
    expires_in: int


class _Published(BaseModel):
    messageIds: list[str]  # noqa: N815  # Google's spelling.


class EventLog:
    """A topic, to which this function's service account may publish."""

    def __init__(
        self,
        topic: str,
        now: Clock,
        emulator: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """Publish to `topic`, `projects/…/topics/…`; at an emulator's host:port nobody asks for a token."""
        self._url = f"{f'http://{emulator}' if emulator else _API}/v1/{topic}:publish"
        self._needs_token = emulator is None
        self._now = now
        self._timer = timer
        self._token = ""
        self._token_until = 0.0
        self._http = httpx.AsyncClient(timeout=TIMEOUT, transport=transport, trust_env=False)

    async def record(self, batch: EventBatch) -> list[str]:
        """Return `logged` for each event, and `booked` for each drop, once Pub/Sub has the batch.

        Raises:
            EventLogUnavailable: There was no answer in time, or none that says so. Sending it again counts no
                event twice.
            InternalError: The topic is not there, or not for us to publish to.
        """
        sent = batch.model_copy(update={"batch_id": uuid4(), "received_at": self._now()})
        message = {"data": base64.b64encode(sent.model_dump_json().encode()).decode()}
        try:
            headers = await self._authorization()
            answer = await self._http.post(self._url, json={"messages": [message]}, headers=headers)
            self._check(answer)
            _Published.model_validate_json(answer.content)
        except (httpx.HTTPError, ValidationError) as error:
            log.warning("event_log_unreachable", error=type(error).__name__)
            raise EventLogUnavailable("Views could not be kept in time.") from error
        return ["logged"] * len(batch.ids) + ["booked"] * len(batch.drops)

    def _check(self, answer: httpx.Response) -> None:
        if answer.is_client_error and answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            self._token_until = 0.0
            log.error("event_log_refused", status=answer.status_code)
            raise InternalError("The request could not be completed. It has been logged.")
        answer.raise_for_status()

    async def _authorization(self) -> dict[str, str]:
        if not self._needs_token:
            return {}
        if self._timer() >= self._token_until:
            answer = await self._http.get(_TOKEN, headers={"Metadata-Flavor": "Google"})
            answer.raise_for_status()
            token = _Token.model_validate_json(answer.content)
            self._token = token.access_token
            self._token_until = self._timer() + token.expires_in - TOKEN_MARGIN_SECONDS
        return {"Authorization": f"Bearer {self._token}"}
