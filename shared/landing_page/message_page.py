"""A small Dutch page for a person who came to a landing page and got something else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

from shared.landing_page.csp import SECURITY_HEADERS, message_page_policy

_STYLE = (
    "body{font:1.0625rem/1.6 system-ui,sans-serif;color:#1c1f24;background:#f6f5f2;margin:0;"
    "display:grid;min-height:100vh;place-items:center}"
    "main{max-width:30rem;margin:1.5rem;padding:2rem 2.25rem;background:#fff;border-radius:.75rem;"
    "box-shadow:0 1px 3px #0002}"
    "h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem}a{color:inherit}"
    "button{font:inherit;font-weight:700;color:#fff;background:#1c1f24;border:0;border-radius:.5rem;"
    "padding:.7rem 1.2rem;margin-top:1rem}"
)


@dataclass(frozen=True)
class Again:
    """A form that can be sent once more as it was: where to, what its button says, and what was in it."""

    action: str
    button: str
    fields: Mapping[str, str]

    def html(self) -> str:
        """Return it as a form that shows its button alone."""
        fields = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in self.fields.items()
        )
        return (
            f'<form method="post" action="{escape(self.action)}">{fields}'
            f"<button>{escape(self.button)}</button></form>"
        )


def message_page(
    status: int, title: str, lines: Sequence[str], back: str | None = None, again: Again | None = None
) -> HTMLResponse:
    """Say `title` and `lines`, all of it escaped.

    Where there is somewhere to go, a link leads to `back`; what can be sent once more is in `again`.
    """
    items = "".join(f"<p>{escape(line)}</p>" for line in lines)
    form = again.html() if again else ""
    link = f'<p><a href="{escape(back)}">Terug naar de pagina</a></p>' if back else ""
    html = (
        '<!doctype html><html lang="nl"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
        f"<main><h1>{escape(title)}</h1>{items}{form}{link}</main></html>"
    )
    headers = {**SECURITY_HEADERS, "Content-Security-Policy": message_page_policy(_STYLE)}
    return HTMLResponse(html, status, {**headers, "Cache-Control": "no-store"})
