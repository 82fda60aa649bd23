"""A live page as `live_landing_page` answers it, ready to be sent."""

from dataclasses import dataclass, field
from functools import cached_property

from pydantic import BaseModel, TypeAdapter
from werkzeug.http import quote_etag

from shared.landing_page.csp import landing_page_headers
from shared.postgrest.client import Identity


class _Row(BaseModel):
    html: str
    content_hash: str


_ROWS = TypeAdapter(list[_Row])


@dataclass(frozen=True)
class LivePage:
    """The stored bytes of a version, and the name of its content."""

    html: str = field(repr=False)
    content_hash: str

    @cached_property
    def body(self) -> bytes:
        """What is sent."""
        return self.html.encode()

    @cached_property
    def headers(self) -> dict[str, str]:
        """All headers that depend on nothing but the bytes.

        The bytes of a hash never change, so the hash names them as exactly as a hash of the bytes would.
        """
        return {**landing_page_headers(self.html), "ETag": quote_etag(self.content_hash)}


async def find_live_page(visitor: Identity, path: str) -> LivePage | None:
    """Ask the database what is live at a path, as a visitor.

    Raises:
        DatabaseUnavailable: There was no answer in time.
    """
    rows = _ROWS.validate_python(await visitor.call("live_landing_page", path=path))
    return LivePage(rows[0].html, rows[0].content_hash) if rows else None
