"""What landing_page is told from outside."""

from shared.http.settings import Settings


class LandingPageSettings(Settings):
    """Settings of landing_page: it holds no secret, since everybody may read what it serves."""
