"""The stack's Python programs: an ASGI app each, served by uvicorn."""

import hashlib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import httpx

from stack.running.supervisor import Service
from stack.services.postgrest import answers
from stack.settings import REPOSITORY

STACK = Path(__file__).resolve().parents[1]


def asgi_service(  # noqa: PLR0913 - a flat list of what differs between two programs.
    *,
    name: str,
    title: str,
    factory: str,
    port: int,
    env: Mapping[str, str],
    fingerprint: Iterable[str],
    url: str,
    expected_status: int = httpx.codes.OK,
) -> Service:
    """Return how to run an app, restarted when its command or what `fingerprint` says has changed."""
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        factory,
        "--factory",
        f"--app-dir={STACK.parent}",
        "--host=127.0.0.1",
        f"--port={port}",
        "--loop=uvloop",
        "--http=httptools",
        "--no-access-log",  # It would hold visitors' addresses.
        "--no-proxy-headers",  # uvicorn would trust X-Forwarded-For; the functions count proxies themselves.
        "--no-server-header",
        "--log-level=warning",
        "--timeout-graceful-shutdown=10",
    ]
    return Service(
        name=name,
        title=title,
        command=command,
        port=port,
        env=env,
        cwd=REPOSITORY,
        is_ready=lambda: answers(url, expected_status),
        fingerprint=hashlib.sha256("\n".join([*command, *fingerprint]).encode()).hexdigest(),
    )


def sum_up(directories: Iterable[Path]) -> str:
    """Sum up files by time and size, so that an edit restarts what runs the old text."""
    files = sorted(
        file
        for directory in directories
        for file in directory.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    )
    return repr([(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files])
