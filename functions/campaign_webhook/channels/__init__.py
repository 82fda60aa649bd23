"""The platforms, one module each. A further one is its file and its line in `REGISTRY`."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from functions.campaign_webhook.channels import google_ads, standard
from functions.campaign_webhook.channels.channel import Channel
from functions.campaign_webhook.settings import WebhookSettings

REGISTRY: Mapping[str, Callable[[WebhookSettings], Channel | None]] = MappingProxyType(
    {
        "google_ads": google_ads.open_channel,
        "standard": standard.open_channel,
    }
)


def open_channels(settings: WebhookSettings) -> dict[str, Channel]:
    """Return the channels that have a secret, by the name in their URL. The others are closed."""
    opened = {name: open_channel(settings) for name, open_channel in REGISTRY.items()}
    return {name: channel for name, channel in opened.items() if channel is not None}
