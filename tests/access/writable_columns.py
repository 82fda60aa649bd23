"""The columns that a caller may write, by action, with a value that is good. Every other column is refused."""

from collections.abc import Mapping
from uuid import uuid4

from tests.access.expectations import Fields
from tests.access.world import World

_PROFILE: Fields = {
    "marketing_mode": "full_marketing",
    "auto_marketing_enabled": True,
    "monthly_marketing_budget": 2500,
    "preferred_channels": ["google_ads", "seo"],
    "brand_color": "#1B5E8C",
    "logo_url": "https://voorbeeld.nl/logo.svg",
    "tone_of_voice": "Nuchter",
}
_LINK: Fields = {"is_primary": False, "priority": 3, "is_active": False, "target_leads_per_week": 4}
_PAGE: Fields = {
    "title": "Dakwerk",
    "subtitle": "Ook bij spoed",
    "seo_title": "Dakwerk in Breda",
    "publish_at": "2027-03-01T09:00:00+01:00",
    "unpublish_at": "2027-06-01T00:00:00+02:00",
    "seo_description": "Vraag een offerte aan.",
    "content_json": {"v": 1, "blocks": []},
}
_CAMPAIGN: Fields = {"daily_budget": 1, "monthly_budget": 30, "cpl_target": 20, "ai_managed": True}


def writable_on_insert(world: World) -> Mapping[str, Fields]:
    """Return a whole row of each table that takes one, with every column that may be named."""
    newcomer = world.database.add_user()
    owner = {"id": uuid4(), "partner_id": world.partner.id, "segment_id": world.segment_id}
    return {
        "profiles": {**_PROFILE, "id": newcomer.id, "partner_slug": newcomer.slug},
        "partner_segments": {**owner, **_LINK},
        "partner_landing_pages": {
            **owner,
            **_PAGE,
            "path": world.partner.path(f"insert-{uuid4()}"),
            "source": "template",
        },
        "partner_marketing_campaigns": {**owner, **_CAMPAIGN, "channel": "seo"},
    }


def writable_on_update(world: World) -> Mapping[str, Fields]:
    """Return a change of each table with every column that may be changed."""
    segment = {"segment_id": world.segment_id}
    return {
        "profiles": {**_PROFILE, "partner_slug": world.partner.slug},
        "partner_segments": _LINK,
        "partner_landing_pages": {**segment, **_PAGE, "path": world.partner.path(f"update-{uuid4()}")},
        "partner_marketing_campaigns": {**segment, **_CAMPAIGN},
    }
