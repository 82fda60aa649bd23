"""Entry point: POST /sync.

functions-framework --asgi --source functions/campaign_sync/main.py --target main
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from functions.campaign_sync.routes import build
from functions.campaign_sync.settings import SyncSettings
from shared.postgrest.client import PostgREST

# Built at import: a missing setting stops the start, not the first run.
_settings = SyncSettings()
_handle = build(_settings, PostgREST(_settings))


@functions_framework.aio.http
async def main(request: Request) -> Response:
    """Ask for what is due."""
    return await _handle(request)
