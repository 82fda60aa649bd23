"""GET /partners/...: the stored bytes of the version that is live at this path, or the way to where it is."""

import math
import re
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from functions.landing_page.document_response import document_response
from functions.landing_page.page_cache import FRESH_SECONDS, Found, PageCache
from shared.http.errors import PageGone, PageNotFound
from shared.landing_page.document import Document

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
        """Answer with the page, with 304 to whoever has it, or with 308 to where it is.

        It is in one hop, since what was anywhere is looked up where it is now.

        Raises:
            PageNotFound: There never was a page at this path.
            PageGone: The page has been taken down.
        """
        path = f"/partners/{request.path_params['path']}"
        if not _PATH.fullmatch(path):
            raise PageNotFound("No page has such a path.")
        canonical = path.lower().rstrip("/")
        found = await self._pages.find(canonical)
        if found is None:
            raise PageNotFound("No page is live at this path.")
        if isinstance(found.page, Document):
            if path == canonical:
                return document_response(request, found.page, _cache_control(found))
            return _redirect(request, canonical, found)
        if found.page.location is None:
            raise PageGone("The page that was here has been taken down.")
        return _redirect(request, found.page.location, found)


def _redirect(request: Request, path: str, found: Found) -> Response:
    # What an advertisement added to the address goes along.
    query = f"?{request.url.query}" if request.url.query else ""
    headers = {"Cache-Control": _cache_control(found)}
    return RedirectResponse(f"{path}{query}", HTTPStatus.PERMANENT_REDIRECT, headers)


def _cache_control(found: Found) -> str:
    # Never past the moment at which the schedule has something else.
    fresh = math.floor(min(FRESH_SECONDS - found.age, found.seconds_left))
    while_asking = min(_WHILE_ASKING_SECONDS, found.seconds_left - fresh)
    if fresh < 0 or while_asking < 1:
        return f"public, max-age=0, s-maxage={max(fresh, 0)}"
    return f"public, max-age=0, s-maxage={fresh}, stale-while-revalidate={math.floor(while_asking)}"
