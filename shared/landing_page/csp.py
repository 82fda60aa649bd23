"""What a browser may do with a page of ours: its Content-Security-Policy and the headers beside it."""

import base64
import hashlib
from collections.abc import Sequence

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


PREVIEW_POLICY = "script-src 'none'; connect-src 'none'; form-action 'none'"
"""What a page that is only looked at must not do, whatever its own policy allows: count, or send a form."""


_TURNSTILE = "https://challenges.cloudflare.com"


def landing_page_policy(
    style: str, script: str, allowed_images: Sequence[str], *, has_turnstile: bool = False
) -> str:
    """Return the policy of a landing page with this one inline style and script, and pictures from there.

    It is made from what the templates make, not from the page: a style or a script that got into the page in
    some other way is not in it.
    """
    # The icon is a data: URL, and a browser without script asks our own site for the picture that counts.
    images = " ".join(("data:", "'self'", *allowed_images))
    scripts = f"script-src '{source_hash(script)}'"
    if has_turnstile:
        scripts += f" {_TURNSTILE}; frame-src {_TURNSTILE}"
    return (
        f"default-src 'none'; {scripts}; style-src '{source_hash(style)}'; "
        f"img-src {images}; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def message_page_policy(style: str) -> str:
    """Return the policy of a page that only says something."""
    return (
        f"default-src 'none'; style-src '{source_hash(style)}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def report_policy(style: str) -> str:
    """Return the policy of a page of figures, which has nothing but its style."""
    return (
        f"default-src 'none'; style-src '{source_hash(style)}'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def source_hash(text: str) -> str:
    """Return the hash that allows one inline script or style (https://www.w3.org/TR/CSP3/#grammardef-hash-source)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
