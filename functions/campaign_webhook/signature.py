"""HMAC signatures in hex, as Meta, LinkedIn and TikTok make them."""

import hashlib
import hmac
from collections.abc import Iterable

from pydantic import SecretStr

from shared.http.errors import SignatureMismatch


def sign(key: bytes, message: bytes) -> str:
    """Return the HMAC-SHA256 of a message, in lower-case hex."""
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def check_signature(given: str, keys: Iterable[bytes], messages: Iterable[bytes], *, hint: str) -> None:
    """Compare a signature with what each key makes of each message, all of them, in constant time.

    Raises:
        SignatureMismatch: None of them fits.
    """
    given_bytes = given.encode("latin-1", "replace")
    expected = [sign(key, message).encode() for key in keys for message in messages]
    # Every one is compared, so that the time taken does not tell which one came close.
    if not any([hmac.compare_digest(given_bytes, signature) for signature in expected]):  # noqa: C419
        raise SignatureMismatch("The signature does not fit the body.", hint=hint)


def reveal(secrets: Iterable[SecretStr]) -> list[bytes]:
    """Return secrets as `hmac` takes them."""
    return [secret.get_secret_value().encode() for secret in secrets]
