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
    """Create a directory that the server's account can get to, the wanted one if at all possible.

    A clone in root's home is closed to everyone else. Then a directory under /var/tmp stands in for it.

    Args:
        wanted: Where the directory should be.
        account: Who has to reach it; the caller when None.
    """
    wanted.mkdir(parents=True, exist_ok=True)
    if account is None:
        return wanted
    if wanted.stat().st_uid == os.geteuid():
        wanted.chmod(0o711)
    return wanted if _can_enter(wanted, account) else _stand_in(wanted)


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


def _stand_in(wanted: Path) -> Path:
    key = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
    directory = Path(f"/var/tmp/partner-marketing-{os.geteuid()}-{key}")  # noqa: S108 - checked just below.
    try:
        directory.mkdir(mode=0o711)
    except FileExistsError:
        # Anyone may create names here. Somebody else's directory, or a link to one, would hand them the data.
        found = directory.lstat()
        is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022
        if not is_ours:
            advice = "Remove it, or set STACK_DIR to a directory that every user may enter."
            raise StackError(f"{directory} exists and is not safe to use.", advice) from None
    else:
        directory.chmod(0o711)  # The caller's umask may have closed it.
    return directory
