"""Every way a function says no: a small tree of problems, each with its HTTP status and its stable word.

A problem leaves as RFC 9457 problem+json (https://www.rfc-editor.org/rfc/rfc9457). The words are what callers
may write code against, so docs/errors.md lists each of them and a test compares.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from types import MappingProxyType

from pydantic import ValidationError

RETRY_AFTER_SECONDS = 2


@dataclass(frozen=True)
class Failure:
    """One thing that is wrong, and where: `blocks[2].data.headline`, or `` for the whole."""

    path: str
    message: str


class Problem(Exception):  # noqa: N818  # A problem is named for what went wrong.
    """A refusal with a status for machines, a word for code, and a sentence for people."""

    status: int = HTTPStatus.BAD_REQUEST
    code: str = "bad_request"
    title: str = "The request cannot be understood"
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, detail: str, *, hint: str | None = None, errors: Sequence[Failure] = ()) -> None:
        """Say what happened (`detail`), what to do (`hint`), and each failure of a validation (`errors`)."""
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        self.errors = tuple(errors)

    def body(self) -> dict[str, object]:
        """Return the members of the problem+json document."""
        body: dict[str, object] = {
            "type": f"/docs/errors.md#{self.code}",
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail,
            "code": self.code,
        }
        if self.hint:
            body["hint"] = self.hint
        if self.errors:
            body["errors"] = [asdict(failure) for failure in self.errors]
        return body


class MalformedBody(Problem):
    """The bytes are not what their Content-Type says: broken JSON, not UTF-8, nested without end."""

    code = "malformed_body"
    title = "The body cannot be read"


class InvalidBody(Problem):
    """The body can be read, but has missing, unknown or wrong members."""

    code = "invalid_body"
    title = "The body has wrong members"

    @classmethod
    def from_validation(cls, error: ValidationError) -> "InvalidBody":
        """List every failure that pydantic found."""
        return cls("Some members are missing or wrong.", errors=failures_of(error))


class InvalidValue(Problem):
    """A constraint or a type of the database refused a value that the caller sent."""

    code = "invalid_value"
    title = "The database refused a value"


class MissingToken(Problem):
    """The route acts for somebody, and the request names nobody."""

    status = HTTPStatus.UNAUTHORIZED
    code = "missing_token"
    title = "Nobody is signed in"
    headers = MappingProxyType({"WWW-Authenticate": "Bearer"})


class InvalidToken(Problem):
    """The token is malformed, expired, wrongly signed, or names no role that may sign in."""

    status = HTTPStatus.UNAUTHORIZED
    code = "invalid_token"
    title = "The token is not accepted"
    headers = MappingProxyType({"WWW-Authenticate": 'Bearer error="invalid_token"'})


class SignatureMismatch(Problem):
    """A webhook could not prove that it comes from its platform."""

    status = HTTPStatus.UNAUTHORIZED
    code = "signature_mismatch"
    title = "The webhook's signature or key does not match"
    # A 401 has to name a scheme (RFC 9110, 15.5.2); platforms sign in ways that have no registered name.
    headers = MappingProxyType({"WWW-Authenticate": "Webhook-Signature"})


class HandshakeRefused(Problem):
    """Somebody asks for a webhook's handshake who is not its platform."""

    status = HTTPStatus.FORBIDDEN
    code = "handshake_refused"
    title = "The handshake is not this platform's"


class NotAllowed(Problem):
    """The caller is known, and may not do this."""

    status = HTTPStatus.FORBIDDEN
    code = "not_allowed"
    title = "The caller may not do this"


class ForeignOrigin(Problem):
    """A browser says that another site sent this."""

    status = HTTPStatus.FORBIDDEN
    code = "foreign_origin"
    title = "Another site may not send this"


class NotFound(Problem):
    """No function answers at this path."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"
    title = "There is nothing here"


class PageNotFound(NotFound):
    """There is no such page, or none that the caller may see."""

    code = "page_not_found"
    title = "There is no such page"


class PreviewNotFound(NotFound):
    """The link to a preview is good for nothing, any more or ever."""

    code = "preview_not_found"
    title = "The link shows nothing"


class PageGone(Problem):
    """There was a page here, and it has been taken down."""

    status = HTTPStatus.GONE
    code = "page_gone"
    title = "The page has been taken down"


class UnknownAction(NotFound):
    """The page may exist; the verb does not."""

    code = "unknown_action"
    title = "There is no such action"


class UnknownSource(NotFound):
    """No platform is registered under this name, or it has no secret and is therefore closed."""

    code = "unknown_source"
    title = "There is no such webhook"


class MethodNotAllowed(Problem):
    """The path exists, for other methods."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method_not_allowed"
    title = "The path does not answer this method"

    def __init__(self, allowed: Iterable[str]) -> None:
        """Name the methods that the path answers, in the detail and in the Allow header."""
        allow = ", ".join(sorted(allowed))
        super().__init__(f"This path answers {allow}.")
        self.headers = {"Allow": allow}


class Conflict(Problem):
    """A unique or foreign key says that this clashes with what is there."""

    status = HTTPStatus.CONFLICT
    code = "conflict"
    title = "This clashes with what is there"


class BodyTooLarge(Problem):
    """The body is longer than the route reads."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "body_too_large"
    title = "The body is too large"


class HeadersTooLarge(Problem):
    """The headers are longer than anything that a browser or a platform sends."""

    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    code = "headers_too_large"
    title = "The headers are too large"


class BodyTooSlow(Problem):
    """The body has been on its way for longer than anybody has to wait for it."""

    status = HTTPStatus.REQUEST_TIMEOUT
    code = "body_too_slow"
    title = "The body did not arrive in time"
    # What is still to come would be read as the next request.
    headers = MappingProxyType({"Connection": "close"})


class UnsupportedMediaType(Problem):
    """The body's Content-Type is one that the route does not read."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"
    title = "The Content-Type is not read here"


class ContentRefused(Problem):
    """The page does not pass the gates of publication; every failure is listed at once."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "content_refused"
    title = "The page is not ready to be published"


class InternalError(Problem):
    """A bug of ours. What happened is in the log and nowhere else."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal_error"
    title = "Something is wrong on our side"


class DocumentNotGenuine(Problem):
    """What is stored for a page was not signed by a key that we know. It is shown to nobody."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "document_not_genuine"
    title = "The stored page is not ours"


class DatabaseUnavailable(Problem):
    """The database cannot answer now, or no answer came: the same request may be sent again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "database_unavailable"
    title = "The database cannot answer now"
    headers = MappingProxyType({"Retry-After": str(RETRY_AFTER_SECONDS)})


class EventLogUnavailable(Problem):
    """The log before the database gives no answer: the same request may be sent again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "event_log_unavailable"
    title = "Views cannot be kept now"
    headers = DatabaseUnavailable.headers


class KeysUnavailable(Problem):
    """Nobody says by which keys the sender's token may be signed: the same request may be sent again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "keys_unavailable"
    title = "The sender cannot be verified now"
    headers = DatabaseUnavailable.headers


class SchemaTooOld(Problem):
    """The database lacks a migration that this version of a function was written for."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "schema_too_old"
    title = "The database is older than this function"
    headers = DatabaseUnavailable.headers


class Overloaded(Problem):
    """More comes in than can be kept: the same request may be sent again, a little later."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "overloaded"
    title = "Too much is coming in"
    headers = DatabaseUnavailable.headers


class Refusal(Problem):
    """The database said no in its own word: `raise sqlstate 'PT409' using message = 'content_changed'`."""

    def __init__(self, status: int, code: str, detail: str, *, hint: str | None = None) -> None:
        """Carry the status, the word and the sentences that the migration gave the error."""
        super().__init__(detail, hint=hint)
        self.status = status
        self.code = code
        self.title = HTTPStatus(status).phrase
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            self.headers = DatabaseUnavailable.headers


def failures_of(error: ValidationError) -> list[Failure]:
    """Translate pydantic's errors, of which none may repeat the value: it may be a person's."""
    return [
        Failure(json_path(item["loc"]), item["msg"].removeprefix("Value error, "))
        for item in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def json_path(location: Iterable[int | str]) -> str:
    """Write a pydantic location the way JavaScript would: `blocks[2].data.headline`."""
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path.removeprefix(".")
