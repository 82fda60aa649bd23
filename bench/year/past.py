"""A database whose clock is put back by days and then on again, a day at a time.

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
_DAY_SECONDS = 24 * 3600


class Calendar:
    """How many days ago it is in the database."""

    def __init__(self, file: Path, days: int) -> None:
        """Begin so many days ago."""
        self._file = file
        self.days_ago = days
        self._write()

    def turn(self) -> None:
        """Let it be a day later, for whoever is connected as well."""
        self.days_ago -= 1
        self._write()

    def _write(self) -> None:
        self._file.write_text(f"-{self.days_ago * _DAY_SECONDS}\n")


def check_library() -> None:
    """See that there is libfaketime, before anything is waited for.

    Raises:
        StackError: There is not.
    """
    if not _LIBRARIES:
        raise StackError("libfaketime is missing.", "On Debian: apt-get install faketime")


@contextmanager
def in_the_past(stack: Stack, days: int) -> Iterator[Calendar]:
    """Run the PostgreSQL of a stack that is down, so many days ago, until the block is left."""
    server, state = Server.locate(stack.settings), stack.state
    file, log = server.home / "time", stack.directory / "year.log"
    calendar = Calendar(file, days)
    file.chmod(0o644)
    clock = {
        "LD_PRELOAD": str(_LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        # Read each time, so that a day is over for everybody at once.
        "FAKETIME_NO_CACHE": "1",
        # What waits for a second waits for a real one.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with log.open("wb") as written:
        process = server.launch_beside(stack.settings, state.ports.db, server.data, clock, written)
    try:
        if not wait_until(lambda: _answers(state.database_url()), 60):
            raise StackError("PostgreSQL did not start in the past.", f"{log} says why.")
        yield calendar
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
