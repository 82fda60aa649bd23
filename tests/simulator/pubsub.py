"""A stand-in for Pub/Sub: a topic whose one subscription pushes what was published, at least once.

Publishing is as at Google's emulator, without a token; pushing as in Google's cloud, with a signed one.
https://cloud.google.com/pubsub/docs/push#receive_push
"""

import asyncio
import base64
import datetime as dt
import itertools
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stack.running.ports import choose_port
from stack.running.process import wait_until

TOPIC = "projects/partner-marketing/topics/page-events"
SUBSCRIPTION = "projects/partner-marketing/subscriptions/landing-page-count"
ACCOUNT = "event-pusher@partner-marketing.iam.gserviceaccount.com"
AUDIENCE = "landing-page-count"

_KEY_ID = "stand-in"
_FIRST_DELAY, _LAST_DELAY = 0.05, 0.5


@dataclass
class PubSub:
    """What was published, and how it is being delivered."""

    key: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048))
    url: str = ""
    push_to: str = ""
    at_once: int = 4
    """How many pushes are on their way: landing_page_count's instances times what each takes at once."""
    copies: int = 1
    """How often each message is pushed, all at once, until it is taken."""
    is_away: bool = False
    """Whether publishing is answered with 503."""
    published: list[bytes] = field(default_factory=list)
    taken: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    _flow: asyncio.Event = field(default_factory=asyncio.Event)
    _ids: Iterator[int] = field(default_factory=itertools.count)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop | None = None
    _turns: asyncio.Semaphore = field(init=False)
    _http: httpx.AsyncClient = field(init=False)

    @property
    def host(self) -> str:
        """What PUBSUB_EMULATOR_HOST is to be."""
        return self.url.removeprefix("http://")

    @property
    def certs_url(self) -> str:
        """Where the keys are that pushes are signed by."""
        return f"{self.url}/certs"

    def let_flow(self) -> None:
        """Begin to push, what is there and what comes."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._flow.set)

    def wait_until_taken(self, seconds: float = 60) -> None:
        """Wait until everything that was published has been taken."""
        if not wait_until(lambda: self.taken == len(self.published), seconds):
            raise TimeoutError(f"{self.taken} of {len(self.published)} taken; answers: {self.answers}")

    def has_taken_more(self, than: int) -> bool:
        """Wait until more than so many have been taken, and say whether they have."""
        return wait_until(lambda: self.taken > than, 20)

    def sign(self, **changes: object) -> str:
        """Return a token as Google signs them for pushes, with other claims where a test wants them."""
        now = int(time.time())
        claims = {
            "iss": "https://accounts.google.com",
            "aud": AUDIENCE,
            "sub": "113774264463038321964",
            "email": ACCOUNT,
            "email_verified": True,
            "iat": now,
            "exp": now + 3600,
            **changes,
        }
        known = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(known, self.key, algorithm="RS256", headers={"kid": _KEY_ID})

    def jwks(self) -> dict[str, Any]:
        """Return the public key as Google publishes its own."""
        key = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": _KEY_ID, "alg": "RS256", "use": "sig"}]}

    def app(self) -> Starlette:
        """Return the server."""
        routes = [
            Route(f"/v1/{TOPIC}:publish", self._publish, methods=["POST"]),
            Route("/certs", self._certs),
        ]
        return Starlette(routes=routes, lifespan=self._run)

    @asynccontextmanager
    async def _run(self, _: Starlette) -> AsyncIterator[None]:
        self._turns = asyncio.Semaphore(self.at_once)
        async with httpx.AsyncClient(timeout=15, trust_env=False) as self._http:
            yield
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _certs(self, _: Request) -> Response:
        return JSONResponse(self.jwks())

    async def _publish(self, request: Request) -> Response:
        self._loop = asyncio.get_running_loop()
        if self.is_away:
            return JSONResponse({"error": {"code": 503, "status": "UNAVAILABLE"}}, 503)
        messages = (await request.json())["messages"]
        told = [str(next(self._ids)) for _ in messages]
        for message_id, message in zip(told, messages, strict=True):
            self.published.append(base64.b64decode(message["data"]))
            if self.push_to:
                task = asyncio.create_task(self._deliver(message_id, message["data"]))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return JSONResponse({"messageIds": told})

    async def _deliver(self, message_id: str, data: str) -> None:
        await self._flow.wait()
        for attempt in itertools.count(1):
            body = push(data, message_id, attempt)
            async with self._turns:
                told = await asyncio.gather(*(self._push(body) for _ in range(self.copies)))
            if any(told):
                break
            await asyncio.sleep(min(_FIRST_DELAY * 2**attempt, _LAST_DELAY))
        self.taken += 1

    async def _push(self, body: dict[str, object]) -> bool:
        headers = {"Authorization": f"Bearer {self.sign()}"}
        try:
            answer = await self._http.post(self.push_to, json=body, headers=headers)
        except httpx.TransportError:
            self.answers[0] += 1
            return False
        self.answers[answer.status_code] += 1
        return answer.is_success


def push(data: str, message_id: str = "1", attempt: int = 1) -> dict[str, object]:
    """Return the body of a push."""
    now = dt.datetime.now(dt.UTC).isoformat()
    # Both spellings are sent: https://cloud.google.com/pubsub/docs/push#receive_push
    message = {"data": data, "messageId": message_id, "message_id": message_id, "publishTime": now}
    return {"message": message, "subscription": SUBSCRIPTION, "deliveryAttempt": attempt}


@contextmanager
def serving(pubsub: PubSub) -> Iterator[PubSub]:
    """Have it answer on 127.0.0.1 until the block is left."""
    port = choose_port("", fixed=None, kept=None, is_held=False)
    config = uvicorn.Config(pubsub.app(), host="127.0.0.1", port=port, log_level="critical")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    pubsub.url = f"http://127.0.0.1:{port}"
    try:
        if not wait_until(lambda: server.started, 10):
            raise RuntimeError("The stand-in for Pub/Sub did not start.")
        yield pubsub
    finally:
        server.should_exit = True
        thread.join(10)
