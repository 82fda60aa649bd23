"""A small Dutch page for a person who came to a landing page and got something else."""

from collections.abc import Sequence
from html import escape

from starlette.responses import HTMLResponse

from shared.landing_page.csp import SECURITY_HEADERS, message_page_policy

_STYLE = (
    "body{font:1.0625rem/1.6 system-ui,sans-serif;color:#1c1f24;background:#f6f5f2;margin:0;"
    "display:grid;min-height:100vh;place-items:center}"
    "main{max-width:30rem;margin:1.5rem;padding:2rem 2.25rem;background:#fff;border-radius:.75rem;"
    "box-shadow:0 1px 3px #0002}"
    "h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem}ul{padding-left:1.2rem}a{color:inherit}"
)


def message_page(status: int, title: str, lines: Sequence[str], back: str | None = None) -> HTMLResponse:
    """Say `title` and `lines`, all of it escaped, with a link to `back` where there is somewhere to go."""
    items = "".join(f"<p>{escape(line)}</p>" for line in lines)
    link = f'<p><a href="{escape(back)}">Terug naar de pagina</a></p>' if back else ""
    html = (
        '<!doctype html><html lang="nl"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
        f"<main><h1>{escape(title)}</h1>{items}{link}</main></html>"
    )
    headers = {**SECURITY_HEADERS, "Content-Security-Policy": message_page_policy(_STYLE)}
    return HTMLResponse(html, status, {**headers, "Cache-Control": "no-store"})
