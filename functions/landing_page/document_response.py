"""A document as it is sent: in the encoding that the browser takes, under the policy that it came with."""

from functools import lru_cache
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from werkzeug.http import parse_accept_header, parse_etags, quote_etag

from shared.landing_page.csp import SECURITY_HEADERS
from shared.landing_page.document import Document

Headers = tuple[tuple[str, str], ...]
_RawHeaders = list[tuple[bytes, bytes]]


def document_response(
    request: Request, document: Document, cache_control: str, *, policy: str = "", others: Headers = ()
) -> Response:
    """Answer with the document, or with 304 to whoever has it.

    It is bound by its own policy and by `policy`, and `others` stand for the headers that every page has.
    """
    is_gzip = _takes_gzip(request.headers.get("accept-encoding", ""))
    # The bytes of a hash never change, so the hash names them as exactly as a hash of the bytes would. They
    # are others in each encoding, and so is the name (RFC 9110, 8.8.3.3).
    etag = document.content_hash + ("-gzip" if is_gzip else "")
    headers = [
        *_fixed_headers(etag, document.csp, policy, others),
        (b"cache-control", cache_control.encode()),
    ]
    known = request.headers.get("if-none-match")
    # Weakly compared (RFC 9110, 13.1.2): a CDN that compresses marks our tag as weak.
    if known and parse_etags(known).contains_weak(etag):
        return _RawResponse(b"", HTTPStatus.NOT_MODIFIED, headers)
    body = document.html_gzip if is_gzip else document.html
    length = (b"content-length", str(len(body)).encode())
    return _RawResponse(body, HTTPStatus.OK, [*headers, *(_GZIP if is_gzip else _PLAIN), length])


class _RawResponse(Response):
    """One whose headers are encoded already: Starlette would do it anew for each answer."""

    def __init__(self, body: bytes, status: HTTPStatus, raw_headers: _RawHeaders) -> None:
        self.body, self.status_code, self.raw_headers = body, int(status), raw_headers
        self.background = None


_PLAIN = [(b"content-type", b"text/html; charset=utf-8")]
_GZIP = [*_PLAIN, (b"content-encoding", b"gzip")]


@lru_cache(maxsize=1024)
def _fixed_headers(etag: str, csp: str, policy: str, others: Headers) -> _RawHeaders:
    headers = {
        **SECURITY_HEADERS,
        # A comma divides two policies, and a page is bound by both.
        "Content-Security-Policy": f"{csp}, {policy}" if policy else csp,
        "ETag": quote_etag(etag),
        "Vary": "Accept-Encoding",
        **dict(others),
    }
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


# Browsers send a handful of these, and reading one takes as long as all the rest.
@lru_cache(maxsize=64)
def _takes_gzip(accepted: str) -> bool:
    return parse_accept_header(accepted).quality("gzip") > 0
