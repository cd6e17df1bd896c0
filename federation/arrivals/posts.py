"""What people of other servers say, change, take back; and what their moderators do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from federation import origins
from federation.acts import posts as acts
from federation.acts import threads
from federation.acts.publishing import Known
from federation.acts.writing import Foreign, community_of, is_vouched
from federation.arrivals import above, belonging
from federation.arrivals.belonging import Placed
from federation.documents import id_of, is_a, one, text
from federation.errors import Unreachable
from federation.instance import Instance, Tx
from federation.messages import Handler, Message
from federation.outbox import Received, done
from federation.wire import notes
from federation.wire import posts as wire
from federation.wire.posts import PostDocument
from schema import actors, follows, ids, posting, posts, proposals
from schema.actors import Actor
from schema.errors import Conflict, Forbidden
from schema.posts import Post
from schema.proposals import Proposal


async def on_create(instance: Instance, message: Message) -> bool:
    """Create, an Announce of the object alone, and an Update of what we do not know yet."""
    if message.object is None or not wire.is_post(message.object):
        return False
    note = wire.read(message.object)
    await above.bring(instance, note, message.received)
    try:
        return await _store(instance, message, note)
    except Known:  # it came by another way at the same moment
        return await _store(instance, message, note)


async def _store(instance: Instance, message: Message, note: PostDocument) -> bool:
    async with instance.begin() as tx:
        around = await posting.look(tx.conn, note.id, note.in_reply_to)
        if note.in_reply_to and not (around.parent or around.listing):
            await posting.lock(tx.conn, note.id, note.in_reply_to)
            around = await posting.look(tx.conn, note.id, note.in_reply_to)
        post = around.post
        if post is not None and post.author_id != message.actor.id:
            await _make_way(tx, post, message.received)
            post = None
        placed = await belonging.place(tx, note, message.received)
        if post is not None:
            await _renew(tx, message, post, placed)
            return True
        return await _take(tx, message.actor, placed, around, message.received)


async def on_update(instance: Instance, message: Message) -> bool:
    """New words by their author; older ones than ours change nothing."""
    return await on_create(instance, message)


async def _make_way(tx: Tx, post: Post, received: Received) -> None:
    """Of another author under the same address only a tombstone is taken away, and that not for
    the group which said that it was deleted."""
    is_tombstone = post.deleted_at == post.created
    if not is_tombstone or (received.through and post.community_id == received.through.id):
        raise Forbidden("This belongs to somebody else.")
    await posting.forget(tx.conn, post.id)


async def _renew(tx: Tx, message: Message, post: Post, placed: Placed) -> None:
    """We have it already, in these or in older words, which are then changed."""
    note, received, foreign = placed.note, message.received, placed.foreign
    if post.community_id is None and post.is_first and received.through == placed.community:
        if placed.community and not placed.community.is_local:
            post = await posting.claim(tx.conn, post, placed.community.id)
    if note.updated is None and message.type == "Update":
        foreign = replace(foreign, updated=tx.instance.clock())
    if post.is_gone or foreign.updated <= post.updated:
        await done(tx, received)
        return
    followers = message.actor.followers_uri in note.addressed
    if foreign.scope == "community" and foreign.private and not followers:
        await acts.delete(tx, by=message.actor, post=post, received=received)
        return  # it is meant for nobody here any more
    await acts.edit(
        tx,
        by=message.actor,
        post=post,
        title=note.title or notes.plain(note.html, 80),
        source=note.source,
        language=note.language,
        foreign=foreign,
        received=received,
    )


async def _take(
    tx: Tx, by: Actor, placed: Placed, around: posting.Around, received: Received
) -> bool:
    note, home = placed.note, placed.community
    parent, listing = around.parent, around.listing
    higher = parent or listing
    if received.through is not None:
        home = await community_of(tx.conn, higher.community_id) if higher else home
        if home and home.is_local:
            return False  # its author brings it to us as well, and that is what we pass on
    said = _Said(tx, by, note, placed.foreign, received)
    if parent is not None:
        await said.as_reply(parent)
    elif listing is not None:
        await said.as_answer(listing)
    elif home is not None and not note.in_reply_to:
        await said.as_thread(home)
    else:
        return await said.alone(home)
    return True


@dataclass(frozen=True, slots=True)
class _Said:
    """One foreign post on its way into an act."""

    tx: Tx
    by: Actor
    note: PostDocument
    foreign: Foreign
    received: Received

    async def as_thread(self, community: Actor) -> Post:
        return await acts.start(
            self.tx,
            by=self.by,
            community=community,
            title=self.note.title or notes.plain(self.note.html, 80) or "…",
            source=self.note.source,
            language=self.note.language,
            foreign=self.foreign,
            received=self.received,
        )

    async def as_reply(self, parent: Post) -> Post:
        return await acts.reply(
            self.tx,
            by=self.by,
            parent=parent,
            source=self.note.source,
            language=self.note.language,
            foreign=self.foreign,
            received=self.received,
        )

    async def as_answer(self, listing: Proposal) -> Post:
        return await acts.answer(
            self.tx,
            by=self.by,
            proposal=listing,
            source=self.note.source,
            language=self.note.language,
            foreign=self.foreign,
            received=self.received,
        )

    async def alone(self, community: Actor | None) -> bool:
        """What mentions one of us, is followed or asked for, or waits for what it answers; False
        when it is not for us."""
        if community and (community.is_local or not is_vouched(self.by, community, self.received)):
            # All that is said in a community of ours is known here, but for what the author's own
            # server has still to bring: letters about different things may overtake each other.
            if community.is_local and origins.same_origin(self.note.in_reply_to, self.by.uri):
                ends = self.note.id, self.note.in_reply_to
                if await posting.was_deleted(self.tx.conn, ends, self.by.peer):
                    raise Conflict("It was deleted before it arrived.")
                raise Unreachable("what this answers has not come yet")
            raise Conflict("What this answers is not known here.")
        if community is None:
            if not await self._is_for_us():
                return False
            if not self.note.public and not await self._is_for_followers():
                raise Forbidden("Private letters are not taken here.")
        await acts.keep(
            self.tx,
            by=self.by,
            community=community,
            title=self.note.title,
            source=self.note.source,
            language=self.note.language,
            foreign=self.foreign,
            received=self.received,
        )
        return True

    async def _is_for_followers(self) -> bool:
        """Whether it is for all who follow the author, and one does here; it answers nobody."""
        if self.by.followers_uri not in self.note.addressed or self.note.in_reply_to:
            return False
        return await follows.has_local(self.tx.conn, self.by.id)

    async def _is_for_us(self) -> bool:
        """Whether somebody here is mentioned, follows its author, or has asked for it."""
        if self.received.wanted or any(actor.is_local for actor in self.foreign.mentioned):
            return True
        return await follows.has_local(self.tx.conn, self.by.id)


async def on_delete(instance: Instance, message: Message) -> bool:
    """By the author, or by a moderator through the group; one that comes early is remembered."""
    by, received = message.actor, message.received
    async with instance.begin() as tx:
        post = await posts.find(tx.conn, message.object_uri)
        if post is None:
            return await _bury(tx, by, message)
        if post.author_id == by.id:
            await acts.delete(tx, by=by, post=post, received=received)
        else:
            reason = text(message.activity, "summary") or text(message.activity, "content") or ""
            reason = notes.plain(reason, 500)
            await threads.remove(tx, by=by, post=post, reason=reason, received=received)
        return True


async def _bury(tx: Tx, by: Actor, message: Message) -> bool:
    """A group says that something of it is deleted which we never saw: its later copy is dropped.

    A Delete by its author needs nothing: the stored activity itself is looked up.
    """
    through = message.received.through
    uri = message.object_uri
    if through is None or through.kind != "group" or not uri or tx.addresses.is_ours(uri):
        return False
    if uri == by.uri or await proposals.find(tx.conn, uri) or await actors.find(tx.conn, uri):
        return False
    now = tx.instance.clock()
    await posting.insert(
        tx.conn,
        replace(
            _EMPTY,
            id=ids.new(),
            uri=uri,
            author_id=by.id,
            community_id=through.id,
            deleted_at=now,
            last_reply=now,
            created=now,
            updated=now,
        ),
    )
    await done(tx, message.received)
    return True


async def on_undo(instance: Instance, message: Message) -> bool:
    """Undo of a moderator's Lock or Delete (Lemmy)."""
    inner = message.object
    uri = id_of(one(inner.get("object"))) if inner else None
    if not is_a(inner, "Lock", "Delete") or not uri:
        return False
    async with instance.begin() as tx:
        post = await posts.find(tx.conn, uri)
        if post is None:
            return False
        if is_a(inner, "Lock"):
            await threads.unlock(tx, by=message.actor, post=post, received=message.received)
        elif post.removed_at is None:
            await done(tx, message.received)
        else:
            await threads.restore(tx, by=message.actor, post=post, received=message.received)
        return True


async def on_lock(instance: Instance, message: Message) -> bool:
    """No more replies in a thread."""
    async with instance.begin() as tx:
        post = await posts.find(tx.conn, message.object_uri)
        if post is None:
            return False
        await threads.lock(tx, by=message.actor, post=post, received=message.received)
        return True


async def on_add(instance: Instance, message: Message) -> bool:
    """To the community's `featured` collection, and to no other."""
    return await _feature(instance, message, True)


async def on_remove(instance: Instance, message: Message) -> bool:
    """From the community's `featured` collection."""
    return await _feature(instance, message, False)


async def _feature(instance: Instance, message: Message, on: bool) -> bool:
    target = id_of(one(message.activity.get("target"))) or ""
    async with instance.begin() as tx:
        post = await posts.find(tx.conn, message.object_uri)
        if post is None or post.community_id is None:
            return False
        community = await actors.get(tx.conn, post.community_id)
        if not _is_featured_of(target, community):
            return False
        act = threads.pin if on else threads.unpin
        await act(tx, by=message.actor, post=post, received=message.received)
        return True


def _is_featured_of(target: str, community: Actor) -> bool:
    """Whether it is the pinned posts of this group. Lemmy and PieFed put them below its id."""
    if community.is_local:
        return target == f"{community.uri}/featured"
    wanted = target.startswith(community.uri.rstrip("/") + "/")
    return wanted and target not in (community.moderators_uri, community.members_uri)


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_EMPTY = Post(
    id=ids.new(0),
    uri="",
    author_id=ids.new(0),
    community_id=None,
    proposal_id=None,
    root_id=None,
    parent_id=None,
    in_reply_to="",
    scope="community",
    title="",
    source="",
    html="",
    language="",
    tags=[],
    page_url="",
    context="",
    replies=0,
    last_reply=_EPOCH,
    pinned_at=None,
    locked_at=None,
    removed_at=None,
    removed_by=None,
    removed_reason="",
    deleted_at=None,
    created=_EPOCH,
    updated=_EPOCH,
)

HANDLERS: Mapping[str, Handler] = {
    "Create": on_create,
    "Update": on_update,
    "Delete": on_delete,
    "Add": on_add,
    "Remove": on_remove,
    "Lock": on_lock,
    "Undo": on_undo,
}
