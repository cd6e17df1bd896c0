"""A new actor of ours, of whatever kind: its row, its addresses, its keys."""

from dataclasses import replace
from datetime import datetime

from federation import html
from federation.addresses import Addresses
from federation.instance import Tx
from federation.keys import KeyPair
from schema import actors, ids
from schema.actors import Actor, Kind


async def create(
    tx: Tx,
    *,
    kind: Kind,
    name: str,
    title: str,
    keys: KeyPair,
    about: str = "",
    approves: bool = False,
    discoverable: bool = True,
) -> Actor:
    """Conflict when the name is taken; `about` is Markdown."""
    row = _row(tx.addresses, kind, name, title, keys, tx.instance.clock())
    row = replace(
        row,
        about=about,
        about_html=html.to_html(about),
        approves=approves,
        discoverable=discoverable,
        indexable=discoverable,
    )
    stored = await actors.insert(tx.conn, row)
    await actors.insert_keys(tx.conn, stored.id, keys.rsa_private, keys.ed25519_private)
    return stored


def _row(
    addresses: Addresses, kind: Kind, name: str, title: str, keys: KeyPair, now: datetime
) -> Actor:
    uri = _uri(addresses, kind, name)
    is_group = kind in ("group", "city")
    return Actor(
        id=ids.new(),
        kind=kind,
        uri=uri,
        peer=None,
        name=name,
        host="",
        title=title,
        about="",
        about_html="",
        can="",
        wants="",
        languages=[],
        page_url=uri,
        inbox=f"{uri}/inbox",
        shared_inbox=addresses.shared_inbox,
        followers_uri=f"{uri}/followers",
        members_uri=f"{uri}/members" if kind == "group" else None,
        moderators_uri=f"{uri}/moderators" if is_group else None,
        avatar_id=None,
        place_name="",
        latitude=None,
        longitude=None,
        approves=False,
        discoverable=True,
        indexable=True,
        key_id=f"{uri}#main-key",
        public_key=keys.rsa_public,
        ed25519_key=keys.ed25519_public,
        created=now,
        updated=now,
        fetched=now,
        deleted_at=None,
        suspended_until=None,
        suspended_reason="",
    )


def _uri(addresses: Addresses, kind: Kind, name: str) -> str:
    if kind == "city":
        return addresses.city
    if kind == "instance":
        return addresses.instance
    return addresses.person(name) if kind == "person" else addresses.community(name)
