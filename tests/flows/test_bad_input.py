"""What the functions refuse: each in the one shape, with its word, and without a trace in the database."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import httpx
import pytest

from stack.example_secrets import STANDARD_WEBHOOKS_SECRETS
from stack.tokens import SigningKey, User, user_claims
from tests.conftest import REPOSITORY
from tests.flows.bad_input import COUNT, JOBS, LEADS, PUBLISH, SERVE, TRACK, UNKNOWN, WEBHOOK, BadRequest
from tests.flows.records import Records
from tests.flows.scene import Scene
from tests.flows.visits import BROWSER, event_id, lead, view
from tests.flows.webhooks import signed

DOCUMENTED = set(re.findall(r"^### (\w+)$", (REPOSITORY / "docs" / "errors.md").read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def names(scene: Scene) -> Mapping[str, str]:
    """What a path or a body of the table may name."""
    lead_id = event_id()
    counted = scene.http.post(
        f"{scene.project.functions_url}/leads", json=lead(scene.pages["live"], id=lead_id)
    )
    assert counted.status_code == 201, counted.text
    return {
        **scene.pages,
        "unfinished": scene.write_page(content_json={"v": 1, "blocks": []}),
        "unknown": UNKNOWN,
        "lead": lead_id,
        "concept_path": scene.path("concept"),
        "archived_path": scene.path("archived"),
    }


@pytest.fixture(scope="module")
def authorizations(scene: Scene) -> Mapping[str, str | None]:
    """The Authorization headers of everybody who comes, and of those who should not."""
    project = scene.project
    claims = user_claims(User(id=scene.partner.id, email=scene.partner.email))
    issuer = f"{project.supabase_url}/auth/v1"
    good = project.token(scene.partner.email)
    another_key = SigningKey.generate().model_copy(update={"kid": project.signing_key.kid})
    no_algorithm = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=")
    role_less = {name: value for name, value in claims.items() if name != "role"}

    tokens = {
        "partner": good,
        "stranger": project.token(scene.stranger.email),
        "admin": project.token(scene.admin.email),
        "anon": project.token("anon"),
        "event_recorder": project.token("event_recorder"),
        "page_renderer": project.token("page_renderer"),
        "expired": project.token(scene.partner.email, expires_in=-60),
        "unsigned": f"{no_algorithm.decode()}.{good.split('.')[1]}.",
        "wrongly signed": another_key.sign(claims, issuer=issuer, expires_in=600),
        "without a role": project.signing_key.sign(role_less, issuer=issuer, expires_in=600),
        "of an unknown role": project.signing_key.sign(
            {**claims, "role": "king"}, issuer=issuer, expires_in=600
        ),
        "with two tokens": f"{good} {good}",
        "with nonsense": "a.b.c",
    }
    return {
        **{who: f"Bearer {token}" for who, token in tokens.items()},
        "nobody": None,
        "with an empty token": "Bearer",
        "with a password": "Basic " + base64.b64encode(b"partner:geheim").decode(),
    }


def _send(
    scene: Scene, bad: BadRequest, names: Mapping[str, str], authorizations: Mapping[str, str | None]
) -> httpx.Response:
    headers = {"User-Agent": BROWSER, **bad.headers}
    if authorization := authorizations[bad.who] if bad.who else None:
        headers["Authorization"] = authorization
    body = _named(bad.body, names)
    if bad.secret is not None and body is not None:
        secret = STANDARD_WEBHOOKS_SECRETS[0] if bad.secret == "own" else bad.secret  # noqa: S105 - made up.
        headers |= signed(body, secret=secret)
    path = re.sub(r"\{(\w+)\}", lambda name: names[name[1]], bad.path)
    content: bytes | Iterator[bytes] | None = _in_pieces(body) if bad.is_chunked and body else body
    return scene.http.request(
        bad.method, f"{scene.project.functions_url}{path}", content=content, headers=headers
    )


def _named(body: bytes | None, names: Mapping[str, str]) -> bytes | None:
    if body is None:
        return None
    for name, value in names.items():
        body = body.replace(f'"{{{name}}}"'.encode(), f'"{value}"'.encode())
    return body


def _in_pieces(body: bytes) -> Iterator[bytes]:
    """Yield the body in such a way that it is sent chunked, without a Content-Length."""
    for start in range(0, len(body), 4096):
        yield body[start : start + 4096]


@pytest.mark.parametrize(
    "bad", [*PUBLISH, *SERVE, *TRACK, *COUNT, *JOBS, *LEADS, *WEBHOOK], ids=lambda bad: bad.name
)
def test_bad_request_is_refused_in_one_shape_and_changes_nothing(
    bad: BadRequest,
    scene: Scene,
    names: Mapping[str, str],
    authorizations: Mapping[str, str | None],
    records: Records,
) -> None:
    before = records.fingerprint()

    answer = _send(scene, bad, names, authorizations)

    assert answer.status_code == bad.status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    if bad.method != "HEAD":
        problem = answer.json()
        assert problem["code"] == bad.code, problem
        assert problem["status"] == bad.status
        assert problem["type"] == f"/docs/errors.md#{bad.code}"
        assert problem["title"]
        assert problem["detail"]
        assert problem["code"] in DOCUMENTED
    assert ("allow" in answer.headers) == (bad.status == 405)
    assert ("www-authenticate" in answer.headers) == (bad.status == 401)
    assert records.fingerprint() == before


def test_same_requests_are_answered_when_they_are_right(scene: Scene, names: Mapping[str, str]) -> None:
    """The yardstick of this file: without it, a function that refuses everything would pass."""
    functions = scene.project.functions_url
    page_id = scene.write_page()
    scene.submit(page_id)

    rejected = scene.http.post(
        f"{functions}/landing-pages/{page_id}/reject",
        json={"reason": "Nee."},
        headers=scene.authorization(scene.admin),
    )
    conflicting = scene.http.post(f"{functions}/leads", json=lead(scene.pages["live"], id=names["lead"]))

    assert rejected.status_code == 200, rejected.text
    assert conflicting.status_code == 200


def test_method_not_allowed_names_the_methods_that_are(scene: Scene) -> None:
    """RFC 9110, 15.5.6."""
    allowed = {
        f"/landing-pages/{scene.pages['live']}/archive": "OPTIONS, POST",
        "/partners/a/b": "GET, HEAD",
        "/events": "OPTIONS, POST",
        "/leads": "OPTIONS, POST",
        "/webhooks/google_ads": "POST",
    }

    answers = {path: scene.http.put(f"{scene.project.functions_url}{path}") for path in allowed}

    assert {path: answer.headers["allow"] for path, answer in answers.items()} == allowed


@pytest.mark.parametrize("bad", WEBHOOK[:3], ids=lambda bad: bad.name)
def test_webhook_problem_carries_the_message_that_google_shows(
    bad: BadRequest, scene: Scene, names: Mapping[str, str]
) -> None:
    answer = _send(scene, bad, names, {}).json()

    assert answer["message"] == answer["detail"]


@pytest.mark.parametrize(
    ("outcome", "changes", "user_agent"),
    [
        ("bot", {}, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
        ("bot", {}, ""),
        ("late", {"id": event_id(25 * 3600)}, BROWSER),
        # An hour, since this is made when the tests are collected.
        ("late", {"id": event_id(-3600)}, BROWSER),
        ("late", {"id": "ffffffff-ffff-7fff-bfff-ffffffffffff"}, BROWSER),
        ("page_not_live", {"page_id": "concept"}, BROWSER),
        ("page_not_live", {"page_id": "archived"}, BROWSER),
    ],
    ids=[
        "crawler",
        "nobody",
        "of yesterday",
        "of the future",
        "of the year 10889",
        "of a concept",
        "of an archived page",
    ],
)
def test_dropped_event_says_why_and_changes_nothing(
    outcome: str, changes: dict[str, str], user_agent: str, scene: Scene, records: Records
) -> None:
    """No sender can mend these, so they are answered as done; the reason is in a header."""
    page_id = scene.pages[changes.get("page_id", "live")]
    event = {**view(page_id), **changes, "page_id": page_id}
    before = records.fingerprint()

    answer = scene.http.post(
        f"{scene.project.functions_url}/events", json=event, headers={"User-Agent": user_agent}
    )

    assert (answer.status_code, answer.headers["event-outcome"]) == (204, outcome)
    assert records.fingerprint() == before


def test_batch_of_bad_events_says_what_each_of_them_is(scene: Scene, records: Records) -> None:
    events = [
        view(UNKNOWN),
        view(scene.pages["live"], id="1"),
        None,
        view(scene.pages["live"], id=event_id(25 * 3600)),
    ]
    before = records.fingerprint()

    answer = scene.http.post(
        f"{scene.project.functions_url}/events", json=events, headers={"User-Agent": BROWSER}
    )

    assert answer.json() == {"outcomes": ["unknown_page", "bad", "bad", "late"]}
    assert records.fingerprint() == before


@pytest.mark.parametrize(
    ("field", "status"), [({"phone": ""}, 400), ({"consent": ""}, 400), ({"page_id": UNKNOWN}, 404)]
)
def test_refused_form_is_answered_with_a_page_for_people(
    field: dict[str, str], status: int, scene: Scene, records: Records
) -> None:
    form = {
        "page_id": scene.pages["live"],
        "name": "Marieke",
        "phone": "06 1234 5678",
        "consent": "on",
        **field,
    }
    before = records.fingerprint()

    answer = scene.http.post(
        f"{scene.project.functions_url}/leads", data=form, headers={"User-Agent": BROWSER}
    )

    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "niet verstuurd" in answer.text
    assert records.fingerprint() == before


@pytest.mark.parametrize("secret", ["own", None])
def test_webhook_of_half_a_megabyte_is_read(secret: str | None, scene: Scene) -> None:
    """The limit is there for the stranger's sake, and platforms do send large batches."""
    body = json.dumps({"type": "note", "data": {"text": "x" * 500_000}}).encode()
    request = BadRequest(
        "large", "POST", "/webhooks/standard", 200, "", body, {"Content-Type": "application/json"}
    )

    answer = _send(scene, replace(request, secret=secret), {}, {})

    assert answer.status_code == (200 if secret else 401)
