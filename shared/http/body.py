"""Bodies, from a stranger's bytes to a model: capped while streaming, strict JSON, every failure named."""

import asyncio
import datetime as dt
import json
import re
from typing import Annotated, NoReturn, TypeVar
from urllib.parse import parse_qsl

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ValidationError
from starlette.requests import ClientDisconnect, Request

from shared.http.errors import BodyTooLarge, BodyTooSlow, InvalidBody, MalformedBody, UnsupportedMediaType

MAX_DEPTH = 64
"""Deeper than any payload we know of, and far from Python's and PostgreSQL's own limits."""

FORM = "application/x-www-form-urlencoded"
"""How a browser without script sends a form."""

MAX_FORM_FIELDS = 40

BODY_SECONDS = 10
"""How long a body may take; functions-framework itself would wait for ever."""

Model = TypeVar("Model", bound=BaseModel)

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_day(value: object) -> object:
    # pydantic would read 86400, as a number or as text, as the second day of 1970.
    if not isinstance(value, str) or not _ISO_DAY.fullmatch(value):
        raise ValueError("must be a day such as 2026-11-17")
    return value


Day = Annotated[dt.date, BeforeValidator(_iso_day)]
"""A day as JSON Schema's `date` has it."""


def _iso_moment(value: object) -> object:
    # pydantic would read 0.5 as half a second after 1970 began.
    if not isinstance(value, dt.datetime) and (not isinstance(value, str) or "T" not in value):
        raise ValueError("must be a moment such as 2026-11-17T09:30:00+01:00")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_iso_moment)]
"""A moment as JSON Schema's `date-time` has it, with its offset."""


def media_type(request: Request) -> str:
    """Return the Content-Type without its parameters, in lower case; empty when there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_body(request: Request, limit: int, seconds: float = BODY_SECONDS) -> bytes:
    """Read at most `limit` bytes, whatever Content-Length says and also when there is none (chunked).

    Raises:
        BodyTooLarge: There is more.
        BodyTooSlow: It is not complete in time.
        MalformedBody: The sender went away, or Content-Length is no number.
    """
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal():
        raise MalformedBody("Content-Length is not a number.")
    if int(declared) > limit:
        raise _too_large(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise _too_large(limit)
    except TimeoutError:
        raise BodyTooSlow(
            f"The body was not complete after {seconds:.0f} s.", hint="Send it again."
        ) from None
    except ClientDisconnect:
        raise MalformedBody("The sender went away before the body was complete.") from None
    return bytes(body)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"This route reads at most {limit} bytes.")


def require_media_type(request: Request, accepted: tuple[str, ...]) -> None:
    """Refuse a body of another type, before reading it. `""` in `accepted` stands for no Content-Type.

    Raises:
        UnsupportedMediaType: The Content-Type is not among those accepted.
    """
    if media_type(request) not in accepted:
        names = ", ".join(name for name in accepted if name)
        raise UnsupportedMediaType(
            f"This route reads {names}.", hint=f"Send the body with Content-Type: {names.split(', ')[0]}."
        )


def parse_json(body: bytes) -> object:
    """Parse JSON as RFC 8259 has it: UTF-8, finite numbers, and no deeper than MAX_DEPTH.

    Integers stay exact, however long: ids above 2^53 are common in webhooks.

    Raises:
        MalformedBody: It is something else.
    """
    try:
        value: object = json.loads(body.decode(), parse_constant=_refuse_constant, parse_float=_finite)
    except UnicodeDecodeError:
        raise MalformedBody("The body is not UTF-8.") from None
    except RecursionError:
        raise MalformedBody("The JSON is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise MalformedBody(f"The body is not JSON: {error.msg} at character {error.pos}.") from None
    except ValueError:
        # Python refuses integers of more than 4,300 digits, since parsing them takes quadratic time.
        raise MalformedBody("The JSON holds a number that is not finite, or too long.") from None
    if _is_deeper(value, MAX_DEPTH):
        raise MalformedBody("The JSON is nested too deeply.")
    return value


async def read_model(request: Request, model: type[Model], limit: int) -> Model:
    """Read a JSON object into a model. No body at all is read as `{}`.

    Raises:
        BodyTooLarge: The body is larger than `limit` bytes.
        UnsupportedMediaType: There is a body, and it is not application/json.
        MalformedBody: The body is not JSON.
        InvalidBody: The JSON does not fit the model.
    """
    body = await read_body(request, limit)
    if body:
        require_media_type(request, ("application/json",))
    return validate(model, parse_json(body) if body else {})


def parse_form(body: bytes) -> dict[str, str]:
    """Read the fields of an HTML form that were filled in; a browser sends the others as empty.

    Raises:
        MalformedBody: It is something else.
    """
    try:
        fields = parse_qsl(body.decode(), max_num_fields=MAX_FORM_FIELDS, errors="strict")
    except ValueError:
        raise MalformedBody("The form is not UTF-8, or has too many fields.") from None
    return dict(fields)


async def read_form(request: Request, limit: int) -> dict[str, str]:
    """Read a form.

    Raises:
        BodyTooLarge: The body is larger than `limit` bytes.
        UnsupportedMediaType: It is no form.
        MalformedBody: It cannot be read.
    """
    require_media_type(request, (FORM,))
    return parse_form(await read_body(request, limit))


def validate(model: type[Model], value: object) -> Model:
    """Fit a parsed value into a model.

    Raises:
        InvalidBody: It does not fit; every failure is listed.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InvalidBody.from_validation(error) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's.


def _finite(text: str) -> float:
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise ValueError(text)  # 1e999 would come out of json.dumps as Infinity.
    return number


def _is_deeper(value: object, levels: int) -> bool:
    # A level at a time: quicker than to go down each branch, and without recursion.
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(levels):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
    return bool(level)
