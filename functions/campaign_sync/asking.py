"""Asking a platform over HTTP: in time, with a token that is fresh, and with what went wrong in few words."""

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from functions.campaign_sync.credentials import Credentials
from functions.campaign_sync.download import MAX_BYTES, SECONDS, download
from functions.campaign_sync.job import Job, Order
from functions.campaign_sync.trouble import Trouble
from shared.http.clock import Clock

_TIMEOUT = httpx.Timeout(connect=5, write=10, read=20, pool=5)

Keep = Callable[[Credentials, dt.datetime | None], Awaitable[None]]
"""Stores what a refresh answered, and when a person's consent ends, before it is used."""


def make_http(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Make the client of a run: no redirect is followed, and no proxy or .netrc sees tokens."""
    return httpx.AsyncClient(timeout=_TIMEOUT, transport=transport, trust_env=False, follow_redirects=False)


@dataclass(frozen=True)
class Answer:
    """What came back, read to its end."""

    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def is_success(self) -> bool:
        """Whether HTTP says so, which not every platform means."""
        return httpx.codes.is_success(self.status)

    def json(self) -> object:
        """Parse the body; numbers with a point are Decimal from the first byte.

        Raises:
            Trouble: It is no JSON: something in between answered.
        """
        try:
            return json.loads(self.content, parse_float=Decimal) if self.content else None
        except ValueError:
            raise Trouble("transient", f"unreadable {self.status}") from None

    def perhaps_json(self) -> object:
        """Parse the body, or return None."""
        try:
            return self.json()
        except Trouble:
            return None


class Signs(Protocol):
    """What a platform's adapter says of its requests."""

    def headers(self, job: Job, credentials: Credentials) -> Mapping[str, str]:
        """Return the headers that every request has, with the access token."""

    def params(self, credentials: Credentials) -> Mapping[str, str]:
        """Return what every query has, made of the credentials."""

    def trouble(self, answer: Answer) -> Trouble | None:
        """Return what is wrong with an answer, or None."""


class _Request(NamedTuple):
    method: str
    url: str
    params: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    json: object = None
    data: Mapping[str, object] | None = None


@dataclass
class Asking:
    """Asks for one job, with credentials that are refreshed in between."""

    http: httpx.AsyncClient
    signs: Signs
    job: Job
    credentials: Credentials
    keep: Keep
    clock: Clock

    async def get(self, url: str, params: Mapping[str, str] | None = None) -> Answer:
        """Get a URL, which is sent as it stands where there are no `params`.

        Raises:
            Trouble: There is no answer, or one that says no.
        """
        return await self._ask(_Request("GET", url, params or {}))

    async def post(self, url: str, body: object) -> Answer:
        """Post JSON.

        Raises:
            Trouble: There is no answer, or one that says no.
        """
        return await self._ask(_Request("POST", url, json=body))

    async def change(self, order: Order) -> Answer:
        """Send what changes something, once: whoever does not know what became of it has to look.

        Raises:
            Trouble: There is no answer, or one that says no.
        """
        asked = _Request(order.method, order.url, headers=order.headers)
        return await self._ask(
            asked._replace(data=order.body) if order.is_form else asked._replace(json=order.body)
        )

    async def download(self, url: str) -> bytes:
        """Fetch a file from where the platform says it is, without any of our headers.

        Raises:
            Trouble: It is nowhere that a file of a platform's can be, or not to be had.
        """
        request = self.http.build_request("GET", url)
        reports = httpx.URL(self.job.apis["reports"].base_url)
        if (request.url.scheme, request.url.netloc) == (reports.scheme, reports.netloc):
            answer = await send(self.http, request)
            if trouble := general_trouble(answer):
                raise trouble
            return answer.content
        return await download(url)

    async def _ask(self, asked: "_Request") -> Answer:
        if not self.credentials.is_fresh(self.clock()):
            await self._refresh()
        try:
            return await self._ask_once(asked)
        except Trouble as trouble:
            if trouble.kind != "expired" or not self._can_refresh:
                raise
        # Once: a token that is refused fresh is refused for another reason.
        await self._refresh()
        return await self._ask_once(asked)

    async def _ask_once(self, asked: "_Request") -> Answer:
        signs = self.signs.headers(self.job, self.credentials)
        headers = {"Accept": "application/json", **asked.headers, **signs}
        query = {**asked.params, **self.signs.params(self.credentials)}
        request = self.http.build_request(
            asked.method,
            asked.url,
            # Without any, httpx sends the address as it stands: LinkedIn's must not be encoded again.
            params=query or None,
            headers=headers,
            json=asked.json,
            data=asked.data,
        )
        answer = await send(self.http, request)
        trouble = self.signs.trouble(answer) or general_trouble(answer)
        if trouble is not None:
            raise trouble
        return answer

    @property
    def _can_refresh(self) -> bool:
        return self.credentials.refresh_token is not None and "tokens" in self.job.apis

    async def _refresh(self) -> None:
        if not self._can_refresh:
            raise Trouble("auth", "access_token_ended")
        fresh = await refresh(self.http, self.job, self.credentials)
        now = self.clock()
        told = {
            "access_token": fresh.access_token,
            "access_token_ends_at": now + dt.timedelta(seconds=fresh.expires_in),
            # Microsoft's rotates: whoever keeps the old one is locked out some day.
            "refresh_token": fresh.refresh_token or self.credentials.refresh_token,
        }
        self.credentials = self.credentials.model_copy(update=told)
        ends = fresh.refresh_token_expires_in
        await self.keep(self.credentials, now + dt.timedelta(seconds=ends) if ends else None)


async def send(http: httpx.AsyncClient, request: httpx.Request) -> Answer:
    """Send a request and read its answer to the end.

    Raises:
        Trouble: Nobody answers, in time, in so many bytes.
    """
    try:
        async with asyncio.timeout(SECONDS):
            response = await http.send(request, stream=True)
            try:
                return Answer(response.status_code, response.headers, await _read(response))
            finally:
                await response.aclose()
    except (TimeoutError, httpx.TimeoutException):
        raise Trouble("transient", "timeout") from None
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise Trouble("transient", type(error).__name__) from None


async def _read(response: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > MAX_BYTES:
            raise Trouble("permanent", "answer_too_large")
        parts.append(part)
    return b"".join(parts)


def general_trouble(answer: Answer) -> Trouble | None:
    """Return what HTTP alone says is wrong, where the body said nothing of it."""
    if answer.is_success:
        return None
    if answer.status == httpx.codes.UNAUTHORIZED:
        return Trouble("expired", "http 401")
    if answer.status == httpx.codes.TOO_MANY_REQUESTS:
        return Trouble("throttled", "http 429", seconds=300)
    if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status == httpx.codes.REQUEST_TIMEOUT:
        return Trouble("transient", f"http {answer.status}")
    is_forbidden = answer.status == httpx.codes.FORBIDDEN
    return Trouble("permanent", f"http {answer.status}", is_forbidden=is_forbidden)


class _Refreshed(BaseModel):
    access_token: SecretStr
    expires_in: float
    refresh_token: SecretStr | None = None
    refresh_token_expires_in: float | None = None


class _Refused(BaseModel):
    error: str = ""


# Paths and scopes of the token endpoints, where they differ from https://www.rfc-editor.org/rfc/rfc6749#section-6.
_PATHS = {"linkedin_ads": "/accessToken"}
_SCOPES = {"microsoft_ads": "https://ads.microsoft.com/msads.manage offline_access"}


async def refresh(http: httpx.AsyncClient, job: Job, credentials: Credentials) -> _Refreshed:
    """Get a fresh access token.

    Raises:
        Trouble: A person has to consent anew, or nobody answers.
    """
    form = {
        "grant_type": "refresh_token",
        "refresh_token": _reveal(credentials.refresh_token),
        "client_id": credentials.client_id or "",
        "client_secret": _reveal(credentials.client_secret),
    }
    if scope := _SCOPES.get(job.platform):
        form["scope"] = scope
    url = job.apis["tokens"].url + _PATHS.get(job.platform, "/token")
    answer = await send(http, http.build_request("POST", url, data={k: v for k, v in form.items() if v}))
    if answer.is_success:
        try:
            return _Refreshed.model_validate(answer.json())
        except ValidationError:
            raise Trouble("transient", "unreadable token answer") from None
    try:
        error = _Refused.model_validate(answer.perhaps_json()).error
    except ValidationError:
        error = ""
    if error:
        raise Trouble("auth", error[:100])
    raise general_trouble(answer) or Trouble("transient", "token endpoint")


def _reveal(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""
