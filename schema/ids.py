"""Identifiers made by the program, before the insert, and never by a database sequence."""

import os
import time
from uuid import UUID


def new(at: float | None = None) -> UUID:
    """A UUIDv7 (RFC 9562 §5.7, §6.2 method 3); later ones are greater. `at`: Unix seconds.

    48 bits of milliseconds, 12 bits of their fraction (a quarter of a microsecond), 62 random bits.
    """
    nanos = time.time_ns() if at is None else int(at * 1_000_000_000)
    millis, rest = divmod(nanos, 1_000_000)
    fraction = rest * 4096 // 1_000_000
    tail = int.from_bytes(os.urandom(8), "big") & (1 << 62) - 1
    return UUID(int=(millis & (1 << 48) - 1) << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | tail)
