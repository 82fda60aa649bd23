"""How soon a partner hears of a lead: from the answer to its form until a mail provider has the mail.

Leads come at random moments, and a scheduler calls as often as docs/leads.md has Supabase's cron do it. What
is measured is mostly waiting for the scheduler; what the job itself takes is measured by a pile of leads.
"""

import random
import secrets
import statistics
import threading
import time
from dataclasses import asdict, dataclass
from email import message_from_bytes
from pathlib import Path
from uuid import UUID

import httpx
import psycopg

from bench.pages import allow_alike, approve_page, submit_page
from demo.scheduler import deliver
from functions.landing_page_track.uuid7 import make_uuid7
from stack import Stack
from stack.errors import StackError
from stack.progress import Progress
from stack.project import Project

EVERY_SECONDS = 10.0
_LEADS_A_SECOND = 5
_PILE = 100
_BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.{}.0 Safari/537.36"


@dataclass(frozen=True)
class Telling:
    """Seconds from a form's answer to its mail being handed over."""

    leads: int
    every_seconds: float
    p50_seconds: float
    p95_seconds: float
    most_seconds: float
    mails_a_second: float
    """One job alone, two mails a lead."""

    def as_dict(self) -> dict[str, float]:
        """Return it for the report."""
        return asdict(self)


def measure_telling(stack: Stack, progress: Progress, seconds: float) -> Telling:
    """Send leads for a while, with a scheduler beside it, and then a pile at once."""
    stack.up(seed=True)
    project = stack.project
    maildir = project.maildir
    if maildir is None:
        raise StackError("The mail of this stack goes to a provider.", "Unset SMTP_HOST.")
    with httpx.Client(timeout=30) as http, psycopg.connect(project.db_url, autocommit=True) as connection:
        # What the other benchmarks left.
        connection.execute("delete from private.lead_outbox")
        allow_alike(project)
        page = submit_page(project, http)
        approve_page(project, http, page)
        every = min(EVERY_SECONDS, seconds / 3)
        with progress.step(f"{seconds:.0f} s of leads, delivered every {every:.0f} s"):
            answered = _send_and_deliver(project, http, page.page_id, seconds, every)
        with progress.step(f"{_PILE} leads at once, delivered by one job"):
            for _ in range(_PILE):
                _ask(project, http, page.page_id)
            began = time.perf_counter()
            delivered = deliver(project)["delivered"]
            took = time.perf_counter() - began
        of_lead: dict[UUID, UUID] = dict(
            connection.execute(
                "select o.lead_id, o.id from private.lead_outbox as o where o.kind = 'partner_mail'"
            ).fetchall()
        )
    handed_over = _read(maildir)
    waits = [handed_over[of_lead[lead_id]] - moment for lead_id, moment in answered.items()]
    return Telling(
        leads=len(waits),
        every_seconds=every,
        p50_seconds=round(statistics.median(waits), 2),
        p95_seconds=round(statistics.quantiles(waits, n=20, method="inclusive")[-1], 2),
        most_seconds=round(max(waits), 2),
        mails_a_second=round(delivered / took, 1),
    )


def _send_and_deliver(
    project: Project, http: httpx.Client, page_id: str, seconds: float, every: float
) -> dict[UUID, float]:
    is_over = threading.Event()

    def schedule() -> None:
        while not is_over.wait(every):
            deliver(project)

    scheduler = threading.Thread(target=schedule)
    scheduler.start()
    answered: dict[UUID, float] = {}
    end = time.time() + seconds
    while time.time() < end:
        answered[_ask(project, http, page_id)] = time.time()
        time.sleep(random.expovariate(_LEADS_A_SECOND))
    is_over.wait(every)
    is_over.set()
    scheduler.join()
    deliver(project)
    return answered


def _ask(project: Project, http: httpx.Client, page_id: str) -> UUID:
    lead_id = make_uuid7(int(time.time() * 1000), secrets.token_bytes(10))
    form = {
        "id": str(lead_id),
        "page_id": page_id,
        "name": "Bezoeker",
        "email": f"{lead_id.hex}@voorbeeld.nl",
        "consent": True,
    }
    headers = {"User-Agent": _BROWSER.format(lead_id.int % 10**6)}
    http.post(f"{project.functions_url}/leads", json=form, headers=headers).raise_for_status()
    return lead_id


def _read(maildir: Path) -> dict[UUID, float]:
    """Return when each mail was handed over, by its id."""
    found: dict[UUID, float] = {}
    for file in maildir.glob("new/*"):
        message_id = message_from_bytes(file.read_bytes())["Message-ID"]
        found[UUID(message_id.strip("<>").partition("@")[0])] = file.stat().st_mtime
    return found
