"""Whole journeys: through the real functions, with really signed tokens, to the real database and back."""

from collections.abc import Iterator

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from stack import Stack
from stack.state import load_state
from tests.database import Database
from tests.flows.records import Records
from tests.flows.scene import Scene


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
