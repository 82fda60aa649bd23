"""A live page as `live_landing_page` answers it, ready to be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

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

    content_hash: str
    body: bytes = field(repr=False)
    # All that depend on nothing but the bytes.
    headers: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, html: str, content_hash: str, allowed_images: Sequence[str]) -> Self:
        """Make everything ready that each visitor is sent.

        The bytes of a hash never change, so the hash names them as exactly as a hash of the bytes would.
        """
        headers = {**landing_page_headers(html, allowed_images), "ETag": quote_etag(content_hash)}
        return cls(content_hash, html.encode(), headers)


async def find_live_page(visitor: Identity, allowed_images: Sequence[str], path: str) -> LivePage | None:
    """Ask the database what is live at a path, as a visitor.

    Raises:
        DatabaseUnavailable: There was no answer in time.
    """
    rows = _ROWS.validate_python(await visitor.call("live_landing_page", path=path))
    return LivePage.of(rows[0].html, rows[0].content_hash, allowed_images) if rows else None
