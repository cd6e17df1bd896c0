"""Login: the secret in a cookie becomes a viewer; passwords become argon2id hashes."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address, ip_network

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from federation.instance import Instance
from schema import sessions
from schema.errors import Invalid
from schema.sessions import Viewer
from schema.words import N_

__all__ = ["Passwords", "Viewer", "check_password", "look_up", "network_of"]

VIEWER_LIFE = timedelta(seconds=2)  # for which another process may know somebody as they were
MOST_KNOWN = 5_000
REST = timedelta(hours=1)  # between two notes that a session was used
AT_ONCE = 2  # hashes; each takes 19 MiB for some 30 ms
LONGEST_TOKEN = 200
SHORTEST_PASSWORD = 10


async def look_up(instance: Instance, token: str, *, writes: bool = True) -> Viewer | None:
    """Who holds this secret; one query, and once an hour one more.

    To somebody who only reads, an answer of the last VIEWER_LIFE will do, unless something was
    written in this process since then.
    """
    if len(token) > LONGEST_TOKEN:
        return None
    now, token_hash, known = instance.clock(), sessions.hash_of(token), instance.remembered.viewers
    at, viewer = known.get(token_hash, (now, None))
    if viewer is not None and not writes and abs(now - at) < VIEWER_LIFE:
        return viewer
    async with instance.read() as conn:
        viewer = await sessions.look_up(conn, token, now)
        if viewer is not None and now - viewer.seen_at > REST:
            await sessions.touch(conn, viewer.session_id, now)
    if viewer is not None and len(known) < MOST_KNOWN:
        known[token_hash] = (now, viewer)
    return viewer


def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP 2023


@dataclass(frozen=True, slots=True)
class Passwords:
    """Hashes passwords (argon2id, RFC 9106) in a thread, a few at once; one per app."""

    hasher: PasswordHasher = field(default_factory=_hasher)
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    decoy: str = field(default_factory=lambda: _hasher().hash("nobody has this password"))

    async def hash(self, password: str) -> str:
        """To be stored."""
        async with self.turn:
            return await asyncio.to_thread(self.hasher.hash, password)

    async def fits(self, password: str, stored: str | None) -> bool:
        """Whether this is the password; takes as long where there is none."""
        async with self.turn:
            return await asyncio.to_thread(self._fits, password, stored)

    def _fits(self, password: str, stored: str | None) -> bool:
        try:
            self.hasher.verify(stored or self.decoy, password)
        except (Argon2Error, InvalidHashError):
            return False
        return stored is not None


def network_of(address: str) -> str:
    """Whom a limit counts as one: an IPv4 address, or the /64 that one IPv6 household has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ip_network((parsed, 64), strict=False))


def check_password(password: str, name: str, email: str) -> None:
    """Invalid when it is too short or says who one is (NIST SP 800-63B §5.1.1.2)."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid({"password": N_("Please take ten characters or more.")})
    own = {name.lower(), email.lower(), email.partition("@")[0].lower()} - {""}
    if password.lower() in own or len(set(password)) < 4:
        raise Invalid({"password": N_("This password is too easy to guess.")})
