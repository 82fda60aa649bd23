"""What a platform's module offers."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel
from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response

from shared.campaign_events.event import CampaignEvent
from shared.http.errors import MethodNotAllowed


class Outcome(BaseModel):
    """What the database did with one event."""

    event_key: str
    outcome: Literal["applied", "superseded", "parked", "duplicate", "conflict"]
    reason: str | None = None


class Source(ABC):
    """A platform: how it proves itself, what it says, and which answer it wants."""

    methods: Sequence[str] = ("POST",)
    max_body_bytes: int = 1024 * 1024
    """Meta batches 1,000 changes into one POST; with ids as text that is 223 kB."""

    def answer_handshake(self, query: QueryParams) -> Response:  # noqa: ARG002  # Those that have one read it.
        """Answer the GET by which a platform makes sure of us.

        Raises:
            MethodNotAllowed: This platform has none.
            HandshakeRefused: It is not this platform that asks.
        """
        raise MethodNotAllowed(self.methods)

    @abstractmethod
    def authenticate(self, headers: Headers, body: bytes) -> None:
        """Check the raw bytes, in constant time, against every secret of the source.

        Raises:
            SignatureMismatch: None of them fits.
            MalformedBody: The proof is inside the body, and that cannot be parsed.
        """

    @abstractmethod
    def read(self, headers: Headers, body: bytes) -> Sequence[CampaignEvent]:
        """Return the logical events of an authentic delivery.

        What cannot be understood is an event too, of kind `other` and with a reason: no retry would mend it.

        Raises:
            MalformedBody: The bytes are not JSON, or not of the envelope's kind at all.
        """

    def acknowledge(self, outcomes: Sequence[Outcome]) -> object:  # noqa: ARG002  # Those that say more read it.
        """Return the JSON that this platform wants with its 200: nothing, but for our own."""
        return {}
