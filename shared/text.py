"""Plain text as strangers may send it: no control characters, no turning around of the reading direction."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

# C0 and C1 controls, and the bidirectional overrides that make a text look other than it is (CVE-2021-42574).
_HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def _is_plain(text: str) -> str:
    if _HIDDEN.search(text):
        raise ValueError("must be plain text without control characters")
    return text


def _is_one_line(text: str) -> str:
    if "\n" in text:
        raise ValueError("must be one line")
    return text


def _unify_newlines(text: str) -> str:
    return text.replace("\r\n", "\n")  # What a browser's form sends.


Trimmed = StringConstraints(strip_whitespace=True, min_length=1)

Paragraph = Annotated[str, Trimmed, AfterValidator(_unify_newlines), AfterValidator(_is_plain)]
"""Text that may have several lines."""

Line = Annotated[str, Trimmed, AfterValidator(_is_plain), AfterValidator(_is_one_line)]
"""Text on one line."""
