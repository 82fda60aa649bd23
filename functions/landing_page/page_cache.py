"""Live pages as they were a moment ago, so that visitors wait for the database seldom and never for long.

Nothing but a page is remembered: one shows as soon as it is live, and nobody can fill the cache with paths
that they made up.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from cachetools import LRUCache

from shared.http.errors import Problem
from shared.landing_page.document import Document
from shared.landing_page.live_page import AtPath, Moved

log = structlog.get_logger()

# Younger than this a page is served without asking.
FRESH_SECONDS = 30
# From here on it is asked for again meanwhile, so that a page in demand is never anything but fresh.
RENEW_SECONDS = 15
# So long a visitor waits for the answer when there is an older page to show in its place.
PATIENCE_SECONDS = 1
# While the database is away nobody can say that a page was taken down. So long we believe that it was not,
# unless its schedule says so.
KEEP_SECONDS = 3600

# A page is some six kilobytes, and never fifteen.
_MOST_BYTES = 32 * 2**20

LookUp = Callable[[str], Awaitable[AtPath | None]]


@dataclass(frozen=True)
class Found:
    """A page or what became of it, how many seconds ago it was asked for, and how many its plan leaves."""

    page: Document | Moved
    age: float
    seconds_left: float


@dataclass(frozen=True)
class _Kept:
    page: Document | Moved
    asked_at: float
    ends_at: float


@dataclass(frozen=True)
class _Question:
    answer: asyncio.Task[_Kept | None]
    asked_at: float


def _size(kept: _Kept) -> int:
    return len(kept.page.html_gzip) if isinstance(kept.page, Document) else 0


class PageCache:
    """One process's. Each path is asked for once at a time, however many visitors want it."""

    def __init__(self, look_up: LookUp, now: Callable[[], float] = time.monotonic) -> None:
        """Ask `look_up` for what is missing or old."""
        self._look_up = look_up
        self._now = now
        self._kept: LRUCache[str, _Kept] = LRUCache(_MOST_BYTES, getsizeof=_size)
        self._questions: dict[str, _Question] = {}

    async def find(self, path: str) -> Found | None:
        """Return what is live at a path; for want of an answer, what was live there within the hour.

        Raises:
            DatabaseUnavailable: There is neither.
        """
        now = self._now()
        kept = self._kept.get(path)
        age = now - kept.asked_at if kept else KEEP_SECONDS
        if kept is None or age >= KEEP_SECONDS or now >= kept.ends_at:
            kept = await asyncio.shield(self._ask(path).answer)
        elif age >= FRESH_SECONDS:
            kept = await self._answer_or(kept, self._ask(path))
        else:
            if age >= RENEW_SECONDS:
                self._ask(path)
            return Found(kept.page, age, kept.ends_at - now)
        now = self._now()
        return Found(kept.page, now - kept.asked_at, kept.ends_at - now) if kept else None

    def _ask(self, path: str) -> _Question:
        question = self._questions.get(path)
        if question is None:
            asked_at = self._now()
            answer = asyncio.create_task(self._renew(path, asked_at))
            question = self._questions[path] = _Question(answer, asked_at)
            answer.add_done_callback(lambda _: self._close(path))
        return question

    async def _renew(self, path: str, asked_at: float) -> _Kept | None:
        found = await self._look_up(path)
        kept = _Kept(found.page, asked_at, asked_at + found.seconds_left) if found else None
        if kept and isinstance(kept.page, Document):
            self._kept[path] = kept
        else:
            self._kept.pop(path, None)
        return kept

    def _close(self, path: str) -> None:
        answer = self._questions.pop(path).answer
        if not answer.cancelled() and (error := answer.exception()):
            # Whoever waits raises it; but nobody waits for a page that is renewed in good time.
            log.warning("page_not_renewed", error=type(error).__name__)

    async def _answer_or(self, older: _Kept, question: _Question) -> _Kept | None:
        patience = PATIENCE_SECONDS - (self._now() - question.asked_at)
        await asyncio.wait({question.answer}, timeout=max(patience, 0))
        if not question.answer.done():
            return older
        error = question.answer.exception()
        # Whatever is wrong with the database or with us, the page that was there a minute ago is better.
        is_trouble = isinstance(error, Problem) and error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return older if is_trouble else question.answer.result()
