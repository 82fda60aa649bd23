"""The server: one port, each platform under its name, and what goes wrong on the way."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.simulator import answers
from tests.simulator.world import Account, World

STALL_SECONDS = 2

# What stands in between may answer with.
_BROKEN = {"error": ("upstream", 503), "html": ("<html>Even geduld</html>", 200)}


_CONVERSIONS = ("/events", "/conversionEvents", "/event/track/", "/OfflineConversions/Apply")


class Simulator:
    """Answers as the platforms do, about one world."""

    def __init__(self, world: World) -> None:
        """Speak of `world`."""
        self.world = world
        self.url = ""
        # To be measured against: an answer is written once.
        self.is_frozen = False
        self._written: dict[tuple[str, bytes, bytes], Response] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or fail in the way that is due."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.body()
        platform = request.url.path.split("/")[1]
        # As it is when the request arrives: one that stalls is looked at later.
        blocked = frozenset(self.world.blocked)
        fault = self.world.next_fault(platform)
        if fault == "stall":
            self.world.stalling += 1
            await asyncio.sleep(STALL_SECONDS)
            self.world.stalling -= 1
        key = (request.url.path, scope["query_string"], body)
        response = self._written.get(key) or self._answer(request, body, fault, blocked)
        if self.is_frozen and "/Submit" not in request.url.path:
            self._written[key] = response
        if fault == "cut":
            await _cut(response, send)
            return
        await response(scope, receive, send)

    def _answer(
        self, request: Request, body: bytes, fault: str, blocked: frozenset[tuple[str, str]]
    ) -> Response:
        platform = request.url.path.split("/")[1]
        if fault in _BROKEN:
            text, status = _BROKEN[fault]
            return Response(text, status, media_type="text/html")
        parts = request.url.path.strip("/").split("/")
        if platform == "accounts":
            return JSONResponse([_about(self.world, account) for account in self.world.accounts.values()])
        if platform == "ecb":
            return answers.rates(self.world, parts[-1])
        if parts[1] == "tokens":
            return answers.refresh(self.world, platform, dict(parse_qsl(body.decode())))
        if parts[1:3] == ["reports", "files"]:
            return answers.microsoft_file(self.world, parts[3])
        is_form = request.headers.get("content-type") == "application/x-www-form-urlencoded"
        told = dict(parse_qsl(body.decode())) if is_form else json.loads(body or b"{}")
        return self._ask(request, told, fault, blocked)

    def _ask(
        self, request: Request, body: dict[str, Any], fault: str, blocked: frozenset[tuple[str, str]]
    ) -> Response:
        platform = request.url.path.split("/")[1]
        # What stands at a campaign's own address does not say whose it is.
        account_id = answers.account_id_of(request, body) or self.world.account_of(
            platform, request.url.path.rpartition("/")[2]
        )
        account = self.world.accounts.get((platform, account_id))
        if account is None:
            return JSONResponse({"error": {"code": 403, "status": "PERMISSION_DENIED"}}, 403)
        if (platform, account_id) in blocked:
            self.world.asked_while_blocked += 1
        if fault == "throttle":
            self.world.blocked.add((platform, account_id))
            return answers.throttled(platform)
        # A token that is fresh is good once: refused twice, it would be refused for another reason.
        if fault == "expired" and account.is_token_used:
            account.is_token_used = False
            account.access_token = f"access-{account_id}-{int(account.access_token.rpartition('-')[2]) + 1}"
        if answers.token_of(request) != account.access_token:
            return answers.expired(platform)
        account.is_token_used = True
        return self._speak(request, account, body)

    def _speak(self, request: Request, account: Account, body: dict[str, Any]) -> Response:
        path = request.url.path
        if "/google_ads/conversions/" in path or path.endswith(_CONVERSIONS):
            return answers.conversions(self.world, account, request, body)
        match account.platform:
            case "google_ads":
                return answers.google(self.world, account, request.url.path, body)
            case "meta_ads":
                return answers.meta(self.world, account, request, body)
            case "linkedin_ads":
                return answers.linkedin(self.world, account, request, body)
            case "tiktok_ads":
                return answers.tiktok(self.world, account, request, body)
            case _:
                return answers.microsoft(self.world, account, request, body)


def _about(world: World, account: Account) -> dict[str, object]:
    """Say what connects an account, and what has to come out."""
    campaigns = sorted({campaign for campaign, _ in account.days})
    return {
        "platform": account.platform,
        "account_id": account.account_id,
        "access_token": account.access_token,
        "refresh_token": next(iter(account.refresh_tokens), None),
        "campaigns": [{"id": campaign, "eur": str(world.eur(account, campaign))} for campaign in campaigns],
        "paused": sorted(account.paused),
    }


async def _cut(response: Response, send: Send) -> None:
    """Begin an answer and never end it."""
    length = str(len(response.body) + 1000).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    await send({"type": "http.response.body", "body": bytes(response.body[:50]), "more_body": True})
    raise ConnectionAbortedError


@contextmanager
def serving(world: World, port: int = 0) -> Iterator[Simulator]:
    """Have a simulator answer on 127.0.0.1 until the block is left."""
    simulator = Simulator(world)
    config = uvicorn.Config(
        simulator, host="127.0.0.1", port=port, log_level="critical", lifespan="off", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("The simulator did not start.")
            threading.Event().wait(0.01)
        simulator.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield simulator
    finally:
        server.should_exit = True
        thread.join(10)
