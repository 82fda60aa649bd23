"""A backup that was tried: what the tests have left, into a file and out of it into a stack that is new."""

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from pytest_mock import MockerFixture

from deploy import backup
from deploy.backup import BackupError, dump, restore, without_password
from stack import Stack
from stack.state import load_state
from tests.flows.scene import Scene


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A project that has had the migrations, and nothing else."""
    stack = Stack.at(tmp_path_factory.mktemp("fresh"))
    try:
        stack.up(functions=False)
        yield stack
    finally:
        if load_state(stack.directory):
            stack.destroy()


def _fingerprints(url: str) -> dict[str, tuple[int, str]]:
    """Sum up every table of ours, in whatever order its rows lie."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            "select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
            " where n.nspname in ('public', 'private') and c.relkind in ('r', 'p') and not c.relispartition"
            " or c.oid in ('auth.users'::regclass, 'storage.buckets'::regclass, 'storage.objects'::regclass)"
        ).fetchall()
        found = {}
        for table in tables:
            query = sql.SQL("select t::text from {} as t order by 1").format(sql.Identifier(*table))
            rows = connection.execute(query).fetchall()
            found[".".join(table)] = (len(rows), hashlib.sha256(repr(rows).encode()).hexdigest())
    return found


def test_what_was_dumped_is_there_again_to_the_row(
    scene: Scene, stack: Stack, fresh: Stack, tmp_path: Path
) -> None:
    page_id = scene.publish_page()
    assert page_id
    file = tmp_path / "backup.dump"
    dump(stack.state.database_url(), file)
    before = _fingerprints(stack.state.database_url())

    restore(file, fresh.state.database_url())

    after = _fingerprints(fresh.state.database_url())
    assert before["public.partner_landing_pages"][0] > 3
    assert {table for table in before if before[table] != after[table]} == set()
    with psycopg.connect(fresh.state.database_url("supabase_admin"), autocommit=True) as connection:
        assert connection.execute("select * from public.counter_drift()").fetchall() == []
        # Ids go on where they were, and what was kept from the API is kept from it still.
        connection.execute("insert into private.alerts (kind, detail) values ('x', '')")
        assert connection.execute(
            "select has_table_privilege('anon', 'public.profiles', 'select')"
        ).fetchone() == (False,)


def test_restore_that_breaks_off_changes_nothing(stack: Stack, fresh: Stack, tmp_path: Path) -> None:
    file = tmp_path / "backup.dump"
    dump(stack.state.database_url(), file)
    with psycopg.connect(fresh.state.database_url(), autocommit=True) as connection:
        connection.execute(
            "insert into private.alerts (kind, detail) values (%s, 'stays')", [secrets.token_hex()]
        )
    before = _fingerprints(fresh.state.database_url())
    cut = tmp_path / "cut.dump"
    cut.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])

    with pytest.raises(BackupError, match="Nothing was restored"):
        restore(cut, fresh.state.database_url())

    assert _fingerprints(fresh.state.database_url()) == before


def test_password_is_in_no_argument() -> None:
    address, environment = without_password(
        "postgresql://postgres:geheim@127.0.0.1:5432/postgres?sslmode=require"
    )

    assert "geheim" not in address
    assert "sslmode=require" in address
    assert environment["PGPASSWORD"] == "geheim"


def test_program_of_an_older_postgresql_is_passed_by(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho server version mismatch >&2\nexit 1\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    dump(stack.project.db_url, tmp_path / "x")

    assert (tmp_path / "x").stat().st_size > 0


def test_program_that_is_missing_is_named(tmp_path: Path, mocker: MockerFixture) -> None:
    mocker.patch.object(backup, "program_path", return_value=str(tmp_path))

    with pytest.raises(BackupError, match="pg_dump is not installed"):
        dump("postgresql://127.0.0.1:1/x", tmp_path / "x")


def test_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"pg_dump said: .*refused"):
        dump("postgresql://127.0.0.1:1/x", tmp_path / "x")
