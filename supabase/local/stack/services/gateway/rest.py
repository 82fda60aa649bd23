"""Passing `/rest/v1/…` on to PostgREST, byte for byte in both directions."""

from collections.abc import AsyncIterator

import httpx
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from stack.services.gateway.keys import key_ring

# What concerns one connection only (RFC 9110, 7.6.1), and what is set anew or kept back here.
_ONE_CONNECTION = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
_NOT_SENT_ON = _ONE_CONNECTION | {"host", "authorization", "apikey"}
_NOT_SENT_BACK = _ONE_CONNECTION | {"server", "date"}

_UNAVAILABLE = {
    "message": "The database API is not available right now",
    "hint": "Try again in a moment. When it stays away, `make stack` brings it back.",
}
_CLIENT_LEFT = 499


def new_client() -> httpx.AsyncClient:
    """Return the connections to PostgREST that all requests share."""
    client = httpx.AsyncClient(
        # Reading may take as long as a statement may.
        timeout=httpx.Timeout(120, connect=2),
        # No limit on the number: who would wait here for a connection waits in PostgREST's own queue instead.
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=32),
        trust_env=False,
    )
    client.headers.clear()  # Its defaults would be added to what the caller sent, compression included.
    return client


async def forward(request: Request) -> Response:
    """Answer a request with PostgREST's answer."""
    keys = key_ring(request)
    if refusal := keys.refusal(request.headers):
        return refusal
    client: httpx.AsyncClient = request.app.state.postgrest
    outgoing = client.build_request(
        request.method,
        httpx.URL(keys.state.postgrest_url).copy_with(raw_path=_raw_path(request)),
        headers=[
            *((name, value) for name, value in request.headers.items() if name not in _NOT_SENT_ON),
            ("authorization", keys.authorization(request.headers)),
        ],
        content=_body(request),
    )
    try:
        answer = await client.send(outgoing, stream=True)
    except httpx.TransportError:
        return JSONResponse(_UNAVAILABLE, 503, {"Retry-After": "1"})
    except ClientDisconnect:
        return Response(status_code=_CLIENT_LEFT)
    finish = BackgroundTask(answer.aclose)
    response = StreamingResponse(answer.aiter_raw(), answer.status_code, background=finish)
    headers = ((name.lower(), value) for name, value in answer.headers.raw)
    response.raw_headers = [(name, value) for name, value in headers if name.decode() not in _NOT_SENT_BACK]
    return response


def _raw_path(request: Request) -> bytes:
    # As it came: what is escaped in it (a comma within a filter's value) means something else unescaped.
    raw_path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    path = raw_path.removeprefix(b"/rest/v1") or b"/"
    return path + b"?" + query if query else path


def _body(request: Request) -> AsyncIterator[bytes] | None:
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    return request.stream() if has_body else None
