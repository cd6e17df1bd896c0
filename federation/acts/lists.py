"""Lists of places: read as drafts first, then each is applied or refused by an admin."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from federation.acts import cities
from federation.errors import Malformed
from federation.instance import Tx
from federation.wire import lists as wire
from federation.wire.lists import Listed
from schema import actors, ids, lists, logs, peers
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Conflict, Invalid, Missing
from schema.lists import Entry, Kind, PeerList
from schema.words import N_

MOST_AT_ONCE = 300


async def add(
    tx: Tx,
    *,
    by: Actor | None,
    kind: Kind,
    title: str,
    address: str | None = None,
    text: str = "",
) -> PeerList:
    """A list of drafts: nothing is blocked or asked yet. With an address it is read every day."""
    entries = [] if address else entries_of(text)
    title = " ".join(title.split())[:100]
    if not title:
        raise Invalid({"title": N_("Please give it a title.")})
    id = ids.new()
    await lists.insert(tx.conn, id=id, kind=kind, title=title, address=address)
    await logs.write(tx.conn, by, "list", title, address or "")
    if address:
        await tx.defer("refresh_list", origin=str(id))
    else:
        await take(tx, id, entries)
    return await lists.get(tx.conn, id)


def entries_of(text: str) -> list[Listed]:
    """What somebody pasted, or Invalid."""
    try:
        found = wire.read(text)
    except Malformed as error:
        raise Invalid({"text": N_("This is no list that we can read: CSV or JSON.")}) from error
    if not found:
        raise Invalid({"text": N_("There is no place in it.")})
    return found


async def export(conn: Conn, kind: Kind, form: Literal["csv", "json"], title: str) -> bytes:
    """The places that we block, or are linked with, for other servers to import."""
    shared = [Listed(one.host, one.reason) for one in await lists.list_shared(conn, kind)]
    return (
        wire.as_json(kind, title, shared) if form == "json" else wire.as_csv(kind, shared).encode()
    )


async def take(tx: Tx, list_id: UUID, entries: Sequence[Listed]) -> None:
    """What a list says now becomes drafts, or questions to take something back."""
    ours = tx.instance.config.host
    wanted = [entry for entry in entries if entry.host != ours]
    hosts, reasons = [e.host for e in wanted], [e.reason for e in wanted]
    await lists.merge(tx.conn, list_id, hosts, reasons)


async def remove(tx: Tx, *, by: Actor | None, list_id: UUID) -> None:
    """It is not read any more. What was done because of it stays."""
    found = await lists.get(tx.conn, list_id)
    await lists.delete(tx.conn, list_id)
    await logs.write(tx.conn, by, "end list", found.title, found.address or "")


async def _apply(tx: Tx, *, by: Actor | None, list_id: UUID, host: str, base: str) -> None:
    """Blocks the place (of a block list) or asks it for a link; or takes that back where the entry
    has left its list. `base`: scheme://host."""
    found, entry = await lists.get(tx.conn, list_id), await _entry(tx, list_id, host)
    if entry.state == "leaving":
        await _take_back(tx, by, found, entry)
    elif entry.state in ("draft", "refused"):
        await peers.meet(tx.conn, base, host)
        if found.kind == "allow":
            await tx.defer("ask", origin=base)
        elif not (await peers.get(tx.conn, base)).blocked_at:
            reason = f"{found.title}: {entry.reason}".rstrip(": ")
            await cities.block(tx, by=by, origin=base, reason=reason)
        await lists.set_state(tx.conn, list_id, host, "applied")


async def apply_all(
    tx: Tx, *, by: Actor | None, list_id: UUID, bases: Sequence[tuple[str, str]]
) -> None:
    """What an admin says yes to: pairs of host and scheme://host, at most MOST_AT_ONCE."""
    for host, base in bases[:MOST_AT_ONCE]:
        await _apply(tx, by=by, list_id=list_id, host=host, base=base)


async def refuse(tx: Tx, *, by: Actor | None, list_id: UUID, host: str) -> None:
    """No, and the list need not ask again; of one that has left: what was done stays."""
    entry = await _entry(tx, list_id, host)
    await logs.write(tx.conn, by, "refuse entry", host)
    if entry.state == "leaving":
        await lists.drop_entry(tx.conn, list_id, host)
    elif entry.state == "draft":
        await lists.set_state(tx.conn, list_id, host, "refused")


async def _entry(tx: Tx, list_id: UUID, host: str) -> Entry:
    found = await lists.find_entry(tx.conn, list_id, host)
    if found is None:
        raise Missing("There is nothing here, or it is not meant for you.")
    return found


async def _take_back(tx: Tx, by: Actor | None, found: PeerList, entry: Entry) -> None:
    """Unless another list says the same."""
    alone = not await lists.is_wanted_by_others(tx.conn, found.id, entry.host)
    if found.kind == "block" and entry.blocked and entry.origin and alone:
        known = await peers.get_neighbour(tx.conn, entry.host)
        other = await actors.get(tx.conn, known.city_id) if known.city_id else None
        try:
            await cities.unblock(tx, by=by, origin=entry.origin, other=other)
        except Conflict:
            pass
    await lists.drop_entry(tx.conn, found.id, entry.host)
