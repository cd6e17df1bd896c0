"""Loops of debts between cities: looked for each month until there is none, reserved hop by hop.

A city that owes asks along the debts. Where a question comes home, the first city of the loop asks
for it around the loop; each reserves its two bridges and asks on. Only the first city decides: yes
when the question came home once more, no when somebody cannot or it takes too long. Its sealed
decision goes around the loop, so that all book it or nobody.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import orjson

from federation import loops, outbox, proofs
from federation.acts import booking, crossing
from federation.errors import Unreachable
from federation.instance import Tx
from federation.keys import ed25519_id, load_ed25519
from federation.outbox import Received
from federation.wire import set_offs as wire
from federation.wire.set_offs import Probe, Wanted
from schema import actors, bridges, ids, peers, set_offs
from schema.actors import Actor
from schema.errors import Conflict, Forbidden
from schema.set_offs import SetOff

PATIENCE: Final = timedelta(hours=72)
MOST_WAYS: Final = 5
NOT_NEXT: Final = "Only the cities beside ours in a loop can say that."


async def sweep(tx: Tx) -> int:
    """Once a month asks along our debts; dissolves what takes too long. How many it sent."""
    now, city = tx.instance.clock(), await actors.get(tx.conn, tx.instance.city_id)
    owed = await set_offs.claim_month(tx.conn, city.id, now)
    for other in owed:
        amount = -await crossing.balance_with(tx, other)
        await outbox.send(tx, city, Probe((city.uri,), (amount,)).document(), [other])
    late = await set_offs.list_undecided(tx.conn, city.uri, now, PATIENCE)
    for uri in late:
        await _decide(tx, city, await _get(tx, uri), yes=False)
    await set_offs.lapse(tx.conn, city.uri, now, PATIENCE * 5)
    return len(owed) + len(late)


async def _get(tx: Tx, uri: str) -> SetOff:
    found = await set_offs.find(tx.conn, uri)
    if found is None:
        raise Unreachable("this loop is not known here yet")
    return found


async def _neighbour(tx: Tx, by: Actor) -> None:
    known = await peers.find(tx.conn, by.peer or "")
    if known is None or by.kind != "city" or known.link != "linked" or known.blocked_at:
        raise Forbidden(NOT_NEXT)


async def probed(tx: Tx, *, by: Actor, probe: Probe, received: Received) -> int:
    """A city that owes us asks whether our debts lead back to where the question began; it goes
    on along them, or is at home. How many hear of it."""
    await _neighbour(tx, by)
    if probe.path[-1] != by.uri:
        raise Forbidden(NOT_NEXT)
    await outbox.done(tx, received)
    city = await actors.get(tx.conn, tx.instance.city_id)
    if probe.path[0] == city.uri:
        return await _at_home(tx, city, probe)
    if city.uri in probe.path or len(probe.path) >= wire.LONGEST:
        return 0
    sent = 0
    for debt in (await set_offs.list_debts(tx.conn, city.id))[:MOST_WAYS]:
        other = await actors.get(tx.conn, debt.city_id)
        if other.uri not in probe.path[1:]:
            on = Probe((*probe.path, city.uri), (*probe.amounts, debt.amount))
            await outbox.send(tx, city, on.document(), [other])
            sent += 1
    return sent


async def _at_home(tx: Tx, city: Actor, probe: Probe) -> int:
    """The loop is closed. Only the city with the first name begins, so that it is set off once;
    any other passes the question on along the loop, as if the next one had asked it."""
    path = probe.path
    if not wire.SHORTEST <= len(path) <= wire.LONGEST or len(set(path)) != len(path):
        return 0
    if min(path) != city.uri:
        return await _turn(tx, city, probe)
    steps = zip(path, (*path[1:], path[0]), strict=True)
    found, _ = loops.set_off(dict(zip(steps, probe.amounts, strict=True)))
    if not found or await set_offs.is_reserved(tx.conn, path):
        return 0
    wanted = Wanted(f"{city.uri}#set-off-{ids.new()}", path, found[0].amount)
    try:
        await _reserve(tx, city, wanted)
    except Conflict:
        return 0
    return 1


async def _turn(tx: Tx, city: Actor, probe: Probe) -> int:
    for debt in await set_offs.list_debts(tx.conn, city.id):
        other = await actors.get(tx.conn, debt.city_id)
        if other.uri == probe.path[1]:
            amounts = (*probe.amounts[1:], debt.amount)
            on = Probe((*probe.path[1:], city.uri), amounts)
            await outbox.send(tx, city, on.document(), [other])
            return 1
    return 0


async def _sides(tx: Tx, city: Actor, wanted: Wanted) -> tuple[Actor, Actor]:
    """The cities before and behind ours in a loop, both neighbours; Conflict otherwise."""
    if city.uri not in wanted.loop:
        raise Forbidden(NOT_NEXT)
    place = wanted.loop.index(city.uri)
    uris = (wanted.loop[place - 1], wanted.loop[(place + 1) % len(wanted.loop)])
    found = {one.uri: one for one in await actors.list_by_uri(tx.conn, uris)}
    if len(found) != 2:
        raise Conflict("This loop goes through cities that are no neighbours.")
    return found[uris[0]], found[uris[1]]


async def _reserve(tx: Tx, city: Actor, wanted: Wanted) -> SetOff:
    """Holds so much of both debts, and asks the next one. Conflict when there is less."""
    before, after = await _sides(tx, city, wanted)
    for peer in sorted((before.peer or "", after.peer or "")):
        await bridges.lock(tx.conn, peer)
    owed = await crossing.balance_with(tx, before) - await crossing.reserved(tx, before.peer or "")
    owed -= await set_offs.reserved(tx.conn, before.id, None)
    owing = -await crossing.balance_with(tx, after)
    owing -= await set_offs.reserved(tx.conn, None, after.id)
    if min(owed, owing) < wanted.amount:
        raise Conflict("One of the two debts is smaller.")
    now = tx.instance.clock()
    row = SetOff(
        id=ids.new(),
        uri=wanted.uri,
        loop=list(wanted.loop),
        amount=wanted.amount,
        before_id=before.id,
        after_id=after.id,
        state="reserved",
        decision="",
        created=now,
        updated=now,
    )
    stored = await set_offs.put(tx.conn, row)
    await outbox.send(tx, city, wire.ask(wanted), [after], about=wanted.uri)
    return stored


async def asked(tx: Tx, *, by: Actor, wanted: Wanted, received: Received) -> SetOff | None:
    """The city before ours has reserved a loop: so do we, or say no. Where we have begun it, it
    is complete: we decide."""
    city = await actors.get(tx.conn, tx.instance.city_id)
    await _check_side(tx, city, wanted, by, -1)
    await outbox.done(tx, received)
    known = await set_offs.find(tx.conn, wanted.uri)
    if wanted.loop[0] == city.uri:
        same = known is not None and _wanted(known) == wanted
        if known is None or not same or known.state != "reserved":
            return known
        return await _decide(tx, city, known, yes=True)
    if known is not None:
        return known
    try:
        return await _reserve(tx, city, wanted)
    except Conflict:
        await outbox.send(tx, city, wire.refuse(wanted), [by], about=wanted.uri)
        return None


async def _check_side(tx: Tx, city: Actor, wanted: Wanted, by: Actor, step: int) -> None:
    """Forbidden unless it comes from the city before (-1) or behind (1) ours in the loop."""
    await _neighbour(tx, by)
    if city.uri not in wanted.loop:
        raise Forbidden(NOT_NEXT)
    place = wanted.loop.index(city.uri)
    if wanted.loop[(place + step) % len(wanted.loop)] != by.uri:
        raise Forbidden(NOT_NEXT)


def _wanted(row: SetOff) -> Wanted:
    return Wanted(row.uri, tuple(row.loop), row.amount)


async def refused(tx: Tx, *, by: Actor, wanted: Wanted, received: Received) -> SetOff | None:
    """The city behind ours, or one further on, cannot: the first one decides no, the others pass
    it back."""
    city = await actors.get(tx.conn, tx.instance.city_id)
    await _check_side(tx, city, wanted, by, 1)
    await outbox.done(tx, received)
    known = await set_offs.find(tx.conn, wanted.uri)
    if known is None or known.state != "reserved" or _wanted(known) != wanted:
        return known
    if wanted.loop[0] == city.uri:
        return await _decide(tx, city, known, yes=False)
    before = await actors.get(tx.conn, known.before_id)
    await outbox.send(tx, city, wire.refuse(wanted), [before], about=wanted.uri)
    return known


async def _decide(tx: Tx, city: Actor, row: SetOff, *, yes: bool) -> SetOff:
    """The first city seals its decision, follows it, and sends it around the loop."""
    keys = await actors.get_keys(tx.conn, city.id)
    sealed = proofs.sign(
        _wanted(row).decision(yes=yes),
        key=load_ed25519(keys.ed25519_private),
        key_id=ed25519_id(keys.key_id),
        now=tx.instance.clock(),
    )
    return await _follow(tx, city, row, replace(_wanted(row), decided=sealed), yes=yes)


async def _follow(tx: Tx, city: Actor, row: SetOff, wanted: Wanted, *, yes: bool) -> SetOff:
    decision = orjson.dumps(wanted.decided).decode()
    now = tx.instance.clock()
    state = "booked" if yes else "dissolved"
    row = await set_offs.put(tx.conn, replace(row, state=state, decision=decision, updated=now))
    if yes:
        await booking.enter(
            tx,
            city.id,
            key=f"set-off:{row.uri}",
            kind="set-off",
            payer=row.after_id,
            taker=row.before_id,
            amount=row.amount,
            by=None,
            text=" → ".join(row.loop),
        )
        # What is left of the debts may make another loop: asked again until there is none.
        await set_offs.ask_anew(tx.conn)
    after = await actors.get(tx.conn, row.after_id)
    if after.uri != row.loop[0]:
        await outbox.send(tx, city, wire.tell(wanted), [after], about=row.uri)
    return row


async def decided(tx: Tx, *, by: Actor, wanted: Wanted, received: Received) -> SetOff | None:
    """What the first city decided, its seal checked: it is followed once, and passed on."""
    city = await actors.get(tx.conn, tx.instance.city_id)
    await _check_side(tx, city, wanted, by, -1)
    yes = wire.read_answer(wanted)
    known = await set_offs.find(tx.conn, wanted.uri)
    if known is None and yes:
        raise Unreachable("this loop is not known here yet")
    await outbox.done(tx, received)
    if known is None or not known.waits:
        return known
    if _wanted(known) != replace(wanted, decided=None):
        raise Forbidden(NOT_NEXT)
    return await _follow(tx, city, known, wanted, yes=yes)
