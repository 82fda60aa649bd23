"""Google Ads lead forms: one POST a lead, proven by a key inside the body.

Fields and their types: https://developers.google.com/google-ads/webhook/docs/implementation. All are
optional, and more may come. Ids are JSON numbers from Google and text from middlemen.
"""

import hmac
from collections.abc import Sequence

from starlette.datastructures import Headers

from functions.campaign_webhook.event import CampaignEvent, LeadFacts, Person
from functions.campaign_webhook.payload import (
    body_hmac,
    clean,
    identifier,
    is_true,
    moment,
    shorten,
    text,
    without_key,
)
from functions.campaign_webhook.settings import WebhookSettings
from functions.campaign_webhook.sources.source import Outcome, Source
from shared.http.body import parse_json
from shared.http.errors import SignatureMismatch

# By column_id, and by what middlemen leave of it in column_name ("User Email", "Phone Number").
_PERSON_FIELDS = {
    "FULL_NAME": "name",
    "EMAIL": "email",
    "WORK_EMAIL": "email",
    "PHONE": "phone",
    "PHONE_NUMBER": "phone",
    "WORK_PHONE": "phone",
    "POSTAL_CODE": "postcode",
}


def make_source(settings: WebhookSettings) -> Source | None:
    """Return the source, or None without a key."""
    keys = [key.get_secret_value() for key in settings.google_ads_webhook_keys]
    return GoogleAds(keys, settings.body_hmac_key_bytes) if keys else None


class GoogleAds:
    """Google's lead form webhook."""

    def __init__(self, keys: Sequence[str], hmac_key: bytes) -> None:
        """Accept any of these keys: two at once while one is being replaced."""
        self._hmac_key = hmac_key
        self._keys = [key.encode() for key in keys]

    def authenticate(self, headers: Headers, body: bytes) -> None:  # noqa: ARG002  # Google signs nothing.
        """Compare `google_key` with every key we have."""
        lead = parse_json(body)
        given = lead.get("google_key") if isinstance(lead, dict) else None
        given_bytes = given.encode(errors="surrogatepass") if isinstance(given, str) else b""
        # Every key is compared, so that the time taken does not tell which one came close.
        if not any([hmac.compare_digest(given_bytes, key) for key in self._keys]):  # noqa: C419
            raise SignatureMismatch(
                "google_key is not the key of this webhook.",
                hint="Type the key from the settings into the lead form's webhook section.",
            )

    def read(self, headers: Headers, body: bytes) -> Sequence[CampaignEvent]:  # noqa: ARG002
        """Return the lead. The key is taken out first, so that nothing later can store it."""
        lead = clean(without_key(parse_json(body), "google_key"))
        fields = lead if isinstance(lead, dict) else {}
        fingerprint = body_hmac(self._hmac_key, fields)
        # A lead without its id still is one; the same bytes are then the same lead.
        lead_id = identifier(fields.get("lead_id")) or f"hmac:{fingerprint}"
        submitted_at = moment(fields.get("lead_submit_time"))
        return [
            CampaignEvent(
                event_key=shorten(f"google:lead:{lead_id}"),
                body_hmac=fingerprint,
                channel="google_ads",
                external_campaign_id=identifier(fields.get("campaign_id")),
                occurred_at=submitted_at,
                payload={name: value for name, value in fields.items() if name != "user_column_data"},
                person=_read_person(fields.get("user_column_data")),
                facts=LeadFacts(
                    external_lead_id=lead_id,
                    is_test=is_true(fields.get("is_test")),
                    submitted_at=submitted_at,
                ),
            )
        ]

    def acknowledge(self, outcomes: Sequence[Outcome]) -> object:  # noqa: ARG002
        """Google wants an empty object, for a duplicate too."""
        return {}


def _read_person(columns: object) -> Person | None:
    if not columns:
        return None
    known: dict[str, str] = {}
    answers: dict[str, object] = {}
    for number, column in enumerate(columns if isinstance(columns, list) else [columns], 1):
        fields = column if isinstance(column, dict) else {"string_value": column}
        question = text(fields.get("column_name")) or text(fields.get("column_id")) or f"#{number}"
        answer = fields.get("string_value")
        answers[question if question not in answers else f"{question} #{number}"] = answer
        field_id = text(fields.get("column_id")) or question.upper().removeprefix("USER ").replace(" ", "_")
        if field_id in {"FIRST_NAME", "LAST_NAME"} and text(answer):
            known["name"] = f"{known.get('name', '')} {answer}".strip()
        elif field_id in _PERSON_FIELDS and text(answer):
            known.setdefault(_PERSON_FIELDS[field_id], str(answer))
    return Person(**known, answers=answers)
