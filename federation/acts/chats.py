"""Private letters: written to a few people, read by them and nobody else."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from federation import html, outbox
from federation.acts import enclosed, writing
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Audience, Received
from federation.wire import chats as wire
from federation.wire.notes import RemotePicture
from schema import actors, blocks, chats, ids, notices, publishing
from schema.actors import Actor
from schema.chats import Message
from schema.errors import Conflict, Forbidden, Invalid
from schema.words import N_

MOST_PEOPLE = 12
LONGEST = 10_000  # characters


async def write(
    tx: Tx,
    *,
    by: Actor,
    to: Sequence[Actor],
    source: str,
    id: UUID | None = None,
    pictures: Sequence[UUID] = (),
) -> Message:
    """To these people; `id` is minted by the form. Invalid without words and pictures, Forbidden
    where nobody of them wants to hear it."""
    await writing.check_writer(tx, by, None, None)
    known = await chats.find(tx.conn, tx.addresses.message(id)) if id else None
    if known is not None:
        if known.author_id != by.id:
            raise Conflict(N_("That exists already."))
        return known
    _check(source, pictures)
    others = await _willing(tx, by, [person for person in to if person.id != by.id])
    now, id = tx.instance.clock(), id or ids.new()
    chat = await chats.with_people(tx.conn, [by.id, *(a.id for a in to)], now)
    answered = await chats.last_by_others(tx.conn, chat, by.id)
    message = _message(id, tx.addresses.message(id), chat, by, html.to_html(source), now, source)
    await chats.insert(tx.conn, message)
    await chats.attach(tx.conn, id, pictures)
    await _tell(tx, by, others)
    await _send(tx, by, "Create", message, others, answered)
    return message


def _check(source: str, pictures: Sequence[UUID]) -> None:
    if not (source.strip() or pictures):
        raise Invalid({"source": N_("Please write something.")})
    if len(source) > LONGEST:
        raise Invalid({"source": N_("That is too long.")})


async def edit(
    tx: Tx, *, by: Actor, message: Message, source: str, pictures: Sequence[UUID] | None = None
) -> Message:
    """New words by one of ours, told to those who got it. `pictures` None: they stay."""
    if message.author_id != by.id or message.deleted_at:
        raise Forbidden(N_("Only who wrote this can change it."))
    await writing.check_writer(tx, by, None, None)
    had = [picture.id for picture in await chats.list_pictures(tx.conn, message.id)]
    _check(source, had if pictures is None else pictures)
    people = await chats.list_people(tx.conn, message.chat_id)
    others = await _willing(tx, by, [person for person in people if person.id != by.id])
    now = max(tx.instance.clock(), message.updated + timedelta(milliseconds=1))
    await chats.edit(tx.conn, message.id, html.to_html(source), source, now)
    await chats.attach(tx.conn, message.id, had if pictures is None else pictures)
    changed = await chats.get(tx.conn, message.id)
    await _send(tx, by, "Update", changed, others, "")
    return changed


async def take(
    tx: Tx,
    *,
    by: Actor,
    to: Sequence[Actor],
    uri: str,
    words: str,
    created: datetime,
    pictures: Sequence[RemotePicture] = (),
    received: Received | None = None,
) -> None:
    """One that came from another server; `words` is clean HTML. Forbidden where nobody here wants
    to hear its author, Conflict when it was taken back before it came."""
    await writing.check_writer(tx, by, None, received)
    if not writing.is_proved(by, received):
        raise Forbidden(N_("A private letter is brought by its author."))
    if await publishing.was_deleted(tx.conn, uri, by.id):
        raise Conflict(N_("It was deleted before it arrived."))
    others = await _willing(tx, by, [person for person in to if person.is_local])
    now = tx.instance.clock()
    chat = await chats.with_people(tx.conn, [by.id, *(a.id for a in to)], now)
    message = _message(ids.new(), uri, chat, by, words, min(created, now))
    if await chats.insert(tx.conn, message):
        await chats.attach(tx.conn, message.id, await enclosed.remote(tx, pictures, {}))
        await _tell(tx, by, others)
    await outbox.done(tx, received)


async def change(
    tx: Tx,
    *,
    by: Actor,
    message: Message,
    words: str,
    updated: datetime,
    pictures: Sequence[RemotePicture] = (),
    received: Received | None = None,
) -> None:
    """New words and pictures by its author at another server; an older version changes nothing."""
    if message.author_id != by.id or not writing.is_proved(by, received):
        raise Forbidden(N_("Only who wrote this can change it."))
    if await chats.edit(tx.conn, message.id, words, "", min(updated, tx.instance.clock())):
        had = await chats.list_pictures(tx.conn, message.id)
        have = {picture.remote_url: picture.id for picture in had}
        await chats.attach(tx.conn, message.id, await enclosed.remote(tx, pictures, have))
    await outbox.done(tx, received)


async def delete(
    tx: Tx, *, by: Actor, message: Message, received: Received | None = None
) -> Message:
    """Taken back by its author, here and at those who got it."""
    if message.author_id != by.id or not writing.is_proved(by, received):
        raise Forbidden(N_("Only who wrote this can delete it."))
    gone = await chats.delete(tx.conn, message.id)
    await outbox.done(tx, received)
    if gone and received is None:
        others = [a for a in await chats.list_people(tx.conn, message.chat_id) if a.id != by.id]
        buried: Document = {"id": message.uri, "type": "Tombstone", "formerType": "Note"}
        await outbox.record(tx, by, {"type": "Delete", "object": buried}, _audience(others))
    return message


async def document(tx: Tx, message: Message) -> Document:
    """As its address shows it to the servers of those who got it."""
    author = await actors.get(tx.conn, message.author_id)
    people = await chats.list_people(tx.conn, message.chat_id)
    others = [person for person in people if person.id != author.id]
    letter = await _letter(tx, message, "")
    return wire.build(letter, author, others, tx.addresses.origin)


async def _willing(tx: Tx, by: Actor, others: Sequence[Actor]) -> list[Actor]:
    """Those who have not blocked the author."""
    if not others:
        raise Invalid({"to": N_("Please say to whom.")})
    if len(others) >= MOST_PEOPLE:
        raise Forbidden(N_("That is too many people for a private letter."))
    wanted = [
        person
        for person in others
        if person.kind in ("person", "other")
        and not person.deleted_at
        and not await blocks.has(tx.conn, person.id, by.id)
    ]
    if not wanted:
        raise Forbidden(N_("This person does not want that."))
    return wanted


def _message(
    id: UUID, uri: str, chat: UUID, by: Actor, words: str, created: datetime, source: str = ""
) -> Message:
    return Message(
        id=id,
        uri=uri,
        chat_id=chat,
        author_id=by.id,
        source=source,
        html=words,
        language="",
        deleted_at=None,
        created=created,
        updated=created,
    )


async def _tell(tx: Tx, by: Actor, others: Sequence[Actor]) -> None:
    """Only that there is one: its words stand in the chat and nowhere else."""
    for person in others:
        await notices.tell(tx.conn, person.id, "message", by=by.id)


async def _send(
    tx: Tx, by: Actor, kind: str, message: Message, others: Sequence[Actor], answered: str
) -> None:
    if all(person.is_local for person in others):
        return
    letter = await _letter(tx, message, answered)
    whole = wire.build(letter, by, others, tx.addresses.origin)
    body: Document = {
        "type": kind,
        "object": {key: value for key, value in whole.items() if key != "@context"},
    }
    await outbox.record(tx, by, body, _audience(others))


async def _letter(tx: Tx, message: Message, answered: str) -> wire.Letter:
    return wire.Letter(
        uri=message.uri,
        html=message.html,
        language=message.language,
        in_reply_to=answered,
        created=message.created,
        updated=message.updated,
        pictures=await chats.list_pictures(tx.conn, message.id),
    )


def _audience(others: Sequence[Actor]) -> Audience:
    foreign = [person for person in others if not person.is_local]
    return Audience(to=tuple(a.uri for a in others), actors=tuple(a.id for a in foreign))
