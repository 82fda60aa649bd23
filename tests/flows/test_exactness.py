"""Whatever is sent, in whatever order, to whichever worker, whoever is killed meanwhile: it counts once."""

import datetime as dt
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stack import Stack
from stack.project import Project
from tests.actors import Person
from tests.database import Database
from tests.flows.alone import Alone, kill, own_settings, running
from tests.flows.traffic import BROWSER
from tests.generated import generate
from tests.page_model import Model
from tests.uuid7 import uuid7_at

_A_DAY = 24 * 60
_PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Happening:
    """What somebody did, so many minutes ago, and how often their browser says so."""

    visitor: int
    minutes_ago: int
    kind: str
    copies: int


@dataclass(frozen=True)
class Plan:
    """What is sent, shuffled and cut by a seed, while a worker is killed or none is."""

    happenings: list[Happening]
    seed: int
    is_one_killed: bool


_happenings = st.builds(
    Happening,
    visitor=st.integers(0, 4),
    minutes_ago=st.sampled_from([0, 1, 29, 31, 600, 1300, _A_DAY + 60]),
    kind=st.sampled_from(["view", "view", "call"]),
    copies=st.integers(1, 3),
)
_plans = st.builds(Plan, st.lists(_happenings, min_size=5, max_size=40), st.integers(0, 2**32), st.booleans())


class Workers:
    """Two processes of landing_page_track; when one is killed, another takes its place."""

    def __init__(self, project: Project, directory: Path, opened: ExitStack) -> None:
        self._settings = own_settings("landing_page_track", project)
        self._directory = directory
        self._opened = opened
        self._alive = [self._start(), self._start()]

    def url(self, number: int) -> str:
        return self._alive[number % 2].url

    def kill_one(self) -> None:
        killed, other = self._alive
        kill(killed.process)
        with pytest.raises(httpx.ConnectError):
            httpx.get(killed.url)
        self._alive = [other, self._start()]

    def _start(self) -> Alone:
        return self._opened.enter_context(running("landing_page_track", self._settings, self._directory))


@pytest.fixture(scope="module")
def workers(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    with ExitStack() as opened:
        yield Workers(stack.project, tmp_path_factory.mktemp("workers"), opened)


@pytest.fixture(scope="module")
def people(platform: Database) -> tuple[Person, Person]:
    partner, admin = platform.add_partner(), platform.add_admin()
    platform.allow_likeness(partner, 1)
    return partner, admin


@generate(12)
@given(plan=_plans)
def test_what_counts_is_what_the_model_says(
    workers: Workers,
    platform: Database,
    people: tuple[Person, Person],
    plan: Plan,
) -> None:
    page_id = str(platform.add_live_page(*people))
    random = Random(plan.seed)  # noqa: S311 - a test that can be repeated.
    now = dt.datetime.now(dt.UTC)
    model, sent = Model(), []
    for happening in plan.happenings:
        event = {
            "id": str(uuid7_at(now - dt.timedelta(minutes=happening.minutes_ago))),
            "page_id": page_id,
            "kind": happening.kind,
        }
        if happening.minutes_ago < _A_DAY:
            model.add({**event, "visitor": happening.visitor})
        sent += [(happening.visitor, event)] * happening.copies
    random.shuffle(sent)

    with ThreadPoolExecutor(8) as pool:
        answers = [
            pool.submit(_send, workers, number, visitor, events)
            for number, (visitor, events) in enumerate(_cut(sent, random))
        ]
        if plan.is_one_killed:
            workers.kill_one()
        outcomes = Counter(itertools.chain.from_iterable(answer.result() for answer in answers))

    stats = {
        (page_id, row["day"].isoformat()): (row["views"], row["visitors"], row["conversions"])
        for row in platform.rows(
            "select day, sum(views)::int as views, sum(visitors)::int as visitors,"
            " sum(conversions)::int as conversions"
            " from public.partner_landing_page_stats where page_id = %s group by day",
            [page_id],
        )
    }
    page = platform.page(UUID(page_id))
    assert stats == model.figures()
    assert (page["views_count"], page["conversions_count"]) == tuple(
        sum(of_day[index] for of_day in stats.values()) for index in (0, 2)
    )
    assert platform.drift(page_id) == []
    assert outcomes.total() == len(sent)
    assert outcomes.keys() <= {"counted", "duplicate", "late"}
    # Who was killed may have counted what nobody was told of.
    assert outcomes["counted"] == len(model.events) or plan.is_one_killed


def _cut(
    sent: Sequence[tuple[int, dict[str, str]]], random: Random
) -> Iterator[tuple[int, list[dict[str, str]]]]:
    """Cut what is sent into requests of one browser each, which have one event or several."""
    by_visitor: dict[int, list[dict[str, str]]] = defaultdict(list)
    for visitor, event in sent:
        by_visitor[visitor].append(event)
        if random.random() < 0.4:
            yield visitor, by_visitor.pop(visitor)
    yield from by_visitor.items()


def _send(workers: Workers, number: int, visitor: int, events: list[dict[str, str]]) -> list[str]:
    """Send as a browser does: again, until somebody has answered."""
    headers = {"User-Agent": BROWSER.format(visitor)}
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for attempt in itertools.count(number):
        try:
            answer = httpx.post(f"{workers.url(attempt)}/events", json=events, headers=headers, timeout=5)
        except httpx.TransportError:
            pass
        else:
            if answer.is_success:
                outcomes: list[str] = answer.json()["outcomes"]
                return outcomes
            assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
        assert time.monotonic() < deadline, "nobody answered"
        time.sleep(0.05)
    raise AssertionError
