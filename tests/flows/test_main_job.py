from collections.abc import Iterator

import pytest

from demo.platforms import simulated_platforms
from demo.story import Result, run_main_job
from stack import Stack
from stack.progress import Progress
from tests.database import Database


@pytest.fixture(scope="module", params=["first", "again"])
def result(stack: Stack, functions: str, platform: Database) -> Iterator[Result]:
    """Do the main job, and do it again on the data of the first time."""
    assert functions
    _forget_platforms(platform)
    with simulated_platforms() as url:
        yield run_main_job(stack.project, Progress(), url)
    _forget_platforms(platform)


def _forget_platforms(platform: Database) -> None:
    """Other tests bring rates and accounts of their own, and hold jobs for minutes."""
    platform.run("update private.sync_gates set lease_id = null, leased_until = null")
    for table in ("sync_jobs", "ad_connections", "currency_rates"):
        platform.run(f"delete from private.{table}")  # noqa: S608 - as they stand here.


def test_every_figure_is_what_was_sent(result: Result) -> None:
    assert [check for check in result.checks if not check.holds] == []


def test_every_part_of_the_job_is_checked(result: Result) -> None:
    """A figure that is no longer looked at would hold for ever."""
    checked = {check.what for check in result.checks}

    assert checked >= {
        "status of the page",
        "page on the site",
        "views of the page",
        "visitors by day, summed",
        "beacons of bots turned away",
        "conversions of the page",
        "leads with a person who agreed",
        "mails to the partner",
        "mails to who asked",
        "leads on the partner's screen",
        "leads of the campaign",
        "spend of the campaign, EUR",
        "28 days on 5 platforms, EUR",
        "counters that differ from their ledger",
    }
