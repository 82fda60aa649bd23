"""Who looks: a JWT in the Authorization header, or in a cookie that a browser without script can send.

The cookie is the partner's own access token: nothing is kept on our side, and it is good as long as that is.
"""

import datetime as dt
import re

import jwt
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shared.http.authorization import read_authorization
from shared.http.body import read_form
from shared.http.clock import Clock
from shared.http.errors import InvalidToken
from shared.http.origin import refuse_foreign
from shared.postgrest.client import PostgREST

HOME = "/partner-leads"
COOKIE = "partner_session"

_MAX_BODY_BYTES = 16 * 1024
# RFC 7519: three parts in base64url. Nothing else gets into a cookie or a header.
_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def read_caller(request: Request) -> str:
    """Return the Authorization that the caller sends, or that their cookie stands for.

    Raises:
        MissingToken: There is neither.
        InvalidToken: It is no token.
    """
    token = request.cookies.get(COOKIE)
    if "authorization" in request.headers or token is None:
        return read_authorization(request)
    if not _JWT.fullmatch(token):
        raise InvalidToken("The session's cookie holds no token.", hint="Sign in again.")
    return f"Bearer {token}"


class Sessions:
    """Puts a token into a cookie, and takes it out again."""

    def __init__(
        self, postgrest: PostgREST, origins: tuple[str, ...], now: Clock, *, is_secure: bool
    ) -> None:
        """Take tokens from pages of `origins`."""
        self._postgrest = postgrest
        self._origins = origins
        self._now = now
        self._is_secure = is_secure

    async def begin(self, request: Request) -> Response:
        """Take `access_token` from a form, and lead to the leads.

        Raises:
            ForeignOrigin: Another site sent it: it would show somebody a stranger's leads as theirs.
            InvalidToken: It is no token, or nobody's any more.
        """
        refuse_foreign(request, *self._origins)
        form = await read_form(request, _MAX_BODY_BYTES)
        token = form.get("access_token", "").strip()
        if not _JWT.fullmatch(token):
            raise InvalidToken("That is no access token.", hint="Send access_token, a JWT, in a form.")
        # Whether it is true is the database's to say.
        await self._postgrest.as_caller(f"Bearer {token}").call("my_leads", most=1)
        response = RedirectResponse(HOME, 303, {"Cache-Control": "no-store"})
        self._set_cookie(response, token, self._seconds_left(token))
        return response

    async def end(self, request: Request) -> Response:
        """Forget the cookie.

        Raises:
            ForeignOrigin: Another site sent it.
        """
        refuse_foreign(request, *self._origins)
        response = RedirectResponse(HOME, 303, {"Cache-Control": "no-store"})
        self._set_cookie(response, "", 0)
        return response

    def _set_cookie(self, response: Response, value: str, seconds: int) -> None:
        # Lax: whoever comes by the link in a mail is signed in; what another site posts is not.
        response.set_cookie(
            COOKIE, value, max_age=seconds, path=HOME, secure=self._is_secure, httponly=True, samesite="lax"
        )

    def _seconds_left(self, token: str) -> int:
        expires = jwt.decode(token, options={"verify_signature": False}).get("exp", 0)
        return max(0, int(expires - self._now().astimezone(dt.UTC).timestamp()))
