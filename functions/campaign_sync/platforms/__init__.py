"""The ad platforms, one module each. A further one is its file and its line in `PLATFORMS`."""

from collections.abc import Mapping
from types import MappingProxyType

from functions.campaign_sync.platforms.google_ads import GoogleAds
from functions.campaign_sync.platforms.linkedin_ads import LinkedInAds
from functions.campaign_sync.platforms.meta_ads import MetaAds
from functions.campaign_sync.platforms.microsoft_ads import MicrosoftAds
from functions.campaign_sync.platforms.platform import Adapter
from functions.campaign_sync.platforms.tiktok_ads import TikTokAds

PLATFORMS: Mapping[str, Adapter] = MappingProxyType(
    {
        "google_ads": GoogleAds(),
        "meta_ads": MetaAds(),
        "linkedin_ads": LinkedInAds(),
        "tiktok_ads": TikTokAds(),
        "microsoft_ads": MicrosoftAds(),
    }
)
