"""Who opened the page, in a way that nobody can ask again tomorrow.

A visitor is a keyed hash of site, address and browser under a random salt of the day. The database makes the
salt and deletes it within 48 hours; here it lives in memory for no longer. Neither the address nor the
browser is written anywhere, logs included. Two people behind one address with one browser are one visitor.
"""

import asyncio
import hashlib
import socket
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from starlette.requests import Request

from functions.landing_page_track.uuid7 import milliseconds_of
from shared.http.clock import AMSTERDAM, Clock
from shared.http.errors import Refusal
from shared.postgrest.client import Identity

_DAY = timedelta(days=1)
# An IPv4 address as a dual-stack socket writes it, ::ffff:192.0.2.1 (RFC 4291, 2.5.5.2).
_MAPPED = bytes(10) + b"\xff\xff"
_SALT = TypeAdapter(str)


def client_address(request: Request, trusted_proxy_count: int) -> str:
    """Return the address that the nearest machine we do not trust connected from.

    Every proxy appends whom it heard from to X-Forwarded-For, so with n proxies of ours the n-th entry from
    the right was written by one of them. All that stands left of it came with the request, and a client that
    forges it changes nothing. With no proxies the header is not looked at.
    """
    peer = request.client.host if request.client else ""
    if trusted_proxy_count == 0:
        return peer
    forwarded = [value for name, value in request.headers.raw if name == b"x-forwarded-for"]
    entries = b",".join(forwarded).split(b",")
    if len(entries) < trusted_proxy_count:
        return peer  # It did not come through our proxies, so nothing in it was written by them.
    return entries[-trusted_proxy_count].strip().decode("latin-1")


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
        if salt := self._salts.get(day):
            return salt
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


class Visitor(NamedTuple):
    """Who opened a page, as keyed hashes of 64 bits that say nothing once the day's salt is gone."""

    visitor: int
    address: int
    network: int


class Visitors:
    """Turns a request into a visitor of the day."""

    def __init__(self, salts: Salts, site: str, trusted_proxy_count: int) -> None:
        """Hash with the salts, for one site, behind so many proxies."""
        self._salts = salts
        self._site = site
        self._trusted_proxy_count = trusted_proxy_count

    async def identify(self, request: Request, event_id: UUID) -> Visitor | None:
        """Return the visitor on the day of an event; None when the event is of a day without salt.

        Raises:
            DatabaseUnavailable: The salt could not be fetched.
        """
        day = _day_of(event_id)
        return await self.identify_on(request, day) if day else None

    async def identify_on(self, request: Request, day: date) -> Visitor | None:
        """Return the visitor on an Amsterdam day; None when it has no salt.

        Raises:
            DatabaseUnavailable: The salt could not be fetched.
        """
        salt = await self._salts.get(day)
        if salt is None:
            return None
        client = client_address(request, self._trusted_proxy_count)
        browser = request.headers.get("user-agent", "")
        # NUL can stand in none of the three, so no two visitors read the same.
        who = f"{self._site}\0{client}\0{browser}".encode()
        return Visitor(_hash(salt, who), *(_hash(salt, network) for network in networks_of(client)))


def networks_of(client: str) -> tuple[bytes, bytes]:
    """Return what one customer has, an IPv4 address or an IPv6 /64, and the /24 or /48 around it."""
    try:
        if ":" not in client:
            address = socket.inet_pton(socket.AF_INET, client)
            return address, address[:3]
        address = socket.inet_pton(socket.AF_INET6, client)
    except (OSError, ValueError):
        return client.encode(), client.encode()
    if address.startswith(_MAPPED):
        return address[12:], address[12:15]
    return address[:8], address[:6]


def _hash(salt: bytes, text: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(text, key=salt, digest_size=8).digest(), signed=True)


def _day_of(event_id: UUID) -> date | None:
    return _day_of_half_hour(milliseconds_of(event_id) // 1_800_000)


@lru_cache(maxsize=256)
def _day_of_half_hour(half_hour: int) -> date | None:
    # Days begin on a half-hour of the clock, and most events are of this one.
    try:
        return datetime.fromtimestamp(half_hour * 1800, AMSTERDAM).date()
    except (OverflowError, ValueError):
        return None  # 48 bits of milliseconds reach beyond the year 9999.
