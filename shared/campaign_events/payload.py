"""Reading what platforms send: exact ids, times that may be missing, nothing that cannot be stored."""

import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Mapping

from shared.http.body import parse_json

MAX_ID_LENGTH = 255
"""Ids are opaque and may be long (Google's had to be raised from 160), but an index entry has an end."""

MAX_TEXT_LENGTH = 300
"""Longer than any word or sentence of a platform's own. What is longer was written by somebody."""

# Valid in JSON, impossible in PostgreSQL. Refusing the lead would lose it, since no retry could mend it.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_DIGITS = re.compile(r"[0-9]{1,15}")

# Unix times beyond this are in milliseconds: in seconds it would be the year 5138.
_FIRST_MILLISECONDS = 10**11


# What has none of these needs no cleaning: an escaped NUL or surrogate, an integer of 19 digits.
_ESCAPED = re.compile(rb"\\u(0000|[dD][89a-fA-F])")
_LONG_INTEGER = re.compile(rb"[:,\[]\s*-?[0-9]{19}")


def read_json(body: bytes) -> object:
    """Parse a body, as far as PostgreSQL can store it.

    Raises:
        MalformedBody: It is no JSON.
    """
    value = parse_json(body)
    is_suspect = (b"\\u" in body and _ESCAPED.search(body)) or _LONG_INTEGER.search(body)
    return clean(value) if is_suspect else value


def clean(value: object) -> object:
    """Return the value with U+FFFD in place of what PostgreSQL cannot store, and huge integers as text."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)  # orjson writes no longer ones, and no float would be exact.
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {str(clean(key)): clean(item) for key, item in value.items()}
    return value


def members_of(value: object) -> dict[str, object]:
    """Return an object's members; of anything else, none."""
    return value if isinstance(value, dict) else {}


def items_of(value: object) -> list[object]:
    """Return a list's items; of anything else, none."""
    return value if isinstance(value, list) else []


_PLAIN = {int, bool, float, type(None)}


def split(
    members: Mapping[str, object], known: frozenset[str]
) -> tuple[dict[str, object], dict[str, object]]:
    """Part what names nobody, the short plain values of known members, from what may name somebody."""
    kept: dict[str, object] = {}
    rest: dict[str, object] = {}
    for name, value in members.items():
        is_plain = len(value) <= MAX_TEXT_LENGTH if isinstance(value, str) else type(value) in _PLAIN
        (kept if is_plain and name in known else rest)[name] = value
    return kept, rest


def without_key(value: object, name: str) -> object:
    """Return the value without any member of this name, at whatever depth."""
    if isinstance(value, list):
        return [without_key(item, name) for item in value]
    if isinstance(value, dict):
        return {key: without_key(item, name) for key, item in value.items() if key != name}
    return value


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def body_hmac(key: bytes, value: object) -> str:
    """Return what tells one body from another, in hex, the same however its JSON was spaced and ordered.

    Keyed, because a person is in it: without the key nobody finds a telephone number by trying them all.
    """
    return hmac.digest(key, _canonical(value).encode(), "sha256").hex()


def identifier(value: object) -> str | None:
    """Return an id as text, whether it came as a number or as text; None when 0 or empty, that is absent."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return shorten(text) if text not in {"", "0"} else None


def shorten(text: str) -> str:
    """Return a text that is too long for an index as its hash, which is just as unique."""
    if len(text) <= MAX_ID_LENGTH:
        return text
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def read_moment(value: object) -> dt.datetime:
    """Read an ISO 8601 time with its offset.

    Raises:
        ValueError: It is something else; a time without an offset could be any of 26 moments.
    """
    try:
        moment = dt.datetime.fromisoformat(value if isinstance(value, str) else "")
        if moment.tzinfo is not None:
            return moment.astimezone(dt.UTC)
    except OverflowError:
        pass  # 0001-01-01 with an offset lies before the first year.
    raise ValueError("must be an ISO 8601 time with an offset")


def moment(value: object) -> dt.datetime | None:
    """Return a time, or None when there is none that can be read."""
    try:
        return read_moment(value)
    except ValueError:
        return None


def unix_moment(value: object) -> dt.datetime | None:
    """Return a time that came as seconds or milliseconds since 1970, or None if it cannot be read."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        return dt.datetime.fromtimestamp(value / 1000 if value >= _FIRST_MILLISECONDS else value, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None


def text(value: object) -> str | None:
    """Return a text that says something, or None."""
    return value.strip() or None if isinstance(value, str) else None


def is_true(value: object) -> bool:
    """Return whether a flag is set; middlemen send it as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")
