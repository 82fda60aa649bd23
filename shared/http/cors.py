"""Cross-origin requests, for pages whose functions answer on another origin than their own.

No preflight is needed for what a landing page sends (text/plain); JSON and an Authorization ask first. Only
origins that are named may read the answers, and credentials (cookies) are never asked for.
"""

from collections.abc import Collection, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.http.edge import Handler

# apikey and X-Client-Info are what Supabase's own clients send with everything.
CALLER_HEADERS = ("Authorization", "Content-Type", "apikey", "X-Client-Info", "X-Request-Id")
_READABLE = "Content-Disposition, Retry-After, X-Request-Id"


def preflight(path: str, method: str, headers: Sequence[str]) -> Route:
    """Return the route that says what may be sent to a path. `with_cors` adds who may read the answer."""
    told = {
        "Allow": f"OPTIONS, {method}",
        "Access-Control-Allow-Methods": method,
        "Access-Control-Allow-Headers": ", ".join(headers),
        "Access-Control-Max-Age": "86400",
    }

    async def answer(request: Request) -> Response:  # noqa: ARG001  # Starlette's signature.
        return Response(status_code=204, headers=told)

    return Route(path, answer, methods=["OPTIONS"])


def with_cors(handle: Handler, origins: Collection[str]) -> Handler:
    """Let pages of these origins read every answer, problems included."""

    async def handle_with_cors(request: Request) -> Response:
        response = await handle(request)
        origin = request.headers.get("origin", "")
        if origin in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _READABLE
            response.headers.add_vary_header("Origin")
        return response

    return handle_with_cors
