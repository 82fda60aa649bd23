"""Who opened the page, in a way that nobody can ask again tomorrow.

A visitor is a keyed hash of site, address and browser under a random salt of the day. The database makes the
salt and deletes it within 48 hours; here it lives in memory for no longer. Neither the address nor the
browser is written anywhere, logs included. Two people behind one address with one browser are one visitor.
"""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from starlette.requests import Request

from functions.landing_page_track.uuid7 import milliseconds_of
from shared.http.errors import Refusal
from shared.postgrest.client import Identity

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
"""Days are Dutch days, as in the partners' figures."""

_DAY = timedelta(days=1)
_SALT = TypeAdapter(str)

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time. Passed in wherever time matters, so that a test can bring its own."""
    return datetime.now(UTC)


def client_address(request: Request, trusted_proxy_count: int) -> str:
    """Return the address that the nearest machine we do not trust connected from.

    Every proxy appends whom it heard from to X-Forwarded-For, so with n proxies of ours the n-th entry from
    the right was written by one of them. All that stands left of it came with the request, and a client that
    forges it changes nothing. With no proxies the header is not looked at.
    """
    peer = request.client.host if request.client else ""
    if trusted_proxy_count == 0:
        return peer
    entries = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    if len(entries) < trusted_proxy_count:
        return peer  # It did not come through our proxies, so nothing in it was written by them.
    return entries[-trusted_proxy_count].strip()


class Salts:
    """The salts of the days that events may be of: yesterday, today, and at midnight tomorrow."""

    def __init__(self, recorder: Identity, now: Clock) -> None:
        """Fetch salts as `recorder`."""
        self._recorder = recorder
        self._now = now
        self._salts: dict[date, bytes] = {}
        self._lock = asyncio.Lock()

    async def get(self, day: date) -> bytes | None:
        """Return the day's salt; None when there is none any more, or none yet.

        Raises:
            DatabaseUnavailable: It is not in memory and could not be fetched.
        """
        if abs(day - self._now().astimezone(AMSTERDAM).date()) > _DAY:
            return None
        # One request fetches it at midnight, and the others wait for that one.
        async with self._lock:
            if day not in self._salts:
                await self._fetch(day)
            return self._salts.get(day)

    async def _fetch(self, day: date) -> None:
        try:
            answer = await self._recorder.call("visitor_salt", day=day)
        except Refusal:
            return  # The database's clock is a little further than ours: the day is out of its window.
        self._salts[day] = bytes.fromhex(_SALT.validate_python(answer))
        # On a timer, since a process that nobody asks anything would remember it for ever.
        end_of_window = datetime.combine(day + 2 * _DAY, time.min, AMSTERDAM)
        delay = end_of_window - self._now()
        asyncio.get_running_loop().call_later(delay.total_seconds(), self._salts.pop, day, None)


class Visitors:
    """Turns a request into a visitor of the day."""

    def __init__(self, salts: Salts, site: str, trusted_proxy_count: int) -> None:
        """Hash with the salts, for one site, behind so many proxies."""
        self._salts = salts
        self._site = site
        self._trusted_proxy_count = trusted_proxy_count

    async def identify(self, request: Request, event_id: UUID) -> int | None:
        """Return the visitor on the day of an event; None when the event is of a day without salt.

        Raises:
            DatabaseUnavailable: The salt could not be fetched.
        """
        day = _day_of(event_id)
        salt = await self._salts.get(day) if day else None
        if salt is None:
            return None
        address = client_address(request, self._trusted_proxy_count)
        browser = request.headers.get("user-agent", "")
        # NUL can stand in none of the three, so no two visitors read the same.
        visitor = f"{self._site}\0{address}\0{browser}".encode()
        return int.from_bytes(hashlib.blake2b(visitor, key=salt, digest_size=8).digest(), signed=True)


def _day_of(event_id: UUID) -> date | None:
    try:
        moment = datetime.fromtimestamp(milliseconds_of(event_id) / 1000, AMSTERDAM)
    except (OverflowError, ValueError):
        return None  # 48 bits of milliseconds reach beyond the year 9999.
    return moment.date()
