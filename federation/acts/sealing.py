"""A step of an agreement: written and sealed here, or taken as it came; and its letter."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias, cast
from uuid import UUID

from markupsafe import escape

from federation import html, outbox, proofs
from federation.documents import Document
from federation.errors import Unreachable
from federation.instance import Tx
from federation.keys import ed25519_id, load_ed25519
from federation.outbox import Received
from federation.wire import agreements as wire
from federation.wire import notes, seals
from federation.wire.agreements import Ends, Written
from schema import actors, agreements, ids, notices, project_needs, proposals, units
from schema.actors import Actor
from schema.agreements import Act, Agreement, Step, Terms
from schema.errors import Conflict, Forbidden, Invalid
from schema.proposals import Proposal
from schema.words import N_

LONGEST: Final = 2000  # characters of one letter
NOT_YOURS: Final = N_("Only the two who agree on it can do that.")
MOVED_ON: Final = N_("Things have moved on meanwhile. Please look again.")
DEALING: Final = frozenset({"ask", "counter", "accept", "decline"})

Fit: TypeAlias = Literal["new", "known", "late"]

_WORDS: Final[Mapping[Act, tuple[str, str]]] = {
    "counter": ("I would propose: ", "Mein Vorschlag: "),
    "accept": ("Agreed: ", "Abgemacht: "),
    "decline": ("I am sorry, it does not work out.", "Leider wird nichts daraus."),
    "cancel": ("I am sorry, I cannot make it.", "Leider kann ich nicht."),
    "late": ("I am running late.", "Ich verspäte mich."),
    "confirm": ("It was handed over.", "Es ist übergeben."),
    "miss": ("We did not meet.", "Wir haben uns nicht getroffen."),
    "back": ("It came back.", "Es ist zurückgegeben."),
    "object": ("I do not agree; the moderators will look at it.", "Ich bin nicht einverstanden."),
    "settle": ("The moderators have looked at it.", "Die Moderation hat es angesehen."),
    "annul": ("The moderators have looked at it.", "Die Moderation hat es angesehen."),
    "thank": ("Thank you!", "Danke!"),
}


@dataclass(frozen=True, slots=True)
class Given:
    """A step of another server, its seal checked, and what brought it."""

    step: Written
    activity: Received


async def opened(tx: Tx, id: UUID) -> tuple[Agreement, Proposal]:
    """Both rows, locked; always the listing first, so that nobody waits for ever."""
    listing_id = (await agreements.get(tx.conn, id)).proposal_id
    listing = await proposals.lock(tx.conn, listing_id)
    return await agreements.lock(tx.conn, id), listing


def check_party(row: Agreement, by: Actor) -> None:
    """Forbidden for third parties."""
    if row.side(by.id) is None:
        raise Forbidden(NOT_YOURS)


def check_text(words: str, field: str = "text", missing: str = "") -> str:
    """The words, tidied; Invalid when too long, or empty where `missing` says what to ask for."""
    found = html.tidy(words).strip()
    if len(found) > LONGEST:
        raise Invalid({field: N_("That is too long.")})
    if missing and not found:
        raise Invalid({field: missing})
    return found


async def fit(tx: Tx, row: Agreement, step: Written) -> Fit:
    """Whether a step of another server continues what is here; Unreachable where what lies
    between has not come yet, so that it is looked at again."""
    hash = seals.hash_of(seals.canonical(step.document()))
    if await agreements.knows_step(tx.conn, row.id, hash):
        return "known"
    if step.previous == row.head or (step.act not in DEALING and step.previous == row.agreed_hash):
        return "new"
    if await agreements.knows_step(tx.conn, row.id, step.previous):
        return "late"
    raise Unreachable("what comes before this step has not arrived yet")


async def add(
    tx: Tx,
    row: Agreement,
    by: Actor,
    act: Act,
    *,
    text: str = "",
    terms: Terms | None = None,
    received: Given | None = None,
    counted: bool = True,
) -> tuple[Agreement, Written]:
    """Stores the step; a new version becomes the head. The row is not saved here."""
    if await agreements.count_steps(tx.conn, row.id) >= agreements.MOST_STEPS:
        raise Conflict(N_("So much has been said here that nothing more fits in."))
    step = received.step if received else await _write(tx, row, by, act, text, terms)
    body = seals.canonical(step.document())
    stored = Step(
        id=ids.new(),
        agreement_id=row.id,
        act=act,
        actor_id=by.id,
        uri=step.uri,
        text=step.text,
        body=body.decode(),
        hash=seals.hash_of(body),
        previous=step.previous,
        proof=step.proof,
        counted=counted,
        created=_time(tx, row, received),
    )
    await agreements.add_step(tx.conn, stored)
    await count_in_projects(tx, row.proposal_id)
    head = stored.hash if act in DEALING and counted else row.head
    return replace(row, head=head, last_step=stored.created, updated=stored.created), step


async def count_in_projects(tx: Tx, proposal_id: UUID) -> None:
    """What is promised and given for a project's need is counted anew, when all this is stored."""
    if await project_needs.is_bound(tx.conn, proposal_id):
        await tx.defer("count_gifts", proposal_id=str(proposal_id))


def _time(tx: Tx, row: Agreement, received: Given | None) -> datetime:
    """Clocks of other cities go wrong: nothing was said later than now."""
    now = tx.instance.clock()
    said = wire.said_at(received.step) if received else None
    return min(said, now) if said else now


async def _write(
    tx: Tx, row: Agreement, by: Actor, act: Act, text: str, terms: Terms | None
) -> Written:
    now = tx.instance.clock()
    listing = await proposals.get(tx.conn, row.proposal_id)
    step = Written(
        uri=tx.addresses.step(row.id, ids.new()),
        key=row.key,
        proposal=listing.uri,
        act=act,
        actor=by.uri,
        text=text,
        previous=row.head if act in DEALING or not row.agreed_hash else row.agreed_hash,
        at=notes.moment(now),
        terms=terms,
    )
    return await seal(tx, step)


async def seal(tx: Tx, step: Written) -> Written:
    """With the proof of this city."""
    keys = await actors.get_keys(tx.conn, tx.instance.city_id)
    sealed = proofs.sign(
        step.document(),
        key=load_ed25519(keys.ed25519_private),
        key_id=ed25519_id(keys.key_id),
        now=tx.instance.clock(),
    )
    return replace(step, proof=cast("Document", sealed["proof"]))


async def too_late(
    tx: Tx, row: Agreement, by: Actor, act: Act, received: Given | None
) -> Agreement:
    """What came too late is kept, so that both cities hold the same, and changes nothing;
    for one of ours a Conflict."""
    if received is None:
        raise Conflict(MOVED_ON)
    kept, _ = await add(tx, row, by, act, received=received, counted=False)
    await outbox.done(tx, received.activity)
    return await agreements.save(tx.conn, replace(kept, updated=row.updated))


async def bring(tx: Tx, row: Agreement, by: Actor, listing: Proposal, step: Written) -> None:
    """The letter with this step to the other one, where they live elsewhere; of who is neither
    of the two, to both."""
    ids = [row.other(by.id)] if row.side(by.id) else [row.author_id, row.responder_id]
    for to in await actors.list_by_id(tx.conn, ids):
        if not to.is_local:
            await _bring(tx, row, by, to, listing, step)


async def _bring(
    tx: Tx, row: Agreement, by: Actor, to: Actor, listing: Proposal, step: Written
) -> None:
    text = step.text
    if row.by_notes and step.act == "accept":
        text = f"{_facts(row, listing)} {text}".strip()
    words = words_of(step.act, text, listing.language)
    note = wire.letter(row, await ends(tx, row, listing, by, to), step, words, tx.addresses.host)
    await outbox.send(
        tx, by, {"type": "Create", "object": note, "context": row.key}, [to], about=row.key
    )


def _facts(row: Agreement, listing: Proposal) -> str:
    """How much of what, when and where, for a letter to somebody who sees nothing else."""
    unit = units.find(row.unit)
    amount = ""
    if row.amount is not None:
        word = unit.word(row.amount, listing.language) if unit else row.unit
        amount = f"{wire.plain(row.amount)} {word} "
    when = f", {row.at:%Y-%m-%d %H:%M %Z}" if row.at else ""
    return f"{amount}{listing.title}{when}{', ' + row.place if row.place else ''}."


async def ends(tx: Tx, row: Agreement, listing: Proposal, by: Actor, to: Actor) -> Ends:
    """Who writes to whom, and who of them gives."""
    author = by if by.id == row.author_id else to
    responder = to if author is by else by
    gives = author if listing.purpose == "offer" else responder
    return Ends(by, to, gives, responder if gives is author else author)


def words_of(act: Act, text: str, language: str) -> str:
    """A letter as HTML, for servers that show nothing else."""
    head = _WORDS[act][language.startswith("de")] if act in _WORDS else ""
    said = escape(text)
    if not head or not text:
        return f"<p>{escape(head) or said}</p>"
    return f"<p>{escape(head)}</p><p>{said}</p>"


async def tell(
    tx: Tx, row: Agreement, by: Actor, kind: notices.Kind, text: str, to: UUID | None = None
) -> None:
    """A notice for the other party, or for `to`, if they live here."""
    await notices.tell(
        tx.conn,
        to or row.other(by.id),
        kind,
        by=by.id,
        proposal=row.proposal_id,
        agreement=row.id,
        text=text,
    )
