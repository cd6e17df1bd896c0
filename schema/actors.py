"""Actors: people, communities, the city itself and its server, here and elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Conn

Kind: TypeAlias = Literal["person", "group", "city", "instance", "other"]


@dataclass(frozen=True, slots=True)
class Actor:
    """One who can act. `host` is '' for ours; `about` is Markdown of ours, `about_html` clean HTML.

    Latitude and longitude are rough (WGS 84 degrees); the exact ones are never stored.
    """

    id: UUID
    kind: Kind
    uri: str
    peer: str | None
    name: str
    host: str
    title: str
    about: str
    about_html: str
    can: str
    wants: str
    languages: list[str]
    page_url: str
    inbox: str
    shared_inbox: str | None
    followers_uri: str | None
    members_uri: str | None
    moderators_uri: str | None
    avatar_id: UUID | None
    place_name: str
    latitude: float | None
    longitude: float | None
    approves: bool
    discoverable: bool
    indexable: bool
    key_id: str | None
    public_key: str
    ed25519_key: str
    created: datetime
    updated: datetime
    fetched: datetime
    deleted_at: datetime | None
    suspended_until: datetime | None
    suspended_reason: str

    @property
    def is_local(self) -> bool:
        return self.peer is None

    @property
    def handle(self) -> str:
        """`name` here, `name@host` elsewhere: how pages address them."""
        return self.name if self.peer is None else f"{self.name}@{self.host}"

    @property
    def shown(self) -> str:
        return self.title or self.name


@dataclass(frozen=True, slots=True)
class ActorKeys:
    """The private halves of a local actor's keys: PKCS 8 PEM, and 32 raw bytes."""

    actor_id: UUID
    key_id: str
    rsa_private: str
    ed25519_private: bytes


async def get(conn: Conn, id: UUID) -> Actor:
    """Missing when there is none."""
    return await db.one(conn, Actor, "select * from actors where id = %(id)s", {"id": id})


async def find(conn: Conn, uri: str) -> Actor | None:
    """By its uri."""
    return await db.maybe(conn, Actor, "select * from actors where uri = %(uri)s", {"uri": uri})


async def find_city(conn: Conn, origin: str) -> Actor | None:
    """The city at another origin, as far as we met it."""
    return await db.maybe(
        conn,
        Actor,
        """select * from actors where peer = %(origin)s and kind = 'city' and deleted_at is null
           order by fetched desc limit 1""",
        {"origin": origin},
    )


async def find_by_handle(conn: Conn, name: str, host: str = "") -> Actor | None:
    """By `name` (any case) and host[:port], '' for ours."""
    return await db.maybe(
        conn,
        Actor,
        """select * from actors where lower(name) = lower(%(name)s) and host = %(host)s
           order by deleted_at nulls first, fetched desc limit 1""",
        {"name": name, "host": host.lower()},
    )


async def list_by_uri(conn: Conn, uris: Sequence[str]) -> list[Actor]:
    """Those of these uris that are known and not deleted."""
    if not uris:
        return []
    return await db.many(
        conn,
        Actor,
        "select * from actors where uri = any(%(uris)s) and deleted_at is null",
        {"uris": list(uris)},
    )


async def list_by_id(conn: Conn, ids: Sequence[UUID]) -> list[Actor]:
    """In no particular order."""
    if not ids:
        return []
    return await db.many(
        conn, Actor, "select * from actors where id = any(%(ids)s)", {"ids": list(ids)}
    )


async def insert(conn: Conn, actor: Actor) -> Actor:
    """Conflict when the name or the uri is taken."""
    return await db.one(
        conn,
        Actor,
        """insert into actors (id, kind, uri, peer, name, host, title, about, about_html, can,
             wants, languages, page_url, inbox, shared_inbox, followers_uri, members_uri,
             moderators_uri, avatar_id, place_name, latitude, longitude, approves, discoverable,
             indexable, key_id, public_key, ed25519_key, created, updated, fetched)
           values (%(id)s, %(kind)s, %(uri)s, %(peer)s, %(name)s, %(host)s, %(title)s, %(about)s,
             %(about_html)s, %(can)s, %(wants)s, %(languages)s, %(page_url)s, %(inbox)s,
             %(shared_inbox)s, %(followers_uri)s, %(members_uri)s, %(moderators_uri)s,
             %(avatar_id)s, %(place_name)s, %(latitude)s, %(longitude)s, %(approves)s,
             %(discoverable)s, %(indexable)s, %(key_id)s, %(public_key)s, %(ed25519_key)s,
             %(created)s,
             %(updated)s, %(fetched)s)
           returning *""",
        as_params(actor),
    )


async def lock(conn: Conn, id: UUID) -> None:
    """Until the end of the transaction no resident begins to follow this person."""
    await db.value(conn, "select 1 from actors where id = %(id)s for no key update", {"id": id})


async def refresh(conn: Conn, actor: Actor) -> Actor:
    """Stores what a foreign actor's server says of it now: one row per uri, its id kept."""
    return await db.one(
        conn,
        Actor,
        """insert into actors (id, kind, uri, peer, name, host, title, about, about_html, can,
             wants, languages, page_url, inbox, shared_inbox, followers_uri, members_uri,
             moderators_uri, avatar_id, place_name, latitude, longitude, approves, discoverable,
             indexable, key_id, public_key, ed25519_key, created, updated)
           values (%(id)s, %(kind)s, %(uri)s, %(peer)s, %(name)s, %(host)s, %(title)s, %(about)s,
             %(about_html)s, %(can)s, %(wants)s, %(languages)s, %(page_url)s, %(inbox)s,
             %(shared_inbox)s, %(followers_uri)s, %(members_uri)s, %(moderators_uri)s,
             %(avatar_id)s, %(place_name)s, %(latitude)s, %(longitude)s, %(approves)s,
             %(discoverable)s, %(indexable)s, %(key_id)s, %(public_key)s, %(ed25519_key)s,
             %(created)s,
             %(updated)s)
           on conflict (uri) do update set name = excluded.name, title = excluded.title,
             about_html = excluded.about_html, can = excluded.can, wants = excluded.wants,
             languages = excluded.languages, page_url = excluded.page_url, inbox = excluded.inbox,
             shared_inbox = excluded.shared_inbox, followers_uri = excluded.followers_uri,
             members_uri = excluded.members_uri, moderators_uri = excluded.moderators_uri,
             avatar_id = coalesce(excluded.avatar_id, actors.avatar_id),
             place_name = excluded.place_name, latitude = excluded.latitude,
             longitude = excluded.longitude, approves = excluded.approves,
             discoverable = excluded.discoverable, indexable = excluded.indexable,
             key_id = excluded.key_id,
             public_key = excluded.public_key, ed25519_key = excluded.ed25519_key,
             updated = excluded.updated, fetched = now(), deleted_at = null
           where actors.peer is not null and actors.kind = excluded.kind
           returning *""",
        as_params(actor),
    )


async def update(conn: Conn, actor: Actor) -> Actor:
    """Writes what a local actor's page can change."""
    return await db.one(
        conn,
        Actor,
        """update actors set title = %(title)s, about = %(about)s, about_html = %(about_html)s,
             can = %(can)s, wants = %(wants)s, languages = %(languages)s, avatar_id = %(avatar_id)s,
             place_name = %(place_name)s, latitude = %(latitude)s, longitude = %(longitude)s,
             approves = %(approves)s, discoverable = %(discoverable)s,
             indexable = %(indexable)s, updated = now()
           where id = %(id)s and peer is null returning *""",
        as_params(actor),
    )


async def suspend(conn: Conn, id: UUID, until: datetime | None, reason: str) -> Actor:
    """`until` None ends a suspension."""
    return await db.one(
        conn,
        Actor,
        """update actors set suspended_until = %(until)s, suspended_reason = %(reason)s
           where id = %(id)s returning *""",
        {"id": id, "until": until, "reason": reason},
    )


async def list_suspended(conn: Conn) -> list[Actor]:
    """People of other servers who may not write here at the moment."""
    return await db.many(
        conn,
        Actor,
        """select * from actors where peer is not null and suspended_until > now()
           order by suspended_until limit 200""",
    )


async def set_avatar(conn: Conn, id: UUID, media_id: UUID | None) -> None:
    """The picture of an actor, ours or foreign."""
    await db.run(
        conn,
        "update actors set avatar_id = %(media)s where id = %(id)s",
        {"id": id, "media": media_id},
    )


async def delete(conn: Conn, id: UUID) -> Actor:
    """Leaves a tombstone: name and address stay taken, what the person wrote of themselves goes."""
    return await db.one(
        conn,
        Actor,
        """update actors set deleted_at = now(), title = '', about = '', about_html = '', can = '',
             wants = '', avatar_id = null, place_name = '', latitude = null, longitude = null
           where id = %(id)s returning *""",
        {"id": id},
    )


async def insert_keys(conn: Conn, id: UUID, rsa_private: str, ed25519_private: bytes) -> None:
    """The private halves of a local actor's keys."""
    await db.run(
        conn,
        """insert into actor_keys (actor_id, rsa_private, ed25519_private)
           values (%(id)s, %(rsa)s, %(ed)s)""",
        {"id": id, "rsa": rsa_private, "ed": ed25519_private},
    )


async def get_keys(conn: Conn, id: UUID) -> ActorKeys:
    """Missing for an actor of another server."""
    return await db.one(
        conn,
        ActorKeys,
        """select actor_id, coalesce(key_id, '') as key_id, rsa_private, ed25519_private
           from actor_keys join actors on actors.id = actor_id where actor_id = %(id)s""",
        {"id": id},
    )


def as_params(actor: Actor) -> dict[str, object]:
    """Column names to values."""
    return {name: getattr(actor, name) for name in Actor.__slots__}
