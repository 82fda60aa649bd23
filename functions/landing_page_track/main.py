"""Entry point: POST /events and POST /leads.

functions-framework --asgi --source functions/landing_page_track/main.py --target main
"""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page_track.routes import build
from functions.landing_page_track.settings import TrackSettings
from shared.postgrest.client import PostgREST

# Uvicorn and gunicorn believe X-Forwarded-For from 127.0.0.1 unless told otherwise, and read this after they
# have loaded us. Whose word counts is for TRUSTED_PROXY_COUNT to say.
os.environ.setdefault("FORWARDED_ALLOW_IPS", "")

# Built at import: a missing setting stops the start, not the first visitor.
_settings = TrackSettings()
_handle = build(_settings, PostgREST(_settings))


@functions_framework.aio.http
async def main(request: Request) -> Response:
    """Count an event, or take in a lead."""
    return await _handle(request)
