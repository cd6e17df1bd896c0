"""Build reports on the wire: a Note below the blueprint that says how building it went."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from markupsafe import escape

from federation import html
from federation.documents import Document, Json, id_of, is_a, one, text
from federation.errors import Malformed
from federation.wire import notes
from federation.wire.contexts import CONTEXT
from federation.wire.notes import RemotePicture
from federation.wire.recipes import amount_text
from schema.actors import Actor
from schema.build_reports import BuildReport
from schema.posts import Picture

_TEXTS = ("worked_note", "replaced", "conditions", "place_name")


def build(
    row: BuildReport,
    *,
    author: Actor,
    version_uri: str,
    blueprint_uri: str,
    to: tuple[str, ...],
    cc: tuple[str, ...],
    pictures: list[Picture],
    origin: str,
) -> Document:
    """A report of ours; microblogs show it as a reply to the blueprint."""
    facts: Document = {name: getattr(row, name) for name in _TEXTS if getattr(row, name)}
    facts |= {"worked": row.worked, "scale": amount_text(row.scale), "version": version_uri}
    if row.project_uri:
        facts["project"] = row.project_uri
    if row.cost is not None:
        facts["cost"] = row.cost
    if row.hours is not None:
        facts["hours"] = amount_text(row.hours)
    if row.people is not None:
        facts["people"] = row.people
    said = [row.place_name, row.worked_note, row.replaced, row.conditions]
    body = "".join(f"<p>{escape(words)}</p>" for words in said if words)
    return {
        "@context": CONTEXT,
        "id": row.uri,
        "type": "Note",
        "attributedTo": author.uri,
        "to": list(to),
        "cc": list(cc),
        **notes.said(f"<p>{'✓' if row.worked else '✗'}</p>{body}", ""),
        "url": row.uri,
        "published": notes.moment(row.created),
        "inReplyTo": blueprint_uri,
        "tag": [],
        "attachment": notes.images(pictures, origin),
        "sensitive": False,
        "buildReport": facts,
    }


def tombstone(row: BuildReport) -> Document:
    """What is left of one that was removed."""
    return {"type": "Tombstone", "id": row.uri, "formerType": "Note"}


@dataclass(frozen=True, slots=True)
class BuildReportDocument:
    """What we take from another server's report; `version_uri` says what was built,
    `project_uri` by which project, '' for none."""

    id: str
    version_uri: str
    blueprint_uri: str
    project_uri: str
    worked: bool
    worked_note: str
    replaced: str
    conditions: str
    place_name: str
    cost: int | None
    hours: Decimal | None
    people: int | None
    scale: Decimal
    pictures: tuple[RemotePicture, ...]
    published: datetime | None


def is_build_report(document: Document) -> bool:
    """Whether it is one, and no reply to read."""
    return is_a(document, "Note") and isinstance(one(document.get("buildReport")), dict)


def read(document: Document) -> BuildReportDocument:
    """Raises Malformed without an id, or without what was built."""
    facts = one(document.get("buildReport"))
    id, version = text(document, "id"), ""
    if isinstance(facts, dict):
        version = id_of(facts.get("version")) or ""
    if not id or not isinstance(facts, dict) or not version:
        raise Malformed("a build report needs an id and what was built")
    said = {name: html.tidy(text(facts, name) or "").strip()[:2000] for name in _TEXTS}
    people = _decimal(facts.get("people"))
    cost = _decimal(facts.get("cost"))
    return BuildReportDocument(
        id=id,
        version_uri=version,
        blueprint_uri=notes.read_answered(document),
        project_uri=(id_of(facts.get("project")) or "")[:2000],
        worked=facts.get("worked") is True,
        worked_note=said["worked_note"],
        replaced=said["replaced"],
        conditions=said["conditions"],
        place_name=said["place_name"][:100],
        cost=int(cost) if cost is not None and cost <= 100_000_000 else None,
        hours=_decimal(facts.get("hours")),
        people=int(people) if people and people <= 100_000 else None,
        scale=_decimal(facts.get("scale")) or Decimal(1),
        pictures=notes.read_pictures(document),
        published=notes.read_moment(document, "published"),
    )


def _decimal(value: Json) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 40:
        return None
    try:
        found = round(Decimal(str(value).strip()), 3)
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= 1_000_000_000 else None
