"""Starting, recognising and ending single processes.

A process is known by its number and the moment it started, since numbers are handed out again: the process
that has the number today may be somebody else's.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict

from stack.running.account import Account

# Every process of a stack carries its state directory under this name in its environment, which finds the
# ones whose record was lost, as when `up` itself was killed between starting a program and writing it down.
MARKER = "STACK_PROCESS_OF"

POLL_SECONDS = 0.02

# The system's clock may be set a little in between, and the moment is reckoned from it.
_SAME_MOMENT_SECONDS = 2

# Our own children. One that has ended must be reaped, or it would be a zombie for as long as we live.
_children: list[subprocess.Popen[bytes]] = []


class ProcessId(BaseModel):
    """One process, told apart from every other that had or will have its number."""

    model_config = ConfigDict(frozen=True)

    pid: int
    started_at: float

    @classmethod
    def of(cls, process: psutil.Process) -> "ProcessId":
        """Take down which process this is."""
        return cls(pid=process.pid, started_at=process.create_time())

    @property
    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return self.find() is not None

    def find(self) -> psutil.Process | None:
        """Return the process if it still runs."""
        _children[:] = [child for child in _children if child.poll() is None]
        with suppress(psutil.Error):
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.started_at) < _SAME_MOMENT_SECONDS
            if is_same and process.status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}:
                return process
        return None


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: Path,
    account: Account | None = None,
) -> ProcessId:
    """Start a program in a session of its own, so that Ctrl-C in the terminal does not reach it.

    It runs as `account`, or as the caller without one, and its output is added to `log`.
    """
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - the command is put together by this package.
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    _children.append(child)
    try:
        return ProcessId.of(psutil.Process(child.pid))
    except psutil.NoSuchProcess:
        return ProcessId(pid=child.pid, started_at=0)  # It has ended already, which its log explains.


def end(process: ProcessId, politely: signal.Signals = signal.SIGTERM, patience_seconds: float = 15) -> None:
    """Ask a process to end, and make it end when it does not. One that has ended already is left alone."""
    for wish, seconds in ((politely, patience_seconds), (signal.SIGKILL, 5.0)):
        running = process.find()
        if running is None:
            return
        with suppress(psutil.NoSuchProcess):
            running.send_signal(wish)
        wait_until(lambda: not process.is_alive, seconds)


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Poll a condition until it holds or the time is over.

    Returns:
        Whether it came to hold.
    """
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def strays(data_directory: Path, marker: Path | None = None) -> list[ProcessId]:
    """Find processes of a stack by what they are, not by what was written down.

    PostgreSQL writes over its environment, but its processes work in the data directory. A shell that
    somebody left there is not ours to end.
    """
    found = []
    for process in psutil.process_iter(["environ", "cwd", "name"]):
        # What belongs to a user whose processes are not ours to judge reads as None.
        environment, works_in = process.info["environ"] or {}, process.info["cwd"]
        is_marked = marker is not None and environment.get(MARKER) == str(marker)
        if is_marked or (works_in == str(data_directory) and process.info["name"] == "postgres"):
            with suppress(psutil.NoSuchProcess):
                found.append(ProcessId.of(process))
    return [process for process in found if process.is_alive]
