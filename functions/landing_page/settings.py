"""What landing_page is told from outside."""

from shared.landing_page.images import ImageSettings


class LandingPageSettings(ImageSettings):
    """Settings of landing_page: it holds no secret, since everybody may read what it serves."""
