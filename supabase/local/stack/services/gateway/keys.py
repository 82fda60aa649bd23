"""The gateway's rule: who may pass, and under which Authorization PostgREST sees them."""

import time
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stack.state import State

_KEY_TOKEN_SECONDS = 3600

_NO_KEY = {
    "message": "No API key found in request",
    "hint": "No `apikey` request header or url param was found.",
}
_BAD_KEY = {
    "message": "Invalid API key",
    "hint": "Double check your Supabase `anon` or `service_role` API key.",
}
_SECRET_IN_BROWSER = {
    "message": "Forbidden use of secret API key in browser",
    "hint": "Secret API keys can only be used in a protected environment, never in a browser.",
}


@dataclass
class KeyRing:
    """The project's two API keys and the short-lived tokens that stand for them."""

    state: State
    _tokens: dict[str, tuple[float, str]] = field(default_factory=dict)

    def refusal(self, headers: Headers) -> Response | None:
        """Return why a request may not pass, None when it may."""
        key = headers.get("apikey")
        if not key:
            return JSONResponse(_NO_KEY, 401)
        if key == self.state.secret_key and headers.get("user-agent", "").startswith("Mozilla/"):
            return JSONResponse(_SECRET_IN_BROWSER, 401)
        if key not in {self.state.publishable_key, self.state.secret_key}:
            return JSONResponse(_BAD_KEY, 401)
        return None

    def authorization(self, headers: Headers) -> str:
        """Return the Authorization that a request travels on with.

        A person's own token always wins, over the secret key too. An opaque key in its place, which clients
        send when nobody is signed in, is no token and gives way.
        """
        given = headers.get("authorization")
        if given and not given.startswith("Bearer sb_"):
            return given
        role = "service_role" if headers["apikey"] == self.state.secret_key else "anon"
        return f"Bearer {self._token(role)}"

    def _token(self, role: str) -> str:
        good_until, token = self._tokens.get(role, (0.0, ""))
        if good_until < time.monotonic():
            issuer = f"{self.state.api_url}/auth/v1"
            token = self.state.signing_key.sign({"role": role}, issuer=issuer, expires_in=_KEY_TOKEN_SECONDS)
            # Renewed at half its life, so that none runs out on its way.
            self._tokens[role] = (time.monotonic() + _KEY_TOKEN_SECONDS / 2, token)
        return token


def key_ring(request: Request) -> KeyRing:
    """Return the keys that the gateway was started with."""
    ring: KeyRing = request.app.state.keys
    return ring
