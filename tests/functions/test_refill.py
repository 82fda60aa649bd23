"""A form that was refused: what was typed is in it again, and never anything but text."""

import json
import re
from html import unescape
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from functions.landing_page_publish.render import render
from functions.landing_page_publish.snapshot import Snapshot
from functions.landing_page_track.refill import refill
from tests.functions.content import HASH, checked, snapshot
from tests.functions.outline import Outline

_SNAPSHOT = Snapshot.model_validate(snapshot())
PAGE = render(_SNAPSHOT, HASH, checked(_SNAPSHOT), "https://www.example.nl").html

CONTROLS = ["service", "name", "phone", "email", "postcode", "preferred_date", "message", "consent"]
PIECES = ["<", ">", "'", '"', "</textarea>", "<script>", "&quot;", "&", "\n", "\r\n", " autofocus=", "x", "é"]


class Filled(HTMLParser):
    """What a form has in it, as its reader sees it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.answers: dict[str, str] = {}
        self.invalid: list[str] = []
        self.focused: list[str] = []
        self._textarea = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("name") or ""
        if tag == "input" and values.get("type") == "checkbox":
            self.answers[name] = "on" if "checked" in values else ""
        elif tag == "input":
            self.answers[name] = values.get("value") or ""
        self._textarea = name if tag == "textarea" else ""
        if "aria-invalid" in values:
            self.invalid.append(name)
        if "autofocus" in values:
            self.focused.append(name)

    def handle_endtag(self, tag: str) -> None:
        self._textarea = "" if tag == "textarea" else self._textarea

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.answers[self._textarea] = data.removeprefix("\n")


@given(
    answers=st.dictionaries(
        st.sampled_from(["name", "email", "phone", "postcode", "message"]),
        st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join),
    ),
    wrong=st.lists(st.sampled_from([*CONTROLS, "strange"]), unique=True),
)
def test_what_was_typed_is_there_and_is_only_text(answers: dict[str, str], wrong: list[str]) -> None:
    html = refill(PAGE, answers, {name: f"Reden <b>{name}" for name in wrong})

    filled = Filled(html)
    assert {name: filled.answers[name] for name in answers} == answers
    assert filled.invalid == [name for name in CONTROLS if name in wrong]
    assert filled.focused == filled.invalid[:1]
    assert unescape(html).count("Reden <b>") == len(wrong)
    before, after = ([tag for tag, *_ in Outline(page).tags] for page in (PAGE, html))
    assert [tag for tag in after if tag != "span"] == [
        tag for tag in _with(before, "p" if "strange" in wrong else None) if tag != "span"
    ]


def _with(tags: list[str], tag: str | None) -> list[str]:
    at = tags.index("form") + 1
    return [*tags[:at], *([tag] if tag else []), *tags[at:]]


def test_choice_and_consent_are_kept() -> None:
    html = refill(PAGE, {"service": "Binnen", "consent": "2026-11", "id": "0190"}, {})

    assert "<option selected>Binnen</option>" in html
    assert "required checked>" in html
    assert '<input type="hidden" name="id" value="0190">' in html


def test_nobody_agrees_to_words_that_they_have_not_read() -> None:
    assert " checked" not in refill(PAGE, {"consent": "2025-01"}, {})


def test_what_is_wrong_with_what_nobody_sees_is_said_above() -> None:
    html = refill(PAGE, {}, {"id": "Er klopt iets niet."})

    assert '<p class="wide err">Er klopt iets niet.</p><' in html.replace("\n", "")
    assert 'aria-invalid="' not in html


def test_nothing_else_of_the_page_changes() -> None:
    assert refill(PAGE, {}, {}).replace("\n</textarea>", "</textarea>") == PAGE


def test_page_and_path_are_the_pages_own() -> None:
    html = refill(PAGE, {"page_id": "evil", "path": "/evil"}, {})

    assert "evil" not in html


def test_policy_still_allows_the_style_and_the_script() -> None:
    html = refill(PAGE, {"name": "</style>"}, {"name": "x"})

    for tag in ("style", "script"):
        assert re.findall(f"<{tag}>(.*?)</{tag}>", html) == re.findall(f"<{tag}>(.*?)</{tag}>", PAGE)
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert json.loads(text)["@type"] == "LocalBusiness"
