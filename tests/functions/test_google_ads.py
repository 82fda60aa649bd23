"""POST /webhooks/google_ads: proven by its key, stored without it, and answered as Google wants."""

import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stack.example_secrets import BODY_HMAC_KEY, GOOGLE_ADS_KEYS
from tests.fake_postgrest import FakePostgREST, refuse
from tests.functions.senders import FIXTURES

URL = "/webhooks/google_ads"


@pytest.fixture(autouse=True)
def _answers(database: FakePostgREST) -> None:
    database.answers["ingest_campaign_events"] = lambda arguments: [
        {"event_key": event["event_key"], "outcome": "applied", "reason": None}
        for event in arguments["events"]
    ]


def stored(database: FakePostgREST) -> dict[str, Any]:
    (event,) = database.calls[-1].arguments["events"]
    assert isinstance(event, dict)
    return event


def lead(**changes: object) -> dict[str, Any]:
    return {"lead_id": "L1", "google_key": GOOGLE_ADS_KEYS[0], "campaign_id": 21700100001} | changes


async def test_a_lead_is_stored_with_its_person_apart_and_without_the_key(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    body = (FIXTURES / "google/lead_full.json").read_bytes()

    response = await webhook_client.post(URL, content=body, headers={"Content-Type": "application/json"})

    assert (response.status_code, response.json()) == (200, {})
    assert database.calls[-1].arguments["source"] == "google_ads"
    event = stored(database)
    lead_id = "Cj0KEQiAexAmPlE1-LeadIdIsOpaque_aB3-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH"
    assert event["event_key"] == f"google:lead:{lead_id}"
    assert event["facts"] == {
        "kind": "lead",
        "external_lead_id": lead_id,
        "is_test": False,
        "submitted_at": "2026-11-18T09:26:40Z",
        "is_announced": False,
    }
    assert event["channel"] == "google_ads"
    assert event["person"]["tags"] == {"gclid": "Cj0KEQiAexAmPlE1-ClickId"}
    assert "ClickId" not in json.dumps(event["payload"])
    assert event["external_campaign_id"] == "21700100001"
    assert event["person"]["name"] == "Jürgen Øster-Łęcki"
    assert event["person"]["phone"] == "+49 30 5550 0100"
    assert event["person"]["answers"]["Wie hoch ist Ihr Budget?"] == "ab 10 000 € / Monat"
    assert GOOGLE_ADS_KEYS[0] not in json.dumps(database.calls[-1].arguments)
    assert "juergen@example.org" not in json.dumps(event["payload"])


@pytest.mark.parametrize("key", GOOGLE_ADS_KEYS)
async def test_each_key_of_a_rotation_opens(webhook_client: httpx.AsyncClient, key: str) -> None:
    assert (await webhook_client.post(URL, json=lead(google_key=key))).status_code == 200


async def test_a_key_may_be_escaped_as_json_allows(webhook_client: httpx.AsyncClient) -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in GOOGLE_ADS_KEYS[0])
    body = json.dumps(lead(google_key="KEY")).replace("KEY", escaped)

    response = await webhook_client.post(URL, content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "key", ["guessed", "", GOOGLE_ADS_KEYS[0][:-1], "é", "\ud800", None, 7, [GOOGLE_ADS_KEYS[0]], True]
)
async def test_another_key_is_refused_and_nothing_is_stored(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, key: object
) -> None:
    body = json.dumps(lead(google_key=key))

    response = await webhook_client.post(URL, content=body, headers={"Content-Type": "application/json"})

    assert (response.status_code, response.json()["code"]) == (401, "signature_mismatch")
    assert response.json()["message"] == response.json()["detail"]
    assert database.calls == []


async def test_a_body_without_a_key_is_refused(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    bodies: tuple[object, ...] = ({}, [], [lead()], None, 1, "x")
    for body in bodies:
        assert (await webhook_client.post(URL, json=body)).status_code in {400, 401}
    assert database.calls == []


async def test_the_key_is_stored_nowhere(database: FakePostgREST, webhook_client: httpx.AsyncClient) -> None:
    """Not nested, not in a list, and not from the first of two members of one name."""
    nested = {"google_key": GOOGLE_ADS_KEYS[0]}
    body = json.dumps(lead(extra={"list": [nested, nested]}, user_column_data=[nested]))
    body = f'{{"google_key": "{GOOGLE_ADS_KEYS[0]}", {body[1:]}'

    response = await webhook_client.post(URL, content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 200
    assert GOOGLE_ADS_KEYS[0] not in json.dumps(database.calls[-1].arguments)


async def test_the_hash_is_of_what_was_said_and_not_of_how(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    headers = {"Content-Type": "application/json"}
    reordered = json.dumps(dict(reversed(lead(google_key=GOOGLE_ADS_KEYS[1]).items())), indent=2)

    await webhook_client.post(URL, json=lead())
    one = stored(database)["body_hmac"]
    await webhook_client.post(URL, content=reordered, headers=headers)
    again = stored(database)["body_hmac"]
    await webhook_client.post(URL, json=lead(campaign_id=2))

    assert one == again != stored(database)["body_hmac"]


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("lead_test_button", {"external_campaign_id": "10000000000"}),
        ("lead_missing_campaign_id", {"external_campaign_id": None, "occurred_at": None}),
        (
            "lead_relay_string_ids",
            {"external_campaign_id": "456789123", "event_key": "google:lead:123456789"},
        ),
    ],
)
async def test_samples_are_read_as_their_manifest_says(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, sample: str, expected: dict[str, Any]
) -> None:
    body = (FIXTURES / f"google/{sample}.json").read_bytes()

    response = await webhook_client.post(URL, content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 200
    assert stored(database).items() >= expected.items()
    assert stored(database)["facts"]["is_test"] == (sample == "lead_test_button")


async def test_a_relays_columns_without_ids_still_name_the_person(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    body = (FIXTURES / "google/lead_relay_string_ids.json").read_bytes()

    await webhook_client.post(URL, content=body, headers={"Content-Type": "application/json"})

    person = stored(database)["person"]
    assert (person["name"], person["email"], person["phone"]) == (
        "John Doe",
        "john@example.org",
        "+1-555-123-4567",
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (9007199254740993, "9007199254740993"),
        (" 12 ", "12"),
        (0, None),
        ("0", None),
        ("", None),
        (None, None),
        (1.5, None),
        (True, None),
        ([], None),
        (10**30, str(10**30)),
    ],
)
async def test_an_id_is_text_and_exact(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, given: object, kept: str | None
) -> None:
    response = await webhook_client.post(URL, json=lead(campaign_id=given))

    assert response.status_code == 200
    assert stored(database)["external_campaign_id"] == kept


async def test_an_id_that_is_too_long_for_an_index_is_its_hash(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    for length in (160, 5000):
        await webhook_client.post(URL, json=lead(lead_id="x" * length))

    first, second = (call.arguments["events"][0] for call in database.calls)
    assert first["facts"]["external_lead_id"] == "x" * 160
    assert second["facts"]["external_lead_id"].startswith("sha256:")
    assert len(second["event_key"]) <= 255


async def test_what_is_kept_of_a_body_gives_nobody_away(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    """Not to who has the database and tries every telephone number, that is without our key."""
    body = lead(user_column_data=[{"column_id": "PHONE_NUMBER", "string_value": "+31612345678"}])
    await webhook_client.post(URL, json=body)

    said = {name: value for name, value in body.items() if name != "google_key"}
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    event = stored(database)
    assert event["body_hmac"] == hmac.new(BODY_HMAC_KEY.encode(), canonical, hashlib.sha256).hexdigest()
    assert hashlib.sha256(canonical).hexdigest() not in json.dumps(event)


async def test_a_lead_without_an_id_is_still_a_lead(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    await webhook_client.post(URL, json={"google_key": GOOGLE_ADS_KEYS[0], "form_id": 1})

    event = stored(database)
    assert event["facts"]["external_lead_id"] == f"hmac:{event['body_hmac']}"


async def test_what_postgresql_cannot_store_is_replaced_and_not_lost(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    columns = [{"column_id": "FULL_NAME", "string_value": "A\x00\ud800B"}]
    body = json.dumps(lead(user_column_data=columns, **{"k\x00": "\udfff"}))

    response = await webhook_client.post(URL, content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 200
    assert stored(database)["person"]["name"] == "A\ufffd\ufffdB"
    assert stored(database)["person"]["answers"]["k\ufffd"] == "\ufffd"


async def test_two_questions_of_one_name_are_two_answers(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    columns = [{"column_name": "Welke?", "string_value": answer} for answer in ("deze", "die")]

    await webhook_client.post(URL, json=lead(user_column_data=columns))

    assert stored(database)["person"]["answers"] == {"Welke?": "deze", "Welke? #2": "die"}


async def test_a_moment_without_an_offset_is_no_moment(
    database: FakePostgREST, webhook_client: httpx.AsyncClient
) -> None:
    for moment in ("2026-11-18T09:26:40", "0001-01-01T00:00:00+01:00", "morgen", 1795003200, None):
        response = await webhook_client.post(URL, json=lead(lead_submit_time=moment))

        assert response.status_code == 200
        assert stored(database)["occurred_at"] is None


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (httpx.ConnectError("down"), 503, "database_unavailable"),
        (refuse(503, "PT503", "retry"), 503, "retry"),
        (refuse(401, "PGRST301", "JWT expired"), 500, "internal_error"),
        (refuse(400, "22P02", "invalid input syntax"), 500, "internal_error"),
        ({"not": "a list"}, 500, "internal_error"),
    ],
)
async def test_our_own_trouble_is_5xx_so_that_google_sends_again(
    database: FakePostgREST, webhook_client: httpx.AsyncClient, answer: object, status: int, code: str
) -> None:
    database.answers["ingest_campaign_events"] = answer

    response = await webhook_client.post(URL, json=lead())

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["message"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ["lead_id", "campaign_id", "user_column_data", "is_test", "lead_submit_time", "form_id", "x"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(fields=st.dictionaries(st.sampled_from(FIELDS), ANY_JSON))
async def test_a_proven_lead_of_any_shape_is_stored(
    webhook_client: httpx.AsyncClient, fields: dict[str, Any]
) -> None:
    body = json.dumps({"google_key": GOOGLE_ADS_KEYS[0]} | fields)

    response = await webhook_client.post(URL, content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(
    columns=st.lists(
        ANY_JSON
        | st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("column_id", "column_name", "string_value"), ANY_JSON)
        )
    )
)
async def test_columns_of_any_shape_are_stored(webhook_client: httpx.AsyncClient, columns: list[Any]) -> None:
    body = json.dumps(lead(user_column_data=columns))

    response = await webhook_client.post(URL, content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 200
