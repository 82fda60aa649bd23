"""The exact rights, compared with `acl.txt`, whose difference in a review shows what a migration opens.

After a change that is meant, write it anew and read the difference:

    WRITE_ACL=1 .venv/bin/python -m pytest tests/access/test_acl.py
"""

import os
from pathlib import Path

from tests.access.acl import read_acl
from tests.database import Database

_GOLDEN = Path(__file__).with_name("acl.txt")
_NARROW_ROLES = ("page_renderer", "event_recorder", "campaign_ingester", "job_runner")


def test_rights_are_exactly_those_written_down(platform: Database) -> None:
    found = read_acl(platform)

    if os.environ.get("WRITE_ACL"):
        _GOLDEN.write_text("\n".join(found) + "\n")

    assert found == _GOLDEN.read_text().splitlines()


def test_nobody_has_truncate_trigger_references_or_maintain(platform: Database) -> None:
    """New tables carry these for anon and authenticated, also on projects that open nothing else."""
    heavy = [
        line
        for line in read_acl(platform)
        if any(right in line.split()[3] for right in ("truncate", "trigger", "references", "maintain"))
    ]

    assert heavy == []


def test_nobody_can_pass_a_right_on(platform: Database) -> None:
    assert [line for line in read_acl(platform) if "*" in line] == []


def test_narrow_roles_execute_and_read_no_table(platform: Database) -> None:
    rights = [line.split() for line in read_acl(platform) if line.startswith(_NARROW_ROLES)]

    # A signature may have words in it: timestamp with time zone.
    assert {(right[1], right[-1]) for right in rights} == {
        ("schema", "usage"),
        ("function", "execute"),
    }
    assert {right[2] for right in rights if right[1] == "schema"} == {"public"}


def test_public_and_anon_have_next_to_nothing(platform: Database) -> None:
    """Anon executes four functions; their counterparts in `private` are not exposed. PostgREST calls another."""
    rights = {line for line in read_acl(platform) if line.startswith(("anon ", "PUBLIC "))}

    assert rights == {
        "PUBLIC schema public usage",
        "PUBLIC schema private usage",
        "PUBLIC function private.check_request() execute",
        "anon schema public usage",
        "anon function private.landing_page_preview(text) execute",
        "anon function public.landing_page_preview(text) execute",
        "anon function private.live_landing_page(text) execute",
        "anon function public.live_landing_page(text) execute",
        "anon function private.landing_page_sitemap(integer) execute",
        "anon function public.landing_page_sitemap(integer) execute",
        "anon function private.schema_version() execute",
        "anon function public.readiness() execute",
    }


def test_narrow_roles_belong_to_the_authenticator_alone(platform: Database) -> None:
    """What is granted to them reaches nobody else, and nothing of others reaches them."""
    members = platform.rows(
        "select m.roleid::regrole::text as role, m.member::regrole::text as member from pg_auth_members as m"
        " where m.roleid::regrole::text = any (%(roles)s) or m.member::regrole::text = any (%(roles)s)",
        {"roles": list(_NARROW_ROLES)},
    )
    attributes = platform.rows(
        "select rolname from pg_roles where rolname = any (%s)"
        " and (rolcanlogin or rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolinherit)",
        [list(_NARROW_ROLES)],
    )

    # The role that makes another administers it, which is `postgres`.
    assert {(row["role"], row["member"]) for row in members} == {
        (role, member) for role in _NARROW_ROLES for member in ("authenticator", "postgres")
    }
    assert attributes == []
