"""A manifest of Open Know-How (v1 or LOSH) as the draft of a blueprint, and what is left to do."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

import yaml

from federation.errors import Malformed
from federation.okh import licenses, links, trees
from federation.okh.parts import Part, Parts
from federation.okh.trees import Parsed, Tree, flat
from schema import categories
from schema.blueprints import Line, Step
from schema.instructions import (
    LONGEST_PURPOSE,
    LONGEST_TEXT,
    LONGEST_TITLE,
    LONGEST_WORDS,
    MOST_LINES,
    MOST_STEPS,
    NOBODYS,
    Draft,
    line,
)

How: TypeAlias = Literal["read", "guessed", "left", "kept"]


@dataclass(frozen=True, slots=True)
class Said:
    """One field of the manifest: `value` as it is taken, or what a person has to look at.

    read: as it stands · guessed: understood with judgement, please look · left: a person must say
    it · kept: nothing here reads it, it stays with the version."""

    how: How
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What an import came to; `bom` is where the manifest says its list of parts is."""

    draft: Draft
    said: tuple[Said, ...]
    bom: str = ""

    def of(self, how: How) -> list[Said]:
        """All fields that were taken in this way."""
        return [one for one in self.said if one.how == how]


_STAGES: Final = {
    **dict.fromkeys(("idea", "concept", "planning", "early-stages", "ideation"), 1),
    **dict.fromkeys(("development", "in-development", "design", "alpha"), 2),
    **dict.fromkeys(("prototype", "prototyping", "beta", "working-prototype"), 3),
    **dict.fromkeys(("production", "stable", "finished", "released", "product"), 4),
    "mass-production": 5,
}
_READINESS: Final = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5}  # of OTRL-1 to OTRL-6
_LANGUAGES: Final = {
    **dict.fromkeys(("english", "englisch", "en", "eng"), "en"),
    **dict.fromkeys(("german", "deutsch", "de", "ger", "deu"), "de"),
    **dict.fromkeys(("french", "français", "fr"), "fr"),
    **dict.fromkeys(("spanish", "español", "es"), "es"),
    **dict.fromkeys(("italian", "italiano", "it"), "it"),
}


def read(text: str, parts: Parts | None = None) -> Reading:
    """Raises Malformed, and nothing else, for what is no manifest at all."""
    parsed = trees.parse(text)
    if not parsed.table:
        raise Malformed("the manifest says nothing")
    return read_parsed(parsed, parts)


def read_parsed(parsed: Parsed, parts: Parts | None = None) -> Reading:
    """As `read`, of a text that is parsed already."""
    taking = _Taking(
        {name.strip().lower().replace("_", "-"): v for name, v in parsed.table.items()}
    )
    taking.said += [Said("left", name, f"≠ {value}"[:500]) for name, value in parsed.doubled]
    for name, value in parsed.doubled:
        taking.again.setdefault(f"{name} (2)", value)
    draft = _words(taking)
    lines, steps = _lines(taking, parts), _steps(taking)
    kept = {
        name: value for name, value in taking.table.items() if name not in taking.used and value
    }
    for name, value in kept.items():
        taking.said.append(Said("kept", name, flat(value)[:300]))
    kept |= taking.again
    extra = taking.cut("extra", _dump(kept) if kept else "", LONGEST_TEXT)
    draft = replace(draft, extra=extra, lines=lines, steps=steps)
    return Reading(draft, tuple(taking.said), taking.text("bom"))


def of_parts(name: str, parts: Parts | None) -> Reading:
    """A list of parts without any manifest: all else is left to the person."""
    title = name.rpartition("/")[2].rpartition(".")[0] or name
    reading = read_parsed(Parsed({}), parts or Parts(()))
    left = tuple(replace(one, value=title) if one.field == "title" else one for one in reading.said)
    return Reading(replace(reading.draft, title=title[:LONGEST_TITLE] or "?"), left)


@dataclass(slots=True)
class _Taking:
    """The manifest while it is read: which names were used, and what is said of them."""

    table: "dict[str, Tree]"
    used: set[str] = field(default_factory=lambda: {"okhv"})
    said: list[Said] = field(default_factory=list[Said])
    again: "dict[str, Tree]" = field(default_factory=lambda: dict[str, Tree]())

    def text(self, *names: str) -> str:
        """The first of these that says anything, as text."""
        for name in names:
            value = self.table.get(name)
            found = value if isinstance(value, str) else flat(value) if value else ""
            if found.strip():
                self.used.add(name)
                return found.strip()
        return ""

    def cut(self, name: str, text: str, longest: int) -> str:
        """The beginning of a text that is too long, which is said."""
        if len(text) > longest:
            self.tell("left", name, f"… {text[longest:]}")
        return text[:longest]

    def tell(self, how: How, name: str, value: str) -> None:
        """Says how a field was taken."""
        self.said.append(Said(how, name, " ".join(value.split())[:300]))


def _words(taking: _Taking) -> Draft:
    title = taking.text("title", "name")
    about = taking.text("description")
    purpose = taking.text("function", "intended-use") or about
    language = _language(taking, f"{purpose} {about}")
    taking.tell("read" if title else "left", "title", title)
    taking.tell("read" if purpose else "left", "purpose", purpose)
    if about:
        taking.tell("read", "description", about)
    if len(purpose) > LONGEST_PURPOSE:
        about = about or purpose
        purpose = _first_sentences(purpose)
        taking.tell("guessed", "purpose", purpose)
    if version := taking.text("version"):
        taking.tell("read", "version", version)
    if safety := taking.text("health-safety-notice"):
        taking.tell("read", "safety", safety)
    source = "\n\n".join(text for text in (_tidy(about), _links(taking), _origin(taking)) if text)
    words = f"{title} {purpose} {flat(taking.table.get('keywords', ''))}"[:800]
    kind = categories.load().guess(words, language, limit=1)
    taking.tell("guessed" if kind else "left", "category", kind[0].id if kind else "")
    return Draft(
        title=taking.cut("title", " ".join(title.split()), LONGEST_TITLE) or "?",
        purpose=" ".join(purpose.split()),
        source=taking.cut("description", source, LONGEST_TEXT),
        category=kind[0].id if kind else "other",
        language=language,
        license=_license(taking),
        label=taking.cut("version", version, 40),
        safety=safety,
        readiness=_readiness(taking),
    )


def _first_sentences(text: str) -> str:
    found = ""
    for sentence in re.split(r"(?<=[.!?])\s+", " ".join(text.split())):
        if found and len(found) + len(sentence) + 1 > LONGEST_PURPOSE:
            break
        found = f"{found} {sentence}".strip()
    return found[:LONGEST_PURPOSE]


def _tidy(text: str) -> str:
    return "\n".join(line.strip() for line in text.split("\n")).strip()


def _language(taking: _Taking, words: str) -> str:
    named = taking.text("documentation-language", "manifest-language", "language")
    first = re.split(r"[-_ ,;/]", named.lower(), maxsplit=1)[0] if named else ""
    if found := _LANGUAGES.get(first):
        exact = first == found
        taking.tell("read" if exact else "guessed", "language", f"{named} → {found}")
        return found
    if re.fullmatch(r"[a-z]{2,3}", first):
        taking.tell("read", "language", first)
        return first
    german = len(re.findall(r"\b(?:der|die|das|und|ist|ein|eine|mit|für)\b", words.lower()))
    english = len(re.findall(r"\b(?:the|and|is|a|with|for|of|to)\b", words.lower()))
    guess = "de" if german > english else "en"
    taking.tell("guessed", "language", guess)
    return guess


def _license(taking: _Taking) -> str:
    given = taking.table.get("license", taking.table.get("licence", ""))
    taking.used |= {"license", "licence"}
    if isinstance(given, dict):
        order = ("hardware", "documentation", "software")
        named = [(name, flat(given.get(name, ""))) for name in order]
    else:
        named = [("", flat(given))]
    named = [(name, text) for name, text in named if text]
    found = [(name, text, *licenses.read(text)) for name, text in named]
    chosen = next((one for one in found if one[2]), None)
    for name, text, spdx, guessed in found:
        label = f"license {name}".strip()
        if not spdx:
            taking.tell("left", label, text)
        else:
            taking.tell(
                "guessed" if guessed else "read", label, f"{text} → {spdx}" if guessed else text
            )
    if not found:
        taking.tell("left", "license", "")
    elif chosen and found[0] is not chosen:
        taking.tell("left", "license", f"{found[0][1]} ≠ {chosen[2]}")
    return chosen[2] if chosen and found[0] is chosen else ""


def _readiness(taking: _Taking) -> int | None:
    level = taking.text("technology-readiness-level")
    if found := re.search(r"([1-6])", level):
        taking.tell("read", "readiness", level)
        return _READINESS[int(found.group(1))]
    stage = taking.text("development-stage").lower().replace(" ", "-")
    made = taking.text("made").lower() in ("true", "yes", "ja")
    taking.used.discard("made")  # it says more than the stage
    near = difflib.get_close_matches(stage, _STAGES, 1, 0.75) if stage else []
    if near:
        how: How = "read" if near[0] == stage else "guessed"
        taking.tell(how, "readiness", stage if how == "read" else f"{stage} → {near[0]}")
        return _STAGES[near[0]]
    if stage or not made:
        taking.tell("left", "readiness", stage)
        return None
    taking.tell("guessed", "readiness", "made: true")
    return 3


def _links(taking: _Taking) -> str:
    """Addresses as a list of links, relative ones as text: their place is not known here."""
    found: list[str] = []
    for name, words in links.WORDS.items():
        value = taking.table.get(name)
        if not value:
            continue
        taking.used.add(name)
        given = links.files(value)
        if len(given) > links.MOST:
            taking.tell("left", name, f"{len(given)} > {links.MOST}")
            taking.again[name] = value
        for title, path in given[: links.MOST]:
            shown = title or words
            whole = path if path.startswith("http") else f"`{path}`"
            found.append(f"- {shown}: {links.safe(whole)}")
            taking.tell("read", name, path)
    return "\n".join(found)


def _origin(taking: _Taking) -> str:
    """Whom it is from: every licence but the freest asks for that. Without addresses of letters."""
    people = [_person(taking.table.get(name)) for name in ("licensor", "organization")]
    people = [name for name in dict.fromkeys(people) if name]
    for name in people:
        taking.tell("read", "licensor", name)
    return f"© {', '.join(people)}" if people else ""


def _person(value: "Tree | None") -> str:
    if isinstance(value, list):
        return ", ".join(name for item in value if (name := _person(item)))
    if isinstance(value, dict):
        name, place = flat(value.get("name", "")), flat(value.get("affiliation", ""))
        return f"{name} ({place})" if name and place else name or place
    return re.sub(r"\s*<[^<>@\s]+@[^<>\s]+>", "", value or "").strip()[:200]


def _lines(taking: _Taking, parts: Parts | None) -> tuple[Line, ...]:
    found: list[Line] = [_line(part, at) for at, part in enumerate(parts.lines)] if parts else []
    for part in parts.lines if parts else ():
        if part.number is None:
            taking.tell("left", part.title, part.said or "?")
        elif part.said:
            taking.tell("guessed", part.title, f"{part.said} → {part.number:f}")
        else:
            taking.tell("read", part.title, f"{part.number:f} {part.unit}")
    for text in parts.unread if parts else ():
        taking.tell("left", "bom", text)
    found += _own_parts(taking)
    found += _tools(taking)
    bom = taking.text("bom")
    if bom and parts is None:
        taking.tell("left", "bom", bom)
    if len(found) > MOST_LINES:
        taking.tell("left", "bom", f"{len(found)} > {MOST_LINES}")
    return tuple(found[:MOST_LINES])


def _line(part: Part, at: int) -> Line:
    return line(
        f"part{at + 1}",
        part.title,
        kind=part.kind,
        position=at,
        quantity=part.number,
        unit=part.unit,
        category=part.category or "",
        note=part.note,
        choice=part.choice,
        scaling=part.scaling,
        step=part.step,
    )


def _own_parts(taking: _Taking) -> list[Line]:
    """What the manifest itself lists (LOSH `part`): things to be made, one of each."""
    given = taking.table.get("part")
    found: list[Line] = []
    for at, part in enumerate(given if isinstance(given, list) else []):
        name = flat(part.get("name", "")) if isinstance(part, dict) else flat(part)
        if not name:
            continue
        about = part if isinstance(part, dict) else {}
        facts = [
            flat(about[key]) for key in ("material", "printing-process", "tsdc") if key in about
        ]
        note = " · ".join(dict.fromkeys(facts))[:1000]
        guess = categories.load().guess(f"{name} {note}"[:300], "en", limit=1)
        kind = guess[0].id if guess else ""
        title = taking.cut(f"part {at + 1}", name, LONGEST_WORDS)
        found.append(line(f"make{at + 1}", title, category=kind, note=note))
        taking.tell("left", name, "?")
    return found


def _tools(taking: _Taking) -> list[Line]:
    given = taking.table.get("tool-list", taking.table.get("tools"))
    if not given:
        return []
    if isinstance(given, str):
        taking.used |= {"tool-list", "tools"}
        taking.tell("left", "tool-list", given)
        return []
    names = [flat(item) for item in given] if isinstance(given, list) else [flat(given)]
    taking.used |= {"tool-list", "tools"}
    for name in names:
        taking.tell("read", "tool-list", name)
    return [
        line(
            f"tool{at + 1}",
            taking.cut("tool-list", name, LONGEST_WORDS),
            kind="tool",
            scaling="fixed",
        )
        for at, name in enumerate(names)
        if name
    ]


def _steps(taking: _Taking) -> tuple[Step, ...]:
    """Instructions that have titles are steps, one after the other."""
    given = taking.table.get("making-instructions", taking.table.get("manufacturing-instructions"))
    titled: Sequence[tuple[str, str]] = links.files(given) if isinstance(given, list) else []
    steps: list[Step] = []
    for title, path in (one for one in titled if one[0]):
        before = [steps[-1].key] if steps else []
        key = f"step{len(steps) + 1}"
        name = taking.cut(key, title, LONGEST_WORDS)
        steps.append(
            Step(NOBODYS, key, len(steps), name, links.safe(path), "", [], None, None, before)
        )
        taking.tell("guessed", key, title)
    if len(steps) > MOST_STEPS:
        taking.tell("left", "making-instructions", f"{len(steps)} > {MOST_STEPS}")
    return tuple(steps[:MOST_STEPS])


def _dump(kept: "dict[str, Tree]") -> str:
    return str(yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=100))
