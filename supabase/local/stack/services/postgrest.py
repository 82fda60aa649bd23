"""The local PostgREST, configured as a hosted project's, and the functions' own beside it."""

import hashlib
import os
from dataclasses import dataclass

import httpx

from stack.running.supervisor import Service
from stack.services.programs import postgrest_program
from stack.settings import Settings
from stack.state import State, write_jwks, write_private

NAME = "postgrest"
FUNCTIONS_NAME = "functions_postgrest"

# At most so many calls of the functions run at once; the rest wait in PostgREST, behind each other only.
_FUNCTIONS_POOL = 10

# Checking an ES256 signature takes PostgREST three milliseconds, more than most queries. Like later versions,
# which hosted projects run, it remembers a good token until it expires.
_CONFIGURATION = """\
db-uri = "{database_url}"
db-schemas = "public"
db-extra-search-path = "public, extensions"
db-anon-role = "anon"
db-max-rows = 1000
db-pool = {pool}
jwt-secret = "@{jwks}"
jwt-cache-max-lifetime = 3600
server-host = "127.0.0.1"
server-port = {port}
admin-server-port = {admin_port}
openapi-server-proxy-uri = "{public_url}/rest/v1"
server-trace-header = "X-Request-Id"
log-level = "error"
"""


@dataclass(frozen=True)
class _Instance:
    name: str
    title: str
    port: int
    admin_port: int
    pool: int


def postgrest_service(settings: Settings, state: State) -> Service:
    """Return how to run the PostgREST that API clients reach."""
    ports = state.ports
    pool = settings.stack_postgrest_pool
    return _service(
        settings, state, _Instance(NAME, "PostgREST", ports.postgrest, ports.postgrest_admin, pool)
    )


def functions_postgrest_service(settings: Settings, state: State) -> Service:
    """Return how to run the PostgREST that is the functions' alone.

    However many requests of API clients wait for a connection, no visitor waits behind them.
    """
    ports = state.ports
    return _service(
        settings,
        state,
        _Instance(
            FUNCTIONS_NAME,
            "PostgREST for the functions",
            ports.functions_postgrest,
            ports.functions_postgrest_admin,
            _FUNCTIONS_POOL,
        ),
    )


def _service(settings: Settings, state: State, instance: _Instance) -> Service:
    program = postgrest_program(settings)
    jwks = settings.directory / "jwks.json"
    write_jwks(jwks, state.signing_key)
    configuration = _CONFIGURATION.format(
        database_url=state.database_url("authenticator"),
        pool=instance.pool,
        jwks=jwks,
        port=instance.port,
        admin_port=instance.admin_port,
        public_url=state.api_url,
    )
    file = settings.directory / f"{instance.name}.conf"
    write_private(file, configuration)
    return Service(
        name=instance.name,
        title=instance.title,
        command=[program, file],
        port=instance.port,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
        cwd=settings.directory,
        is_ready=lambda: answers(f"http://127.0.0.1:{instance.admin_port}/ready"),
        fingerprint=hashlib.sha256(f"{program}\n{configuration}".encode()).hexdigest(),
    )


def answers(url: str, expected_status: int = httpx.codes.OK) -> bool:
    """Tell whether a server answers as it should."""
    try:
        return httpx.get(url, timeout=2).status_code == expected_status
    except httpx.HTTPError:
        return False
