"""Whole journeys: through the real functions, with really signed tokens, to the real database and back."""

from collections.abc import Iterator

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from functions.campaign_sync import asking
from stack import Stack
from stack.state import load_state
from tests.database import Database
from tests.flows.ad_accounts import Accounts
from tests.flows.records import Records
from tests.flows.scene import Scene
from tests.simulator.server import Simulator, serving
from tests.simulator.world import World


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as client:
        yield client


@pytest.fixture(scope="package")
def scene(stack: Stack, functions: str, platform: Database, http: httpx.Client) -> Scene:
    """A partner with a page in every state, a stranger and an admin, on the stack that all tests share."""
    assert functions
    return Scene.build(stack.project, platform, http)


@pytest.fixture(scope="package")
def records(stack: Stack) -> Iterator[Records]:
    """Everything that the database keeps, as its superuser sees it."""
    with psycopg.connect(stack.state.database_url("supabase_admin"), autocommit=True) as connection:
        yield Records(connection)


@pytest.fixture(scope="package")
def breakable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole stack of its own, to be broken and brought back."""
    stack = Stack.at(tmp_path_factory.mktemp("breakable"))
    try:
        stack.up(seed=True)
        yield stack
    finally:
        if load_state(stack.directory):
            stack.destroy()


@pytest.fixture
def mended(breakable: Stack) -> Iterator[Stack]:
    """The same, well again when the test is over, however it went."""
    yield breakable
    breakable.up(seed=True)


@pytest.fixture(scope="package")
def broken_scene(breakable: Stack, http: httpx.Client) -> Scene:
    """People and pages on the stack that is going to break; made while it is well."""
    with psycopg.connect(breakable.project.db_url, autocommit=True, row_factory=dict_row) as connection:
        return Scene.build(breakable.project, Database(connection), http)


@pytest.fixture
def accounts(breakable: Stack) -> Iterator[Accounts]:
    """No account is connected yet, and nothing is asked for by itself."""
    with psycopg.connect(breakable.project.db_url, autocommit=True, row_factory=dict_row) as connection:
        database = Database(connection)
        # What is asked for by itself is tested in tests/sql.
        database.run("delete from private.sync_plans")
        database.run("delete from private.sync_jobs")
        yield Accounts(database, breakable)
        # The stack is not ours alone.
        with connection.transaction():
            database.run("select private.begin_ledger_write()")
            for table in ("sync_jobs", "ad_connections", "currency_rates", "campaign_restatements"):
                database.run(f"delete from private.{table}")  # noqa: S608 - as they stand here.
            database.run("delete from public.partner_campaign_metrics where via = 'sync'")
            database.run(
                "select private.total_campaign_days(array_agg(id)) from public.partner_marketing_campaigns"
            )


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """The ad platforms, about a world that is empty yet."""
    with serving(World()) as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have an answer of a platform that stalls given up after a second."""
    monkeypatch.setattr(asking, "SECONDS", 1)
