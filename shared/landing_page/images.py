"""Where the pictures on a page may come from: one list, for the gate that a page passes and for the browser.

A source is how the addresses of its pictures begin: scheme, host and a path that ends with a slash, which is
how a Content-Security-Policy has it too (https://www.w3.org/TR/CSP3/#match-paths). docs/images.md is for
partners.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, HttpUrl, ValidationError

from shared.http.settings import Settings

BUCKET = "landing-page-images"
"""The bucket in the project's own Storage, made by the migration `add_landing_page_images`."""


def _is_source(url: HttpUrl) -> HttpUrl:
    # These would end the directive that it is written into, or mean something else there.
    has_more = any(part is not None for part in (url.username, url.password, url.query, url.fragment))
    if has_more or set(str(url)) & set(";,'*"):
        raise ValueError("must be no more than scheme, host and path")
    if not str(url).endswith("/"):
        raise ValueError("must end with a slash, or whatever begins like it would be let in too")
    return url


class ImageSettings(Settings):
    """And where the pictures on its pages come from."""

    image_sources: tuple[Annotated[HttpUrl, AfterValidator(_is_source)], ...] = ()

    @property
    def allowed_images(self) -> tuple[str, ...]:
        """How the addresses of pictures may begin: as in the project's own bucket, unless told otherwise."""
        storage = f"{str(self.supabase_url).rstrip('/')}/storage/v1"
        return tuple(map(str, self.image_sources)) or (f"{storage}/object/public/{BUCKET}/",)


def is_from(sources: Sequence[str], url: str) -> bool:
    r"""Return whether a picture comes from one of the sources, its address read as browsers read it.

    That is, with dot segments resolved, backslashes taken for slashes, and the host in lower case.
    """
    try:
        address = str(HttpUrl(url))
    except ValidationError:
        return False
    return address.startswith(tuple(sources))
