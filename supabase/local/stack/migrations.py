"""Applying the migrations with the Supabase CLI, as a deployment does, when there are any to apply."""

import hashlib
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg

from stack.errors import MigrationsChangedError, failed_program
from stack.services.programs import supabase_program
from stack.settings import REPOSITORY

_MIGRATIONS = REPOSITORY / "supabase" / "migrations"
_ADVICE = "Drop the local data with `make stack-reset`, or add a migration instead of changing an old one."


def migration_digests() -> dict[str, str]:
    """Return what each migration says now, by version. The CLI itself records versions only."""
    return {version: hashlib.sha256(file.read_bytes()).hexdigest() for version, file in _files().items()}


def pending_migrations(database_url: str, digests_when_applied: Mapping[str, str]) -> list[str]:
    """Return the versions that a database has not seen yet.

    Asking the database first spares every start the second that the CLI takes.

    Raises:
        MigrationsChangedError: The database has seen one that is gone, or that said something else then.
    """
    applied = _applied(database_url)
    today = migration_digests()
    if gone := sorted(applied - today.keys()):
        problem = f"The database has migrations that supabase/migrations does not: {', '.join(gone)}."
        raise MigrationsChangedError(problem, _ADVICE)
    then = {**today, **digests_when_applied}
    changed = sorted(version for version in applied if then[version] != today[version])
    if changed:
        names = ", ".join(_files()[version].name for version in changed)
        raise MigrationsChangedError(f"Changed after they were applied: {names}.", _ADVICE)
    return sorted(today.keys() - applied)


def is_seeded(database_url: str) -> bool:
    """Tell whether a database has had a seed."""
    with psycopg.connect(database_url, connect_timeout=10) as connection:
        return _has(connection, "seed_files") and bool(
            connection.execute("select from supabase_migrations.seed_files").fetchone() is not None
        )


def push_migrations(database_url: str, *, seed: bool = False) -> None:
    """Apply what is pending."""
    command: list[str | Path] = [
        supabase_program(),
        "db",
        "push",
        f"--remote={database_url}",
        "--yes",
        "--skip-vault",
    ]
    if seed:
        command.append("--include-seed")
    done = subprocess.run(  # noqa: S603 - our own command.
        command,
        cwd=REPOSITORY,
        env=_cli_env(database_url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise failed_program("The migrations did not apply", f"{done.stdout}\n{done.stderr}")


def _files() -> dict[str, Path]:
    # The CLI's rule: files of other names are ignored.
    return {file.name.split("_")[0]: file for file in sorted(_MIGRATIONS.glob("[0-9]*_*.sql"))}


def _applied(database_url: str) -> set[str]:
    with psycopg.connect(database_url, connect_timeout=10) as connection:
        if not _has(connection, "schema_migrations"):
            return set()
        return {
            row[0] for row in connection.execute("select version from supabase_migrations.schema_migrations")
        }


def _has(connection: psycopg.Connection, table: str) -> bool:
    found = connection.execute("select to_regclass(%s)", [f"supabase_migrations.{table}"]).fetchone()
    return found is not None and found[0] is not None


def _cli_env(database_url: str) -> dict[str, str]:
    is_local = "@127.0.0.1" in database_url or "@localhost" in database_url
    # The local server speaks no TLS; against any other one the CLI shall insist as it likes.
    tls = {"PGSSLMODE": "disable"} if is_local else {}
    return {**os.environ, **tls, "SUPABASE_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"}
