"""Searches: keeping one, its alerts, and forgetting it."""

from uuid import UUID

from federation.instance import Tx
from schema import categories, ids, searches
from schema.actors import Actor
from schema.errors import Invalid, Missing
from schema.proposals import Purpose, Where
from schema.searches import Search
from schema.words import N_

MOST = 20
LONGEST_WORDS = 100


async def keep(
    tx: Tx,
    *,
    by: Actor,
    purpose: Purpose,
    category: str,
    words: str,
    near: tuple[float, float, int] | None,
    place: Where,
) -> Search:
    """Kept with alerts. `near`: degrees north and east, kilometres. The same one twice is one."""
    words = " ".join(words.replace("\0", "").split())[:LONGEST_WORDS]
    if category and categories.load().find(category) is None:
        category = ""
    row = Search(
        id=ids.new(),
        account_id=by.id,
        purpose=purpose,
        category=category,
        words=words,
        km=near[2] if near else None,
        latitude=near[0] if near else None,
        longitude=near[1] if near else None,
        place=place,
        alerts=True,
        created=tx.instance.clock(),
    )
    known = await searches.list_of(tx.conn, by.id)
    for one in known:
        if _asked(one) == _asked(row):
            await searches.set_alerts(tx.conn, one.id, by.id, True)
            return one
    if len(known) >= MOST:
        raise Invalid({"": N_("Twenty searches are the most. Please remove one first.")})
    await searches.insert(tx.conn, row)
    return row


def _asked(search: Search) -> tuple[object, ...]:
    return search.purpose, search.category, search.words.casefold(), search.km, search.place


async def set_alerts(tx: Tx, *, by: Actor, id: UUID, alerts: bool) -> None:
    """Whether new finds are told."""
    if not await searches.set_alerts(tx.conn, id, by.id, alerts):
        raise Missing(N_("There is nothing here, or it is not meant for you."))


async def forget(tx: Tx, *, by: Actor, id: UUID) -> None:
    """It is gone."""
    if not await searches.delete(tx.conn, id, by.id):
        raise Missing(N_("There is nothing here, or it is not meant for you."))
