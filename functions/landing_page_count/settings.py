"""What landing_page_count is told from outside."""

from typing import Annotated

from pydantic import EmailStr, StringConstraints

from shared.http.settings import Secret, Settings, speaks_as


class CountSettings(Settings):
    """Settings of landing_page_count."""

    event_recorder_jwt: Annotated[Secret, speaks_as("event_recorder")]
    # As the subscription has them: --push-auth-service-account and --push-auth-token-audience.
    push_service_account: EmailStr
    push_audience: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
