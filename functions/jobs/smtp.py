"""The mail provider: one connection, which is opened when there is something to send."""

import asyncio
from dataclasses import dataclass
from email.message import EmailMessage
from types import TracebackType
from typing import Literal, Self

import structlog
from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)
from pydantic import SecretStr

from functions.jobs.delivery import DELIVERED, Outcome, failed, refused
from functions.jobs.settings import JobSettings

log = structlog.get_logger()

SECONDS = 30
"""For all of an attempt: with RUN_SECONDS well within the two minutes that a delivery is ours."""

_COMMAND_SECONDS = 10
_PERMANENT = 500


@dataclass(frozen=True)
class SmtpServer:
    """Where mail is handed over."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"]
    username: str | None = None
    password: SecretStr | None = None

    @classmethod
    def of(cls, settings: JobSettings) -> "SmtpServer":
        """Read it from the settings."""
        return cls(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_tls,
            settings.smtp_username,
            settings.smtp_password,
        )

    def open(self) -> "Mailer":
        """Return a connection that is made when it is first used. Close it with `async with`."""
        return Mailer(
            SMTP(
                hostname=self.host,
                port=self.port,
                use_tls=self.tls == "tls",
                # Not "if the server offers it": whoever is in between could say that it does not.
                start_tls=self.tls == "starttls",
                username=self.username,
                password=self.password.get_secret_value() if self.password else None,
                timeout=_COMMAND_SECONDS,
            )
        )


class Mailer:
    """Sends mail after mail over one connection."""

    def __init__(self, smtp: SMTP) -> None:
        """Use a client that is not connected yet."""
        self._smtp = smtp
        self.why_down: str | None = None
        """Why no mail can be handed over at all, once that is known."""

    async def send(self, message: EmailMessage, recipient: str) -> Outcome:
        """Hand a mail over, and tell whether the provider has it."""
        if self.why_down is None and not self._smtp.is_connected:
            await self._connect()
        if self.why_down is not None:
            return failed(self.why_down)
        try:
            async with asyncio.timeout(SECONDS):
                await self._smtp.send_message(message, recipients=[recipient])
        except TimeoutError:
            # In the middle of something: the next mail needs another connection.
            self._smtp.close()
            return failed("smtp timeout")
        except SMTPRecipientsRefused as error:
            code = error.recipients[0].code
            return refused(f"smtp {code}") if code >= _PERMANENT else failed(f"smtp {code}")
        except (SMTPException, OSError, ValueError) as error:
            return failed(_word(error))
        return DELIVERED

    async def _connect(self) -> None:
        try:
            await self._smtp.connect()
        except (SMTPException, OSError) as error:
            self.why_down = _word(error)
            log.warning("mail_provider_down", reason=self.why_down)

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye, if there is anybody to say it to."""
        if self._smtp.is_connected:
            try:
                await self._smtp.quit()
            except (SMTPException, OSError):
                self._smtp.close()


def _word(error: Exception) -> str:
    """Name what happened, without the server's words: they quote addresses."""
    match error:
        case SMTPTimeoutError():
            return "smtp timeout"
        case SMTPServerDisconnected():
            return "smtp disconnected"
        case SMTPResponseException(code=code):
            return f"smtp {code}"
        case SMTPException() | OSError():
            return "smtp unreachable"
        case _:
            return "smtp address"  # It cannot be written as RFC 5322 has it.
