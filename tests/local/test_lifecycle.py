"""Starting, dying, coming back and going away."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest

from stack import Settings, Stack, StackError
from stack.running.process import strays, wait_until
from stack.running.supervisor import Record
from stack.services.postgres.server import Server
from stack.stack import SERVICES

linux_only = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found in /proc")


def records(stack: Stack) -> dict[str, Record | None]:
    return {name: stack.supervisor.record(name) for name in SERVICES}


def notes(stack: Stack) -> int:
    with psycopg.connect(stack.project.db_url) as connection:
        row = connection.execute("select count(*) from public.notes").fetchone()
    assert row is not None
    return int(row[0])


def processes(stack: Stack) -> list[int]:
    found = strays(Server.locate(stack.settings).data, stack.directory)
    return [process.pid for process in found]


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory, stub_functions: Path) -> Iterator[Stack]:
    """A stack that tests may leave in any state that `up` can repair."""
    directory = tmp_path_factory.mktemp("another")
    stack = Stack(Settings(stack_dir=directory, stack_functions_dir=stub_functions))
    try:
        yield stack
    finally:
        stack.destroy()


def test_second_up_does_nothing(own_stack: Stack) -> None:
    before = records(own_stack)

    done = own_stack.up(migrate=False)

    assert done == {}
    assert records(own_stack) == before


@pytest.mark.parametrize("name", SERVICES)
def test_killed_service_comes_back_with_the_data(own_stack: Stack, name: str) -> None:
    before = notes(own_stack), own_stack.project
    own_stack.supervisor.kill(name)

    done = own_stack.up(migrate=False)

    assert done == {name: "had ended; restarted"}
    assert (notes(own_stack), own_stack.project) == before
    headers = {"apikey": own_stack.project.publishable_key}
    whoami = f"{own_stack.project.supabase_url}/rest/v1/rpc/whoami"
    # PostgREST finds its way back to a restarted database by itself, in a moment.
    assert wait_until(lambda: httpx.post(whoami, headers=headers).status_code == 200, 10)


def test_everything_killed_at_once_comes_back(own_stack: Stack) -> None:
    before = notes(own_stack)
    for name in SERVICES:
        own_stack.supervisor.kill(name)

    assert own_stack.up(migrate=False).keys() == set(SERVICES)
    assert notes(own_stack) == before


def test_killed_server_comes_back_while_its_orphan_is_busy(own_stack: Stack) -> None:
    """A backend that computes does not notice that its server is gone, and holds on to the shared memory."""
    busy = "select count(*) from generate_series(1, 2000000000)"
    with psycopg.connect(own_stack.project.db_url, autocommit=True) as connection:
        pid = connection.info.backend_pid

        def compute() -> None:
            with pytest.raises(psycopg.OperationalError):
                connection.execute(busy)

        thread = threading.Thread(target=compute)
        thread.start()
        with psycopg.connect(own_stack.project.db_url, autocommit=True) as other:
            query = "select state = 'active' and query like %s from pg_stat_activity where pid = %s"
            assert wait_until(lambda: other.execute(query, [f"{busy}%", pid]).fetchone() == (True,), 10)
        own_stack.supervisor.kill("postgres")

        done = own_stack.up(migrate=False)
        thread.join(10)

    assert done == {"postgres": "had ended; restarted"}
    assert not thread.is_alive()


@linux_only
def test_lock_file_with_a_number_that_is_somebody_elses_by_now_is_no_obstacle(own_stack: Stack) -> None:
    server = Server.locate(own_stack.settings)
    own_stack.supervisor.kill("postgres")
    lock = server.data / "postmaster.pid"
    first, _, rest = lock.read_text().partition("\n")
    lock.write_text(f"{os.getpid()}\n{rest}")
    assert int(first) != os.getpid()

    assert own_stack.up(migrate=False) == {"postgres": "had ended; restarted"}


def test_process_that_took_over_the_number_is_left_alone(another: Stack) -> None:
    """The record of a program that died names a number which is ours by now."""
    another.up(migrate=False, functions=False)
    record = another.supervisor.record("gateway")
    assert record is not None
    reused = record.model_copy(update={"process": record.process.model_copy(update={"pid": os.getpid()})})
    another.supervisor.kill("gateway")
    (another.directory / "run" / "gateway.json").write_text(reused.model_dump_json())

    assert "gateway" not in another.down()  # And this test still runs.


def test_edited_function_is_restarted(another: Stack, stub_functions: Path) -> None:
    another.up(migrate=False)
    main = stub_functions / "landing_page" / "main.py"
    main.touch()

    assert another.up(migrate=False) == {"functions": "changed; restarted"}


def test_two_stacks_run_side_by_side(own_stack: Stack, another: Stack) -> None:
    another.up(migrate=False)
    ours, theirs = own_stack.project, another.project

    assert ours.db_url != theirs.db_url
    assert another.down() == list(SERVICES)
    assert notes(own_stack) > 0
    # The keys of one open nothing at the other.
    answer = httpx.get(f"{ours.supabase_url}/rest/v1/notes", headers={"apikey": theirs.publishable_key})
    assert answer.status_code == 401


def test_two_ups_at_once_make_one_stack(another: Stack) -> None:
    another.down()

    with ThreadPoolExecutor() as pool:
        outcomes = list(pool.map(lambda _: another.up(migrate=False, functions=False), range(2)))

    assert sorted(map(len, outcomes)) == [0, 3]


def test_data_ports_and_keys_outlive_a_stop_and_reset_drops_the_data_only(another: Stack) -> None:
    another.up(migrate=False, functions=False)
    before = another.state
    with psycopg.connect(another.project.db_url) as connection:
        connection.execute("create table public.kept ()")
    another.down()
    another.up(migrate=False, functions=False)
    assert another.state == before
    with psycopg.connect(another.project.db_url) as connection:
        connection.execute("select from public.kept")

    another.reset()
    another.up(migrate=False, functions=False)

    assert another.state == before
    with psycopg.connect(another.project.db_url) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("select from public.kept")


@linux_only
def test_down_leaves_no_process_even_when_the_records_are_lost(another: Stack) -> None:
    another.up(migrate=False)
    assert len(processes(another)) > len(SERVICES)
    for record in (another.directory / "run").iterdir():
        record.unlink()

    another.down()

    assert processes(another) == []


def test_down_twice_is_fine(another: Stack) -> None:
    another.down()

    assert another.down() == []


def test_interrupted_creation_begins_anew(another: Stack) -> None:
    """Killed between creating the data directory and making the roles in it, say."""
    another.up(migrate=False, functions=False)
    another.supervisor.kill("postgres", signal.SIGKILL)
    (Server.locate(another.settings).home / "complete").unlink()

    another.up(migrate=False, functions=False)

    with psycopg.connect(another.project.db_url) as connection:
        assert connection.execute("select rolname from pg_roles where rolname = 'anon'").fetchone()


def test_data_without_its_passwords_is_said(another: Stack) -> None:
    another.up(migrate=False, functions=False)
    another.down()
    kept = (another.directory / "state.json").rename(another.directory / "elsewhere")

    with pytest.raises(StackError, match=r"state\.json is gone"):
        another.up(migrate=False, functions=False)

    kept.rename(another.directory / "state.json")


def test_state_is_for_its_owner_only(own_stack: Stack) -> None:
    for name in ("state.json", "jwks.json", "postgrest.conf"):
        assert (own_stack.directory / name).stat().st_mode & 0o077 == 0
    assert Server.locate(own_stack.settings).data.stat().st_mode & 0o077 == 0


def test_stack_serves_this_machine_only(own_stack: Stack) -> None:
    with psycopg.connect(own_stack.project.db_url) as connection:
        shown = connection.execute(
            "select current_setting('listen_addresses'), current_setting('fsync')"
        ).fetchone()
        commit = connection.execute("show synchronous_commit").fetchone()

    assert (shown, commit) == (("127.0.0.1", "on"), ("on",))


def test_log_holds_nothing_that_a_statement_carried(own_stack: Stack) -> None:
    address = "203.0.113.77"
    with psycopg.connect(own_stack.project.db_url, autocommit=True) as connection:
        connection.execute("create table public.visitors (address text unique)")
        connection.execute("insert into public.visitors values (%s)", [address])
        with pytest.raises(psycopg.errors.UniqueViolation, match=address):
            connection.execute("insert into public.visitors values (%s)", [address])
        with pytest.raises(psycopg.errors.InvalidTextRepresentation, match=address):
            connection.execute("select %s::uuid", [address])

    assert address not in own_stack.supervisor.log("postgres").read_text()
