"""All functions behind one port, each built by functions-framework as it would be deployed."""

import os
from collections.abc import Mapping
from pathlib import Path

from functions_framework.aio import create_asgi_app
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.manifest import default_function, routes


class Dispatcher:
    """Hands each request to the function that its path names, as a load balancer would (docs/deploy.md)."""

    def __init__(self, functions: Mapping[str, ASGIApp], default: ASGIApp, site: str) -> None:
        """Take the functions by the first segment of their paths, and the one that all other paths go to."""
        self._functions = functions
        self._default = default
        # functions-framework keeps these from functions, so whatever stands before them answers.
        self._files = {
            "/robots.txt": PlainTextResponse(f"User-agent: *\nAllow: /\n\nSitemap: {site}/sitemap.xml\n"),
            "/favicon.ico": Response(status_code=204),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the start and the stop of the server."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["path"] in self._files:
            await self._files[scope["path"]](scope, receive, send)
        else:
            segment = scope["path"].split("/", 2)[1]
            await self._functions.get(segment, self._default)(scope, receive, send)


def create_app() -> Dispatcher:
    """Load every function's `main.py`."""
    directory = Path(os.environ["STACK_FUNCTIONS_DIR"])
    apps = {name: _load(directory / name) for name in sorted(set(routes().values()))}
    functions = {segment: apps[name] for segment, name in routes().items()}
    return Dispatcher(functions, apps[default_function()], os.environ["SITE_URL"].rstrip("/"))


def _load(function: Path) -> ASGIApp:
    # The framework loads every file as a module named `main`. Each has its own module object all the same,
    # and what they share they import by its absolute name.
    source = str(function / "main.py")
    app: ASGIApp = create_asgi_app("main", source, "http")  # type: ignore[no-untyped-call]
    return app


async def _lifespan(receive: Receive, send: Send) -> None:
    # The functions have no start-up or shutdown of their own: where they are deployed, none would be run.
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
