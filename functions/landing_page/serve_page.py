"""GET /partners/...: the stored bytes of the version that is live at this path, and nothing else."""

import base64
import hashlib
import re
from http import HTTPStatus

from pydantic import BaseModel, TypeAdapter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from shared.edge import Handler, present_problem, serve
from shared.errors import PageNotFound, Problem
from shared.message_page import SECURITY_HEADERS, message_page
from shared.page_scripts import SCRIPT_HASHES
from shared.postgrest import PostgREST

# A page that is taken down has to be gone within 60 s everywhere: 30 s at the CDN, 30 s more while it asks.
_CACHE = "public, max-age=0, s-maxage=30, stale-while-revalidate=30"

# The database's own limit is 200; what is longer, or not even text, need not be looked up.
_PATH = re.compile(r"/partners/[ -~]{1,200}")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class LivePage(BaseModel):
    """What `live_landing_page` answers."""

    html: str
    content_hash: str


_ROWS = TypeAdapter(list[LivePage])


def build(postgrest: PostgREST) -> Handler:
    """Make the handler. It reads as anon, which sees live pages by their path and no table."""
    visitor = postgrest.as_anon()

    async def serve_page(request: Request) -> Response:
        path = f"/partners/{request.path_params['path']}"
        if not _PATH.fullmatch(path):
            raise PageNotFound("No page has such a path.")
        rows = _ROWS.validate_python(await visitor.call("live_landing_page", path=path))
        if not rows:
            raise PageNotFound("No page is live at this path.")
        return _respond(request, rows[0])

    return serve([Route("/partners/{path:path}", serve_page, methods=["GET"])], present_to_visitor)


def _respond(request: Request, page: LivePage) -> Response:
    # The bytes of a hash never change, so the hash names them as exactly as a hash of the bytes would.
    etag = f'"{page.content_hash}"'
    headers = {
        **SECURITY_HEADERS,
        "Content-Security-Policy": _policy(page.html),
        "Cache-Control": _CACHE,
        "ETag": etag,
    }
    if _is_known(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return HTMLResponse(page.html, headers=headers)


def _is_known(if_none_match: str, etag: str) -> bool:
    # Weakly compared (RFC 9110, 13.1.2): a CDN that compresses marks our tag as weak.
    known = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in known or known == ["*"]


def _policy(html: str) -> str:
    # Styles carry the brand's colours and differ by page; one that got in could not fetch or run anything.
    styles = " ".join(f"'{_csp_hash(style)}'" for style in _STYLE.findall(html)) or "'none'"
    scripts = " ".join(f"'{script}'" for script in SCRIPT_HASHES)
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src 'self' https: data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _csp_hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def present_to_visitor(request: Request, problem: Problem) -> Response:
    """Answer a person with a Dutch page, and a program that asks for JSON with problem+json."""
    accept = request.headers.get("accept", "")
    if "json" in accept and "html" not in accept:
        response = present_problem(request, problem)
    elif problem.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        lines = ["Misschien is het adres niet helemaal goed overgenomen, of is de pagina niet meer actief."]
        response = message_page(problem.status, "Deze pagina is er niet", lines)
    else:
        lines = ["De pagina kan nu niet worden getoond. Probeer het over een minuut nog eens."]
        response = message_page(problem.status, "Even geduld", lines)
    response.headers.update(problem.headers)
    response.headers["Vary"] = "Accept"
    return response
