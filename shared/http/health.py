"""Whether a function runs, and whether it can do its work.

Google's front end keeps paths that end in z to itself on run.app, and functions-framework robots.txt and
favicon.ico; a platform's own probes go to the container, where `/healthz` and `/readyz` are ours.
"""

import asyncio
import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.http.edge import json_response
from shared.http.errors import Problem, SchemaTooOld
from shared.postgrest.client import Identity
from shared.postgrest.schema import SCHEMA_VERSION

KEPT_SECONDS = 2.0
"""Whoever asks more often has the same answer, so that nobody can have the database asked without end."""


def health_routes(identity: Identity, timer: Callable[[], float] = time.monotonic) -> list[Route]:
    """Return `GET /healthz`, which asks nobody, and `GET /readyz`, which asks the database as `identity`.

    `/readyz` answers 503 `database_unavailable` while the database is away, 503 `schema_too_old` while it
    lacks a migration, and 500 `internal_error` when it refuses the token, as once that has expired.
    """
    readiness = _Readiness(identity, timer)
    return [
        Route("/healthz", _live, methods=["GET"]),
        Route("/readyz", readiness.answer, methods=["GET"]),
    ]


async def _live(request: Request) -> Response:  # noqa: ARG001  # Starlette's signature.
    return json_response({"status": "ok"})


def _check_schema(version: object) -> None:
    if not isinstance(version, str) or version < SCHEMA_VERSION:
        detail = f"The newest migration is {version}, and this function was written for {SCHEMA_VERSION}."
        raise SchemaTooOld(detail, hint="Apply the migrations, then deploy functions.")


class _Readiness:
    def __init__(self, identity: Identity, timer: Callable[[], float]) -> None:
        self._identity = identity
        self._timer = timer
        self._lock = asyncio.Lock()
        self._kept_until = 0.0
        self._problem: Problem | None = None

    async def answer(self, request: Request) -> Response:  # noqa: ARG002  # Starlette's signature.
        async with self._lock:
            # A refusal is kept as well, or everybody would wait in turn for a database that is away.
            if self._timer() >= self._kept_until:
                self._problem = await self._ask()
                self._kept_until = self._timer() + KEPT_SECONDS
        if self._problem is not None:
            raise self._problem.with_traceback(None)
        ends = self._identity.token_ends_at
        return json_response({"status": "ready", "token_ends_at": ends and ends.isoformat()})

    async def _ask(self) -> Problem | None:
        try:
            _check_schema(await self._identity.call("readiness"))
        except Problem as problem:
            return problem
        return None
