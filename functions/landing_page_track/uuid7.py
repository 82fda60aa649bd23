"""UUIDv7 (RFC 9562, 5.7): an id that carries its time, made by the page that sends it."""

from typing import Annotated
from uuid import RFC_4122, UUID

from pydantic import UUID7, AfterValidator


def _has_variant(value: UUID) -> UUID:
    # Version 7 means nothing in another variant's layout, and PostgreSQL would read another time out of it.
    if value.variant != RFC_4122:
        raise ValueError("must be a UUIDv7 of RFC 9562's variant")
    return value


UUIDv7 = Annotated[UUID7, AfterValidator(_has_variant)]


def milliseconds_of(value: UUID) -> int:
    """Return the Unix time in milliseconds that a UUIDv7 was made at, as its maker's clock had it."""
    return value.int >> 80


def make_uuid7(milliseconds: int, random: bytes) -> UUID:
    """Make a UUIDv7 of a time and ten random bytes."""
    value = milliseconds << 80 | int.from_bytes(random[:10])
    value = value & ~(0xF << 76) | 7 << 76
    return UUID(int=value & ~(0b11 << 62) | 0b10 << 62)
