"""Our own events, signed as Standard Webhooks has it: from Google Ads Scripts, Zapier, n8n or curl.

The specification: https://github.com/standard-webhooks/standard-webhooks. An envelope is
`{"type", "timestamp", "data"}`; own_events.py says what each type holds.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from pydantic import ValidationError
from standardwebhooks import Webhook
from starlette.datastructures import Headers

from functions.campaign_webhook.own_events import LeadData, MetricsData, StatusData
from functions.campaign_webhook.settings import WebhookSettings
from functions.campaign_webhook.sources.source import Outcome, Source
from shared.campaign_events.event import (
    CHANNELS,
    CampaignEvent,
    Channel,
    Facts,
    lead_facts,
    unreadable_facts,
)
from shared.campaign_events.payload import (
    body_hmac,
    identifier,
    members_of,
    moment,
    read_json,
    shorten,
    split,
)
from shared.campaign_events.person import Answer, members_as_answers, read_person
from shared.http.errors import MalformedBody, SignatureMismatch

_KINDS = {
    "campaign.metrics": "metrics",
    "campaign.metrics.snapshot": "metrics",
    "campaign.status": "status",
    "campaign.status.changed": "status",
    "lead.created": "lead",
}
_KNOWN = frozenset(
    {
        *MetricsData.model_fields, *StatusData.model_fields, *LeadData.model_fields,
        "previous_status", "leads", "conversions", "ad_id", "adset_id", "adgroup_id",
    } - {"fields"}
)  # fmt: skip


def make_source(settings: WebhookSettings) -> Source | None:
    """Return the source, or None without a secret."""
    secrets = [secret.get_secret_value() for secret in settings.standard_webhooks_secrets]
    return Standard(secrets, settings.body_hmac_key_bytes) if secrets else None


class Standard(Source):
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
        envelope = read_json(body)
        if not isinstance(envelope, dict):
            raise MalformedBody("The envelope is not a JSON object.")
        event_key = shorten(f"sw:{headers['webhook-id']}")
        kind = _KINDS.get(str(envelope.get("type")))
        data = members_of(envelope.get("data"))
        named = {"type"} if kind else set()
        about, outside = split(envelope, frozenset({*named, "timestamp"}))
        payload, rest = split(data, _KNOWN)
        fields = rest.pop("fields", None)
        if data:
            outside.pop("data")
        return [
            CampaignEvent(
                event_key=event_key,
                body_hmac=body_hmac(self._hmac_key, envelope),
                channel=_find_channel(data.get("platform")),
                account_id=identifier(data.get("account_id")),
                external_campaign_id=identifier(data.get("campaign_id")),
                occurred_at=moment(envelope.get("timestamp")),
                payload={**about, "data": payload},
                person=read_person([*_read_fields(fields), *members_as_answers({**rest, **outside})]),
                facts=_understand(kind, data, envelope.get("timestamp"), event_key),
            )
        ]

    def acknowledge(self, outcomes: Sequence[Outcome]) -> object:
        """Say what became of each event."""
        return {"outcomes": [outcome.model_dump() for outcome in outcomes]}


def _find_channel(platform: object) -> Channel | None:
    return cast("Channel", platform) if isinstance(platform, str) and platform in CHANNELS else None


def _understand(kind: str | None, data: Mapping[str, object], sent_at: object, event_key: str) -> Facts:
    # A platform that we do not know is for the database to park.
    told = {**data, "platform": _find_channel(data.get("platform"))}
    # The moment that figures are of is the envelope's, unless they name their own.
    dated = {**told, "as_of": data.get("as_of", sent_at)}
    try:
        if kind == "lead":
            lead = LeadData.model_validate(told)
            # A lead without its id still is one; the same message is then the same lead.
            return lead_facts(lead.lead_id or event_key, is_test=lead.is_test, submitted_at=lead.submitted_at)
        if kind == "metrics":
            return _metrics_facts(MetricsData.model_validate(dated))
        if kind == "status":
            return _status_facts(StatusData.model_validate(dated))
    except ValidationError:
        return unreadable_facts("bad_metrics" if kind == "metrics" else "bad_status")
    return unreadable_facts("unknown_kind")


def _metrics_facts(metrics: MetricsData) -> Facts:
    if metrics.as_of is None:
        return unreadable_facts("bad_metrics")
    known = metrics.model_dump(mode="json", include={"currency", "clicks", "impressions", "as_of"})
    return {"kind": "metrics", "day": metrics.date.isoformat(), "spend": format(metrics.amount, "f"), **known}


def _status_facts(status: StatusData) -> Facts:
    if status.as_of is None:
        return unreadable_facts("bad_status")
    return {
        "kind": "status",
        "platform_status": status.status,
        **status.model_dump(mode="json", include={"as_of"}),
    }


def _read_fields(fields: object) -> list[Answer]:
    if isinstance(fields, dict):
        return [(name, name, value) for name, value in fields.items()]
    return [("", "fields", fields)] if fields else []
