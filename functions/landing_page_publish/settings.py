"""What landing_page_publish is told from outside."""

from typing import Annotated

from pydantic import Field

from shared.http.settings import DashboardSettings, Secret, SiteSettings, speaks_as
from shared.landing_page.document import SigningKey
from shared.landing_page.images import ImageSettings


class PublishSettings(SiteSettings, ImageSettings, DashboardSettings):
    """Settings of landing_page_publish."""

    page_renderer_jwt: Annotated[Secret, speaks_as("page_renderer")]
    page_signing_key: SigningKey
    # With it forms carry Cloudflare's Turnstile.
    turnstile_site_key: Annotated[str, Field(pattern="^[0-9A-Za-z_.-]{1,100}$")] | None = None
