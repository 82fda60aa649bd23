"""The scheduler of this machine: it has jobs and campaign_sync do what is due, and reads what arrived."""

import itertools
import os
import time
from collections import Counter
from contextlib import suppress
from email import message_from_bytes, policy
from pathlib import Path

import httpx

from stack.example_secrets import JOBS_SECRET
from stack.project import Project

SECONDS = 5
"""How often: whoever sends a form by hand does not want to wait for their mail."""

_SYNC_EVERY = 12
"""Once a minute."""


def deliver(project: Project) -> dict[str, int]:
    """Send what is due, and return how much of it was delivered, failed and refused."""
    return _post(project, "/jobs/deliveries")


def sync(project: Project) -> dict[str, int]:
    """Ask platforms for what is due, and return how many jobs came to their end, wait, and failed."""
    return _post(project, "/sync")


def _post(project: Project, path: str) -> dict[str, int]:
    secret = os.environ.get("JOBS_SECRET") or JOBS_SECRET
    headers = {"Authorization": f"Bearer {secret}"}
    answer = httpx.post(f"{project.functions_url}{path}", headers=headers, timeout=90)
    return dict(answer.raise_for_status().json())


def work_until_stopped(project: Project) -> None:
    """Go on sending what is due, and asking platforms, until Ctrl-C."""
    for number in itertools.count():
        with suppress(httpx.HTTPError):
            deliver(project)
            if number % _SYNC_EVERY == 0:
                sync(project)
        time.sleep(SECONDS)


def count_mails(maildir: Path, link: str) -> Counter[str]:
    """Return how many mails with this link arrived, by whom they are for."""
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in maildir.glob("new/*")]
    texts = [(str(mail["To"]), mail.get_body(("plain",))) for mail in mails]
    return Counter(to for to, text in texts if text is not None and link in text.get_content())
