"""What a function is told from outside, read once from the environment and from nowhere else.

Each function has its own subclass in `functions/<name>/settings.py`, with only what that function needs: the
one that counts views holds no webhook secret. docs/settings.md explains every variable; a test compares.
"""

import datetime as dt
from typing import Annotated

import jwt
from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _strip(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _is_header_text(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().isascii():
        raise ValueError("must be ASCII, since it travels in a header")
    return value


Secret = Annotated[SecretStr, BeforeValidator(_strip), Field(min_length=1), AfterValidator(_is_header_text)]
"""A secret that is not empty. A file's trailing newline is not part of it."""


class Settings(BaseSettings):
    """Where the project is. A missing or empty setting stops the start."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        # `NAME=` in an environment file means the same as no line at all: unset, and refused when needed.
        env_ignore_empty=True,
        # A setting that is refused must not be printed, for it may be a secret.
        hide_input_in_errors=True,
    )

    supabase_url: HttpUrl
    supabase_publishable_key: Secret
    postgrest_url: HttpUrl | None = None

    @property
    def rest_url(self) -> str:
        """PostgREST itself where it can be reached, else by way of the gateway; no slash at the end."""
        if self.postgrest_url is not None:
            return str(self.postgrest_url).rstrip("/")
        return str(self.supabase_url).rstrip("/") + "/rest/v1"


class SiteSettings(Settings):
    """And where its visitors are."""

    site_url: HttpUrl

    @property
    def site_origin(self) -> str:
        """The public origin of the landing pages, such as https://www.example.nl, as browsers write it."""
        return origin_of(self.site_url)


class DashboardSettings(Settings):
    """And whose pages, besides the function's own origin, may call it from a browser."""

    allowed_origins: list[HttpUrl] = Field(default=[], max_length=20)

    @property
    def dashboard_origins(self) -> tuple[str, ...]:
        """Their origins, as browsers write them."""
        return tuple(origin_of(url) for url in self.allowed_origins)


def origin_of(url: HttpUrl) -> str:
    """Return the origin of a URL as browsers write it."""
    default_ports = {"http": 80, "https": 443}
    port = "" if url.port == default_ports[url.scheme] else f":{url.port}"
    return f"{url.scheme}://{url.host}{port}"


def claimed_role(token: str) -> str | None:
    """Return the role that a JWT claims, unverified; None when it is no JWT or claims none."""
    try:
        role = jwt.decode(token, options={"verify_signature": False}).get("role")
    except jwt.InvalidTokenError:
        return None
    return role if isinstance(role, str) else None


def token_end(token: str) -> dt.datetime | None:
    """Return when a JWT says that it expires, unverified; None when it does not say."""
    try:
        end = jwt.decode(token, options={"verify_signature": False}).get("exp")
    except jwt.InvalidTokenError:
        return None
    return dt.datetime.fromtimestamp(end, dt.UTC) if isinstance(end, int | float) else None


def speaks_as(role: str) -> AfterValidator:
    """Refuse a token of any other role, above all a service_role key pasted where a narrow one belongs."""

    def check(token: SecretStr) -> SecretStr:
        if claimed_role(token.get_secret_value()) != role:
            raise ValueError(f"must be a JWT whose role claim is {role}")
        return token

    return AfterValidator(check)
