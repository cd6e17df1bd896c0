"""The commands for what happens between places: `stadtnetz peer`, `block` and `list`."""

import argparse
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

from federation import lists as reading
from federation import origins, resolve
from federation.acts import cities
from federation.acts import lists as acts
from federation.errors import Malformed
from federation.instance import Instance
from schema import actors, lists, peers
from schema.errors import Missing
from schema.peers import Neighbour

Work: TypeAlias = Callable[[Instance, argparse.Namespace], Awaitable[None]]
_SWITCHES = ("publish", "receive", "pause")


def add_to(add: Callable[[str, str, Work], argparse.ArgumentParser]) -> None:
    """Adds the three commands; `add` makes a parser whose work is given an Instance."""
    peer = add("peer", "Another place: how it is, what flows there and back.", _peer)
    peer.add_argument("act", choices=["list", "show", "set", "try", "part"])
    peer.add_argument("place", nargs="?", default="", help="its host or address")
    for switch, words in zip(_SWITCHES, _WORDS, strict=True):
        peer.add_argument(f"--{switch}", choices=["yes", "no"], help=words)
    block = add("block", "Blocked places; a block holds for all sub-domains.", _block)
    block.add_argument("act", choices=["list", "add", "lift"])
    block.add_argument("place", nargs="?", default="", help="its host or address")
    block.add_argument("--reason", default="", help="why, for the other admins")
    listing = add("list", "Lists of places to block, or to link with (allow).", _list)
    listing.add_argument(
        "act", choices=["show", "import", "subscribe", "export", "read", "apply", "drop"]
    )
    listing.add_argument("what", nargs="?", default="", help="block, allow, or a list's number")
    listing.add_argument("source", nargs="?", default="-", help="file or address; - for stdin")
    listing.add_argument("--title", default="", help="a name for the list")
    listing.add_argument("--json", action="store_true", help="export as JSON instead of CSV")


_WORDS = ("whether we send to it", "whether we take what it sends", "keep all and send nothing")


async def _peer(instance: Instance, options: argparse.Namespace) -> None:
    if options.act == "list":
        async with instance.read() as conn:
            known = await peers.list_neighbours(conn, linked_only=False)
        print("\n".join(_line(one) for one in known) or "We have met nobody yet.")
        return
    origin = await _known(instance, options.place)
    if options.act == "set":
        await _set(instance, origin, options)
    elif options.act == "try":
        async with instance.begin() as tx:
            await cities.try_now(tx, by=None, origin=origin)
    elif options.act == "part":
        other = await resolve.city(instance, origin)
        async with instance.begin() as tx:
            await cities.part(tx, by=None, other=other)
    async with instance.read() as conn:
        found = await peers.get_neighbour(conn, origin.partition("://")[2])
    print("\n".join(_all(found)))


async def _set(instance: Instance, origin: str, options: argparse.Namespace) -> None:
    wanted = {name: getattr(options, name) for name in _SWITCHES}
    if not any(wanted.values()):
        raise Malformed("Say what to set: --publish, --receive or --pause, each yes or no.")
    async with instance.begin() as tx:
        known = await peers.get(tx.conn, origin)
        before = (known.publishes, known.receives, known.paused_at is not None)
        now = [
            was if wanted[name] is None else wanted[name] == "yes"
            for name, was in zip(_SWITCHES, before, strict=True)
        ]
        await cities.set_switches(
            tx, by=None, origin=origin, publishes=now[0], receives=now[1], paused=now[2]
        )


async def _block(instance: Instance, options: argparse.Namespace) -> None:
    if options.act == "list":
        async with instance.read() as conn:
            blocked = await lists.list_shared(conn, "block")
        print("\n".join(f"{one.host:40} {one.reason}" for one in blocked) or "Nobody is blocked.")
    elif options.act == "add":
        origin = resolve.origin_at(instance, _named(options.place))
        async with instance.begin() as tx:
            await peers.meet(tx.conn, str(origin), origin.authority)
            await cities.block(tx, by=None, origin=str(origin), reason=options.reason)
        print(f"{origin.authority} and its sub-domains are blocked.")
    else:
        origin = await _known(instance, options.place)
        async with instance.begin() as tx:
            known = await peers.get_neighbour(tx.conn, origin.partition("://")[2])
            other = await actors.get(tx.conn, known.city_id) if known.city_id else None
            await cities.unblock(tx, by=None, origin=origin, other=other)
        print(f"{known.host} is blocked no more.")


async def _list(instance: Instance, options: argparse.Namespace) -> None:
    if options.act == "show" and not options.what:
        async with instance.read() as conn:
            known = await lists.list_all(conn)
        print("\n".join(_summary(one) for one in known) or "There are no lists yet.")
    elif options.act in ("import", "subscribe", "export"):
        await _exchange(instance, options)
    else:
        await _one_list(instance, options)


async def _exchange(instance: Instance, options: argparse.Namespace) -> None:
    kinds: dict[str, lists.Kind] = {"block": "block", "allow": "allow"}
    kind = kinds.get(options.what)
    if kind is None:
        raise Malformed("Say which kind of list: block or allow.")
    if options.act == "export":
        title = (await instance.settings()).name
        form = "json" if options.json else "csv"
        async with instance.read() as conn:
            sys.stdout.write((await acts.export(conn, kind, form, title)).decode())
        return
    title, text, address = options.title or options.source, "", None
    if options.act == "subscribe":
        address = options.source
        origins.parse(address, loopback=instance.config.allow_loopback_peers)
    else:
        text = _text_of(options.source)
    async with instance.begin() as tx:
        made = await acts.add(tx, by=None, kind=kind, title=title, address=address, text=text)
    if address:
        await reading.refresh(instance, str(made.id))
    await _show(instance, made.id)


async def _one_list(instance: Instance, options: argparse.Namespace) -> None:
    id = _number(options.what)
    if options.act == "drop":
        async with instance.begin() as tx:
            await acts.remove(tx, by=None, list_id=id)
        print("It is not read any more. What was done because of it stays.")
        return
    if options.act == "read":
        await reading.refresh(instance, str(id))
    if options.act == "apply":
        async with instance.begin() as tx:
            for state in ("draft", "leaving"):
                found = await lists.list_entries(tx.conn, id, state, acts.MOST_AT_ONCE)
                bases = [(entry.host, resolve.base_of(instance, entry.host)) for entry in found]
                await acts.apply_all(tx, by=None, list_id=id, bases=bases)
    await _show(instance, id)


async def _show(instance: Instance, id: UUID) -> None:
    async with instance.read() as conn:
        found = await lists.get(conn, id)
        print(_summary(found))
        for state in ("draft", "leaving", "applied", "refused"):
            for entry in await lists.list_entries(conn, id, state, 1000):
                print(f"  {entry.state:8} {entry.host:40} {entry.reason}")


def _summary(found: lists.PeerList) -> str:
    counts = f"{found.drafts} drafts, {found.leaving} leaving, {found.applied} applied"
    whence = found.address or "imported once"
    error = f"; last reading failed: {found.error}" if found.error else ""
    return f"{found.id} {found.kind:6} {found.title} ({whence}): {counts}{error}"


def _line(one: Neighbour) -> str:
    state = "blocked" if one.blocked_at else "paused" if one.paused_at else one.link
    return f"{one.host:40} {state:8} {one.waiting} waiting"


def _all(one: Neighbour) -> list[str]:
    def when(moment: object) -> str:
        return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"

    return [
        _line(one),
        f"  we send: {'yes' if one.publishes else 'no'}; we take: {'yes' if one.receives else 'no'}"
        f"; paused: {'yes' if one.paused_at else 'no'}",
        f"  last heard {when(one.last_heard)}; last reached {when(one.last_sent)}",
        f"  {one.failures} failures; {one.last_error or 'no error'}",
    ]


async def _known(instance: Instance, place: str) -> str:
    origin = resolve.origin_at(instance, _named(place))
    async with instance.read() as conn:
        found = await peers.find(conn, str(origin))
        found = found or await peers.find_by_host(conn, origin.authority)
    if found is None:
        raise Missing(f"We have never met {origin.authority}.")
    return found.origin


def _named(place: str) -> str:
    if not place:
        raise Malformed("Say which place: its host or address.")
    return place


def _number(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Malformed("Say which list: its number, as `stadtnetz list show` prints it.") from None


def _text_of(source: str) -> str:
    if source == "-":
        return sys.stdin.read()
    try:
        return Path(source).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Missing(f"{source} cannot be read: {error}") from error
