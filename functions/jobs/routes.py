"""Puts jobs together."""

import time
from collections.abc import Callable
from functools import partial

from starlette.routing import Route

from functions.jobs.lead_mail import LeadMail
from functions.jobs.outbox import Outbox
from functions.jobs.settings import JobSettings
from functions.jobs.smtp import SmtpServer
from functions.jobs.upkeep import keep_up
from functions.jobs.webhook import WebhookSender
from shared.http.edge import Handler, serve
from shared.http.health import health_routes
from shared.http.scheduler import for_scheduler
from shared.postgrest.client import PostgREST


def build(
    settings: JobSettings,
    postgrest: PostgREST,
    webhooks: WebhookSender | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Handler:
    """Make the handler. Everything that it does to the database it does as job_runner."""
    identity = postgrest.as_role(settings.job_runner_jwt)
    outbox = Outbox(
        identity,
        LeadMail(settings.sender, settings.site_origin),
        SmtpServer.of(settings),
        webhooks or WebhookSender(settings.site_origin),
        clock,
    )
    secret = settings.jobs_secret
    return serve(
        [
            Route("/jobs/deliveries", for_scheduler(secret, outbox.deliver), methods=["POST"]),
            Route("/jobs/upkeep", for_scheduler(secret, partial(keep_up, identity)), methods=["POST"]),
            *health_routes(identity),
        ]
    )
