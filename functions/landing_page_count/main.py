"""Entry point: POST /event-batches, to which Pub/Sub pushes what landing_page_track published.

functions-framework --asgi --source functions/landing_page_count/main.py --target main
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page_count.routes import build
from functions.landing_page_count.settings import CountSettings
from shared.postgrest.client import PostgREST

# Built at import: a missing setting stops the start, not the first batch.
_settings = CountSettings()
_handle = build(_settings, PostgREST(_settings))


@functions_framework.aio.http
async def main(request: Request) -> Response:
    """Have a batch of events counted."""
    return await _handle(request)
