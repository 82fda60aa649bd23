"""One `up` or `down` at a time for each stack."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from stack.progress import Progress
from stack.running.account import make_directory


@contextmanager
def alone(directory: Path, progress: Progress) -> Iterator[None]:
    """Hold a stack's lock. The system frees it when the holder ends, however it ends."""
    make_directory(directory)
    lock = FileLock(directory / "lock")
    try:
        held = lock.acquire(blocking=False)
    except Timeout:
        progress.note("Another command is busy with this stack; waiting for it.")
        held = lock.acquire()
    with held:
        yield
