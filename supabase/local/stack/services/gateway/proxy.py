"""Passing a request on to another server of the stack, byte for byte in both directions."""

from collections.abc import AsyncIterator

import httpx
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

# What concerns one connection only (RFC 9110, 7.6.1), and what is set anew or kept back here.
_ONE_CONNECTION = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
_NOT_SENT_ON = _ONE_CONNECTION | {"host", "authorization", "apikey"}
_NOT_SENT_BACK = _ONE_CONNECTION | {"server", "date"}

_CLIENT_LEFT = 499


def new_client() -> httpx.AsyncClient:
    """Return the connections that all requests share."""
    client = httpx.AsyncClient(
        # Reading may take as long as a statement may.
        timeout=httpx.Timeout(120, connect=2),
        # No limit on the number: who would wait here for a connection waits in PostgREST's own queue instead.
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=32),
        trust_env=False,
    )
    client.headers.clear()  # Its defaults would be added to what the caller sent, compression included.
    return client


async def pass_on(request: Request, url: str, prefix: str, authorization: str | None, away: str) -> Response:
    """Answer as the server at `url` does to the path behind `prefix`; with `away` if it does not."""
    client: httpx.AsyncClient = request.app.state.client
    outgoing = client.build_request(
        request.method,
        httpx.URL(url).copy_with(raw_path=_raw_path(request, prefix.encode())),
        headers=[
            *((name, value) for name, value in request.headers.items() if name not in _NOT_SENT_ON),
            *([("authorization", authorization)] if authorization else []),
        ],
        content=_body(request),
    )
    try:
        answer = await client.send(outgoing, stream=True)
    except httpx.TransportError:
        hint = "Try again in a moment. When it stays away, `make stack` brings it back."
        return JSONResponse({"message": away, "hint": hint}, 503, {"Retry-After": "1"})
    except ClientDisconnect:
        return Response(status_code=_CLIENT_LEFT)
    finish = BackgroundTask(answer.aclose)
    response = StreamingResponse(answer.aiter_raw(), answer.status_code, background=finish)
    headers = ((name.lower(), value) for name, value in answer.headers.raw)
    response.raw_headers = [(name, value) for name, value in headers if _is_sent_back(name.decode())]
    return response


def _is_sent_back(name: str) -> bool:
    # Who may read the answer is for the gateway to say.
    return name not in _NOT_SENT_BACK and not name.startswith("access-control-")


def _raw_path(request: Request, prefix: bytes) -> bytes:
    # As it came: what is escaped in it (a comma within a filter's value) means something else unescaped.
    raw_path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    path = raw_path.removeprefix(prefix) or b"/"
    return path + b"?" + query if query else path


def _body(request: Request) -> AsyncIterator[bytes] | None:
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    return request.stream() if has_body else None
