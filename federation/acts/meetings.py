"""Meetings of a knowledge bridge: one end sets the date, both show it, everybody may come."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from federation import html, outbox
from federation.acts import bridging
from federation.addresses import Addresses
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import pacts as wire
from schema import ids, meetings, pacts
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Forbidden, Invalid
from schema.meetings import Meeting
from schema.pacts import Pact
from schema.words import N_

LONGEST = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be held; `uri`, `edition` and times of saying come from elsewhere only."""

    title: str
    topic: str
    starts: datetime
    ends: datetime
    asker_room: str = ""
    other_room: str = ""
    link: str = ""
    host: Actor | None = None
    cancelled: bool = False
    uri: str = ""
    edition: int = 0


async def hold(
    tx: Tx, *, by: Actor, pact: Pact, side: Actor, draft: Draft, received: Received | None = None
) -> Meeting:
    """A new date, of the end that says so; from elsewhere also what changed. Invalid."""
    await bridging.check_side(tx, by, pact, side, received)
    bridging.check_stands(pact)
    draft, now, id = _checked(draft), tx.instance.clock(), ids.new()
    if received is None and draft.ends < now:
        raise Invalid({"starts": N_("Please choose a day that is still to come.")})
    known = await meetings.find(tx.conn, draft.uri) if draft.uri else None
    if known is not None and (known.home_id != side.id or known.pact_id != pact.id):
        raise Forbidden(bridging.NOT_YOURS)
    row = Meeting(
        id=id,
        uri=draft.uri or tx.addresses.meeting(id),
        pact_id=pact.id,
        home_id=side.id,
        title=draft.title,
        topic=draft.topic,
        starts=draft.starts,
        ends=draft.ends,
        asker_room=draft.asker_room,
        other_room=draft.other_room,
        link=draft.link,
        host_id=draft.host.id if draft.host else None,
        cancelled=draft.cancelled,
        edition=draft.edition,
        created=now,
        updated=now,
    )
    stored = await meetings.put(tx.conn, row)
    if stored.id == id or stored.edition != (known.edition if known else 0):
        ends = await bridging.ends_of(tx.conn, pact)
        await bridging.inform(tx, pact, ends.beyond(side.id), side, "bridge.meeting")
    return await _told(tx, "Create", pact, stored, received)


async def change(tx: Tx, *, by: Actor, meeting: Meeting, draft: Draft) -> Meeting:
    """The end that holds the date says something new, or calls it off."""
    pact = await pacts.get(tx.conn, meeting.pact_id)
    ends = await bridging.ends_of(tx.conn, pact)
    home = ends.side(meeting.home_id)
    await bridging.check_side(tx, by, pact, home, None)
    bridging.check_stands(pact)
    draft = _checked(draft)
    row = replace(
        meeting,
        title=draft.title,
        topic=draft.topic,
        starts=draft.starts,
        ends=draft.ends,
        asker_room=draft.asker_room,
        other_room=draft.other_room,
        link=draft.link,
        host_id=draft.host.id if draft.host else None,
        cancelled=draft.cancelled,
        edition=meeting.edition + 1,
        updated=tx.instance.clock(),
    )
    stored = await meetings.put(tx.conn, row)
    await bridging.inform(tx, pact, ends.beyond(home.id), home, "bridge.meeting")
    return await _told(tx, "Update", pact, stored, None)


async def _told(tx: Tx, kind: str, pact: Pact, row: Meeting, received: Received | None) -> Meeting:
    ends = await bridging.ends_of(tx.conn, pact, row.host_id)
    home = ends.side(row.home_id)
    body: Document = {
        "@context": wire.TERMS,
        "type": kind,
        "object": wire.inner(wire.event(row, pact.uri, ends)),
    }
    await outbox.record(tx, home, body, bridging.public(home, ends), received=received)
    return row


def _checked(draft: Draft) -> Draft:
    errors: dict[str, str] = {}
    title = " ".join(html.tidy(draft.title).split())
    if not 3 <= len(title) <= 120:
        errors["title"] = N_("Please give it a name of 3 to 120 letters.")
    if not draft.starts < draft.ends <= draft.starts + LONGEST:
        errors["ends"] = N_("It ends after it has begun, and within two weeks.")
    link = wire.web_address(draft.link)
    if draft.link and not link:
        errors["link"] = N_("Please give an address that begins with https://.")
    if errors:
        raise Invalid(errors)
    return replace(
        draft,
        title=title,
        topic=html.tidy(draft.topic).strip()[:2000],
        asker_room=" ".join(html.tidy(draft.asker_room).split())[:200],
        other_room=" ".join(html.tidy(draft.other_room).split())[:200],
        link=link,
    )


async def document(conn: Conn, addresses: Addresses, id: UUID) -> Document | None:
    """A meeting whose date is held here; None for others."""
    row = await meetings.get(conn, id)
    if row.uri != addresses.meeting(id):
        return None
    pact = await pacts.get(conn, row.pact_id)
    ends = await bridging.ends_of(conn, pact, row.host_id)
    return wire.event(row, pact.uri, ends)
