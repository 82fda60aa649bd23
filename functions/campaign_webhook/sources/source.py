"""What a platform's module offers."""

from collections.abc import Sequence
from typing import Literal, Protocol

from pydantic import BaseModel
from starlette.datastructures import Headers

from functions.campaign_webhook.event import CampaignEvent


class Outcome(BaseModel):
    """What the database did with one event."""

    event_key: str
    outcome: Literal["applied", "parked", "superseded", "duplicate", "conflict"]
    reason: str | None = None


class Source(Protocol):
    """A platform: how it proves itself, what it says, and which answer it wants."""

    def authenticate(self, headers: Headers, body: bytes) -> None:
        """Check the raw bytes, in constant time, against every secret of the source.

        Raises:
            SignatureMismatch: None of them fits.
            MalformedBody: The proof is inside the body, and that cannot be parsed.
        """

    def read(self, headers: Headers, body: bytes) -> Sequence[CampaignEvent]:
        """Return the logical events of an authentic delivery.

        What cannot be understood is an event too, of kind `other` and with a reason: no retry would mend it.

        Raises:
            MalformedBody: The bytes are not JSON, or not of the envelope's kind at all.
        """

    def acknowledge(self, outcomes: Sequence[Outcome]) -> object:
        """Return the JSON that this platform wants with its 200."""
