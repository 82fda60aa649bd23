"""The document: the same bytes each time, light, readable, and with nobody's text as markup."""

import copy
import json
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from functions.landing_page_publish.colour import MIN_CONTRAST, WHITE, _parse, contrast, make_palette
from functions.landing_page_publish.content import Content
from functions.landing_page_publish.gates import check_size
from functions.landing_page_publish.language import euro
from functions.landing_page_publish.render import render, template_version
from functions.landing_page_publish.snapshot import Snapshot
from shared.landing_page.document import compress
from shared.landing_page.plain_text import fault_of
from tests.functions.content import HASH, IMAGES, checked, content, snapshot
from tests.functions.outline import Outline

SITE = "https://www.example.nl"
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}</style></title><!--"


def render_page(**changes: object) -> str:
    page = Snapshot.model_validate(snapshot(**changes))
    return render(page, HASH, checked(page), SITE).html


# What is no free text, by the name of its member.
FIXED = {
    "id",
    "type",
    "href",
    "src",
    "date",
    "price_from",
    "fields",
    "consent_version",
    "ads_consent_version",
    "partner_slug",
    "kvk_number",
    "phone",
    "whatsapp",
    "privacy_url",
    "business_type",
    "score",
    "out_of",
    "count",
    "url",
}


def text_limits() -> dict[str, int]:
    """Return how long a text may be by the name of its member, the shortest where several blocks have it."""
    limits: dict[str, int] = {}
    for model in Content.model_json_schema()["$defs"].values():
        for name, schema in model["properties"].items():
            for shape in (schema, schema.get("items", {}), *schema.get("anyOf", ())):
                if "maxLength" in shape:
                    limits[name] = min(limits.get(name, shape["maxLength"]), shape["maxLength"])
    return limits


LIMITS = text_limits()

# Pieces that end a text, an attribute, an element or a comment, and any plain character in between.
PIECES = ["<", ">", "'", '"', "</", "<script>", "</script>", "</style>", "</title>", "<!--", "-->", "]]>"]
PIECES += ["&", "&#60;", "&lt;", "`", "=", "/", "\\", " onload=", "{{", "}}", "{%", "%}", "x"]
PLAIN = st.characters(exclude_categories=["C", "Zl", "Zp"])


def hostile_text(longest: int, shortest: int = 1) -> st.SearchStrategy[str]:
    """Draw a text that the gates let through: no longer than they allow, all of it printed."""
    texts = st.lists(st.sampled_from(PIECES) | PLAIN, min_size=shortest, max_size=60).map("".join)
    composed = texts.map(lambda text: unicodedata.normalize("NFC", text)[:longest].strip())
    return composed.filter(lambda text: len(text) >= shortest and fault_of(text) is None)


def with_texts(raw: Any, write: Callable[[str], str], name: str = "") -> Any:  # noqa: ANN401  # Any JSON.
    """Put a text wherever a partner may write one freely."""
    if name in FIXED or not isinstance(raw, dict | list | str):
        return raw
    if isinstance(raw, dict):
        return {key: with_texts(value, write, key) for key, value in raw.items()}
    return [with_texts(item, write, name) for item in raw] if isinstance(raw, list) else write(name)


@st.composite
def hostile_pages(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a snapshot with a hostile text of its own in every place."""
    return snapshot(
        content=with_texts(content(), lambda name: draw(hostile_text(LIMITS[name]))),
        title=draw(hostile_text(120)),
        subtitle=draw(hostile_text(200)),
        seo_title=draw(hostile_text(60)),
        seo_description=draw(hostile_text(160, shortest=50)),
    )


def test_the_same_snapshot_is_the_same_bytes() -> None:
    assert render_page() == render_page()


def test_the_document_has_what_a_page_needs() -> None:
    html = render_page()
    outline = Outline(html)
    tags = [tag for tag, *_ in outline.tags]

    assert '<html lang="nl">' in html
    assert [tags.count(tag) for tag in ("h1", "title", "main", "footer", "form", "nav")] == [1] * 6
    assert '<link rel="canonical" href="https://www.example.nl/partners/jansen/tilburg">' in html
    assert all({"alt", "width", "height"} <= set(names) for tag, *names in outline.tags if tag == "img")
    assert not [
        name for _, *names in outline.tags for name in names if name.startswith("on") or name == "style"
    ]
    assert "€\u00a01.250 per dag" in html


def test_search_engines_are_told_what_the_page_says() -> None:
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', render_page(), re.DOTALL)

    assert json.loads(text) == {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "url": "https://www.example.nl/partners/jansen/tilburg",
        "employee": [{"@type": "Person", "name": "Karin"}],
        "name": "Jansen Schilders",
        "address": {"@type": "PostalAddress", "streetAddress": "Spoorlaan 1, Tilburg"},
        "telephone": "+31135550100",
        "identifier": {"@type": "PropertyValue", "propertyID": "KvK", "value": "12345678"},
        "image": f"{IMAGES}jansen/1.jpg",
        "areaServed": [{"@type": "Place", "name": "Tilburg"}, {"@type": "Place", "name": "Goirle"}],
        "hasOfferCatalog": {
            "@type": "OfferCatalog",
            "itemListElement": [
                {
                    "@type": "Offer",
                    "itemOffered": {"@type": "Service", "name": "Binnen"},
                    "priceSpecification": {
                        "@type": "PriceSpecification",
                        "minPrice": "1250.00",
                        "priceCurrency": "EUR",
                    },
                }
            ],
        },
    }


def test_trade_is_told_to_search_engines_and_the_rating_is_not() -> None:
    """A firm's own word for its stars: https://developers.google.com/search/docs/appearance/structured-data/review-snippet."""
    raw = copy.deepcopy(content())
    raw["blocks"][11]["data"]["business_type"] = "HousePainter"

    html = render_page(content=raw, branding={"brand_color": None, "logo_url": f"{IMAGES}jansen/logo.webp"})

    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    business = json.loads(text)
    assert (business["@type"], business["logo"]) == ("HousePainter", f"{IMAGES}jansen/logo.webp")
    assert not {"aggregateRating", "review"} & set(business)
    assert "★ 4,8 van 5, 212 beoordelingen op Google" in html


def test_text_ends_no_data_for_search_engines() -> None:
    raw = copy.deepcopy(content())
    raw["blocks"][11]["data"]["company"] = "</script><script>alert(1)</script><!--"

    html = render_page(content=raw)

    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert json.loads(text)["name"] == raw["blocks"][11]["data"]["company"]
    assert Outline(html).tags == Outline(render_page()).tags


def test_the_firm_can_be_called_from_everywhere() -> None:
    assert Outline(render_page()).values["href"].count("tel:+31135550100") >= 4
    assert "Bel&nbsp;013\u00a0555\u00a00100" in render_page()
    assert "https://wa.me/31612345678" in Outline(render_page()).values["href"]


def test_who_may_get_the_request_too_is_named_where_consent_is_given() -> None:
    only_one = copy.deepcopy(content())
    form = next(block for block in only_one["blocks"] if block["type"] == "lead_form")
    del form["data"]["also_to"]

    (label,) = re.findall(r'<label class="wide check">(.*?)</label>', render_page(), re.DOTALL)

    assert "mag mijn aanvraag naar De Vries Schilderwerken, Kwast &amp; Zonen." in label
    assert "mag mijn aanvraag naar" not in render_page(content=only_one)


def test_firm_without_a_telephone_has_no_button_for_it() -> None:
    raw = copy.deepcopy(content())
    del raw["blocks"][11]["data"]["phone"], raw["blocks"][11]["data"]["whatsapp"]
    del raw["blocks"][7]

    html = render_page(content=raw)

    assert "tel:" not in html
    assert "wa.me" not in html


def test_links_that_reach_the_firm_say_what_a_tap_on_them_is() -> None:
    links = re.findall(r'<a [^>]*href="([^"]*)"( data-kind="[^"]*")?', render_page())

    kinds = {kind for href, kind in links if href.startswith("tel:")}
    assert kinds == {' data-kind="call"'}
    assert [kind for href, kind in links if "wa.me" in href] == [' data-kind="whatsapp"']
    assert {kind for href, kind in links if not href.startswith(("tel:", "https://wa.me/"))} == {""}


def test_it_is_light() -> None:
    html = render_page()
    (style,), (script,) = (
        re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL) for tag in ("style", "script")
    )

    check_size(compress(html))
    assert len(compress(html)) < 6_000
    assert len(style.encode()) <= 3 * 1024
    assert len(script.encode()) <= 1024


def test_no_text_becomes_markup() -> None:
    """Every free text at once: tags and attributes stay those of a harmless page."""
    harmless = Outline(render_page(subtitle="x")).tags
    rendered = 0

    # Making a failing page smaller takes minutes, and which text it was the difference of the tags tells.
    @settings(
        max_examples=80, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(hostile_pages())
    def stays_text(page: dict[str, Any]) -> None:
        nonlocal rendered
        assert Outline(render_page(**page)).tags == harmless
        rendered += 1

    stays_text()

    assert rendered >= 80


@pytest.mark.parametrize("where", ["seo_title", "seo_description", "path"])
def test_a_hostile_snapshot_stays_text(where: str) -> None:
    """Even past the gates, where the database's own limits would have stopped it."""
    page = Snapshot.model_validate(snapshot(**{where: HOSTILE}))
    passed = checked(Snapshot.model_validate(snapshot()))

    assert Outline(render(page, HASH, passed, SITE).html).tags == Outline(render_page()).tags


def test_hostile_blocks_stay_text() -> None:
    raw = copy.deepcopy(content())
    raw["blocks"][0]["data"]["headline"] = HOSTILE[:80]
    raw["blocks"][0]["data"]["image"]["alt"] = HOSTILE
    raw["blocks"][7]["data"]["link"]["href"] = "https://a.nl/\"onmouseover='x'"
    raw["blocks"][4]["data"]["items"][0]["answer"] = HOSTILE

    html = render_page(content=raw)

    harmless = copy.deepcopy(content())
    harmless["blocks"][7]["data"]["link"]["href"] = "https://a.nl/"
    assert Outline(html).tags == Outline(render_page(content=harmless)).tags
    assert "https://a.nl/\"onmouseover='x'" in Outline(html).values["href"]


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_any_brand_colour_can_be_read(colour: tuple[int, int, int]) -> None:
    palette = make_palette("#{:02X}{:02x}{:02x}".format(*colour))

    assert contrast(_parse(palette.brand), _parse(palette.on_brand)) >= MIN_CONTRAST
    assert contrast(_parse(palette.ink), _parse(palette.tint)) >= MIN_CONTRAST
    assert contrast(_parse(palette.ink), WHITE) >= MIN_CONTRAST
    # A pattern over it makes it somewhat lighter.
    assert contrast(_parse(palette.deep), WHITE) >= 2 * MIN_CONTRAST
    # So can the hero's button be told from it: in the brand colour, or else in white (WCAG 2.2, 1.4.11).
    button = _parse(palette.brand) if palette.is_light else WHITE
    assert contrast(button, _parse(palette.deep)) >= 3


@pytest.mark.parametrize(
    ("brand", "is_slate"),
    [("#b3261e", False), ("#1b5e8c", False), ("#2e7d32", False), ("#e8590c", True), ("#f2a900", True)],
)
def test_a_light_brand_colour_stands_on_slate_and_not_on_mud(brand: str, *, is_slate: bool) -> None:
    palette = make_palette(brand)
    red, green, blue = _parse(palette.deep)

    assert (max(red, green, blue) - min(red, green, blue) < 24) == is_slate
    assert palette.is_light == is_slate
    white_button = ".row .btn{background:#fff;" in render_page(
        branding={"brand_color": brand, "logo_url": None}
    )
    assert white_button != is_slate


def test_no_brand_colour_is_ours() -> None:
    assert "accent-color:#1d5c4d" in render_page(branding={"brand_color": None, "logo_url": None})


def test_a_logo_takes_the_place_of_the_name() -> None:
    html = render_page(branding={"brand_color": None, "logo_url": f"{IMAGES}logo.png"})

    assert f'<img src="{IMAGES}logo.png" alt="Jansen Schilders"' in html


def test_whatever_else_the_document_depends_on_is_another_template_version() -> None:
    version = template_version(SITE, "key", IMAGES)

    assert version == template_version(SITE, "key", IMAGES)
    assert version not in {
        template_version("https://www.other.nl", "key", IMAGES),
        template_version(SITE, "another key", IMAGES),
        template_version(SITE, "key", IMAGES, "https://elsewhere.nl/"),
    }


@pytest.mark.parametrize(
    ("amount", "text"), [("12", "€ 12"), ("12.5", "€ 12,50"), ("1234567", "€ 1.234.567")]
)
def test_money_is_written_the_dutch_way(amount: str, text: str) -> None:

    assert euro(Decimal(amount)) == text.replace(" ", "\u00a0")


def test_a_logo_that_the_database_allows_is_rendered() -> None:
    logo = f"{IMAGES}jansen's-logo.png"

    html = render_page(branding={"brand_color": None, "logo_url": logo})

    assert logo in Outline(html).values["src"]
