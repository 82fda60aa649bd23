"""Starting, recognising and ending single processes.

A process is known by its number and the moment it started, since numbers are handed out again: the process
that has the number today may be somebody else's.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from stack.account import Account

# Every process of a stack carries its state directory under this name in its environment, which finds the
# ones whose record was lost, as when `up` itself was killed between starting a program and writing it down.
MARKER = "STACK_PROCESS_OF"

POLL_SECONDS = 0.02
_IS_LINUX = sys.platform.startswith("linux")

# Our own children by number. One that has ended must be reaped, or it would look alive for ever.
_children: dict[int, subprocess.Popen[bytes]] = {}


class ProcessId(BaseModel):
    """One process, told apart from every other that had or will have its number."""

    model_config = ConfigDict(frozen=True)

    pid: int
    started: str

    @property
    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return _started(self.pid) == self.started


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: Path,
    account: Account | None = None,
) -> ProcessId:
    """Start a program in a session of its own, so that Ctrl-C in the terminal does not reach it.

    Args:
        command: The program and its arguments.
        env: Its whole environment.
        cwd: Where it starts.
        log: Where its output is appended.
        account: Whom to run it as; the caller when None.
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
    _children[child.pid] = child
    return ProcessId(pid=child.pid, started=_started(child.pid) or "")


def end(process: ProcessId, politely: signal.Signals = signal.SIGTERM, patience_seconds: float = 15) -> None:
    """Ask a process to end, and make it end when it does not.

    Args:
        process: Which one; nothing happens when it has ended already.
        politely: The signal that asks.
        patience_seconds: How long it may take to finish what it is doing.
    """
    for wish, seconds in ((politely, patience_seconds), (signal.SIGKILL, 5.0)):
        if not process.is_alive:
            return
        try:
            os.kill(process.pid, wish)
        except ProcessLookupError:
            return
        wait_until(lambda: not process.is_alive, seconds)


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Poll a condition until it holds or the time is over.

    Args:
        done: What to wait for.
        seconds: The longest wait.

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

    PostgreSQL writes over its environment, but its processes work in the data directory. Only Linux shows
    all this; elsewhere the records have to do.

    Args:
        data_directory: The directory that its PostgreSQL works in.
        marker: The state directory, to find its other programs too.
    """
    if not _IS_LINUX:
        return []
    mark = f"{MARKER}={marker}".encode() if marker else None
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _belongs(entry, mark, data_directory):
            pid = int(entry.name)
            found.append(ProcessId(pid=pid, started=_started(pid) or ""))
    return [process for process in found if process.is_alive]


def _belongs(entry: Path, mark: bytes | None, data_directory: Path) -> bool:
    try:
        if mark and mark in (entry / "environ").read_bytes().split(b"\0"):
            return True
        works_in = (entry / "cwd").readlink()
        # A shell that somebody left in the directory is not ours to end.
        return works_in == data_directory and (entry / "comm").read_text().strip() == "postgres"
    except OSError:
        # It ended meanwhile, or it belongs to a user whose processes are not ours to judge.
        return False


def _started(pid: int) -> str | None:
    """Return a text that is the same for as long as a process lives, None when there is none."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        del _children[pid]
        return None
    return _started_on_linux(pid) if _IS_LINUX else _started_elsewhere(pid)


def _started_on_linux(pid: int) -> str | None:
    try:
        # The second field is the program's name in brackets, which may itself hold brackets and blanks.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, ticks_since_boot = fields[0], fields[19]
    if state in "ZX":
        return None
    # Ticks begin anew with each boot.
    return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}:{ticks_since_boot}"


def _started_elsewhere(pid: int) -> str | None:
    shown = subprocess.run(  # noqa: S603 - a number is the only argument that varies.
        ["/bin/ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(maxsplit=1)
    return shown[1].strip() if shown and not shown[0].startswith("Z") else None
