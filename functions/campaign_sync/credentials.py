"""What a connection's tokens are, sealed by a key that the database does not have."""

import datetime as dt
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from functions.campaign_sync.trouble import Trouble


class Credentials(BaseModel):
    """All that one account is asked with. Which of them there are differs by platform: docs/platforms.md."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    client_id: str | None = None
    client_secret: SecretStr | None = None
    developer_token: SecretStr | None = None
    refresh_token: SecretStr | None = None
    access_token: SecretStr | None = None
    access_token_ends_at: dt.datetime | None = None

    def is_fresh(self, now: dt.datetime) -> bool:
        """Tell whether the access token is good for the next minute, as far as anybody said."""
        ends_at = self.access_token_ends_at
        return self.access_token is not None and (ends_at is None or ends_at - now > dt.timedelta(minutes=1))


class Sealer:
    """Seals credentials, and opens what was sealed."""

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        """Seal by the first of these Fernet keys; open by any."""
        self._fernet = MultiFernet([Fernet(key.get_secret_value()) for key in keys])

    def seal(self, credentials: Credentials) -> str:
        """Return what may be stored."""
        plain = credentials.model_dump(mode="python", exclude_none=True)
        revealed = {
            name: value.get_secret_value() if isinstance(value, SecretStr) else value
            for name, value in plain.items()
        }
        return self._fernet.encrypt(_Plain(**revealed).model_dump_json().encode()).decode()

    def open(self, sealed: SecretStr) -> Credentials:
        """Return what was sealed.

        Raises:
            Trouble: It was sealed by another key, or is something else.
        """
        try:
            return Credentials.model_validate_json(self._fernet.decrypt(sealed.get_secret_value()))
        except (InvalidToken, ValidationError):
            raise Trouble("auth", "credentials_unreadable") from None


class _Plain(BaseModel):
    model_config = ConfigDict(extra="allow")
