"""Whose word a push is: the keys with which Google signs the tokens of service accounts."""

import asyncio
import time
from collections.abc import Callable

import httpx
import jwt
import structlog
from jwt.exceptions import PyJWKSetError
from pydantic import TypeAdapter

from shared.http.errors import KeysUnavailable

URL = "https://www.googleapis.com/oauth2/v3/certs"
"""The `jwks_uri` of https://accounts.google.com/.well-known/openid-configuration."""

ISSUERS = ("https://accounts.google.com", "accounts.google.com")

KEPT_SECONDS = 6 * 3600
"""How long keys are good, about as Google says itself: one that leaks is taken back."""

ASK_AGAIN_SECONDS = 60
"""How often a key that is not known may have Google asked: anybody can write a token with an invented one."""

FAILED_SECONDS = 5
"""How long Google is let be when it gave no answer, so that whoever comes does not wait in turn."""

_JWKS = TypeAdapter(dict[str, list[dict[str, object]]])

log = structlog.get_logger()


class GoogleKeys:
    """The keys, kept by their ids. Google changes them every few weeks, and publishes them days ahead."""

    def __init__(
        self,
        url: str = URL,
        transport: httpx.AsyncBaseTransport | None = None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask for them at `url`, when there is a token to verify."""
        self._url = url
        self._http = httpx.AsyncClient(timeout=5, transport=transport, trust_env=False)
        self._timer = timer
        self._lock = asyncio.Lock()
        self._ask_at = 0.0
        self._kept_until = 0.0
        self._keys: dict[str | None, jwt.PyJWK] = {}

    async def find(self, key_id: str) -> jwt.PyJWK | None:
        """Return a key, or None if Google has none of that id.

        Raises:
            KeysUnavailable: Google does not say.
        """
        async with self._lock:
            is_old = self._timer() >= self._kept_until
            if (is_old or key_id not in self._keys) and self._timer() >= self._ask_at:
                self._ask_at = self._timer() + FAILED_SECONDS
                self._keys = await self._ask()
                self._ask_at = self._timer() + ASK_AGAIN_SECONDS
                self._kept_until = self._timer() + KEPT_SECONDS
                is_old = False
        if is_old:
            raise KeysUnavailable("Google's keys could not be had a moment ago.")
        return self._keys.get(key_id)

    async def _ask(self) -> dict[str | None, jwt.PyJWK]:
        try:
            answer = await self._http.get(self._url)
            told = _JWKS.validate_json(answer.raise_for_status().content)
            keys = jwt.PyJWKSet.from_dict(told).keys
        except (httpx.HTTPError, ValueError, PyJWKSetError) as error:
            log.warning("google_keys_unreachable", error=type(error).__name__)
            raise KeysUnavailable("Google's keys could not be had.") from error
        return {key.key_id: key for key in keys}
