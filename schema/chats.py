"""Chats: private letters between a few people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from schema import database as db
from schema import ids, media
from schema.actors import Actor
from schema.database import Conn
from schema.posts import Picture


@dataclass(frozen=True, slots=True)
class Message:
    """One letter; `html` is clean."""

    id: UUID
    uri: str
    chat_id: UUID
    author_id: UUID
    source: str
    html: str
    language: str
    deleted_at: datetime | None
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class MessageView:
    """A letter as a page shows it. `host` '' for authors from here; pictures as (id, words)."""

    id: UUID
    author_id: UUID
    author_name: str
    author_title: str
    author_host: str
    avatar_id: UUID | None
    html: str
    language: str
    deleted_at: datetime | None
    created: datetime
    updated: datetime
    pictures: list[tuple[str, str]]

    @property
    def is_edited(self) -> bool:
        """Whether its author has written it anew."""
        return self.updated > self.created

    @property
    def author_handle(self) -> str:
        return f"{self.author_name}@{self.author_host}" if self.author_host else self.author_name

    @property
    def author_avatar(self) -> str | None:
        return f"/media/{self.avatar_id}?small" if self.avatar_id else None


@dataclass(frozen=True, slots=True)
class ChatCard:
    """A chat in one's list: the others' names, and whether something is new."""

    id: UUID
    people: str
    last_at: datetime
    is_new: bool


async def with_people(conn: Conn, people: Sequence[UUID], now: datetime) -> UUID:
    """The chat of exactly these people, made where there is none."""
    chosen = sorted(set(people))
    key = sha256(b"".join(id.bytes for id in chosen)).hexdigest()
    id = await db.value(
        conn,
        """insert into chats (id, people_key, last_at) values (%(id)s, %(key)s, %(now)s)
           on conflict (people_key) do update set people_key = excluded.people_key returning id""",
        {"id": ids.new(), "key": key, "now": now},
    )
    await db.run(
        conn,
        """insert into chat_people (chat_id, actor_id) select %(chat)s, unnest(%(people)s::uuid[])
           on conflict do nothing""",
        {"chat": id, "people": chosen},
    )
    return UUID(str(id))


async def list_people(conn: Conn, chat_id: UUID) -> list[Actor]:
    """All who take part."""
    return await db.many(
        conn,
        Actor,
        """select a.* from chat_people p join actors a on a.id = p.actor_id
           where p.chat_id = %(id)s order by a.name, a.id""",
        {"id": chat_id},
    )


async def insert(conn: Conn, message: Message) -> bool:
    """False when its uri is known; the chat moves up, and its author has seen it."""
    new = await db.run(
        conn,
        """insert into chat_messages (id, uri, chat_id, author_id, source, html, language, created,
             updated)
           values (%(id)s, %(uri)s, %(chat)s, %(author)s, %(source)s, %(html)s, %(language)s,
             %(created)s, %(created)s) on conflict (uri) do nothing""",
        {
            "id": message.id,
            "uri": message.uri,
            "chat": message.chat_id,
            "author": message.author_id,
            "source": message.source,
            "html": message.html,
            "language": message.language,
            "created": message.created,
        },
    )
    if not new:
        return False
    await db.run(
        conn,
        "update chats set last_at = greatest(last_at, %(at)s) where id = %(id)s",
        {"id": message.chat_id, "at": message.created},
    )
    await see(conn, message.chat_id, message.author_id, message.created)
    return True


async def see(conn: Conn, chat_id: UUID, actor_id: UUID, at: datetime) -> None:
    """This person has read everything up to now."""
    query = """update chat_people set seen_at = greatest(seen_at, %(at)s)
               where chat_id = %(chat)s and actor_id = %(actor)s"""
    await db.run(conn, query, {"chat": chat_id, "actor": actor_id, "at": at})


async def find(conn: Conn, uri: str) -> Message | None:
    """A letter by its uri."""
    query = "select * from chat_messages where uri = %(uri)s"
    return await db.maybe(conn, Message, query, {"uri": uri})


async def get(conn: Conn, id: UUID) -> Message:
    """A letter; Missing when there is none."""
    query = "select * from chat_messages where id = %(id)s"
    return await db.one(conn, Message, query, {"id": id})


async def last_by_others(conn: Conn, chat_id: UUID, actor_id: UUID) -> str:
    """The uri of the newest letter that somebody else wrote, to answer it; '' for none."""
    query = """select uri from chat_messages where chat_id = %(chat)s and author_id <> %(actor)s
                 and deleted_at is null order by id desc limit 1"""
    return await db.value(conn, query, {"chat": chat_id, "actor": actor_id}) or ""


async def edit(conn: Conn, id: UUID, html: str, source: str, updated: datetime) -> bool:
    """New words by its author. False, and nothing changes, for an older version and for one that
    was taken back."""
    done = await db.run(
        conn,
        """update chat_messages set html = %(html)s, source = %(source)s, updated = %(updated)s
           where id = %(id)s and deleted_at is null and updated < %(updated)s""",
        {"id": id, "html": html, "source": source, "updated": updated},
    )
    return done > 0


async def delete(conn: Conn, id: UUID) -> bool:
    """Its words go; False when they had gone."""
    query = """update chat_messages set deleted_at = now(), html = '', source = ''
               where id = %(id)s and deleted_at is null"""
    await attach(conn, id, [])
    return await db.run(conn, query, {"id": id}) > 0


async def list_pictures(conn: Conn, id: UUID) -> list[Picture]:
    """Of one letter, in their order."""
    return await db.many(
        conn,
        Picture,
        """select m.id, m.mime, m.width, m.height, m.alt, m.remote_url
           from attachments t join media m on m.id = t.media_id
           where t.letter_id = %(id)s order by t.position""",
        {"id": id},
    )


async def attach(conn: Conn, id: UUID, media_ids: Sequence[UUID]) -> None:
    """These pictures, in this order; the bytes of others that the letter had go."""
    had = [picture.id for picture in await list_pictures(conn, id)]
    await db.run(conn, "delete from attachments where letter_id = %(id)s", {"id": id})
    await db.run(
        conn,
        """insert into attachments (media_id, letter_id, position)
           select new.id, %(letter)s, n
           from unnest(%(media)s::uuid[]) with ordinality as new (id, n)""",
        {"letter": id, "media": list(media_ids)},
    )
    for gone in set(had) - set(media_ids):
        await media.delete(conn, gone)


async def list_cards(conn: Conn, actor_id: UUID, limit: int = 100) -> list[ChatCard]:
    """One's chats, the newest first."""
    return await db.many(
        conn,
        ChatCard,
        """select c.id, c.last_at, c.last_at > mine.seen_at as is_new,
             coalesce((select string_agg(coalesce(nullif(a.title, ''), a.name)
                 || case when a.host = '' then '' else ' (' || a.host || ')' end, ', '
                 order by a.name)
               from chat_people p join actors a on a.id = p.actor_id
               where p.chat_id = c.id and p.actor_id <> %(id)s), '') as people
           from chat_people mine join chats c on c.id = mine.chat_id
           where mine.actor_id = %(id)s order by c.last_at desc limit %(limit)s""",
        {"id": actor_id, "limit": limit},
    )


async def list_messages(
    conn: Conn, chat_id: UUID, viewer_id: UUID, limit: int = 200
) -> list[MessageView]:
    """The newest letters, the oldest of them first; none of people the viewer has blocked."""
    found = await db.many(
        conn,
        MessageView,
        """select m.id, m.author_id, a.name as author_name, a.title as author_title,
             a.host as author_host, a.avatar_id, m.html, m.language, m.deleted_at, m.created,
             m.updated, coalesce((select jsonb_agg(jsonb_build_array(p.id, p.alt)
                 order by t.position) from attachments t join media p on p.id = t.media_id
               where t.letter_id = m.id), '[]') as pictures
           from chat_messages m join actors a on a.id = m.author_id
           where m.chat_id = %(chat)s and not exists (select 1 from blocks
             where blocker_id = %(viewer)s and blocked_id = m.author_id)
           order by m.id desc limit %(limit)s""",
        {"chat": chat_id, "viewer": viewer_id, "limit": limit},
    )
    return found[::-1]


async def has_reader_at(conn: Conn, chat_id: UUID, peer: str) -> bool:
    """Whether anybody of that server takes part."""
    query = """select exists (select 1 from chat_people p join actors a on a.id = p.actor_id
                 where p.chat_id = %(chat)s and a.peer = %(peer)s)"""
    return bool(await db.value(conn, query, {"chat": chat_id, "peer": peer}))
