"""What may be embedded in what: asked of PostgREST itself, for every pair of relations and every name of a foreign key."""

from dataclasses import dataclass
from graphlib import TopologicalSorter
from http import HTTPStatus
from itertools import product

import pytest

from tests.access.expectations import RELATION_SAMPLES
from tests.access.world import World
from tests.api import Api, As
from tests.database import Database

RELATIONS = sorted(RELATION_SAMPLES)

Edges = dict[tuple[str, str], bool]


def _embeds(api: Api, source: str, target: str) -> bool | None:
    """Tell whether a relation embeds many rows of another (or one), and None when it embeds none."""
    response = api.send("GET", f"/{source}", params={"select": f"embedded:{target}(*)", "limit": "1"})
    if response.is_success:
        ((row),) = response.json()
        return isinstance(row["embedded"], list)
    assert response.json()["code"] in {"PGRST200", "42501"}, response.text
    return None


@pytest.fixture(scope="module")
def edges(world: World, as_: As) -> Edges:
    """Every embed that there is, from where to where, and whether it is of many rows."""
    api = as_(world.partner)
    return {
        (source, target): is_many
        for source, target in product(RELATIONS, repeat=2)
        if (is_many := _embeds(api, source, target)) is not None
    }


def test_embeds_go_towards_one(edges: Edges) -> None:
    """Rows times rows is what an answer grows by, wherever a way back is or is not."""
    assert [pair for pair, is_many in edges.items() if is_many] == []


def test_embeds_do_not_go_round(edges: Edges) -> None:
    """Raises CycleError where one leads back to where it began."""
    order = list(
        TopologicalSorter(
            {source: {t for s, t in edges if s == source} for source in RELATIONS}
        ).static_order()
    )

    assert order.index("profiles") < order.index("partner_landing_pages") < order.index("partner_leads")


def test_what_people_ask_for_is_there(edges: Edges) -> None:
    """A list with the firm's name, a link with its segment, a lead with its page, campaign and contact."""
    assert edges.keys() >= {
        ("partner_landing_pages", "profiles"),
        ("partner_marketing_campaigns", "profiles"),
        ("partner_segments", "lead_segments"),
        ("partner_landing_page_stats", "partner_landing_pages"),
        ("partner_landing_page_stats", "partner_marketing_campaigns"),
        ("partner_landing_page_drops", "partner_landing_pages"),
        ("partner_campaign_metrics", "partner_marketing_campaigns"),
        ("partner_campaign_writes", "partner_marketing_campaigns"),
        ("partner_leads", "partner_landing_pages"),
        ("partner_leads", "partner_marketing_campaigns"),
        ("partner_leads", "partner_lead_contacts"),
    }


@dataclass(frozen=True)
class _ForeignKey:
    source: str
    target: str
    # Its own and its columns': by each of them an embed can be asked for.
    names: list[str]


@pytest.fixture(scope="module")
def foreign_keys(platform: Database) -> list[_ForeignKey]:
    rows = platform.rows(
        "select k.conrelid::regclass::text as source, k.confrelid::regclass::text as target, k.conname || array("
        "   select a.attname from unnest(k.conkey) as n join pg_attribute as a"
        "   on a.attrelid = k.conrelid and a.attnum = n) as names"
        " from pg_constraint as k where k.contype = 'f' and k.connamespace = 'public'::regnamespace"
    )
    return [
        _ForeignKey(
            row["source"].removeprefix("public."), row["target"].removeprefix("public."), row["names"]
        )
        for row in rows
    ]


def test_foreign_keys_name_leads_no_further(
    foreign_keys: list[_ForeignKey], world: World, as_: As, edges: Edges
) -> None:
    """`live_version_id(*)` is another way to write `partner_landing_page_versions(*)`."""
    api = as_(world.partner)
    asked = {
        (source, name, target)
        for key in foreign_keys
        for source, target in ((key.source, key.target), (key.target, key.source))
        if source in RELATIONS
        for name in key.names
    }
    assert ("partner_landing_pages", "live_version_id", "partner_landing_page_versions") in asked
    assert ("profiles", "partner_landing_pages_partner_id_fkey", "partner_landing_pages") in asked

    further = [way for way in asked if _embeds(api, *way[:2]) is not None and way[::2] not in edges]

    assert further == []


def test_hint_leads_no_further(foreign_keys: list[_ForeignKey], world: World, as_: As, edges: Edges) -> None:
    """`partner_landing_pages!partner_id(*)` picks one of several ways, and there is none to pick."""
    api = as_(world.partner)
    asked = {
        (source, f"{target}!{name}")
        for source, target in product(RELATIONS, repeat=2)
        for key in foreign_keys
        if (source, target) not in edges and key.source in {source, target}
        for name in key.names
    }
    assert ("profiles", "partner_landing_pages!partner_id") in asked

    assert [way for way in asked if _embeds(api, *way) is not None] == []


def test_nobody_may_execute_a_function_of_a_row(platform: Database) -> None:
    """It stands in for an embed that is refused; executable, it would be one."""
    functions = platform.rows(
        "select p.oid::regprocedure::text as name, p.proacl::text as rights from pg_proc as p"
        " join pg_type as t on t.oid = any (p.proargtypes) and t.typrelid <> 0"
        " where p.pronamespace = 'public'::regnamespace"
    )

    assert functions
    assert [row["name"] for row in functions if row["rights"] != "{postgres=X/postgres}"] == []


def test_refused_embed_says_so(world: World, as_: As) -> None:
    """The way round that made everybody wait, of a partner's own rows."""
    response = as_(world.partner).send(
        "GET",
        "/profiles",
        params={"select": "id,partner_landing_pages(id,profiles(id,partner_landing_pages(id)))"},
    )

    assert response.status_code == HTTPStatus.FORBIDDEN
    assert response.json()["message"] == "permission denied for function partner_landing_pages"
