"""Bodies from strangers: whatever comes, it is a value or a refusal, and never a crash."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.requests import Request

from shared.http.body import parse_json, read_body, read_model
from shared.http.errors import (
    BodyTooLarge,
    BodyTooSlow,
    InvalidBody,
    MalformedBody,
    Problem,
    UnsupportedMediaType,
)

BROKEN = {
    "empty": b"",
    "not json": b"{",
    "two values": b"{} {}",
    "not utf-8": b'{"a": "\xff"}',
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "too large for a float": b'{"a": 1e999}',
    "too many digits": b'{"a": ' + b"9" * 5000 + b"}",
    "nested too deeply": b"[" * 65 + b"]" * 65,
    "a nesting bomb": b"[" * 100_000,
    "a closed nesting bomb": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
}


class Body(BaseModel):
    a: int = 0


def make_request(chunks: list[bytes], headers: dict[str, str]) -> Request:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def stream() -> AsyncIterator[dict[str, object]]:
        for message in messages:
            yield message

    return Request({"type": "http", "method": "POST", "headers": raw}, stream().__anext__)


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_broken_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        parse_json(body)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_value_or_malformed(body: bytes) -> None:
    try:
        value = parse_json(body)
    except MalformedBody:
        return
    assert json.loads(json.dumps(value)) == value


def test_integers_above_two_to_the_53rd_stay_exact() -> None:
    assert parse_json(b"[9007199254740993, 7123456789012345678]") == [9007199254740993, 7123456789012345678]


async def test_body_of_the_limit_is_read_and_one_byte_more_is_not() -> None:
    headers = {"Content-Length": "6"}

    assert await read_body(make_request([b"abc", b"def"], headers), 6) == b"abcdef"
    with pytest.raises(BodyTooLarge):
        await read_body(make_request([b"abc", b"def"], headers), 5)


async def test_a_chunked_body_is_cut_off_while_it_streams() -> None:
    with pytest.raises(BodyTooLarge):
        await read_body(make_request([b"abc"] * 1000, {}), 10)


async def test_a_content_length_that_lies_does_not_help() -> None:
    with pytest.raises(BodyTooLarge):
        await read_body(make_request([b"abc"] * 1000, {"Content-Length": "1"}), 10)


async def test_no_body_is_an_empty_object() -> None:
    assert await read_model(make_request([], {}), Body, 10) == Body(a=0)


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        (b"a=1", "application/x-www-form-urlencoded", UnsupportedMediaType),
        (b"{}", "", UnsupportedMediaType),
        (b"{", "application/json; charset=utf-8", MalformedBody),
        (b"[]", "application/json", InvalidBody),
        (b'{"a": "x"}', "application/json", InvalidBody),
    ],
)
async def test_a_wrong_body_has_its_own_word(body: bytes, content_type: str, problem: type[Problem]) -> None:
    request = make_request([body], {"Content-Type": content_type})

    with pytest.raises(problem):
        await read_model(request, Body, 100)


async def test_a_body_that_never_ends_is_not_waited_for() -> None:
    async def trickle() -> AsyncIterator[dict[str, object]]:
        while True:
            yield {"type": "http.request", "body": b" ", "more_body": True}
            await asyncio.sleep(0.01)

    request = Request({"type": "http", "method": "POST", "headers": []}, trickle().__anext__)

    with pytest.raises(BodyTooSlow) as raised:
        await read_body(request, limit=1024, seconds=0.1)

    assert raised.value.headers["Connection"] == "close"
