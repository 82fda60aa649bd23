"""The migrations on a platform that is live already: nothing of its own is lost, changed, hidden or opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from stack import Stack, StackError
from stack.migrations import push_migrations
from tests.actors import Actor, Person
from tests.database import Database

_PLATFORM = (Path(__file__).parent / "platform.sql").read_bytes()
_MISSING = UUID("00000000-0000-4000-9000-000000000008")

# Rights, policies, columns and triggers of the platform's tables, in words.
_CATALOGUE = """
select 'acl ' || c.relname || ' ' || coalesce(c.relacl::text, '') as line
from pg_class as c where c.relname = any (%(tables)s) and c.relnamespace = 'public'::regnamespace
union all
select 'rls ' || c.relname || ' ' || c.relrowsecurity || c.relforcerowsecurity
from pg_class as c where c.relname = any (%(tables)s) and c.relnamespace = 'public'::regnamespace
union all
select concat_ws(' | ', 'policy', p.tablename, p.policyname, p.permissive, p.roles, p.cmd, p.qual, p.with_check)
from pg_policies as p where p.schemaname = 'public' and p.tablename = any (%(tables)s)
union all
select concat_ws(' ', 'column', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attacl,
  (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef as d where d.adrelid = a.attrelid and d.adnum = a.attnum))
from pg_attribute as a join pg_class as c on c.oid = a.attrelid
where c.relname = any (%(tables)s) and c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
union all
select concat_ws(' ', 'function', p.oid::regprocedure, p.proacl, p.prosrc)
from pg_proc as p where p.pronamespace = 'public'::regnamespace and p.proname in ('promote_employee', 'register_partner')
order by 1
"""
_TABLES = ["profiles", "lead_segments", "leads", "partner_directory"]


def _person(number: int) -> Person:
    return Person(
        id=UUID(int=0x00000000_0000_4000_9000_000000000000 + int(str(number), 16)),
        email="",
        slug=f"firma-{number}",
    )


_ADMIN, _PARTNER, _OTHER, _UNDECIDED = _person(1), _person(2), _person(3), _person(5)
_NEWCOMER = Person(id=_MISSING, email="", slug="nieuw")


@contextmanager
def _database(stack: Stack, name: str, *statements: bytes) -> Iterator[Database]:
    """Make a database with legacy privileges, the platform in it, and whatever else is said."""
    url = stack.create_database(name, "legacy")
    try:
        with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
            for statement in (_PLATFORM, *statements):
                connection.execute(statement)
            yield Database(connection)
    finally:
        stack.drop_database(name)


def _push(database: Database) -> None:
    info = database.connection.info
    push_migrations(f"postgresql://{info.user}:{info.password}@127.0.0.1:{info.port}/{info.dbname}")


def _catalogue(database: Database) -> list[str]:
    return [row["line"] for row in database.rows(_CATALOGUE, {"tables": _TABLES})]


def _rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    return {
        "profiles": database.rows(
            "select id, company_name, kvk_number, phone, credits, is_admin, created_at from public.profiles order by id"
        ),
        "lead_segments": database.rows(
            "select id, trade, region, price_per_lead from public.lead_segments order by id"
        ),
        "leads": database.rows("select * from public.leads order by id"),
        "partner_directory": database.rows("select * from public.partner_directory order by id"),
    }


def _seen(database: Database) -> dict[str, tuple[int, ...]]:
    """Return how many rows of each of the platform's tables everybody sees."""
    seen: dict[str, tuple[int, ...]] = {}
    for who in ("anon", _ADMIN, _PARTNER, _UNDECIDED, _NEWCOMER, "service_role"):
        with database.acting_as(who):
            seen[str(who)] = (
                database.value("select count(*) from public.profiles"),
                database.value("select count(*) from public.lead_segments"),
                database.value("select count(*) from public.leads"),
                database.value("select count(*) from public.partner_directory"),
            )
    return seen


class Adopted:
    """The platform after the migrations, and what it was before."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.before = (_rows(database), _seen(database), _catalogue(database))
        _push(database)


@pytest.fixture(scope="module")
def adopted(stack: Stack) -> Iterator[Adopted]:
    with _database(stack, "live_platform") as database:
        yield Adopted(database)


@pytest.fixture
def live(adopted: Adopted) -> Iterator[Database]:
    """The platform with our migrations, in a transaction that is rolled back."""
    with adopted.database.connection.transaction(force_rollback=True):
        yield adopted.database


def _pre_requests(database: Database) -> list[str]:
    return [
        row["setting"]
        for row in database.rows(
            "select unnest(setconfig) as setting from pg_db_role_setting as s join pg_database as d on d.oid = s.setdatabase"
            " where d.datname = current_database() and s.setrole = 'authenticator'::regrole"
        )
    ]


def test_requests_are_checked_from_now_on(adopted: Adopted) -> None:
    assert _pre_requests(adopted.database) == ["pgrst.db_pre_request=private.check_request"]


def test_platforms_own_check_of_requests_stays(stack: Stack) -> None:
    theirs = b"alter role authenticator in database checked_platform set pgrst.db_pre_request = 'public.check_theirs'"
    with _database(stack, "checked_platform", theirs) as database:
        _push(database)

        assert _pre_requests(database) == ["pgrst.db_pre_request=public.check_theirs"]


def test_no_row_is_lost_or_changed(adopted: Adopted) -> None:
    assert _rows(adopted.database) == adopted.before[0]


def test_no_row_is_hidden_or_shown(adopted: Adopted) -> None:
    assert _seen(adopted.database) == adopted.before[1]


def test_rights_and_policies_stay_and_only_columns_are_added(adopted: Adopted) -> None:
    before, after = set(adopted.before[2]), set(_catalogue(adopted.database))

    added = after - before
    assert before - after == set()
    assert {line.split()[0] for line in added} == {"column"}
    assert {line.split()[2] for line in added} == {
        "marketing_mode",
        "auto_marketing_enabled",
        "monthly_marketing_budget",
        "preferred_channels",
        "brand_color",
        "logo_url",
        "tone_of_voice",
        "partner_slug",
        "updated_at",
    }


def test_rows_from_before_do_not_claim_to_be_made_today(live: Database) -> None:
    times = live.rows(
        "select created_at, updated_at from public.profiles where id <> %s order by id", [_ADMIN.id]
    )

    assert {row["updated_at"] for row in times} == {None}
    assert times[-1]["created_at"] is None


def test_whole_rows_are_still_written_as_before(live: Database) -> None:
    """A client that was written before us sends the columns that it knows, is_admin among them, unchanged."""
    changed = []
    for person, is_admin in ((_PARTNER, False), (_UNDECIDED, None), (_ADMIN, True)):
        with live.acting_as(person):
            changed.append(
                live.run(
                    "insert into public.profiles (id, company_name, credits, is_admin) values (%(id)s, 'Nieuwe naam', 1, %(is_admin)s)"
                    " on conflict (id) do update set company_name = excluded.company_name, is_admin = excluded.is_admin"
                    if not is_admin
                    else "update public.profiles set company_name = 'Nieuwe naam', is_admin = %(is_admin)s where id = %(id)s",
                    {"id": person.id, "is_admin": is_admin},
                )
            )

    assert changed == [1, 1, 1]


@pytest.mark.parametrize("person", [_PARTNER, _UNDECIDED], ids=["false", "null"])
@pytest.mark.parametrize(
    "statement",
    [
        "update public.profiles set is_admin = true where id = %s",
        "update public.profiles set is_admin = not coalesce(is_admin, false), company_name = 'x' where id = %s",
        "insert into public.profiles (id, company_name, is_admin) values (%s, 'x', true) on conflict (id) do update set is_admin = true",
        "insert into public.profiles (id, company_name) values (%s, 'x') on conflict (id) do update set is_admin = true",
        "insert into public.profiles (id, company_name, is_admin) values (%s, 'x', true) on conflict do nothing",
    ],
)
def test_partner_still_does_not_become_admin(live: Database, person: Person, statement: str) -> None:
    """The platform's grants cover the whole row, and they stay; the trigger is what says no."""
    with live.refused("PT403", "is_admin_not_writable"), live.acting_as(person):
        live.run(statement, [person.id])

    assert (
        live.value("select coalesce(is_admin, false) from public.profiles where id = %s", [person.id])
        is False
    )


def test_newcomer_does_not_sign_up_as_admin(live: Database) -> None:
    with live.refused("PT403", "is_admin_not_writable"), live.acting_as(_NEWCOMER):
        live.run(
            "insert into public.profiles (id, company_name, is_admin) values (%s, 'x', true)", [_MISSING]
        )
    with live.acting_as(_NEWCOMER):
        live.run(
            "insert into public.profiles (id, company_name, is_admin) values (%s, 'x', null)", [_MISSING]
        )

    assert live.value("select is_admin from public.profiles where id = %s", [_MISSING]) is None


def test_platforms_own_functions_keep_their_rights(live: Database) -> None:
    """A security definer function of the platform decides who is an employee; that was so before us."""
    with live.acting_as(_PARTNER):
        live.run("select public.promote_employee(%s)", [_OTHER.id])
        live.run("select public.register_partner(%s, 'Nieuw BV')", [_MISSING])

    admins = live.rows("select id from public.profiles where is_admin order by id")
    assert [row["id"] for row in admins] == [_ADMIN.id, _OTHER.id]


@pytest.mark.parametrize("who", ["anon", "partner", "newcomer"])
def test_budgets_are_not_shown_to_strangers(live: Database, who: str) -> None:
    live.run("update public.profiles set monthly_marketing_budget = 777 where id = %s", [_OTHER.id])
    actors: dict[str, Actor] = {"anon": "anon", "partner": _PARTNER, "newcomer": _NEWCOMER}

    with live.acting_as(actors[who]):
        shown = live.rows("select * from public.profiles where monthly_marketing_budget is not null")
        listed = live.rows("select to_jsonb(d)::text as words from public.partner_directory as d")

    assert shown == []
    assert all("777" not in row["words"] for row in listed)


def test_partner_of_before_does_the_whole_job(live: Database) -> None:
    """With the platform's own policies an admin cannot even read a partner's profile, and need not."""
    with live.acting_as(_PARTNER):
        live.run(
            "update public.profiles set partner_slug = %s, marketing_mode = 'hybrid', monthly_marketing_budget = 100"
            " where id = %s",
            [_PARTNER.slug, _PARTNER.id],
        )
    page_id = live.add_page(_PARTNER)
    live.submit(page_id, _PARTNER)
    live.approve(page_id, _ADMIN)
    live.add_campaign(_PARTNER, monthly_budget="100.00")

    with live.refused("PT409", "budget_exceeded"), live.acting_as(_PARTNER):
        live.run(
            "insert into public.partner_marketing_campaigns (channel, monthly_budget) values ('seo', 0.01)"
        )
    live.run("delete from auth.users where id = %s", [_PARTNER.id])

    assert live.page(page_id)["status"] == "archived"
    assert live.rows("select * from private.find_counter_drift()") == []


def test_admin_of_before_sees_every_partners_pages_and_a_null_is_no_admin(live: Database) -> None:
    live.run("update public.profiles set partner_slug = %s where id = %s", [_PARTNER.slug, _PARTNER.id])
    live.add_page(_PARTNER)

    seen = []
    for who in (_ADMIN, _UNDECIDED, _OTHER):
        with live.acting_as(who):
            seen.append(live.value("select count(*) from public.partner_landing_pages"))

    assert seen == [1, 0, 0]


def test_new_sign_up_of_the_platform_gets_what_a_partner_needs(live: Database) -> None:
    with live.acting_as(_NEWCOMER):
        live.run("insert into public.profiles (id, company_name) values (%s, 'x')", [_MISSING])

    profile = live.row("select * from public.profiles where id = %s", [_MISSING])
    assert (profile["marketing_mode"], profile["monthly_marketing_budget"]) == ("leads_only", None)
    assert live.drift(_MISSING) == []


# Refusals ------------------------------------------------------------------------------------------------------------


def test_platform_that_shows_every_profile_is_told_before_anything_changes(stack: Stack) -> None:
    """Then its policy is narrowed, and the same push goes through."""
    policy = b'create policy "Public profiles" on public.profiles for select using (true)'
    with _database(stack, "open_platform", policy) as database:
        before = (_rows(database), _seen(database), _catalogue(database))

        with pytest.raises(StackError) as refusal:
            _push(database)

        after = (_rows(database), _seen(database), _catalogue(database))
        assert "profiles_shown_to_strangers" in refusal.value.problem
        assert "anon: " in refusal.value.problem
        assert "Narrow the select policy on public.profiles" in refusal.value.problem
        assert after == before

        database.run('drop policy "Public profiles" on public.profiles')
        _push(database)
        assert _rows(database) == before[0]


def test_column_of_another_type_is_told_before_anything_changes(stack: Stack) -> None:
    column = b"alter table public.profiles add column monthly_marketing_budget integer, add column brand_color text"
    with _database(stack, "clashing_platform", column) as database:
        before = (_rows(database), _seen(database), _catalogue(database))

        with pytest.raises(StackError) as refusal:
            _push(database)

        assert "profiles_column_clash" in refusal.value.problem
        assert "monthly_marketing_budget is integer, needs numeric" in refusal.value.problem
        assert (_rows(database), _seen(database), _catalogue(database)) == before


@pytest.mark.parametrize(
    ("policy", "viewers"),
    [
        ("create policy p on public.profiles for select using (true)", {"authenticated"}),
        ("create policy p on public.profiles for all to authenticated using (true)", {"authenticated"}),
        (
            "create policy p on public.profiles for select to authenticated using (auth.uid() is not null)",
            {"authenticated"},
        ),
        (
            "create policy p on public.profiles for select to authenticated using (is_admin is not true)",
            {"authenticated"},
        ),
        ("create policy p on public.profiles for select to authenticated using (id = auth.uid())", set()),
        ("create policy p on public.profiles for select to service_role using (true)", set()),
        ("alter table public.profiles disable row level security", {"authenticated"}),
        (
            "grant select on public.profiles to anon; create policy p on public.profiles for select using (true)",
            {"anon", "authenticated"},
        ),
    ],
)
def test_check_names_who_would_see_every_budget(db: Database, policy: str, viewers: set[str]) -> None:
    """Run again by an admin, from supabase/snippets, it says the same about a policy of later."""
    db.run(policy)

    found = db.rows("select distinct viewer from private.profiles_shown_to_strangers()")

    assert {row["viewer"] for row in found} == viewers


@pytest.mark.parametrize(
    "opening",
    [
        "create policy p on public.profiles for select using (true)",
        "alter table public.profiles disable row level security",
    ],
)
def test_check_sees_an_open_door_that_nobody_has_walked_through_yet(db: Database, opening: str) -> None:
    db.run("delete from auth.users")
    db.run(opening)

    found = db.rows("select viewer from private.profiles_shown_to_strangers()")

    assert found == [{"viewer": "authenticated"}]
