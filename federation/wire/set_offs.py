"""Set-offs on the wire: a question along debts, the loop to reserve, and what was decided."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from federation.documents import Document, Json, id_of, ids_of, many, one, text
from federation.errors import Malformed
from federation.wire.agreements import plain, read_amount

PROBE: Final = "sn:HourProbe"
SET_OFF: Final = "sn:HourSetOff"
DECISION: Final = "sn:HourDecision"
LONGEST: Final = 6  # cities in a loop
SHORTEST: Final = 3


@dataclass(frozen=True, slots=True)
class Probe:
    """Each of `path` owes the next one the amount beside it; the last owes the one who reads."""

    path: tuple[str, ...]
    amounts: tuple[Decimal, ...]

    def document(self) -> Document:
        """Asked along the debts."""
        return {
            "type": "Offer",
            "object": {
                "type": PROBE,
                "path": list(self.path),
                "amounts": [plain(amount) for amount in self.amounts],
            },
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """A loop to set off; `decided` is what the first city has sealed, if it has."""

    uri: str
    loop: tuple[str, ...]
    amount: Decimal
    decided: Document | None = None

    def inner(self) -> Document:
        """What all cities of the loop say the same."""
        return {
            "type": SET_OFF,
            "context": self.uri,
            "path": list(self.loop),
            "hours": plain(self.amount),
        }

    def decision(self, *, yes: bool) -> Document:
        """What the first city seals."""
        answer = "yes" if yes else "no"
        return {**self.inner(), "type": DECISION, "actor": self.loop[0], "answer": answer}


def ask(wanted: Wanted) -> Document:
    """To the next one in the loop: reserve it, and ask on."""
    return {"type": "Offer", "object": wanted.inner(), "context": wanted.uri}


def refuse(wanted: Wanted) -> Document:
    """To the one before: it cannot be. Goes back to the first, who decides."""
    inner = wanted.inner()
    return {"type": "Reject", "object": wanted.uri, "result": inner, "context": wanted.uri}


def tell(wanted: Wanted) -> Document:
    """To the next one: what was decided."""
    return {
        "type": "Offer",
        "object": {**wanted.inner(), "decision": wanted.decided},
        "context": wanted.uri,
    }


def kind(value: Json) -> str:
    """Which of ours an embedded object is, '' for none."""
    found = one(value)
    name = text(found, "type") if isinstance(found, dict) else None
    return name if name in (PROBE, SET_OFF) else ""


def read_probe(value: Json) -> Probe:
    """Malformed unless there is an amount for each city."""
    found = one(value)
    if not isinstance(found, dict):
        raise Malformed("this is no question along debts")
    path = _cities(found, least=1)
    given = [amount for amount in many(found.get("amounts")) if isinstance(amount, str)]
    if len(given) != len(path):
        raise Malformed("each city of the path owes an amount")
    return Probe(path, tuple(_hours(amount) for amount in given))


def read(value: Json) -> Wanted:
    """Malformed unless it names a loop of different cities."""
    found = one(value)
    if not isinstance(found, dict):
        raise Malformed("this is no loop")
    uri = id_of(found.get("context")) or ""
    if not uri or len(uri) > 1900:
        raise Malformed("a loop has a name")
    decided = found.get("decision")
    wanted = Wanted(uri, _cities(found, least=SHORTEST), _hours(text(found, "hours") or ""))
    return replace(wanted, decided=decided) if isinstance(decided, dict) else wanted


def read_answer(wanted: Wanted) -> bool:
    """What the first city decided; Malformed when that is about another loop."""
    given = {name: value for name, value in (wanted.decided or {}).items() if name != "proof"}
    for yes in (True, False):
        if given == wanted.decision(yes=yes):
            return yes
    raise Malformed("this decision is about another loop")


def _cities(document: Document, *, least: int) -> tuple[str, ...]:
    path = tuple(ids_of(document, "path"))
    if not least <= len(path) <= LONGEST or len(set(path)) != len(path):
        raise Malformed("a loop goes through different cities, a few at most")
    return path


def _hours(given: str) -> Decimal:
    found = read_amount(given)
    if found != round(found, 2) or found > 10_000:
        raise Malformed("hours are counted in hundredths")
    return found
