"""LinkedIn lead forms: the URN of a lead that is sent or taken back; its answers have to be asked for.

Handshake and signature: https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation.
Notifications: https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/leadsync.
"""

import re
from collections.abc import Mapping, Sequence

from pydantic import SecretStr
from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response

from functions.campaign_webhook.settings import WebhookSettings
from functions.campaign_webhook.signature import check_signature, reveal, sign
from functions.campaign_webhook.sources.source import Source
from shared.campaign_events.event import CampaignEvent, lead_facts, unreadable_facts, withdrawal_facts
from shared.campaign_events.payload import (
    MAX_TEXT_LENGTH,
    body_hmac,
    identifier,
    members_of,
    read_json,
    shorten,
    split,
    text,
    unix_moment,
)
from shared.campaign_events.person import members_as_answers, read_person
from shared.http.edge import json_response
from shared.http.errors import HandshakeRefused, MalformedBody

_SIGNED_PREFIX = b"hmacsha256="
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_KNOWN = frozenset({"type", "leadGenFormResponse", "leadGenForm", "leadType", "leadAction", "occurredAt"})
# Objects that name what the lead is of, each by a URN.
_ENTITIES = ("owner", "associatedEntity")


def make_source(settings: WebhookSettings) -> Source | None:
    """Return the source, or None without the app's client secret."""
    if not settings.linkedin_client_secrets:
        return None
    return LinkedInAds(settings.linkedin_client_secrets, settings.body_hmac_key_bytes)


class LinkedInAds(Source):
    """Lead notifications of a LinkedIn app."""

    methods = ("GET", "POST")
    max_body_bytes = 64 * 1024

    def __init__(self, client_secrets: Sequence[SecretStr], hmac_key: bytes) -> None:
        """Accept a signature by any of these secrets; answer a challenge with the first."""
        self._hmac_key = hmac_key
        self._secrets = reveal(client_secrets)

    def answer_handshake(self, query: QueryParams) -> Response:
        """Sign a challenge, which LinkedIn repeats every two hours and wants within three seconds.

        A UUID and nothing else: the key is the one that events are signed with, so whoever had us sign
        `hmacsha256={…}` would hold a forged event.
        """
        code = query.get("challengeCode", "")
        if not _UUID.fullmatch(code):
            raise HandshakeRefused(
                "challengeCode is not a UUID.",
                hint="LinkedIn sends one by itself, when the webhook is validated.",
            )
        return json_response(
            {"challengeCode": code, "challengeResponse": sign(self._secrets[0], code.encode())}
        )

    def authenticate(self, headers: Headers, body: bytes) -> None:
        """Check X-LI-Signature, which some write with the prefix that is signed in front of the body."""
        check_signature(
            headers.get("x-li-signature", "").removeprefix(_SIGNED_PREFIX.decode()),
            self._secrets,
            [_SIGNED_PREFIX + body],
            hint="X-LI-Signature is the hex HMAC of hmacsha256= and the body under the client secret.",
        )

    def read(self, headers: Headers, body: bytes) -> Sequence[CampaignEvent]:  # noqa: ARG002
        """Return what happened to one lead."""
        notice = read_json(body)
        if not isinstance(notice, dict):
            raise MalformedBody("The notification is not a JSON object.")
        fingerprint = body_hmac(self._hmac_key, notice)
        action, lead_id = text(notice.get("leadAction")), identifier(notice.get("leadGenFormResponse"))
        is_known = notice.get("type") == "LEAD_ACTION" and action in {"CREATED", "DELETED"} and lead_id
        occurred_at = unix_moment(notice.get("occurredAt"))
        if not is_known:
            facts = unreadable_facts("unknown_kind")
        elif action == "DELETED":
            facts = withdrawal_facts(lead_id)
        else:
            facts = lead_facts(lead_id, submitted_at=occurred_at, is_announced=True)
        payload, rest = split(notice, _KNOWN)
        for name in _ENTITIES:
            entities = members_of(rest.get(name))
            if entities and all(_is_urn(value) for value in entities.values()):
                payload[name] = rest.pop(name)
        return [
            CampaignEvent(
                event_key=shorten(
                    f"linkedin:lead:{lead_id}:{action}" if is_known else f"linkedin:other:{fingerprint}"
                ),
                body_hmac=fingerprint,
                channel="linkedin_ads",
                account_id=_read_account(members_of(notice.get("owner"))),
                occurred_at=occurred_at,
                payload=payload,
                person=read_person(members_as_answers(rest)),
                facts=facts,
            )
        ]


def _is_urn(value: object) -> bool:
    return isinstance(value, str) and value.startswith("urn:li:") and len(value) <= MAX_TEXT_LENGTH


def _read_account(owner: Mapping[str, object]) -> str | None:
    urn = owner.get("sponsoredAccount")
    return identifier(urn.removeprefix("urn:li:sponsoredAccount:")) if isinstance(urn, str) else None
