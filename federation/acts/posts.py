"""What people do with words: start a thread, reply, answer a listing, change and take back."""

from dataclasses import replace
from uuid import UUID

from federation import outbox
from federation.acts import publishing, writing
from federation.acts.audiences import addressed
from federation.acts.writing import NOT_HERE, Foreign
from federation.addresses import Addresses
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import posts as wire
from schema import actors, occasions, posting, posts, proposals
from schema import threads as stored_threads
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.occasions import Occasion
from schema.posts import Post
from schema.proposals import Proposal
from schema.words import N_

LONGEST_TITLE = 200
LONGEST_TEXT = 20_000  # characters of Markdown
GONE = N_("What you answer has been taken away meanwhile.")


async def start(
    tx: Tx,
    *,
    by: Actor,
    community: Actor,
    title: str,
    source: str,
    language: str = "de",
    pictures: tuple[UUID, ...] = (),
    id: UUID | None = None,
    foreign: Foreign | None = None,
    received: Received | None = None,
    occasion: Occasion | None = None,
) -> Post:
    """A new thread, about a date where `occasion` says one. `source` Markdown; `pictures` ids of
    media stored before; `id` is minted by the form, so that a double press gives one post."""
    done = await publishing.known(tx, by, id)
    if done is not None:
        return done
    standing = await writing.check_writer(tx, by, community, received)
    if foreign is None:
        _check_text(title, source, needs_title=True)
    hidden = standing.join_rule == "hidden" or bool(foreign and foreign.scope == "community")
    words = await writing.words_of(tx, source, foreign)
    post = publishing.new(
        tx,
        by,
        words,
        foreign,
        id=id,
        title=title,
        source=source,
        language=language,
        community_id=community.id,
        scope="community" if hidden else foreign.scope if foreign else "everyone",
    )
    return await publishing.publish(
        tx, by, post, words, community, None, pictures, foreign, received, occasion
    )


async def reply(
    tx: Tx,
    *,
    by: Actor,
    parent: Post,
    source: str,
    language: str = "de",
    pictures: tuple[UUID, ...] = (),
    id: UUID | None = None,
    foreign: Foreign | None = None,
    received: Received | None = None,
) -> Post:
    """A reply to another post, in the same thread."""
    done = await publishing.known(tx, by, id)
    if done is not None:
        return done
    community = await writing.community_of(tx.conn, parent.community_id)
    root = await posts.get(tx.conn, parent.root_id) if parent.root_id else parent
    if parent.proposal_id:
        listing = await proposals.get(tx.conn, parent.proposal_id)
        await writing.check_listing(tx, by, listing, community, received)
    else:
        standing = await writing.check_writer(tx, by, community, received)
        if root.locked_at and not (standing.moderates or standing.keeps_order):
            raise Forbidden(N_("This thread is closed for new replies."))
    if by.is_local and not await posts.may_read(tx.conn, parent.id, by.id):
        raise Missing(NOT_HERE)
    if parent.is_gone:
        raise Conflict(GONE)
    if foreign is None:
        _check_text("", source)
    scope, private = writing.narrowed(parent.scope, foreign)
    words = await writing.words_of(tx, source, foreign)
    post = publishing.new(
        tx,
        by,
        words,
        foreign,
        id=id,
        source=source,
        language=language,
        community_id=None if private else parent.community_id,
        proposal_id=parent.proposal_id,
        root_id=root.id,
        parent_id=parent.id,
        in_reply_to=parent.uri,
        scope=scope,
        context=root.context,
    )
    return await publishing.publish(
        tx, by, post, words, community, parent.author_id, pictures, foreign, received
    )


async def answer(
    tx: Tx,
    *,
    by: Actor,
    proposal: Proposal,
    source: str,
    language: str = "de",
    pictures: tuple[UUID, ...] = (),
    id: UUID | None = None,
    foreign: Foreign | None = None,
    received: Received | None = None,
) -> Post:
    """An answer below a need or offer; it is shown to whom the listing is shown."""
    done = await publishing.known(tx, by, id)
    if done is not None:
        return done
    community = await writing.community_of(tx.conn, proposal.community_id)
    await writing.check_listing(tx, by, proposal, community, received)
    if foreign is None:
        _check_text("", source)
    scope, private = writing.narrowed(proposal.scope, foreign)
    words = await writing.words_of(tx, source, foreign)
    post = publishing.new(
        tx,
        by,
        words,
        foreign,
        id=id,
        source=source,
        language=language,
        community_id=None if private else proposal.community_id,
        proposal_id=proposal.id,
        in_reply_to=proposal.uri,
        scope=scope,
    )
    return await publishing.publish(
        tx, by, post, words, community, proposal.author_id, pictures, foreign, received
    )


async def keep(
    tx: Tx,
    *,
    by: Actor,
    community: Actor | None,
    title: str,
    source: str,
    language: str,
    foreign: Foreign,
    received: Received | None,
) -> Post:
    """Stores a foreign post that nobody here is asked about: one that mentions somebody, one of an
    older thread, or a reply that waits for what it answers. Nothing is passed on.
    """
    await writing.check_writer(tx, by, None, received)
    words = await writing.words_of(tx, source, foreign)
    post = publishing.new(
        tx,
        by,
        words,
        foreign,
        id=None,
        title=title,
        source=source,
        language=language,
        community_id=community.id if community else None,
        in_reply_to=foreign.in_reply_to,
        scope=foreign.scope,
    )
    await publishing.store(tx, post, None, (), foreign, received)
    await writing.tell(tx, post, words.mentioned)
    return post


async def edit(
    tx: Tx,
    *,
    by: Actor,
    post: Post,
    title: str,
    source: str,
    language: str,
    pictures: tuple[UUID, ...] | None = None,
    foreign: Foreign | None = None,
    received: Received | None = None,
) -> Post:
    """New words by the author. `pictures` None: they stay. An older version changes nothing."""
    if by.id != post.author_id:
        raise Forbidden(N_("Only who wrote this can change it."))
    if foreign is not None and foreign.updated <= post.updated:
        await outbox.done(tx, received)
        return post
    await writing.check_writer(tx, by, None, received)
    if foreign is None:
        _check_text(title, source, needs_title=post.is_first)
    words = await writing.words_of(tx, source, foreign)
    changed = await posting.edit(
        tx.conn,
        replace(
            post,
            title=title[:300] if post.is_first else "",
            source=source,
            html=words.html,
            language=language,
            tags=words.tags,
            scope=writing.narrower(post.scope, foreign.scope) if foreign else post.scope,
            updated=publishing.later(tx, post, foreign),
        ),
    )
    if changed is None:
        raise Conflict(N_("This has been taken away meanwhile."))
    if foreign is not None:
        have = await posts.list_pictures(tx.conn, post.id)
        await publishing.attach_remote(tx, changed, foreign, have)
        await publishing.keep_facts(tx, changed, foreign)
    elif pictures is not None:
        await posting.attach(tx.conn, post.id, pictures)
    if foreign is None:
        before = (await writing.mentioned_in(tx.conn, tx.addresses, post.source)).values()
        known = {actor.id for actor in before}
        new = [actor for actor in words.mentioned if actor.id not in known]
        await writing.tell(tx, changed, new)
    community = await writing.community_of(tx.conn, post.community_id)
    answered = await writing.answered_by(tx.conn, post) if received is None else None
    await publishing.record(tx, by, "Update", changed, words, community, answered, received)
    return changed


async def delete(tx: Tx, *, by: Actor, post: Post, received: Received | None = None) -> Post:
    """Taken back by the author: a Tombstone stays, so that a late copy does not bring it back."""
    if by.id != post.author_id:
        raise Forbidden(N_("Only who wrote this can delete it."))
    community = await writing.community_of(tx.conn, post.community_id)
    if not writing.is_proved(by, received):
        through = received.through if received else None
        if community is None or through is None or through.id != community.id:
            raise Forbidden(N_("Only who wrote this can delete it."))
    words = await writing.words_of(tx, post.source, None)
    deleted = await posting.delete(tx.conn, post)
    if deleted is None:
        await outbox.done(tx, received)
        return post
    answered = await writing.answered_by(tx.conn, post)
    mentioned = words.mentioned if by.is_local else ()
    audience = await writing.hearers(tx, by, deleted, community, answered, mentioned)
    body: Document = {"type": "Delete", "object": wire.tombstone(deleted)}
    if community:
        body["audience"] = community.uri
    await outbox.record(tx, by, body, audience, received=received)
    return deleted


async def document(conn: Conn, addresses: Addresses, post: Post) -> Document:
    """A post of ours as its address shows it to other servers."""
    author = await actors.get(conn, post.author_id)
    community = await writing.community_of(conn, post.community_id)
    to, cc = addressed(author, post.scope, community, addresses)
    found = await writing.mentioned_in(conn, addresses, post.source)
    answered = await writing.answered_by(conn, post)
    others = [*([answered] if answered else []), *found.values()]
    named = dict.fromkeys(actor.uri for actor in others if actor.id != author.id)
    if post.scope != "everyone":
        named = dict.fromkeys([answered.uri] if answered and post.scope != "city" else [])
    setting = wire.Setting(
        author=author,
        origin=addresses.origin,
        to=to,
        cc=(*cc, *named),
        community_uri=community.uri if community else None,
        mentioned=tuple(found.values()),
        pictures=await posts.list_pictures(conn, post.id),
        occasion=await occasions.find(conn, post.id) if post.is_first else None,
    )
    return wire.build(post, setting)


async def thread(conn: Conn, addresses: Addresses, root: Post) -> Document:
    """The collection that is a thread's `context` (FEP-7888, FEP-f228): its posts, oldest first."""
    community = await writing.community_of(conn, root.community_id)
    owner = community or await actors.get(conn, root.author_id)
    items = await stored_threads.list_uris(conn, root.id, members=root.scope == "community")
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{addresses.post(root.id)}/thread",
        "type": "OrderedCollection",
        "attributedTo": owner.uri,
        "totalItems": len(items),
        "orderedItems": list(items),
    }


def _check_text(title: str, source: str, *, needs_title: bool = False) -> None:
    errors: dict[str, str] = {}
    if needs_title and not title.strip():
        errors["title"] = N_("Please give it a title.")
    if len(title) > LONGEST_TITLE:
        errors["title"] = N_("That is too long.")
    if not source.strip():
        errors["source"] = N_("Please write something.")
    if len(source) > LONGEST_TEXT:
        errors["source"] = N_("That is too long.")
    if errors:
        raise Invalid(errors)
