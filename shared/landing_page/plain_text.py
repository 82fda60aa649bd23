"""Plain text as strangers may send it: what it looks like is what it says.

`public.plain_line` says the same in the database, for one line; a test compares the two for every character.
"""

import re
import unicodedata
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

# Controls (Unicode's Cc, all but the newline), what formats without being seen (Cf: zero width spaces, and
# the bidirectional overrides of CVE-2021-42574), separators of lines (Zl, Zp), and private use (Co). Written
# out, because two versions of Unicode differ. The zero width joiners are not among them: emoji have them.
_HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\ue000-\uf8ff\U000e0001-\U0010ffff]"
)
# Anything but spaces, joiners, variation selectors, and letters that are drawn as nothing.
_VISIBLE = re.compile(
    "[^ \n\u00a0\u034f\u115f\u1160\u1680\u17b4\u17b5\u2000-\u200a\u200c\u200d\u202f\u205f\u2800\u3000\u3164"
    "\ufe00-\ufe0f\uffa0]"
)


def fault_of(text: str) -> str | None:
    """Return what is wrong with a text in NFC, or None. Nothing is wrong with an empty one."""
    if _HIDDEN.search(text):
        return "must be plain text without control characters"
    if text and not _VISIBLE.search(text):
        return "must have something to see in it"
    return None


@dataclass(frozen=True)
class Paragraph:
    """Text that may have several lines: `Annotated[str, Paragraph(600)]`. Trimmed, and not empty."""

    max_length: int

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the length as a text's, which reads better in an error than a sequence's."""
        text = core_schema.str_schema(strip_whitespace=True, min_length=1, max_length=self.max_length)
        return core_schema.no_info_after_validator_function(self.check, text)

    def check(self, text: str) -> str:
        """Return the text in NFC and with one kind of newline, if it is plain."""
        text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))  # A browser's form sends the former.
        if fault := fault_of(text):
            raise ValueError(fault)
        return text


@dataclass(frozen=True)
class Line(Paragraph):
    """Text on one line: `Annotated[str, Line(80)]`."""

    def check(self, text: str) -> str:
        """Return the text, if it is plain and has no newline."""
        if "\n" in text:
            raise ValueError("must be one line")
        return super().check(text)
