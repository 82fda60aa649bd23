"""`make year` lets days go by and counts them; what a year comes to is not for a test to say."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.year.__main__ import MiscountedError, compare
from bench.year.market import Day
from bench.year.past import check_library
from stack import Stack
from stack.errors import StackError
from tests.conftest import REPOSITORY


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "stack"
    Stack.at(tmp_path / "stack").destroy()


def test_days_go_by_and_are_counted(directory: Path) -> None:
    try:
        check_library()
    except StackError as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    options = f"--directory {directory} --partners 20 --views 150 --leads 5 --days 38"

    done = subprocess.run(
        ["make", "-s", "year", f"YEAR={options}"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    year = json.loads((directory / "year.json").read_text())
    assert [day["days_ago"] for day in year["days"]] == [*range(38, 0, -1)]
    assert {day["leads"] for day in year["days"]} == {5}
    # Days that are older than five weeks have no events any more, and their figures for good.
    ((events,),) = [[table["rows"]] for table in year["tables"] if table["name"] == "private.page_events"]
    assert 0 < events < sum(day["counted"] for day in year["days"])
    assert all(look["median_ms"] > 0 for look in year["looks"])
    assert "report of 365 days, an admin" in done.stdout


def test_what_was_sent_and_not_counted_ends_it() -> None:
    day = Day(1, 100, 3, 0, 0, 0, 0, 0, 0)

    compare((103, 103, 3), [day])
    for counters in [(102, 103, 3), (103, 102, 3), (103, 103, 2)]:
        with pytest.raises(MiscountedError):
            compare(counters, [day])
