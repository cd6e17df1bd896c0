"""Who may write where, what a text becomes, and who hears of it: shared by the acts on posts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from federation import html, origins
from federation.acts.audiences import audience_of
from federation.addresses import Addresses
from federation.instance import Tx
from federation.outbox import Audience, Received
from federation.wire import notes
from federation.wire.notes import RemotePicture
from federation.wire.polls import PollDocument
from schema import actors, follows, limits, notices, peers, posts, proposals, standings
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Forbidden, Missing, TooMany
from schema.occasions import Occasion
from schema.posts import Post
from schema.proposals import Proposal, Scope
from schema.standings import Standing
from schema.words import N_

MOST_MENTIONS = 20
STRANGERS_CALLS = (1 / 3, 20)  # mentions a minute that one domain may have told, and at once
NOT_HERE = N_("There is nothing here, or it is not meant for you.")


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a post of another server brings along: `html` clean, times not in the future.

    `scope` is how widely its author addressed it, `private` that no group is addressed;
    `mentioned` are those who are known here.
    """

    uri: str
    html: str
    scope: Scope
    created: datetime
    updated: datetime
    private: bool = False
    in_reply_to: str = ""
    tags: tuple[str, ...] = ()
    page_url: str = ""
    context: str = ""
    mentioned: tuple[Actor, ...] = ()
    pictures: tuple[RemotePicture, ...] = ()
    poll: PollDocument | None = None
    occasion: Occasion | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A text, ready to be stored."""

    html: str
    tags: list[str]
    mentioned: tuple[Actor, ...]


async def words_of(tx: Tx, source: str, foreign: Foreign | None) -> Words:
    """Of Markdown written here: HTML with links for those mentioned; else as it came."""
    if foreign is not None:
        return Words(foreign.html, list(foreign.tags), foreign.mentioned)
    found = await mentioned_in(tx.conn, tx.addresses, source)
    links = {name: actor.page_url or actor.uri for name, actor in found.items()}
    return Words(html.to_html(source, links), notes.hashtags(source), tuple(found.values()))


async def mentioned_in(conn: Conn, addresses: Addresses, source: str) -> dict[str, Actor]:
    """The people and communities a Markdown text names, as far as they are known here."""
    found: dict[str, Actor] = {}
    for name in html.mentions(source)[:MOST_MENTIONS]:
        user, _, host = name.partition("@")
        there = "" if host == addresses.host else host
        actor = await actors.find_by_handle(conn, user, there)
        if actor and not actor.deleted_at and actor.kind in ("person", "group"):
            found[name] = actor
    return found


def is_proved(by: Actor, received: Received | None) -> bool:
    """Whether `by` is known to have said it, and not only through a group of another server."""
    through = received.through if received else None
    return through is None or through.peer == by.peer or (received is not None and received.proved)


def is_vouched(by: Actor, community: Actor, received: Received | None) -> bool:
    """Whether a foreign community, or a person of its own server, passed this on to us."""
    through = received.through if received else None
    if through is not None and through.id == community.id:
        return True
    return is_proved(by, received) and by.peer == community.peer


async def check_writer(
    tx: Tx, by: Actor, community: Actor | None, received: Received | None
) -> Standing:
    """Forbidden with the reason unless `by` may write in this community, or anywhere (None).

    A member of a community of ours is judged by our rules; what happens in a community of another
    server is that server's business, and we believe only what it passes on.
    """
    if community or by.is_local:
        found = await standings.get(tx.conn, by.id, community.id if community else None)
    else:
        found = standings.of_foreigner(by)
    _check_person(tx, found)
    if community is None:
        return found
    if community.is_local or by.is_local:
        _check_member(tx, found, is_itself=by.id == community.id)
    elif not is_vouched(by, community, received):
        raise Forbidden(N_("Its community has not passed this on."))
    return found


def _check_person(tx: Tx, found: Standing) -> None:
    if found.suspended_until and found.suspended_until > tx.instance.clock():
        raise Forbidden(
            N_("You cannot write until %(day)s: %(reason)s"),
            day=f"{tx.instance.config.day(found.suspended_until)}",
            reason=found.suspended_reason,
        )
    if found.account == "waiting":
        raise Forbidden(N_("Your account still waits for approval."))
    if found.account in ("refused", "closed"):
        raise Forbidden(N_("This account is closed."))


def _check_member(tx: Tx, found: Standing, *, is_itself: bool = False) -> None:
    if found.join_rule is None:
        raise Missing(NOT_HERE)
    if found.closed_at:
        raise Forbidden(N_("This community is closed; it can only be read."))
    if found.member == "banned":
        if found.banned_until is None:
            raise Forbidden(
                N_("You are shut out of this community: %(reason)s"), reason=found.banned_reason
            )
        if found.banned_until > tx.instance.clock():
            raise Forbidden(
                N_("You are shut out of this community until %(day)s: %(reason)s"),
                day=f"{tx.instance.config.day(found.banned_until)}",
                reason=found.banned_reason,
            )
    if found.member == "asked":
        raise Forbidden(N_("Your request to join is still waiting for an answer."))
    if not (found.is_member or is_itself):
        raise Forbidden(N_("Only members write in this community."))


async def check_listing(
    tx: Tx, by: Actor, proposal: Proposal, community: Actor | None, received: Received | None
) -> None:
    """Missing or Forbidden unless `by` sees this need or offer and may answer it."""
    if proposal.state in ("withdrawn", "removed"):
        raise Missing(NOT_HERE)
    if by.is_local and not await proposals.may_see(tx.conn, proposal.id, by.id):
        raise Missing(NOT_HERE)
    if proposal.scope == "community" and community:
        await check_writer(tx, by, community, received)
        return
    await check_writer(tx, by, None, received)
    if by.is_local or proposal.scope == "everyone":
        return
    author = await actors.get(tx.conn, proposal.author_id)
    peer = await peers.find(tx.conn, by.peer or "")
    linked = peer is not None and peer.link == "linked"
    if not (author.peer == by.peer or (proposal.scope == "neighbours" and linked)):
        raise Missing(NOT_HERE)


async def community_of(conn: Conn, id: UUID | None) -> Actor | None:
    """The community's actor, or None."""
    return await actors.get(conn, id) if id else None


def narrower(one: Scope, other: Scope) -> Scope:
    """The one of two scopes that fewer people may read."""
    width: dict[Scope, int] = {"community": 0, "city": 1, "neighbours": 2, "everyone": 3}
    return min(one, other, key=lambda scope: width[scope])


def narrowed(scope: Scope, foreign: Foreign | None) -> tuple[Scope, bool]:
    """The scope of an answer, never wider than what it answers nor than its author addressed it;
    and whether it is private: for nobody but its author and the one who is answered.
    """
    if foreign is None or narrower(scope, foreign.scope) == scope:
        return scope, False
    return foreign.scope, foreign.scope == "community" and foreign.private


async def hearers(
    tx: Tx,
    author: Actor,
    post: Post,
    community: Actor | None,
    answered: Actor | None,
    mentioned: Iterable[Actor] = (),
) -> Audience:
    """The audience of a post, and of every later activity about it.

    Our city passes on what belongs to needs and offers; threads travel by their community alone.
    """
    named: dict[UUID, Actor] = {}
    if answered and answered.id != author.id and post.scope != "city":
        named[answered.id] = answered
    if post.scope == "everyone":
        named |= {actor.id: actor for actor in mentioned if actor.id != author.id}
    found = await audience_of(tx, author, post.scope, community, *named.values())
    if post.proposal_id is None:
        relays = tuple(relay for relay in found.relays if community and relay.id == community.id)
        return replace(found, relays=relays)
    return found


async def answered_by(conn: Conn, post: Post) -> Actor | None:
    """Whom this post answers."""
    if post.parent_id:
        return await actors.get(conn, (await posts.get(conn, post.parent_id)).author_id)
    if post.proposal_id:
        return await actors.get(conn, (await proposals.get(conn, post.proposal_id)).author_id)
    return None


async def tell(tx: Tx, post: Post, mentioned: Iterable[Actor]) -> None:
    """Notices for those mentioned who may read it.

    What strangers say beyond their pace is kept, and told to nobody: waves of such mentions come.
    """
    author = await actors.get(tx.conn, post.author_id)
    for actor in mentioned:
        if actor.kind != "person" or not actor.is_local:
            continue
        if await _is_stranger(tx.conn, author, post, actor) and not await _may_call(
            tx.conn, author
        ):
            continue
        if await posts.may_read(tx.conn, post.id, actor.id):
            await notices.tell(
                tx.conn,
                actor.id,
                "mention",
                by=post.author_id,
                proposal=post.proposal_id,
                post=post.id,
                community=post.community_id,
                text=first_words(post),
            )


async def _is_stranger(conn: Conn, author: Actor, post: Post, called: Actor) -> bool:
    """Of no neighbour city, in no community here, and not followed by the one who is called."""
    if author.peer is None or post.community_id or post.proposal_id:
        return False
    peer = await peers.find(conn, author.peer)
    if peer is not None and peer.link == "linked":
        return False
    return await follows.find(conn, called.id, author.id) is None


async def _may_call(conn: Conn, author: Actor) -> bool:
    try:
        await limits.take(conn, f"mentions {origins.domain(author.uri)}", *STRANGERS_CALLS)
    except TooMany:
        return False
    return True


def first_words(post: Post) -> str:
    """What a notice says of it."""
    return post.title or notes.plain(post.html, 140)
