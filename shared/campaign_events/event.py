"""A platform's event in our own words: what `ingest_campaign_events` stores, applies or parks."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Channel = Literal[
    "google_ads", "meta_ads", "linkedin_ads", "tiktok_ads", "microsoft_ads", "seo", "email", "other"
]
CHANNELS: frozenset[str] = frozenset(get_args(Channel))

ParkReason = Literal["unknown_kind", "bad_metrics", "bad_status"]
ObjectType = Literal["campaign", "ad_group", "ad", "creative", "account"]

Facts = Mapping[str, object]
"""What the database applies: its `kind`, and the members of that kind."""


def lead_facts(
    lead_id: str | None,
    *,
    is_test: bool = False,
    submitted_at: dt.datetime | None = None,
    is_announced: bool = False,
) -> Facts:
    """Say that somebody sent a platform's form. Announced only: the answers have to be asked for."""
    return {
        "kind": "lead",
        "external_lead_id": lead_id,
        "is_test": is_test,
        "submitted_at": _iso(submitted_at),
        "is_announced": is_announced,
    }


def withdrawal_facts(lead_id: str | None) -> Facts:
    """Say that somebody took their lead back, so that nothing of them may stay."""
    return {"kind": "withdrawal", "external_lead_id": lead_id}


def announcement_facts(object_type: ObjectType, object_id: str) -> Facts:
    """Say that something about an object changed, and that the platform has to be asked what."""
    return {"kind": "announcement", "object_type": object_type, "object_id": object_id}


def unreadable_facts(reason: ParkReason) -> Facts:
    """Say that nobody understood it. It is kept with its reason, to be applied when that has been mended."""
    return {"kind": "other", "park_reason": reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whoever filled in a platform's form, and all else that may name somebody. Stored apart."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    postcode: str | None = None
    answers: Mapping[str, object]
    # An ad platform knows a person by a click id, such as gclid.
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignEvent:
    """One logical event. `payload` is what the platform said, only those members that can name nobody."""

    event_key: str
    body_hmac: str
    channel: str | None
    facts: Facts
    payload: Mapping[str, object]
    account_id: str | None = None
    external_campaign_id: str | None = None
    occurred_at: dt.datetime | None = None
    person: Person | None = None

    def row(self) -> dict[str, object]:
        """Return the element of the argument of `ingest_campaign_events`."""
        person = self.person
        return {
            "event_key": self.event_key,
            "body_hmac": self.body_hmac,
            "channel": self.channel,
            "account_id": self.account_id,
            "external_campaign_id": self.external_campaign_id,
            "occurred_at": _iso(self.occurred_at),
            "facts": self.facts,
            "payload": self.payload,
            "person": person and {name: getattr(person, name) for name in Person.__slots__},
        }


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
