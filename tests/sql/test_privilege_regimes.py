"""The same rights on a project from before the change of 2026 and on one from after it."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import dict_row

from stack import Stack
from stack.migrations import push_migrations
from tests.access.acl import read_acl, read_policies
from tests.database import Database


@pytest.fixture(scope="module")
def legacy(stack: Stack) -> Iterator[Database]:
    """The migrations on a project that opens new tables, sequences and functions by itself."""
    url = stack.create_database("legacy_privileges", "legacy")
    push_migrations(url)
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
        yield Database(connection)
    stack.drop_database("legacy_privileges")


def test_the_two_regimes_differ(legacy: Database, platform: Database) -> None:
    """Without this, the comparison below would compare a thing with itself."""
    query = "select defaclobjtype::text, defaclacl::text from pg_default_acl where defaclrole = 'postgres'::regrole order by 1"

    assert legacy.rows(query) != platform.rows(query)


def test_rights_are_the_same_under_both(legacy: Database, platform: Database) -> None:
    assert read_acl(legacy) == read_acl(platform)


def test_policies_are_the_same_under_both(legacy: Database, platform: Database) -> None:
    policies = read_policies(legacy)

    assert policies == read_policies(platform)
    assert len(policies) > 15
