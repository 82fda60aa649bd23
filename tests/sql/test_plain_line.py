"""The database and Python agree on what plain text is, character by character."""

import sys
import unicodedata

import pytest

from shared.landing_page.plain_text import Line, fault_of
from tests.database import Database

# Assigned, and no half of a pair; what a newer Unicode assigns is not for two programs to agree on.
_CHARACTERS = [
    number
    for number in range(1, sys.maxunicode + 1)
    if not 0xD800 <= number <= 0xDFFF and unicodedata.category(chr(number)) != "Cn"
]


def _refused(database: Database, before: str, after: str) -> set[int]:
    rows = database.rows(
        "select n from unnest(%s::int[]) as n where not pg_input_is_valid(%s || chr(n) || %s, 'public.plain_line')",
        [_CHARACTERS, before, after],
    )
    return {row["n"] for row in rows}


def _is_plain(text: str) -> bool:
    return "\n" not in text and unicodedata.is_normalized("NFC", text) and fault_of(text) is None


@pytest.mark.parametrize(("before", "after"), [("", ""), ("\u2603", "\u2603")], ids=["alone", "between"])
def test_database_and_python_agree_on_every_character(db: Database, before: str, after: str) -> None:
    expected = {number for number in _CHARACTERS if not _is_plain(before + chr(number) + after)}

    assert len(_CHARACTERS) > 280_000
    assert _refused(db, before, after) == expected


def test_what_is_hidden_is_what_unicode_says_is_hidden() -> None:
    """All of five categories but the newline and the joiners that emoji consist of."""
    hidden = {"Cc", "Cf", "Co", "Zl", "Zp"}

    for number in _CHARACTERS:
        character = chr(number)
        is_hidden = unicodedata.category(character) in hidden and character not in "\n\u200c\u200d"
        # Tags and variation selectors share a plane with nothing that is drawn.
        if not 0xE0001 <= number <= 0xE01EF:
            assert (fault_of(f"a{character}") is not None) == is_hidden, hex(number)


@pytest.mark.parametrize("column", ["title", "subtitle", "seo_title", "seo_description"])
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("\u202eDakdekker\u202c", "plain_line_hides_nothing"),
        ("\u200b", "plain_line_hides_nothing"),
        ("Twee\nregels", "plain_line_hides_nothing"),
        ("\u3164", "plain_line_shows_something"),
        (" \u200d ", "plain_line_shows_something"),
        ("Cafe\u0301", "plain_line_is_composed"),
    ],
)
def test_text_that_is_not_what_it_looks_like_is_refused(
    db: Database, column: str, text: str, rule: str
) -> None:
    with db.refused("23514") as refusal:
        db.add_page(db.add_partner(), **{column: text})

    assert refusal.constraint == rule


def test_text_that_people_type_is_not(db: Database) -> None:
    title = (
        "Café Ménage \u2013 \u20ac 25,- \U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f \u6f22\u5b57"
    )

    assert db.page(db.add_page(db.add_partner(), title=title))["title"] == title


def test_form_composes_what_a_keyboard_did_not() -> None:
    assert Line(20).check("Cafe\u0301") == "Café"
