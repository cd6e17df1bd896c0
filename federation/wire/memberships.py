"""Joining, leaving, being let in, invited, banned or made moderator, as documents (FEP-1b12)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from federation.documents import Document, Json, id_of, is_a, text
from federation.errors import Malformed
from schema.memberships import Role

Answer: TypeAlias = Literal["Accept", "Reject"]
Asking: TypeAlias = Literal["Join", "Follow"]

_LAST_YEAR = 2200
_MOST = 2**53
_ROLES: dict[Role, str] = {
    "member": "member",
    "moderator": "moderator",
    "steward": "administrator",
}
_BY_NAME: dict[str, Role] = {name: role for role, name in _ROLES.items()}


def ask(kind: Asking, group: str, message: str, edition: int) -> Document:
    """Join (Mobilizon), or Follow for servers that know nothing else. `message`: clean HTML."""
    body: Document = {"type": kind, "object": group}
    if kind == "Join":
        body["edition"] = edition
    return {**body, "content": message} if message and kind == "Join" else body


def answer(kind: Answer, asking: str, uri: str, person: str, group: str) -> Document:
    """Accept or Reject, with what is answered embedded: some look for its id, some for its ends."""
    asked: Document = {"id": uri, "type": asking, "actor": person, "object": group}
    return {"type": kind, "object": asked}


def leave(group: str, edition: int) -> Document:
    """Mobilizon's Leave. Of two that one person sent, that of the higher edition holds."""
    return {"type": "Leave", "object": group, "edition": edition}


def undo_follow(uri: str, person: str, group: str) -> Document:
    """For servers that know no Leave."""
    follow: Document = {"id": uri, "type": "Follow", "actor": person, "object": group}
    return {"type": "Undo", "object": follow}


def block(person: str, group: str, reason: str, until: datetime | None) -> Document:
    """A ban (FEP-1b12): `target` is the group, `endTime` is missing where it has no end."""
    body: Document = {"type": "Block", "object": person, "target": group, "summary": reason}
    return {**body, "endTime": time(until)} if until else body


def unblock(by: str, person: str, group: str, ban: str) -> Document:
    """The end of a ban before its time; `ban` is the id of the Block, '' where it is lost."""
    block: Document = {"type": "Block", "actor": by, "object": person, "target": group}
    if ban:
        block["id"] = ban
    return {"type": "Undo", "object": block}


def remove(person: str, members: str, reason: str) -> Document:
    """Out of the members, without a ban."""
    return {"type": "Remove", "object": person, "target": members, "summary": reason}


def role(person: str, moderators: str, new: Role) -> Document:
    """Add to or Remove from the moderators (FEP-1b12); mz:role tells stewards from moderators."""
    kind = "Remove" if new == "member" else "Add"
    return {"type": kind, "object": person, "target": moderators, "role": _ROLES[new]}


def invite(group: str, person: str) -> Document:
    """Mobilizon's Invite."""
    return {"type": "Invite", "object": group, "target": person}


def time(moment: datetime) -> str:
    """In UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class AskDocument:
    """A Join or Follow of a group. `message` is HTML that was not cleaned."""

    uri: str
    group: str
    message: str
    edition: int


def read_ask(document: Document) -> AskDocument:
    """Malformed without id or object."""
    uri, group = id_of(document), id_of(document.get("object"))
    if not uri or not group:
        raise Malformed("a Join or Follow needs an id and an object")
    message = (text(document, "content") or "")[:5000]
    return AskDocument(uri, group, message, read_edition(document))


def read_edition(document: Document) -> int:
    """How many times the person had asked or left by then; 0 where their server does not say."""
    found = document.get("edition")
    if not isinstance(found, int) or isinstance(found, bool):
        return 0
    return found if 0 < found < _MOST else 0


@dataclass(frozen=True, slots=True)
class AnswerDocument:
    """An Accept or Reject: `uri` of what it answers, and its two ends where they are given."""

    uri: str
    person: str
    group: str


def read_answer(document: Document) -> AnswerDocument | None:
    """None when it answers neither a Join nor a Follow."""
    answered = document.get("object")
    if isinstance(answered, list):
        answered = answered[0] if len(answered) == 1 else None
    if isinstance(answered, str):
        return AnswerDocument(answered, "", "")
    if not isinstance(answered, dict) or not is_a(answered, "Join", "Follow"):
        return None
    return AnswerDocument(
        id_of(answered) or "",
        id_of(answered.get("actor")) or "",
        id_of(answered.get("object")) or "",
    )


@dataclass(frozen=True, slots=True)
class ModerationDocument:
    """Block, Add, Remove or Invite: who it concerns, and the group or collection it is about."""

    person: str
    target: str
    reason: str
    until: datetime | None
    role: Role


def read_moderation(document: Document) -> ModerationDocument | None:
    """None when it names nobody or nothing; Malformed for an impossible end."""
    person, target = id_of(document.get("object")), id_of(document.get("target"))
    if not person or not target:
        return None
    end = text(document, "endTime") or text(document, "expires")
    found = text(document, "role")
    known = _BY_NAME.get(found or "", "moderator")
    reason = text(document, "summary") or text(document, "content") or ""
    return ModerationDocument(person, target, reason[:1000], _moment(end), known)


def _moment(given: Json) -> datetime | None:
    if not isinstance(given, str):
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise Malformed("that is no moment in time") from error
    if moment.year > _LAST_YEAR:
        return None  # without end, and more than a database's calendar takes
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
