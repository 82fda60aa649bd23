"""How long a function takes from its start to its first answer, with its own packages alone."""

import os
import signal
import socket
import statistics
import subprocess
import time
import venv
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.manifest import REPOSITORY, load, settings_of
from deploy.package import make_packages
from stack import Stack
from stack.progress import Progress
from stack.running.ports import choose_port

AIM = "≤ 500"

_EMPTY = """\
import functions_framework.aio
from starlette.responses import Response


@functions_framework.aio.http
async def main(request):
    return Response("ok")
"""
_SECONDS = 30


@dataclass(frozen=True)
class ColdStart:
    """One function's start, in milliseconds."""

    function: str
    kilobytes: int
    median_ms: float
    limit_ms: float
    """The median of a function that does nothing, by the same command."""

    def as_dict(self) -> dict[str, object]:
        """Return everything, for a file."""
        return asdict(self)


def measure_cold_starts(
    stack: Stack, progress: Progress, rounds: int, runtime: Path | None = None
) -> list[ColdStart]:
    """Start each function so many times, in turn with one that does nothing.

    `runtime` is a virtual environment of the functions' packages; without one it is made.
    """
    directory, environment = stack.directory, stack.functions_environment()
    sizes = make_packages(directory / "functions")
    command = _install(runtime or directory / "runtime", progress)
    empty = directory / "empty.py"
    empty.write_text(_EMPTY)
    starts = []
    for function in load():
        folder = directory / "functions" / function
        with progress.step(f"Starting {function} {rounds} times"):
            source = folder / "functions" / function / "main.py"
            own = {setting.name for setting in settings_of(function)}
            told = {name: value for name, value in environment.items() if name in own}
            told["PYTHONPATH"] = str(folder)
            times = [(_start(command, source, told), _start(command, empty, {})) for _ in range(rounds)]
        ours, limits = (round(statistics.median(ms), 1) for ms in zip(*times, strict=True))
        starts.append(ColdStart(function, sizes[function] // 1024, ours, limits))
    return starts


def _install(directory: Path, progress: Progress) -> Path:
    command = directory / "bin" / "functions-framework"
    if not command.exists():
        with progress.step("Installing the functions' packages into an empty environment"):
            venv.create(directory, with_pip=True)
            install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            lock = REPOSITORY / "requirements.lock"
            subprocess.run(  # noqa: S603 - our own lock.
                [directory / "bin" / "python", *install, "--require-hashes", "-r", lock],
                check=True,
                capture_output=True,
            )
    return command


def _start(command: Path, source: Path, environment: Mapping[str, str]) -> float:
    port = choose_port("", fixed=None, kept=None, is_held=False)
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own programs.
        [command, "--asgi", f"--source={source}", "--target=main", "--host=127.0.0.1", f"--port={port}"],
        env={"PATH": os.defpath, **environment},
        cwd=source.parent,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - began > _SECONDS:
                raise RuntimeError(f"{source} did not start.")
            time.sleep(0.002)
        return (time.perf_counter() - began) * 1000
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
