"""Cloudflare's Turnstile, where its secret is set: whether a form has a token that a browser has earned.

https://developers.cloudflare.com/turnstile/get-started/server-side-validation/
"""

from collections.abc import Awaitable, Callable

import httpx
import structlog
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

log = structlog.get_logger()

URL = "https://challenges.cloudflare.com/turnstile/v0/siteverify"
SECONDS = 3

Verify = Callable[[str], Awaitable[bool]]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    success: bool


async def ask_nobody(token: str) -> bool:  # noqa: ARG001  # As every Verify.
    """Believe everybody: no secret is set."""
    return True


def make_verify(secret: SecretStr | None, transport: httpx.AsyncBaseTransport | None = None) -> Verify:
    """Return what tells whether a token is good; a test brings the edge of the network.

    An address is not sent along. Nobody loses a lead because Cloudflare does not answer: it is believed then.
    """
    if secret is None:
        return ask_nobody
    http = httpx.AsyncClient(timeout=SECONDS, transport=transport, trust_env=False)

    async def verify(token: str) -> bool:
        if not token:
            return False
        fields = {"secret": secret.get_secret_value(), "response": token}
        try:
            answer = await http.post(URL, data=fields)
            return _Answer.model_validate_json(answer.raise_for_status().content).success
        except (httpx.HTTPError, ValidationError) as error:
            log.warning("turnstile_unreachable", error=type(error).__name__)
            return True

    return verify
