"""Every function starts alone, with the command that deploys it, and refuses to start half-configured."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from functions_framework.aio import create_asgi_app
from pydantic import ValidationError

from stack.webhook_secrets import GOOGLE_ADS_KEYS
from tests.shared.http.test_settings import ENVIRONMENT

REPOSITORY = Path(__file__).parents[2]
MAINS = sorted(REPOSITORY.glob("functions/*/main.py"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def _unchanged_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undo what loading a function leaves behind: a module named main, and a line in sys.path."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "main", raising=False)
    for name in [*os.environ]:
        if name.startswith(("SUPABASE_", "POSTGREST_", "FUNCTION_")) or name in ENVIRONMENT:
            monkeypatch.delenv(name)
    for name in ("FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE", "FORWARDED_ALLOW_IPS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    yield
    sys.modules.pop("main", None)


@pytest.mark.usefixtures("_unchanged_process")
@pytest.mark.parametrize("main", MAINS, ids=lambda main: main.parent.name)
def test_without_its_settings_a_function_does_not_start(main: Path) -> None:
    with pytest.raises(ValidationError, match="supabase_url"):
        create_asgi_app("main", str(main))  # type: ignore[no-untyped-call]


@pytest.mark.usefixtures("_unchanged_process")
def test_whose_forwarded_header_counts_is_not_the_servers_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """uvicorn would take X-Forwarded-For from 127.0.0.1 at its word."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    app = create_asgi_app("main", str(REPOSITORY / "functions/landing_page_track/main.py"))  # type: ignore[no-untyped-call]

    assert uvicorn.Config(app).forwarded_allow_ips == ""


def test_every_function_answers_when_started_by_the_framework() -> None:
    """All four at once, since starting is what takes the time. Warnings are errors in them too."""
    ports = {main: free_port() for main in MAINS}
    environment = {
        "PATH": os.environ["PATH"],
        **ENVIRONMENT,
        "SUPABASE_URL": f"http://127.0.0.1:{free_port()}",
        "GOOGLE_ADS_WEBHOOK_KEYS": json.dumps(GOOGLE_ADS_KEYS),
    }
    command = Path(sys.executable).with_name("functions-framework")
    processes = {
        main: subprocess.Popen(
            [
                command,
                "--asgi",
                "--source",
                main,
                "--target",
                "main",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
            ],
            env=environment,
            cwd="/",
            stderr=subprocess.PIPE,
            text=True,
        )
        for main, port in ports.items()
    }
    try:
        answers = {main.parent.name: wait_for_answer(port) for main, port in ports.items()}
    finally:
        for process in processes.values():
            process.terminate()
        errors = [process.communicate(timeout=10)[1] for process in processes.values()]

    assert set(answers.values()) == {"not_found"}
    assert not [text for text in errors if "Traceback" in text or "Warning" in text]


def wait_for_answer(port: int) -> str:
    deadline = time.monotonic() + 15
    while True:
        try:
            response = httpx.get(
                f"http://127.0.0.1:{port}/nothing/here", headers={"Accept": "application/json"}
            )
        except httpx.ConnectError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return str(response.json()["code"])
