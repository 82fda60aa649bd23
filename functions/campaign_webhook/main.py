"""Entry point: POST /webhooks/{source}.

functions-framework --asgi --source functions/campaign_webhook/main.py --target main
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from functions.campaign_webhook.routes import build
from functions.campaign_webhook.settings import WebhookSettings
from shared.postgrest.client import PostgREST

# Built at import: a missing setting stops the start, not the first webhook.
_settings = WebhookSettings()
_handle = build(_settings, PostgREST(_settings))


@functions_framework.aio.http
async def main(request: Request) -> Response:
    """Take in what an ad platform reports."""
    return await _handle(request)
