"""What jobs is told from outside."""

from email.headerregistry import Address
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Annotated, Literal, Self

from email_validator import validate_email
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shared.http.settings import Secret, SiteSettings, speaks_as


def _as_address(text: str) -> Address:
    if not text.isprintable():
        raise ValueError("A sender is one line.")
    name, address = parseaddr(text)
    validate_email(address, check_deliverability=False, test_environment=True)
    return Address(name, addr_spec=address)


def _is_sender(text: str) -> str:
    try:
        _as_address(text)
    except ValueError:
        raise ValueError("must be a sender such as Voorbeeld <aanvragen@example.nl>") from None
    return text


class JobSettings(SiteSettings):
    """Settings of jobs."""

    job_runner_jwt: Annotated[Secret, speaks_as("job_runner")]
    # By which a scheduler is known.
    jobs_secret: Annotated[Secret, Field(min_length=32)]
    smtp_host: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: str | None = None
    smtp_password: Secret | None = None
    mail_from: Annotated[str, AfterValidator(_is_sender)]

    @model_validator(mode="after")
    def _keeps_secrets(self) -> Self:
        """Refuse to send people's data, and a password, in the clear to anywhere but this machine."""
        if self.smtp_tls == "none" and not _is_this_machine(self.smtp_host):
            raise ValueError("SMTP_TLS may be none only where SMTP_HOST is this machine")
        return self

    @property
    def sender(self) -> Address:
        """Whom mail comes from."""
        return _as_address(self.mail_from)


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
