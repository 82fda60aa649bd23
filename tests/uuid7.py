"""UUIDv7s of any moment, as a page's script makes them for the present one."""

import uuid
from datetime import datetime
from uuid import UUID


def uuid7_at(moment: datetime) -> UUID:
    """Return a UUIDv7 that says it was made at a moment."""
    random = uuid.uuid4().int & ((1 << 74) - 1)
    milliseconds = int(moment.timestamp() * 1000)
    # RFC 9562, 5.7: 48 bits of time, version, 12 random bits, variant, 62 random bits.
    return UUID(
        int=milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & ((1 << 62) - 1)
    )
