"""TikTok instant forms: leads with their answers inside, under ids of 19 digits.

Subscriptions of the Marketing API: https://business-api.tiktok.com/portal/docs?id=1810521709205505; their
signature: …?id=1759978341579777. Notices of TikTok accounts (https://developers.tiktok.com/doc/webhooks-overview/)
are signed otherwise, come to the same address when an app has both, and are not about ads.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import SecretStr
from starlette.datastructures import Headers

from functions.campaign_webhook.settings import WebhookSettings
from functions.campaign_webhook.signature import check_signature, reveal
from functions.campaign_webhook.sources.source import Source
from shared.campaign_events.event import CampaignEvent, lead_facts, unreadable_facts
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
from shared.campaign_events.person import Answer, members_as_answers, read_person
from shared.http.errors import MalformedBody

_LEAD = 1
_ENVELOPE_MEMBERS = frozenset({"request_id", "object", "time"})
_ENTRY_MEMBERS = frozenset(
    {"id", "page_id", "advertiser_id", "campaign_id", "adgroup_id", "ad_id", "create_time", "lead_source"}
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ACCOUNT_SIGNATURE = re.compile(r"t=(?P<time>[0-9]{1,12}),s=(?P<signature>[0-9a-f]{64})")


def make_source(settings: WebhookSettings) -> Source | None:
    """Return the source, or None without the app's secret."""
    if not settings.tiktok_app_secrets:
        return None
    return TikTokAds(settings.tiktok_app_secrets, settings.body_hmac_key_bytes)


class TikTokAds(Source):
    """Lead subscriptions of a TikTok app. TikTok takes exactly 200 for an answer."""

    # A stranger's is escaped before it is known to be one, which takes a tenth of a second for so much.
    max_body_bytes = 256 * 1024

    def __init__(self, app_secrets: Sequence[SecretStr], hmac_key: bytes) -> None:
        """Accept a signature by any of these secrets."""
        self._hmac_key = hmac_key
        self._secrets = reveal(app_secrets)

    def authenticate(self, headers: Headers, body: bytes) -> None:
        """Check X-Open-Signature over the body escaped to ASCII, or an account's over time and body."""
        notice = _ACCOUNT_SIGNATURE.fullmatch(headers.get("tiktok-signature", ""))
        if notice and "x-open-signature" not in headers:
            given, messages = notice["signature"], [notice["time"].encode() + b"." + body]
        else:
            given, messages = headers.get("x-open-signature", ""), [body, _escape(body)]
        check_signature(
            given,
            self._secrets,
            messages,
            hint="X-Open-Signature is the hex HMAC of the body, escaped to ASCII, under the app secret.",
        )

    def read(self, headers: Headers, body: bytes) -> Sequence[CampaignEvent]:
        """Return an event a lead; none of an account's notice, which is about no ad."""
        envelope = read_json(body)
        if not isinstance(envelope, dict):
            raise MalformedBody("The envelope is not a JSON object.")
        if "x-open-signature" not in headers:
            return []
        entries = [entry for entry in map(members_of, items_of(envelope.get("entry"))) if entry]
        if envelope.get("object") != _LEAD or not entries:
            return [self._unreadable(envelope)]
        about = split(envelope, _ENVELOPE_MEMBERS)[0]
        return [self._read_lead(about, entry) for entry in entries]

    def _read_lead(self, about: Mapping[str, object], entry: Mapping[str, object]) -> CampaignEvent:
        fingerprint = body_hmac(self._hmac_key, entry)
        # A lead without its id still is one; the same words are then the same lead.
        lead_id = identifier(entry.get("id")) or f"hmac:{fingerprint}"
        submitted_at = unix_moment(entry.get("create_time"))
        payload, rest = split(entry, _ENTRY_MEMBERS)
        changes = rest.pop("changes", None)
        return CampaignEvent(
            event_key=shorten(f"tiktok:lead:{lead_id}"),
            body_hmac=fingerprint,
            channel="tiktok_ads",
            account_id=identifier(entry.get("advertiser_id")),
            external_campaign_id=identifier(entry.get("campaign_id")),
            occurred_at=submitted_at,
            payload={**about, "entry": payload},
            person=read_person([*_read_changes(changes), *members_as_answers(rest)]),
            facts=lead_facts(lead_id, submitted_at=submitted_at),
        )

    def _unreadable(self, envelope: Mapping[str, object]) -> CampaignEvent:
        fingerprint = body_hmac(self._hmac_key, envelope)
        payload, rest = split(envelope, _ENVELOPE_MEMBERS)
        return CampaignEvent(
            event_key=f"tiktok:other:{fingerprint}",
            body_hmac=fingerprint,
            channel="tiktok_ads",
            occurred_at=unix_moment(envelope.get("time")),
            payload=payload,
            person=read_person(members_as_answers(rest)),
            facts=unreadable_facts("unknown_kind"),
        )


def _escape(body: bytes) -> bytes:
    r"""Write what is not ASCII as TikTok does before it signs: `\u00e9`, in surrogate pairs above U+FFFF."""
    escaped = _NOT_ASCII.sub(lambda match: json.dumps(match[0])[1:-1], body.decode(errors="replace"))
    return escaped.encode()


def _read_changes(changes: object) -> Iterator[Answer]:
    for number, change in enumerate(changes if isinstance(changes, list) else [changes], 1):
        if isinstance(change, dict) and "value" in change:
            question = text(change.get("field")) or f"#{number}"
            yield question, question, change["value"]
        elif change:
            yield "", f"#{number}", change
