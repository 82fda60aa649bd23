"""The gateway's routes, put together."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import wraps

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from stack.services.gateway import auth, functions, storage
from stack.services.gateway.files import Files, StorageError
from stack.services.gateway.keys import KeyRing, key_ring
from stack.services.gateway.proxy import new_client
from stack.services.gateway.rest import forward
from stack.services.gateway.sessions import AuthError, Sessions
from stack.settings import Settings
from stack.state import load_state

_ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

# What a page in a browser may read: PostgREST says ranges, locations and applied preferences in headers.
_READABLE = [
    "Content-Encoding",
    "Content-Location",
    "Content-Range",
    "Content-Type",
    "Date",
    "Location",
    "Preference-Applied",
    "Range-Unit",
    "Retry-After",
    "Server-Timing",
    "X-Request-Id",
]

Handler = Callable[[Request], Awaitable[Response]]


def create_app() -> Starlette:
    """Build the gateway from the state file of the stack in STACK_DIR."""
    directory = Settings().directory
    state = load_state(directory)
    if state is None:
        raise SystemExit("The gateway is started by `make stack`, which writes the state it reads.")

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with new_client() as client:
            app.state.client = client
            yield

    app = Starlette(
        lifespan=lifespan,
        routes=[
            # Both forms: a path parameter does not match the empty rest of the first.
            Route("/rest/v1", forward, methods=_ANY_METHOD),
            Route("/rest/v1/{path:path}", forward, methods=_ANY_METHOD),
            Route("/auth/v1/.well-known/jwks.json", auth.jwks),
            Route("/auth/v1/token", _keyed(auth.token), methods=["POST"]),
            Route("/auth/v1/user", _keyed(auth.user)),
            Route("/auth/v1/logout", _keyed(auth.logout), methods=["POST"]),
            Route("/auth/v1/{path:path}", _keyed(auth.missing), methods=_ANY_METHOD),
            Route("/storage/v1/object/public/{bucket}/{name:path}", storage.show_public),
            Route("/storage/v1/object/list/{bucket}", _keyed(storage.list_files), methods=["POST"]),
            Route("/storage/v1/object/{bucket}/{name:path}", _keyed(storage.upload), methods=["POST"]),
            Route("/storage/v1/object/{bucket}", _keyed(storage.remove), methods=["DELETE"]),
            Route("/storage/v1/{path:path}", _keyed(storage.missing), methods=_ANY_METHOD),
            Route("/functions/v1/{name}", functions.invoke, methods=_ANY_METHOD),
            Route("/functions/v1/{name}/{path:path}", functions.invoke, methods=_ANY_METHOD),
            Route("/realtime/v1/{path:path}", _no_realtime, methods=_ANY_METHOD),
            WebSocketRoute("/realtime/v1/{path:path}", _no_socket),
            Route("/{path:path}", _no_route, methods=_ANY_METHOD),
        ],
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=_ANY_METHOD,
                allow_headers=["*"],
                expose_headers=_READABLE,
            )
        ],
        exception_handlers={
            AuthError: auth.auth_error,
            StorageError: storage.storage_error,
            ValidationError: _invalid_body,
        },
    )
    app.state.keys = KeyRing(state)
    app.state.files = Files(state.database_url("authenticator"), directory / "storage")
    app.state.sessions = Sessions(state.database_url("supabase_auth_admin"))
    return app


def _keyed(handler: Handler) -> Handler:
    """Ask for the API key first, as the hosted gateway does for most of Auth."""

    @wraps(handler)
    async def keyed(request: Request) -> Response:
        keys = key_ring(request)
        return keys.refusal(request.headers) or await handler(request)

    return keyed


def _invalid_body(request: Request, error: Exception) -> Response:
    is_storage = request.url.path.startswith("/storage/")
    return (storage.storage_error if is_storage else auth.auth_error)(request, error)


_NO_REALTIME = "The local stack has no Realtime. Ask for rows again, or use a hosted project."


async def _no_realtime(_request: Request) -> Response:
    return JSONResponse({"message": _NO_REALTIME}, 404)


async def _no_socket(socket: WebSocket) -> None:
    # A handshake that is refused says nothing to a browser; a reason it can read comes with the closing.
    await socket.accept()
    await socket.close(code=1013, reason=_NO_REALTIME)


async def _no_route(_request: Request) -> Response:
    return JSONResponse({"message": "no Route matched with those values"}, 404)
