"""Who may set a job going: a scheduler that knows the secret."""

import hmac
from collections.abc import Awaitable, Callable

import structlog
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from shared.http.authorization import read_authorization
from shared.http.edge import Handler, json_response
from shared.http.errors import InvalidToken

log = structlog.get_logger()


def for_scheduler(secret: SecretStr, job: Callable[[], Awaitable[dict[str, object]]]) -> Handler:
    """Return a handler that does `job` once for whoever brings `secret`, and answers what came of it.

    It raises MissingToken and InvalidToken for everybody else, and what the job raises; what was done stays.
    """
    expected = secret.get_secret_value().encode()

    async def run(request: Request) -> Response:
        given = read_authorization(request).partition(" ")[2].encode()
        if not hmac.compare_digest(given, expected):
            hint = "Send this deployment's JOBS_SECRET."
            raise InvalidToken("This is not the scheduler's secret.", hint=hint)
        done = await job()
        log.info("job_done", path=request.url.path, **done)
        return json_response(done)

    return run
