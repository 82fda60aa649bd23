"""What landing_page is told from outside."""

from shared.http.settings import SiteSettings
from shared.landing_page.document import PublicKeys


class LandingPageSettings(SiteSettings):
    """Settings of landing_page: it holds no secret, since everybody may read what it serves."""

    page_public_keys: PublicKeys
