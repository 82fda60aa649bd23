"""POST /event-batches: who may push, and what is taken."""

import base64
import datetime as dt
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from pytest_mock import MockerFixture

from functions.landing_page_count import push as push_module
from functions.landing_page_count import routes
from functions.landing_page_count.google_keys import (
    ASK_AGAIN_SECONDS,
    FAILED_SECONDS,
    KEPT_SECONDS,
    GoogleKeys,
)
from functions.landing_page_count.push import MAX_BODY_BYTES
from functions.landing_page_count.settings import CountSettings
from shared.http.settings import Settings
from shared.postgrest.client import PostgREST
from tests.events import columns, count_all
from tests.fake_postgrest import FakePostgREST, make_jwt, refuse
from tests.functions.conftest import PROJECT, Clock, make_client
from tests.simulator.pubsub import ACCOUNT, AUDIENCE, PubSub, push

BATCH_ID = UUID("0190a1b2-0000-4000-8000-00000000000b")
PAGE_ID = "0190a1b2-0000-4000-8000-000000000001"


class Certs:
    """Google's certificates, and how often they were asked for."""

    def __init__(self, pubsub: PubSub) -> None:
        self.answer: httpx.Response | Exception = httpx.Response(200, json=pubsub.jwks())
        self.asked = 0

    def __call__(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture(scope="module")
def pubsub() -> PubSub:
    return PubSub()


@pytest.fixture
def certs(pubsub: PubSub) -> Certs:
    return Certs(pubsub)


@pytest.fixture
async def client(
    database: FakePostgREST, open_database: Callable[[Settings], PostgREST], certs: Certs, clock: Clock
) -> AsyncIterator[httpx.AsyncClient]:
    database.answers["record_events"] = count_all
    settings = CountSettings.model_validate(
        {
            **PROJECT,
            "event_recorder_jwt": make_jwt("event_recorder"),
            "push_service_account": ACCOUNT,
            "push_audience": AUDIENCE,
        }
    )
    keys = GoogleKeys(transport=httpx.MockTransport(certs), timer=lambda: clock.seconds)
    async with make_client(routes.build(settings, open_database(settings), keys)) as client:
        yield client


def _message(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # Whatever it may hold.
    batch = columns([{"id": uuid4(), "page_id": PAGE_ID} for _ in range(3)])
    received = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC).isoformat()
    return {**batch, "batch_id": str(BATCH_ID), "received_at": received, **changes}


def _push(message: object) -> dict[str, object]:
    return push(base64.b64encode(json.dumps(message).encode()).decode())


async def _send(
    client: httpx.AsyncClient, pubsub: PubSub, message: object, **claims: object
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {pubsub.sign(**claims)}"}
    return await client.post("/event-batches", json=_push(message), headers=headers)


async def test_batch_is_counted_as_it_was_published(
    client: httpx.AsyncClient, database: FakePostgREST, pubsub: PubSub
) -> None:
    message = _message(drops=[{"page_id": None, "reason": "bot", "attempts": 7}])

    answer = await _send(client, pubsub, message)

    assert (answer.status_code, answer.content) == (204, b"")
    (call,) = database.calls
    told = {**call.arguments, "received_at": dt.datetime.fromisoformat(call.arguments["received_at"])}
    assert told == {**message, "received_at": dt.datetime.fromisoformat(message["received_at"])}


async def test_batch_that_came_before_is_taken_as_well(
    client: httpx.AsyncClient, database: FakePostgREST, pubsub: PubSub
) -> None:
    database.answers["record_events"] = None

    assert (await _send(client, pubsub, _message())).status_code == 204


async def test_parts_of_a_batch_that_the_database_refuses_have_the_same_ids_each_time(
    client: httpx.AsyncClient, database: FakePostgREST, pubsub: PubSub
) -> None:
    """One event cannot be stored; the others count, and counting them again is known for what it is."""
    message = _message()
    bad = message["visitors"][1]
    database.answers["record_events"] = lambda arguments: (
        refuse(400, "23514", "violates check") if bad in arguments["visitors"] else count_all(arguments)
    )

    answers = [await _send(client, pubsub, message) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    stored = [call.arguments for call in database.calls if bad not in call.arguments["visitors"]]
    calls = [(call["batch_id"], tuple(call["visitors"])) for call in stored]
    assert calls[: len(calls) // 2] == calls[len(calls) // 2 :]
    assert len({batch_id for batch_id, _ in calls}) == len(calls) // 2
    assert [drop["reason"] for call in stored for drop in call["drops"]] == ["bad", "bad"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refuse(503, "PT503", "retry"), (503, "retry")),
        (httpx.ReadTimeout("slow"), (503, "database_unavailable")),
        (refuse(401, "PGRST301", "JWT expired"), (500, "internal_error")),
    ],
)
async def test_what_is_not_counted_is_to_be_brought_again(
    client: httpx.AsyncClient,
    database: FakePostgREST,
    pubsub: PubSub,
    answer: object,
    said: tuple[int, str],
) -> None:
    database.answers["record_events"] = answer

    told = await _send(client, pubsub, _message())

    assert (told.status_code, told.json()["code"]) == said


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://accounts.example.com"},
        {"iss": None},
        {"email": "somebody@partner-marketing.iam.gserviceaccount.com"},
        {"email": None},
        {"email_verified": False},
        {"email_verified": None},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"iat": None},
    ],
)
async def test_token_of_anybody_else_pushes_nothing(
    client: httpx.AsyncClient, database: FakePostgREST, pubsub: PubSub, claims: dict[str, object]
) -> None:
    """A service account of any Google customer's has tokens that Google signs."""
    answer = await _send(client, pubsub, _message(), **claims)

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert database.calls == []


def _tokens(pubsub: PubSub) -> dict[str, str]:
    claims = jwt.decode(pubsub.sign(), options={"verify_signature": False})
    other = generate_private_key(65537, 2048)
    secret = pubsub.jwks()["keys"][0]["n"]
    header = {"kid": "stand-in"}
    return {
        "somebody's own key under a known id": jwt.encode(claims, other, "RS256", header),
        "an unknown id": jwt.encode(claims, other, "RS256", {"kid": "invented"}),
        "no id": jwt.encode(claims, other, "RS256"),
        "no signature": jwt.encode(claims, "", "none", header),
        "the public key as a secret": jwt.encode(claims, secret, "HS256", header),
        "a project's own user": make_jwt("authenticated"),
        "no token": "e30.e30.e30",
        "no token at all": "stand-in",
    }


@pytest.mark.parametrize("kind", _tokens(PubSub()))
async def test_token_that_google_did_not_sign_pushes_nothing(
    client: httpx.AsyncClient, database: FakePostgREST, pubsub: PubSub, kind: str
) -> None:
    headers = {"Authorization": f"Bearer {_tokens(pubsub)[kind]}"}

    answer = await client.post("/event-batches", json=_push(_message()), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert database.calls == []


async def test_without_a_token_nothing_is_pushed(client: httpx.AsyncClient, certs: Certs) -> None:
    answer = await client.post("/event-batches", json=_push(_message()))

    assert (answer.status_code, answer.json()["code"], certs.asked) == (401, "missing_token", 0)


async def test_keys_are_asked_for_once_and_invented_ids_have_google_asked_once_a_minute(
    client: httpx.AsyncClient, pubsub: PubSub, certs: Certs, clock: Clock
) -> None:
    invented = {"Authorization": f"Bearer {_tokens(pubsub)['an unknown id']}"}
    asked = []
    for seconds in (0, ASK_AGAIN_SECONDS - 1, 1, KEPT_SECONDS):
        clock.seconds += seconds
        for _ in range(3):
            assert (await _send(client, pubsub, _message())).status_code == 204
            await client.post("/event-batches", json=_push(_message()), headers=invented)
        asked.append(certs.asked)

    assert asked == [1, 1, 2, 3]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("down"),
        httpx.Response(503),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"keys": []}),
        httpx.Response(200, json=[]),
    ],
)
async def test_while_google_does_not_say_its_keys_batches_are_to_be_brought_again(
    client: httpx.AsyncClient,
    pubsub: PubSub,
    certs: Certs,
    clock: Clock,
    answer: httpx.Response | Exception,
) -> None:
    good, certs.answer = certs.answer, answer

    told = [await _send(client, pubsub, _message()) for _ in range(3)]

    assert {(each.status_code, each.json()["code"]) for each in told} == {(503, "keys_unavailable")}
    assert certs.asked == 1
    certs.answer = good
    clock.seconds += FAILED_SECONDS
    assert (await _send(client, pubsub, _message())).status_code == 204


@pytest.mark.parametrize(
    "change",
    [
        {"batch_id": None},
        {"received_at": None},
        {"received_at": "yesterday"},
        {"ids": ["not an id"] * 3},
        {"kinds": ["purchase"] * 3},
        {"visitors": [2**63] * 3},
        {"drops": [{"reason": "bot"}]},
        {"columns_of_a_newer_version": []},
        {"sources": ["direct"]},
    ],
)
async def test_what_is_no_batch_stays_in_the_log(
    client: httpx.AsyncClient,
    database: FakePostgREST,
    pubsub: PubSub,
    change: dict[str, object],
    mocker: MockerFixture,
) -> None:
    """Whoever looks after it hears of it, and of nothing that is in it."""
    log = mocker.patch.object(push_module, "log")

    answer = await _send(client, pubsub, _message(**change))

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_body")
    assert database.calls == []
    if None not in change.values():  # Else it is a batch, and nothing of a log's.
        log.error.assert_called_once_with("event_batch_unreadable", message_id="1", errors=mocker.ANY)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_body"),
        (b"{}", 400, "invalid_body"),
        (b'{"message": {"data": "%", "messageId": "1"}}', 400, "invalid_body"),
        (b'{"message": {"data": "e30=", "messageId": "1"}}', 400, "invalid_body"),
        (b" " * (MAX_BODY_BYTES + 1), 413, "body_too_large"),
    ],
)
async def test_what_is_no_push_is_refused(
    client: httpx.AsyncClient, pubsub: PubSub, body: bytes, status: int, code: str
) -> None:
    headers = {"Authorization": f"Bearer {pubsub.sign()}"}

    answer = await client.post("/event-batches", content=body, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
