"""Which version a link to a preview is good for."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from shared.landing_page.document import Document
from shared.postgrest.client import Identity

_ROWS = TypeAdapter(list[dict[str, object]])


async def find_preview(visitor: Identity, public_keys: Sequence[str], token: str) -> Document | None:
    """Ask the database which version a link to a preview is good for.

    Raises:
        DatabaseUnavailable: There was no answer in time.
        DocumentNotGenuine: None of the keys has signed what is stored there.
    """
    rows = _ROWS.validate_python(await visitor.call("landing_page_preview", token=token))
    return Document.genuine(rows[0], public_keys) if rows else None
