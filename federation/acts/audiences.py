"""Who hears what is said or shared: from the scope a person chose to addresses on the wire."""

from federation.addresses import Addresses
from federation.instance import Tx
from federation.outbox import Audience
from federation.wire.contexts import PUBLIC
from schema import actors
from schema.actors import Actor
from schema.proposals import Scope


async def audience_of(
    tx: Tx, author: Actor, scope: Scope, community: Actor | None, *others: Actor
) -> Audience:
    """The audience of what `author` shares in this scope; `others` are addressed by name.

    A local community relays it to its followers; what it says itself goes to them directly. Our
    city relays what a local author shares with neighbour cities or everyone, and never what comes
    from elsewhere.
    """
    if scope == "city":
        return Audience()  # it leaves this place for nobody, whatever community it is in
    own = community is not None and community.id == author.id
    relays = [community] if community and community.is_local and not own else []
    direct = [actor for actor in others if not actor.is_local]
    if community and not community.is_local and author.is_local:
        direct.append(community)
    if author.is_local and scope in ("neighbours", "everyone"):
        relays.append(await actors.get(tx.conn, tx.instance.city_id))
    to, cc = addressed(author, scope, community, tx.addresses)
    return Audience(
        to=to,
        cc=(*cc, *(actor.uri for actor in others)),
        actors=tuple(actor.id for actor in direct),
        followers_of=(author.id,) if author.is_local and (own or scope == "everyone") else (),
        relays=tuple(relays),
        linked_only=scope == "neighbours",
    )


def addressed(
    author: Actor, scope: Scope, community: Actor | None, addresses: Addresses
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`to` and `cc` of what `author` shares in this scope, before anybody is named."""
    group = (community.uri,) if community else ()
    if scope == "everyone":
        followers = (author.followers_uri,) if author.followers_uri else ()
        return (PUBLIC, *group), (*followers, addresses.city)
    if scope == "neighbours":
        return (addresses.city_followers, *group), (addresses.city,)
    if scope == "community" and community:
        return (community.uri, community.followers_uri or community.uri), ()
    return (), ()
