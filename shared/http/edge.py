"""The edge of a function: find the route, run it, and give whatever goes wrong its one shape.

functions-framework hands every path and method of a deployment to one entry point, so the routing is done
here, by Starlette's own routes. Its error handlers are process-wide, which is why ours live in a wrapper.
"""

import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from shared.http.errors import HeadersTooLarge, InternalError, MethodNotAllowed, NotFound, Problem
from shared.http.logs import configure_logging
from shared.http.request_id import HEADER, begin_request

log = structlog.get_logger()

MAX_HEADER_BYTES = 32 * 1024
"""As many as nginx lets through unless told otherwise: four buffers of 8 kB."""

_FAILED = int(HTTPStatus.INTERNAL_SERVER_ERROR)
_REQUEST_ID = HEADER.lower().encode()

SLOW_SECONDS = 2.0
"""An answer that took longer is worth a line in the log."""

Handler = Callable[[Request], Awaitable[Response]]
Presenter = Callable[[Request, Problem], Response]


def json_response(content: object, status: int = 200) -> Response:
    """Answer in JSON. Nothing that these functions say in JSON may be kept by a cache."""
    headers = {"Cache-Control": "no-store"}
    return Response(orjson.dumps(content), status, headers, media_type="application/json")


def present_problem(request: Request, problem: Problem) -> Response:  # noqa: ARG001  # Other presenters look at it.
    """Answer a problem as RFC 9457 problem+json."""
    return problem_response(problem.body(), problem)


def problem_response(body: dict[str, object], problem: Problem) -> Response:
    """Answer with this problem+json body and with the problem's status and headers."""
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(orjson.dumps(body), problem.status, headers, media_type="application/problem+json")


def serve(routes: Sequence[Route], present: Presenter = present_problem) -> Handler:
    """Make a function's handler out of its routes.

    A `Problem` is presented; anything else is a bug, logged with its traceback and answered without details.
    """
    configure_logging()
    # What is imported stays for good: looking for garbage in it would hold up one request of a hundred.
    gc.freeze()

    async def handle(request: Request) -> Response:
        began = time.monotonic()
        size, given_id = _look_at_headers(request)
        request_id = begin_request(given_id)
        try:
            # Before anything is matched, hashed or remembered by them.
            if size > MAX_HEADER_BYTES:
                raise HeadersTooLarge(f"A request has at most {MAX_HEADER_BYTES} bytes of headers.")  # noqa: TRY301 - presented as any other.
            response = await _find_endpoint(routes, request)(request)
        except Problem as problem:
            response = present(request, problem)
        except Exception:  # The one place that may: it logs, and says nothing of what it saw.
            log.exception("unexpected_error", method=request.method)
            bug = InternalError("The request could not be completed. It has been logged.")
            response = present(request, bug)
        seconds = time.monotonic() - began
        if response.status_code >= _FAILED or seconds > SLOW_SECONDS:
            _log_answer(request, response, seconds)
        # Not by way of `headers`, which makes an object of them first.
        response.raw_headers.append((_REQUEST_ID, request_id.encode()))
        return response

    return handle


def _log_answer(request: Request, response: Response, seconds: float) -> None:
    # The route and not the path: a preview's link is good for whoever reads it.
    route = request.scope.get("route")
    failed = response.status_code >= _FAILED
    log.warning(
        "request_failed" if failed else "request_slow",
        method=request.method,
        route=getattr(route, "path", None),
        status=response.status_code,
        seconds=round(seconds, 3),
    )


def _look_at_headers(request: Request) -> tuple[int, bytes | None]:
    """Return how many bytes they are, and the request's id, in one pass: every request is looked at."""
    size, given_id = 0, None
    for name, value in request.scope["headers"]:
        size += len(name) + len(value)
        if name == _REQUEST_ID:
            given_id = value
    return size, given_id


def _find_endpoint(routes: Sequence[Route], request: Request) -> Handler:
    allowed: set[str] = set()
    for route in routes:
        match, scope = route.matches(request.scope)
        if match is Match.FULL:
            request.scope.update(scope, route=route)
            endpoint: Handler = route.endpoint
            return endpoint
        if match is Match.PARTIAL:
            allowed |= route.methods or set()
    if allowed:
        raise MethodNotAllowed(allowed)
    raise NotFound("No function answers at this path.")
