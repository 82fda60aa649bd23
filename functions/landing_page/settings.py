"""What landing_page is told from outside."""

from typing import Annotated

from pydantic import Field

from shared.http.settings import Settings
from shared.landing_page.document import PublicKey


class LandingPageSettings(Settings):
    """Settings of landing_page: it holds no secret, since everybody may read what it serves."""

    page_public_keys: Annotated[tuple[PublicKey, ...], Field(min_length=1)]
