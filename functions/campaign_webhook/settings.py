"""What campaign_webhook is told from outside."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from standardwebhooks import Webhook

from shared.http.settings import Secret, Settings, speaks_as

# Google's own page suggests typing "123". The key is all that proves a lead, so it has to be unguessable.
UnguessableSecret = Annotated[Secret, Field(min_length=16)]


def _is_signing_secret(value: SecretStr) -> SecretStr:
    try:
        Webhook(value.get_secret_value())
    except Exception as error:
        raise ValueError("must be whsec_ and base64") from error
    return value


SigningSecret = Annotated[Secret, Field(min_length=32), AfterValidator(_is_signing_secret)]


class WebhookSettings(Settings):
    """Settings of campaign_webhook. A source without a secret is closed."""

    # Tells whether two deliveries say the same, without keeping what they say about a person.
    body_hmac_key: Annotated[Secret, Field(min_length=32)]
    campaign_ingester_jwt: Annotated[Secret, speaks_as("campaign_ingester")]
    google_ads_webhook_keys: tuple[UnguessableSecret, ...] = ()
    # By form_id. A form that is here takes no other key: one that got about forges its own form alone.
    google_ads_form_keys: dict[str, Annotated[tuple[UnguessableSecret, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )
    meta_app_secrets: tuple[UnguessableSecret, ...] = ()
    meta_verify_tokens: tuple[UnguessableSecret, ...] = ()
    linkedin_client_secrets: tuple[UnguessableSecret, ...] = ()
    tiktok_app_secrets: tuple[UnguessableSecret, ...] = ()
    standard_webhooks_secrets: tuple[SigningSecret, ...] = ()

    @property
    def body_hmac_key_bytes(self) -> bytes:
        """The key as `hmac` takes it."""
        return self.body_hmac_key.get_secret_value().encode()
