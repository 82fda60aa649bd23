"""A page in English is English, and its form asks for consent in words that its reader understands."""

import re
from typing import Any

import httpx
import pytest

from functions.landing_page_publish.blocks import CATALOGUE
from functions.landing_page_publish.language import LANGUAGES
from functions.landing_page_publish.render import render
from functions.landing_page_publish.snapshot import Snapshot
from shared.http.errors import ContentRefused
from shared.landing_page.consent import ADS_CONSENT_TEXTS, CONSENT_TEXTS, CURRENT_CONSENTS
from tests.conftest import REPOSITORY
from tests.documents import make_document
from tests.fake_postgrest import FakePostgREST
from tests.functions.content import HASH, checked, content, snapshot
from tests.functions.test_leads import FORM

_TEMPLATES = REPOSITORY / "functions" / "landing_page_publish" / "templates"
_SAID = re.compile(r"\b_\('([^']+)'\)")


def _write(language: str, consent: str) -> dict[str, Any]:
    page = content() | {"lang": language}
    page["blocks"][10]["data"]["consent_version"] = consent
    return page


def _render(page_content: object) -> str:
    page = Snapshot.model_validate(snapshot(content=page_content))
    return render(page, HASH, checked(page), "https://www.example.nl").html


def test_whatever_a_template_says_it_says_in_english_too() -> None:
    templates = [file.read_text() for file in _TEMPLATES.glob("*.j2")]
    templates += [block.template for block in CATALOGUE.values()]
    said = {text for template in templates for text in _SAID.findall(template)}

    words = LANGUAGES["en"].words
    assert words is not None
    assert said == set(words)


def test_page_in_english_is_in_english() -> None:
    html = _render(_write("en", CURRENT_CONSENTS["en"]))

    assert '<html lang="en">' in html
    assert 'content="en_GB"' in html
    assert "from €1,250 per dag" in html
    assert "via Google, 1 March 2026" in html
    assert "★ 4.8 out of 5, 212 reviews on Google" in html
    assert CONSENT_TEXTS["2026-11-en"] in html
    # The firm's own words are Dutch here, some that are ours too among them.
    same = {"Contact", "via", "Postcode", "E-mail", "Vraag een offerte aan", "Voor", "Na", "Bel"}
    dutch = set(LANGUAGES["en"].words or ()) - same
    assert [word for word in dutch if f">{word}<" in html or f'"{word}"' in html] == []


@pytest.mark.parametrize(("language", "consent"), [("nl", "2026-11-en"), ("en", "2026-11")])
def test_consent_is_asked_for_in_the_language_of_the_page(language: str, consent: str) -> None:
    with pytest.raises(ContentRefused) as refused:
        _render(_write(language, consent))

    assert [failure.path for failure in refused.value.errors] == ["blocks[10].data.consent_version"]


@pytest.mark.parametrize(
    ("language", "consent", "is_current"),
    [("nl", "2026-11", True), ("en", "2026-11-en", True), ("nl", "2026-11-en", False), ("en", "1999", False)],
)
def test_box_for_ad_platforms_is_in_the_language_of_the_page(
    language: str, consent: str, *, is_current: bool
) -> None:
    page = _write(language, CURRENT_CONSENTS[language])
    page["blocks"][10]["data"]["ads_consent_version"] = consent

    if is_current:
        box = (
            f'<input type="checkbox" name="ads_consent" value="{consent}"><span>{ADS_CONSENT_TEXTS[consent]}'
        )
        assert box in _render(page)
    else:
        with pytest.raises(ContentRefused) as refused:
            _render(page)
        assert [failure.path for failure in refused.value.errors] == ["blocks[10].data.ads_consent_version"]


def test_there_is_no_other_language() -> None:
    with pytest.raises(ContentRefused) as refused:
        _render(_write("de", "2026-11"))

    assert [failure.path for failure in refused.value.errors] == ["lang"]


async def test_form_on_a_page_in_english_is_refused_in_english(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    page = make_document(HASH, _render(_write("en", CURRENT_CONSENTS["en"])))
    row = {**page.model_dump(), "location": FORM["path"], "seconds_left": None}
    database.answers["live_landing_page"] = [row]

    response = await track_client.post("/leads", data=FORM | {"phone": "12", "consent": "2026-11-en"})

    assert (response.status_code, "Check your telephone number." in response.text) == (400, True)


async def test_words_agreed_to_are_kept_in_the_language_they_were_read_in(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    database.answers["record_lead"] = lambda arguments: {
        "lead_id": arguments["lead"]["id"],
        "outcome": "counted",
        "is_new": True,
    }
    database.answers["visitor_salt"] = "ab" * 32

    await track_client.post("/leads", data=FORM | {"consent": "2026-11-en"})

    assert database.calls[-1].arguments["lead"]["consent_text"] == CONSENT_TEXTS["2026-11-en"]
