"""Double-knocking: who does not take one way of signing is asked again with the other, once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from federation import rfc9421
from federation.client import Answer
from federation.instance import Instance
from federation.rfc9421 import Asked
from federation.signed import Scheme
from schema import peers
from schema.peers import Peer

GOOD_FOR: Final = timedelta(days=7)
"""How long what a server has taken tells what it will take."""

UNSIGNED: Final = frozenset({400, 401, 403})
"""How servers say that they cannot use a signature: it should be 401."""

Send: TypeAlias = Callable[[Scheme, Asked | None], Awaitable[Answer]]


@dataclass(slots=True)
class Manner:
    """How a server wants requests to be signed; one for all requests of a batch.

    `is_sure`: it took one of this kind lately, so a 400 or 403 has other reasons.
    """

    origin: str
    scheme: Scheme = "cavage"
    is_sure: bool = False
    asked: Asked | None = None


def manner_of(peer: Peer, now: datetime) -> Manner:
    """As it is remembered."""
    return manner(peer.origin, peer.scheme, peer.scheme_at, now)


def manner(origin: str, scheme: Scheme | None, since: datetime | None, now: datetime) -> Manner:
    """As it is remembered, or a guess where we never met."""
    sure = since is not None and now - since < GOOD_FOR
    return Manner(origin, scheme or "cavage", sure)


async def knock(instance: Instance, manner: Manner, send: Send) -> Answer:
    """The answer to a request signed as the server likes it, which is remembered.

    A server that asks for a signature of its own choice (`Accept-Signature`) gets that one.
    """
    answer = await send(manner.scheme, manner.asked)
    offered = rfc9421.asked(answer.headers.get("accept-signature", ""))
    if _took(answer):
        await _learn(instance, manner, "rfc9421" if offered else manner.scheme, offered)
        return answer
    if answer.status not in UNSIGNED:
        return answer
    if manner.is_sure and answer.status != 401 and offered is None:
        return answer
    scheme, asked = _other(manner, offered)
    second = await send(scheme, asked)
    if _took(second):
        await _learn(instance, manner, scheme, asked)
    elif second.status in UNSIGNED:
        manner.is_sure = True  # neither way: so it is not for the signature, at least for now
        return answer
    return second


def _took(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def _other(manner: Manner, offered: Asked | None) -> tuple[Scheme, Asked | None]:
    if offered is not None and (manner.scheme == "cavage" or offered != manner.asked):
        return "rfc9421", offered
    return ("cavage", None) if manner.scheme == "rfc9421" else ("rfc9421", None)


async def _learn(instance: Instance, manner: Manner, scheme: Scheme, asked: Asked | None) -> None:
    manner.asked = asked or manner.asked
    if manner.is_sure and manner.scheme == scheme:
        return
    manner.scheme, manner.is_sure = scheme, True
    async with instance.read() as conn:
        await peers.learn_scheme(conn, manner.origin, scheme)
