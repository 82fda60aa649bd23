"""Where webhooks come from, one module each. A further one is its file and its line in `REGISTRY`."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from functions.campaign_webhook.settings import WebhookSettings
from functions.campaign_webhook.sources import google_ads, linkedin_ads, meta_ads, standard, tiktok_ads
from functions.campaign_webhook.sources.source import Source

REGISTRY: Mapping[str, Callable[[WebhookSettings], Source | None]] = MappingProxyType(
    {
        "google_ads": google_ads.make_source,
        "meta_ads": meta_ads.make_source,
        "linkedin_ads": linkedin_ads.make_source,
        "tiktok_ads": tiktok_ads.make_source,
        "standard": standard.make_source,
    }
)


def make_sources(settings: WebhookSettings) -> dict[str, Source]:
    """Return the sources that have a secret, by the name in their URL. The others are closed."""
    made = {name: make_source(settings) for name, make_source in REGISTRY.items()}
    return {name: source for name, source in made.items() if source is not None}
