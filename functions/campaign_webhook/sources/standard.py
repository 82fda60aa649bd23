"""Our own events, signed as Standard Webhooks has it: from Google Ads Scripts, Zapier, n8n or curl.

The specification: https://github.com/standard-webhooks/standard-webhooks. An envelope is
`{"type", "timestamp", "data"}`; the types are `campaign.metrics`, `campaign.status` and `lead.created`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError
from standardwebhooks import Webhook
from starlette.datastructures import Headers

from functions.campaign_webhook.event import (
    CHANNELS,
    CampaignEvent,
    Channel,
    Facts,
    LeadFacts,
    MetricsFacts,
    Person,
    StatusFacts,
    Unreadable,
)
from functions.campaign_webhook.payload import (
    body_hmac,
    clean,
    identifier,
    is_true,
    moment,
    shorten,
    text,
)
from functions.campaign_webhook.settings import WebhookSettings
from functions.campaign_webhook.sources.source import Outcome, Source
from shared.http.body import parse_json
from shared.http.errors import MalformedBody, SignatureMismatch

_KINDS = {
    "campaign.metrics": "metrics",
    "campaign.metrics.snapshot": "metrics",
    "campaign.status": "status",
    "campaign.status.changed": "status",
    "lead.created": "lead",
}

# The members of `data.fields` that we have a column for, by the names that people use.
_PERSON_FIELDS = {
    "name": ("full_name", "name"),
    "email": ("email",),
    "phone": ("phone", "phone_number"),
    "postcode": ("postcode", "postal_code", "zip"),
}


def make_source(settings: WebhookSettings) -> Source | None:
    """Return the source, or None without a secret."""
    secrets = [secret.get_secret_value() for secret in settings.standard_webhooks_secrets]
    return Standard(secrets, settings.body_hmac_key_bytes) if secrets else None


class Standard:
    """Whoever holds one of the marketplace's own signing secrets."""

    def __init__(self, secrets: Sequence[str], hmac_key: bytes) -> None:
        """Accept a signature by any of these secrets: two at once while one is being replaced."""
        self._hmac_key = hmac_key
        self._webhooks = [Webhook(secret) for secret in secrets]

    def authenticate(self, headers: Headers, body: bytes) -> None:
        """Check id, timestamp (within five minutes) and signature."""
        for webhook in self._webhooks:
            try:
                webhook.verify(body, dict(headers), json_parse=False)
            except Exception:  # noqa: BLE001, S112
                # Besides its own error, version 1.1.0 lets ValueError, binascii.Error and UnicodeDecodeError
                # out for a malformed header or body. A stranger's nonsense is a mismatch like any other.
                continue
            return
        raise SignatureMismatch(
            "No signature in webhook-signature fits webhook-id, webhook-timestamp and the body.",
            hint="Sign '<id>.<timestamp>.<body>' with the secret's decoded bytes, within five minutes.",
        )

    def read(self, headers: Headers, body: bytes) -> Sequence[CampaignEvent]:
        """Return the event. Its key is webhook-id, which stays the same over retries."""
        envelope = clean(parse_json(body))
        if not isinstance(envelope, dict):
            raise MalformedBody("The envelope is not a JSON object.")
        data = envelope.get("data")
        data = data if isinstance(data, dict) else {}
        return [
            CampaignEvent(
                event_key=shorten(f"sw:{headers['webhook-id']}"),
                body_hmac=body_hmac(self._hmac_key, envelope),
                channel=_find_channel(data.get("platform")),
                account_id=identifier(data.get("account_id")),
                external_campaign_id=identifier(data.get("campaign_id")),
                occurred_at=moment(envelope.get("timestamp")),
                payload=_without_person(envelope, data),
                person=_read_person(data.get("fields")),
                facts=_understand(envelope.get("type"), data, envelope.get("timestamp")),
            )
        ]

    def acknowledge(self, outcomes: Sequence[Outcome]) -> object:
        """Say what became of each event."""
        return {"outcomes": [outcome.model_dump() for outcome in outcomes]}


def _find_channel(platform: object) -> Channel | None:
    return cast("Channel", platform) if isinstance(platform, str) and platform in CHANNELS else None


def _understand(kind_name: object, data: Mapping[str, Any], sent_at: object) -> Facts:
    # The moment that figures are of is the envelope's, unless they name their own.
    dated = {**data, "as_of": data.get("as_of", sent_at)}
    kind = _KINDS.get(kind_name) if isinstance(kind_name, str) else None
    try:
        if kind == "lead":
            return _understand_lead(data)
        if kind == "metrics":
            return MetricsFacts.model_validate(dated)
        if kind == "status":
            return StatusFacts.model_validate(dated)
    except ValidationError:
        return Unreadable(park_reason="bad_metrics" if kind == "metrics" else "bad_status")
    return Unreadable(park_reason="unknown_kind")


def _understand_lead(data: Mapping[str, Any]) -> Facts:
    lead_id = identifier(data.get("lead_id"))
    if lead_id is None:
        return Unreadable(park_reason="bad_lead")
    return LeadFacts(
        external_lead_id=lead_id,
        is_test=is_true(data.get("is_test")),
        submitted_at=moment(data.get("submitted_at")),
    )


def _without_person(envelope: dict[str, object], data: dict[str, object]) -> dict[str, object]:
    if "fields" not in data:
        return envelope
    return {**envelope, "data": {name: value for name, value in data.items() if name != "fields"}}


def _read_person(fields: object) -> Person | None:
    if not fields:
        return None
    answers = fields if isinstance(fields, dict) else {"fields": fields}
    known = {
        column: next((found for name in names if (found := text(answers.get(name)))), None)
        for column, names in _PERSON_FIELDS.items()
    }
    return Person(**known, answers=answers)
