"""Cloudflare's Turnstile: who is believed, what Cloudflare is told, and what a page carries for it."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import SecretStr

from functions.landing_page_publish import routes as publish_routes
from functions.landing_page_publish.render import render
from functions.landing_page_publish.settings import PublishSettings
from functions.landing_page_publish.snapshot import Snapshot
from functions.landing_page_track.turnstile import URL, make_verify
from shared.http.settings import Settings
from shared.landing_page.csp import landing_page_policy, source_hash
from shared.postgrest.client import PostgREST
from stack.example_secrets import PAGE_SIGNING_KEY
from tests.fake_postgrest import FakePostgREST, make_jwt
from tests.functions.conftest import PROJECT, Serve, make_client
from tests.functions.content import checked, snapshot
from tests.functions.senders import PAGE_ID, lead

SITE_KEY = "0x4AAAAAAA-not_real"
SECRET = SecretStr("0x4AAAAAAA-secret-not-real")
POLICY = "https://challenges.cloudflare.com"


def _cloudflare(answer: httpx.Response | Exception) -> tuple[httpx.MockTransport, list[httpx.Request]]:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return httpx.MockTransport(handle), asked


@pytest.mark.parametrize(
    ("answer", "is_believed"),
    [
        (httpx.Response(200, json={"success": True, "hostname": "www.example.nl"}), True),
        (httpx.Response(200, json={"success": False, "error-codes": ["timeout-or-duplicate"]}), False),
        # Nobody loses a lead because Cloudflare is away.
        (httpx.Response(500), True),
        (httpx.Response(200, text="<html>"), True),
        (httpx.ConnectTimeout("away"), True),
    ],
)
async def test_who_is_believed(answer: httpx.Response | Exception, is_believed: bool) -> None:  # noqa: FBT001 - a table's row.
    transport, asked = _cloudflare(answer)

    assert await make_verify(SECRET, transport)("a-token") is is_believed

    (request,) = asked
    assert str(request.url) == URL
    # And nothing of the visitor.
    assert parse_qs(request.content.decode()) == {
        "secret": [SECRET.get_secret_value()],
        "response": ["a-token"],
    }


async def test_without_a_token_nobody_is_asked_and_without_a_secret_nobody_needs_one() -> None:
    transport, asked = _cloudflare(httpx.Response(200, json={"success": True}))

    assert await make_verify(SECRET, transport)("") is False
    assert await make_verify(None, transport)("") is True
    assert asked == []


@pytest.mark.parametrize(
    ("token", "suspicion"),
    [("good", None), ("bad", "turnstile"), ("", "turnstile"), ("x" * 2049, "turnstile")],
)
async def test_a_form_without_a_good_token_is_held(
    serve_track: Serve, database: FakePostgREST, token: str, suspicion: str | None
) -> None:
    database.answers |= {
        "record_lead": {"lead_id": lead()["id"], "outcome": "counted", "is_new": True},
        "visitor_salt": "00" * 32,
    }

    async def verify(token: str) -> bool:
        return token == "good"  # noqa: S105 - no secret.

    async with serve_track(verify=verify) as client:
        answer = await client.post("/leads", json=lead(turnstile=token))

    assert answer.status_code == 201
    (call,) = [call for call in database.calls if call.function == "record_lead"]
    assert call.arguments["lead"]["suspicion"] == suspicion
    assert "turnstile" not in call.arguments["lead"]


def test_a_page_has_the_widget_only_where_there_is_a_key() -> None:
    page = Snapshot.model_validate(snapshot())
    passed = checked(page)

    with_key = render(page, "0" * 64, passed, "https://www.example.nl", SITE_KEY).html
    without = render(page, "0" * 64, passed, "https://www.example.nl").html

    (widget,) = re.findall(r'<div class="wide cf-turnstile"[^>]*>', with_key)
    assert f'data-sitekey="{SITE_KEY}"' in widget
    assert with_key.count(f'src="{POLICY}/turnstile/v0/api.js"') == 1
    # Where a form that comes back keeps its token.
    assert '<input type="hidden" name="turnstile">' in with_key
    assert "turnstile" not in without
    assert "cloudflare" not in without


def test_a_policy_allows_cloudflare_only_where_there_is_a_key() -> None:
    assert POLICY not in landing_page_policy("s", "x", [])
    policy = landing_page_policy("s", "x", [], has_turnstile=True)
    assert f"script-src '{source_hash('x')}' {POLICY}; frame-src {POLICY};" in policy


async def test_what_is_published_carries_it_and_is_another_template_version(
    open_database: Callable[[Settings], PostgREST], database: FakePostgREST
) -> None:
    versions = []
    for more in ({}, {"turnstile_site_key": SITE_KEY}):
        keys = {"page_renderer_jwt": make_jwt("page_renderer"), "page_signing_key": PAGE_SIGNING_KEY, **more}
        settings = PublishSettings.model_validate({**PROJECT, **keys})
        database.answers |= {
            "landing_page_snapshot": {"snapshot": snapshot(), "content_hash": "0" * 64, "resembles": None},
            "store_landing_page_document": None,
            "submit_landing_page": {"status": "review"},
        }
        headers = {"Authorization": f"Bearer {make_jwt('authenticated')}"}
        async with make_client(
            publish_routes.build(settings, open_database(settings)), headers=headers
        ) as client:
            await client.post(f"/landing-pages/{PAGE_ID}/submit")
        stored = [call for call in database.calls if call.function == "store_landing_page_document"][-1]
        versions.append(stored.arguments["template_version"])
        assert (POLICY in stored.arguments["csp"]) is bool(more)

    assert versions[0] != versions[1]
