"""A stack of these tests' own, without migrations, so that they say something about the stack alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from deploy.manifest import load
from stack import Project, Settings, Stack
from stack.running.process import wait_until

STUB = """
import os

import functions_framework.aio
from starlette.responses import JSONResponse


@functions_framework.aio.http
async def main(request):
    return JSONResponse({
        "function": os.path.basename(os.path.dirname(__file__)),
        "path": request.url.path,
        "client": request.client.host,
        "body": (await request.body()).decode(),
        "settings": sorted(n for n, v in os.environ.items() if v and n.startswith(("SUPABASE", "POSTGREST"))),
        "tokens": {name: value for name, value in os.environ.items() if name.endswith("_JWT")},
    })
"""

# What the gateway and token tests ask PostgREST: who am I, and do the bytes arrive as they were sent.
SCHEMA = """
create role page_renderer nologin;
grant page_renderer to authenticator;
create function public.whoami() returns jsonb language sql stable as $$
  -- A custom role has no way into schema auth, hosted or here, so auth.uid() would fail for it.
  select jsonb_build_object(
    'role', current_user, 'sub', current_setting('request.jwt.claims')::jsonb -> 'sub'
  )
$$;
create table public.notes (id int primary key, text text);
insert into public.notes values (1, 'a,b'), (2, 'c'), (3, 'd');
grant usage on schema public to page_renderer;
grant execute on function public.whoami to anon, authenticated, service_role, page_renderer;
grant select, insert on public.notes to service_role;
create extension moddatetime with schema extensions;
"""

PASSWORD = "correct horse battery staple"  # noqa: S105 - of a made-up person.


@pytest.fixture(scope="session")
def stub_functions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("functions")
    for name in load():
        (directory / name).mkdir()
        (directory / name / "main.py").write_text(STUB)
    return directory


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, stub_functions: Path) -> Settings:
    return Settings(stack_dir=tmp_path_factory.mktemp("stack"), stack_functions_dir=stub_functions)


@pytest.fixture(scope="session")
def own_stack(settings: Settings) -> Iterator[Stack]:
    stack = Stack(settings)
    try:
        stack.up(migrate=False)
        with psycopg.connect(stack.project.db_url) as connection:
            connection.execute(SCHEMA)
        whoami = f"{stack.project.postgrest_url}/rpc/whoami"
        assert wait_until(lambda: httpx.get(whoami).status_code == 200, 10), (
            "the event trigger reloads the schema"
        )
        yield stack
    finally:
        stack.destroy()


@pytest.fixture
def project(own_stack: Stack) -> Project:
    return own_stack.project


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    id: str
    email: str
    password: str = PASSWORD


@pytest.fixture
def person(project: Project) -> Person:
    user_id = str(uuid4())
    someone = Person(user_id, f"{user_id}@example.com")
    query = """
        insert into auth.users (id, aud, role, email, encrypted_password, created_at, raw_app_meta_data)
        values (%s, 'authenticated', 'authenticated', %s, extensions.crypt(%s, extensions.gen_salt('bf', 4)),
                now(), '{"provider": "email"}')
    """
    with psycopg.connect(project.db_url) as connection:
        connection.execute(query, [someone.id, someone.email, someone.password])
    return someone
