"""Taking a task, giving it back and having done it, as documents (FEP-c5a1, FEP-3264)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from markupsafe import escape

from federation.documents import Document, id_of, many, one
from federation.wire import notes, spellings
from federation.wire.agreements import measure
from federation.wire.contexts import CONTEXT
from schema.actors import Actor
from schema.plans import Task

Answer: TypeAlias = Literal["Accept", "Reject"]
_DONE: Final = {"de": "Erledigt", "en": "Done"}


def offer(task: Task, by: Actor, group: Actor) -> Document:
    """Somebody would do it: an Offer of the Commitment, for the project to decide."""
    return {"type": "Offer", "object": _commitment(task, by, group)}


def _commitment(task: Task, by: Actor, group: Actor) -> Document:
    document: Document = {
        "type": "Commitment",
        "action": "work",
        "satisfies": task.uri,
        "provider": by.uri,
        "receiver": group.uri,
    }
    if task.hours is not None:
        document["effortQuantity"] = measure(task.hours, "h")
    return document


def give_back(task: Task, by: Actor, group: Actor, uri: str) -> Document:
    """Undo of the Offer `uri`: somebody else may do it."""
    return {
        "type": "Undo",
        "object": {
            "id": uri,
            "type": "Offer",
            "actor": by.uri,
            "to": [group.uri],
            "object": _commitment(task, by, group),
        },
    }


def answer(kind: Answer, uri: str, reason: str) -> Document:
    """Accept or Reject of an Offer or a report of work done; `reason` in plain words."""
    body: Document = {"type": kind, "object": uri}
    return {**body, "content": f"<p>{escape(reason)}</p>"} if reason else body


def done(task: Task, by: Actor, group: Actor, uri: str, at: datetime, host: str) -> Document:
    """The report of work done: a Note with the properties of an EconomicEvent, which other servers
    show as a message."""
    words = f"{_DONE['de']}: {task.name}"
    note: Document = {
        "@context": CONTEXT,
        "id": uri,
        "type": "Note",
        "attributedTo": by.uri,
        "to": [group.uri],
        "cc": [],
        "context": task.uri.partition("#")[0],
        "content": f"<p>{escape(words)}</p>",
        "published": notes.moment(at),
        "updated": notes.moment(at),
        "tag": notes.tag_list((group,), (), f"https://{host}"),
        "attachment": [],
        "sensitive": False,
        "action": "work",
        "fulfills": task.uri,
        "provider": by.uri,
        "receiver": group.uri,
        "finished": True,
    }
    if task.hours is not None:
        note["effortQuantity"] = measure(task.hours, "h")
    return {"type": "Create", "object": note}


@dataclass(frozen=True, slots=True)
class TakingDocument:
    """Which task somebody wants, or has done; `provider` is who does it, '' where nobody says."""

    task: str
    provider: str


def read_commitment(document: Document | None) -> TakingDocument | None:
    """Of an Offer, or of the object of a Create; None for what is no work of somebody."""
    found = one(document.get("object")) if document and "object" in document else document
    if not isinstance(found, dict) or "Commitment" not in many(found.get("type")):
        return None
    task = id_of(found.get("satisfies")) or id_of(found.get("inputOf"))
    if not task or (spellings.action(found) or "work") != "work":
        return None
    return TakingDocument(task, id_of(found.get("provider")) or "")


def read_done(document: Document | None) -> TakingDocument | None:
    """The report of work done, in whichever type (FEP-c5a1: EconomicEvent); None for others."""
    if document is None or document.get("finished") is not True:
        return None
    task = id_of(document.get("fulfills"))
    if not task or spellings.action(document) != "work":
        return None
    return TakingDocument(task, id_of(document.get("provider")) or "")
