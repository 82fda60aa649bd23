"""What landing_page_track is told from outside."""

from typing import Annotated

from pydantic import Field

from shared.http.settings import Secret, SiteSettings, speaks_as
from shared.landing_page.document import PublicKeys

TOPIC = r"^projects/[a-z][a-z0-9.:-]{4,60}/topics/[A-Za-z][A-Za-z0-9._~+%-]{2,254}$"
"""A topic's full name. https://cloud.google.com/pubsub/docs/create-topic#resource_names"""


class TrackSettings(SiteSettings):
    """Settings of landing_page_track."""

    event_recorder_jwt: Annotated[Secret, speaks_as("event_recorder")]
    page_public_keys: PublicKeys
    trusted_proxy_count: int = Field(default=0, ge=0, le=10)
    respect_gpc: bool = True
    # Without it nobody is asked for a token.
    turnstile_secret: Secret | None = None
    # With it views wait there until landing_page_count has them counted.
    event_log_topic: Annotated[str, Field(pattern=TOPIC)] | None = None
    # Google's own name for where its emulator is.
    pubsub_emulator_host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+:[0-9]{1,5}$")] | None = None
