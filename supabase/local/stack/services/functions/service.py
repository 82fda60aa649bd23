"""How the functions are run: all of them in one process, with what each may know."""

import json
import os
import re
from collections.abc import Mapping

from shared.landing_page.document import Signer
from stack.example_secrets import JOBS_SECRET, PAGE_SIGNING_KEY, SYNC_KEYS, WEBHOOK_SETTINGS
from stack.running.supervisor import Service
from stack.services.asgi import STACK, asgi_service, sum_up
from stack.settings import REPOSITORY, Settings
from stack.tokens import NARROW_ROLES, SigningKey

FUNCTIONS = "functions"

# Where Next.js, Vite and their like serve a dashboard that somebody writes on this machine.
_DASHBOARDS = [f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (3000, 5173)]

_TOKEN_SECONDS = 365 * 24 * 3600
_TEST_SECRETS = {
    **WEBHOOK_SETTINGS,
    "PAGE_SIGNING_KEY": PAGE_SIGNING_KEY,
    "JOBS_SECRET": JOBS_SECRET,
    "SYNC_KEYS": json.dumps(SYNC_KEYS),
    # Nobody pushes here, and so nobody is known by these.
    "PUSH_SERVICE_ACCOUNT": "event-pusher@voorbeeld.iam.gserviceaccount.com",
    "PUSH_AUDIENCE": "landing-page-count",
}

# A function reaches the database through PostgREST only and may sign nothing, whatever this shell exports.
_KEPT_FROM_FUNCTIONS = {
    "SUPABASE_ACCESS_TOKEN",
    "SUPABASE_DB_PASSWORD",
    "SUPABASE_DB_URL",
    "SUPABASE_SIGNING_KEY",
}


def functions_service(
    settings: Settings, port: int, key: SigningKey, project: Mapping[str, str], mail: Mapping[str, str]
) -> Service:
    """Return how to run the functions. `mail` says where to, unless this shell names a provider."""
    signing_key = os.environ.get("PAGE_SIGNING_KEY") or PAGE_SIGNING_KEY
    secrets = {**_TEST_SECRETS, "PAGE_PUBLIC_KEYS": json.dumps([Signer.of(signing_key).public_key])}
    given = {
        "POSTGREST_URL": "",  # Unless the project has one: this shell's may be another stack's.
        **project,
        **({} if os.environ.get("SMTP_HOST") else mail),
        "ALLOWED_ORIGINS": os.environ.get("ALLOWED_ORIGINS") or json.dumps(_DASHBOARDS),
        "SITE_URL": os.environ.get("SITE_URL") or f"http://127.0.0.1:{port}",
        **{name: os.environ.get(name) or test for name, test in secrets.items()},
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
    return asgi_service(
        name=FUNCTIONS,
        title="The functions",
        factory="stack.services.functions.host:create_app",
        port=port,
        env=env,
        fingerprint=[
            key.kid,
            repr([(name, env.get(name)) for name in compared]),
            sum_up([STACK, settings.stack_functions_dir, REPOSITORY / "shared"]),
        ],
        url=f"http://127.0.0.1:{port}/robots.txt",
    )


def _function_settings() -> list[str]:
    """Return every setting that a function reads; tests see to it that .env.example has them all."""
    example = (REPOSITORY / ".env.example").read_text()
    return re.findall(r"^([A-Z][A-Z0-9_]*)=", example, flags=re.MULTILINE)
