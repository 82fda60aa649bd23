"""Requests that are no visit: of crawlers, of browsers fetching ahead, of who does not want to be counted."""

from functools import lru_cache
from typing import Literal

import crawleruseragents  # type: ignore[import-untyped]  # It ships no types.
from starlette.requests import Request

# What a browser gives away that nobody looks at, as the page's script adds it up. The first is the reason.
_SIGNALS = {1: "webdriver", 2: "no_languages", 4: "no_screen"}

Reason = Literal["bot", "prefetch", "opted_out"]


def find_reason(request: Request, *, respects_gpc: bool) -> Reason | None:
    """Say why a request is no visit; None when it is one."""
    # Looked up five times: Starlette would go through all of them each time.
    headers = dict(request.headers.raw)
    if is_bot(headers.get(b"user-agent", b"")):
        return "bot"
    # Sec-Purpose is the standard's (Chrome, Safari, Firefox); Purpose is what older Chrome and Safari send.
    if b"prefetch" in headers.get(b"sec-purpose", b"") + headers.get(b"purpose", b""):
        return "prefetch"
    # https://www.w3.org/TR/gpc/; DNT is its forerunner.
    if respects_gpc and b"1" in {headers.get(b"sec-gpc"), headers.get(b"dnt")}:
        return "opted_out"
    return None


def find_signal(signals: int) -> str | None:
    """Say what speaks against a person, of what the page's script noticed; None if nothing does."""
    return next((name for bit, name in _SIGNALS.items() if signals & bit), None)


@lru_cache(maxsize=4096)
def is_bot(user_agent: bytes) -> bool:
    """Say whether what calls itself so is no browser of a person's."""
    # Every browser names itself. The list takes about 0.2 ms to search, which is most of an event's cost.
    return not user_agent or crawleruseragents.is_crawler(user_agent.decode("latin-1"))
