"""What one request may ask and one account may occupy, and what nobody learns from the planner."""

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import httpx
import pytest

from tests.access.expectations import RELATION_SAMPLES
from tests.access.world import World
from tests.actors import Actor, Person
from tests.api import As
from tests.conftest import Connect
from tests.database import Database

# What is chosen from a list; how much of the marketplace's is what is no partner's secret.
_CHOSEN = {"status", "from_status", "to_status", "source", "channel", "actor", "submitted_as", "decided_as"}
_OURS = sorted(RELATION_SAMPLES.keys() - {"profiles", "lead_segments"})
_PLACES = 6


@pytest.mark.parametrize("who", ["partner", "admin", "anon", "event_recorder"])
@pytest.mark.parametrize("prefer", ["count=planned", "return=minimal, count=estimated", 'Count="planned"'])
def test_estimate_is_refused(world: World, as_: As, who: str, prefer: str) -> None:
    answer = as_(world.actor(who)).send("GET", "/partner_leads", params={"select": "id"}, prefer=prefer)

    assert (answer.status_code, answer.json()["message"]) == (HTTPStatus.BAD_REQUEST, "count_not_available")


def test_exact_count_is_of_own_rows(world: World, as_: As) -> None:
    counts = {
        who: as_(world.actor(who))
        .send("GET", "/partner_leads", params={"select": "id"}, prefer="count=exact")
        .headers["content-range"]
        for who in ("partner", "stranger")
    }

    assert counts == {"partner": "0-0/1", "stranger": "*/0"}


def test_trusted_role_may_have_an_estimate(as_: As) -> None:
    assert as_("service_role").send("GET", "/partner_leads", prefer="count=planned").is_success


def test_planner_knows_nothing_of_whose_rows_there_are(platform: Database, world: World) -> None:
    """A second Prefer line hides the first from the check, and PostgREST 12 obeys the first."""
    assert world.partner
    platform.run("analyze")

    known = {
        row["attname"]
        for row in platform.rows(
            "select attname from pg_stats where schemaname = 'public' and tablename like 'partner\\_%'"
        )
    }

    assert known - _CHOSEN == set()
    assert "status" in known


def test_estimate_that_slips_through_is_the_same_for_everybody(
    platform: Database, world: World, postgrest: httpx.Client, as_: As
) -> None:
    rich, poor = platform.add_partner(), platform.add_partner()
    for _ in range(150):
        platform.add_campaign(rich)
    platform.run("analyze public.partner_marketing_campaigns")
    authorization = f"Bearer {as_(world.stranger).token}"

    estimates = [
        postgrest.get(
            "/partner_marketing_campaigns",
            params={"partner_id": f"eq.{competitor.id}", "select": "id"},
            headers=[("Authorization", authorization), ("Prefer", "count=planned"), ("Prefer", "tx=commit")],
        ).headers["content-range"]
        for competitor in (rich, poor)
    ]

    assert estimates[0] == estimates[1]


@pytest.mark.parametrize(
    "select",
    [
        ",".join(f"a{number}:content_json" for number in range(200)),
        ",".join(f"a{number}:profiles(*)" for number in range(50)),
    ],
    ids=["columns", "embeds"],
)
def test_request_that_asks_the_same_over_and_over_is_refused(world: World, as_: As, select: str) -> None:
    answer = as_(world.partner).send("GET", "/partner_landing_pages", params={"select": select})

    assert (answer.status_code, answer.json()["message"]) == (HTTPStatus.BAD_REQUEST, "query_too_long")


@pytest.mark.parametrize("function", ["live_landing_page", "landing_page_preview"])
def test_stranger_is_not_sent_a_page_hundreds_of_times(world: World, as_: As, function: str) -> None:
    """Who has no account is bound by nothing else."""
    select = ",".join(f"a{number}:html_gzip" for number in range(200))

    answer = as_("anon").send(
        "POST",
        f"/rpc/{function}",
        params={"select": select},
        json={"path" if function == "live_landing_page" else "token": world.partner.path("page-1")},
    )

    assert (answer.status_code, answer.json()["message"]) == (HTTPStatus.BAD_REQUEST, "query_too_long")


def test_everything_there_is_can_be_asked_at_once(world: World, as_: As) -> None:
    """All columns of a lead and of all that it embeds, of one of three hundred ids."""
    ids = ",".join([str(world.lead_id)] * 300)
    select = (
        "*,partner_landing_pages(*,profiles(*),lead_segments(*)),partner_lead_contacts(*),profiles(*),"
        "partner_marketing_campaigns(*,lead_segments(*))"
    )

    answer = as_(world.partner).send("GET", "/partner_leads", params={"select": select, "id": f"in.({ids})"})

    assert [row["partner_landing_pages"]["id"] for row in answer.json()] == [str(world.live_page_id)]


def _check_request(database: Database, who: Actor, path: str, method: str = "GET") -> str:
    """Do what PostgREST does before a request, and return the statement timeout that is left to it."""
    with database.acting_as(who):
        database.run(
            "select set_config('statement_timeout', '8s', true), set_config('request.path', %s, true),"
            " set_config('request.method', %s, true)",
            [path, method],
        )
        database.run("select private.check_request()")
        timeout: str = database.value("show statement_timeout")
    return timeout


@pytest.mark.parametrize("relation", _OURS)
def test_request_for_our_rows_has_three_seconds(db: Database, world: World, relation: str) -> None:
    assert _check_request(db, world.partner, f"/{relation}") == "3s"


@pytest.mark.parametrize("path", ["/profiles", "/lead_segments", "/leads", "/rpc/approve_landing_page"])
def test_platforms_own_requests_keep_their_time(db: Database, world: World, path: str) -> None:
    assert _check_request(db, world.partner, path) == "8s"


def test_trusted_role_keeps_its_time(db: Database) -> None:
    assert _check_request(db, "service_role", "/partner_leads") == "8s"


def test_admins_who_change_the_same_rows_take_turns(platform: Database, as_: As) -> None:
    """In whatever order each of them comes upon the rows, nobody is answered 500 for a deadlock."""
    partner = platform.add_partner()
    for _ in range(150):
        platform.add_campaign(partner)
    orders = ["id.asc", "id.desc"]

    def change(order: str) -> list[int]:
        admin = as_(platform.add_admin())
        mine = {"partner_id": f"eq.{partner.id}", "order": order, "limit": "150"}
        return [
            admin.send(
                "PATCH", "/partner_marketing_campaigns", params=mine, json={"cpl_target": str(number + 1)}
            ).status_code
            for number in range(12)
        ]

    with ThreadPoolExecutor(2) as pool:
        answered = [status for statuses in pool.map(change, orders) for status in statuses]

    assert set(answered) == {HTTPStatus.NO_CONTENT}


def _write_to_leads(connect: Connect, who: Actor) -> None:
    """Begin a write and leave it open."""
    writing = connect()
    writing.begin()
    _check_request(writing, who, "/partner_leads", "PATCH")


@pytest.mark.parametrize("who", ["partner", "admin"])
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_write_waits_for_its_turn_and_not_for_ever(
    world: World, connect: Connect, db: Database, who: str, method: str
) -> None:
    _write_to_leads(connect, world.actor(who))
    second = db.add_admin() if who == "admin" else world.actor(who)

    with db.refused("PT503", "retry"):
        _check_request(db, second, "/partner_leads", method)


@pytest.mark.parametrize(
    ("who", "other", "path", "method"),
    [
        ("admin", "admin", "/partner_leads", "GET"),
        ("admin", "admin", "/partner_segments", "POST"),
        ("admin", "admin", "/rpc/set_campaign_status", "POST"),
        ("admin", "partner", "/partner_leads", "PATCH"),
        ("partner", "stranger", "/partner_leads", "PATCH"),
    ],
)
def test_nobody_else_waits_for_a_write(
    world: World, connect: Connect, db: Database, who: str, other: str, path: str, method: str
) -> None:
    _write_to_leads(connect, world.actor(who))

    assert _check_request(db, world.actor(other), path, method)


def _occupy(database: Database, who: Person) -> None:
    """Begin a request and leave it open."""
    database.begin()
    database.run(
        "select set_config('request.jwt.claims', json_build_object('sub', %s::text)::text, true),"
        " set_config('role', 'authenticated', true)",
        [str(who.id)],
    )
    database.run("select private.check_request()")


def test_account_occupies_so_many_connections_and_nobody_elses(
    world: World, connect: Connect, db: Database
) -> None:
    busy = [connect() for _ in range(_PLACES)]
    for connection in busy:
        _occupy(connection, world.partner)

    with db.refused("PT429", "too_many_requests"):
        _check_request(db, world.partner, "/")
    assert _check_request(db, world.stranger, "/")

    busy[0].connection.rollback()
    assert _check_request(db, world.partner, "/")


def test_everybody_without_an_account_is_not_one_account(
    world: World, connect: Connect, db: Database
) -> None:
    """Visitors, and our own roles."""
    assert world.partner
    for who in ("anon", "event_recorder"):
        for _ in range(2 * _PLACES):
            connection = connect()
            connection.begin()
            connection.run("select set_config('role', %s, true)", [who])
            connection.run("select private.check_request()")

        assert _check_request(db, who, "/")
