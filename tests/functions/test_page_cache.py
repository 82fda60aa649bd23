"""How old a page may be, for whom, and what a visitor waits for."""

import asyncio
from dataclasses import dataclass, field

import pytest

from functions.landing_page.page_cache import (
    FRESH_SECONDS,
    KEEP_SECONDS,
    PATIENCE_SECONDS,
    RENEW_SECONDS,
    PageCache,
)
from shared.http.errors import DatabaseUnavailable, InternalError, Problem
from shared.landing_page.document import Document
from shared.landing_page.live_page import AtPath
from tests.documents import make_document

PATH = "/partners/jansen/tilburg"


@dataclass
class Database:
    """What is live, a clock, and how often it was asked. When it `is_slow` it answers once `let_go`."""

    now: float = 1000.0
    live: str | None = "first"
    trouble: Problem | None = None
    asked: int = 0
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    is_slow: bool = False

    async def look_up(self, path: str) -> AtPath | None:
        self.asked += 1
        # What is committed when the question arrives is the answer, however long it takes.
        live, trouble = self.live, self.trouble
        if self.is_slow:
            await self.let_go.wait()
        if trouble:
            raise trouble
        return AtPath(make_document(f"hash of {path}", live)) if live else None


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def pages(database: Database) -> PageCache:
    return PageCache(database.look_up, lambda: database.now)


async def _shown(pages: PageCache) -> str | None:
    found = await pages.find(PATH)
    return found.page.html.decode() if found and isinstance(found.page, Document) else None


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_fresh_page_is_not_asked_for_again(database: Database, pages: PageCache) -> None:
    assert await _shown(pages) == "first"
    database.live = "second"
    database.now += RENEW_SECONDS - 1

    assert await _shown(pages) == "first"
    assert database.asked == 1


async def test_page_in_demand_is_renewed_before_it_is_old(database: Database, pages: PageCache) -> None:
    await _shown(pages)
    database.live = "second"
    database.now += RENEW_SECONDS

    assert await _shown(pages) == "first"
    await _settle()

    assert await _shown(pages) == "second"
    assert database.asked == 2


async def test_nobody_is_shown_an_old_page_by_a_database_that_answers(
    database: Database, pages: PageCache
) -> None:
    await _shown(pages)
    database.live = None
    database.now += FRESH_SECONDS

    assert await _shown(pages) is None


async def test_many_visitors_at_once_are_one_question(database: Database, pages: PageCache) -> None:
    assert await asyncio.gather(*(_shown(pages) for _ in range(50))) == ["first"] * 50

    assert database.asked == 1


async def test_what_is_not_there_is_asked_for_each_time(database: Database, pages: PageCache) -> None:
    database.live = None
    assert await _shown(pages) is None
    database.live = "first"

    assert await _shown(pages) == "first"


@pytest.mark.parametrize("trouble", [DatabaseUnavailable("away"), InternalError("expired key")])
async def test_old_page_is_shown_while_the_database_is_away(
    database: Database, pages: PageCache, trouble: Problem
) -> None:
    await _shown(pages)
    database.trouble = trouble
    database.now += KEEP_SECONDS - 1

    assert await _shown(pages) == "first"

    database.trouble, database.live = None, "second"
    assert await _shown(pages) == "second"


async def test_page_that_is_too_old_is_not_shown_even_then(database: Database, pages: PageCache) -> None:
    await _shown(pages)
    database.trouble = DatabaseUnavailable("away")
    database.now += KEEP_SECONDS

    with pytest.raises(DatabaseUnavailable):
        await _shown(pages)


async def test_page_that_was_never_seen_cannot_be_shown(database: Database, pages: PageCache) -> None:
    database.trouble = DatabaseUnavailable("away")

    with pytest.raises(DatabaseUnavailable):
        await _shown(pages)


async def test_visitors_wait_for_a_slow_database_once_and_not_each(
    database: Database, pages: PageCache
) -> None:
    """The first waits out the patience; whoever comes while that question is open does not wait at all."""
    await _shown(pages)
    database.now += FRESH_SECONDS
    database.is_slow = True
    first = asyncio.create_task(_shown(pages))
    await _settle()
    assert not first.done()

    database.now += PATIENCE_SECONDS
    assert await _shown(pages) == "first"
    assert database.asked == 2

    database.live = "second"
    database.let_go.set()
    assert await first == "first"


async def test_answer_dates_from_its_question(database: Database, pages: PageCache) -> None:
    """A page may be taken down between the two."""
    database.is_slow = True
    asking = asyncio.create_task(_shown(pages))
    await _settle()
    database.live = None
    database.now += FRESH_SECONDS
    database.let_go.set()
    await asking

    assert await _shown(pages) is None


async def test_visitor_who_goes_away_takes_the_answer_from_nobody(
    database: Database, pages: PageCache
) -> None:
    database.is_slow = True
    impatient, patient = (asyncio.create_task(_shown(pages)) for _ in range(2))
    await _settle()

    impatient.cancel()
    database.let_go.set()

    assert await patient == "first"


async def test_memory_has_a_limit() -> None:
    """The page that nobody wanted for longest makes room."""
    asked: list[str] = []

    async def look_up(path: str) -> AtPath:
        asked.append(path)
        return AtPath(Document(content_hash=path, html_gzip=bytes(2**20), csp="", signature=b""))

    pages = PageCache(look_up)
    for number in range(40):
        await pages.find(f"{PATH}-{number}")

    await pages.find(f"{PATH}-39")
    assert len(asked) == 40
    await pages.find(f"{PATH}-0")
    assert len(asked) == 41
