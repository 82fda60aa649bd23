"""The only way to the database: calling its functions through PostgREST, as exactly one identity.

One pool of connections a process, and over it one light `AsyncPostgrestClient` an identity: its headers are
given when it is made and never changed, so that one user's JWT cannot reach the next (`auth()` would change a
client in place).
"""

import datetime as dt
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import TracebackType
from typing import NoReturn, Self

import httpx
import structlog
from postgrest import APIError, AsyncPostgrestClient
from pydantic import SecretStr

from shared.http.errors import DatabaseUnavailable, InternalError, Refusal
from shared.http.request_id import HEADER, current_request_id
from shared.http.settings import Settings, token_end
from shared.postgrest.errors import problem_from

log = structlog.get_logger()

# The longest call is a webhook batch of 1,000 events. The sum stays below what platforms wait for a webhook.
TIMEOUT = httpx.Timeout(connect=2, write=5, read=10, pool=2)
LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=64)

# The answer to the call that the running task is making. An APIError has no HTTP status, and the status alone
# tells "sign in" from "not allowed" behind a 42501; so the response is kept beside what is made of it.
_response: ContextVar[httpx.Response] = ContextVar("response")


async def _send_request_id(request: httpx.Request) -> None:
    if request_id := current_request_id():
        request.headers[HEADER] = request_id


async def _keep_response(response: httpx.Response) -> None:
    _response.set(response)


@dataclass(frozen=True)
class Identity:
    """Whom the next calls speak for: nobody (anon), the caller, or one of our own narrow roles."""

    client: AsyncPostgrestClient = field(repr=False)
    is_ours: bool = False
    token_ends_at: dt.datetime | None = None
    """When our own token is refused, if it says."""

    async def call(self, function: str, /, **arguments: object) -> object:
        """Call `public.<function>` with named arguments and return what it returns.

        Raises:
            Refusal: The function raised one of its own words.
            DatabaseUnavailable: There was no answer, or one that invites a retry. The call may have happened.
            Problem: PostgREST's other errors, as `shared.postgrest.errors` maps them.
            InternalError: An identity of our own was refused anything but in the database's own words.
        """
        try:
            answer = await self.client.rpc(function, arguments).execute()  # type: ignore[arg-type]  # Any JSON.
        except httpx.TransportError as error:
            log.warning("database_unreachable", function=function, error=type(error).__name__)
            raise DatabaseUnavailable("The database did not answer in time.") from error
        except APIError:
            self._raise_problem(function)
        return _data_of(_response.get(), answer.data)

    def _raise_problem(self, function: str) -> NoReturn:
        problem = problem_from(_response.get())
        is_answer = isinstance(problem, Refusal | DatabaseUnavailable)
        if isinstance(problem, InternalError) or (self.is_ours and not is_answer):
            # A visitor can do nothing about a token of ours having expired, and 5xx has webhooks sent again.
            log.error("own_call_refused", function=function, code=problem.code, detail=problem.detail)
            raise InternalError("The request could not be completed. It has been logged.") from problem
        raise problem from None


class PostgREST:
    """One pool of connections a process. Close it with `async with`, or let the process end.

    HTTP/1.1 and no retries: whether a call may be repeated is for whoever made the idempotency key to know.
    """

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Take `transport` in place of the network, where a test wants its double."""
        self._url = settings.rest_url
        self._apikey = settings.supabase_publishable_key.get_secret_value()
        self._http = httpx.AsyncClient(
            timeout=TIMEOUT,
            limits=LIMITS,
            transport=transport,
            event_hooks={"request": [_send_request_id], "response": [_keep_response]},
            # Neither a proxy nor a .netrc of the machine's may see the tokens.
            trust_env=False,
        )

    def as_anon(self) -> Identity:
        """Speak for nobody: the publishable key and no Authorization, as the hosted gateway wants it."""
        return Identity(self._client({}))

    def as_caller(self, authorization: str) -> Identity:
        """Speak for whoever sent this Authorization header, which travels on unchanged."""
        return Identity(self._client({"Authorization": authorization}))

    def as_role(self, token: SecretStr) -> Identity:
        """Speak as a narrow role of our own, which may execute a few functions and read no table."""
        jwt = token.get_secret_value()
        return Identity(
            self._client({"Authorization": f"Bearer {jwt}"}), is_ours=True, token_ends_at=token_end(jwt)
        )

    def _client(self, authorization: dict[str, str]) -> AsyncPostgrestClient:
        headers = {"apikey": self._apikey, **authorization}
        return AsyncPostgrestClient(self._url, headers=headers, http_client=self._http, retry_enabled=False)

    async def __aenter__(self) -> Self:
        """Return itself; the pool opens with its first call."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._http.aclose()


def _data_of(response: httpx.Response, data: object) -> object:
    if not response.content:
        return None  # A function that returns void, which postgrest reads as an empty list.
    if not response.headers.get("content-type", "").startswith("application/json"):
        # Something between us and PostgREST answered in its stead, so nothing is known to be committed.
        raise DatabaseUnavailable("The database's answer cannot be read.")
    return data
