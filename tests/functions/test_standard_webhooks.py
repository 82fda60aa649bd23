"""POST /webhooks/standard: our own events, signed; what is not understood is parked, and never refused."""

import json
import time
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stack.example_secrets import STANDARD_WEBHOOKS_SECRETS
from tests.fake_postgrest import FakePostgREST
from tests.functions.senders import FIXTURES, envelope, sign
from tests.functions.test_google_ads import ANY_JSON

URL = "/webhooks/standard"
METRICS = {
    "platform": "google_ads",
    "account_id": "1234567890",
    "campaign_id": "21700100001",
    "date": "2026-11-17",
    "currency": "EUR",
    "spend": "421.37",
    "clicks": 118,
    "impressions": 9042,
}


@pytest.fixture(autouse=True)
def _answers(database: FakePostgREST) -> None:
    database.answers["ingest_campaign_events"] = lambda arguments: [
        {
            "event_key": event["event_key"],
            "outcome": "parked" if event["facts"].get("park_reason") else "applied",
            "reason": event["facts"].get("park_reason"),
        }
        for event in arguments["events"]
    ]


async def deliver(client: httpx.AsyncClient, body: bytes, **signing: Any) -> httpx.Response:  # noqa: ANN401
    return await client.post(URL, content=body, headers=sign(body, **signing))


def stored(database: FakePostgREST) -> dict[str, Any]:
    (event,) = database.calls[-1].arguments["events"]
    assert isinstance(event, dict)
    return event


@pytest.mark.parametrize("kind", ["campaign.metrics", "campaign.metrics.snapshot"])
async def test_a_days_figures_are_understood(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, kind: str
) -> None:
    response = await deliver(webhook_client, envelope(kind, **METRICS))

    assert response.status_code == 200
    assert response.json() == {"outcomes": [{"event_key": "sw:msg_1", "outcome": "applied", "reason": None}]}
    event = stored(database)
    assert (event["facts"]["kind"], event["channel"], event["account_id"]) == (
        "metrics",
        "google_ads",
        "1234567890",
    )
    assert event["facts"] == {
        "kind": "metrics",
        "day": "2026-11-17",
        "currency": "EUR",
        "spend": "421.37",
        "clicks": 118,
        "impressions": 9042,
        "as_of": "2026-11-18T12:00:00Z",
    }


@pytest.mark.parametrize("kind", ["campaign.status", "campaign.status.changed"])
async def test_a_status_is_understood(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, kind: str
) -> None:
    body = envelope(
        kind,
        platform="google_ads",
        campaign_id=21700100001,
        status="PAUSED",
        as_of="2026-11-18T10:00:00+01:00",
    )

    await deliver(webhook_client, body)

    assert stored(database)["facts"] == {
        "kind": "status",
        "platform_status": "PAUSED",
        "as_of": "2026-11-18T09:00:00Z",
    }
    assert stored(database)["external_campaign_id"] == "21700100001"


async def test_a_lead_keeps_its_person_apart(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    body = (FIXTURES / "standard_webhooks/lead_created_generic.json").read_bytes()

    await deliver(webhook_client, body)

    event = stored(database)
    assert (event["channel"], event["external_campaign_id"]) == ("microsoft_ads", None)
    assert event["facts"]["external_lead_id"] == "ms-form-77-row-12"
    assert event["person"]["name"] == "Ирина Петрова"
    assert "Ирина" not in json.dumps(event["payload"], ensure_ascii=False)
    assert event["payload"]["data"]["form_id"] == "77"


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"spend": "0"}, {"spend": "0"}),
        ({"spend": 421}, {"spend": "421"}),
        ({"spend": 421.37}, {"spend": "421.37"}),
        ({"spend": 0.1 + 0.2}, {"spend": "0.30000000000000004"}),
        ({"spend": None, "spend_micros": 421370000}, {"spend": "421.370000"}),
        ({"spend": None, "spend_micros": "421370000"}, {"spend": "421.370000"}),
        ({"spend": None, "spend_minor": 42137}, {"spend": "421.37"}),
        ({"spend": None, "spend_minor": 42137, "currency": "JPY"}, {"spend": "42137"}),
        ({"spend": None, "spend_minor": 42137, "currency": "KWD"}, {"spend": "42.137"}),
        ({"spend": "107.5300000000000335346"}, {"spend": "107.5300000000000335346"}),
        ({"spend": "1E+3"}, {"spend": "1000"}),
        ({"clicks": "118", "impressions": "9042"}, {"clicks": 118, "impressions": 9042}),
    ],
)
async def test_exact_figures_are_kept_exactly(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, change: dict[str, Any], kept: dict[str, Any]
) -> None:
    await deliver(webhook_client, envelope("campaign.metrics", **(METRICS | change)))

    assert stored(database)["facts"].items() >= kept.items()


@pytest.mark.parametrize(
    "change",
    [
        {"spend": 1e300},
        {"spend": True},
        {"spend": None, "spend_minor": 42.5},
        {"spend_micros": 421370000},
        {"spend_minor": 42137},
        {"spend": "-1"},
        {"spend": "NaN"},
        {"spend": "1e99"},
        {"spend": "1e-9999999"},
        {"spend": "421,37"},
        {"spend": None},
        {"currency": None},
        {"currency": "euro"},
        {"clicks": -1},
        {"clicks": 1.5},
        {"clicks": 10**13},
        {"impressions": None},
        {"date": "20261117"},
        {"date": "2026-02-30"},
        {"date": 20261117},
        {"as_of": "2026-11-18T12:00:00"},
        {"as_of": 1795003200},
        {"as_of": None},
    ],
)
async def test_figures_that_cannot_be_trusted_are_parked(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, change: dict[str, Any]
) -> None:
    response = await deliver(webhook_client, envelope("campaign.metrics", **(METRICS | change)))

    assert response.status_code == 200
    assert response.json()["outcomes"][0]["reason"] == "bad_metrics"
    assert stored(database)["facts"] == {"kind": "other", "park_reason": "bad_metrics"}
    assert stored(database)["payload"]["data"].items() >= change.items()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (envelope("campaign.paused"), "unknown_kind"),
        (envelope("campaign.status", campaign_id="1"), "bad_status"),
        (envelope("campaign.metrics", platform="google_ads"), "bad_metrics"),
        (b'{"type": {"a": 1}}', "unknown_kind"),
        (b"{}", "unknown_kind"),
    ],
)
async def test_what_is_not_understood_is_parked_with_its_reason(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, body: bytes, reason: str
) -> None:
    response = await deliver(webhook_client, body)

    assert response.status_code == 200
    assert stored(database)["facts"] == {"kind": "other", "park_reason": reason}


async def test_a_platform_that_we_do_not_know_is_no_channel(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    for platform in ("myspace", ["google_ads"], {"a": 1}, None):
        await deliver(webhook_client, envelope("campaign.metrics", **(METRICS | {"platform": platform})))

        assert stored(database)["channel"] is None


@pytest.mark.parametrize("secret", STANDARD_WEBHOOKS_SECRETS)
async def test_each_secret_of_a_rotation_opens(webhook_client: httpx.AsyncClient, secret: str) -> None:
    assert (await deliver(webhook_client, b"{}", secret=secret)).status_code == 200


async def test_one_good_signature_among_others_is_enough(webhook_client: httpx.AsyncClient) -> None:
    headers = sign(b"{}")
    headers["webhook-signature"] = f"v1,AAAA v1a,AAAA {headers['webhook-signature']}"

    assert (await webhook_client.post(URL, content=b"{}", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "name", ["metrics_snapshot_google", "campaign_status_changed", "rotated_secret_two_signatures"]
)
async def test_one_changed_byte_is_refused(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, name: str
) -> None:
    body = (FIXTURES / f"standard_webhooks/{name}.json").read_bytes()
    headers = sign(body)

    for position in range(0, len(body), 7):
        changed = body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]
        response = await webhook_client.post(URL, content=changed, headers=headers)
        assert (response.status_code, response.json()["code"]) == (401, "signature_mismatch")

    assert database.calls == []
    assert (await webhook_client.post(URL, content=body, headers=headers)).status_code == 200


STRANGE = {
    "no signature": {"webhook-signature": None},
    "no id": {"webhook-id": None},
    "no timestamp": {"webhook-timestamp": None},
    "no comma": {"webhook-signature": "v1"},
    "two commas": {"webhook-signature": "v1,a,b"},
    "bad base64": {"webhook-signature": "v1,%"},
    "other letters": {"webhook-signature": "v1,é"},
    "another version": {"webhook-signature": "v9,AAAA"},
    "another id": {"webhook-id": "msg_2"},
    "no number": {"webhook-timestamp": "soon"},
    "nan": {"webhook-timestamp": "nan"},
    "a huge number": {"webhook-timestamp": "1e300"},
    "too old": {"webhook-timestamp": str(int(time.time()) - 3600)},
}


@pytest.mark.parametrize("change", STRANGE.values(), ids=STRANGE)
async def test_strange_headers_are_a_mismatch_and_no_crash(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, change: dict[str, str | None]
) -> None:
    merged = sign(b"{}") | change
    headers = [(name.encode(), value.encode()) for name, value in merged.items() if value is not None]

    response = await webhook_client.post(URL, content=b"{}", headers=headers)

    assert (response.status_code, response.json()["code"]) == (401, "signature_mismatch")
    assert response.headers["WWW-Authenticate"]
    assert database.calls == []


async def test_an_old_delivery_is_refused_and_a_future_one_too(webhook_client: httpx.AsyncClient) -> None:
    for offset in (-600, 600):
        response = await deliver(webhook_client, b"{}", at=int(time.time()) + offset)
        assert response.status_code == 401


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b'{"a": NaN}', b"[" * 100_000])
async def test_a_signed_body_that_is_no_envelope_is_malformed(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, body: bytes
) -> None:
    response = await deliver(webhook_client, body)

    assert (response.status_code, response.json()["code"]) == (400, "malformed_body")
    assert response.json()["message"]
    assert database.calls == []


async def test_bytes_that_are_no_text_are_refused(webhook_client: httpx.AsyncClient) -> None:
    headers = sign(b"{}")

    assert (await webhook_client.post(URL, content=b"\xff\xfe", headers=headers)).status_code == 401


async def test_other_bad_requests_have_their_own_status(webhook_client: httpx.AsyncClient) -> None:
    form = await webhook_client.post(URL, data={"a": "1"})
    large = await webhook_client.post(URL, content=b" " * (1024 * 1024 + 1))
    method = await webhook_client.get(URL)
    closed = await webhook_client.post("/webhooks/microsoft_ads", json={})
    strange = await webhook_client.get("/webhooks/constructor")

    assert (form.status_code, large.status_code) == (415, 413)
    assert (method.status_code, method.headers["Allow"]) == (405, "POST")
    for response in (closed, strange):
        assert (response.status_code, response.json()["code"]) == (404, "unknown_source")


async def test_the_same_message_has_the_same_key_and_hash(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    body = envelope("campaign.metrics", **METRICS)
    for at in (0, 60):
        await deliver(webhook_client, body, at=int(time.time()) - at)

    one, again = (call.arguments for call in database.calls)
    assert one == again


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(
    kind=st.sampled_from(["campaign.metrics", "campaign.status", "lead.created"]) | ANY_JSON,
    data=st.dictionaries(
        st.sampled_from([*METRICS, "status", "as_of", "lead_id", "is_test", "submitted_at", "fields"]),
        ANY_JSON,
    )
    | ANY_JSON,
    timestamp=ANY_JSON,
)
async def test_a_proven_event_of_any_shape_is_stored(
    webhook_client: httpx.AsyncClient, kind: object, data: object, timestamp: object
) -> None:
    body = json.dumps({"type": kind, "data": data, "timestamp": timestamp}).encode()

    assert (await deliver(webhook_client, body)).status_code == 200
