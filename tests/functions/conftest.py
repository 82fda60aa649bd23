"""Each function behind functions-framework's own ASGI app, with a double of PostgREST at its other edge."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from functions_framework.aio import create_asgi_app_from_module

from functions.campaign_webhook import routes as webhook_routes
from functions.campaign_webhook.settings import WebhookSettings
from functions.landing_page import routes as page_routes
from functions.landing_page.settings import LandingPageSettings
from functions.landing_page_publish import routes as publish_routes
from functions.landing_page_publish.settings import PublishSettings
from functions.landing_page_track import routes as track_routes
from functions.landing_page_track.settings import TrackSettings
from functions.landing_page_track.turnstile import Verify
from shared.http.edge import Handler
from shared.http.settings import Settings
from shared.postgrest.client import PostgREST
from stack.example_secrets import PAGE_SIGNING_KEY, WEBHOOK_SETTINGS
from tests.documents import SIGNER
from tests.fake_postgrest import FakePostgREST, make_jwt
from tests.functions.senders import BROWSER, NOW

PROJECT = {
    "supabase_url": "https://project.supabase.test",
    "supabase_publishable_key": "sb_publishable_test",
    "site_url": "https://www.example.nl",
}

Serve = Callable[..., httpx.AsyncClient]


def make_client(handler: Handler, **options: Any) -> httpx.AsyncClient:  # noqa: ANN401  # httpx's own.
    """Serve a handler as functions-framework does and talk to it."""
    module = SimpleNamespace(main=handler)
    app = create_asgi_app_from_module("main", "main.py", "http", module, None)  # type: ignore[no-untyped-call]
    transport = httpx.ASGITransport(app=app, client=("203.0.113.7", 4711))
    return httpx.AsyncClient(transport=transport, base_url="https://functions.test", **options)


@pytest.fixture
def database() -> FakePostgREST:
    """The double; a test fills in `answers`."""
    return FakePostgREST()


@pytest.fixture
async def open_database(database: FakePostgREST) -> AsyncIterator[Callable[[Settings], PostgREST]]:
    opened: list[PostgREST] = []

    def open_for(settings: Settings) -> PostgREST:
        opened.append(PostgREST(settings, database.transport))
        return opened[-1]

    yield open_for
    for postgrest in opened:
        await postgrest.__aexit__(None, None, None)


@pytest.fixture
async def publish_client(open_database: Callable[[Settings], PostgREST]) -> AsyncIterator[httpx.AsyncClient]:
    """landing_page_publish, called by a signed-in partner."""
    keys = {"page_renderer_jwt": make_jwt("page_renderer"), "page_signing_key": PAGE_SIGNING_KEY}
    settings = PublishSettings.model_validate({**PROJECT, **keys})
    handler = publish_routes.build(settings, open_database(settings))
    headers = {"Authorization": f"Bearer {make_jwt('authenticated')}"}
    async with make_client(handler, headers=headers) as client:
        yield client


@dataclass
class Clock:
    """Time that passes when a test says so."""

    seconds: float = 1000.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def page_client(
    open_database: Callable[[Settings], PostgREST], clock: Clock
) -> AsyncIterator[httpx.AsyncClient]:
    """landing_page, as a browser sees it."""
    settings = LandingPageSettings.model_validate({**PROJECT, "page_public_keys": [SIGNER.public_key]})
    handler = page_routes.build(settings, open_database(settings), lambda: clock.seconds)
    async with make_client(handler, headers={"Accept": "text/html,*/*"}) as client:
        yield client


@pytest.fixture
def serve_track(open_database: Callable[[Settings], PostgREST]) -> Serve:
    """Start landing_page_track with further settings."""

    def serve(*, verify: Verify | None = None, **options: object) -> httpx.AsyncClient:
        keys = {"event_recorder_jwt": make_jwt("event_recorder"), "page_public_keys": [SIGNER.public_key]}
        values = {**PROJECT, **keys, **options}
        settings = TrackSettings(**values)  # type: ignore[arg-type]
        handler = track_routes.build(settings, open_database(settings), lambda: NOW, verify)
        return make_client(handler, headers={"User-Agent": BROWSER})

    return serve


@pytest.fixture
async def track_client(serve_track: Serve) -> AsyncIterator[httpx.AsyncClient]:
    """landing_page_track, opened in a browser."""
    async with serve_track() as client:
        yield client


@pytest.fixture
async def webhook_client(
    open_database: Callable[[Settings], PostgREST], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """campaign_webhook with every source open."""
    for name, value in WEBHOOK_SETTINGS.items():
        monkeypatch.setenv(name, value)
    settings = WebhookSettings(
        **PROJECT,  # type: ignore[arg-type]
        campaign_ingester_jwt=make_jwt("campaign_ingester"),
    )
    async with make_client(webhook_routes.build(settings, open_database(settings))) as client:
        yield client
