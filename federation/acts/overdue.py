"""What happens to agreements by itself: reminders, and an end where nobody objects."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from federation.acts import hand_outs, promises, sealing
from federation.instance import Tx
from schema import actors, agreements

PATIENCE: Final = timedelta(days=7)
"""After the day of the hand-over silence counts as done."""
AHEAD: Final = timedelta(days=1)
CONTACTS_KEPT: Final = timedelta(days=30)


async def sweep(tx: Tx) -> int:
    """Reminds, draws, ends what is silent, forgets addresses; how many agreements it touched."""
    touched = await remind(tx) + await finish_silent(tx) + await hand_outs.hand_out_due(tx)
    before = tx.instance.clock() - CONTACTS_KEPT
    return touched + await agreements.forget_contacts(tx.conn, before)


async def remind(tx: Tx) -> int:
    """Both, a day before the hand-over; who borrowed and who lent, a day before the return."""
    now = tx.instance.clock()
    found = await agreements.list_to_remind(tx.conn, now, AHEAD)
    for row in found:
        for party in (row.author_id, row.responder_id):
            other = await actors.get(tx.conn, row.other(party))
            await sealing.tell(tx, row, other, "agreement.soon", row.place, party)
        await agreements.save(tx.conn, replace(row, reminded=now))
    return len(found)


async def finish_silent(tx: Tx) -> int:
    """A week after the day, without a word of trouble: both have confirmed, so to say. Each city
    does so for itself; a loan begins to wait for its return."""
    now = tx.instance.clock()
    found = await agreements.list_silent(tx.conn, now, PATIENCE)
    for id in found:
        row, listing = await sealing.opened(tx, id)
        if row.state != "agreed":
            continue
        await sealing.count_in_projects(tx, row.proposal_id)
        city = await actors.get(tx.conn, tx.instance.city_id)
        ended = await agreements.save(tx.conn, await promises.handed_over(tx, row, listing, now))
        for party in (ended.author_id, ended.responder_id):
            await sealing.tell(tx, ended, city, "agreement.silent", "", party)
    return len(found)
