"""What a visitor answers in the lead form, checked and brought into one form."""

import math
import re
from typing import Annotated, Self
from uuid import UUID

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from functions.landing_page_track.attribution import Address, Attribution
from functions.landing_page_track.uuid7 import UUIDv7
from shared.http.body import Day
from shared.landing_page.consent import (
    ADS_CONSENT_TEXTS,
    CONSENT_TEXTS,
    CURRENT_ADS_CONSENTS,
    CURRENT_CONSENT,
)
from shared.landing_page.plain_text import Line, Paragraph

_CONTENT_HASH = re.compile("[0-9a-f]{64}")
_LONGEST_TOKEN = 2048
_DUTCH_POSTCODE = re.compile(r"([1-9][0-9]{3})\s?([a-z]{2})", re.IGNORECASE)


def _email(text: str) -> str:
    try:
        # Without DNS: a resolver that is slow or away would cost a lead. In small letters, as every provider
        # reads it, so that somebody who asks again is the same.
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise ValueError("must be an e-mail address") from None


def _phone(text: str) -> str:
    try:
        number = phonenumbers.parse(text, "NL")
    except phonenumbers.NumberParseException:
        raise ValueError("must be a telephone number") from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError("must be a telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _postcode(text: str) -> str:
    # Anything else is kept as it is: customers live across the border too.
    match = _DUTCH_POSTCODE.fullmatch(text)
    return f"{match[1]} {match[2].upper()}" if match else text


def _is_ticked(value: object) -> bool:
    # A checkbox's own value, or a script's true: agreed to the words that stand now.
    return value is True or (isinstance(value, str) and value in {"on", "true"})


def _consent(value: object) -> object:
    return CURRENT_CONSENT if _is_ticked(value) else value


def _ads_consent(value: object) -> str | None:
    # No lead is lost for it, and nobody has agreed to words that there are not.
    version = CURRENT_ADS_CONSENTS["nl"] if _is_ticked(value) else value
    return version if isinstance(version, str) and version in ADS_CONSENT_TEXTS else None


def _content_hash(text: object) -> str | None:
    # No lead is lost for what a visitor neither wrote nor sees.
    return text if isinstance(text, str) and _CONTENT_HASH.fullmatch(text) else None


def _milliseconds(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, int | float | str) else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _token(value: object) -> str:
    # As long as Cloudflare says that one may be.
    return value if isinstance(value, str) and len(value) <= _LONGEST_TOKEN else ""


def _is_known_consent(version: str) -> str:
    if version not in CONSENT_TEXTS:
        raise ValueError("must agree to a known wording")
    return version


class Lead(BaseModel):
    """A request for a quote. The form makes `id` once a page load, so that a double click is one lead.

    `content_hash` is of the version that the form stands on, `ms` says how long the page had been open,
    `website` is a field that people do not see, and `turnstile` a token of Cloudflare's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: UUIDv7
    page_id: UUID
    name: Annotated[str, Line(120)] | None = None
    email: Annotated[str, Line(254), AfterValidator(_email)] | None = None
    phone: Annotated[str, Line(40), AfterValidator(_phone)] | None = None
    postcode: Annotated[str, Line(16), AfterValidator(_postcode)] | None = None
    service: Annotated[str, Line(80)] | None = None
    preferred_date: Day | None = None
    message: Annotated[str, Paragraph(3000)] | None = None
    consent: Annotated[str, BeforeValidator(_consent), AfterValidator(_is_known_consent)]
    ads_consent: Annotated[str | None, BeforeValidator(_ads_consent)] = None
    query: Address = ""
    referrer: Address = ""
    content_hash: Annotated[str | None, BeforeValidator(_content_hash)] = None
    ms: Annotated[float | None, BeforeValidator(_milliseconds)] = None
    website: str = ""
    turnstile: Annotated[str, BeforeValidator(_token)] = ""

    @model_validator(mode="after")
    def can_be_answered(self) -> Self:
        """Refuse a lead that nobody could answer."""
        if self.email is None and self.phone is None:
            raise ValueError("must have email or phone")
        return self

    def row(self, attribution: Attribution) -> dict[str, object]:
        """Return the argument of `record_lead`, with the words agreed to as evidence."""
        wishes = (("Dienst", self.service), ("Gewenste datum", self.preferred_date))
        notes = [f"{label}: {wish}" for label, wish in wishes if wish]
        message = "\n".join([*notes, *([self.message] if self.message else [])])
        return {
            **self.model_dump(
                include={"id", "page_id", "name", "email", "phone", "postcode", "content_hash"}
            ),
            "milliseconds": self.ms,
            "message": message or None,
            "consent_version": self.consent,
            "consent_text": CONSENT_TEXTS[self.consent],
            "ads_consent_version": self.ads_consent,
            "ads_consent_text": self.ads_consent and ADS_CONSENT_TEXTS[self.ads_consent],
            "source": attribution.source,
            "tags": attribution.tags,
        }
