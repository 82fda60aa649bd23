"""What a visitor's browser sends."""

import datetime as dt

from tests.uuid7 import uuid7_at

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36"


def event_id(age_seconds: float = 0) -> str:
    """Return the id of a page load, of now or of so long ago."""
    return str(uuid7_at(dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age_seconds)))


def view(page_id: str, **changes: object) -> dict[str, object]:
    """Return a beacon."""
    return {"id": event_id(), "page_id": page_id, "kind": "view", **changes}


def lead(page_id: str, **changes: object) -> dict[str, object]:
    """Return a lead form as the page's script sends it. What is changed to None is left out."""
    lead_id = changes.get("id") or event_id()
    whole = {
        "id": lead_id,
        "page_id": page_id,
        "name": "Marieke de Wit",
        # Somebody else each time: whoever asks twice counts once.
        "email": f"marieke.{str(lead_id)[-12:]}@voorbeeld.nl",
        "consent": True,
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}
