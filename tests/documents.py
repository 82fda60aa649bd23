"""Documents as landing_page_publish makes and signs them, of whatever a test wants to be shown."""

from shared.landing_page.document import Document, Signer, compress
from stack.example_secrets import PAGE_SIGNING_KEY

SIGNER = Signer.of(PAGE_SIGNING_KEY)


def make_document(content_hash: str, html: str | None = None, csp: str = "default-src 'none'") -> Document:
    """Sign a document with the local stack's key. Without `html` it is a page that says its hash."""
    return SIGNER.sign(content_hash, compress(html or f"<!doctype html><title>{content_hash}</title>"), csp)
