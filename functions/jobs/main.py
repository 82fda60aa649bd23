"""Entry point: POST /jobs/deliveries and /jobs/upkeep.

functions-framework --asgi --source functions/jobs/main.py --target main
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from functions.jobs.routes import build
from functions.jobs.settings import JobSettings
from shared.postgrest.client import PostgREST

# Built at import: a missing setting stops the start, not the first run.
_settings = JobSettings()
_handle = build(_settings, PostgREST(_settings))


@functions_framework.aio.http
async def main(request: Request) -> Response:
    """Do a job once."""
    return await _handle(request)
