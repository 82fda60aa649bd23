"""All functions behind one port, each built by functions-framework as it would be deployed."""

import os
from collections.abc import Mapping
from pathlib import Path

from functions_framework.aio import create_asgi_app
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.http.edge import problem_response
from shared.http.errors import NotFound

# What a load balancer's rules would say in production: the first segment of the path, which is not stripped,
# names the function.
ROUTES = {
    "landing-pages": "landing_page_publish",
    "partners": "landing_page",
    "previews": "landing_page",
    "sitemap.xml": "landing_page",
    "events": "landing_page_track",
    "leads": "landing_page_track",
    "webhooks": "campaign_webhook",
    "reports": "landing_page_report",
    "jobs": "jobs",
    "sync": "campaign_sync",
    "partner-leads": "partner_leads",
}


class Dispatcher:
    """Hands each request to the function that its path names."""

    def __init__(self, functions: Mapping[str, ASGIApp]) -> None:
        """Take the functions."""
        self._functions = functions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the start and the stop of the server."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        function = self._functions.get(scope["path"].split("/", 2)[1])
        if function is not None:
            await function(scope, receive, send)
            return
        segments = ", ".join(self._functions)
        problem = NotFound(f"No function answers here. The first segment of a path is one of: {segments}.")
        await problem_response(problem.body(), problem)(scope, receive, send)


def create_app() -> Dispatcher:
    """Load every function's `main.py`."""
    directory = Path(os.environ["STACK_FUNCTIONS_DIR"])
    apps = {name: _load(directory / name) for name in sorted(set(ROUTES.values()))}
    return Dispatcher({segment: apps[name] for segment, name in ROUTES.items()})


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
