"""What is live at a path, or what a link lets somebody look at, as landing_page_publish signed it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, TypeAdapter

from shared.landing_page.document import Document
from shared.postgrest.client import Identity


class _LiveRow(BaseModel):
    """What the database says of a path."""

    html_gzip: str | None
    location: str | None
    seconds_left: float | None


_ROWS = TypeAdapter(list[dict[str, object]])


@dataclass(frozen=True)
class Moved:
    """The page that was at a path is live now at `location`; if that is None, nowhere."""

    location: str | None


@dataclass(frozen=True)
class AtPath:
    """A page, or what became of it, and for how many seconds its schedule leaves that so."""

    page: Document | Moved
    seconds_left: float = math.inf


async def find_live_page(visitor: Identity, public_keys: Sequence[str], path: str) -> AtPath | None:
    """Ask the database what is live at a path, or what became of the page that was, as a visitor.

    Raises:
        DatabaseUnavailable: There was no answer in time.
        DocumentNotGenuine: None of the keys has signed what is stored there.
    """
    rows = _ROWS.validate_python(await visitor.call("live_landing_page", path=path))
    if not rows:
        return None
    row = _LiveRow.model_validate(rows[0])
    page = Moved(row.location) if row.html_gzip is None else _take_genuine(rows[0], public_keys)
    return AtPath(page, math.inf if row.seconds_left is None else row.seconds_left)


async def find_preview(visitor: Identity, public_keys: Sequence[str], token: str) -> Document | None:
    """Ask the database which version a link to a preview is good for.

    Raises:
        DatabaseUnavailable: There was no answer in time.
        DocumentNotGenuine: None of the keys has signed what is stored there.
    """
    rows = _ROWS.validate_python(await visitor.call("landing_page_preview", token=token))
    return _take_genuine(rows[0], public_keys) if rows else None


def _take_genuine(row: object, public_keys: Sequence[str]) -> Document:
    document = Document.model_validate(row)
    document.check_is_genuine(public_keys)
    return document
