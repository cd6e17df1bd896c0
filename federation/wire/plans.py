"""The plan of a project on the wire: a Note that is a FEP-3264 Plan too, whole in every edition."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from markupsafe import escape

from federation.documents import Document
from federation.wire import notes
from federation.wire.actors import place
from federation.wire.agreements import measure, plain
from federation.wire.contexts import CONTEXT
from federation.wire.proposals import SPEC
from schema.actors import Actor
from schema.plans import Process, TaskLine
from schema.project_needs import Gift, Kind, Need
from schema.projects import Project

_USES: Final[dict[Kind, str]] = {"material": "consume", "tool": "use"}


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything around a project that its plan names; `givers` are uris by the gift's."""

    group: Actor
    origin: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    processes: Sequence[Process]
    tasks: Sequence[TaskLine]
    needs: Sequence[Need]
    gifts: Sequence[Gift]
    givers: dict[str, str]
    language: str = "de"


def build(row: Project, setting: Setting) -> Document:
    """The whole plan as it is now."""
    group = setting.group
    name = f"{'PROJEKT' if setting.language.startswith('de') else 'PROJECT'}: {group.title}"
    document: Document = {
        "@context": CONTEXT,
        "id": row.plan_uri,
        "type": "Note",
        "attributedTo": group.uri,
        "to": list(setting.to),
        "cc": list(setting.cc),
        "name": name,
        **notes.said(_content(row, name), setting.language),
        "source": {"content": row.aim, "mediaType": "text/markdown"},
        "url": row.plan_uri,
        "published": notes.moment(row.created),
        "updated": notes.moment(row.updated),
        "tag": [
            {"type": "Hashtag", "name": "#project", "href": f"{setting.origin}/projects"},
        ],
        "attachment": [],
        "sensitive": False,
        "edition": row.edition,
        "projectState": row.state,
        "planIncludes": [
            *(_process(process, setting) for process in setting.processes),
            *_needs(setting, None),
        ],
    }
    if row.place_name or row.latitude is not None:
        document["location"] = place(row.place_name, row.latitude, row.longitude)
    if row.starts:
        document["hasBeginning"] = _day(row.starts)
    if row.ends:
        document["due"] = _day(row.ends)
    if row.version_uri:
        document |= {"wasDerivedFrom": row.version_uri, "derivedTitle": row.version_title}
    if row.scale is not None:
        document |= {"scale": plain(row.scale), "scaleUnit": row.output}
    return document


def _content(row: Project, name: str) -> str:
    link = f'<a href="{escape(row.plan_uri)}">{escape(row.plan_uri)}</a>'
    return f"<p><strong>{escape(name)}</strong></p>{row.html}<p>{link}</p>"


def _process(row: Process, setting: Setting) -> Document:
    document: Document = {
        "type": "Process",
        "id": row.uri,
        "name": row.name,
        "finished": row.finished,
        "hasInput": [
            *(_task(task, setting.group) for task in setting.tasks if task.process_id == row.id),
            *_needs(setting, row),
        ],
    }
    if row.step_key:
        document["stepKey"] = row.step_key
    if row.starts:
        document["hasBeginning"] = _day(row.starts)
    if row.ends:
        document["hasEnd"] = _day(row.ends)
    return document


def _task(row: TaskLine, group: Actor) -> Document:
    """Open it is an Intent, taken a Commitment of its owner (FEP-3264)."""
    document: Document = {
        "type": "Intent" if row.state == "open" else "Commitment",
        "id": row.uri,
        "action": "work",
        "name": row.name,
        "receiver": group.uri,
        "finished": row.state == "done",
    }
    if row.owner_uri:
        document["provider"] = row.owner_uri
    if row.hours is not None:
        document["effortQuantity"] = measure(row.hours, "h")
    if row.due:
        document["due"] = _day(row.due)
    extra = {"note": row.note, "workRole": row.role, "stepKey": row.step_key}
    return {**document, **{key: value for key, value in extra.items() if value}}


def _needs(setting: Setting, process: Process | None) -> "Iterator[Document]":
    id = process.id if process else None
    for need in setting.needs:
        if need.process_id == id and not need.dropped:
            yield _need(need, setting.group)
            yield from (_gift(g, need, setting) for g in setting.gifts if g.need_id == need.id)


def _need(row: Need, group: Actor) -> Document:
    document: Document = {
        "type": "Intent",
        "id": row.uri,
        "action": _USES[row.kind],
        "name": row.name,
        "receiver": group.uri,
        "resourceConformsTo": SPEC + row.category,
        "resourceQuantity": measure(row.quantity, row.unit),
        "finished": row.is_met,
        "promised": plain(row.promised),
        "met": plain(row.met),
    }
    if row.proposal_uri:
        document["listing"] = row.proposal_uri
    extra = {"note": row.note, "lineKey": row.line_key, "choice": row.choice}
    return {**document, **{key: value for key, value in extra.items() if value}}


def _gift(row: Gift, need: Need, setting: Setting) -> Document:
    document: Document = {
        "type": "EconomicEvent",
        "id": row.uri,
        "action": "transfer",
        "receiver": setting.group.uri,
        "satisfies": need.uri,
        "resourceQuantity": measure(row.amount, need.unit),
        "hasPointInTime": notes.moment(row.at),
    }
    if row.giver_name:
        document["name"] = row.giver_name
    if giver := setting.givers.get(row.uri):
        document["provider"] = giver
    return document


def _day(day: date) -> str:
    return notes.moment(datetime.combine(day, time(), UTC))
