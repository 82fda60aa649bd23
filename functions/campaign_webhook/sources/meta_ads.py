"""Meta: leads of Facebook's and Instagram's forms by id, and what happens to campaigns, both only announced.

Signature, envelope and batches: https://developers.facebook.com/docs/graph-api/webhooks/getting-started.
Leads: …/webhooks-for-leadgen. Ad accounts: https://developers.facebook.com/documentation/ads-commerce/marketing-api/ads-webhooks.
Ids are JSON numbers in the documentation and text in what is delivered.
"""

import hmac
from collections.abc import Iterator, Mapping, Sequence

from pydantic import SecretStr
from starlette.datastructures import Headers, QueryParams
from starlette.responses import PlainTextResponse, Response

from functions.campaign_webhook.settings import WebhookSettings
from functions.campaign_webhook.signature import check_signature, reveal
from functions.campaign_webhook.sources.source import Source
from shared.campaign_events.event import (
    CampaignEvent,
    ObjectType,
    announcement_facts,
    lead_facts,
    unreadable_facts,
)
from shared.campaign_events.payload import (
    body_hmac,
    identifier,
    items_of,
    members_of,
    read_json,
    shorten,
    split,
    text,
    unix_moment,
)
from shared.campaign_events.person import members_as_answers, read_person
from shared.http.errors import HandshakeRefused, MalformedBody

_LEAD_MEMBERS = frozenset({"leadgen_id", "page_id", "form_id", "adgroup_id", "ad_id", "created_time"})
_OBJECT_MEMBERS = frozenset(
    {
        "object_id", "object_type", "id", "level", "error_code", "error_summary", "error_message",
        "status_name", "subscription_id", "account_id", "field", "current_value", "changed_fields",
    }
)  # fmt: skip
# Subscribed to as effective_status, with_issues_ad_objects, in_process_ad_objects and subscriptions.
_OBJECT_FIELDS = {"field_changed", "with_issues_ad_objects", "in_process_ad_objects", "subscriptions"}
_OBJECT_TYPES: Mapping[str, ObjectType] = {
    "campaign": "campaign",
    "adset": "ad_group",
    "ad_set": "ad_group",
    "ad": "ad",
    "creative": "creative",
    "ad_account": "account",
    "account": "account",
}
_ABOUT = frozenset({"object", "id", "time"})
_MAX_CHALLENGE_LENGTH = 300


def make_source(settings: WebhookSettings) -> Source | None:
    """Return the source, or None without the app's secret."""
    if not settings.meta_app_secrets:
        return None
    return MetaAds(settings.meta_app_secrets, settings.meta_verify_tokens, settings.body_hmac_key_bytes)


class MetaAds(Source):
    """Webhooks of a Meta app: its pages' leads, its ad accounts' objects."""

    methods = ("GET", "POST")

    def __init__(
        self, app_secrets: Sequence[SecretStr], verify_tokens: Sequence[SecretStr], hmac_key: bytes
    ) -> None:
        """Accept a signature by any of the app secrets, and a handshake with any of the verify tokens."""
        self._hmac_key = hmac_key
        self._app_secrets = reveal(app_secrets)
        self._verify_tokens = reveal(verify_tokens)

    def answer_handshake(self, query: QueryParams) -> Response:
        """Echo `hub.challenge`, as text that no browser runs, to whoever knows the verify token."""
        given = query.get("hub.verify_token", "").encode(errors="surrogatepass")
        is_known = any([hmac.compare_digest(given, token) for token in self._verify_tokens])  # noqa: C419
        challenge = query.get("hub.challenge", "")
        if (
            query.get("hub.mode") != "subscribe"
            or not is_known
            or not 0 < len(challenge) <= _MAX_CHALLENGE_LENGTH
        ):
            raise HandshakeRefused(
                "hub.mode is not subscribe, or hub.verify_token is not ours.",
                hint="Type the verify token from the settings into the app's webhook section.",
            )
        return PlainTextResponse(
            challenge, headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        )

    def authenticate(self, headers: Headers, body: bytes) -> None:
        """Check X-Hub-Signature-256 over the bytes, which Meta escapes to ASCII before it signs them."""
        prefix, _, given = headers.get("x-hub-signature-256", "").partition("=")
        check_signature(
            given if prefix == "sha256" else "",
            self._app_secrets,
            [body],
            hint="X-Hub-Signature-256 is sha256= and the hex HMAC of the body under the app secret.",
        )

    def read(self, headers: Headers, body: bytes) -> Sequence[CampaignEvent]:  # noqa: ARG002
        """Return an event a change. An old page shows the envelope inside a list."""
        envelopes = read_json(body)
        if isinstance(envelopes, dict):
            envelopes = [envelopes]
        if not isinstance(envelopes, list) or not all(isinstance(envelope, dict) for envelope in envelopes):
            raise MalformedBody("The envelope is not a JSON object.")
        events = [event for envelope in envelopes for event in self._read_envelope(envelope)]
        return events or [self._unreadable({"body": envelopes}, {})]

    def _read_envelope(self, envelope: Mapping[str, object]) -> Iterator[CampaignEvent]:
        kind = text(envelope.get("object"))
        for entry in map(members_of, items_of(envelope.get("entry"))):
            about, _ = split({"object": kind, "id": entry.get("id"), "time": entry.get("time")}, _ABOUT)
            # With "Include Values" off there are only the names of what changed.
            names = [{"field": name, "value": None} for name in items_of(entry.get("changed_fields"))]
            for change in map(members_of, items_of(entry.get("changes")) or names):
                field, value = text(change.get("field")), members_of(change.get("value"))
                if kind == "page" and field == "leadgen" and identifier(value.get("leadgen_id")):
                    yield self._read_lead(about, value)
                else:
                    yield self._read_object(about, field, value) or self._unreadable(change, about)

    def _read_lead(self, about: Mapping[str, object], value: Mapping[str, object]) -> CampaignEvent:
        lead_id = identifier(value.get("leadgen_id")) or ""
        payload, rest = split(value, _LEAD_MEMBERS)
        submitted_at = unix_moment(value.get("created_time"))
        # The dashboard's Test button announces a lead that cannot be asked for.
        is_test = set(lead_id) == {"4"} or str(about.get("id")) == "0"
        return CampaignEvent(
            event_key=shorten(f"meta:leadgen:{lead_id}"),
            body_hmac=body_hmac(self._hmac_key, value),
            channel="meta_ads",
            occurred_at=submitted_at,
            payload={**about, "field": "leadgen", "value": payload},
            person=read_person(members_as_answers(rest)),
            facts=lead_facts(lead_id, is_test=is_test, submitted_at=submitted_at, is_announced=True),
        )

    def _read_object(
        self, about: Mapping[str, object], field: str | None, value: Mapping[str, object]
    ) -> CampaignEvent | None:
        object_id = identifier(value.get("object_id") or value.get("id"))
        object_type = _OBJECT_TYPES.get(str(value.get("object_type") or value.get("level")).lower())
        is_known = about.get("object") == "ad_account" and field in _OBJECT_FIELDS
        if not is_known or not object_id or not object_type:
            return None
        # Names of what to ask for, such as effective_status.
        changed = ", ".join(map(str, items_of(value.get("changed_fields"))))
        payload, rest = split({**value, "changed_fields": changed or None}, _OBJECT_MEMBERS)
        # There is no id: the same change of the same moment is the same event.
        fingerprint = body_hmac(self._hmac_key, [about, field, value])
        return CampaignEvent(
            event_key=f"meta:{field}:{fingerprint}",
            body_hmac=fingerprint,
            channel="meta_ads",
            account_id=identifier(about.get("id")),
            external_campaign_id=object_id if object_type == "campaign" else None,
            occurred_at=unix_moment(about.get("time")),
            payload={**about, "field": field, "value": payload},
            person=read_person(members_as_answers(rest)),
            facts=announcement_facts(object_type, object_id),
        )

    def _unreadable(self, change: Mapping[str, object], about: Mapping[str, object]) -> CampaignEvent:
        fingerprint = body_hmac(self._hmac_key, [about, change])
        return CampaignEvent(
            event_key=f"meta:other:{fingerprint}",
            body_hmac=fingerprint,
            channel="meta_ads",
            payload=about,
            # Who knows who is in it.
            person=read_person([("", "bericht", change)]),
            facts=unreadable_facts("unknown_kind"),
        )
