"""What a page must be before anybody is asked to approve it: all failures at once, and nobody skips one.

The database takes the stored document of a hash as the proof that its gates have passed.
"""

from collections.abc import Iterator, Sequence
from typing import NoReturn

from functions.landing_page_publish.arrangement import check_content
from functions.landing_page_publish.content import Content, find_images
from functions.landing_page_publish.snapshot import Likeness, Snapshot
from shared.http.errors import ContentRefused, Failure
from shared.landing_page.images import BUCKET, is_from

MAX_GZIPPED_BYTES = 14_600
"""What ten TCP segments carry: the page is there after the first round trip (RFC 6928). A constraint too."""

_HINT = "Mend what `errors` lists, then submit again."
_PY_OPTIONS = {"content-type": "image/webp"}
HOW_TO_UPLOAD = f"""Upload a picture under your own id and use its public URL (docs/images.md).
supabase-js: await supabase.storage.from('{BUCKET}').upload(`${{user.id}}/dak.webp`, file)
supabase-py: supabase.storage.from_('{BUCKET}').upload(f'{{user.id}}/dak.webp', file, {_PY_OPTIONS})"""


class StrangeImage(Failure):
    """A picture of somebody else's: whoever has one wants to know how to upload their own."""


def check_snapshot(
    snapshot: Snapshot, allowed_images: Sequence[str], resembles: Likeness | None = None
) -> tuple[Content | None, list[Failure]]:
    """Return the content if it can be rendered, and everything that is wrong with the page besides its size.

    Pictures must come from `allowed_images`, the beginnings of their addresses. What it `resembles` is a page
    that it is too much like.
    """
    content, failures = check_content(snapshot.content)
    failures += _check_search_result(snapshot)
    if resembles:
        percent = f"{resembles.likeness:.0%}"
        failures.append(
            Failure("blocks", f"must say something of their own; {percent} is the same as {resembles.path}")
        )
    failures += _check_images(snapshot, content, allowed_images)
    return content if content and content.is_whole else None, failures


def check_size(html_gzip: bytes) -> Iterator[Failure]:
    """Say so if a page would be slow to arrive."""
    size = len(html_gzip)
    if size > MAX_GZIPPED_BYTES:
        yield Failure("", f"the page is {size} bytes compressed; at most {MAX_GZIPPED_BYTES}")


def refuse(failures: Sequence[Failure]) -> NoReturn:
    """Refuse the page for all of this.

    Raises:
        ContentRefused: Always.
    """
    has_strange_images = any(isinstance(failure, StrangeImage) for failure in failures)
    hint = f"{_HINT} {HOW_TO_UPLOAD}" if has_strange_images else _HINT
    raise ContentRefused("The page is not ready yet.", hint=hint, errors=failures)


def _check_search_result(snapshot: Snapshot) -> Iterator[Failure]:
    if not snapshot.path:
        yield Failure("path", "must be set")
    for name, text, shortest, longest in (
        ("seo_title", snapshot.seo_title, 1, 60),
        ("seo_description", snapshot.seo_description, 50, 160),
    ):
        length = len((text or "").strip())
        if not shortest <= length <= longest:
            yield Failure(name, f"must have {shortest} to {longest} characters; it has {length}")


def _check_images(snapshot: Snapshot, content: Content | None, allowed: Sequence[str]) -> Iterator[Failure]:
    """Refuse strangers' pictures: their host would see every visitor, and could show another one tomorrow."""
    message = f"must be a picture under {' or '.join(allowed)}"
    if snapshot.branding.logo_url and not is_from(allowed, snapshot.branding.logo_url):
        yield StrangeImage("logo_url", message)
    for path, image in find_images(content) if content else ():
        if not is_from(allowed, image.src):
            yield StrangeImage(f"{path}.src", message)
