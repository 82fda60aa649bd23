"""Which request something belongs to: a line of a log, a call of the database, an answer."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request
from structlog.contextvars import bound_contextvars, get_contextvars

HEADER = "X-Request-Id"

# As load balancers write it: a UUID, or 32 hex digits. Anything else could look like a line of ours.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


@contextmanager
def bound_request_id(request: Request) -> Iterator[str]:
    """Have every log line of this request carry its id: the caller's, if it is one, else a new one."""
    given = request.headers.get(HEADER, "")
    request_id = given if _ID.fullmatch(given) else str(uuid.uuid4())
    with bound_contextvars(request_id=request_id):
        yield request_id


def current_request_id() -> str | None:
    """Return the id of the request that is being answered, or None outside of any."""
    request_id: str | None = get_contextvars().get("request_id")
    return request_id
