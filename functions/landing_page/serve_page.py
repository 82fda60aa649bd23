"""GET /partners/...: the stored bytes of the version that is live at this path, and nothing else."""

import math
import re
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from werkzeug.http import parse_accept_header, parse_etags, quote_etag

from functions.landing_page.page_cache import FRESH_SECONDS, Found, PageCache
from shared.http.errors import PageNotFound
from shared.landing_page.csp import SECURITY_HEADERS

# A page that is taken down has to be gone within 60 s everywhere: FRESH_SECONDS here and at the CDN together,
# and so many more while the CDN asks.
_WHILE_ASKING_SECONDS = 30

# The database's own limit is 200; what is longer, or not even text, need not be looked up.
_PATH = re.compile(r"/partners/[ -~]{1,200}")


class PageServer:
    """Answers with live pages."""

    def __init__(self, pages: PageCache) -> None:
        """Find them in `pages`."""
        self._pages = pages

    async def serve(self, request: Request) -> Response:
        """Answer with the page, or with 304 to whoever has it.

        Raises:
            PageNotFound: Nothing is live at this path.
        """
        path = f"/partners/{request.path_params['path']}"
        if not _PATH.fullmatch(path):
            raise PageNotFound("No page has such a path.")
        found = await self._pages.find(path)
        if found is None:
            raise PageNotFound("No page is live at this path.")
        return _respond(request, found)


def _respond(request: Request, found: Found) -> Response:
    document = found.page
    is_gzip = parse_accept_header(request.headers.get("accept-encoding")).quality("gzip") > 0
    # The bytes of a hash never change, so the hash names them as exactly as a hash of the bytes would. They
    # are others in each encoding, and so is the name (RFC 9110, 8.8.3.3).
    etag = document.content_hash + ("-gzip" if is_gzip else "")
    headers = {
        **SECURITY_HEADERS,
        "Content-Security-Policy": document.csp,
        "Cache-Control": _cache_control(found.age),
        "ETag": quote_etag(etag),
        "Vary": "Accept-Encoding",
    }
    # Weakly compared (RFC 9110, 13.1.2): a CDN that compresses marks our tag as weak.
    if parse_etags(request.headers.get("if-none-match")).contains_weak(etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if is_gzip:
        headers["Content-Encoding"] = "gzip"
    body = document.html_gzip if is_gzip else document.html
    return Response(body, media_type="text/html", headers=headers)


def _cache_control(age: float) -> str:
    seconds = FRESH_SECONDS - math.ceil(age)
    if seconds < 0:
        return "public, max-age=0, s-maxage=0"
    return f"public, max-age=0, s-maxage={seconds}, stale-while-revalidate={_WHILE_ASKING_SECONDS}"
