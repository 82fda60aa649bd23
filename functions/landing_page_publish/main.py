"""Entry point: POST /landing-pages/{id}/{action}.

functions-framework --asgi --source functions/landing_page_publish/main.py --target main
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page_publish.routes import build
from functions.landing_page_publish.settings import PublishSettings
from shared.postgrest.client import PostgREST

# Built at import: a missing setting stops the start, not the first caller.
_settings = PublishSettings()
_handle = build(_settings, PostgREST(_settings))


@functions_framework.aio.http
async def main(request: Request) -> Response:
    """Take a step in the workflow of a landing page."""
    return await _handle(request)
