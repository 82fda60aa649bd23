"""Deliveries that are nearly right, proven as right ones are: no crash, and nothing half stored.

Briefly in every run, for minutes with `make fuzz`.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

import httpx
import pytest

from stack.example_secrets import LINKEDIN_CLIENT_SECRETS, META_APP_SECRETS, TIKTOK_APP_SECRETS
from tests.database import Database
from tests.flows.scene import Scene
from tests.flows.webhooks import signed
from tests.samples import ACCEPTED, linkedin_headers, meta_headers, tiktok_headers

SECONDS = float(os.environ.get("FUZZ_SECONDS", "4"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))

SIGN: dict[str, Callable[[bytes], dict[str, str]]] = {
    "google_ads": lambda _: {"Content-Type": "application/json"},
    "meta_ads": lambda body: meta_headers(META_APP_SECRETS[0], body),
    "linkedin_ads": lambda body: linkedin_headers(LINKEDIN_CLIENT_SECRETS[0], body),
    "tiktok_ads": lambda body: tiktok_headers(TIKTOK_APP_SECRETS[0], body),
    "standard": signed,
}
# A lead's answers may hold anything at all.
VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2**53 + 1, 2**63, 10**40, -(10**30), 1.5, 1e300, -0.0, "", " ", "0",
    "x" * 5000, "\x00", "\ud800", "2026-11-20", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00",
    "infinity", "NaN", "1e9", "urn:li:x",
    "'; drop table x; --", "CREATED", "leadgen", [], [[]], {}, {"a": {}}, ["Jan"],
    {"email": "jan@voorbeeld.nl"},
]  # fmt: skip


def _places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the ways to every node but the root."""
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [found for key, child in children for found in [(*path, key), *_places(child, (*path, key))]]


def _mutate(value: Any, random: Random) -> Any:  # noqa: ANN401
    value = deepcopy(value)
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        places = _places(value)
        if not places:
            return random.choice(VALUES)
        *way, last = random.choice(places)
        parent = value
        for step in way:
            parent = parent[step]
        act = random.randrange(5)
        if act == 0:
            del parent[last]
        elif act == 1 and isinstance(parent, list):
            parent += deepcopy(parent) * random.choice((1, 30))
        elif act == 2 and isinstance(parent, dict):
            parent[random.choice(("id", "email", "x" * 400, "", "\x00", "Fields", "changes"))] = parent[last]
        elif act == 3:
            parent[last] = [parent[last]] if random.random() < 0.5 else {str(last): parent[last]}
        else:
            parent[last] = deepcopy(random.choice(VALUES))
    return value


def _garble(body: bytes, random: Random) -> bytes:
    """Now and then the bytes themselves are cut, changed or added to."""
    act = random.random()
    if act < 0.05:
        return body[: random.randrange(len(body))]
    if act < 0.1:
        position = random.randrange(len(body))
        return body[:position] + bytes([random.randrange(256)]) + body[position:]
    if act < 0.12:
        return b"[" * random.choice((60, 70, 100_000)) + body
    return body


def _strange(headers: dict[str, str], random: Random) -> list[tuple[bytes, bytes]]:
    changed = {name: value.encode() for name, value in headers.items()}
    if random.random() < 0.1:
        name = random.choice(list(changed))
        changed[name] = random.choice(
            (b"", b"\xff\xfe", b"v1", b"v1,", b"sha256=", b"a" * 3000, b"-1", b"1e400")
        )
    return [(name.encode(), value) for name, value in changed.items()]


@pytest.mark.parametrize("source", SIGN)
def test_nearly_right_deliveries_crash_nothing(
    source: str, scene: Scene, http: httpx.Client, platform: Database
) -> None:
    random = Random(SEED)  # noqa: S311 - to be the same again.
    bodies = [json.loads(sample.body) for sample in ACCEPTED if sample.source == source]
    url = f"{scene.project.functions_url}/webhooks/{source}"
    since = platform.value("select coalesce(max(id), 0) from private.campaign_inbox")
    statuses: Counter[int] = Counter()
    until = time.monotonic() + SECONDS / len(SIGN)

    while time.monotonic() < until:
        body = _garble(
            json.dumps(_mutate(random.choice(bodies), random), ensure_ascii=random.random() < 0.5).encode(
                errors="replace"
            ),
            random,
        )
        try:
            headers = SIGN[source](body)
        except UnicodeDecodeError:
            continue  # Which nobody's library signs.
        answer = http.post(url, content=body, headers=_strange(headers, random))
        statuses[answer.status_code] += 1
        assert answer.status_code in {200, 400, 401, 413, 415}, (answer.text, body)
        assert answer.status_code == 200 or answer.json()["code"]

    assert statuses[200] > 10
    unfinished = platform.rows(
        "select * from private.campaign_inbox where id > %s and status = 'received'", [since]
    )
    assert unfinished == []
    kept = platform.value(
        "select string_agg(i::text, ' ') from private.campaign_inbox as i where id > %s", [since]
    )
    assert "jan@voorbeeld.nl" not in kept
    print(f"{source}: {sum(statuses.values())} deliveries, {dict(statuses)}")  # noqa: T201 - what make fuzz is for.
