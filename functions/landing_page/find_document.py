"""What is live at a path, or what a link lets somebody look at, as landing_page_publish signed it."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from shared.landing_page.document import Document
from shared.postgrest.client import Identity

_ROWS = TypeAdapter(list[Document])


async def find_live_page(visitor: Identity, public_keys: Sequence[str], path: str) -> Document | None:
    """Ask the database what is live at a path, as a visitor.

    Raises:
        DatabaseUnavailable: There was no answer in time.
        DocumentNotGenuine: None of the keys has signed what is stored there.
    """
    return _take_genuine(await visitor.call("live_landing_page", path=path), public_keys)


async def find_preview(visitor: Identity, public_keys: Sequence[str], token: str) -> Document | None:
    """Ask the database which version a link to a preview is good for.

    Raises:
        DatabaseUnavailable: There was no answer in time.
        DocumentNotGenuine: None of the keys has signed what is stored there.
    """
    return _take_genuine(await visitor.call("landing_page_preview", token=token), public_keys)


def _take_genuine(rows: object, public_keys: Sequence[str]) -> Document | None:
    documents = _ROWS.validate_python(rows)
    if not documents:
        return None
    documents[0].check_is_genuine(public_keys)
    return documents[0]
