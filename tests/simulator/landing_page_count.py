"""landing_page_count, which takes the stand-in's keys for Google's: CERTS_URL says where they are."""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page_count.google_keys import GoogleKeys
from functions.landing_page_count.routes import build
from functions.landing_page_count.settings import CountSettings
from shared.postgrest.client import PostgREST

_settings = CountSettings()
_handle = build(_settings, PostgREST(_settings), GoogleKeys(os.environ["CERTS_URL"]))


@functions_framework.aio.http
async def main(request: Request) -> Response:
    """Have a batch of events counted."""
    return await _handle(request)
