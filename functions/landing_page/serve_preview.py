"""GET /previews/{token}: exactly the bytes that are to be approved, for whoever has the link."""

import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page.document_response import document_response
from shared.http.errors import PreviewNotFound
from shared.landing_page.csp import PREVIEW_POLICY
from shared.landing_page.document import Document

_TOKEN = re.compile(r"[0-9a-f]{64}")

# Nobody else finds it, keeps it, or learns of the link by a link on the page.
_HEADERS = (("X-Robots-Tag", "noindex"), ("Referrer-Policy", "no-referrer"))

LookUp = Callable[[str], Awaitable[Document | None]]


class PreviewServer:
    """Answers with versions that need not be live."""

    def __init__(self, look_up: LookUp) -> None:
        """Ask `look_up` each time, so that a link is worth nothing from the moment that it is revoked."""
        self._look_up = look_up

    async def serve(self, request: Request) -> Response:
        """Answer with the version, which counts no view and sends no form.

        Raises:
            PreviewNotFound: The link is good for nothing, any more or ever.
        """
        token = request.path_params["token"]
        document = await self._look_up(token) if _TOKEN.fullmatch(token) else None
        if document is None:
            raise PreviewNotFound("This link has expired, or was revoked.", hint="Ask for a new one.")
        return document_response(request, document, "no-store", policy=PREVIEW_POLICY, others=_HEADERS)
