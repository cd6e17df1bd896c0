"""Steps of agreements from other cities, and from servers that know FEP-0837 or letters only."""

from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Protocol

from federation import html, origins, proofs, resolve
from federation.acts import agreements as acts
from federation.acts import promises, replies
from federation.acts.sealing import Given
from federation.documents import Document, id_of, ids_of, text
from federation.errors import Malformed, Unreachable, Untrusted
from federation.instance import Instance, Tx
from federation.keys import load_public
from federation.messages import Handler, Message
from federation.wire import agreements as wire
from federation.wire import notes
from federation.wire.agreements import LetterDocument, OfferDocument, Written
from schema import actors, agreements, proposals
from schema.actors import Actor
from schema.agreements import Act, Agreement, Terms
from schema.errors import Forbidden, Missing
from schema.proposals import Proposal

NOT_HERE = "There is nothing here, or it is not meant for you."


async def on_offer(instance: Instance, message: Message) -> bool:
    """Somebody asks for something of ours; or the author of a listing there proposes terms."""
    if not wire.is_offer(message.activity):
        return False
    offered = wire.read_agreement(message.activity.get("object"))
    step = await _step(instance, message, message.activity)
    async with instance.begin() as tx:
        listing = await proposals.find(tx.conn, offered.proposal)
        if listing is None:
            raise Missing(NOT_HERE)
        given = Given(step or _asked(message, listing, offered), message.received)
        _check_offer(message.actor, listing, offered, given.step)
        row = await agreements.find(tx.conn, given.step.key)
        await _offered(tx, message, listing, row, given)
    return True


async def _offered(
    tx: Tx, message: Message, listing: Proposal, row: Agreement | None, given: Given
) -> None:
    by, terms = message.actor, given.step.terms
    if terms is None:
        raise Malformed("an Offer says what is offered")
    said = given.step.text
    if row is not None:
        if row.proposal_id != listing.id:
            raise Forbidden("This agreement is about something else.")
        await acts.ask_again(tx, by=by, agreement=row, terms=terms, text=said, received=given)
    elif by.id == listing.author_id:
        responder = await _one_of_ours(tx, message)
        await replies.propose(
            tx, by=by, proposal=listing, responder=responder, terms=terms, text=said, received=given
        )
    else:
        await acts.ask(tx, by=by, proposal=listing, terms=terms, text=said, received=given)


async def _one_of_ours(tx: Tx, message: Message) -> Actor:
    found = await actors.list_by_uri(tx.conn, ids_of(message.activity, "to")[:5])
    for person in found:
        if person.is_local and person.kind == "person":
            return person
    raise Missing(NOT_HERE)


def _check_offer(by: Actor, listing: Proposal, offered: OfferDocument, step: Written) -> None:
    """The sealed terms and those of FEP-0837 say the same, about a listing of one of the two."""
    terms = step.terms
    if terms is None or step.proposal != listing.uri or step.act not in ("ask", "counter"):
        raise Malformed("an Offer says what is offered")
    if terms.amount != offered.amount or (offered.unit and offered.unit != terms.unit):
        raise Malformed("the Offer says two different things")
    if not origins.same_origin(step.key, by.uri) and not step.previous:
        raise Forbidden("An agreement is named by the city of the one who asks.")


def _asked(message: Message, listing: Proposal, offered: OfferDocument) -> Written:
    """The step of a server that does not seal: known by its activity."""
    uri = id_of(message.activity) or ""
    return Written(
        uri=uri,
        key=uri,
        proposal=listing.uri,
        act="ask",
        actor=message.actor.uri,
        text=_said(message.activity),
        previous="",
        at=text(message.activity, "published") or "",
        terms=Terms(offered.amount, offered.unit or listing.unit, listing.return_kind),
    )


def _said(document: Document) -> str:
    return notes.plain(html.clean(text(document, "content") or ""), wire.LONGEST)


async def on_accept(instance: Instance, message: Message) -> bool:
    """The author of a listing elsewhere says yes to one of ours."""
    found = await _answered(instance, message)
    if found is None:
        return False
    row, given = found
    result = wire.read_agreement(message.activity.get("result"))
    async with instance.begin() as tx:
        await acts.accept(tx, by=message.actor, agreement=row, result=result, received=given)
    return True


async def on_reject(instance: Instance, message: Message) -> bool:
    """They say no, or what else would do."""
    found = await _answered(instance, message)
    if found is None:
        return False
    row, given = found
    by, step = message.actor, given.step
    async with instance.begin() as tx:
        if step.act == "counter" and step.terms:
            await acts.counter(
                tx, by=by, agreement=row, terms=step.terms, text=step.text, received=given
            )
        else:
            await acts.decline(tx, by=by, agreement=row, reason=step.text, received=given)
    return True


async def _answered(instance: Instance, message: Message) -> tuple[Agreement, Given] | None:
    """What an Accept or Reject is about; None when it answers no Offer of an Agreement."""
    step = await _step(instance, message, message.activity)
    async with instance.read() as conn:
        row = await agreements.find(conn, step.key if step else message.object_uri)
    if row is None or (step is None and row.offer_uri != message.object_uri):
        return None
    if step is None:
        result = message.activity.get("result")
        terms = wire.read_agreement(result) if result else None
        act: Act = "accept" if message.type == "Accept" else "counter" if terms else "decline"
        step = _plain(row, message, act, _said(message.activity), message.activity)
        if terms and act == "counter":
            step = replace(step, terms=replace(row.terms, amount=terms.amount))
    elif step.act not in ("accept", "counter", "decline"):
        raise Malformed("this is no answer to an Offer")
    return row, Given(step, message.received)


def _plain(row: Agreement, message: Message, act: Act, said: str, source: Document) -> Written:
    """The step of a server that does not seal, as if it followed what is here."""
    return Written(
        uri=id_of(source) or id_of(message.activity) or "",
        key=row.key,
        proposal="",
        act=act,
        actor=message.actor.uri,
        text=said,
        previous=row.head
        if act in ("accept", "counter", "decline")
        else row.agreed_hash or row.head,
        at=text(source, "published") or "",
    )


async def on_undo(instance: Instance, message: Message) -> bool:
    """They take back what they offered or accepted."""
    undone = message.object or {}
    step = await _step(instance, message, message.activity)
    name = step.key if step else id_of(undone) or message.object_uri
    async with instance.read() as conn:
        row = await agreements.find(conn, name)
    if row is None:
        if step is not None:
            raise Unreachable("what this takes back has not arrived yet")
        return False
    given = step or _plain(row, message, "cancel", _said(message.activity), message.activity)
    async with instance.begin() as tx:
        await promises.withdraw(
            tx,
            by=message.actor,
            agreement=row,
            reason=given.text,
            received=Given(given, message.received),
        )
    return True


async def on_create(instance: Instance, message: Message) -> bool:
    """A letter about an agreement, a receipt, or an answer to one of our letters."""
    if message.object is None or message.received.through is not None:
        return False
    letter = wire.read_letter(message.object)
    if letter is None:
        return False
    step = await _step(instance, message, message.object)
    row = await _about(instance, letter, step)
    if row is None:
        if step is not None and step.act in wire.LETTERS:
            raise Unreachable("what this letter is about has not arrived yet")
        return False
    is_party = row.side(message.actor.id) is not None
    if step is None and not is_party:
        return False
    async with instance.begin() as tx:
        if letter.contact and is_party:
            await promises.reveal(
                tx,
                by=message.actor,
                agreement=row,
                text=letter.contact,
                received=Given(_letter(row, message, letter), message.received),
            )
            return True
        given = Given(step or _letter(row, message, letter), message.received)
        await _read(tx, message.actor, row, given)
    return True


async def _about(
    instance: Instance, letter: LetterDocument, step: Written | None
) -> Agreement | None:
    async with instance.read() as conn:
        if step is not None:
            return await agreements.find(conn, step.key)
        for uri in letter.about[:3]:
            found = await agreements.find(conn, uri)
            if found is not None:
                return found
        return await agreements.find_by_letter(conn, letter.answers) if letter.answers else None


def _letter(row: Agreement, message: Message, letter: LetterDocument) -> Written:
    act: Act = "confirm" if letter.is_receipt else "say"
    return _plain(row, message, act, letter.text, message.object or {})


class Taken(Protocol):
    """An act that takes a letter."""

    def __call__(
        self, tx: Tx, *, by: Actor, agreement: Agreement, text: str, received: Given
    ) -> Awaitable[Agreement]: ...


async def _read(tx: Tx, by: Actor, row: Agreement, given: Given) -> None:
    act = _ACTS.get(given.step.act)
    if act is None:
        raise Malformed("this step comes in another way")
    await act(tx, by=by, agreement=row, text=given.step.text, received=given)


_ACTS: Mapping[Act, Taken] = {
    "late": promises.be_late,
    "confirm": promises.confirm,
    "miss": promises.miss,
    "back": promises.take_back,
    "object": promises.object_to,
    "settle": promises.settle,
    "annul": promises.settle,
    "thank": promises.thank,
    "say": promises.say,
}


async def _step(instance: Instance, message: Message, carrier: Document) -> Written | None:
    """The step that it carries, if it carries one: by the one who sent it, and sealed by their
    city. Untrusted otherwise."""
    step = wire.read_step(carrier)
    if step is None:
        return None
    by = message.actor
    if step.actor != by.uri or not step.uri or not origins.same_origin(step.uri, by.uri):
        raise Untrusted("this step is by somebody else")
    method = text(step.proof, "verificationMethod") if step.proof else None
    owner = (method or "").partition("#")[0]
    if step.proof is None or not owner or not origins.same_origin(owner, by.uri):
        raise Untrusted("this step is not sealed by its author's city")
    city = await resolve.actor(instance, owner)
    if city.kind != "city" or not city.ed25519_key:
        raise Untrusted("this step is not sealed by its author's city")
    sealed: Document = {**step.document(), "proof": step.proof}
    proof = proofs.read(sealed, now=instance.clock())
    if proof is None:
        raise Untrusted("this seal is of an unknown kind")
    proofs.verify(proof, load_public(city.ed25519_key))
    return step


HANDLERS: Mapping[str, Handler] = {
    "Offer": on_offer,
    "Accept": on_accept,
    "Reject": on_reject,
    "Undo": on_undo,
    "Create": on_create,
}
