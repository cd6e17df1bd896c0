"""Writing what newcomers should know of this place."""

from federation import html
from federation.instance import Tx
from schema import accounts, logs, settling
from schema.actors import Actor
from schema.errors import Forbidden, Invalid
from schema.words import N_

LONGEST = 20_000


async def write(tx: Tx, *, by: Actor, source: str, contact: Actor | None) -> None:
    """By an admin; the contact is a resident who has said yes to being asked. Invalid."""
    account = await accounts.find(tx.conn, by.id)
    if account is None or account.role != "admin":
        raise Forbidden(N_("Only admins write this."))
    if len(source) > LONGEST:
        raise Invalid({"source": N_("That is too long.")})
    if contact is not None and (not contact.is_local or contact.kind != "person"):
        raise Invalid({"contact": N_("Nobody here has this short name.")})
    await logs.write(tx.conn, by, "live here", contact.name if contact else "")
    words = html.tidy(source).strip()
    await settling.put(tx.conn, words, contact.id if contact else None, tx.instance.clock())
