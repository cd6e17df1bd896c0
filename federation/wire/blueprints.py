"""Blueprints on the wire: an Article that is a Valueflows recipe as well, built and read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup, escape

from federation import html
from federation.addresses import Addresses
from federation.documents import Document, Json, id_of, many, one, text
from federation.errors import Malformed
from federation.okh import licenses
from federation.wire import attachments, notes, recipes
from federation.wire.attachments import RemoteFile
from federation.wire.contexts import CONTEXT, is_public
from federation.wire.notes import RemotePicture
from schema import categories
from schema.actors import Actor
from schema.blueprints import Blueprint, Line, Step, Version
from schema.files import File
from schema.instructions import Draft
from schema.posts import Picture

_HEAD: Final = ("BLUEPRINT: ", "BAUPLAN: ")
_TEXTS: Final = ("label", "space", "season", "safety", "output", "changes", "extra")


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything around a version that its document names; `built` how often it was built."""

    author: Actor
    addresses: Addresses
    to: tuple[str, ...]
    cc: tuple[str, ...]
    lines: Sequence[Line]
    steps: Sequence[Step]
    community_uri: str | None = None
    pictures: Sequence[Picture] = ()
    files: Sequence[File] = ()
    built: int = 0


def build(row: Blueprint, version: Version, setting: Setting, *, alone: bool = False) -> Document:
    """A blueprint of ours in its latest version, or a version `alone`, under its own id."""
    german = row.language.startswith("de")
    known = categories.load()
    name = f"{_HEAD[german]}{version.title}"
    document: Document = {
        "@context": CONTEXT,
        "id": version.uri if alone else row.uri,
        "type": "Article",
        "attributedTo": setting.author.uri,
        "to": list(setting.to),
        "cc": list(setting.cc),
        "name": name,
        "summary": f"<p>{escape(_summary(version, setting, german=german))}</p>",
        **notes.said(_content(version, setting, german=german), row.language),
        "source": {"content": version.source, "mediaType": "text/markdown"},
        "url": version.uri if alone else row.uri,
        "published": notes.moment(version.created if alone else row.created),
        "updated": notes.moment(version.created if alone else row.updated),
        "tag": notes.tag_list((), ["blueprint"], setting.addresses.origin),
        "attachment": [
            *notes.images(setting.pictures, setting.addresses.origin),
            *attachments.build(setting.files, setting.addresses.origin),
        ],
        "sensitive": False,
        "version": str(version.number),
        "category": {
            "identifier": row.category,
            "name": known.title(row.category, row.language),
        },
        "primaryOutput": {
            "type": "ResourceSpecification",
            "id": f"{version.uri}#output",
            "name": version.output or version.title,
        },
        "recipeIncludes": recipes.build(version, setting.lines, setting.steps),
        "blueprint": _facts(row, version),
    }
    if setting.community_uri:
        document["audience"] = setting.community_uri
    if address := licenses.address(row.license):
        document["license"] = address
    if version.number > 1:
        document["wasRevisionOf"] = version.based_on
    if row.forked_from:
        document["wasDerivedFrom"] = row.forked_from
    if alone:
        document["specializationOf"] = row.uri
    else:
        document["hasCurrentVersion"] = version.uri
    return document


def tombstone(row: Blueprint) -> Document:
    """What is left of one that was withdrawn."""
    return {"id": row.uri, "type": "Tombstone", "formerType": "Article"}


def _facts(row: Blueprint, version: Version) -> Document:
    """What Valueflows has no words for."""
    found: Document = {name: getattr(version, name) for name in _TEXTS if getattr(version, name)}
    found["purpose"] = version.purpose
    if row.license:
        found["license"] = row.license
    for name in ("readiness", "cost_low", "cost_high"):
        if (value := getattr(version, name)) is not None:
            found[name] = value
    return found


def cost_words(low: int | None, high: int | None) -> str:
    """As "400 EUR" or "300–500 EUR"; '' where nobody said."""
    if low is None and high is None:
        return ""
    if low is None or high is None or low == high:
        return f"{high if low is None else low} EUR"
    return f"{low}–{high} EUR"


def _summary(version: Version, setting: Setting, *, german: bool) -> str:
    hours = sum(step.hours or 0 for step in setting.steps)
    facts = [version.purpose]
    if setting.built:
        facts.append(f"{setting.built} × {'gebaut' if german else 'built'}.")
    if hours:
        facts.append(f"{hours:f} {'Stunden' if german else 'hours'}.")
    if cost := cost_words(version.cost_low, version.cost_high):
        facts.append(f"{cost}.")
    return " ".join(fact for fact in facts if fact)


def _content(version: Version, setting: Setting, *, german: bool) -> str:
    """All of it as one HTML text, for those who read nothing else."""
    purpose = f"<p><strong>{escape(version.purpose)}</strong></p>" if version.purpose else ""
    materials = recipes.listed(setting.lines, "material", german=german)
    tools = recipes.listed(setting.lines, "tool", german=german)
    body = purpose + version.html
    for title, items in (
        ("Material", materials),
        ("Werkzeug" if german else "Tools", tools),
        ("Schritte" if german else "Steps", [str(escape(step.title)) for step in setting.steps]),
    ):
        if items:
            body += f"<p><strong>{title}</strong></p><ul>"
            body += "".join(f"<li>{item}</li>" for item in items) + "</ul>"
    if version.safety:
        word = "Sicherheit" if german else "Safety"
        body += f"<p><strong>{word}</strong></p><p>{escape(version.safety)}</p>"
    return body


@dataclass(frozen=True, slots=True)
class BlueprintDocument:
    """What we take from another server's blueprint; `html` is clean, times may be in the future.
    `version_of`: of what `id` is a single version, '' for a blueprint as it is now."""

    id: str
    version_of: str
    version_uri: str
    number: int
    draft: Draft
    html: str
    based_on: str
    forked_from: str
    audience: tuple[str, ...]
    addressed: tuple[str, ...]
    public: bool
    pictures: tuple[RemotePicture, ...]
    files: tuple[RemoteFile, ...]
    published: datetime | None
    updated: datetime | None


def is_blueprint(document: Document) -> bool:
    """Whether it is instructions that can be adopted, and no article to read."""
    kinds = many(document.get("type"))
    return ("Article" in kinds or "Note" in kinds) and "recipeIncludes" in document


def read(document: Document) -> BlueprintDocument:
    """Raises Malformed when it is none, or has no title."""
    id = text(document, "id")
    if not is_blueprint(document) or not id:
        raise Malformed("a blueprint needs id and recipeIncludes")
    number = _number(text(document, "version"))
    audience = tuple(uri for uri in map(id_of, many(document.get("audience"))) if uri)
    addressed = notes.addressees(document)
    draft, body = _draft(document)
    version_of = _uri(document, "specializationOf")
    named = id if version_of else id_of(one(document.get("hasCurrentVersion")))
    return BlueprintDocument(
        id=id,
        version_of=version_of,
        version_uri=named or f"{id}#version-{number}",
        number=number,
        draft=draft,
        html=body,
        based_on=_uri(document, "wasRevisionOf"),
        forked_from=_uri(document, "wasDerivedFrom"),
        audience=audience,
        addressed=addressed,
        public=is_public(list(addressed)),
        pictures=notes.read_pictures(document),
        files=attachments.read(document),
        published=notes.read_moment(document, "published"),
        updated=notes.read_moment(document, "updated"),
    )


def _draft(document: Document) -> tuple[Draft, str]:
    facts = one(document.get("blueprint"))
    facts = facts if isinstance(facts, dict) else {}
    source = notes.read_source(document)[:60_000]
    body = html.to_html(source) if source else ""
    if not source and not notes.has_empty_source(document):
        body = notes.read_html(document)
    bare = Markup(body).striptags()
    title = html.tidy(text(document, "name") or "").strip()
    for head in _HEAD:
        title = title.removeprefix(head)
    if not title.strip():
        raise Malformed("a blueprint needs a title")
    lines, steps = recipes.read(document.get("recipeIncludes"))
    said = {name: html.tidy(text(facts, name) or "") for name in (*_TEXTS, "license", "purpose")}
    licence, _ = licenses.read(said["license"] or _uri(document, "license"))
    return (
        Draft(
            title=title.strip()[:200],
            purpose=_purpose(document, facts, said["purpose"]),
            source=source or bare[:60_000],
            category=_category(document),
            language=notes.read_language(document)[:20] or "en",
            license=licence,
            label=said["label"][:40],
            cost_low=_euros(facts.get("cost_low")),
            cost_high=_euros(facts.get("cost_high")),
            space=said["space"][:1000],
            season=said["season"][:1000],
            safety=said["safety"][:60_000],
            readiness=_level(facts.get("readiness")),
            output=said["output"][:60],
            changes=said["changes"][:1000],
            extra=said["extra"][:60_000],
            lines=lines,
            steps=steps,
        ),
        body,
    )


def _purpose(document: Document, facts: Document, said: str) -> str:
    """Of other programs the summary; ours say it, even where there is none."""
    return said[:600] if "purpose" in facts else notes.plain(text(document, "summary") or "", 600)


def _number(given: str | None) -> int:
    """Versions that are not counted ("0.10.0") are the first."""
    return int(given) if given and given.isascii() and given.isdigit() and 0 < len(given) < 7 else 1


def _uri(document: Document, key: str) -> str:
    found = id_of(one(document.get(key))) or ""
    return found if found.startswith(("https://", "http://")) and len(found) <= 2000 else ""


def _euros(value: Json) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= 100_000_000 else None


def _level(value: Json) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 1 <= value <= 5 else None


def _category(document: Document) -> str:
    found = one(document.get("category"))
    id = text(found, "identifier") if isinstance(found, dict) else None
    return id if id and categories.load().find(id) else "other"
