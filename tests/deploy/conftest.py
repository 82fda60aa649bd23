"""Each function in a folder of its own, with its packages in an environment that has nothing else."""

import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.package import make_packages
from stack import Stack
from tests.database import Database
from tests.flows.alone import FUNCTIONS, Installation
from tests.flows.scene import Scene


@pytest.fixture(scope="package")
def scene(stack: Stack, functions: str, platform: Database) -> Iterator[Scene]:
    """A partner with a page in every state, a stranger and an admin."""
    assert functions
    with httpx.Client(timeout=30) as http:
        yield Scene.build(stack.project, platform, http)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("packages")
    make_packages(directory)
    return directory


@pytest.fixture(scope="session")
def empty_environment(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of a virtual environment into which the lock of every folder was installed."""
    # They are one and the same, so one environment stands for all.
    locks = {(packages / function / "requirements.txt").read_bytes() for function in FUNCTIONS}
    assert len(locks) == 1
    directory = tmp_path_factory.mktemp("environment")
    venv.create(directory, with_pip=True)
    # pip in a process of its own reaches the registry; the sockets of this one lead nowhere.
    install = [
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--quiet",
        "--no-compile",
        "--no-deps",
        "--require-hashes",
    ]
    lock = packages / FUNCTIONS[0] / "requirements.txt"
    done = subprocess.run(
        [directory / "bin" / "python", *install, "-r", lock], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return directory / "bin"


@pytest.fixture(scope="package")
def install(packages: Path, empty_environment: Path) -> "Install":
    return Install(packages, empty_environment)


class Install:
    """Where each function is, as its image would have it."""

    def __init__(self, packages: Path, programs: Path) -> None:
        self._packages = packages
        self._programs = programs

    def __call__(self, function: str) -> Installation:
        return Installation(self._programs / "functions-framework", self._packages / function)
