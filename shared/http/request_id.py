"""Which request something belongs to: a line of a log, a call of the database, an answer."""

import random
import re
from contextvars import ContextVar

from structlog.typing import EventDict, WrappedLogger

HEADER = "X-Request-Id"

# As load balancers write it: a UUID, or 32 hex digits. Anything else could look like a line of ours.
_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")

# Of the task that answers the request, and of those that it starts.
_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def _make() -> str:
    # A name, no secret: the kernel's random bytes take as long as all else that we do for a page in memory.
    return random.randbytes(16).hex()  # noqa: S311 - as said.


def begin_request(given: bytes | None) -> str:
    """Return the caller's id, if it is one, else a new one, and have each log line from now on carry it."""
    request_id = given.decode() if given and _ID.fullmatch(given) else _make()
    _current.set(request_id)
    return request_id


def current_request_id() -> str | None:
    """Return the id of the request that is being answered, or None outside of any."""
    return _current.get()


def add_request_id(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:  # noqa: ARG001  # structlog's signature.
    """Add the id to a line of the log: a processor of structlog's."""
    if request_id := _current.get():
        event["request_id"] = request_id
    return event
