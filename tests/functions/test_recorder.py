"""Group commit: many ride in one call, and each hears of its own view and of no one else's."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr
from pytest_mock import MockerFixture

from functions.landing_page_track import recorder as module
from functions.landing_page_track.recorder import (
    CALLS_AT_ONCE,
    MAX_BATCH,
    MAX_DROP_KINDS,
    MAX_WAITING,
    MIN_BATCH,
    PageEvent,
    Recorder,
)
from functions.landing_page_track.settings import TrackSettings
from functions.landing_page_track.visitor import Visitor
from shared.http.errors import DatabaseUnavailable, InternalError, Overloaded
from shared.http.settings import Settings
from shared.page_events.record import record
from shared.postgrest.client import PostgREST
from tests.documents import SIGNER
from tests.events import count_all
from tests.fake_postgrest import FakePostgREST, make_jwt, refuse
from tests.functions.conftest import PROJECT

PAGE_ID = UUID("0190a1b2-0000-4000-8000-000000000001")


@pytest.fixture
def recorder(database: FakePostgREST, open_database: Callable[[Settings], PostgREST]) -> Recorder:
    database.answers["record_events"] = count_all
    token = make_jwt("event_recorder")
    settings = TrackSettings.model_validate(
        {**PROJECT, "event_recorder_jwt": token, "page_public_keys": [SIGNER.public_key]}
    )
    return Recorder(partial(record, open_database(settings).as_role(SecretStr(token))))


def _view(visitor: int = 1) -> PageEvent:
    return PageEvent(uuid4(), PAGE_ID, "view", Visitor(visitor, 2, 3), "direct", None, None)


def _sizes(database: FakePostgREST) -> list[int]:
    return [len(call.arguments["ids"]) for call in database.calls]


async def test_who_waits_rides_together_and_hears_of_their_own(
    database: FakePostgREST, recorder: Recorder
) -> None:
    views = [_view(visitor=number) for number in range(100)]

    async def count(arguments: dict[str, Any]) -> list[str]:
        await asyncio.sleep(0.01)
        return [f"said {visitor}" for visitor in arguments["visitors"]]

    database.answers["record_events"] = count

    outcomes = await asyncio.gather(*(recorder.count([view]) for view in views))

    assert outcomes == [[f"said {number}"] for number in range(100)]
    assert _sizes(database) == [50, 50]


async def test_a_few_are_one_call(database: FakePostgREST, recorder: Recorder) -> None:
    await asyncio.gather(*(recorder.count([_view()]) for _ in range(MIN_BATCH)))

    assert _sizes(database) == [MIN_BATCH]


async def test_while_half_is_counted_the_other_half_is_read(
    database: FakePostgREST, recorder: Recorder
) -> None:
    """Whoever is answered sends again, as on a busy page: two calls are on their way, never three."""
    calls, most = 0, 0

    async def count(arguments: dict[str, Any]) -> list[str]:
        nonlocal calls, most
        calls += 1
        most = max(most, calls)
        # By turns of the loop and not by the clock, which goes on while a busy machine does something else.
        for _ in range(50):
            await asyncio.sleep(0)
        calls -= 1
        return count_all(arguments)

    database.answers["record_events"] = count

    async def send_again_and_again() -> None:
        for _ in range(20):
            await recorder.count([_view()])

    await asyncio.gather(*(send_again_and_again() for _ in range(64)))

    assert most == CALLS_AT_ONCE
    assert sum(_sizes(database)) == 64 * 20
    assert len(database.calls) == 20 * CALLS_AT_ONCE


async def test_one_alone_waits_for_nobody(database: FakePostgREST, recorder: Recorder) -> None:
    assert await asyncio.wait_for(recorder.count([_view()]), 1) == ["counted"]
    assert _sizes(database) == [1]


async def test_batches_are_no_larger_than_the_database_takes(
    database: FakePostgREST, recorder: Recorder
) -> None:
    requests = [recorder.count([_view() for _ in range(100)]) for _ in range(12)]

    outcomes = await asyncio.gather(*requests)

    assert [len(each) for each in outcomes] == [100] * 12
    assert max(_sizes(database)) <= MAX_BATCH
    assert sum(_sizes(database)) == 1200


async def test_too_many_are_turned_away_at_the_door(database: FakePostgREST, recorder: Recorder) -> None:
    requests = [asyncio.ensure_future(recorder.count([_view() for _ in range(100)])) for _ in range(60)]

    answers = await asyncio.gather(*requests, return_exceptions=True)

    refused = [answer for answer in answers if isinstance(answer, Overloaded)]
    assert len(refused) == 60 - MAX_WAITING // 100
    assert sum(_sizes(database)) == MAX_WAITING
    # And there is room again.
    assert await recorder.count([_view()]) == ["counted"]


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError("down"), httpx.ReadTimeout("slow"), refuse(503, "", "")]
)
async def test_without_an_answer_nobody_is_told_that_they_count(
    database: FakePostgREST, recorder: Recorder, failure: object
) -> None:
    database.answers["record_events"] = failure

    answers = await asyncio.gather(*(recorder.count([_view()]) for _ in range(5)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [DatabaseUnavailable] * 5
    database.answers["record_events"] = count_all
    assert await recorder.count([_view()]) == ["counted"]


@pytest.mark.parametrize("bad", [0, 13, 39])
async def test_one_that_cannot_be_stored_costs_its_mates_nothing(
    database: FakePostgREST, recorder: Recorder, mocker: MockerFixture, bad: int
) -> None:
    mocker.patch.object(module, "DROP_SECONDS", 0.05)

    def count(arguments: dict[str, Any]) -> object:
        is_refused = bad in arguments["visitors"]
        return refuse(400, "23514", "violates check") if is_refused else count_all(arguments)

    database.answers["record_events"] = count
    views = [_view(visitor=number) for number in range(40)]
    recorder.drop(PAGE_ID, "bot")

    outcomes = await asyncio.gather(*(recorder.count([view]) for view in views))
    await asyncio.sleep(0.1)

    assert outcomes == [["bad"] if number == bad else ["counted"] for number in range(40)]
    stored = [call for call in database.calls if bad not in call.arguments["visitors"]]
    assert sum(len(call.arguments["ids"]) for call in stored) == 39
    dropped = [drop for call in stored for drop in call.arguments["drops"]]
    assert [(drop["reason"], drop["attempts"]) for drop in dropped] == [("bot", 1), ("bad", 1)]


async def test_page_that_somebody_holds_costs_others_nothing(
    database: FakePostgREST, recorder: Recorder
) -> None:
    """Whoever has a view of it in their batch sends all of it again: what was counted is then a duplicate."""
    database.answers["record_events"] = lambda arguments: [
        "busy" if visitor == 3 else "counted" for visitor in arguments["visitors"]
    ]
    requests = [[_view(1)], [_view(2), _view(3), _view(4)], [_view(5), _view(6)], [_view(3)]]

    answers = await asyncio.gather(*map(recorder.count, requests), return_exceptions=True)

    assert len(database.calls) == 1
    assert answers[::2] == [["counted"], ["counted", "counted"]]
    assert [type(answer) for answer in answers[1::2]] == [DatabaseUnavailable] * 2


async def test_what_is_wrong_with_us_is_not_tried_view_by_view(
    database: FakePostgREST, recorder: Recorder
) -> None:
    """An expired token fails every call: taking batches apart would only make more of them."""
    database.answers["record_events"] = refuse(401, "PGRST301", "JWT expired")

    answers = await asyncio.gather(*(recorder.count([_view()]) for _ in range(40)), return_exceptions=True)

    assert {type(answer) for answer in answers} == {InternalError}
    assert len(database.calls) <= 4


async def test_who_waits_behind_a_call_that_failed_hears_it_at_once(
    database: FakePostgREST, recorder: Recorder
) -> None:
    """Each batch in turn would wait for as long as a call may take."""

    async def hang(_: dict[str, Any]) -> list[str]:
        await asyncio.sleep(0.05)
        raise httpx.ReadTimeout("slow")

    database.answers["record_events"] = hang
    requests = [asyncio.ensure_future(recorder.count([_view() for _ in range(100)])) for _ in range(40)]

    answers = await asyncio.wait_for(asyncio.gather(*requests, return_exceptions=True), 0.2)

    assert {type(answer) for answer in answers} == {DatabaseUnavailable}
    assert len(database.calls) == CALLS_AT_ONCE


async def test_nobody_is_forgotten_between_two_batches(database: FakePostgREST, recorder: Recorder) -> None:
    """Who comes in at the moment that a flusher has found nobody waits for another one, and not for ever."""

    async def count(arguments: dict[str, Any]) -> list[str]:
        await asyncio.sleep(0)
        return count_all(arguments)

    database.answers["record_events"] = count

    async def send_again_and_again() -> int:
        for _ in range(50):
            await recorder.count([_view()])
        return 50

    sent = await asyncio.wait_for(asyncio.gather(*(send_again_and_again() for _ in range(7))), 20)

    assert sum(sent) == sum(_sizes(database)) == 350
    assert 0 not in _sizes(database)


# Drops -----------------------------------------------------------------------------------------------------


async def test_drops_go_by_themselves_when_nobody_comes(
    database: FakePostgREST, recorder: Recorder, mocker: MockerFixture
) -> None:
    mocker.patch.object(module, "DROP_SECONDS", 0.01)
    for _ in range(3):
        recorder.drop(PAGE_ID, "bot")

    await asyncio.sleep(0.1)

    (call,) = database.calls
    assert call.arguments["ids"] == []
    assert call.arguments["drops"] == [{"page_id": str(PAGE_ID), "reason": "bot", "attempts": 3}]


async def test_drops_of_a_page_that_somebody_holds_are_told_later(
    database: FakePostgREST, recorder: Recorder
) -> None:
    database.answers["record_events"] = ["counted", "booked", "busy"]
    for reason in ("bot", "prefetch", "prefetch"):
        recorder.drop(PAGE_ID, reason)
    assert await recorder.count([_view()]) == ["counted"]
    database.answers["record_events"] = count_all

    await recorder.count([_view()])
    await recorder.count([_view()])

    of_page = {"page_id": str(PAGE_ID), "reason": "prefetch", "attempts": 2}
    assert [call.arguments["drops"] for call in database.calls[1:]] == [[of_page], []]


async def test_drops_that_were_not_told_are_told_later(database: FakePostgREST, recorder: Recorder) -> None:
    database.answers["record_events"] = httpx.ConnectError("down")
    recorder.drop(PAGE_ID, "bot")
    with pytest.raises(DatabaseUnavailable):
        await recorder.count([_view()])
    await asyncio.sleep(0)
    database.answers["record_events"] = count_all

    recorder.drop(PAGE_ID, "bot")
    await recorder.count([_view()])

    assert database.calls[-1].arguments["drops"] == [
        {"page_id": str(PAGE_ID), "reason": "bot", "attempts": 2}
    ]


async def test_drops_of_an_outage_are_no_more_than_a_call_may_have(
    database: FakePostgREST, recorder: Recorder
) -> None:
    """What comes back meets what came meanwhile; a call with too many would be refused, and so for ever."""

    def drop_as_many_as_are_told_apart(reason: str) -> None:
        for _ in range(MAX_DROP_KINDS):
            recorder.drop(uuid4(), reason)

    async def fail(_: dict[str, Any]) -> list[str]:
        drop_as_many_as_are_told_apart("late")
        raise httpx.ConnectError("down")

    database.answers["record_events"] = fail
    for _ in range(3):
        drop_as_many_as_are_told_apart("bot")
        with pytest.raises(DatabaseUnavailable):
            await recorder.count([_view()])
    told = 3 * MAX_DROP_KINDS + MAX_DROP_KINDS * len(database.calls)
    database.answers["record_events"] = count_all

    await recorder.count([_view()])

    drops = database.calls[-1].arguments["drops"]
    assert len(drops) <= MAX_DROP_KINDS + 2
    assert sum(drop["attempts"] for drop in drops) == told


async def test_invented_pages_take_no_room(database: FakePostgREST, recorder: Recorder) -> None:
    for _ in range(5000):
        recorder.drop(uuid4(), "bot")
    await recorder.count([_view()])

    drops = database.calls[0].arguments["drops"]
    assert len(drops) == MAX_DROP_KINDS + 1
    assert sum(drop["attempts"] for drop in drops) == 5000
