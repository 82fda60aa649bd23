"""The stack's two Python programs: the API gateway and the process that carries all functions."""

import hashlib
import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import httpx

from stack.postgrest import answers
from stack.services import Service
from stack.settings import REPOSITORY, Settings
from stack.state import State
from stack.tokens import NARROW_ROLES, SigningKey

GATEWAY = "gateway"
FUNCTIONS = "functions"

_LOCAL = Path(__file__).resolve().parents[1]
_TOKEN_SECONDS = 365 * 24 * 3600

# Nothing real: they sign what `make run` and the tests send. An environment that has its own keeps it.
_TEST_SECRETS = {
    "GOOGLE_ADS_WEBHOOK_KEYS": '["example-google-key-not-real"]',
    "STANDARD_WEBHOOKS_SECRETS": (
        '["whsec_bm90LWEtcmVhbC1zZWNyZXQtZm9yLXRlc3RzLTAwMDE=","whsec_bm90LWEtcmVhbC1zZWNyZXQtZm9yLXRlc3RzLTAwMDA="]'
    ),
}

# A function reaches the database through PostgREST only and may sign nothing, whatever this shell exports.
_KEPT_FROM_FUNCTIONS = {
    "SUPABASE_ACCESS_TOKEN",
    "SUPABASE_DB_PASSWORD",
    "SUPABASE_DB_URL",
    "SUPABASE_SIGNING_KEY",
}


def gateway_service(settings: Settings, state: State) -> Service:
    """Return how to run the API gateway.

    Args:
        settings: Where the state directory is, from which the gateway reads its keys.
        state: Its port and keys.
    """
    return _uvicorn(
        name=GATEWAY,
        title="The API gateway",
        factory="stack.gateway.app:create_app",
        port=state.ports.api,
        env={**os.environ, "STACK_DIR": str(settings.directory)},
        fingerprint=[state.model_dump_json(), _sources([_LOCAL / "stack"])],
        url=f"{state.api_url}/auth/v1/.well-known/jwks.json",
        expected_status=httpx.codes.OK,
    )


def functions_service(settings: Settings, port: int, key: SigningKey, project: Mapping[str, str]) -> Service:
    """Return how to run the functions.

    Args:
        settings: Where their sources are.
        port: What they listen on.
        key: Signs the narrow tokens that they hold.
        project: SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY and, where there is a direct way, POSTGREST_URL.
    """
    given = {
        "POSTGREST_URL": "",  # Unless the project has one: this shell's may be another stack's.
        **project,
        "SITE_URL": os.environ.get("SITE_URL") or f"http://127.0.0.1:{port}",
        **{name: os.environ.get(name) or test for name, test in _TEST_SECRETS.items()},
        "STACK_FUNCTIONS_DIR": str(settings.stack_functions_dir.absolute()),
    }
    issuer = f"{project['SUPABASE_URL']}/auth/v1"
    tokens = {
        f"{role.upper()}_JWT": key.sign({"role": role}, issuer=issuer, expires_in=_TOKEN_SECONDS)
        for role in NARROW_ROLES
    }
    inherited = {name: value for name, value in os.environ.items() if name not in _KEPT_FROM_FUNCTIONS}
    env = {**inherited, **given, **tokens}
    # Tokens are made anew each time and would make every start look like a change; their key does not.
    compared = sorted({*given, *_function_settings()} - tokens.keys())
    return _uvicorn(
        name=FUNCTIONS,
        title="The functions",
        factory="stack.functions_host:create_app",
        port=port,
        env=env,
        fingerprint=[
            key.kid,
            repr([(name, env.get(name)) for name in compared]),
            _sources([_LOCAL / "stack", settings.stack_functions_dir, REPOSITORY / "shared"]),
        ],
        url=f"http://127.0.0.1:{port}/",
        expected_status=httpx.codes.NOT_FOUND,
    )


def _function_settings() -> list[str]:
    """Return every setting that a function reads; tests see to it that .env.example has them all."""
    example = (REPOSITORY / ".env.example").read_text()
    return re.findall(r"^([A-Z][A-Z0-9_]*)=", example, flags=re.MULTILINE)


def _uvicorn(  # noqa: PLR0913 - a flat list of what differs between two programs.
    *,
    name: str,
    title: str,
    factory: str,
    port: int,
    env: Mapping[str, str],
    fingerprint: Iterable[str],
    url: str,
    expected_status: int,
) -> Service:
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        factory,
        "--factory",
        f"--app-dir={_LOCAL}",
        "--host=127.0.0.1",
        f"--port={port}",
        "--loop=uvloop",
        "--http=httptools",
        "--no-access-log",  # It would hold visitors' addresses.
        "--no-proxy-headers",  # uvicorn would trust X-Forwarded-For; the functions count proxies themselves.
        "--no-server-header",
        "--log-level=warning",
        "--timeout-graceful-shutdown=10",
    ]
    return Service(
        name=name,
        title=title,
        command=command,
        port=port,
        env=env,
        cwd=REPOSITORY,
        is_ready=lambda: answers(url, expected_status),
        fingerprint=hashlib.sha256("\n".join([*command, *fingerprint]).encode()).hexdigest(),
    )


def _sources(directories: Iterable[Path]) -> str:
    """Sum up files by time and size, so that an edit restarts what runs the old text."""
    files = sorted(
        file
        for directory in directories
        for file in directory.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    )
    return repr([(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files])
