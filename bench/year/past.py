"""A database whose clock is put back by days.

libfaketime stands between PostgreSQL and the system's clock; PostgreSQL itself, and every function in it,
is the one that runs otherwise. https://github.com/wolfcw/libfaketime
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from stack import Stack
from stack.errors import StackError
from stack.running.process import wait_until
from stack.services.postgres.server import Server

_LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


def check_library() -> None:
    """See that there is libfaketime, before anything is waited for.

    Raises:
        StackError: There is not.
    """
    if not _LIBRARIES:
        raise StackError("libfaketime is missing.", "On Debian: apt-get install faketime")


@contextmanager
def in_the_past(stack: Stack, days_ago: int) -> Iterator[None]:
    """Run the PostgreSQL of a stack that is down, so many days ago, until the block is left."""
    server, state = Server.locate(stack.settings), stack.state
    log = stack.directory / "year.log"
    clock = {
        "LD_PRELOAD": str(_LIBRARIES[0]),
        # Told once, when it starts. A clock that is read from a file allocates memory, in the middle of a
        # signal's handler too, and a database that is told another day that way breaks within the hour.
        "FAKETIME": f"-{days_ago}d",
        # What waits for a second waits for a real one.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with log.open("ab") as written:
        process = server.launch_beside(stack.settings, state.ports.db, server.data, clock, written)
    try:
        if not wait_until(lambda: _answers(state.database_url()), 60):
            raise StackError("PostgreSQL did not start in the past.", f"{log} says why.")
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
