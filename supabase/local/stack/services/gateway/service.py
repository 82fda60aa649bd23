"""How the API gateway is run."""

import os

import httpx

from stack.running.supervisor import Service
from stack.services.asgi import STACK, asgi_service, sum_up
from stack.settings import Settings
from stack.state import State

GATEWAY = "gateway"


def gateway_service(settings: Settings, state: State) -> Service:
    """Return how to run the API gateway."""
    return asgi_service(
        name=GATEWAY,
        title="The API gateway",
        factory="stack.services.gateway.app:create_app",
        port=state.ports.api,
        env={**os.environ, "STACK_DIR": str(settings.directory)},
        fingerprint=[state.model_dump_json(), sum_up([STACK])],
        url=f"{state.api_url}/auth/v1/.well-known/jwks.json",
        expected_status=httpx.codes.OK,
    )
