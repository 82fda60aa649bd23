"""What is live at a path, as the database keeps it and landing_page_publish signed it."""

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
    documents = _ROWS.validate_python(await visitor.call("live_landing_page", path=path))
    if not documents:
        return None
    documents[0].check_is_genuine(public_keys)
    return documents[0]
