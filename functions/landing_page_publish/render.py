"""From a snapshot to bytes: a pure function, so that rendering a snapshot twice gives the same document."""

import hashlib
import json
import zlib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import phonenumbers
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from functions.landing_page_publish.blocks import CATALOGUE
from functions.landing_page_publish.colour import DEFAULT_BRAND, make_palette
from functions.landing_page_publish.content import Content
from functions.landing_page_publish.language import LANGUAGES, Language
from functions.landing_page_publish.snapshot import Snapshot
from shared.landing_page import csp, document
from shared.landing_page.consent import ADS_CONSENT_TEXTS, CONSENT_TEXTS

_HERE = Path(__file__).parent
_OWN = ("block.py", "colour.py", "language.py", "render.py")


def national(phone: str) -> str:
    """Write a telephone number as people in its country do, `013 555 0100`, and on one line."""
    number = phonenumbers.format_number(phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.NATIONAL)
    return number.replace(" ", "\u00a0")


# What a tap on a link is counted as, by how its address begins.
_KINDS = {"tel:": "call", "https://wa.me/": "whatsapp"}


def link(href: str) -> Markup:
    """Write where a link leads, and what it is counted as when somebody taps it."""
    kind = next((kind for start, kind in _KINDS.items() if href.startswith(start)), None)
    counted = Markup(' data-kind="{}"').format(kind) if kind else ""
    return Markup('href="{}"').format(href) + counted


def _make_environment(language: Language) -> Environment:
    blocks = {f"blocks/{kind}.html.j2": block.template for kind, block in CATALOGUE.items()}
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(_HERE / "templates"), DictLoader(blocks)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        decimal=language.decimal, euro=language.euro, date=language.date, national=national, link=link
    )
    environment.globals.update(_=language.say, language=language)
    return environment


def _digest_renderer() -> str:
    others = (csp.__file__, document.__file__)
    files = sorted(
        [
            *_HERE.glob("templates/*.j2"),
            *_HERE.glob("blocks/*.py"),
            *map(_HERE.joinpath, _OWN),
            *map(Path, others),
        ]
    )
    digest = hashlib.sha256(repr(sorted(CONSENT_TEXTS.items())).encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


_ENVIRONMENTS = {code: _make_environment(language) for code, language in LANGUAGES.items()}
_RENDERER = _digest_renderer()
_LIBRARIES = (*map(version, ("jinja2", "markupsafe", "phonenumbers")), zlib.ZLIB_RUNTIME_VERSION)


def template_version(site_origin: str, *others: str) -> str:
    """Name what a document depends on besides the page: files, libraries, where the site is, and `others`.

    Computed, since a version that somebody has to remember to raise is one that somebody forgets.
    """
    digest = hashlib.sha256(repr((_RENDERER, _LIBRARIES, others)).encode())
    return f"{digest.hexdigest()[:12]}@{site_origin}"


@dataclass(frozen=True)
class Rendered:
    """The HTML document, and what is inline in it."""

    html: str
    style: str
    script: str


def render(
    snapshot: Snapshot,
    content_hash: str,
    content: Content,
    site_origin: str,
    turnstile_site_key: str | None = None,
) -> Rendered:
    """Render a page, whose form says which version it stands on: the one with this hash."""
    environment = _ENVIRONMENTS[content.lang]
    palette = make_palette(snapshot.branding.brand_color or DEFAULT_BRAND)
    by_type: dict[str, object] = {
        **dict.fromkeys(CATALOGUE),
        **{block.type: block.data for block in reversed(content.blocks)},
    }
    # Their lines are for us.
    style, script = (
        environment.get_template(name).render(palette=palette, hero=by_type["hero"]).replace("\n", "")
        for name in ("style.css.j2", "script.js.j2")
    )
    html = environment.get_template("page.html.j2").render(
        style=Markup(style),  # noqa: S704 - of our own, but for four colours that are six hex digits each.
        script=Markup(script),  # noqa: S704 - of our own.
        json_ld=_describe(snapshot, content, site_origin),
        page=snapshot,
        content_hash=content_hash,
        blocks=content.blocks,
        by_type=by_type,
        consent_texts=CONSENT_TEXTS,
        ads_consent_texts=ADS_CONSENT_TEXTS,
        turnstile_site_key=turnstile_site_key,
        palette=palette,
        site_origin=site_origin,
    )
    return Rendered(html, style, script)


def _describe(snapshot: Snapshot, content: Content, site_origin: str) -> Markup:
    """Return the page's JSON-LD, in which no text can end the element that it stands in."""
    business: dict[str, object] = {
        "@context": "https://schema.org",
        "url": f"{site_origin}{snapshot.path}",
    }
    if snapshot.branding.logo_url:
        business["logo"] = snapshot.branding.logo_url
    # The first of a kind says it, as in by_type.
    for block in reversed(content.blocks):
        business |= block.data.describe_business()
    text = json.dumps(business, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return Markup(text)  # noqa: S704 - without a `<` nothing in it ends the element.
