"""People: what one says of oneself, whom one follows, whom one does not want to hear."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from federation import html, outbox
from federation.acts.names import check_title
from federation.acts.writing import check_writer
from federation.addresses import Addresses
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Audience, Received
from federation.wire import actors as wire
from federation.wire.contexts import PUBLIC
from schema import activities, actors, blocks, farewells, follows, ids, media, places
from schema.actors import Actor
from schema.errors import Conflict, Forbidden, Invalid
from schema.places import Place
from schema.words import N_

LONGEST_ABOUT = 10_000
LONGEST_LINE = 1_000
MOST_LANGUAGES = 12


async def everybody_who_knows(tx: Tx, person: Actor) -> Audience:
    """Followers, neighbour cities, and where else the person belongs."""
    return Audience(
        to=(PUBLIC,),
        cc=(person.followers_uri,) if person.followers_uri else (),
        actors=tuple(await farewells.list_foreign_communities(tx.conn, person.id)),
        followers_of=(person.id, tx.instance.city_id),
    )


async def update(
    tx: Tx,
    *,
    by: Actor,
    title: str,
    about: str,
    can: str,
    wants: str,
    languages: Sequence[str],
) -> Actor:
    """What a person says of themselves; `about` is Markdown. Sends Update to who knows them."""
    _check_lengths(about, can, wants)
    changed = replace(
        by,
        title=check_title(title),
        about=html.tidy(about),
        about_html=html.to_html(about),
        can=html.tidy(can),
        wants=html.tidy(wants),
        languages=list(languages)[:MOST_LANGUAGES],
    )
    return await _store(tx, changed)


async def say(tx: Tx, *, by: Actor, can: str | None = None, wants: str | None = None) -> Actor:
    """What the person can give or needs; None: as it was."""
    _check_lengths("", can or "", wants or "")
    changed = replace(
        by,
        can=by.can if can is None else html.tidy(can),
        wants=by.wants if wants is None else html.tidy(wants),
    )
    return await _store(tx, changed)


def _check_lengths(about: str, can: str, wants: str) -> None:
    too_long = {
        field: N_("That is too long.")
        for field, text, limit in (
            ("about", about, LONGEST_ABOUT),
            ("can", can, LONGEST_LINE),
            ("wants", wants, LONGEST_LINE),
        )
        if len(text) > limit
    }
    if too_long:
        raise Invalid(too_long)


async def move(tx: Tx, *, by: Actor, place: Place | None) -> Actor:
    """Where the person lives, as roughly as others may know (places.rough). None: nowhere."""
    if place is None:
        return await _store(tx, replace(by, place_name="", latitude=None, longitude=None))
    latitude, longitude = places.rough(place.latitude, place.longitude)
    return await _store(
        tx, replace(by, place_name=place.name, latitude=latitude, longitude=longitude)
    )


async def be_found(tx: Tx, *, by: Actor, discoverable: bool, indexable: bool) -> Actor:
    """Whether other servers may suggest the person, and find by words what is theirs (FEP-5feb)."""
    return await _store(tx, replace(by, discoverable=discoverable, indexable=indexable))


async def show_picture(tx: Tx, *, by: Actor, media_id: UUID | None) -> Actor:
    """A new picture of oneself in place of the old one, or none."""
    changed = await _store(tx, replace(by, avatar_id=media_id))
    if by.avatar_id and by.avatar_id != media_id:
        await media.delete(tx.conn, by.avatar_id)
    return changed


async def _store(tx: Tx, changed: Actor) -> Actor:
    if changed.kind != "person" or not changed.is_local:
        raise Forbidden(N_("Only a person of this place can do this."))
    await check_writer(tx, changed, None, None)
    stored = await actors.update(tx.conn, changed)
    body: Document = {"type": "Update", "object": document(tx.addresses, stored)}
    await outbox.record(tx, stored, body, await everybody_who_knows(tx, stored))
    return stored


def document(addresses: Addresses, person: Actor) -> Document:
    """As it stands inside an activity: without a context of its own."""
    whole = wire.build(person, addresses)
    return {key: value for key, value in whole.items() if key != "@context"}


async def block(tx: Tx, *, by: Actor, whom: Actor) -> None:
    """They cannot reach `by` any more: no notices, no follows. They are not told."""
    if whom.id == by.id:
        raise Forbidden(N_("You cannot do this to yourself."))
    if whom.kind != "person":
        raise Forbidden(N_("Only people can be blocked."))
    await blocks.put(tx.conn, by.id, whom.id)
    theirs = await follows.find(tx.conn, whom.id, by.id)
    if theirs:
        if not whom.is_local and theirs.uri:
            await outbox.send(tx, by, {"type": "Reject", "object": theirs.uri}, [whom])
        await follows.delete(tx.conn, whom.id, by.id)
    if await follows.find(tx.conn, by.id, whom.id):
        await unfollow(tx, by=by, whom=whom)


async def mute(tx: Tx, *, by: Actor, whom: Actor) -> None:
    """`by` does not see what they say and is told nothing of them; that is all."""
    if whom.id == by.id:
        raise Forbidden(N_("You cannot do this to yourself."))
    await blocks.put(tx.conn, by.id, whom.id, "mute")


async def blocked(tx: Tx, *, by: Actor, whom: Actor, received: Received | None = None) -> None:
    """Somebody elsewhere wants to hear nothing of one of ours: neither follows the other, and
    what ours would send them is refused here already."""
    await blocks.put(tx.conn, by.id, whom.id)
    await follows.delete(tx.conn, by.id, whom.id)
    await follows.delete(tx.conn, whom.id, by.id)
    await outbox.done(tx, received)


async def unblocked(tx: Tx, *, by: Actor, whom: Actor, received: Received | None = None) -> None:
    """They take that back; nobody follows again by itself."""
    await blocks.delete(tx.conn, by.id, whom.id)
    await outbox.done(tx, received)


async def unblock(tx: Tx, *, by: Actor, whom: Actor) -> None:
    """As if nothing had been."""
    await blocks.delete(tx.conn, by.id, whom.id)


async def follow(
    tx: Tx, *, by: Actor, whom: Actor, uri: str = "", received: Received | None = None
) -> None:
    """`by` wants to hear what `whom` says; one of ours is told yes at once.

    `uri`: the id of a Follow that came from another server. Forbidden for who is blocked.
    """
    if whom.id == by.id or whom.kind != "person" or whom.deleted_at:
        raise Forbidden(N_("Only other people can be followed."))
    if await blocks.has(tx.conn, whom.id, by.id):
        raise Forbidden(N_("This person does not want that."))
    if by.is_local and not whom.is_local:
        await actors.lock(tx.conn, whom.id)
        sent = await outbox.send(tx, by, {"type": "Follow", "object": whom.uri}, [whom])
        await follows.put(tx.conn, by.id, whom.id, "asked", sent)
        return
    if not whom.is_local:
        raise Forbidden(N_("Only a person of this place can do this."))
    await follows.put(tx.conn, by.id, whom.id, "accepted", uri)
    await outbox.done(tx, received)
    if not by.is_local:
        answer: Document = {
            "type": "Accept",
            "object": {"id": uri, "type": "Follow", "actor": by.uri, "object": whom.uri},
        }
        await outbox.send(tx, whom, answer, [by])


async def unfollow(tx: Tx, *, by: Actor, whom: Actor, received: Received | None = None) -> None:
    """No more of that; nothing happens where it was not so."""
    known = await follows.find(tx.conn, by.id, whom.id)
    await outbox.done(tx, received)
    if known is None:
        return
    if by.is_local and not whom.is_local:
        undone: Document = {
            "type": "Follow",
            "id": known.uri,
            "actor": by.uri,
            "object": whom.uri,
        }
        await outbox.send(tx, by, {"type": "Undo", "object": undone}, [whom])
    await follows.delete(tx.conn, by.id, whom.id)


async def disown_follow(tx: Tx, person: Actor, whom: Actor) -> None:
    """Their server thinks that this person follows, and here nobody knows of it: taken back."""
    follow: Document = {
        "type": "Follow",
        "id": tx.addresses.activity(ids.new()),
        "actor": person.uri,
        "object": whom.uri,
    }
    await outbox.send(tx, person, {"type": "Undo", "object": follow}, [whom])


async def answered(
    tx: Tx,
    *,
    by: Actor,
    follower: Actor,
    accepted: bool,
    answered: str = "",
    received: Received | None,
) -> None:
    """A foreign person says yes or no to being followed by one of ours. `answered` is the Follow
    they speak of: a yes to one that was taken back says nothing of the next."""
    known = await follows.find(tx.conn, follower.id, by.id)
    if known is None:
        raise Conflict(N_("We have not asked."))
    if not accepted:
        await follows.delete(tx.conn, follower.id, by.id)
    elif not await activities.is_another(tx.conn, answered, known.uri):
        await follows.put(tx.conn, follower.id, by.id, "accepted", known.uri)
    await outbox.done(tx, received)


async def left(tx: Tx, *, person: Actor, received: Received | None) -> None:
    """A person of another server is gone for good, and with them what they wrote."""
    if person.is_local:
        raise Forbidden(N_("Only their own server can say this."))
    await farewells.forget(tx.conn, person.id)
    await actors.delete(tx.conn, person.id)
    await outbox.done(tx, received)


async def changed(tx: Tx, *, received: Received | None) -> None:
    """What a foreign person's server says of them was read again; nobody else is told."""
    await outbox.done(tx, received)
