"""Puts campaign_sync together."""

import time
from collections.abc import Callable

import httpx
from starlette.routing import Route

from functions.campaign_sync.credentials import Sealer
from functions.campaign_sync.runner import Runner
from functions.campaign_sync.settings import SyncSettings
from shared.http.clock import Clock, utc_now
from shared.http.edge import Handler, serve
from shared.http.health import health_routes
from shared.http.scheduler import for_scheduler
from shared.postgrest.client import PostgREST


def build(
    settings: SyncSettings,
    postgrest: PostgREST,
    transport: httpx.AsyncBaseTransport | None = None,
    clock: Clock = utc_now,
    timer: Callable[[], float] = time.monotonic,
) -> Handler:
    """Make the handler. Everything that it does to the database it does as job_runner."""
    identity = postgrest.as_role(settings.job_runner_jwt)
    runner = Runner(identity, Sealer(settings.sync_keys), transport, clock, timer)
    sync = Route("/sync", for_scheduler(settings.jobs_secret, runner.run), methods=["POST"])
    return serve([sync, *health_routes(identity)])
