"""What can go wrong with the stack, worded so that the reader knows what to do next."""

import errno
from pathlib import Path

LINES_SHOWN = 15

# What a program's last words mean, and what to do about them. The first match wins.
_KNOWN_TROUBLE = (
    ("No space left on device", "The disk is full: free some space, then run the same command again."),
    ("Address already in use", "Another program took the port just now: run the same command again."),
    ("could not bind", "Another program took the port just now: run the same command again."),
    ("Cannot allocate memory", "The machine is out of memory: stop something else, then try again."),
    ("could not create shared memory", "The system is out of shared memory: stop another PostgreSQL first."),
    ("incompatible with server", "The data belongs to another PostgreSQL: drop it with `make stack-reset`."),
)


class StackError(Exception):
    """A failure that a person can do something about."""

    def __init__(self, problem: str, advice: str) -> None:
        """Say what is wrong and what to do."""
        super().__init__(f"{problem}\n{advice}")
        self.problem = problem
        self.advice = advice


class MigrationsChangedError(StackError):
    """The database holds migrations that are no longer what the files say."""


def last_lines(log: Path) -> str:
    """Return the end of a log, for a failure message."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-LINES_SHOWN:])


def failed_program(what: str, output: str, log: Path | None = None) -> StackError:
    """Turn a program's last words into a failure with advice."""
    advice = next((advice for words, advice in _KNOWN_TROUBLE if words in output), None)
    where = f"The whole log is {log}." if log else "Try again; `make stack-down` first clears what half runs."
    return StackError(f"{what}:\n{output.strip() or '(it wrote nothing)'}", advice or where)


def system_failure(error: OSError) -> StackError:
    """Word an operating system's refusal."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StackError(f"The disk is full ({error.filename}).", "Free some space, then run it again.")
    if error.errno in {errno.EACCES, errno.EPERM}:
        advice = "Run it as the user who started the stack, or set STACK_DIR to a directory of your own."
        return StackError(f"Not allowed: {error}.", advice)
    return StackError(f"The operating system refused: {error}.", "Fix that, then run it again.")
