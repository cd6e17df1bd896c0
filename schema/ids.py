"""Identifiers made by the program, before the insert, and never by a database sequence."""

import os
import time
from uuid import UUID


def new(at: float | None = None) -> UUID:
    """A UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, 74 random bits. `at`: Unix seconds."""
    millis = int((time.time() if at is None else at) * 1000)
    tail = int.from_bytes(os.urandom(10), "big")
    value = (millis & (1 << 48) - 1) << 80 | tail
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
