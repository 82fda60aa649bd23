"""The local PostgREST, configured as a hosted project's."""

import hashlib
import os

import httpx

from stack.running.supervisor import Service
from stack.services.programs import postgrest_program
from stack.settings import Settings
from stack.state import State, write_jwks, write_private

NAME = "postgrest"

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
log-level = "error"
"""


def postgrest_service(settings: Settings, state: State) -> Service:
    """Write PostgREST's configuration and return how to run it."""
    program = postgrest_program(settings)
    jwks = settings.directory / "jwks.json"
    write_jwks(jwks, state.signing_key)
    configuration = _CONFIGURATION.format(
        database_url=state.database_url("authenticator"),
        pool=settings.stack_postgrest_pool,
        jwks=jwks,
        port=state.ports.postgrest,
        admin_port=state.ports.postgrest_admin,
        public_url=state.api_url,
    )
    file = settings.directory / "postgrest.conf"
    write_private(file, configuration)
    return Service(
        name=NAME,
        title="PostgREST",
        command=[program, file],
        port=state.ports.postgrest,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
        cwd=settings.directory,
        is_ready=lambda: answers(f"http://127.0.0.1:{state.ports.postgrest_admin}/ready"),
        fingerprint=hashlib.sha256(f"{program}\n{configuration}".encode()).hexdigest(),
    )


def answers(url: str, expected_status: int = httpx.codes.OK) -> bool:
    """Tell whether a server answers as it should."""
    try:
        return httpx.get(url, timeout=2).status_code == expected_status
    except httpx.HTTPError:
        return False
