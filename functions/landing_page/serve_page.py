"""GET /partners/...: the stored bytes of the version that is live at this path, and nothing else."""

import re
from http import HTTPStatus

from pydantic import BaseModel, TypeAdapter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from werkzeug.http import parse_etags, quote_etag

from shared.http.errors import PageNotFound
from shared.landing_page.csp import landing_page_headers
from shared.postgrest.client import Identity

# A page that is taken down has to be gone within 60 s everywhere: 30 s at the CDN, 30 s more while it asks.
_CACHE = "public, max-age=0, s-maxage=30, stale-while-revalidate=30"

# The database's own limit is 200; what is longer, or not even text, need not be looked up.
_PATH = re.compile(r"/partners/[ -~]{1,200}")


class LivePage(BaseModel):
    """What `live_landing_page` answers."""

    html: str
    content_hash: str


_ROWS = TypeAdapter(list[LivePage])


class PageServer:
    """Finds live pages by their path."""

    def __init__(self, visitor: Identity) -> None:
        """Read as `visitor`, who sees live pages and no table."""
        self._visitor = visitor

    async def serve(self, request: Request) -> Response:
        """Answer with the page, or with 304 to whoever has it.

        Raises:
            PageNotFound: Nothing is live at this path.
        """
        path = f"/partners/{request.path_params['path']}"
        if not _PATH.fullmatch(path):
            raise PageNotFound("No page has such a path.")
        rows = _ROWS.validate_python(await self._visitor.call("live_landing_page", path=path))
        if not rows:
            raise PageNotFound("No page is live at this path.")
        return _respond(request, rows[0])


def _respond(request: Request, page: LivePage) -> Response:
    # The bytes of a hash never change, so the hash names them as exactly as a hash of the bytes would.
    headers = {
        **landing_page_headers(page.html),
        "Cache-Control": _CACHE,
        "ETag": quote_etag(page.content_hash),
    }
    # Weakly compared (RFC 9110, 13.1.2): a CDN that compresses marks our tag as weak.
    if parse_etags(request.headers.get("if-none-match")).contains_weak(page.content_hash):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return HTMLResponse(page.html, headers=headers)
