"""Plain text as strangers may send it: no control characters, no turning around of the reading direction."""

import re
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

# C0 and C1 controls, and the bidirectional overrides that make a text look other than it is (CVE-2021-42574).
_HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Paragraph:
    """Text that may have several lines: `Annotated[str, Paragraph(600)]`. Trimmed, and not empty."""

    max_length: int

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the length as a text's, which reads better in an error than a sequence's."""
        text = core_schema.str_schema(strip_whitespace=True, min_length=1, max_length=self.max_length)
        return core_schema.no_info_after_validator_function(self.check, text)

    def check(self, text: str) -> str:
        """Return the text with one kind of newline, if it is plain."""
        text = text.replace("\r\n", "\n")  # A browser's form sends the former.
        if _HIDDEN.search(text):
            raise ValueError("must be plain text without control characters")
        return text


@dataclass(frozen=True)
class Line(Paragraph):
    """Text on one line: `Annotated[str, Line(80)]`."""

    def check(self, text: str) -> str:
        """Return the text, if it is plain and has no newline."""
        if "\n" in text:
            raise ValueError("must be one line")
        return super().check(text)
