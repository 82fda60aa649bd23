"""What visitors and platforms send."""

import datetime as dt
import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from standardwebhooks import Webhook

from functions.landing_page_track.uuid7 import make_uuid7
from stack.example_secrets import STANDARD_WEBHOOKS_SECRETS

NOW = dt.datetime(2026, 11, 18, 12, 0, tzinfo=dt.UTC)
PAGE_ID = "0190a1b2-0000-4000-8000-000000000001"
BROWSER = "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

FIXTURES = Path(__file__).parents[1] / "webhook_samples"


def uuid7(moment: dt.datetime = NOW, serial: int = 0) -> UUID:
    """Make a page's id of a moment; the serial tells two of one moment apart."""
    return make_uuid7(int(moment.timestamp() * 1000), serial.to_bytes(10))


def view(**changes: object) -> dict[str, Any]:
    """Write the event that a page sends."""
    return {"id": str(uuid7()), "page_id": PAGE_ID, "kind": "view"} | changes


def lead(**changes: object) -> dict[str, Any]:
    """Write the answers of a lead form."""
    answers = {
        "id": str(uuid7()),
        "page_id": PAGE_ID,
        "name": "Anna de Vries",
        "email": "anna@voorbeeld.nl",
        "consent": "2026-11",
    }
    return answers | changes


def sign(
    body: bytes, secret: str = STANDARD_WEBHOOKS_SECRETS[0], message_id: str = "msg_1", at: int | None = None
) -> dict[str, str]:
    """Sign a body as Standard Webhooks has it, with the library that senders use."""
    timestamp = int(time.time()) if at is None else at
    moment = dt.datetime.fromtimestamp(timestamp, dt.UTC)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": Webhook(secret).sign(message_id, moment, body.decode()),
    }


def envelope(kind: str, **data: object) -> bytes:
    """Write an event of our own."""
    return json.dumps({"type": kind, "timestamp": "2026-11-18T12:00:00Z", "data": data}).encode()
