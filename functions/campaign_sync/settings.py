"""What campaign_sync is told from outside."""

from typing import Annotated

from cryptography.fernet import Fernet
from pydantic import AfterValidator, Field, SecretStr

from shared.http.settings import Secret, Settings, speaks_as


def _is_fernet_key(key: SecretStr) -> SecretStr:
    try:
        Fernet(key.get_secret_value())
    except ValueError:
        raise ValueError("must be 32 bytes in URL-safe base64, as Fernet.generate_key() makes them") from None
    return key


SealingKeys = Annotated[list[Annotated[Secret, AfterValidator(_is_fernet_key)]], Field(min_length=1)]
"""What credentials are sealed by: the first seals, and what any of them sealed is opened."""


class SealingSettings(Settings):
    """Settings of whoever seals credentials."""

    sync_keys: SealingKeys


class SyncSettings(SealingSettings):
    """Settings of campaign_sync."""

    job_runner_jwt: Annotated[Secret, speaks_as("job_runner")]
    # By which a scheduler is known, as in jobs.
    jobs_secret: Annotated[Secret, Field(min_length=32)]
