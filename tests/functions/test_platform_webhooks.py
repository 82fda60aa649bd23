"""Meta, LinkedIn and TikTok: how each proves itself, what is read, and what of it is kept apart."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stack.example_secrets import (
    LINKEDIN_CLIENT_SECRETS,
    META_APP_SECRETS,
    META_VERIFY_TOKENS,
    TIKTOK_APP_SECRETS,
)
from tests.fake_postgrest import FakePostgREST
from tests.functions.test_google_ads import ANY_JSON
from tests.samples import linkedin_headers, meta_headers, sign_hex, tiktok_headers

Headers = Callable[[str, bytes], dict[str, str]]

PLATFORMS: dict[str, tuple[Headers, tuple[str, ...]]] = {
    "meta_ads": (meta_headers, META_APP_SECRETS),
    "linkedin_ads": (linkedin_headers, LINKEDIN_CLIENT_SECRETS),
    "tiktok_ads": (tiktok_headers, TIKTOK_APP_SECRETS),
}
PROOF = {
    "meta_ads": "X-Hub-Signature-256",
    "linkedin_ads": "X-LI-Signature",
    "tiktok_ads": "X-Open-Signature",
}
CODE = "890e4665-4dfe-4ab1-b689-ed553bceeed0"


@pytest.fixture(autouse=True)
def _answers(database: FakePostgREST) -> None:
    database.answers["ingest_campaign_events"] = lambda arguments: [
        {"event_key": event["event_key"], "outcome": "applied", "reason": None}
        for event in arguments["events"]
    ]
    database.answers["note_webhook_handshake"] = None


async def deliver(client: httpx.AsyncClient, source: str, value: object, **headers: str) -> httpx.Response:
    sign, secrets = PLATFORMS[source]
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return await client.post(
        f"/webhooks/{source}", content=body, headers={**sign(secrets[0], body), **headers}
    )


def stored(database: FakePostgREST) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = database.calls[-1].arguments["events"]
    return events


def meta(
    field: object, value: dict[str, object], *, kind: str = "ad_account", **entry: object
) -> dict[str, object]:
    change = {"field": field, "value": value}
    return {"object": kind, "entry": [{"id": "1234567890", "time": 1795000100, "changes": [change], **entry}]}


# Proof ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", PLATFORMS)
async def test_each_secret_of_a_rotation_opens(webhook_client: httpx.AsyncClient, source: str) -> None:
    sign, secrets = PLATFORMS[source]
    for secret in secrets:
        response = await webhook_client.post(
            f"/webhooks/{source}", content=b"{}", headers=sign(secret, b"{}")
        )
        assert response.status_code == 200


@pytest.mark.parametrize("source", PLATFORMS)
@pytest.mark.parametrize(
    "given", ["", "sha256=", "é", "a" * 5000, "sha256=" + "0" * 64, "0" * 64, "sha1=x", None]
)
async def test_another_signature_is_refused_and_nothing_is_stored(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, source: str, given: str | None
) -> None:
    headers = [] if given is None else [(PROOF[source].encode(), given.encode("latin-1"))]

    response = await webhook_client.post(f"/webhooks/{source}", content=b"{}", headers=headers)

    assert (response.status_code, response.json()["code"]) == (401, "signature_mismatch")
    assert database.calls == []


@pytest.mark.parametrize("source", PLATFORMS)
@pytest.mark.parametrize("body", [b"", b"{", b"1", b"null", b'"x"', b'{"a": NaN}', b"[" * 10_000])
async def test_signed_nonsense_is_malformed(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, source: str, body: bytes
) -> None:
    response = await deliver(webhook_client, source, body)

    assert (response.status_code, response.json()["code"]) == (400, "malformed_body")
    assert database.calls == []


async def test_bytes_that_are_no_text_are_malformed_or_a_mismatch_and_no_crash(
    webhook_client: httpx.AsyncClient,
) -> None:
    for source, secret in (("meta_ads", META_APP_SECRETS[0]), ("linkedin_ads", LINKEDIN_CLIENT_SECRETS[0])):
        headers = PLATFORMS[source][0](secret, b"\xff\xfe")
        response = await webhook_client.post(f"/webhooks/{source}", content=b"\xff\xfe", headers=headers)
        assert response.status_code == 400
    headers = {"X-Open-Signature": sign_hex(TIKTOK_APP_SECRETS[0], b"\xff\xfe")}
    response = await webhook_client.post("/webhooks/tiktok_ads", content=b"\xff\xfe", headers=headers)
    assert response.status_code == 400


@pytest.mark.parametrize("source", PLATFORMS)
async def test_other_media_types_and_methods_are_refused(
    webhook_client: httpx.AsyncClient, source: str
) -> None:
    sign, secrets = PLATFORMS[source]
    form = await webhook_client.post(
        f"/webhooks/{source}", content=b"{}", headers={**sign(secrets[0], b"{}"), "Content-Type": "text/html"}
    )
    large = await webhook_client.post(f"/webhooks/{source}", content=b" " * (1024 * 1024 + 1))
    put = await webhook_client.put(f"/webhooks/{source}", content=b"{}")

    assert (form.status_code, large.status_code, put.status_code) == (415, 413, 405)


# Handshakes -------------------------------------------------------------------------------------------------


def hub(**changes: str) -> dict[str, str]:
    query = {"mode": "subscribe", "challenge": "11582", "verify_token": META_VERIFY_TOKENS[0], **changes}
    return {f"hub.{name}": value for name, value in query.items()}


@pytest.mark.parametrize("challenge", ["1158201444", "a random string", "<script>alert(1)</script>", "é"])
async def test_meta_gets_its_challenge_back_as_text(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, challenge: str
) -> None:
    response = await webhook_client.get("/webhooks/meta_ads", params=hub(challenge=challenge))

    assert (response.status_code, response.text) == (200, challenge)
    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert database.calls[-1].arguments == {"source": "meta_ads"}


@pytest.mark.parametrize(
    "query",
    [
        hub(mode="unsubscribe"),
        *(hub(verify_token=token) for token in ("guessed", "", "é")),
        hub(challenge=""),
        hub(challenge="x" * 301),
        {},
    ],
)
async def test_nobody_else_gets_a_challenge_back(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, query: dict[str, str]
) -> None:
    response = await webhook_client.get("/webhooks/meta_ads", params=query)

    assert (response.status_code, response.json()["code"]) == (403, "handshake_refused")
    assert "11582" not in response.text
    assert database.calls == []


async def test_linkedin_gets_its_challenge_signed(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    query = {"challengeCode": CODE, "applicationId": "77"}

    response = await webhook_client.get("/webhooks/linkedin_ads", params=query)

    signature = sign_hex(LINKEDIN_CLIENT_SECRETS[0], CODE.encode())
    assert response.json() == {"challengeCode": CODE, "challengeResponse": signature}
    assert database.calls[-1].arguments == {"source": "linkedin_ads"}


@pytest.mark.parametrize(
    "code",
    [
        "",
        "1",
        "hmacsha256={}",
        f"{CODE}\n",
        f" {CODE}",
        f"{CODE}{CODE}",
        CODE.replace("-", ""),
        f"{{{CODE}}}",
    ],
)
async def test_nothing_but_a_uuid_is_signed_for_a_stranger(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, code: str
) -> None:
    """The key is the one of the events: whoever has us sign `hmacsha256={…}` has forged one."""
    response = await webhook_client.get("/webhooks/linkedin_ads", params={"challengeCode": code})

    assert (response.status_code, response.json()["code"]) == (403, "handshake_refused")
    assert database.calls == []


async def test_handshakes_keep_no_database_busy(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    for _ in range(20):
        response = await webhook_client.get("/webhooks/linkedin_ads", params={"challengeCode": CODE})
        assert response.status_code == 200

    assert len(database.calls) == 1


async def test_handshake_is_answered_while_the_database_is_down(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    database.answers["note_webhook_handshake"] = httpx.ConnectError("down")

    response = await webhook_client.get("/webhooks/linkedin_ads", params={"challengeCode": CODE})

    assert response.status_code == 200


@pytest.mark.parametrize("source", ["google_ads", "tiktok_ads", "standard"])
async def test_others_have_no_handshake(webhook_client: httpx.AsyncClient, source: str) -> None:
    response = await webhook_client.get(f"/webhooks/{source}", params={**hub(), "challengeCode": CODE})

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


# Meta -------------------------------------------------------------------------------------------------------


async def test_a_batch_of_a_thousand_is_one_call(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    changes = [{"field": "leadgen", "value": {"leadgen_id": str(number)}} for number in range(1, 1501)]
    batch = {"object": "page", "entry": [{"id": "1", "time": 1795000100, "changes": changes}]}

    response = await deliver(webhook_client, "meta_ads", batch)

    assert (response.status_code, response.json()) == (200, {})
    assert [len(call.arguments["events"]) for call in database.calls] == [1000, 500]


@pytest.mark.parametrize(
    ("lead_id", "kept"),
    [(9007199254740993, "9007199254740993"), ("444444444444", "444444444444"), (10**20, str(10**20))],
)
async def test_a_lead_of_meta_is_announced_under_its_exact_id(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, lead_id: object, kept: str
) -> None:
    await deliver(webhook_client, "meta_ads", meta("leadgen", {"leadgen_id": lead_id}, kind="page"))

    (event,) = stored(database)
    assert event["event_key"] == f"meta:leadgen:{kept}"
    assert event["facts"]["is_announced"]
    assert event["facts"]["is_test"] == (kept == "444444444444")
    assert event["external_campaign_id"] is None


@pytest.mark.parametrize(("entry_id", "is_test"), [("0", True), (0, True), ("12", False), (None, False)])
async def test_a_lead_of_no_page_is_the_dashboards_test(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, entry_id: object, *, is_test: bool
) -> None:
    await deliver(webhook_client, "meta_ads", meta("leadgen", {"leadgen_id": "7"}, kind="page", id=entry_id))

    assert stored(database)[0]["facts"]["is_test"] == is_test


@pytest.mark.parametrize(
    "envelope",
    [
        meta("leadgen", {"page_id": 1}, kind="page"),
        meta("leadgen", {"leadgen_id": "1"}),
        meta("feed", {"message": "Bel Jan op 06-12345678"}, kind="page"),
        meta("field_changed", {"object_id": "1", "object_type": "universe"}),
        meta("subscriptions", {"object_type": "campaign"}),
        meta({"a": 1}, {"object_id": "1", "object_type": "campaign"}),
        meta("x", {}, kind="whatsapp_business_account"),
        {"object": "page", "entry": [{"id": "1", "changed_fields": ["leadgen"]}]},
        {"object": "page"},
        {"entry": "Jan"},
        {},
        [],
    ],
)
async def test_what_meta_says_more_is_kept_and_parked(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, envelope: object
) -> None:
    response = await deliver(webhook_client, "meta_ads", envelope)

    assert response.status_code == 200
    (event,) = stored(database)
    assert event["facts"] == {"kind": "other", "park_reason": "unknown_kind"}
    assert "Jan" not in json.dumps({**event, "person": None})
    assert ("Jan" in json.dumps(envelope)) == ("Jan" in json.dumps(event["person"]))


async def test_an_envelope_may_come_in_a_list(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    await deliver(webhook_client, "meta_ads", [meta("leadgen", {"leadgen_id": "7"}, kind="page")] * 2)

    assert [event["event_key"] for event in stored(database)] == ["meta:leadgen:7"] * 2


async def test_same_change_of_another_moment_is_another_event(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    value: dict[str, object] = {
        "object_id": "5",
        "object_type": "adset",
        "changed_fields": ["effective_status"],
    }
    keys = []
    for moment in (1795000100, 1795000100, 1795000101):
        await deliver(webhook_client, "meta_ads", meta("field_changed", value, time=moment))
        (event,) = stored(database)
        keys.append(event["event_key"])

    assert keys[0] == keys[1] != keys[2]
    assert event["facts"] == {"kind": "announcement", "object_type": "ad_group", "object_id": "5"}
    assert event["payload"]["value"]["changed_fields"] == "effective_status"
    assert event["account_id"] == "1234567890"


# LinkedIn ---------------------------------------------------------------------------------------------------

NOTICE = {
    "type": "LEAD_ACTION",
    "leadGenFormResponse": "urn:li:leadGenFormResponse:1-5",
    "leadGenForm": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:1, 1)",
    "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:520866471"},
    "leadType": "SPONSORED",
    "leadAction": "CREATED",
    "occurredAt": 1795000200123,
}


@pytest.mark.parametrize(
    ("occurred_at", "kept"),
    [
        (1795000200123, "2026-11-18T11:10:00.123000Z"),
        (1795000200, "2026-11-18T11:10:00Z"),
        ("1795000200", "2026-11-18T11:10:00Z"),
        (10**30, None),
        ("gisteren", None),
        (None, None),
        (True, None),
    ],
)
async def test_a_lead_of_linkedin_is_announced(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, occurred_at: object, kept: str | None
) -> None:
    await deliver(webhook_client, "linkedin_ads", {**NOTICE, "occurredAt": occurred_at})

    (event,) = stored(database)
    assert event["event_key"] == "linkedin:lead:urn:li:leadGenFormResponse:1-5:CREATED"
    assert (event["account_id"], event["occurred_at"]) == ("520866471", kept)
    assert event["facts"]["submitted_at"] == kept
    assert event["payload"]["owner"] == NOTICE["owner"]
    assert event["person"] is None


async def test_a_lead_that_is_taken_back_is_a_withdrawal(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    await deliver(webhook_client, "linkedin_ads", {**NOTICE, "leadAction": "DELETED"})

    (event,) = stored(database)
    assert event["facts"] == {"kind": "withdrawal", "external_lead_id": "urn:li:leadGenFormResponse:1-5"}
    assert event["event_key"].endswith(":DELETED")


async def test_linkedins_signature_may_have_its_prefix(webhook_client: httpx.AsyncClient) -> None:
    body = json.dumps(NOTICE).encode()
    given = f"hmacsha256={sign_hex(LINKEDIN_CLIENT_SECRETS[0], b'hmacsha256=', body)}"

    response = await deliver(webhook_client, "linkedin_ads", body, **{"X-LI-Signature": given})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"type": "ORGANIZATION_SOCIAL_ACTION"},
        {"leadAction": "EXPORTED"},
        {"leadAction": {}},
        {"leadGenFormResponse": None},
    ],
)
async def test_what_linkedin_says_more_is_kept_and_parked(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, change: dict[str, object]
) -> None:
    notice = {**NOTICE, **change, "owner": {"member": "Jan"}, "comment": {"text": "Bel Jan"}}

    response = await deliver(webhook_client, "linkedin_ads", notice)

    assert response.status_code == 200
    (event,) = stored(database)
    assert event["facts"] == {"kind": "other", "park_reason": "unknown_kind"}
    assert "Jan" not in json.dumps(event["payload"])
    assert event["person"]["answers"].items() >= {"member": "Jan", "text": "Bel Jan"}.items()


# TikTok -----------------------------------------------------------------------------------------------------


def tiktok(**changes: object) -> dict[str, object]:
    entry = {
        "id": 7431234567890123456,
        "advertiser_id": 7020000000000000009,
        "campaign_id": 1780000000000001,
        "create_time": 1795000499,
        "changes": [{"field": "full name", "value": "Zoë 🎉"}, {"field": "phone_number", "value": "0612"}],
    }
    return {"object": 1, "time": 1795000500, "entry": [{**entry, **changes}]}


async def test_a_lead_of_tiktok_comes_with_its_answers(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    body = json.dumps(tiktok(), ensure_ascii=False).encode()

    response = await deliver(webhook_client, "tiktok_ads", body)

    assert response.status_code == 200
    (event,) = stored(database)
    assert event["event_key"] == "tiktok:lead:7431234567890123456"
    assert (event["account_id"], event["external_campaign_id"]) == ("7020000000000000009", "1780000000000001")
    assert (event["person"]["name"], event["person"]["phone"]) == ("Zoë 🎉", "0612")
    assert "Zoë" not in json.dumps(event["payload"], ensure_ascii=False)


async def test_notices_of_a_tiktok_account_are_about_no_ad(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    body = b'{"client_key":"k","event":"post.publish.complete"}'
    signature = sign_hex(TIKTOK_APP_SECRETS[0], b"1795000701.", body)
    url, headers = "/webhooks/tiktok_ads", {"TikTok-Signature": f"t=1795000701,s={signature}"}

    response = await webhook_client.post(url, content=body, headers=headers)
    forged = await webhook_client.post(url, content=body + b" ", headers=headers)

    assert (response.status_code, response.json(), forged.status_code) == (200, {}, 401)
    assert database.calls == []


async def test_another_product_of_tiktok_is_kept_and_parked(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    for envelope in ({**tiktok(), "object": 2}, {"object": 1, "entry": []}, {"object": 1}, {}):
        response = await deliver(webhook_client, "tiktok_ads", envelope)

        assert response.status_code == 200
        (event,) = stored(database)
        assert event["facts"] == {"kind": "other", "park_reason": "unknown_kind"}
        assert "Zo" not in json.dumps(event["payload"])


# Anything ---------------------------------------------------------------------------------------------------

NAMES = [
    "object", "entry", "id", "time", "changes", "field", "value", "leadgen_id", "object_id", "object_type",
    "leadGenFormResponse", "leadAction", "type", "owner", "changed_fields", "create_time", "campaign_id",
]  # fmt: skip
SHAPES = st.recursive(
    ANY_JSON
    | st.sampled_from(["page", "ad_account", "leadgen", "field_changed", "LEAD_ACTION", "CREATED", 1]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)


@pytest.mark.parametrize("source", PLATFORMS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(body=st.dictionaries(st.sampled_from(NAMES), SHAPES))
async def test_a_proven_delivery_of_any_shape_is_stored(
    webhook_client: httpx.AsyncClient, source: str, body: dict[str, object]
) -> None:
    assert (await deliver(webhook_client, source, body)).status_code == 200
