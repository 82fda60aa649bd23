"""What partner_leads is told from outside."""

from pydantic import HttpUrl

from shared.http.settings import SiteSettings, origin_of


class PartnerLeadsSettings(SiteSettings):
    """Settings of partner_leads. Who looks brings their own right to it."""

    # Where partners sign in. Without it a token can be pasted, which is for trying things out.
    partner_app_url: HttpUrl | None = None

    @property
    def trusted_origins(self) -> tuple[str, ...]:
        """Whose pages may open a session."""
        return (self.site_origin, *([origin_of(self.partner_app_url)] if self.partner_app_url else []))
