"""Cross-origin requests, for pages whose functions answer on another origin than the site's.

No preflight is needed for what a page sends (text/plain); JSON asks first. Only the site's own origin may
read the answers, and credentials are never asked for.
"""

from starlette.requests import Request
from starlette.responses import Response

from shared.http.edge import Handler

_PREFLIGHT = {
    "Allow": "OPTIONS, POST",
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}


async def answer_preflight(request: Request) -> Response:  # noqa: ARG001  # Starlette's signature.
    """Say what may be sent. Who may read the answer is added by `with_cors`."""
    return Response(status_code=204, headers=_PREFLIGHT)


def with_cors(handle: Handler, origin: str) -> Handler:
    """Let pages of `origin` read every answer, problems included."""

    async def handle_with_cors(request: Request) -> Response:
        response = await handle(request)
        if request.headers.get("origin") == origin:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers.add_vary_header("Origin")
        return response

    return handle_with_cors
