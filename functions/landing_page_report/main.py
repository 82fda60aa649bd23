"""Entry point: GET /reports/landing-pages, as a page, as .json and as .csv.

functions-framework --asgi --source functions/landing_page_report/main.py --target main
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page_report.routes import build
from functions.landing_page_report.settings import ReportSettings
from shared.postgrest.client import PostgREST

# Built at import: a missing setting stops the start, not the first caller.
_settings = ReportSettings()
_handle = build(_settings, PostgREST(_settings))


@functions_framework.aio.http
async def main(request: Request) -> Response:
    """Answer with the figures of whoever asks."""
    return await _handle(request)
