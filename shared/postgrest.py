"""The only way to the database: calling its functions through PostgREST, as exactly one identity.

postgrest-py is not used here. The functions only ever POST to /rpc, and for that it hides the HTTP status
(which alone tells "sign in" from "not allowed" behind a 42501), takes a proxy's HTML page under a 200 for
data, changes a client in place when a token is set, and adds half again to what a call costs in Python.
"""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx
import orjson
import structlog
from pydantic import SecretStr

from shared.errors import DatabaseUnavailable, InternalError, Refusal
from shared.postgrest_errors import problem_from
from shared.settings import Settings

log = structlog.get_logger()

# The longest call is a webhook batch of 1,000 events. The sum stays below what platforms wait for a webhook.
TIMEOUT = httpx.Timeout(connect=2, write=5, read=10, pool=2)
LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=64)


@dataclass(frozen=True)
class Identity:
    """Whom the next calls speak for: nobody (anon), the caller, or one of our own narrow roles."""

    http: httpx.AsyncClient = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    is_ours: bool = False

    async def call(self, function: str, /, **arguments: object) -> object:
        """Call `public.<function>` with named arguments and return what it returns.

        Raises:
            Refusal: The function raised one of its own words.
            DatabaseUnavailable: There was no answer, or one that invites a retry. The call may have happened.
            Problem: PostgREST's other errors, as `shared.postgrest_errors` maps them.
            InternalError: An identity of our own was refused anything but in the database's own words.
        """
        try:
            response = await self.http.post(
                f"rpc/{function}", content=orjson.dumps(arguments), headers=self.headers
            )
        except httpx.TransportError as error:
            log.warning("database_unreachable", function=function, error=type(error).__name__)
            raise DatabaseUnavailable("The database did not answer in time.") from error
        if response.is_success:
            return _decode(response)
        problem = problem_from(response)
        is_answer = isinstance(problem, Refusal | DatabaseUnavailable)
        if isinstance(problem, InternalError) or (self.is_ours and not is_answer):
            # A visitor can do nothing about a token of ours having expired, and 5xx has webhooks sent again.
            log.error("own_call_refused", function=function, code=problem.code, detail=problem.detail)
            raise InternalError("The request could not be completed. It has been logged.")
        raise problem


class PostgREST:
    """One pool of connections a process. Close it with `async with`, or let the process end.

    HTTP/1.1 and no retries: whether a call may be repeated is for whoever made the idempotency key to know.
    """

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Take `transport` in place of the network, where a test wants its double."""
        self._http = httpx.AsyncClient(
            base_url=settings.rest_url,
            headers={
                "apikey": settings.supabase_publishable_key.get_secret_value(),
                "Content-Type": "application/json",
            },
            timeout=TIMEOUT,
            limits=LIMITS,
            transport=transport,
            # Neither a proxy nor a .netrc of the machine's may see the tokens.
            trust_env=False,
        )

    def as_anon(self) -> Identity:
        """Speak for nobody: the publishable key and no Authorization, as the hosted gateway wants it."""
        return Identity(self._http, {})

    def as_caller(self, authorization: str) -> Identity:
        """Speak for whoever sent this Authorization header, which travels on unchanged."""
        return Identity(self._http, {"Authorization": authorization})

    def as_role(self, token: SecretStr) -> Identity:
        """Speak as a narrow role of our own, which may execute a few functions and read no table."""
        return Identity(self._http, {"Authorization": f"Bearer {token.get_secret_value()}"}, is_ours=True)

    async def __aenter__(self) -> Self:
        """Return itself; the pool opens with its first call."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._http.aclose()


def _decode(response: httpx.Response) -> object:
    if not response.content:
        return None  # A function that returns void.
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        # Something between us and PostgREST answered in its stead, so nothing is known to be committed.
        raise DatabaseUnavailable("The database's answer cannot be read.") from error
