"""One `up` or `down` at a time for each stack."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.account import make_directory
from stack.progress import Progress


@contextmanager
def alone(directory: Path, progress: Progress) -> Iterator[None]:
    """Hold a stack's lock. The system frees it when the holder ends, however it ends.

    Args:
        directory: The stack's state directory.
        progress: What is told when somebody else holds it.
    """
    make_directory(directory)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.note("Another command is busy with this stack; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
