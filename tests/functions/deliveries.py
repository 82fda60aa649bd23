"""What the outbox gives out, as `take_deliveries()` answers it."""

from typing import Any
from uuid import uuid4

from functions.jobs.delivery import Delivery

SECRET = "whsec_bm90LWEtcmVhbC1zZWNyZXQtZm9yLXRlc3RzLTAwMDM="  # noqa: S105 - not real.

PERSON = {
    "name": "Anna de Vries",
    "email": "anna@voorbeeld.nl",
    "phone": "+31612345678",
    "postcode": "5013 CD",
    "message": "Het dak lekt bij de schoorsteen.",
    "answers": {},
}


def delivery(kind: str = "partner_mail", **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any member.
    """Write a delivery of a page's lead."""
    told = {
        "id": str(uuid4()),
        "attempts": 1,
        "kind": kind,
        "lead_id": str(uuid4()),
        "outcome": "counted",
        "submitted_at": "2026-11-18T12:00:00+00:00",
        "channel": None,
        "source": "google_ads",
        "page": {"title": "Dakreparatie in Tilburg", "path": "/partners/van-dijk/tilburg"},
        "company": "Dakwerken Van Dijk B.V.",
        "recipient": "info@vandijk.voorbeeld.nl",
    }
    if kind != "visitor_mail":
        told["person"] = PERSON
    if kind == "webhook":
        told |= {"webhook_url": "https://hooks.voorbeeld.nl/leads", "webhook_secret": SECRET}
    return told | changes


def parsed(told: dict[str, Any]) -> Delivery:
    """Read it as jobs does."""
    return Delivery.model_validate(told)
