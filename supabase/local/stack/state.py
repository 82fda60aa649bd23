"""What one stack keeps between runs: ports, passwords and keys, readable by its owner only."""

import json
import os
import secrets
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from stack.errors import StackError
from stack.tokens import SigningKey

# The login roles of the database, each with a random password of its own.
LOGIN_ROLES = ("supabase_admin", "postgres", "authenticator", "supabase_auth_admin")


class Ports(BaseModel):
    """What the stack listens on, all of it on 127.0.0.1."""

    model_config = ConfigDict(frozen=True)

    db: int
    postgrest: int
    postgrest_admin: int
    functions_postgrest: int
    functions_postgrest_admin: int
    api: int
    functions: int
    mailbox: int


class State(BaseModel):
    """The contents of the state file."""

    model_config = ConfigDict(frozen=True)

    ports: Ports
    passwords: dict[str, str]
    publishable_key: str
    secret_key: str
    signing_key: SigningKey

    @property
    def api_url(self) -> str:
        """The gateway's address, which is SUPABASE_URL."""
        return f"http://127.0.0.1:{self.ports.api}"

    @property
    def postgrest_url(self) -> str:
        """PostgREST itself, without the gateway's rules."""
        return f"http://127.0.0.1:{self.ports.postgrest}"

    @property
    def functions_postgrest_url(self) -> str:
        """The functions' own PostgREST, which no client of the API queues at."""
        return f"http://127.0.0.1:{self.ports.functions_postgrest}"

    @property
    def functions_url(self) -> str:
        """All functions on one port."""
        return f"http://127.0.0.1:{self.ports.functions}"

    def database_url(self, role: str = "postgres", database: str = "postgres") -> str:
        """Return a connection string."""
        return f"postgresql://{role}:{self.passwords[role]}@127.0.0.1:{self.ports.db}/{database}"


def new_state(ports: Ports) -> State:
    """Make the secrets of a stack."""
    return State(
        ports=ports,
        passwords={role: secrets.token_hex(24) for role in LOGIN_ROLES},
        publishable_key=_api_key("publishable"),
        secret_key=_api_key("secret"),
        signing_key=SigningKey.generate(),
    )


def load_state(directory: Path) -> State | None:
    """Read the state file.

    Returns:
        The state, None when the stack was never started.
    """
    file = _file(directory)
    try:
        return State.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        advice = "Drop this stack and its data with `make stack-reset`."
        raise StackError(f"{file} is not what this version of the stack writes.", advice) from error


def forget_unreadable_state(directory: Path) -> None:
    """Remove a state file of another version, whose data is gone."""
    try:
        load_state(directory)
    except StackError:
        _file(directory).unlink()


def save_state(directory: Path, state: State) -> None:
    """Write the state file, whole or not at all."""
    write_private(_file(directory), state.model_dump_json(indent=2))


def write_private(file: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only from its first byte on."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write(text)
    draft.replace(file)


def write_jwks(file: Path, key: SigningKey) -> None:
    """Write the public half of the signing key where PostgREST reads it."""
    write_private(file, json.dumps(key.public_jwks()))


def _file(directory: Path) -> Path:
    return directory / "state.json"


def _api_key(kind: str) -> str:
    # The shape of a hosted project's keys: a random part, and a short one that tells a mistyped key.
    return f"sb_{kind}_{secrets.token_urlsafe(16)}_{secrets.token_hex(4)}"
