"""A new version and the one before it, each with the other's half, on this machine.

While a version is put up, the functions of before work with the database of now; put up the wrong way round,
the functions of now would meet the database of before, and have to say so.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from deploy.manifest import REPOSITORY
from stack import Settings, Stack
from stack.errors import StackError
from stack.progress import Progress

_MIGRATIONS = Path("supabase") / "migrations"


def rehearse(commit: str, progress: Progress) -> None:
    """Run that commit's functions on the schema of now, and the functions of now on that commit's schema.

    Raises:
        StackError: There is no such commit, or one of the two did not go as it has to.
    """
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as name, _checkout(commit, Path(name)) as before:
        with progress.step(f"The functions of now on the schema of {commit}"):
            _try_now(before, Path(name) / "stack-1", is_older=_names(before) < _names(REPOSITORY))
        with progress.step(f"The functions of {commit} on the schema of now"):
            _try_before(before, Path(name) / "stack-2")


@contextmanager
def _checkout(commit: str, parent: Path) -> Iterator[Path]:
    directory = parent / "code"
    git = ["git", "-C", str(REPOSITORY), "worktree"]
    added = subprocess.run(  # noqa: S603 - no shell, and git says what is no commit.
        [*git, "add", "--detach", str(directory), commit], capture_output=True, text=True, check=False
    )
    if added.returncode != 0:
        raise StackError(
            f"{commit!r} cannot be checked out. {added.stderr.strip()}", "Name a commit: git log."
        )
    try:
        (directory / "node_modules").symlink_to(REPOSITORY / "node_modules")
        yield directory
    finally:
        subprocess.run([*git, "remove", "--force", str(directory)], check=False)  # noqa: S603 - as above.


def _names(code: Path) -> set[str]:
    return {file.name for file in (code / _MIGRATIONS).glob("*.sql")}


def _try_now(before: Path, directory: Path, *, is_older: bool) -> None:
    _run(before, directory, "up", "--seed", "--no-functions")
    stack = Stack(Settings(stack_dir=directory))
    try:
        stack.up(migrate=False)
        answer = httpx.get(f"{stack.project.functions_url}/readyz", headers={"Accept": "application/json"})
        if answer.is_success is is_older:
            raise StackError(
                f"/readyz answered {answer.status_code}: {answer.text}", "See shared/http/health.py."
            )
    finally:
        stack.destroy()


def _try_before(before: Path, directory: Path) -> None:
    # Its own stack, with the migrations of now and everything else of then.
    shutil.rmtree(before / _MIGRATIONS)
    shutil.copytree(REPOSITORY / _MIGRATIONS, before / _MIGRATIONS)
    shutil.copy(REPOSITORY / "supabase" / "seed.sql", before / "supabase")
    _run(before, directory, "demo")
    _run(before, directory, "reset")


def _run(code: Path, directory: Path, *arguments: str) -> None:
    # Its own packages come before those that are installed.
    paths = os.pathsep.join([str(code), str(code / "supabase" / "local")])
    env = {**os.environ, "STACK_DIR": str(directory), "ONCE": "1", "PYTHONPATH": paths}
    done = subprocess.run(  # noqa: S603 - our own program.
        [sys.executable, "supabase/local", *arguments],
        cwd=code,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(
            f"supabase/local {' '.join(arguments)} failed.\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}",
            "The functions of before have to work with the schema of now: add first, remove a version later.",
        )
