"""Disputes on the wire: a Flag for the moderators of a community, and what one of them decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from federation import html
from federation.documents import Document, Json, id_of, is_a, many, one, text
from federation.errors import Malformed
from federation.wire import agreements, notes
from schema.agreements import Side, Terms
from schema.disputes import Account, Dispute

LONGEST: Final = 2000
LONGEST_LETTERS: Final = 8000
TERMS: Final = frozenset(
    {"amount", "unit", "returnKind", "returnNote", "handOver", "startTime", "otherTime", "backBy"}
    | {"hours"}
)
"""Of what was agreed; never the place."""


@dataclass(frozen=True, slots=True)
class Names:
    """The addresses of those it is about."""

    court: str
    author: str
    responder: str


@dataclass(frozen=True, slots=True)
class DisputeDocument:
    """As a city or a community tells it; `state` "done" comes from the community alone."""

    key: str
    proposal: str
    title: str
    names: Names
    sides: Mapping[Side, Account]
    is_done: bool
    done: bool
    outcome: str


def flag(row: Dispute, names: Names, sides: Sequence[Side]) -> Document:
    """A Flag of the listing that others than us can read too. The sides it tells are those of
    the people of the one who sends it, or, from the community, both."""
    told = [(side, row.account(side)) for side in sides]
    words = next((account.said for _, account in told if account and account.said), row.title)
    parties = {"author": names.author, "responder": names.responder}
    dispute: Document = {
        "agreement": row.key,
        "proposal": row.proposal_uri,
        "name": row.title,
        "community": names.court,
        "author": names.author,
        "responder": names.responder,
        "sides": [_side(parties[side], account) for side, account in told if account],
        "state": "done" if row.state == "done" else "open",
    }
    if row.state == "done":
        dispute["counts"] = "settle" if row.done else "annul"
        dispute["outcome"] = row.outcome
    return {
        "type": "Flag",
        "object": [names.author, row.proposal_uri],
        "content": words,
        "summary": words,
        "dispute": dispute,
    }


def _side(person: str, account: Account) -> Document:
    agreed: Document = dict(account.terms.items())
    return {
        "actor": person,
        "head": account.head,
        "terms": agreed,
        "content": account.said,
        "letters": account.letters,
    }


def read_flag(activity: Document) -> DisputeDocument | None:
    """None for a Flag about something else; Malformed where it does not say between whom."""
    found = one(activity.get("dispute"))
    if not isinstance(found, dict):
        return None
    names = Names(
        court=id_of(found.get("community")) or "",
        author=id_of(found.get("author")) or "",
        responder=id_of(found.get("responder")) or "",
    )
    key, proposal = id_of(found.get("agreement")) or "", id_of(found.get("proposal")) or ""
    if not all((key, proposal, names.court, names.author, names.responder)) or len(key) > 2000:
        raise Malformed("a dispute is about an agreement of two people")
    return DisputeDocument(
        key=key,
        proposal=proposal,
        title=notes.plain(text(found, "name") or "", 200),
        names=names,
        sides=_read_sides(found, names),
        is_done=text(found, "state") == "done",
        done=text(found, "counts") == "settle",
        outcome=_words(found, "outcome", LONGEST),
    )


def _read_sides(found: Document, names: Names) -> dict[Side, Account]:
    sides: dict[Side, Account] = {}
    for side in many(found.get("sides"))[:2]:
        if not isinstance(side, dict):
            continue
        who = text(side, "actor")
        given = side.get("terms")
        account = Account(
            head=(text(side, "head") or "")[:64],
            terms=terms(agreements.read_terms(given if isinstance(given, dict) else {})),
            said=_words(side, "content", LONGEST),
            letters=_words(side, "letters", LONGEST_LETTERS),
        )
        if who == names.author:
            sides["author"] = account
        elif who == names.responder:
            sides["responder"] = account
    return sides


def terms(given: Terms) -> dict[str, str]:
    """Each as a text, for the moderators; the place is nobody else's business."""
    found = agreements.terms_document(given)
    return {name: str(value) for name, value in found.items() if name in TERMS}


def _words(document: Document, name: str, most: int) -> str:
    return html.tidy(text(document, name) or "").strip()[:most]


@dataclass(frozen=True, slots=True)
class VerdictDocument:
    """What a moderator who lives elsewhere has decided about the agreement `key`."""

    key: str
    done: bool
    text: str


def verdict(key: str, done: bool, words: str) -> Document:
    """A moderator's Offer to their community: it makes the decision its own."""
    decided: Document = {
        "agreement": key,
        "counts": "settle" if done else "annul",
        "outcome": words,
    }
    return {"type": "Offer", "object": {"type": "Verdict", "dispute": decided}, "content": words}


def read_verdict(value: Json) -> VerdictDocument | None:
    """None for an Offer of something else; Malformed where it decides nothing."""
    found = one(value)
    if not isinstance(found, dict) or not is_a(found, "Verdict"):
        return None
    given = one(found.get("dispute"))
    given = given if isinstance(given, dict) else {}
    key, counts = id_of(given.get("agreement")) or "", text(given, "counts")
    if not key or counts not in ("settle", "annul"):
        raise Malformed("a verdict says whether the agreement counts as done")
    return VerdictDocument(key, counts == "settle", _words(given, "outcome", LONGEST))
