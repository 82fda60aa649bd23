"""Where a visit came from: what the address of the page says, else the page before it.

The tags in an address are Google Analytics' (utm_*) and the ad platforms' own (click ids). What makes a
medium a paid one, and which sites are search engines or social networks, follows Analytics' default channel
group (https://support.google.com/analytics/answer/9756891).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator

MAX_FIELDS = 40
MAX_VALUE = 255

# No campaign is told apart by what comes after so much of an address, and no visit is refused for its length.
Address = Annotated[str, AfterValidator(lambda text: text[:4096])]

UTM_TAGS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")

# Only an ad carries these. Facebook puts an fbclid on every link, so by itself it says no more than that.
_CLICK_IDS = {
    "gclid": "google_ads",
    "gbraid": "google_ads",
    "wbraid": "google_ads",
    "msclkid": "microsoft_ads",
    "ttclid": "tiktok_ads",
    "li_fat_id": "linkedin_ads",
}
TAGS = (*UTM_TAGS, *_CLICK_IDS, "fbclid")

_PAID = re.compile(r".*cp.*|ppc|retargeting|paid.*")
_MEDIA = {
    **dict.fromkeys(("email", "e-mail", "e_mail", "newsletter", "nieuwsbrief"), "email"),
    **dict.fromkeys(("social", "social-network", "social-media", "sm", "organic_social"), "social"),
    "organic": "seo",
}
_PLATFORMS = {
    "google": "google_ads",
    "adwords": "google_ads",
    **dict.fromkeys(("facebook", "instagram", "meta", "fb", "ig"), "meta_ads"),
    "linkedin": "linkedin_ads",
    "tiktok": "tiktok_ads",
    **dict.fromkeys(("bing", "microsoft"), "microsoft_ads"),
}
# By its name before the country's or .com: google.nl and google.co.uk are one.
_SEARCH = "google bing duckduckgo ecosia startpage yahoo qwant brave yandex baidu"
_SOCIAL = (
    "facebook instagram linkedin lnkd tiktok pinterest youtube x twitter t reddit snapchat threads whatsapp "
    "nextdoor"
)
_SITES = {**dict.fromkeys(_SEARCH.split(), "seo"), **dict.fromkeys(_SOCIAL.split(), "social")}


@dataclass(frozen=True)
class Attribution:
    """The source that a visit is counted under, and the tags that its address had."""

    source: str
    tags: Mapping[str, str]


def attribute(query: str, referrer: str, site: str) -> Attribution:
    """Tell where a visit came from.

    Args:
        query: The query of the page's address, with or without its question mark.
        referrer: The address of the page before, empty when there was none or it is not told.
        site: Our own origin, whose pages lead to each other.
    """
    tags = _read_tags(query) if query else {}
    return Attribution(_source_of_tags(tags) or _source_of_referrer(referrer, site), tags)


def _read_tags(query: str) -> dict[str, str]:
    try:
        fields = dict(parse_qsl(query.removeprefix("?"), max_num_fields=MAX_FIELDS))
    except ValueError:
        return {}  # No address of an ad's has so many.
    tags = {tag: "".join(filter(str.isprintable, fields.get(tag, ""))) for tag in TAGS}
    # A name that is cut still says something; an id does not.
    return {
        tag: value[:MAX_VALUE]
        for tag, value in tags.items()
        if value and (tag in UTM_TAGS or len(value) <= MAX_VALUE)
    }


def _source_of_tags(tags: Mapping[str, str]) -> str | None:
    if not tags:
        return None
    for click_id, channel in _CLICK_IDS.items():
        if click_id in tags:
            return channel
    source, medium = tags.get("utm_source", "").lower(), tags.get("utm_medium", "").lower()
    if _PAID.fullmatch(medium):
        return _PLATFORMS.get(source, "other")
    if known := _MEDIA.get(medium) or _MEDIA.get(source) or _SITES.get(source):
        return known
    if "fbclid" in tags:
        return "social"
    return "other"


def _source_of_referrer(referrer: str, site: str) -> str:
    if not referrer:
        return "direct"
    try:
        host = urlsplit(referrer).hostname
    except ValueError:
        host = None
    if not host or host == urlsplit(site).hostname:
        return "direct"
    *names, before_last, _ = ("", *host.split("."))
    if names[-1:] and before_last in {"co", "com"}:
        before_last = names[-1]  # As in google.co.uk.
    return "email" if host.startswith("mail.") else _SITES.get(before_last, "referral")
