"""Whom PostgreSQL runs as: it refuses root, and a root shell is what a container or CI machine has."""

import hashlib
import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError


@dataclass(frozen=True)
class Account:
    """A user of this machine that owns PostgreSQL's files and processes."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """Return whom PostgreSQL runs as, None when that is the caller."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    problem = "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody."
    raise StackError(problem, "Create a user named postgres, or run this as an ordinary user.")


def reachable_directory(wanted: Path, account: Account | None) -> Path:
    """Choose a directory that the server's account can get to, the wanted one if at all possible.

    A clone in root's home is closed to everyone else. Then a directory under /var/tmp stands in for it.
    Choosing makes nothing; `make_directory` does.
    """
    existing = next(path for path in (wanted, *wanted.parents) if path.exists())
    if account is None or _can_enter(existing, account):
        return wanted
    key = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
    return _checked(Path(f"/var/tmp/partner-marketing-{os.geteuid()}-{key}"))  # noqa: S108 - as its name says.


def make_directory(directory: Path) -> None:
    """Create a directory that others may go through but not list, and its parents likewise."""
    if directory.is_dir():
        return
    make_directory(directory.parent)
    directory.mkdir(exist_ok=True)
    directory.chmod(0o711)  # Whatever the caller's umask is: the server's account has to get through.
    _checked(directory)


def _can_enter(directory: Path, account: Account) -> bool:
    # Asking the system covers what mode bits don't tell: access lists, mounts, every ancestor.
    command = ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(directory)]
    tried = subprocess.run(  # noqa: S603 - a fixed script; the path is its argument, not a part of it.
        command,
        cwd="/",
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


def _checked(directory: Path) -> Path:
    """Refuse a directory of somebody else's, or a link to one: it would hand them the data.

    Anyone may create names in /var/tmp, ours included.
    """
    try:
        found = directory.lstat()
    except FileNotFoundError:
        return directory
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        advice = "Remove it, or set STACK_DIR to a directory that every user may enter."
        raise StackError(f"{directory} exists and is not safe to use.", advice)
    return directory
