"""Deliveries that come in together are stored together, and each answered for its own."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from stack.example_secrets import GOOGLE_ADS_KEYS, META_APP_SECRETS
from tests.fake_postgrest import FakePostgREST, refuse
from tests.samples import meta_headers


def _answer(arguments: dict[str, Any]) -> list[dict[str, object]]:
    return [
        {"event_key": event["event_key"], "outcome": "applied", "reason": None}
        for event in arguments["events"]
    ]


async def _lead(client: httpx.AsyncClient, lead_id: str) -> httpx.Response:
    body = {"lead_id": lead_id, "google_key": GOOGLE_ADS_KEYS[0], "campaign_id": 1}
    return await client.post("/webhooks/google_ads", json=body)


async def _batch(client: httpx.AsyncClient, size: int, page: str = "1") -> httpx.Response:
    changes = [{"field": "leadgen", "value": {"leadgen_id": f"{page}{n:05}"}} for n in range(size)]
    body = json.dumps({"object": "page", "entry": [{"id": page, "time": 1, "changes": changes}]}).encode()
    return await client.post(
        "/webhooks/meta_ads", content=body, headers=meta_headers(META_APP_SECRETS[0], body)
    )


def _sizes(database: FakePostgREST) -> list[tuple[object, int]]:
    return [(call.arguments["source"], len(call.arguments["events"])) for call in database.calls]


async def test_deliveries_that_come_in_together_ride_in_one_call(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    database.answers["ingest_campaign_events"] = _answer

    answers = await asyncio.gather(*(_lead(webhook_client, f"L{number}") for number in range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert sum(size for _, size in _sizes(database)) == 50
    assert len(database.calls) <= 4


async def test_no_call_has_more_than_a_thousand_events_or_those_of_two_sources(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    database.answers["ingest_campaign_events"] = _answer

    await asyncio.gather(
        *(_batch(webhook_client, 600, str(number)) for number in range(1, 5)),
        *(_lead(webhook_client, f"L{number}") for number in range(5)),
    )

    assert max(size for _, size in _sizes(database)) <= 1000
    assert sum(size for source, size in _sizes(database) if source == "meta_ads") == 2400
    assert sum(size for source, size in _sizes(database) if source == "google_ads") == 5


async def test_one_delivery_that_is_refused_fails_no_other(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    def answer(arguments: dict[str, Any]) -> object:
        keys = [event["event_key"] for event in arguments["events"]]
        return refuse(400, "PT400", "batch_refused") if "google:lead:bad" in keys else _answer(arguments)

    database.answers["ingest_campaign_events"] = answer

    names = ["a", "b", "c", "bad", "d", "e"]
    answers = await asyncio.gather(*(_lead(webhook_client, name) for name in names))

    assert [answer.status_code for answer in answers] == [200, 200, 200, 400, 200, 200]


@pytest.mark.parametrize(
    "trouble", [httpx.ReadTimeout("slow"), refuse(503, "PT503", "retry"), {"not": "a list"}, []]
)
async def test_trouble_of_ours_is_everybodys_who_rode_along(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, trouble: object
) -> None:
    database.answers["ingest_campaign_events"] = trouble

    answers = await asyncio.gather(*(_lead(webhook_client, f"L{number}") for number in range(10)))
    database.answers["ingest_campaign_events"] = _answer
    again = await _lead(webhook_client, "L0")

    assert len(answers) == 10
    assert {answer.status_code for answer in answers} <= {500, 503}
    assert again.status_code == 200
