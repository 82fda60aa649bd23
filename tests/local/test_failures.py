"""A failure says what is wrong and what to do."""

import errno
import os
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from deploy.manifest import load
from stack import MigrationsChangedError, Settings, Stack, StackError, migrations
from stack.errors import failed_program, system_failure
from stack.running.account import Account, make_directory, reachable_directory
from stack.running.ports import choose_ports
from stack.services import programs
from stack.settings import REPOSITORY

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down to another user")
NOBODY = Account("nobody", 65534, 65534)


@pytest.mark.parametrize(
    "setting", ["stack_db_port", "stack_postgrest_port", "stack_api_port", "stack_functions_port"]
)
def test_taken_port_names_its_setting(tmp_path: Path, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        stack = Stack(Settings.model_validate({"stack_dir": tmp_path, setting: port}))

        with pytest.raises(StackError, match=f"{setting.upper()}={port}, but that port is taken") as failure:
            stack.up()

    assert f"set {setting.upper()} to another port" in failure.value.advice


def test_picked_port_that_is_taken_by_now_is_picked_anew(own_stack: Stack) -> None:
    before = own_stack.state.ports
    own_stack.down()
    with socket.create_server(("127.0.0.1", before.api)):
        own_stack.up(migrate=False)

    after = own_stack.state.ports
    assert after.api != before.api
    assert after.db == before.db


def test_state_of_another_version_goes_with_a_reset(tmp_path: Path) -> None:
    stack = Stack(Settings(stack_dir=tmp_path))
    (tmp_path / "state.json").write_text('{"ports": {"db": 29999}}')
    with pytest.raises(StackError, match="not what this version of the stack writes") as failure:
        stack.up()
    assert "make stack-reset" in failure.value.advice

    stack.reset()

    with pytest.raises(StackError, match="There is no stack"):
        _ = stack.state


def test_no_port_is_picked_twice(mocker: MockerFixture) -> None:
    """Nobody listens yet at those that were picked a moment ago."""
    mocker.patch(
        "random.choice",
        side_effect=[port for port in range(21_000, 21_100) for _ in "twice"],
    )

    ports = choose_ports(Settings(), None, ()).model_dump().values()

    assert len(set(ports)) == len(ports)


def test_one_port_for_two_parts_is_refused(tmp_path: Path) -> None:
    stack = Stack(Settings(stack_dir=tmp_path, stack_db_port=29_999, stack_api_port=29_999))

    with pytest.raises(StackError, match="one port"):
        stack.up()


@pytest.mark.parametrize(
    ("has_modules", "has_node", "advice"),
    [
        (False, False, "Install Node 20 or later, then `make setup`."),
        (False, True, "Run `make setup`."),
        (True, True, "Install one and set POSTGREST_BIN"),
    ],
)
def test_missing_program_says_how_to_get_it(
    tmp_path: Path, mocker: MockerFixture, *, has_modules: bool, has_node: bool, advice: str
) -> None:
    modules = tmp_path / "node_modules"
    if has_modules:
        modules.mkdir()
    if has_node:
        (tmp_path / "node").touch(mode=0o755)
    mocker.patch.object(programs, "_MODULES", modules)
    mocker.patch.dict("os.environ", {"PATH": str(tmp_path)})

    with pytest.raises(StackError) as failure:
        programs.postgrest_program(Settings())

    assert failure.value.advice.startswith(advice)


def test_named_program_is_used(tmp_path: Path) -> None:
    program = tmp_path / "postgrest"
    program.touch(mode=0o755)

    assert programs.postgrest_program(Settings(postgrest_bin=program)) == program
    with pytest.raises(StackError, match="POSTGREST_BIN"):
        programs.postgrest_program(Settings(postgrest_bin=tmp_path / "nothing"))
    with pytest.raises(StackError, match="POSTGRES_BIN_DIR"):
        programs.postgres_programs(Settings(postgres_bin_dir=tmp_path), tmp_path)


def test_full_disk_is_said() -> None:
    python = system_failure(OSError(errno.ENOSPC, "No space left on device", "/data"))
    program = failed_program("initdb failed", "FATAL: could not extend file: No space left on device")

    assert "Free some space" in python.advice
    assert "The disk is full" in program.advice


def test_program_that_ends_at_once_shows_its_last_words(own_stack: Stack, tmp_path: Path) -> None:
    directory = tmp_path / "functions"
    for name in load():
        (directory / name).mkdir(parents=True)
        (directory / name / "main.py").write_text("raise SystemExit('a setting is missing: GOOGLE')")
    broken = Stack(own_stack.settings.model_copy(update={"stack_functions_dir": directory}))

    with pytest.raises(StackError, match="a setting is missing: GOOGLE"):
        broken.up(migrate=False)

    assert own_stack.up(migrate=False) == {"functions": "had ended; restarted"}


def test_migration_that_was_edited_or_removed_is_said(
    own_stack: Stack, tmp_path: Path, mocker: MockerFixture
) -> None:
    files = tmp_path / "supabase" / "migrations"
    files.mkdir(parents=True)
    (files / "20260101000000_first.sql").write_text("create table public.first (id int);")
    (files / "20260102000000_second.sql").write_text("create table public.second (id int);")
    mocker.patch.object(migrations, "_MIGRATIONS", files)
    mocker.patch.object(migrations, "REPOSITORY", tmp_path)
    url = own_stack.create_database("edited")
    migrations.push_migrations(url)
    then = migrations.migration_digests()
    assert migrations.pending_migrations(url, then) == []

    (files / "20260101000000_first.sql").write_text("create table public.other (id int);")
    with pytest.raises(
        MigrationsChangedError, match=r"Changed after they were applied: 20260101000000_first\.sql"
    ):
        migrations.pending_migrations(url, then)
    (files / "20260101000000_first.sql").unlink()
    with pytest.raises(MigrationsChangedError, match="does not: 20260101000000"):
        migrations.pending_migrations(url, then)

    (files / "20260101000000_first.sql").write_text("create table public.first (id int);")
    (files / "20260103000000_third.sql").write_text("create table public.first (id int);")
    assert migrations.pending_migrations(url, then) == ["20260103000000"]
    with pytest.raises(StackError, match=r'(.|\n)*relation "first" already exists'):
        migrations.push_migrations(url)
    own_stack.drop_database("edited")


@as_root
def test_directory_that_the_server_cannot_reach_has_a_stand_in(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    stand_in = reachable_directory(closed / "stack", NOBODY)
    make_directory(stand_in)

    assert reachable_directory(closed / "stack", None) == closed / "stack"
    assert reachable_directory(closed / "stack", NOBODY) == stand_in
    assert stat.S_IMODE(stand_in.stat().st_mode) == 0o711
    stand_in.rmdir()


@as_root
def test_stand_in_of_somebody_elses_making_is_not_used(tmp_path: Path) -> None:
    """Anyone may create the name first, to have the data put where they can read it."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    stand_in = reachable_directory(closed / "stack", NOBODY)

    stand_in.mkdir()
    os.chown(stand_in, NOBODY.uid, NOBODY.gid)
    with pytest.raises(StackError, match="not safe to use"):
        reachable_directory(closed / "stack", NOBODY)
    stand_in.rmdir()

    stand_in.symlink_to(tmp_path)
    with pytest.raises(StackError, match="not safe to use"):
        reachable_directory(closed / "stack", NOBODY)
    stand_in.unlink()


# Everything is imported first, for root's Python may lie where nobody else can read.
ORDINARY_USER = """
import os, sys
from pathlib import Path
import psycopg, encodings.idna, stringprep
from stack import Settings, Stack
from stack.services.postgres.server import Server
from stack.progress import Progress
from stack.state import new_state
from stack.running.ports import choose_ports
os.setgroups([]); os.setgid(65534); os.setuid(65534)
settings = Settings(stack_dir=Path(sys.argv[1]))
stack = Stack(settings)
server = Server.locate(settings)
assert server.account is None and server.home.is_relative_to(settings.directory)
state = new_state(choose_ports(settings, None, ()))
server.start(settings, state, stack.supervisor, Progress())
with psycopg.connect(state.database_url()) as connection:
    print(connection.execute("select current_user").fetchone()[0], server.data.stat().st_uid)
print(stack.down())
"""


@as_root
def test_ordinary_user_runs_it_too(own_stack: Stack) -> None:
    """Started as root, then without any of root's rights. The programs' copy is what root's stack made."""
    assert own_stack.settings.directory.exists()
    directory = Path(f"/var/tmp/partner-marketing-test-{os.getpid()}")  # noqa: S108 - removed below.
    directory.mkdir()
    os.chown(directory, 65534, 65534)
    try:
        done = subprocess.run(
            [sys.executable, "-c", ORDINARY_USER, directory],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY / "supabase" / "local")},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shutil.rmtree(directory)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "postgres 65534\n['postgres']\n"
