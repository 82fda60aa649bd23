"""One partner does their worst: what visitors and another partner notice of it.

The limit is the same stack at rest. Everything runs on this machine, the attacker included, so the processors
are shared with whoever is measured.
"""

import itertools
import multiprocessing
import secrets
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import psutil
import psycopg

from bench.pages import PARTNER, allow_alike, approve_page, submit_page
from functions.landing_page_track.uuid7 import make_uuid7
from stack import Stack
from stack.progress import Progress
from stack.project import Project
from stack.services.postgres.server import NAME as POSTGRES

CONNECTIONS = 16
_HOSTILE = "contact@zonkrachtutrecht.voorbeeld.nl"
_BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.{}.{} Safari/537.36"
_TRIES = 3
# As much of it as a request may name, and the way round that there was.
_CONTENT = ",".join(f"a{number}:content_json" for number in range(90))
_CIRCLE = "id,partner_landing_pages(id,content_json,profiles(id,partner_landing_pages(id,content_json)))"


@dataclass
class Noticed:
    """What somebody got: seconds, and how often which answer."""

    seconds: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    def ms(self, percent: int) -> float:
        """Return a percentile, in milliseconds."""
        return round(statistics.quantiles(self.seconds, n=100)[percent - 1] * 1000, 1)


@dataclass(frozen=True)
class Spell:
    """What was noticed over some time, and what PostgreSQL took."""

    page: Noticed
    beacon: Noticed
    listing: Noticed
    beacons_refused: int
    views_lost: int
    postgres_mb: int

    def as_dict(self) -> dict[str, object]:
        """Return the figures, for a file."""
        people = {"page": self.page, "beacon": self.beacon, "listing": self.listing}
        return {
            "beacons_refused": self.beacons_refused,
            "views_lost": self.views_lost,
            "postgres_mb": self.postgres_mb,
            **{
                name: {"p50": who.ms(50), "p95": who.ms(95), "p99": who.ms(99), "answers": dict(who.answers)}
                for name, who in people.items()
            },
        }


def measure_attack(stack: Stack, progress: Progress, seconds: float) -> dict[str, Spell]:
    """Measure for a while at rest, and for as long under attack."""
    stack.up(seed=True)
    project = stack.project
    with httpx.Client(timeout=30) as http, progress.step("A hostile partner fills their quota"):
        _fill(project, http)
        allow_alike(project)
        page = submit_page(project, http)
        approve_page(project, http, page)
    spells: dict[str, Spell] = {}
    for name, connections in (("rest", 0), ("attack", CONNECTIONS)):
        with progress.step(f"{seconds:.0f} s with {connections} hostile requests at a time"):
            attack = multiprocessing.get_context("spawn").Process(
                target=_attack, args=(project.postgrest_url, project.token(_HOSTILE), seconds, connections)
            )
            attack.start()
            spells[name] = _watch(stack, page.page_id, page.path, seconds)
            attack.join()
    return spells


def _headers(project: Project, email: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {project.token(email)}"}


def _fill(project: Project, http: httpx.Client) -> None:
    url, headers = f"{project.postgrest_url}/partner_landing_pages", _headers(project, _HOSTILE)
    found = http.get(url, params={"select": "id", "limit": "1000"}, headers=headers).json()
    # All the pages, and all the content that they may have.
    text = {"v": 1, "blocks": [{"id": "a", "type": "text", "data": {"text": "lorem ipsum " * 1740}}]}
    rows = [
        {"path": f"/partners/zonkracht-utrecht/bench-{number}", "title": "x", "content_json": text}
        for number in range(200 - len(found))
    ]
    for first in range(0, len(rows), 50):
        http.post(url, json=rows[first : first + 50], headers=headers).raise_for_status()


def _watch(stack: Stack, page_id: str, path: str, seconds: float) -> Spell:
    project, until = stack.project, time.monotonic() + seconds
    page, beacon, listing = Noticed(), Noticed(), Noticed()
    refused: list[str] = []
    acknowledged: list[str] = []
    numbers = itertools.count()
    before = _views(project, page_id)

    with httpx.Client(timeout=30) as http, ThreadPoolExecutor(4) as pool:

        def view() -> httpx.Response:
            # Each from a browser of its own, so that each is a view.
            number, minor = next(numbers), time.time_ns() % 10_000
            body = {
                "id": str(make_uuid7(time.time_ns() // 10**6, secrets.token_bytes(10))),
                "page_id": page_id,
                "kind": "view",
            }
            agent = {"User-Agent": _BROWSER.format(minor, number)}
            for _ in range(_TRIES):
                answer = http.post(f"{project.functions_url}/events", json=body, headers=agent)
                if answer.is_success:
                    acknowledged.append(answer.headers["event-outcome"])
                    return answer
            refused.append(answer.text)
            return answer

        own = f"{project.postgrest_url}/partner_landing_pages?select=id,path,status,title"
        headers = _headers(project, PARTNER)
        memory = pool.submit(_most_memory, stack, until)
        asking = [
            pool.submit(_keep_asking, page, lambda: http.get(f"{project.functions_url}{path}"), 0.02, until),
            pool.submit(_keep_asking, beacon, view, 0.05, until),
            pool.submit(_keep_asking, listing, lambda: http.get(own, headers=headers), 0.05, until),
        ]
        for future in asking:
            future.result()
    lost = acknowledged.count("counted") - (_views(project, page_id) - before)
    return Spell(page, beacon, listing, len(refused), lost, memory.result())


def _keep_asking(who: Noticed, call: Callable[[], httpx.Response], pause: float, until: float) -> None:
    while time.monotonic() < until:
        began = time.perf_counter()
        answer = call()
        who.seconds.append(time.perf_counter() - began)
        who.answers[answer.status_code] += 1
        time.sleep(pause)


def _views(project: Project, page_id: str) -> int:
    with psycopg.connect(project.db_url) as connection:
        query = "select views_count from public.partner_landing_pages where id = %s"
        (views,) = connection.execute(query, [page_id]).fetchone() or (0,)
    return int(views)


def _most_memory(stack: Stack, until: float) -> int:
    """Return the most that PostgreSQL's processes had to themselves, in MB."""
    record = stack.supervisor.record(POSTGRES)
    if record is None:
        raise RuntimeError("PostgreSQL does not run.")
    server, most = psutil.Process(record.process.pid), 0
    while time.monotonic() < until:
        now = 0
        for process in server.children():
            try:
                memory = process.memory_info()
            except psutil.NoSuchProcess:
                continue
            now += memory.rss - getattr(memory, "shared", 0)
        most = max(most, now)
        time.sleep(0.2)
    return most >> 20


def _attack(url: str, token: str, seconds: float, connections: int) -> None:
    until, pages = time.monotonic() + seconds, f"{url}/partner_landing_pages"
    headers = {"Authorization": f"Bearer {token}"}
    requests = (
        ("GET", f"{url}/profiles", {"select": _CIRCLE}, None),
        ("GET", pages, {"select": _CONTENT}, None),
        ("PATCH", pages, {"select": _CONTENT, "title": "eq.x"}, {"subtitle": "y"}),
    )

    def run(first: int) -> None:
        with httpx.Client(timeout=60, headers={**headers, "Prefer": "return=representation"}) as http:
            for method, address, params, body in itertools.cycle(requests[first:] + requests[:first]):
                if time.monotonic() > until:
                    return
                with http.stream(method, address, params=params, json=body) as answer:
                    for _ in answer.iter_raw():
                        pass

    threads = [threading.Thread(target=run, args=[number % len(requests)]) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
