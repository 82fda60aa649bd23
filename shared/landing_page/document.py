"""A landing page's document: its bytes, the policy that they are served under, and proof of who made both.

The database keeps whatever somebody with page_renderer's token stores. So landing_page_publish signs what it
makes (Ed25519, https://www.rfc-editor.org/rfc/rfc8032), and nobody is shown what it did not sign.

    PAGE_SIGNING_KEY=… python -m shared.landing_page.document

prints the public key of a signing key, for PAGE_PUBLIC_KEYS.
"""

import base64
import binascii
import gzip
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, SecretStr

from shared.http.errors import DocumentNotGenuine
from shared.http.settings import Secret

_KEY_BYTES = 32


def _read_bytea(value: object) -> object:
    return bytes.fromhex(value.removeprefix("\\x")) if isinstance(value, str) else value


Bytea = Annotated[bytes, BeforeValidator(_read_bytea), PlainSerializer(lambda value: f"\\x{value.hex()}")]
"""PostgreSQL's bytea, which PostgREST writes and reads as `\\x` and hexadecimal digits."""


def _decode_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError("must be 32 bytes in base64")
    return key


def _is_signing_key(key: SecretStr) -> SecretStr:
    _decode_key(key.get_secret_value())
    return key


def _is_public_key(key: str) -> str:
    _decode_key(key)
    return key


SigningKey = Annotated[Secret, AfterValidator(_is_signing_key)]
"""Any 32 random bytes in base64: `openssl rand -base64 32`."""

PublicKey = Annotated[str, AfterValidator(_is_public_key)]
"""What `python -m shared.landing_page.document` prints of a signing key."""

PublicKeys = Annotated[tuple[PublicKey, ...], Field(min_length=1)]
"""Those whose documents are shown."""


class Document(BaseModel):
    """What is stored for a snapshot's hash, and served for as long as it is live."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    content_hash: str
    html_gzip: Bytea = Field(repr=False)
    csp: str = Field(repr=False)
    """The Content-Security-Policy."""
    signature: Bytea = Field(repr=False)

    @property
    def html(self) -> bytes:
        """The page for whoever does not take gzip."""
        return gzip.decompress(self.html_gzip)

    @classmethod
    def genuine(cls, row: object, public_keys: Sequence[str]) -> Self:
        """Return the document of a row, unless none of the keys has signed it.

        Raises:
            DocumentNotGenuine: Somebody else stored it, or the key has been taken off the list.
        """
        document = cls.model_validate(row)
        document.check_is_genuine(public_keys)
        return document

    def check_is_genuine(self, public_keys: Sequence[str]) -> None:
        """Refuse what none of the keys has signed.

        Raises:
            DocumentNotGenuine: Somebody else stored it, or the key has been taken off the list.
        """
        signed = _signed_part(self.content_hash, self.html_gzip, self.csp)
        for key in public_keys:
            try:
                Ed25519PublicKey.from_public_bytes(_decode_key(key)).verify(self.signature, signed)
            except InvalidSignature:
                continue
            return
        raise DocumentNotGenuine("The stored document was not made by landing_page_publish.")


class Signer:
    """Makes documents."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Sign with `key`."""
        self._key = key

    @classmethod
    def of(cls, signing_key: str) -> Self:
        """Sign with a key as settings have it."""
        return cls(Ed25519PrivateKey.from_private_bytes(_decode_key(signing_key)))

    @property
    def public_key(self) -> str:
        """By which what is signed here is known."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, content_hash: str, html_gzip: bytes, csp: str) -> Document:
        """Return the document. Signing the same twice gives the same."""
        signature = self._key.sign(_signed_part(content_hash, html_gzip, csp))
        return Document(content_hash=content_hash, html_gzip=html_gzip, csp=csp, signature=signature)


def compress(html: str) -> bytes:
    """Return a page as it is stored: the same page gives the same bytes, whenever it is compressed."""
    return gzip.compress(html.encode(), mtime=0)


def _signed_part(content_hash: str, html_gzip: bytes, csp: str) -> bytes:
    # Neither of the first has a newline in it, so that nothing can be moved from one to the next.
    return b"\n".join((b"landing page document", content_hash.encode(), csp.encode(), html_gzip))


if __name__ == "__main__":
    sys.stdout.write(Signer.of(os.environ["PAGE_SIGNING_KEY"].strip()).public_key + "\n")
