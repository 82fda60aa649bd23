"""Values of every wrong shape and size, for every function and table: an answer each, and never a crash.

What is right is taken from the samples of the access tests, and then one thing in it is made wrong, so that most of
what is sent gets past the first check. A 5xx is a bug, unless it is `retry`.
"""

import copy
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.access.expectations import FUNCTION_SAMPLES, function_expectations
from tests.access.world import METRICS, World, build_world
from tests.access.writable_columns import writable_on_insert, writable_on_update
from tests.api import As
from tests.database import Database
from tests.events import columns
from tests.flows.visits import event_id
from tests.generated import generated

# Written into the JSON as it stands, since no library would.
_RAW = {"@1e400@": "1e400", "@deep@": "[" * 5_000 + "]" * 5_000, "@digits@": "9" * 5_000}

_ODD: list[Any] = [
    *(None, True, [], {}, [[]], [None], {"": None}, "", " ", 0, -1, 0.1, 2**31, 2**63, 2**64, 10**30, *_RAW),
    *(
        "\0",
        "\ud800",
        "\u202e",
        "\u200b",
        "é",
        "e\u0301",
        "NaN",
        "Infinity",
        "-Infinity",
        "infinity",
        "now",
        "epoch",
    ),
    *("null", "{}", "'", '"', "%", "\\", "--", "${x}", "1 or 1=1", "x" * 1_000, "x" * 100_000, "é" * 50_000),
    *("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff", "0" * 64, "z" * 64),
    *(
        "0001-01-01",
        "9999-12-31",
        "294276-12-31",
        "2026-02-30",
        "-infinity",
        "2026-11-25T00:00:00+99:99",
        "1 day",
    ),
    *([1] * 1_001, [{}] * 1_001, ["x" * 10_000] * 100, {str(n): n for n in range(1_000)}),
]
_JSON = st.recursive(
    st.sampled_from(_ODD).map(copy.deepcopy)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - JSON.
    """Return where there is something, the outermost left out."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in items:
        yield (*path, name)
        yield from _places(member, (*path, name))


@st.composite
def _spoiled(draw: st.DrawFn, right: dict[str, Any]) -> dict[str, Any]:
    """Return something right with one to three things wrong in it."""
    wrong: dict[str, Any] = copy.deepcopy(right)
    for _ in range(draw(st.integers(1, 3))):
        places = [*_places(wrong)]
        if not places:
            return draw(st.dictionaries(st.text(max_size=10), _JSON, max_size=2))
        *way, last = draw(st.sampled_from(places))
        inside: Any = wrong
        for step in way:
            inside = inside[step]
        match draw(st.sampled_from(["replace", "replace", "replace", "remove", "add", "repeat"])):
            case "remove":
                del inside[last]
            case "add" if isinstance(inside, dict):
                inside[draw(st.sampled_from(["id", "status", "kind", "", "x" * 300]))] = draw(_JSON)
            case "repeat" if isinstance(inside, list):
                inside += [copy.deepcopy(inside[last])] * draw(st.sampled_from([1, 1_000]))
            case _:
                inside[last] = draw(_JSON)
    return wrong


def _encode(value: object) -> bytes:
    text = json.dumps(value)
    for name, raw in _RAW.items():
        text = text.replace(f'"{name}"', raw)
    return text.encode()


@pytest.fixture(scope="module")
def world(platform: Database) -> World:
    """Rows of this module's own, since some of what is sent is right."""
    return build_world(platform)


@pytest.fixture(scope="module")
def answered() -> Iterator[Counter[int]]:
    count: Counter[int] = Counter()
    yield count
    # Seen with -s.
    print(f"\n{count.total()} generated calls: {dict(sorted(count.items()))}")  # noqa: T201


def _check(answer: httpx.Response, answered: Counter[int]) -> None:
    answered[answer.status_code] += 1
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        assert (answer.status_code, answer.json()["message"]) == (503, "retry"), answer.text[:500]
    if answer.is_client_error:
        assert {"code", "message"} <= answer.json().keys()


# Samples with something in them, where the access tests' own are empty.
_RICH: Mapping[str, Callable[[World], dict[str, Any]]] = {
    "record_events(uuid[], uuid[], text[], bigint[], bigint[], bigint[], text[], text[], text[], jsonb, uuid, timestamp with time zone)": lambda world: (
        columns(
            [{"id": event_id(), "page_id": world.live_page_id, "campaign": "42"} for _ in range(2)],
            [{"page_id": world.live_page_id, "reason": "bot", "attempts": 1}],
        )
    ),
    "record_lead(jsonb)": lambda world: {
        "lead": {
            "id": event_id(),
            "page_id": str(world.live_page_id),
            "name": "Marieke",
            "email": "marieke@voorbeeld.nl",
            "phone": "+31612345678",
            "postcode": "5038 AB",
            "message": "Graag.",
            "consent_version": "2026-11",
            "consent_text": "Ja.",
        }
    },
    "ingest_campaign_events(text, jsonb)": lambda world: {
        "source": "standard",
        "events": [
            _campaign_event(
                world,
                METRICS,
            ),
            _campaign_event(
                world, {"kind": "status", "platform_status": "PAUSED", "as_of": "2026-11-02T00:00:00Z"}
            ),
            {
                **_campaign_event(
                    world,
                    {
                        "kind": "lead",
                        "external_lead_id": uuid.uuid4().hex,
                        "is_test": False,
                        "submitted_at": "2026-11-02T00:00:00Z",
                    },
                ),
                "person": {
                    "name": "Marieke",
                    "email": None,
                    "phone": "+31612345678",
                    "postcode": None,
                    "answers": {"Vraag": "Antwoord"},
                },
            },
            _campaign_event(world, {"kind": "withdrawal", "external_lead_id": "x"}),
            _campaign_event(world, {"kind": "announcement", "object_type": "ad", "object_id": "1"}),
            _campaign_event(world, {"kind": "other", "park_reason": "unknown_kind"}),
        ],
    },
}


def _campaign_event(world: World, facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "event_key": f"wrong-{uuid.uuid4()}",
        "body_hmac": "0" * 64,
        "channel": "google_ads",
        "account_id": "1",
        "external_campaign_id": world.external_campaign_id,
        "occurred_at": "2026-11-02T00:00:00Z",
        "payload": {"type": "x"},
        "facts": facts,
    }


def _callers() -> list[tuple[str, str]]:
    """Return who may call which function: whoever does not hear of a missing grant."""
    return [
        (signature, who)
        for (signature, who), outcome in function_expectations().items()
        if outcome != "denied" and who not in {"stranger", "service_role"}
    ]


@pytest.mark.parametrize(("signature", "who"), _callers())
def test_function_answers_whatever_it_is_called_with(
    signature: str, who: str, world: World, as_: As, answered: Counter[int]
) -> None:
    api = as_(world.actor(who))
    sample = _RICH[signature] if signature in _RICH else FUNCTION_SAMPLES[signature]
    right = json.loads(json.dumps(dict(sample(world)), default=str))

    @generated
    @given(arguments=_spoiled(right))
    def call(arguments: dict[str, Any]) -> None:
        url = f"/rpc/{signature.split('(', maxsplit=1)[0]}"
        content = _encode(arguments)
        _check(api.client.post(url, content=content, headers=_headers(api.token)), answered)

    call()


@pytest.mark.parametrize("who", ["partner", "admin"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    "table", ["profiles", "partner_segments", "partner_landing_pages", "partner_marketing_campaigns"]
)
def test_table_answers_whatever_is_written_to_it(
    table: str, method: str, who: str, world: World, as_: As, answered: Counter[int]
) -> None:
    api = as_(world.actor(who))
    sample = (writable_on_insert if method == "POST" else writable_on_update)(world)[table]
    right = json.loads(json.dumps(dict(sample), default=str))
    owner = {"profiles": "id"}.get(table, "partner_id")
    filters = {} if method == "POST" else {owner: f"eq.{world.stranger.id}"}

    @generated
    @given(row=_spoiled(right))
    def write(row: dict[str, Any]) -> None:
        answer = api.client.request(
            method, f"/{table}", params=filters, content=_encode(row), headers=_headers(api.token)
        )
        _check(answer, answered)

    write()


def _headers(token: str | None) -> dict[str, str]:
    return {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
