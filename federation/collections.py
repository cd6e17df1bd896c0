"""Collections of local actors: counts and pages, ids rather than whole objects."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias, get_args
from uuid import UUID

import orjson

from federation.addresses import Addresses
from federation.documents import Document, Json
from federation.wire.contexts import AS
from schema import directory, listings, outboxes
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Missing

SIZE = 30
Items: TypeAlias = "tuple[list[tuple[UUID, Json]], int]"
List: TypeAlias = Callable[[Conn, Actor, UUID | None, int], Awaitable[Items]]


async def build(
    conn: Conn,
    addresses: Addresses,
    actor: Actor,
    name: str,
    page: str | None,
    *,
    neighbour: bool = False,
    member: bool = False,
) -> Document:
    """The OrderedCollection with `totalItems` and `first`, or one page below the id `page`.

    `page` is "first" or the last item's id of the page before; `neighbour`: for a linked city,
    which sees more; `member`: for a server where somebody belongs to this group. Missing for an
    unknown name.
    """
    lists = _FOR_NEIGHBOURS if neighbour else _FOR_MEMBERS if member else _LISTS
    listing = lists.get(name)
    if listing is None or (name in _CITY and actor.kind != "city"):
        raise Missing("There is nothing here, or it is not meant for you.")
    whole = f"{actor.uri}/{name}"
    items, total = await listing(conn, actor, _before(page), SIZE if page else 0)
    head: Document = {"@context": AS, "id": whole, "type": "OrderedCollection", "totalItems": total}
    if page is None:
        if neighbour and (compared := COMPARED.get(name)):
            head["digest"] = await listings.digest(conn, compared, actor.id)
        return {**head, "first": f"{whole}?page=first"}
    document: Document = {
        **head,
        "id": f"{whole}?page={page}",
        "type": "OrderedCollectionPage",
        "partOf": whole,
        "orderedItems": [item for _, item in items],
    }
    if len(items) == SIZE:
        document["next"] = f"{whole}?page={items[-1][0]}"
    return document


def _before(page: str | None) -> UUID | None:
    if page is None or page == "first":
        return None
    try:
        return UUID(page)
    except ValueError as error:
        raise Missing("There is nothing here, or it is not meant for you.") from error


def _outbox(*, members: bool) -> List:
    async def listing(conn: Conn, actor: Actor, before: UUID | None, limit: int) -> Items:
        rows = await outboxes.list_published(conn, actor.id, before, limit, members=members)
        total = await outboxes.count_published(conn, actor.id, members=members)
        return [(row.id, orjson.loads(row.document)) for row in rows], total

    return listing


def _uris(kind: listings.Kind) -> List:
    async def listing(conn: Conn, actor: Actor, before: UUID | None, limit: int) -> Items:
        found = await listings.list_uris(conn, kind, actor.id, before, limit)
        total = await listings.count_uris(conn, kind, actor.id)
        items: list[tuple[UUID, Json]] = [(item.id, item.uri) for item in found]
        return items, total

    return listing


async def _neighbours(conn: Conn, actor: Actor, before: UUID | None, limit: int) -> Items:
    """Whom we are linked with, for others to find: with names, since they may not know them."""
    found = await directory.list_named(conn, before, limit)
    total = len(await directory.list_named(conn, None, 10_000))
    return [(n.id, {"type": "Group", "id": n.uri, "name": n.title}) for n in found], total


COMPARED: Final[Mapping[str, listings.Compared]] = {
    name: name for name in get_args(listings.Compared)
}
"""What a neighbour may compare with what it holds."""

_CITY = ("neighbours", "offers", "needs", "projects", "blueprints", "communities")

_LISTS: dict[str, List] = {
    "outbox": _outbox(members=False),
    "followers": _uris("followers"),
    "following": _uris("following"),
    "members": _uris("members"),
    "moderators": _uris("moderators"),
    "featured": _uris("featured"),
    "offers": _uris("offers"),
    "needs": _uris("needs"),
    "projects": _uris("projects"),
    "blueprints": _uris("blueprints"),
    "communities": _uris("communities"),
    "neighbours": _neighbours,
}
_FOR_MEMBERS = _LISTS | {"outbox": _outbox(members=True)}
_FOR_NEIGHBOURS = _LISTS | {
    "offers": _uris("neighbour_offers"),
    "needs": _uris("neighbour_needs"),
    "blueprints": _uris("neighbour_blueprints"),
}
