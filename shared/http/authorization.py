"""Who asks: the caller's Authorization header, which travels on unchanged."""

import re

from starlette.requests import Request

from shared.http.errors import InvalidToken, MissingToken

# RFC 6750, 2.1. Whatever else a header may hold would be an error in the client library.
_BEARER = re.compile(r"Bearer [A-Za-z0-9._~+/-]+=*", re.IGNORECASE)


def read_authorization(request: Request) -> str:
    """Read whom the caller is, to be handed on as it is; whether it is true is the database's to check.

    Raises:
        MissingToken: There is no Authorization header.
        InvalidToken: It holds no bearer token.
    """
    authorization = request.headers.get("authorization")
    if authorization is None:
        raise MissingToken("This is answered for somebody.", hint="Send Authorization: Bearer <JWT>.")
    if not _BEARER.fullmatch(authorization):
        raise InvalidToken("Authorization holds no bearer token.", hint="Send Authorization: Bearer <JWT>.")
    return authorization
