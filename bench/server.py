"""A function served as it is deployed: by functions-framework's own ASGI app, under uvicorn."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from functions_framework.aio import create_asgi_app
from starlette.types import ASGIApp

from stack.running.ports import choose_port

_SOURCE = "BENCH_SOURCE"


def create_app() -> ASGIApp:
    """Make it as every other function is made."""
    app: ASGIApp = create_asgi_app("main", os.environ[_SOURCE], "http")  # type: ignore[no-untyped-call]  # It has no types.
    return app


@dataclass(frozen=True)
class Served:
    """Where a function is, and its process; with several workers, the one that watches them."""

    url: str
    pid: int


@contextmanager
def serving(source: Path, environment: Mapping[str, str], workers: int = 1) -> Iterator[Served]:
    """Serve a main.py, told no more than `environment`."""
    port = choose_port("", fixed=None, kept=None, is_held=False)
    command = [sys.executable, "-m", "uvicorn", "bench.server:create_app", "--factory", f"--port={port}"]
    options = ["--loop=uvloop", "--http=httptools", "--no-access-log", "--log-level=error"]
    process = subprocess.Popen(  # noqa: S603 - our own.
        [*command, *options, f"--workers={workers}"],
        env={_SOURCE: str(source), "PYTHONPATH": os.environ.get("PYTHONPATH", ""), **environment},
        # A line a lead.
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url)
        yield Served(url, process.pid)
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            httpx.head(url)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(url)
