"""Which cities our neighbours name: asked once a day, shown as what may be worth a link."""

import structlog

from federation import fetch, origins, resolve
from federation.documents import id_of, text
from federation.errors import Gone, Malformed, Refused, Untrusted
from federation.instance import Instance
from schema import directory, peers

log = structlog.get_logger()
MOST = 300


async def job(instance: Instance, origin: str) -> None:
    """Of a linked city; Unreachable is worth another try."""
    async with instance.read() as conn:
        peer = await peers.find(conn, origin)
    if peer is None or peer.link != "linked" or peer.blocked_at:
        return
    try:
        city = await resolve.city(instance, origin)
        folder = id_of((await fetch.document(instance, city.uri)).get("neighbours"))
        if not folder or not origins.same_origin(folder, origin):
            return
        found = await fetch.items(instance, folder, MOST)
    except (Gone, Malformed, Refused, Untrusted) as error:
        log.info("no directory", peer=origin, reason=str(error))
        return
    named: dict[str, tuple[str, str, str]] = {}
    for item in found:
        uri = id_of(item) or ""
        try:
            there = origins.origin_of(uri, loopback=instance.config.allow_loopback_peers)
        except Malformed:
            continue
        if str(there) not in (origin, instance.config.origin) and len(uri) <= 2000:
            title = text(item, "name") if isinstance(item, dict) else None
            named.setdefault(
                there.authority, (there.authority, uri, " ".join((title or "").split()))
            )
    async with instance.begin() as tx:
        await directory.store(tx.conn, origin, list(named.values()))
