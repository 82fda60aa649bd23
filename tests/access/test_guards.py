"""What holds for every table and function of ours, those that somebody adds tomorrow included."""

import json
import os
import re
import subprocess

import pytest

from stack import Stack
from stack.services.programs import supabase_program
from tests.conftest import REPOSITORY
from tests.database import Database

_OURS = "n.nspname in ('public', 'private')"

# A ledger row never changes, so its time of change would only repeat the other.
_ROWS_THAT_NEVER_CHANGE = {"partner_landing_page_versions", "partner_landing_page_transitions"}


def _names(database: Database, query: str) -> list[str]:
    return [next(iter(row.values())) for row in database.rows(query)]


def test_every_table_has_row_level_security_on(platform: Database) -> None:
    """Partitioned parents and private tables too, which the advisors don't look at."""
    without = _names(
        platform,
        "select c.oid::regclass::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        f" where {_OURS} and c.relkind in ('r', 'p') and not c.relrowsecurity",
    )

    assert without == []


def test_partitions_carry_no_rights_of_their_own(platform: Database) -> None:
    """Row level security of a parent does not protect a partition that is addressed by name."""
    open_partitions = _names(
        platform,
        "select c.oid::regclass::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        f" where {_OURS} and c.relispartition and c.relkind in ('r', 'p') and exists ("
        "   select from aclexplode(c.relacl) as a where a.grantee <> c.relowner)",
    )

    assert open_partitions == []


def test_every_table_view_and_function_of_the_api_has_a_comment(platform: Database) -> None:
    silent = _names(
        platform,
        "select c.oid::regclass::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        f" where {_OURS} and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition and obj_description(c.oid, 'pg_class') is null"
        " union all select p.oid::regprocedure::text from pg_proc as p"
        " where p.pronamespace = 'public'::regnamespace and obj_description(p.oid, 'pg_proc') is null",
    )

    assert silent == []


def test_every_foreign_key_has_an_index_that_begins_with_it(platform: Database) -> None:
    unindexed = _names(
        platform,
        "select k.conrelid::regclass || '.' || k.conname from pg_constraint as k join pg_namespace as n"
        f" on n.oid = k.connamespace where {_OURS} and k.contype = 'f' and k.conparentid = 0 and not exists ("
        "   select from pg_index as i where i.indrelid = k.conrelid and i.indisvalid"
        # A partial index serves a cascade when all it leaves out is nulls.
        "   and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) like '%%IS NOT NULL)')"
        "   and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)",
    )

    assert unindexed == []


def test_every_foreign_key_says_what_happens_on_delete(platform: Database) -> None:
    undecided = _names(
        platform,
        "select k.conrelid::regclass || '.' || k.conname from pg_constraint as k join pg_namespace as n"
        f" on n.oid = k.connamespace where {_OURS} and k.contype = 'f' and k.confdeltype = 'a'",
    )

    assert undecided == []


def test_every_public_table_keeps_its_times(platform: Database) -> None:
    """`created_at` and `updated_at`, the latter by moddatetime wherever a row can change."""
    tables = set(
        _names(
            platform,
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')",
        )
    )
    timed = {
        (row["table_name"], row["column_name"])
        for row in platform.rows(
            "select table_name, column_name from information_schema.columns where table_schema = 'public'"
            " and column_name in ('created_at', 'updated_at') and data_type = 'timestamp with time zone'"
        )
    }
    kept = set(
        _names(
            platform,
            "select c.relname from pg_trigger as t join pg_class as c on c.oid = t.tgrelid"
            " join pg_proc as p on p.oid = t.tgfoid where p.proname = 'moddatetime' and t.tgenabled = 'O'"
            " and c.relnamespace = 'public'::regnamespace",
        )
    )

    assert timed == {(table, column) for table in tables for column in ("created_at", "updated_at")}
    assert kept == tables - _ROWS_THAT_NEVER_CHANGE


def test_every_function_fixes_its_search_path(platform: Database) -> None:
    loose = _names(
        platform,
        "select p.oid::regprocedure::text from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace"
        f" where {_OURS} and not coalesce(p.proconfig @> array['search_path=\"\"'], false)",
    )

    assert loose == []


def test_no_definer_function_is_executable_by_everybody(platform: Database) -> None:
    """The API's functions run as their callers; what needs more is in `private`, or a narrow role's alone."""
    open_to_all = _names(
        platform,
        "select p.oid::regprocedure::text from pg_proc as p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a"
        " where p.pronamespace = 'public'::regnamespace and p.prosecdef"
        " and (a.grantee = 0 or a.grantee in ('anon'::regrole, 'authenticated'::regrole))",
    )

    assert open_to_all == []


def test_every_view_runs_as_its_caller(platform: Database) -> None:
    as_owner = _names(
        platform,
        "select c.oid::regclass::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        f" where {_OURS} and (c.relkind = 'm' or c.relkind = 'v' and not coalesce(c.reloptions @> array['security_invoker=true'], false))",
    )

    assert as_owner == []


def test_no_statement_in_a_function_lacks_its_where(platform: Database) -> None:
    """Hosted sessions preload safeupdate, which refuses these with 21000; the local server has no such thing."""
    bodies = platform.rows(
        "select p.oid::regprocedure::text as name, p.prosrc as body from pg_proc as p"
        f" join pg_namespace as n on n.oid = p.pronamespace where {_OURS}"
    )

    unbounded = [
        (row["name"], statement)
        for row in bodies
        for statement in _writes(row["body"])
        if not re.search(r"\bwhere\b", statement, re.IGNORECASE)
    ]

    assert unbounded == []
    assert sum(len(list(_writes(row["body"]))) for row in bodies) > 20, "the search has lost its grip"


def _writes(body: str) -> list[str]:
    code = re.sub(r"--[^\n]*", "", body)
    code = re.sub(r"'(?:[^']|'')*'", "''", code)
    # `do update`, `for update` and `no key update` are parts of other statements.
    begins = r"(?<!do )(?<!for )(?<!key )\b(?:update\s+[\w.]+\s+(?:as\s+\w+\s+)?set\b|delete\s+from\b)"
    return [code[match.start() :].split(";")[0] for match in re.finditer(begins, code, re.IGNORECASE)]


def test_own_errors_use_no_code_that_postgrest_repeats_or_hides(platform: Database) -> None:
    """40001 is retried for ever by PostgREST 12.0, and P0002 reads as a 500."""
    raised = {
        code
        for body in _names(
            platform,
            f"select p.prosrc from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace where {_OURS}",
        )
        for code in re.findall(r"raise sqlstate '(\w+)'|errcode = '(\w+)'", body)
        for code in code
        if code
    }

    assert raised
    assert all(code.startswith("PT") for code in raised), raised


@pytest.fixture(scope="module")
def advice(stack: Stack) -> list[dict[str, object]]:
    """What the advisors of the Supabase CLI say."""
    done = subprocess.run(
        [
            supabase_program(),
            "db",
            "advisors",
            f"--remote={stack.state.database_url()}",
            "--level=info",
            "--output-format=json",
        ],
        cwd=REPOSITORY,
        env={**os.environ, "PGSSLMODE": "disable", "SUPABASE_TELEMETRY_DISABLED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    results: list[dict[str, object]] = json.loads(done.stdout)["results"]
    return results


def test_advisors_find_nothing(advice: list[dict[str, object]]) -> None:
    """Aside from indexes that a fresh database has not used yet, and private tables that nobody is let into."""
    worth_a_word = [
        finding["detail"]
        for finding in advice
        if not (
            (finding["name"] == "unused_index" and finding["level"] == "INFO")
            or (finding["name"] == "rls_enabled_no_policy" and "`private." in str(finding["detail"]))
        )
    ]

    assert worth_a_word == []
    assert advice, "the advisors looked at another database"


def test_every_constraint_that_a_client_can_meet_is_documented(platform: Database) -> None:
    """Those of tables that somebody with an account may write, of domains, and unique keys beside them."""
    met = _names(
        platform,
        "with written as ("
        " select c.oid from pg_class as c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and ("
        "  has_any_column_privilege('authenticated', c.oid, 'insert')"
        "  or has_any_column_privilege('authenticated', c.oid, 'update'))"
        " and (c.relname like 'partner\\_%' or c.relname = 'profiles')"
        ") select k.conname::text from pg_constraint as k"
        " where k.contype = 'c' and k.connamespace = 'public'::regnamespace"
        " and (k.conrelid in (select oid from written) or k.contypid <> 0)"
        " union select c.relname::text from pg_index as i join pg_class as c on c.oid = i.indexrelid"
        " where i.indisunique and not i.indisprimary and i.indrelid in (select oid from written)",
    )
    section = (REPOSITORY / "docs" / "errors.md").read_text().split("\n## Constraints\n", 1)[1]
    documented = {
        name
        for line in section.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`([a-z_]+)`", line.split("|")[1])
    }

    assert len(met) > 40
    assert documented == set(met)


def test_every_column_of_the_api_says_what_it_is(platform: Database) -> None:
    silent = _names(
        platform,
        "select format('%s.%s', c.relname, a.attname) from pg_class as c"
        " join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')"
        " and col_description(c.oid, a.attnum) is null",
    )

    assert silent == []


def test_every_word_that_the_database_refuses_with_is_documented(platform: Database) -> None:
    """docs/errors.md is what a client is written against."""
    documented = (REPOSITORY / "docs" / "errors.md").read_text()
    words = {
        word
        for body in _names(
            platform,
            f"select p.prosrc from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace where {_OURS}",
        )
        for word in re.findall(r"message = '(\w+)'", body)
    }

    assert len(words) > 15
    assert {word for word in words if f"\n### {word}\n" not in documented} == set()
