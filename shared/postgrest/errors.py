"""What PostgREST's errors mean to a caller of ours, the same for 12.0.2 and for the hosted 16.x.

Where the two differ the HTTP status and the code are read together. Sources: PostgREST's Error.hs and
https://docs.postgrest.org/en/stable/references/errors.html; each row was tried on 12.0.2 or is marked there.
"""

import re
from http import HTTPStatus

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.http.errors import (
    Conflict,
    DatabaseUnavailable,
    InternalError,
    InvalidToken,
    InvalidValue,
    NotAllowed,
    Problem,
    Refusal,
)

# PGRST301 and, since 13, PGRST302 and 303 are about the token. 300, a server without a secret, is not.
_TOKEN_CODES = {"PGRST301", "PGRST302", "PGRST303"}

_BY_CODE: tuple[tuple[re.Pattern[str], type[Problem]], ...] = (
    (re.compile(r"42501"), NotAllowed),
    # Deadlock, serialization, lock timeout; cancelled or shutting down; out of something; connection;
    # read-only (a failover); and PostgREST's own: no connection, no schema cache, no free slot in its pool.
    (re.compile(r"40P01|40001|55P03|57...|53...|08...|25006|PGRST00[0-3]"), DatabaseUnavailable),
    # Unique, foreign key, exclusion.
    (re.compile(r"23505|23503|23P01"), Conflict),
    # Not null, check, text or number that does not parse, and a plain `raise`.
    (re.compile(r"23502|23514|22...|P0001"), InvalidValue),
)

# 12.0.2 answers a role that does not exist with 400 and this code, later versions with 401.
_UNKNOWN_ROLE = re.compile(r'role ".*" does not exist')


class ErrorBody(BaseModel):
    """PostgREST's error document. A proxy's page fits too, as one that says nothing."""

    model_config = ConfigDict(extra="ignore")

    code: str | None = None
    message: str | None = None
    details: str | None = None
    hint: str | None = None


def problem_from(response: httpx.Response) -> Problem:
    """Translate an answer that is not 2xx.

    `details` is only passed on where a migration wrote it: PostgreSQL's own quote the whole failing row.
    """
    try:
        body = ErrorBody.model_validate_json(response.content)
    except ValidationError:
        body = ErrorBody()
    if body.code == "":
        # libpq's own error, which has no SQLSTATE: the connection broke in the middle. PostgREST says 400.
        return DatabaseUnavailable("The database went away before it had answered.")
    code, message = body.code or "", body.message or ""
    if code.startswith("PT"):
        return Refusal(response.status_code, message, body.details or message, hint=body.hint)
    if _is_about_token(response.status_code, code, message):
        # A token without a role is anon, and what anon hears is "permission denied".
        reason = "The token names no role that may do this" if code == "42501" else message
        return InvalidToken(f"{reason or 'The token was refused'}.", hint="Sign in again.")
    for pattern, kind in _BY_CODE:
        if pattern.fullmatch(code):
            return kind(f"{message}.")
    if response.is_server_error:
        return DatabaseUnavailable("The database cannot answer now.")
    # A function that is missing or called wrongly: the migrations and this code do not belong together.
    return InternalError(f"PostgREST answered {response.status_code} {code}.")


def _is_about_token(status: int, code: str, message: str) -> bool:
    if code in _TOKEN_CODES or status == HTTPStatus.UNAUTHORIZED:
        return True
    return code == "22023" and _UNKNOWN_ROLE.search(message) is not None
