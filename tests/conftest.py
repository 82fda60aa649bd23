"""What every test stands on: a fresh local stack with the migrations and the seed, and ways to reach it.

A test makes its own partners and leaves others alone. Tests that only need SQL take `db`, which is rolled
back; those that go through HTTP or need several connections take `platform`, whose work stays until the stack
is reset at the start of the next session.
"""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row
from pytest_socket import socket_allow_hosts

from stack import Stack
from stack.tokens import NARROW_ROLES
from tests.actors import Actor, sign_token
from tests.api import Api, As
from tests.database import Database

REPOSITORY = Path(__file__).resolve().parents[1]

Connect = Callable[[], Database]


@pytest.fixture(autouse=True)
def _localhost_only() -> None:
    """Close every socket that leads off this machine."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Run database, PostgREST and gateway, anew for each session. The functions start with `functions`."""
    # Two sessions at once, in one clone, each need a directory of their own.
    stack = Stack.at(Path(os.environ.get("TEST_STACK_DIR", REPOSITORY / ".stack" / "test")))
    stack.reset()
    stack.up(seed=True, functions=False)
    with psycopg.connect(stack.state.database_url(), autocommit=True) as connection:
        for role in NARROW_ROLES:
            # So that one connection can act as everybody in turn; PostgREST's login may do so anyway.
            connection.execute(f"grant {role} to postgres with inherit false, set true")
    yield stack
    stack.down()


@pytest.fixture(scope="session")
def functions(stack: Stack) -> str:
    """The address of all functions, started by the first test that asks."""
    stack.up(seed=True, functions=True)
    return stack.project.functions_url


@pytest.fixture
def connect(stack: Stack) -> Iterator[Connect]:
    """Open further connections of the dashboard, each in autocommit until told otherwise."""
    opened: list[Database] = []

    def open_another() -> Database:
        connection = psycopg.connect(stack.state.database_url(), autocommit=True, row_factory=dict_row)
        opened.append(Database(connection))
        return opened[-1]

    yield open_another
    for database in opened:
        database.connection.close()


@pytest.fixture(scope="session")
def _transaction_connection(stack: Stack) -> Iterator[Database]:
    with psycopg.connect(stack.state.database_url(), autocommit=True, row_factory=dict_row) as connection:
        yield Database(connection)


@pytest.fixture
def db(_transaction_connection: Database) -> Iterator[Database]:
    """The database as Studio sees it, in a transaction that is rolled back."""
    with _transaction_connection.connection.transaction(force_rollback=True):
        yield _transaction_connection


@pytest.fixture(scope="session")
def platform(stack: Stack) -> Iterator[Database]:
    """The database as Studio sees it, in autocommit: what is made here, others see."""
    with psycopg.connect(stack.state.database_url(), autocommit=True, row_factory=dict_row) as connection:
        yield Database(connection)


@pytest.fixture(scope="session")
def token(stack: Stack) -> Callable[[Actor], str]:
    """Sign a JWT for a person or a role."""
    project = stack.project
    return cache(lambda who: sign_token(project, who))


@pytest.fixture(scope="session")
def postgrest(stack: Stack) -> Iterator[httpx.Client]:
    """PostgREST itself. Without an Authorization header the caller is anon."""
    with httpx.Client(base_url=stack.project.postgrest_url, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def gateway(stack: Stack) -> Iterator[httpx.Client]:
    """The API gateway, as `SUPABASE_URL` with the publishable key."""
    project = stack.project
    with httpx.Client(
        base_url=project.supabase_url, headers={"apikey": project.publishable_key}, timeout=30
    ) as client:
        yield client


@pytest.fixture(scope="session")
def as_(postgrest: httpx.Client, token: Callable[[Actor], str]) -> As:
    """Call PostgREST as somebody, with a token of their own. Anon sends none, as a visitor does."""
    return lambda who: Api(postgrest, None if who == "anon" else token(who))
