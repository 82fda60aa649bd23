"""What ad platforms send, with their way of proving that it is theirs."""

import datetime as dt
import secrets
from typing import Any

import orjson
from standardwebhooks import Webhook

from stack.example_secrets import GOOGLE_ADS_KEYS, STANDARD_WEBHOOKS_SECRETS

STRANGERS_SECRET = "whsec_c3RyYW5nZXItc3RyYW5nZXItc3RyYW5nZXItMDAwMDE="  # noqa: S105 - nobody's.


def google_lead(lead_id: str, campaign_id: str, **changes: object) -> dict[str, Any]:
    """Return a lead as Google's lead form webhook delivers it."""
    return {
        "lead_id": lead_id,
        "user_column_data": [{"column_id": "FULL_NAME", "string_value": f"Klant {lead_id}"}],
        "api_version": "1.0",
        "campaign_id": campaign_id,
        "google_key": GOOGLE_ADS_KEYS[0],
        "is_test": False,
        **changes,
    }


def metrics(campaign_id: str, as_of: dt.datetime, spend: str, clicks: int) -> dict[str, Any]:
    """Return a day's cumulative figures as the marketplace's own script reports them."""
    data = {
        "platform": "google_ads",
        "campaign_id": campaign_id,
        "date": "2026-11-01",
        "currency": "EUR",
        "spend": spend,
        "clicks": clicks,
        "impressions": clicks * 10,
    }
    return {"type": "campaign.metrics", "timestamp": as_of.isoformat(), "data": data}


def signed(
    body: bytes,
    *,
    message_id: str | None = None,
    secret: str = STANDARD_WEBHOOKS_SECRETS[0],
    age_seconds: int = 0,
) -> dict[str, str]:
    """Return the headers that prove a body, as Standard Webhooks has it."""
    message_id = message_id or f"msg_{secrets.token_hex(8)}"
    sent_at = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age_seconds)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, sent_at, body.decode()),
    }


def encode(event: dict[str, Any]) -> bytes:
    return orjson.dumps(event)
