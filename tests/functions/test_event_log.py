"""A log before the database: what landing_page_track publishes, and what it does when nobody takes it."""

import base64
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest

from functions.landing_page_track.event_log import TOKEN_MARGIN_SECONDS, EventLog
from shared.http.errors import EventLogUnavailable, InternalError
from shared.page_events.batch import Drop, EventBatch
from tests.fake_postgrest import FakePostgREST
from tests.functions.conftest import Clock, Serve
from tests.functions.senders import view
from tests.simulator.pubsub import TOPIC

NOW = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)
PUBLISHED = httpx.Response(200, json={"messageIds": ["1"]})


@dataclass
class Google:
    """The metadata server and Pub/Sub, as far as they are asked."""

    answer: httpx.Response | Exception = PUBLISHED
    requests: list[httpx.Request] = field(default_factory=list)
    tokens: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "metadata.google.internal":
            assert request.headers["Metadata-Flavor"] == "Google"
            self.tokens += 1
            token = {"access_token": f"ya29.{self.tokens}", "expires_in": 3599, "token_type": "Bearer"}
            return httpx.Response(200, json=token)
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def messages(self) -> list[EventBatch]:
        """Return the batches that were published."""
        sent = [json.loads(request.content)["messages"] for request in self.requests]
        return [EventBatch.model_validate_json(base64.b64decode(message["data"])) for (message,) in sent]


@pytest.fixture
def google() -> Google:
    return Google()


@pytest.fixture
def make_log(google: Google, clock: Clock) -> Callable[..., EventLog]:
    def make(emulator: str | None = None) -> EventLog:
        transport = httpx.MockTransport(google)
        return EventLog(TOPIC, lambda: NOW, emulator, transport, lambda: clock.seconds)

    return make


def _batch(**changes: Any) -> EventBatch:  # noqa: ANN401  # Whatever its columns hold.
    columns = {
        "ids": [uuid4()],
        "page_ids": [uuid4()],
        "kinds": ["view"],
        "visitors": [-(2**63)],
        "addresses": [2],
        "networks": [3],
        "sources": ["direct"],
        "campaigns": [None],
        "signals": [None],
        "drops": [],
    }
    return EventBatch.model_validate({**columns, **changes})


async def test_batch_is_published_with_an_id_and_the_time_it_came(
    google: Google, make_log: Callable[..., EventLog]
) -> None:
    batch = _batch(drops=[Drop(page_id=None, reason="bot", attempts=7)])

    told = [await make_log().record(batch) for _ in range(2)]

    assert told == [["logged", "booked"]] * 2
    first, second = google.messages()
    assert first.model_copy(update={"batch_id": None, "received_at": None}) == batch
    assert first.received_at == NOW
    assert None not in {first.batch_id, second.batch_id}
    assert first.batch_id != second.batch_id
    (url,) = {str(request.url) for request in google.requests}
    assert url == f"https://pubsub.googleapis.com/v1/{TOPIC}:publish"


async def test_token_of_the_service_account_is_kept_until_shortly_before_it_ends(
    google: Google, make_log: Callable[..., EventLog], clock: Clock
) -> None:
    log = make_log()
    for seconds in (0, 3599 - TOKEN_MARGIN_SECONDS - 1, 1):
        clock.seconds += seconds
        await log.record(_batch())

    tokens = [request.headers["authorization"] for request in google.requests]
    assert tokens == ["Bearer ya29.1", "Bearer ya29.1", "Bearer ya29.2"]


async def test_emulator_is_asked_without_a_token(google: Google, make_log: Callable[..., EventLog]) -> None:
    await make_log("127.0.0.1:8085").record(_batch())

    (request,) = google.requests
    assert str(request.url) == f"http://127.0.0.1:8085/v1/{TOPIC}:publish"
    assert (google.tokens, "authorization" in request.headers) == (0, False)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503, json={"error": {"status": "UNAVAILABLE"}}),
        httpx.Response(429, json={"error": {"status": "RESOURCE_EXHAUSTED"}}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={}),
        httpx.ConnectError("down"),
        httpx.ReadTimeout("slow"),
    ],
)
async def test_what_pubsub_does_not_say_that_it_has_is_not_acknowledged(
    google: Google, make_log: Callable[..., EventLog], answer: httpx.Response | Exception
) -> None:
    google.answer = answer

    with pytest.raises(EventLogUnavailable):
        await make_log().record(_batch())


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_topic_that_is_not_ours_is_our_own_mistake(
    google: Google, make_log: Callable[..., EventLog], status: int
) -> None:
    """And the token is asked for anew: it may have been taken back."""
    log = make_log()
    google.answer = httpx.Response(status, json={"error": {}})
    with pytest.raises(InternalError):
        await log.record(_batch())
    google.answer = PUBLISHED

    assert await log.record(_batch()) == ["logged"]
    assert google.tokens == 2


async def test_visitor_hears_that_it_is_logged_and_is_asked_to_send_again_while_it_cannot_be(
    database: FakePostgREST, serve_track: Serve
) -> None:
    """Nothing listens at the emulator's port."""
    database.answers["visitor_salt"] = "00" * 32
    client = serve_track(event_log_topic=TOPIC, pubsub_emulator_host="127.0.0.1:9")

    answer = await client.post("/events", json=view())

    assert (answer.status_code, answer.json()["code"]) == (503, "event_log_unavailable")
    assert answer.headers["retry-after"]
    assert [call.function for call in database.calls] == ["visitor_salt"]
