"""What serving a page costs, and how soon it is there.

A page that is in memory is measured against a handler that returns a constant, with the same headers and of
the same size, at the same path and from the same server: each as it is deployed, alone. An approval and the
page's first showing are measured against one call of PostgREST.
"""

import asyncio
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg

from bench import constant
from bench.constant import VARIABLE
from bench.ratio import Ratio, compare
from bench.server import serving
from demo.content import landing_page
from shared.landing_page.document import Signer
from stack import Stack
from stack.example_secrets import PAGE_SIGNING_KEY
from stack.progress import Progress
from stack.project import Project

PARTNER, _ADMIN = "info@schildersbedrijfjansen.voorbeeld.nl", "anouk.admin@voorbeeld.nl"
_LANDING_PAGE = Path(__file__).parents[1] / "functions" / "landing_page" / "main.py"
_CONNECTIONS = 8
_BURST = 1000
_MOST_ROUNDS = 40
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


def measure_pages(stack: Stack, progress: Progress, rounds: int) -> list[Ratio]:
    """Measure `rounds` times, but no more than is sensible: each is a thousand requests, or a page."""
    stack.up(seed=True)
    rounds = min(rounds, _MOST_ROUNDS)
    with httpx.Client(timeout=30) as http:
        with progress.step(f"{rounds + rounds // 10} pages are handed in"):
            allow_alike(stack.project)
            pages = [submit_page(stack.project, http) for _ in range(rounds + rounds // 10)]
        with progress.step("They are approved and shown"):
            live = _approve_to_live(stack.project, http, pages, rounds)
    with progress.step(f"A page is asked for, {rounds} times {_BURST} requests"):
        return [_served(stack.project, pages[0].path, rounds), live]


def allow_alike(project: Project) -> None:
    """Let the partner of the benchmarks publish one page over and over."""
    with psycopg.connect(project.db_url, autocommit=True) as connection:
        connection.execute(
            "insert into private.partner_quotas (partner_id, max_likeness, max_pages, max_submissions_a_day)"
            " select p.id, 1, 100000, 100000 from public.profiles as p join auth.users as u on u.id = p.id"
            " where u.email = %s on conflict (partner_id) do update set max_likeness = 1, max_pages = 100000,"
            " max_submissions_a_day = 100000",
            [PARTNER],
        )


@dataclass(frozen=True)
class Page:
    """A page that waits for approval."""

    page_id: str
    path: str
    content_hash: str


def _headers(project: Project, email: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {project.token(email)}"}


def submit_page(project: Project, http: httpx.Client) -> Page:
    """Have the partner of the benchmarks write a page and hand it in."""
    path = f"/partners/schildersbedrijf-jansen/bench-{time.time_ns()}"
    headers = {**_headers(project, PARTNER), "Prefer": "return=representation"}
    pages = f"{project.postgrest_url}/partner_landing_pages"
    made = http.post(pages, json=landing_page(path), headers=headers)
    page_id = str(made.raise_for_status().json()[0]["id"])
    submitted = http.post(f"{project.functions_url}/landing-pages/{page_id}/submit", headers=headers)
    return Page(page_id, path, str(submitted.raise_for_status().json()["content_hash"]))


def approve_page(project: Project, http: httpx.Client, page: Page) -> None:
    """Have an admin approve it."""
    url = f"{project.functions_url}/landing-pages/{page.page_id}/approve"
    approval = {"content_hash": page.content_hash}
    http.post(url, json=approval, headers=_headers(project, _ADMIN)).raise_for_status()


def _approve_to_live(project: Project, http: httpx.Client, pages: list[Page], rounds: int) -> Ratio:
    waiting = iter(pages)

    def approve_and_look() -> None:
        page = next(waiting)
        approve_page(project, http, page)
        http.get(f"{project.functions_url}{page.path}").raise_for_status()

    def call() -> None:
        http.post(f"{project.postgrest_url}/rpc/live_landing_page", json={"path": "/x"}).raise_for_status()

    return compare("approve a page and see it live / one PostgREST call", "", approve_and_look, call, rounds)


def _served(project: Project, path: str, rounds: int) -> Ratio:
    settings = {
        "SUPABASE_URL": project.supabase_url,
        "SUPABASE_PUBLISHABLE_KEY": project.publishable_key,
        "POSTGREST_URL": project.postgrest_url,
        "SITE_URL": project.functions_url,
        "PAGE_PUBLIC_KEYS": json.dumps([Signer.of(PAGE_SIGNING_KEY).public_key]),
    }
    with serving(_LANDING_PAGE, settings) as ours:
        with httpx.stream("GET", f"{ours.url}{path}") as response:
            size = len(b"".join(response.iter_raw()))
        # The server adds its own date.
        headers = {name: value for name, value in response.headers.items() if name != "date"}
        answer = {VARIABLE: json.dumps({"headers": headers, "size": size})}
        with serving(Path(constant.__file__), answer) as theirs, asyncio.Runner() as runner:
            return compare(
                f"{_BURST} requests for a page in memory / for a constant",
                "≤ 1.25",
                lambda: runner.run(_ask(ours.url, path)),
                lambda: runner.run(_ask(theirs.url, path)),
                rounds,
            )


async def _ask(url: str, path: str) -> None:
    """Send a burst over connections that stay open, with as little else to do as can be."""
    address = urlsplit(url)
    lines = f"GET {path} HTTP/1.1", f"Host: {address.netloc}", "Accept-Encoding: gzip, deflate, br", "", ""
    request = "\r\n".join(lines).encode()

    async def ask_on_one() -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        for _ in range(_BURST // _CONNECTIONS):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            if length is None or b" 200 " not in head[:16]:
                raise ValueError(head)
            await reader.readexactly(int(length[1]))
        writer.close()

    await asyncio.gather(*(ask_on_one() for _ in range(_CONNECTIONS)))
