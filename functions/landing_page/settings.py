"""What landing_page is told from outside."""

from shared.http.settings import Settings
from shared.landing_page.document import PublicKeys


class LandingPageSettings(Settings):
    """Settings of landing_page: it holds no secret, since everybody may read what it serves."""

    page_public_keys: PublicKeys
