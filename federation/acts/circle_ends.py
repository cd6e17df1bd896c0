"""How circles end by themselves, and what mends one that a city has lost sight of."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from federation.acts import circled, holding, promises, sealing
from federation.acts import circles as acts
from federation.instance import Tx
from schema import actors, circles, peers
from schema.circles import Circle, Part
from schema.words import N_

ASK_AGAIN: Final = timedelta(minutes=10)
GRACE: Final = timedelta(hours=24)
"""After the end a city that said yes asks the one that decides for so long; then it is dissolved,
and where the other had committed before the end, it is undone there too. Nobody commits later."""
GIVE_UP: Final = timedelta(days=7)
"""So long where another city's question shows that it was committed."""
SLACK: Final = timedelta(hours=2)  # of another city's clock
PARTED: Final = N_("The exchange circle fell apart.")


async def end_due(tx: Tx) -> int:
    """What was not answered in time is dissolved, unless we said yes and another city decides:
    then it is asked. For the sweep; how many were touched."""
    now = tx.instance.clock()
    found = await circles.list_over(tx.conn, now, now - ASK_AGAIN)
    for row in found:
        circle = await circles.lock(tx.conn, row.id)
        if circle.state == "open":
            await _end(tx, circle)
    return len(found)


async def _end(tx: Tx, circle: Circle) -> None:
    parts = await circles.list_parts(tx.conn, circle.id)
    said_yes = any([part.answer == "yes" and await acts.ours(tx, part) for part in parts])
    if circle.city_id == tx.instance.city_id or not said_yes:
        await acts.dissolve(tx, circle, "late")
    elif circle.ends + await _patience(tx, circle, parts) <= tx.instance.clock():
        await acts.dissolve(tx, circle, "parted")
    else:
        await circles.asked(tx.conn, circle.id, tx.instance.clock())
        await tx.defer("ask_circle", uri=circle.uri)


async def _patience(tx: Tx, circle: Circle, parts: Sequence[Part]) -> timedelta:
    """How long after the end we wait for a word: none from a city that is no neighbour any more,
    longer where somebody asks already for what they were promised."""
    city = await actors.get(tx.conn, circle.city_id)
    peer = await peers.find(tx.conn, city.peer or "")
    if peer is None or peer.blocked_at or peer.link != "linked":
        return timedelta(0)
    for part in parts:
        taker = parts[(part.position + 1) % len(parts)]
        if await acts.ours(tx, part) and await circled.waiting(tx, circle, part, taker.origin):
            return GIVE_UP
    return GRACE


async def undo(tx: Tx, circle: Circle) -> Circle:
    """One city had given up before it heard that all said yes: agreements that nobody has kept
    yet are called off, here and, where we decide, in the other cities."""
    parts = await circles.list_parts(tx.conn, circle.id)
    undone = await circles.undo(tx.conn, circle.id, tx.instance.clock())
    await _call_off(tx, parts)
    # The other city never asked for these.
    await holding.release(tx, [part for part in parts if part.agreement_id is None])
    await acts.tell(tx, undone, parts, "circle.dissolved")
    if undone.city_id == tx.instance.city_id:
        await acts.send_outcome(tx, undone, parts)
    return undone


async def _call_off(tx: Tx, parts: Sequence[Part]) -> None:
    for part in parts:
        if part.agreement_id is None:
            continue
        row, _ = await sealing.opened(tx, part.agreement_id)
        author = await actors.get(tx.conn, row.author_id)
        responder = await actors.get(tx.conn, row.responder_id)
        by = author if author.is_local and row.state == "agreed" else responder
        unkept = row.author_confirmed is None and row.responder_confirmed is None
        if by.is_local and unkept and row.state in ("asked", "agreed"):
            await promises.withdraw(tx, by=by, agreement=row, reason=PARTED)
