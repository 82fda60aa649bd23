"""One function, started as it is deployed: alone, by its command, with its own settings."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from deploy.manifest import load
from shared.landing_page.document import Signer
from stack.example_secrets import JOBS_SECRET, PAGE_SIGNING_KEY, SYNC_KEYS, WEBHOOK_SETTINGS
from stack.project import Project
from stack.running.ports import choose_port
from stack.running.process import wait_until
from tests.conftest import REPOSITORY
from tests.simulator.pubsub import ACCOUNT, AUDIENCE

FUNCTIONS = tuple(load())


def own_settings(function: str, project: Project) -> dict[str, str]:
    """Return all that a function is told: what docs/settings.md says it needs, and nothing else.

    PostgREST is reached by way of the gateway, as in a hosted project.
    """
    everywhere = {"SUPABASE_URL": project.supabase_url, "SUPABASE_PUBLISHABLE_KEY": project.publishable_key}
    site = {"SITE_URL": "https://www.voorbeeld.nl"}
    keys = {"PAGE_PUBLIC_KEYS": json.dumps([Signer.of(PAGE_SIGNING_KEY).public_key])}
    own: dict[str, dict[str, str]] = {
        "landing_page": {**site, **keys},
        "landing_page_publish": {
            **site,
            "PAGE_RENDERER_JWT": project.token("page_renderer"),
            "PAGE_SIGNING_KEY": PAGE_SIGNING_KEY,
        },
        "landing_page_track": {**site, **keys, "EVENT_RECORDER_JWT": project.token("event_recorder")},
        "landing_page_count": {
            "EVENT_RECORDER_JWT": project.token("event_recorder"),
            "PUSH_SERVICE_ACCOUNT": ACCOUNT,
            "PUSH_AUDIENCE": AUDIENCE,
        },
        "landing_page_report": {},
        "campaign_webhook": {
            **WEBHOOK_SETTINGS,
            "CAMPAIGN_INGESTER_JWT": project.token("campaign_ingester"),
        },
        "partner_leads": site,
        "campaign_sync": {
            "JOB_RUNNER_JWT": project.token("job_runner"),
            "JOBS_SECRET": JOBS_SECRET,
            "SYNC_KEYS": json.dumps(SYNC_KEYS),
        },
        "jobs": {
            **site,
            "JOB_RUNNER_JWT": project.token("job_runner"),
            "JOBS_SECRET": JOBS_SECRET,
            "SMTP_HOST": "127.0.0.1",
            "MAIL_FROM": "aanvragen@voorbeeld.nl",
        },
    }
    return {**everywhere, **own[function]}


@dataclass(frozen=True)
class Installation:
    """Where a function's code is, and the command that runs it."""

    command: Path
    folder: Path
    main: Path | None = None
    """Another file than the function's own main.py."""

    @property
    def environment(self) -> dict[str, str]:
        # The repository's own packages are installed; a folder to deploy is where its image has it.
        path = {} if self.folder == REPOSITORY else {"PYTHONPATH": str(self.folder)}
        return {"PATH": os.environ["PATH"], **path}


HERE = Installation(Path(sys.executable).parent / "functions-framework", REPOSITORY)

COUNT_HERE = replace(HERE, main=REPOSITORY / "tests" / "simulator" / "landing_page_count.py")
"""landing_page_count, for which Google's keys are those of the stand-in for Pub/Sub."""


def launch(
    function: str, settings: Mapping[str, str], output: Path, installed: Installation = HERE
) -> tuple[subprocess.Popen[bytes], str]:
    """Start a function anywhere but in the repository, and return its process and its address."""
    port = choose_port("", fixed=None, kept=None, is_held=False)
    source = installed.main or installed.folder / "functions" / function / "main.py"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [
                installed.command,
                "--asgi",
                f"--source={source}",
                "--target=main",
                "--host=127.0.0.1",
                f"--port={port}",
            ],
            env={**installed.environment, **settings},
            cwd=output.parent,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A group of its own: functions-framework's first process only watches the one that answers.
            start_new_session=True,
        )
    return process, f"http://127.0.0.1:{port}"


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a function at once, with whoever it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass(frozen=True)
class Alone:
    """A function that runs."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def terminate(self) -> None:
        """Ask it to end, as Cloud Run and Kubernetes do."""
        self.process.send_signal(signal.SIGTERM)


@contextmanager
def running(
    function: str, settings: Mapping[str, str], directory: Path, installed: Installation = HERE
) -> Iterator[Alone]:
    """Run a function until the block is left."""
    log = directory / f"{function}.log"
    process, url = launch(function, settings, log, installed)
    try:
        assert wait_until(lambda: process.poll() is not None or _answers(url), 20), log.read_text()
        assert process.poll() is None, log.read_text()
        yield Alone(process, url, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        finally:
            kill(process)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.NOT_FOUND
    except httpx.TransportError:
        return False
