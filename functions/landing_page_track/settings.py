"""What landing_page_track is told from outside."""

from typing import Annotated

from pydantic import Field

from shared.http.settings import Secret, SiteSettings, speaks_as
from shared.landing_page.document import PublicKeys


class TrackSettings(SiteSettings):
    """Settings of landing_page_track."""

    event_recorder_jwt: Annotated[Secret, speaks_as("event_recorder")]
    page_public_keys: PublicKeys
    trusted_proxy_count: int = Field(default=0, ge=0, le=10)
    respect_gpc: bool = True
    # Without it nobody is asked for a token.
    turnstile_secret: Secret | None = None
