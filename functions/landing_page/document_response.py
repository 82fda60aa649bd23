"""A document as it is sent: in the encoding that the browser takes, under the policy that it came with."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from werkzeug.http import parse_accept_header, parse_etags, quote_etag

from shared.landing_page.csp import SECURITY_HEADERS
from shared.landing_page.document import Document


def document_response(request: Request, document: Document, headers: Mapping[str, str]) -> Response:
    """Answer with the document under these headers, or with 304 to whoever has it."""
    is_gzip = parse_accept_header(request.headers.get("accept-encoding")).quality("gzip") > 0
    # The bytes of a hash never change, so the hash names them as exactly as a hash of the bytes would. They
    # are others in each encoding, and so is the name (RFC 9110, 8.8.3.3).
    etag = document.content_hash + ("-gzip" if is_gzip else "")
    headers = {
        **SECURITY_HEADERS,
        "Content-Security-Policy": document.csp,
        "ETag": quote_etag(etag),
        "Vary": "Accept-Encoding",
        **headers,
    }
    # Weakly compared (RFC 9110, 13.1.2): a CDN that compresses marks our tag as weak.
    if parse_etags(request.headers.get("if-none-match")).contains_weak(etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if is_gzip:
        headers["Content-Encoding"] = "gzip"
    body = document.html_gzip if is_gzip else document.html
    return Response(body, media_type="text/html", headers=headers)
