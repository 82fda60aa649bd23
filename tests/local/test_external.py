"""The functions run against any project by environment variables alone; here another local stack plays it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from stack import Settings, Stack, StackError
from stack.external import ExternalStack
from stack.migrations import migration_digests
from tests.local.conftest import Person


@pytest.fixture
def external(
    own_stack: Stack, tmp_path: Path, stub_functions: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ExternalStack]:
    """Set what a person would export, another stack's POSTGREST_URL included."""
    environment = {
        "STACK_DIR": str(tmp_path),
        "STACK_FUNCTIONS_DIR": str(stub_functions),
        "STACK_EXTERNAL": "1",
        "SUPABASE_SIGNING_KEY": own_stack.project.signing_key.model_dump_json(),
        **own_stack.project.env(),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stack = ExternalStack(Settings())
    try:
        yield stack
    finally:
        stack.down()


def test_functions_speak_to_the_project_that_the_environment_names(
    own_stack: Stack, external: ExternalStack
) -> None:
    done = external.up(migrate=False)

    shown = httpx.get(f"{external.project.functions_url}/events").json()
    headers = {
        "apikey": own_stack.project.publishable_key,
        "Authorization": f"Bearer {shown['tokens']['PAGE_RENDERER_JWT']}",
    }
    answer = httpx.post(f"{external.project.supabase_url}/rest/v1/rpc/whoami", headers=headers)
    assert done == {"functions": "started"}
    assert shown["settings"] == ["SUPABASE_PUBLISHABLE_KEY", "SUPABASE_URL"]
    assert answer.json()["role"] == "page_renderer"
    assert external.up(migrate=False) == {}


def test_token_is_signed_with_the_projects_key(
    own_stack: Stack, external: ExternalStack, person: Person
) -> None:
    headers = {
        "apikey": own_stack.project.publishable_key,
        "Authorization": f"Bearer {external.project.token(person.email)}",
    }

    answer = httpx.post(f"{own_stack.project.supabase_url}/rest/v1/rpc/whoami", headers=headers)

    assert answer.json() == {"role": "authenticated", "sub": person.id}


def test_migrations_are_applied_there_and_once(own_stack: Stack, external: ExternalStack) -> None:
    url = own_stack.create_database("external")
    there = ExternalStack(external.settings.model_copy(update={"supabase_db_url": url}))

    there.up(functions=False)
    there.up(functions=False)

    with psycopg.connect(url) as connection:
        versions = connection.execute("select version from supabase_migrations.schema_migrations").fetchall()
        owners = connection.execute("select distinct tableowner from pg_tables where schemaname = 'public'")
        assert {version for (version,) in versions} == migration_digests().keys()
        assert owners.fetchall() == [("postgres",)]
    own_stack.drop_database("external")


def test_down_leaves_the_project_running(own_stack: Stack, external: ExternalStack) -> None:
    external.up(migrate=False)

    assert external.down() == ["functions"]
    assert own_stack.up(migrate=False) == {}


def test_half_of_a_project_is_refused() -> None:
    with pytest.raises(StackError, match="SUPABASE_DB_URL, SUPABASE_SIGNING_KEY is not"):
        Settings(stack_external=True, supabase_url="https://x.example", supabase_publishable_key="k")


def test_exported_addresses_alone_do_not_make_it_external() -> None:
    """`make stack-env` prints them, and many a shell has them exported."""
    settings = Settings(supabase_url="https://x.example", supabase_publishable_key="k", supabase_db_url="u")

    assert not settings.stack_external
