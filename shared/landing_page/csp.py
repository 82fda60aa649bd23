"""What a browser may do with a page of ours: its Content-Security-Policy and the headers beside it."""

import base64
import hashlib
import re
from collections.abc import Sequence

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}

# The inline scripts that a stored page may carry. A version's bytes outlive the template that made them, so
# hashes are added here and never removed. They are listed, not computed from the page that is served: a hash
# computed from the page would allow an injected script as well. A test compares the list with the template.
SCRIPT_HASHES = ("sha256-xUjY0C2G1unAYycLPt0EttnBat6tvPDrP6ZfT7Y707A=",)

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def landing_page_headers(html: str, allowed_images: Sequence[str]) -> dict[str, str]:
    """Return the headers that a landing page is served with, its pictures from these beginnings of addresses.

    Styles carry the brand's colours and differ by page; one that got in could not fetch or run anything.
    """
    scripts = " ".join(f"'{script}'" for script in SCRIPT_HASHES)
    # The icon is a data: URL.
    images = " ".join(("data:", *allowed_images))
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src {_styles(html)}; img-src {images}; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {**SECURITY_HEADERS, "Content-Security-Policy": policy}


def message_page_headers(html: str) -> dict[str, str]:
    """Return the headers of a page that only says something."""
    policy = f"default-src 'none'; style-src {_styles(html)}; base-uri 'none'; frame-ancestors 'none'"
    return {**SECURITY_HEADERS, "Content-Security-Policy": policy}


def source_hash(text: str) -> str:
    """Return the hash that allows one inline script or style (https://www.w3.org/TR/CSP3/#grammardef-hash-source)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _styles(html: str) -> str:
    return " ".join(f"'{source_hash(style)}'" for style in _STYLE.findall(html)) or "'none'"
