"""GET /sitemap.xml: where all live pages are, for search engines (https://www.sitemaps.org/protocol.html).

Without a number it is the list of sitemaps, `?page=1` and on, of at most a thousand pages each.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from pydantic import BaseModel, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from shared.http.errors import PageNotFound
from shared.postgrest.client import Identity

# Nobody minds a search engine that learns of a page a minute late; one that was taken down says so itself.
_HEADERS = {"Cache-Control": "public, max-age=0, s-maxage=60", "X-Content-Type-Options": "nosniff"}

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


class _Page(BaseModel):
    path: str
    changed_at: datetime


class Sitemap(BaseModel):
    """How many sitemaps there are, and the pages of one."""

    sitemaps: int
    pages: list[_Page]


_SITEMAP = TypeAdapter(Sitemap | None)

LookUp = Callable[[int | None], Awaitable[Sitemap | None]]


async def find_sitemap(visitor: Identity, number: int | None) -> Sitemap | None:
    """Ask the database for a sitemap, or only how many there are, as a visitor.

    Raises:
        DatabaseUnavailable: There was no answer in time.
    """
    return _SITEMAP.validate_python(await visitor.call("landing_page_sitemap", number=number))


class SitemapServer:
    """Answers with sitemaps."""

    def __init__(self, look_up: LookUp, site_origin: str) -> None:
        """Ask `look_up` each time for what is at `site_origin`."""
        self._look_up = look_up
        self._site_origin = site_origin

    async def serve(self, request: Request) -> Response:
        """Answer with one sitemap, or with the list of them.

        Raises:
            PageNotFound: There is no sitemap of this number.
        """
        number = request.query_params.get("page")
        is_number = number is None or _NUMBER.fullmatch(number)
        found = await self._look_up(None if number is None else int(number)) if is_number else None
        if found is None:
            raise PageNotFound("There is no such sitemap.")
        if number is None:
            every = ((f"/sitemap.xml?page={one}", None) for one in range(1, found.sitemaps + 1))
            xml = self._write("sitemapindex", "sitemap", every)
        else:
            xml = self._write("urlset", "url", ((page.path, page.changed_at) for page in found.pages))
        return Response(xml, media_type="application/xml", headers=_HEADERS)

    def _write(self, root: str, item: str, places: Iterable[tuple[str, datetime | None]]) -> bytes:
        document = Element(root, xmlns=_NAMESPACE)
        for path, changed_at in places:
            place = SubElement(document, item)
            SubElement(place, "loc").text = f"{self._site_origin}{path}"
            if changed_at:
                SubElement(place, "lastmod").text = changed_at.isoformat(timespec="seconds")
        return bytes(tostring(document, encoding="UTF-8", xml_declaration=True))
