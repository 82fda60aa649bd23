"""Entry point: GET and HEAD /partners/..., /previews/... and /sitemap.xml.

functions-framework --asgi --source functions/landing_page/main.py --target main
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page.routes import build
from functions.landing_page.settings import LandingPageSettings
from shared.postgrest.client import PostgREST

# Built at import: a missing setting stops the start, not the first visitor.
_settings = LandingPageSettings()
_handle = build(_settings, PostgREST(_settings))


@functions_framework.aio.http
async def main(request: Request) -> Response:
    """Serve a live landing page, a preview, or a sitemap."""
    return await _handle(request)
