"""GET /partners/...: the stored bytes of the version that is live at this path, and nothing else."""

import math
import re

from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page.document_response import document_response
from functions.landing_page.page_cache import FRESH_SECONDS, PageCache
from shared.http.errors import PageNotFound

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
        return document_response(request, found.page, {"Cache-Control": _cache_control(found.age)})


def _cache_control(age: float) -> str:
    seconds = FRESH_SECONDS - math.ceil(age)
    if seconds < 0:
        return "public, max-age=0, s-maxage=0"
    return f"public, max-age=0, s-maxage={seconds}, stale-while-revalidate={_WHILE_ASKING_SECONDS}"
