"""PostgREST as a double at the edge of the network: answers what a test says, keeps what it was asked."""

import base64
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

Answer = Callable[[dict[str, Any]], object] | httpx.Response | Exception | object


@dataclass(frozen=True)
class Call:
    """One call of a database function."""

    function: str
    arguments: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def authorization(self) -> str | None:
        return self.headers.get("authorization")


@dataclass
class FakePostgREST:
    """Answers by function name. An exception is raised as by the network; a callable gets the arguments."""

    answers: dict[str, Answer] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._handle)

    @property
    def called(self) -> list[str]:
        return [call.function for call in self.calls]

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        function = request.url.path.removeprefix("/rest/v1/rpc/")
        arguments = json.loads(request.content)
        self.calls.append(Call(function, arguments, request.headers))
        answer = self.answers[function]
        if isinstance(answer, Exception):
            raise answer
        value = answer(arguments) if callable(answer) else answer
        if inspect.isawaitable(value):
            value = await value
        if isinstance(value, httpx.Response):
            return value
        return httpx.Response(204) if value is None else httpx.Response(200, json=value)


def refuse(
    status: int, code: str, message: str, details: str | None = None, hint: str | None = None
) -> httpx.Response:
    """Answer as PostgREST does when it says no."""
    body = {"code": code, "message": message, "details": details, "hint": hint}
    return httpx.Response(status, json=body)


def make_jwt(role: str | None, **more: object) -> str:
    """Make a token that claims a role; nobody here checks its signature."""
    claims = {"sub": "00000000-0000-4000-8000-000000000001", **more} | ({"role": role} if role else {})
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJFUzI1NiJ9.{payload}.c2lnbmF0dXJl"
