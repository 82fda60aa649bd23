"""What is live at a path, or what became of the page that was."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, TypeAdapter

from shared.landing_page.document import Document
from shared.postgrest.client import Identity


@dataclass(frozen=True)
class Moved:
    """The page that was at a path is live now at `location`; if that is None, nowhere."""

    location: str | None


@dataclass(frozen=True)
class AtPath:
    """A page, or what became of it, and for how many seconds its schedule leaves that so."""

    page: Document | Moved
    seconds_left: float = math.inf


class _Row(BaseModel):
    """What the database says of a path, besides the document."""

    html_gzip: str | None
    location: str | None
    seconds_left: float | None


_ROWS = TypeAdapter(list[dict[str, object]])


async def find_live_page(visitor: Identity, public_keys: Sequence[str], path: str) -> AtPath | None:
    """Ask the database what is live at a path, or what became of the page that was, as a visitor.

    Raises:
        DatabaseUnavailable: There was no answer in time.
        DocumentNotGenuine: None of the keys has signed what is stored there.
    """
    rows = _ROWS.validate_python(await visitor.call("live_landing_page", path=path))
    if not rows:
        return None
    row = _Row.model_validate(rows[0])
    page = Moved(row.location) if row.html_gzip is None else Document.genuine(rows[0], public_keys)
    return AtPath(page, math.inf if row.seconds_left is None else row.seconds_left)
