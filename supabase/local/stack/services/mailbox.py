"""The local mail provider: it puts every mail into a Maildir, and from there nothing goes anywhere."""

import hashlib
import smtplib
import sys
from pathlib import Path

from stack.running.supervisor import Service
from stack.settings import REPOSITORY

MAILBOX = "mailbox"


def mail_settings(port: int) -> dict[str, str]:
    """Return what functions have to be told to send mail there."""
    return {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_TLS": "none",
        "MAIL_FROM": "Aanvragen <aanvragen@markt.voorbeeld.nl>",
    }


def maildir(directory: Path) -> Path:
    """Return where the mail of a stack is; `mailbox.Maildir` reads it, and so do mail programs."""
    return directory / "mailbox"


def mailbox_service(directory: Path, port: int) -> Service:
    """Return how to run it."""
    # aiosmtpd's own command and handler.
    handler = ["-c", "aiosmtpd.handlers.Mailbox", str(maildir(directory))]
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", *handler]
    return Service(
        name=MAILBOX,
        title="The mailbox",
        command=command,
        port=port,
        env={},
        cwd=REPOSITORY,
        is_ready=lambda: _answers(port),
        fingerprint=hashlib.sha256("\n".join(command).encode()).hexdigest(),
    )


def _answers(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=2):
            return True
    except (OSError, smtplib.SMTPException):
        return False
