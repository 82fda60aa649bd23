"""What the site says around a firm's own words, in the page's language: Dutch unless it says otherwise.

Templates say it in Dutch, `{{ _('Ons werk') }}`. The English stands with each block, in `english`, and here
for the frame around them.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from functions.landing_page_publish.blocks import CATALOGUE

_MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)

_FRAME = {
    "Naar de inhoud": "Skip to content",
    "Bel": "Call",
    "Bel ons": "Call us",
    "Of bel": "Or call",
    "Contact": "Contact",
    "Offerte": "Quote",
    "Naar het formulier": "To the form",
}


@dataclass(frozen=True)
class Language:
    """How a language writes what is not text, and what it says instead of the Dutch."""

    code: str
    locale: str
    """As OpenGraph has it."""
    words: Mapping[str, str] | None
    euro: Callable[[Decimal], str]
    decimal: Callable[[Decimal], str]
    date: Callable[[dt.date], str]

    def say(self, dutch: str) -> str:
        """Return something that the site says, which a template has in Dutch."""
        return dutch if self.words is None else self.words[dutch]


def euro(amount: Decimal) -> str:
    """Write an amount the Dutch way: `€ 1.250` or `€ 12,50`."""
    return "€\u00a0" + _grouped(amount).translate(str.maketrans(",.", ".,"))


def dutch_date(day: dt.date) -> str:
    """Write a date the Dutch way: `3 maart 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _grouped(amount: Decimal) -> str:
    places = 0 if amount == amount.to_integral_value() else 2
    return f"{amount:,.{places}f}"


_ENGLISH = {
    **_FRAME,
    **{dutch: english for block in CATALOGUE.values() for dutch, english in block.english.items()},
}

LANGUAGES = {
    "nl": Language("nl", "nl_NL", None, euro, lambda number: f"{number:f}".replace(".", ","), dutch_date),
    "en": Language(
        "en",
        "en_GB",
        _ENGLISH,
        lambda amount: f"€{_grouped(amount)}",
        lambda number: f"{number:f}",
        lambda day: f"{day.day} {day:%B} {day.year}",
    ),
}
"""Every language that a page may be in, by its code (BCP 47)."""
