"""What is live at a path, or what a link lets somebody look at, as landing_page_publish signed it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from shared.landing_page.document import Document
from shared.postgrest.client import Identity

_ROWS = TypeAdapter(list[dict[str, object]])


@dataclass(frozen=True)
class Moved:
    """The page that was at a path is live now at `location`; if that is None, nowhere."""

    location: str | None


async def find_live_page(visitor: Identity, public_keys: Sequence[str], path: str) -> Document | Moved | None:
    """Ask the database what is live at a path, or what became of the page that was, as a visitor.

    Raises:
        DatabaseUnavailable: There was no answer in time.
        DocumentNotGenuine: None of the keys has signed what is stored there.
    """
    rows = _ROWS.validate_python(await visitor.call("live_landing_page", path=path))
    if rows and rows[0]["html_gzip"] is None:
        location = rows[0]["location"]
        return Moved(None if location is None else str(location))
    return _take_genuine(rows, public_keys)


async def find_preview(visitor: Identity, public_keys: Sequence[str], token: str) -> Document | None:
    """Ask the database which version a link to a preview is good for.

    Raises:
        DatabaseUnavailable: There was no answer in time.
        DocumentNotGenuine: None of the keys has signed what is stored there.
    """
    rows = _ROWS.validate_python(await visitor.call("landing_page_preview", token=token))
    return _take_genuine(rows, public_keys)


def _take_genuine(rows: Sequence[object], public_keys: Sequence[str]) -> Document | None:
    if not rows:
        return None
    document = Document.model_validate(rows[0])
    document.check_is_genuine(public_keys)
    return document
