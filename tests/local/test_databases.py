"""A new database of the stack is like a hosted project's before its first migration."""

from collections.abc import Iterator

import psycopg
import pytest

from stack import Stack
from stack.services.postgres.bootstrap import DefaultPrivileges

# A table and a sequence that `postgres` makes, and who may do what with them by default.
OPENED = """
create table public.opened (id int);
create sequence public.counted;
"""
ACL = """
select grantee::regrole::text, string_agg(privilege_type, ',' order by privilege_type)
from (
  select relacl as acl from pg_class where oid = %(name)s::regclass
) as object, aclexplode(acl)
where grantee <> 'postgres'::regrole
group by 1 order by 1
"""


@pytest.fixture(params=["legacy", "2026"])
def regime(request: pytest.FixtureRequest) -> DefaultPrivileges:
    name: DefaultPrivileges = request.param
    return name


@pytest.fixture
def database(own_stack: Stack, regime: DefaultPrivileges) -> Iterator[psycopg.Connection]:
    name = f"bare_{regime}"
    with psycopg.connect(own_stack.create_database(name, regime)) as connection:
        yield connection
        connection.rollback()
    own_stack.drop_database(name)


def test_new_tables_open_by_themselves_only_in_older_projects(
    database: psycopg.Connection, regime: DefaultPrivileges
) -> None:
    database.execute(OPENED)

    table: dict[str, str] = dict(database.execute(ACL, {"name": "public.opened"}).fetchall())
    sequence: dict[str, str] = dict(database.execute(ACL, {"name": "public.counted"}).fetchall())

    left = {"legacy": "DELETE,INSERT,MAINTAIN,REFERENCES,SELECT,TRIGGER,TRUNCATE,UPDATE"}
    expected = left.get(regime, "MAINTAIN,REFERENCES,TRIGGER,TRUNCATE")
    assert table == dict.fromkeys(("anon", "authenticated", "service_role"), expected)
    assert sequence["anon"] == {"legacy": "SELECT,UPDATE,USAGE"}.get(regime, "UPDATE")


def test_migrations_run_as_an_owner_who_is_no_superuser(database: psycopg.Connection) -> None:
    row = database.execute(
        """
        select current_user, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication,
          (select datdba::regrole::text from pg_database where datname = current_database())
        from pg_roles where rolname = current_user
        """
    ).fetchone()

    assert row == ("postgres", False, True, True, True, True, "postgres")


@pytest.mark.parametrize(
    "statement",
    [
        "create extension moddatetime with schema extensions",
        "create extension if not exists pgcrypto with schema extensions",
        "create role job nologin; grant job to authenticator; drop role job",
        "alter role authenticator set pgrst.db_pre_request = 'public.check'",
        "create table t (id uuid references auth.users (id) on delete cascade)",
        "create trigger t after update on auth.users execute function tsvector_update_trigger()",
        "create policy p on storage.objects for select to authenticated using (bucket_id = 'logos')",
        "insert into storage.buckets (id, name, public) values ('logos', 'logos', true)",
        "create table t (id int primary key); alter publication supabase_realtime add table t",
        "alter default privileges for role postgres revoke execute on functions from public",
    ],
)
def test_a_migration_may(own_stack: Stack, statement: str) -> None:
    with psycopg.connect(own_stack.project.db_url) as connection, connection.transaction(force_rollback=True):
        connection.execute("drop extension if exists moddatetime")
        connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "create table auth.mine (id int)",
        "alter role supabase_admin nologin",
        "create role boss superuser",
        "copy (select 1) to '/tmp/x'",
    ],
)
def test_a_migration_may_not(own_stack: Stack, statement: str) -> None:
    with (
        psycopg.connect(own_stack.project.db_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


def test_a_custom_role_gets_no_way_into_auth(own_stack: Stack) -> None:
    """Hosted, the grant succeeds with a warning and does nothing."""
    with psycopg.connect(own_stack.project.db_url) as connection:
        connection.execute("grant usage on schema auth to page_renderer")
        query = "select has_schema_privilege('page_renderer', 'auth', 'usage')"
        assert connection.execute(query).fetchone() == (False,)


def test_api_roles_have_a_hosted_projects_timeouts(own_stack: Stack) -> None:
    query = """
        select rolname, array_to_string(rolconfig, ' ') from pg_roles
        where rolname in ('anon', 'authenticated', 'authenticator', 'service_role') order by 1
    """
    with psycopg.connect(own_stack.project.db_url) as connection:
        assert connection.execute(query).fetchall() == [
            ("anon", "statement_timeout=3s"),
            ("authenticated", "statement_timeout=8s"),
            ("authenticator", "statement_timeout=8s lock_timeout=8s"),
            ("service_role", None),
        ]


def test_policies_know_who_asks(own_stack: Stack) -> None:
    claims = (
        '{"sub": "00000000-0000-4000-8000-000000000001", "role": "authenticated", "email": "a@example.com"}'
    )
    query = "select auth.uid()::text, auth.role(), auth.email(), auth.jwt() ->> 'sub'"
    with psycopg.connect(own_stack.project.db_url) as connection:
        nobody = connection.execute(query).fetchone()
        connection.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        connection.execute("set local role authenticated")
        somebody = connection.execute(query).fetchone()

    assert nobody == (None, None, None, None)
    user = "00000000-0000-4000-8000-000000000001"
    assert somebody == (user, "authenticated", "a@example.com", user)


def test_storage_helpers_take_a_path_apart(own_stack: Stack) -> None:
    query = "select storage.foldername(%(path)s), storage.filename(%(path)s), storage.extension(%(path)s)"
    with psycopg.connect(own_stack.project.db_url) as connection:
        assert connection.execute(query, {"path": "a/b/c.min.js"}).fetchone() == (
            ["a", "b"],
            "c.min.js",
            "js",
        )
