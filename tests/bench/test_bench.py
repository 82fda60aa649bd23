"""`make bench` runs, in a fresh clone too; how fast it finds things is not for a test to say."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.counting import MissingProgramsError, check_programs
from stack import Stack
from tests.conftest import REPOSITORY


@pytest.fixture(autouse=True)
def _programs() -> None:
    try:
        check_programs()
    except MissingProgramsError as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "stack"
    Stack.at(tmp_path / "stack").destroy()


def test_every_ratio_is_measured_in_a_short_run(directory: Path) -> None:
    sizes = "--partners 30 --pages 300 --rounds 2 --stored 1000"
    options = f"--directory {directory} {sizes} --counting-seconds 1 --attack-seconds 1"
    options += (
        " --webhook-seconds 2 --stored-events 1000 --telling-seconds 3 --sync-campaigns 20 --cold-starts 0"
    )

    done = subprocess.run(
        ["make", "-s", "bench", f"BENCH={options}"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    ratios = json.loads((directory / "ratios.json").read_text())
    assert [ratio["what"] for ratio in ratios] == [
        "own pages through PostgREST / service_role with where",
        "own pages in SQL / table owner with where",
        "a database function by shared.postgrest / by httpx",
        "1000 requests for a page in memory / for a constant",
        "approve a page and see it live / one PostgREST call",
    ]
    assert all(ratio["measured"]["median_ms"] > 0 for ratio in ratios)
    assert all(ratio["what"][:20] in done.stdout for ratio in ratios)
    telling = json.loads((directory / "telling.json").read_text())
    assert telling["leads"] > 0
    assert 0 < telling["p95_seconds"] <= telling["most_seconds"] < 10
    counting = {run["what"]: run for run in json.loads((directory / "counting.json").read_text())}
    assert len(counting) == 14
    assert [run for run in counting.values() if not run["per_second"]] == []
    assert [what for what in counting if what not in done.stdout] == []
    assert counting["landing_page_track"]["bytes_per_view"] > 0
    webhooks = json.loads((directory / "webhooks.json").read_text())
    assert [(intake["what"], intake["way"]) for intake in webhooks] == [
        ("leads", "a function that only parses"),
        ("leads", "PostgREST called once an event"),
        ("leads", "campaign_webhook"),
        ("batches", "a function that only parses"),
        ("batches", "campaign_webhook"),
        ("leads", "campaign_webhook, 1,000 stored"),
        ("batches", "campaign_webhook, 1,000 stored"),
    ]
    assert all(intake["per_second"] > 0 for intake in webhooks)
    nights = json.loads((directory / "syncing.json").read_text())
    assert [(night["campaigns"], night["what"].split()[0]) for night in nights] == [
        (campaigns, what) for campaigns in (2, 20) for what in ("read,", "synced", "synced")
    ]
    # As many rows as were read, and not one more the second time.
    assert len({night["rows"] for night in nights if night["campaigns"] == 20}) == 1
    assert {"✓", "✗"} & {*done.stdout}
    attack = json.loads((directory / "attack.json").read_text())["attack"]
    assert (attack["views_lost"], attack["beacons_refused"]) == (0, 0)
    assert attack["page"]["answers"].keys() == {"200"}
