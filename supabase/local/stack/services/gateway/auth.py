"""A stand-in for the part of Supabase Auth that a signed-in client needs: password, refresh, user, sign-out.

Signing up, e-mails, other providers and administration are not here: users come from the seed or from tests.
"""

import time
from typing import Any, Literal

import jwt
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stack.services.gateway.keys import KeyRing, key_ring
from stack.services.gateway.sessions import Account, AuthError, Session, Sessions
from stack.tokens import ACCESS_TOKEN_SECONDS, user_claims


class PasswordGrant(BaseModel):
    """The body of a sign-in; clients add fields of their own (captcha)."""

    model_config = ConfigDict(extra="ignore")

    email: str
    password: str


class RefreshGrant(BaseModel):
    """The body of a refresh."""

    model_config = ConfigDict(extra="ignore")

    refresh_token: str


async def jwks(request: Request) -> Response:
    """Publish the keys that tokens can be checked with. This needs no API key."""
    keys = key_ring(request)
    headers = {"Cache-Control": "public, max-age=600"}
    return JSONResponse(keys.state.signing_key.public_jwks(), headers=headers)


async def token(request: Request) -> Response:
    """Sign in, or go on with a session."""
    sessions = _sessions(request)
    body = await request.body()
    match request.query_params.get("grant_type"):
        case "password":
            grant = PasswordGrant.model_validate_json(body)
            session = await sessions.sign_in(grant.email, grant.password)
        case "refresh_token":
            session = await sessions.refresh(RefreshGrant.model_validate_json(body).refresh_token)
        case _:
            raise AuthError(400, "validation_failed", "unsupported_grant_type")
    return JSONResponse(_session_body(key_ring(request), session))


async def user(request: Request) -> Response:
    """Tell who the caller is."""
    claims = _claims(request)
    sessions = _sessions(request)
    return JSONResponse(_user_body(await sessions.account(claims["sub"], claims.get("session_id"))))


async def logout(request: Request) -> Response:
    """End the caller's sessions. Access tokens stay good until they expire, as hosted."""
    claims = _claims(request)
    sessions = _sessions(request)
    scope = request.query_params.get("scope", "global")
    await sessions.sign_out(claims["sub"], claims.get("session_id"), scope)
    return Response(status_code=204)


async def missing(request: Request) -> Response:
    """Say that a part of Auth is not here."""
    message = f"The local stack has no {request.url.path}. It signs in users that exist in auth.users."
    raise AuthError(404, "not_found", message)


def auth_error(_request: Request, error: Exception) -> Response:
    """Put a refusal into Auth's shape."""
    if isinstance(error, ValidationError):
        error = AuthError(400, "validation_failed", "The body is not JSON with the fields it needs")
    if not isinstance(error, AuthError):
        raise error
    headers = {"Retry-After": "1"} if error.status == 503 else None  # noqa: PLR2004 - a status as it is known.
    body = {"code": error.status, "error_code": error.code, "msg": str(error)}
    return JSONResponse(body, error.status, headers)


def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions


def _claims(request: Request) -> dict[str, Any]:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given or given.startswith("sb_"):
        raise AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token")
    keys = key_ring(request)
    try:
        claims = keys.state.signing_key.verify(given)
    except jwt.InvalidTokenError as error:
        raise AuthError(403, "bad_jwt", f"invalid JWT: {error}") from error
    if "sub" not in claims:
        raise AuthError(403, "bad_jwt", "invalid claim: missing sub claim")
    return claims


def _session_body(keys: KeyRing, session: Session) -> dict[str, object]:
    claims = user_claims(session.account, session.id)
    issuer = f"{keys.state.api_url}/auth/v1"
    return {
        "access_token": keys.state.signing_key.sign(claims, issuer=issuer, expires_in=ACCESS_TOKEN_SECONDS),
        "token_type": "bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
        "expires_at": int(time.time()) + ACCESS_TOKEN_SECONDS,
        "refresh_token": session.refresh_token,
        "user": _user_body(session.account),
    }


def _user_body(account: Account) -> dict[str, object]:
    role: Literal["authenticated"] = "authenticated"
    shown = account.model_dump(mode="json", exclude={"raw_app_meta_data", "raw_user_meta_data"})
    return {
        **shown,
        "aud": role,
        "role": role,
        "phone": account.phone or "",
        "confirmed_at": shown["email_confirmed_at"],
        "app_metadata": account.raw_app_meta_data or {},
        "user_metadata": account.raw_user_meta_data or {},
        "identities": [],
    }
