"""Who a visitor is: the same within a day, unknown the next, and not whoever a header claims."""

import datetime as dt
from typing import Any
from uuid import UUID

import httpx
import pytest
from starlette.requests import Request

from functions.landing_page_track.visitor import client_address, networks_of
from tests.events import count_all
from tests.fake_postgrest import FakePostgREST, refuse
from tests.functions.conftest import Serve
from tests.functions.senders import BROWSER, NOW, uuid7, view

SALTS = {f"2026-11-{day}": f"{day}" * 32 for day in range(16, 21)}


@pytest.fixture(autouse=True)
def _answers(database: FakePostgREST) -> None:
    database.answers = {
        "visitor_salt": lambda arguments: SALTS[arguments["day"]],
        "record_events": count_all,
    }


def make_request(*forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return Request({"type": "http", "headers": headers, "client": ("203.0.113.7", 1)})


@pytest.mark.parametrize(
    ("count", "forwarded", "address"),
    [
        (0, [], "203.0.113.7"),
        (0, ["198.51.100.1"], "203.0.113.7"),
        (1, ["198.51.100.1"], "198.51.100.1"),
        (1, ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        (1, ["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
        (2, ["6.6.6.6, 198.51.100.1, 10.0.0.1"], "198.51.100.1"),
        (2, ["198.51.100.1"], "203.0.113.7"),
    ],
)
def test_the_address_is_what_our_nearest_proxy_saw(count: int, forwarded: list[str], address: str) -> None:
    assert client_address(make_request(*forwarded), count) == address


@pytest.mark.parametrize(
    ("one", "another", "shared"),
    [
        ("192.0.2.1", "192.0.2.1", "address"),
        ("192.0.2.1", "192.0.2.254", "network"),
        ("192.0.2.1", "192.0.3.1", ""),
        ("192.0.2.1", "::ffff:192.0.2.1", "address"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "address"),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", "network"),
        ("2001:db8:1:2::1", "2001:db8:2:2::1", ""),
        ("unknown", "unknown", "address"),
        ("unknown", "elsewhere", ""),
    ],
)
def test_what_one_customer_has_and_the_network_around_it(one: str, another: str, shared: str) -> None:
    (address, network), (other_address, other_network) = networks_of(one), networks_of(another)

    assert (address == other_address) == (shared == "address")
    assert (network == other_network) == (shared in {"address", "network"})


async def visitors(
    database: FakePostgREST, client: httpx.AsyncClient, *requests: dict[str, Any]
) -> list[int]:
    """Send a view for each, and return the visitor hashes that reached the database."""
    async with client:
        for serial, request in enumerate(requests):
            event = view(id=str(request.pop("id", uuid7(serial=serial))))
            response = await client.post("/events", json=event, **request)
            assert response.status_code == 204
    return [
        visitor
        for call in database.calls
        if call.function == "record_events"
        for visitor in call.arguments["visitors"]
    ]


async def test_a_visitor_is_told_by_browser_and_address(database: FakePostgREST, serve_track: Serve) -> None:
    forwarded = [{"headers": {"X-Forwarded-For": f"6.6.6.6, 198.51.100.{host}"}} for host in (1, 1, 2)]
    other_browser = {"headers": {"X-Forwarded-For": "198.51.100.1", "User-Agent": BROWSER + "2"}}

    one, again, other, browser = await visitors(
        database, serve_track(trusted_proxy_count=1), *forwarded, other_browser
    )

    assert one == again
    assert len({one, other, browser}) == 3
    assert all(-(2**63) <= visitor < 2**63 for visitor in (one, other, browser))


async def test_a_forged_header_makes_no_second_visitor(database: FakePostgREST, serve_track: Serve) -> None:
    forged = {"headers": {"X-Forwarded-For": "198.51.100.1", "Forwarded": "for=198.51.100.1"}}

    one, other = await visitors(database, serve_track(), {}, forged)

    assert one == other


async def test_nobody_is_recognised_the_next_day(database: FakePostgREST, serve_track: Serve) -> None:
    """The day is the event's, so that a retry falls on the same keys; and it is a Dutch day."""
    before_midnight = dt.datetime(2026, 11, 17, 22, 59, 59, tzinfo=dt.UTC)
    midnight = dt.datetime(2026, 11, 17, 23, 0, tzinfo=dt.UTC)

    one, again, next_day = await visitors(
        database,
        serve_track(),
        {"id": uuid7(before_midnight, 1)},
        {"id": uuid7(before_midnight, 2)},
        {"id": uuid7(midnight)},
    )

    assert one == again != next_day
    asked = [call.arguments["day"] for call in database.calls if call.function == "visitor_salt"]
    assert asked == ["2026-11-17", "2026-11-18"]


async def test_another_sites_visitors_are_others(database: FakePostgREST, serve_track: Serve) -> None:
    (one,) = await visitors(database, serve_track(), {})
    one_and_other = await visitors(database, serve_track(site_url="https://www.other.nl"), {})

    assert one_and_other[0] == one != one_and_other[1]


@pytest.mark.parametrize(
    "moment",
    [
        NOW - dt.timedelta(days=2),
        NOW + dt.timedelta(days=2),
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
        dt.datetime(9999, 1, 1, tzinfo=dt.UTC),
    ],
)
async def test_an_event_of_a_day_without_salt_is_late(
    database: FakePostgREST, track_client: httpx.AsyncClient, moment: dt.datetime
) -> None:
    response = await track_client.post("/events", json=view(id=str(uuid7(moment))))

    assert (response.status_code, response.headers["Event-Outcome"]) == (204, "late")
    assert database.calls == []


async def test_an_id_from_beyond_the_calendar_is_late(track_client: httpx.AsyncClient) -> None:
    beyond = UUID("ffffffff-ffff-7fff-bfff-ffffffffffff")

    response = await track_client.post("/events", json=view(id=str(beyond)))

    assert response.headers["Event-Outcome"] == "late"


async def test_a_salt_that_is_just_gone_makes_the_event_late(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    database.answers["visitor_salt"] = refuse(400, "PT400", "salt_not_kept")

    response = await track_client.post("/events", json=view())

    assert response.headers["Event-Outcome"] == "late"
    assert database.called == ["visitor_salt"]


async def test_a_salt_that_cannot_be_fetched_is_asked_for_again(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    database.answers["visitor_salt"] = httpx.ConnectError("down")
    refused = await track_client.post("/events", json=view())
    database.answers["visitor_salt"] = SALTS["2026-11-18"]
    counted = await track_client.post("/events", json=view())

    assert (refused.status_code, counted.status_code) == (503, 204)
