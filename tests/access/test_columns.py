"""Mass assignment: a caller writes the columns that are theirs, and no other one by any route."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.access.expectations import RELATION_SAMPLES
from tests.access.world import World
from tests.access.writable_columns import writable_on_insert, writable_on_update
from tests.api import As

_TABLES = ("profiles", "partner_segments", "partner_landing_pages", "partner_marketing_campaigns")
_WRITERS = ("partner", "admin", "service_role")

_GENERATED = {"avg_cpl", "committed_budget"}

# An owner, a right, a status, a counter, a link to an ad account.
_NEVER = {
    "profiles": {"is_admin", "created_at", "updated_at"},
    "partner_segments": {"partner_id", "created_at", "updated_at"},
    "partner_landing_pages": {
        "partner_id",
        "status",
        "source",
        "live_version_id",
        "submitted_version_id",
        "previous_version_id",
        "live_path",
        "content_bytes",
        "views_count",
        "conversions_count",
        "last_viewed_at",
        "published_at",
        "created_by",
        "editor_ids",
        "status_reason",
    },
    "partner_marketing_campaigns": {
        "partner_id",
        "channel",
        "status",
        "external_campaign_id",
        "platform_status",
        "platform_status_at",
        "total_spend",
        "unpriced_spend",
        "spend_as_of",
        "total_clicks",
        "total_impressions",
        "total_leads",
        "avg_cpl",
        "committed_budget",
        "started_at",
        "ended_at",
        "ai_last_adjusted_at",
    },
}


def _columns(world: World, table: str) -> set[str]:
    return {
        row["attname"]
        for row in world.database.rows(
            "select attname from pg_attribute where attrelid = to_regclass('public.' || %s) and attnum > 0 and not attisdropped",
            [table],
        )
    }


def _json(fields: Mapping[str, object]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in fields.items()}


@pytest.mark.parametrize("table", _TABLES)
@pytest.mark.parametrize("who", ["partner", "admin"])
def test_update_reaches_only_the_columns_that_are_granted(
    world: World, as_: As, table: str, who: str
) -> None:
    api = as_(world.actor(who))
    row = RELATION_SAMPLES[table].row(world)
    others = _columns(world, table) - writable_on_update(world)[table].keys()

    answers = {column: api.update(table, {column: None}, **row) for column in others}

    # 428C9 is a generated column's own refusal, which comes before the grant is looked at.
    codes = {column: answer.json()["code"] for column, answer in answers.items()}
    assert codes == {column: "428C9" if column in _GENERATED else "42501" for column in others}
    assert _NEVER[table] <= others


@pytest.mark.parametrize("table", _TABLES)
@pytest.mark.parametrize("who", ["partner", "admin"])
def test_insert_takes_only_the_columns_that_are_granted(world: World, as_: As, table: str, who: str) -> None:
    api = as_(world.actor(who))
    row = writable_on_insert(world)[table]
    others = _columns(world, table) - row.keys()

    answers = {column: api.insert(table, _json({**row, column: None})) for column in others}

    codes = {column: answer.json()["code"] for column, answer in answers.items()}
    assert codes == {column: "428C9" if column in _GENERATED else "42501" for column in others}
    insertable_once = {"partner_id", "source", "channel"}
    assert _NEVER[table] - insertable_once <= others


@pytest.mark.parametrize("table", _TABLES)
@pytest.mark.parametrize("who", _WRITERS)
def test_every_granted_column_can_be_updated(world: World, as_: As, table: str, who: str) -> None:
    row = RELATION_SAMPLES[table].row(world)

    answer = as_(world.actor(who)).update(table, _json(writable_on_update(world)[table]), **row)

    assert (answer.status_code, len(answer.json())) == (200, 1), answer.text


# A partner has a profile already: test_newcomer_makes_their_own_profile_and_no_admin_of_it is theirs.
@pytest.mark.parametrize(
    ("who", "table"),
    [(who, table) for who in _WRITERS for table in _TABLES if (who, table) != ("partner", "profiles")],
)
def test_every_granted_column_can_be_inserted(world: World, as_: As, table: str, who: str) -> None:
    row = _json(writable_on_insert(world)[table])

    answer = as_(world.actor(who)).insert(table, row)

    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("table", _TABLES)
@pytest.mark.parametrize("who", ["partner", "stranger", "admin"])
def test_upsert_is_no_way_around_the_update_grants(world: World, as_: As, table: str, who: str) -> None:
    """PostgREST writes every column of the payload on conflict, the key included, and nobody may update a key."""
    sample = RELATION_SAMPLES[table]
    row = _json({**writable_on_insert(world)[table], "id": sample.row(world)["id"]})
    before = world.database.rows(f"select * from public.{table} as t where id = %s", [row["id"]])

    answer = as_(world.actor(who)).send(
        "POST", f"/{table}", params={"on_conflict": "id"}, json=row, prefer="resolution=merge-duplicates"
    )

    after = world.database.rows(f"select * from public.{table} as t where id = %s", [row["id"]])
    assert (answer.status_code, answer.json()["code"]) == (403, "42501")
    assert after == before


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("profiles", "is_admin"),
        ("partner_landing_pages", "status"),
        ("partner_landing_pages", "views_count"),
        ("partner_marketing_campaigns", "status"),
        ("partner_marketing_campaigns", "external_campaign_id"),
        ("partner_marketing_campaigns", "total_leads"),
    ],
)
def test_ignored_duplicates_are_no_way_in_either(world: World, as_: As, table: str, column: str) -> None:
    """`resolution=ignore-duplicates` still needs the insert grant on every column it names."""
    answer = as_(world.partner).insert(
        table, {"id": str(uuid4()), column: None}, prefer="resolution=ignore-duplicates"
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "42501")


def test_newcomer_makes_their_own_profile_and_no_admin_of_it(world: World, as_: As) -> None:
    newcomer = world.database.add_user()

    as_admin = as_(newcomer).insert("profiles", {"id": str(newcomer.id), "is_admin": True})
    plain = as_(newcomer).insert("profiles", {"id": str(newcomer.id), "partner_slug": newcomer.slug})

    assert (as_admin.status_code, as_admin.json()["code"]) == (403, "42501")
    assert plain.status_code == 201
    assert world.database.value("select is_admin from public.profiles where id = %s", [newcomer.id]) is False


@pytest.mark.parametrize("who", ["partner", "admin"])
def test_bulk_insert_with_one_row_of_another_partner_writes_none(world: World, as_: As, who: str) -> None:
    """An admin may write for everybody; a partner's mixed batch is refused whole."""
    tag = f"bulk-{uuid4()}"
    rows = [
        {"partner_id": str(owner.id), "path": owner.path(tag), "title": tag}
        for owner in (world.partner, world.stranger)
    ]

    answer = as_(world.actor(who)).insert("partner_landing_pages", rows)

    made = world.database.value("select count(*) from public.partner_landing_pages where title = %s", [tag])
    assert (answer.status_code, made) == ((201, 2) if who == "admin" else (403, 0))


def test_partner_does_not_see_or_touch_others_by_leaving_the_filter_out(world: World, as_: As) -> None:
    listed = as_(world.partner).send("GET", "/partner_landing_pages", params={"select": "partner_id"}).json()
    touched = as_(world.stranger).send(
        "PATCH", "/partner_landing_pages", json={"subtitle": "Gekaapt"}, prefer="return=minimal"
    )

    hijacked = world.database.value(
        "select count(*) from public.partner_landing_pages where subtitle = 'Gekaapt' and partner_id <> %s",
        [world.stranger.id],
    )
    assert {row["partner_id"] for row in listed} == {str(world.partner.id)}
    assert touched.status_code in {200, 204}
    assert hijacked == 0


@pytest.mark.parametrize(
    "schema", ["private", "auth", "extensions", "storage", "supabase_migrations", "pg_catalog"]
)
@pytest.mark.parametrize("who", ["anon", "partner", "admin", "service_role", "job_runner"])
def test_other_schemas_are_out_of_reach(world: World, as_: As, schema: str, who: str) -> None:
    api = as_(world.actor(who))

    read = api.send("GET", "/campaign_inbox", headers={"Accept-Profile": schema})
    called = api.send("POST", "/rpc/begin_ledger_write", json={}, headers={"Content-Profile": schema})

    assert (read.status_code, read.json()["code"]) == (406, "PGRST106")
    assert (called.status_code, called.json()["code"]) == (406, "PGRST106")


def test_private_objects_are_not_found_through_the_exposed_schema(world: World, as_: As) -> None:
    api = as_(world.admin)

    table = api.send("GET", "/campaign_inbox")
    function = api.call("begin_ledger_write", {})

    assert table.status_code == 404
    assert function.status_code == 404
