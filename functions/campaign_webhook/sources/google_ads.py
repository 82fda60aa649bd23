"""Google Ads lead forms: one POST a lead, proven by a key inside the body.

Fields and their types: https://developers.google.com/google-ads/webhook/docs/implementation. All are
optional, and more may come. Ids are JSON numbers from Google and text from middlemen.
"""

import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import SecretStr
from starlette.datastructures import Headers

from functions.campaign_webhook.settings import WebhookSettings
from functions.campaign_webhook.signature import reveal
from functions.campaign_webhook.sources.source import Source
from shared.campaign_events.event import CampaignEvent, lead_facts
from shared.campaign_events.payload import (
    MAX_TEXT_LENGTH,
    body_hmac,
    identifier,
    is_true,
    members_of,
    moment,
    read_json,
    shorten,
    split,
    text,
    without_key,
)
from shared.campaign_events.person import Answer, members_as_answers, read_person
from shared.http.body import parse_json
from shared.http.errors import SignatureMismatch

_KNOWN = frozenset(
    {
        "lead_id", "api_version", "form_id", "campaign_id", "adgroup_id", "creative_id", "asset_group_id",
        "is_test", "lead_stage", "lead_submit_time", "lead_source",
    }
)  # fmt: skip
_COLUMN_MEMBERS = {"column_id", "column_name", "string_value"}
_KEY = re.compile(rb'"google_key"\s*:\s*("(?:[^"\\]|\\.){0,500}")')


def make_source(settings: WebhookSettings) -> Source | None:
    """Return the source, or None without a key."""
    if not settings.google_ads_webhook_keys and not settings.google_ads_form_keys:
        return None
    return GoogleAds(
        settings.google_ads_webhook_keys, settings.google_ads_form_keys, settings.body_hmac_key_bytes
    )


class GoogleAds(Source):
    """Google's lead form webhook."""

    # As large as Google itself makes them: a form has at most some dozens of questions.
    max_body_bytes = 64 * 1024

    def __init__(
        self, keys: Sequence[SecretStr], form_keys: Mapping[str, Sequence[SecretStr]], hmac_key: bytes
    ) -> None:
        """Accept any of these keys, two while one is being replaced; of a form with its own, those."""
        self._hmac_key = hmac_key
        self._keys = reveal(keys)
        self._form_keys = {form_id: reveal(own) for form_id, own in form_keys.items()}

    def authenticate(self, headers: Headers, body: bytes) -> None:  # noqa: ARG002  # Google signs nothing.
        """Find `google_key`, compare it, and only then read the lead, for the key of its form."""
        every_key = [*self._keys, *(key for own in self._form_keys.values() for key in own)]
        # A body has one. A stranger's may have thousands, of which no more are looked at than a few.
        given = [_unquote(quoted) for quoted in _KEY.findall(body)[-5:]]
        if _is_among(every_key, *given):
            lead = members_of(parse_json(body))
            keys = self._form_keys.get(identifier(lead.get("form_id")) or "", self._keys)
            key = lead.get("google_key")
            if isinstance(key, str) and _is_among(keys, key.encode(errors="surrogatepass")):
                return
        raise SignatureMismatch(
            "google_key is not the key of this webhook, or not that of the form.",
            hint="Type the key from the settings into the lead form's webhook section.",
        )

    def read(self, headers: Headers, body: bytes) -> Sequence[CampaignEvent]:  # noqa: ARG002
        """Return the lead. The key is taken out first, so that nothing later can store it."""
        fields = members_of(without_key(read_json(body), "google_key"))
        fingerprint = body_hmac(self._hmac_key, fields)
        # A lead without its id still is one; the same bytes are then the same lead.
        lead_id = identifier(fields.get("lead_id")) or f"hmac:{fingerprint}"
        submitted_at = moment(fields.get("lead_submit_time"))
        columns = fields.pop("user_column_data", None)
        click_id = text(fields.get("gcl_id"))
        payload, rest = split(fields, _KNOWN)
        if click_id and len(click_id) <= MAX_TEXT_LENGTH:
            del rest["gcl_id"]
        else:
            click_id = None
        return [
            CampaignEvent(
                event_key=shorten(f"google:lead:{lead_id}"),
                body_hmac=fingerprint,
                channel="google_ads",
                external_campaign_id=identifier(fields.get("campaign_id")),
                occurred_at=submitted_at,
                payload=payload,
                person=read_person(
                    [*_read_columns(columns), *members_as_answers(rest)],
                    {"gclid": click_id} if click_id else None,
                ),
                facts=lead_facts(lead_id, is_test=is_true(fields.get("is_test")), submitted_at=submitted_at),
            )
        ]


def _unquote(quoted: bytes) -> bytes:
    try:
        return str(json.loads(quoted)).encode(errors="surrogatepass")
    except ValueError:
        return b""


def _is_among(keys: Sequence[bytes], *given: bytes) -> bool:
    # Every key is compared, so that the time taken does not tell which one came close.
    return any([hmac.compare_digest(one, key) for one in given for key in keys])  # noqa: C419


def _read_columns(columns: object) -> Iterator[Answer]:
    if not columns:
        return
    for number, column in enumerate(columns if isinstance(columns, list) else [columns], 1):
        fields = column if isinstance(column, dict) else {"string_value": column}
        field_id, question = text(fields.get("column_id")), text(fields.get("column_name"))
        question = question or field_id or f"#{number}"
        yield field_id or question, question, fields.get("string_value")
        # What Google may say more of a question one day.
        more = {name: value for name, value in fields.items() if name not in _COLUMN_MEMBERS}
        if more:
            yield "", f"{question} (meer)", more
