"""Every target of the Makefile does what it says, by `make` alone, as in a fresh clone."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import Stack
from stack.settings import REPOSITORY

# What each prints, or does not fail to do; the long ones in short. CI itself runs setup, lint and test.
TARGETS = {
    "help": "make bench",
    "stack": "",
    "stack-env": "SUPABASE_URL=http://127.0.0.1:",
    "token WHO=job_runner": "eyJ",
    "tokens DAYS=30": "JOB_RUNNER_JWT=eyJ",
    "stack-status": "postgres.log",
    "run ONCE=1": "Everything that was sent is there, once.",
    "sync ACCOUNT=--help": "usage",
    "connect ACCOUNT=--help": "usage",
    "package": "build/functions/landing_page",
    "api-docs": "build/api/index.html",
    "soak SOAK=--help": "Usage",
    "lighthouse LIGHTHOUSE=--help": "Usage",
    "fuzz FUZZ_SECONDS=1": "passed",
    "stack-down": "",
    "stack-reset": "",
}
# Each of these is run by a test of its own, or is only for whoever changes what is committed.
ELSEWHERE = {"setup", "lint", "test", "bench", "year", "format", "types", "lock", "rehearse", "requests"}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    directory = tmp_path_factory.mktemp("make")
    told = {"STACK_DIR": str(directory / "stack"), "TEST_STACK_DIR": str(directory / "test")}
    yield {**os.environ, **told}
    for stack in told.values():
        if Path(stack).exists():
            Stack.at(Path(stack)).destroy()


@pytest.mark.parametrize("target", TARGETS)
def test_target_does_what_it_says(target: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["make", *shlex.split(target)],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert TARGETS[target] in done.stdout, done.stdout + done.stderr


def test_every_target_is_tried() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = set(re.findall(r"^\.PHONY: (\S+)$", makefile, re.MULTILINE))

    assert {target.split()[0] for target in TARGETS} | ELSEWHERE == targets
