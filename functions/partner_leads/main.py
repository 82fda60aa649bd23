"""Entry point: /partner-leads.

functions-framework --asgi --source functions/partner_leads/main.py --target main
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from functions.partner_leads.routes import build
from functions.partner_leads.settings import PartnerLeadsSettings
from shared.postgrest.client import PostgREST

# Built at import: a missing setting stops the start, not the first partner.
_settings = PartnerLeadsSettings()
_handle = build(_settings, PostgREST(_settings))


@functions_framework.aio.http
async def main(request: Request) -> Response:
    """Show a partner their leads."""
    return await _handle(request)
