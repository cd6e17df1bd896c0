"""Where a foreign post belongs: its community, how widely it is meant, what it brings along."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from federation import origins
from federation.acts.writing import MOST_MENTIONS, Foreign
from federation.errors import Malformed
from federation.instance import Tx
from federation.outbox import Received
from federation.wire.contexts import PUBLIC_SPELLINGS
from federation.wire.posts import PostDocument
from schema import actors
from schema.actors import Actor
from schema.proposals import Scope

SKEW = timedelta(hours=1)  # how far another server's clock may be ahead


@dataclass(frozen=True, slots=True)
class Placed:
    """A foreign post with the group it is said in (None: in none that is known here)."""

    note: PostDocument
    foreign: Foreign
    community: Actor | None


async def place(tx: Tx, note: PostDocument, received: Received | None) -> Placed:
    """Looks up whom it is addressed to, and whom it mentions."""
    now = tx.instance.clock()
    mentions = note.mentions[:MOST_MENTIONS]
    named = {*note.addressed, *mentions} - PUBLIC_SPELLINGS
    found = {actor.uri: actor for actor in await actors.list_by_uri(tx.conn, [*named])}
    known = [found[uri] for uri in note.addressed if uri in found]
    created = _past(note.published, now)
    foreign = Foreign(
        uri=note.id,
        html=note.html,
        scope=_scope(note, known),
        private=not any(actor.kind in ("group", "city") for actor in known),
        created=created,
        updated=max(_past(note.updated, now), created) if note.updated else created,
        in_reply_to=note.in_reply_to,
        tags=tuple(note.hashtags),
        page_url=_page(note),
        context=note.context,
        mentioned=tuple(found[uri] for uri in mentions if uri in found),
        pictures=tuple(
            picture
            for picture in note.pictures
            if picture.url.startswith("https://") or tx.instance.config.allow_loopback_peers
        ),
        poll=note.poll,
        occasion=note.occasion,
    )
    through = received.through if received else None
    return Placed(note, foreign, _community(note, known, through))


def _community(note: PostDocument, known: list[Actor], through: Actor | None) -> Actor | None:
    """The group it names; where a group passes it on, that one or none."""
    groups = {actor.uri: actor for actor in known if actor.kind == "group"}
    if through is not None and through.kind == "group":
        return through if through.uri in note.addressed or not note.audience else None
    return next((groups[uri] for uri in note.addressed if uri in groups), None)


def _scope(note: PostDocument, known: list[Actor]) -> Scope:
    if note.public:
        return "everyone"
    return "neighbours" if any(actor.kind == "city" for actor in known) else "community"


def _past(moment: datetime | None, now: datetime) -> datetime:
    """What lies far in the future is taken for now."""
    return moment if moment and moment <= now + SKEW else now


def _page(note: PostDocument) -> str:
    """Where it can be read at its own server, and at no other."""
    try:
        return note.url if origins.same_origin(note.url, note.id) else note.id
    except Malformed:
        return note.id
