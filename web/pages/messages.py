"""Private letters: one's chats, one chat, and writing to somebody."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import chats as acts
from schema import actors, chats, ids, limits
from schema.actors import Actor
from schema.chats import Message
from schema.database import Conn
from schema.errors import Missing
from schema.words import N_
from web import forms, writing
from web.render import Form
from web.requests import instance_of, me, page, see_other

NOT_HERE = N_("There is nothing here, or it is not meant for you.")


class Letter(msgspec.Struct):
    source: Annotated[str, Meta(max_length=acts.LONGEST)] = ""
    to: Annotated[str, Meta(max_length=400)] = ""
    id: UUID | None = None


async def index(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).read() as conn:
        found = await chats.list_cards(conn, by.id)
    return await page(request, "messages.html", found=found)


async def _named(conn: Conn, request: Request, handle: str) -> Actor:
    name, _, host = handle.lstrip("@").partition("@")
    host = "" if host.lower() == instance_of(request).config.host else host
    found = await actors.find_by_handle(conn, name, host)
    if found is None or found.kind not in ("person", "other") or found.deleted_at:
        raise Missing(NOT_HERE)
    return found


async def new(request: Request) -> Response:
    """The form for a letter to one person."""
    me(request)
    async with instance_of(request).read() as conn:
        to = await _named(conn, request, request.query_params.get("to", ""))
    return await page(request, "messages.new.html", to=to, fresh=ids.new())


async def _new_again(request: Request) -> Response:
    """The form once more, with what was wrong."""
    draft = await forms.submitted(request)
    async with instance_of(request).read() as conn:
        to = await _named(conn, request, str(draft.get("to", "")))
    return await page(request, "messages.new.html", to=to, fresh=ids.new())


@forms.again(_new_again)
async def send(request: Request) -> Response:
    """To one person; the chat opens."""
    by = me(request)
    draft, prepared = await forms.parse(request, Letter), await writing.prepare(request)
    async with instance_of(request).begin() as tx:
        await limits.take(tx.conn, f"message:{by.id}", rate_per_minute=10, burst=30)
        to = await _named(tx.conn, request, draft.to)
        shown = await writing.insert(tx, prepared)
        sent = await acts.write(
            tx, by=by, to=[to], source=draft.source, id=draft.id, pictures=shown
        )
    return see_other(request, f"/messages/{sent.chat_id}", N_("Sent."))


async def show(request: Request) -> Response:
    """One chat; opening it marks it as read. Missing for who takes no part in it."""
    by, id = me(request), request.path_params["id"]
    async with instance_of(request).begin() as tx:
        people = await _people(tx.conn, id, by)
        letters = await chats.list_messages(tx.conn, id, by.id)
        await chats.see(tx.conn, id, by.id, tx.instance.clock())
    others = [person for person in people if person.id != by.id]
    return await page(
        request,
        "messages.show.html",
        chat_id=id,
        others=others or people,
        letters=letters,
        fresh=ids.new(),
    )


async def _people(conn: Conn, id: UUID, by: Actor) -> list[Actor]:
    people = await chats.list_people(conn, id)
    if by.id not in (person.id for person in people):
        raise Missing(NOT_HERE)
    return people


@forms.again(show)
async def reply(request: Request) -> Response:
    """To all who take part."""
    by, id = me(request), request.path_params["id"]
    draft, prepared = await forms.parse(request, Letter), await writing.prepare(request)
    async with instance_of(request).begin() as tx:
        await limits.take(tx.conn, f"message:{by.id}", rate_per_minute=10, burst=30)
        people = await _people(tx.conn, id, by)
        shown = await writing.insert(tx, prepared)
        await acts.write(tx, by=by, to=people, source=draft.source, id=draft.id, pictures=shown)
    return see_other(request, f"/messages/{id}", N_("Sent."))


async def edit(request: Request) -> Response:
    """The form with the words as they are."""
    async with instance_of(request).read() as conn:
        letter = await _own(conn, request)
        kept = await chats.list_pictures(conn, letter.id)
    values: dict[str, object] = {
        "source": letter.source,
        "keep": [str(picture.id) for picture in kept],
    }
    names = [(str(p.id), p.alt or str(n)) for n, p in enumerate(kept, 1)]
    return await page(
        request, "messages.edit.html", letter=letter, picture_names=names, form=Form(values)
    )


@forms.again(edit)
async def save(request: Request) -> Response:
    """New words; pictures that are no longer chosen go."""
    by = me(request)
    draft, prepared = await forms.parse(request, Letter), await writing.prepare(request)
    chosen = forms.values_of(await forms.submitted(request)).get("keep", [])
    async with instance_of(request).begin() as tx:
        letter = await _own(tx.conn, request)
        had = await chats.list_pictures(tx.conn, letter.id)
        kept = [picture.id for picture in had if str(picture.id) in chosen]
        shown = (*kept, *await writing.insert(tx, prepared))
        await acts.edit(tx, by=by, message=letter, source=draft.source, pictures=shown)
    return see_other(request, f"/messages/{letter.chat_id}", N_("Changed."))


async def _own(conn: Conn, request: Request) -> Message:
    by, letter = me(request), await chats.get(conn, request.path_params["letter"])
    if (
        letter.author_id != by.id
        or letter.deleted_at
        or letter.chat_id != request.path_params["id"]
    ):
        raise Missing(NOT_HERE)
    return letter


async def delete(request: Request) -> Response:
    """Taken back."""
    by = me(request)
    async with instance_of(request).begin() as tx:
        message = await chats.get(tx.conn, request.path_params["letter"])
        await _people(tx.conn, message.chat_id, by)
        await acts.delete(tx, by=by, message=message)
    return see_other(request, f"/messages/{message.chat_id}", N_("Deleted."))


routes = [
    Route("/messages", index),
    Route("/messages", send, methods=["POST"]),
    Route("/messages/new", new),
    Route("/messages/{id:uuid}", show),
    Route("/messages/{id:uuid}", reply, methods=["POST"]),
    Route("/messages/{id:uuid}/{letter:uuid}/edit", edit),
    Route("/messages/{id:uuid}/{letter:uuid}/edit", save, methods=["POST"]),
    Route("/messages/{id:uuid}/{letter:uuid}/deletion", delete, methods=["POST"]),
]
