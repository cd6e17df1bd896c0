"""The text of a manifest (YAML, TOML or JSON) as a tree of texts, lists and tables.

Every scalar stays the text it was: "version: 1.10" is no number, "no" is no boolean.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentEndEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from federation.errors import Malformed

LARGEST: Final = 400_000  # bytes of one file
DEEPEST: Final = 30
MOST_VALUES: Final = 20_000
MOST_REPAIRS: Final = 20

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"
_AT_LINE: Final = re.compile(r"line (\d+)")


@dataclass(frozen=True, slots=True)
class Parsed:
    """`table` is the manifest; `doubled` what stood under a name a second time (name, text)."""

    table: "dict[str, Tree]"
    doubled: tuple[tuple[str, str], ...] = ()


def parse(text: str) -> Parsed:
    """Whichever of the three it is; raises Malformed, and nothing else."""
    if len(text.encode("utf-8", "replace")) > LARGEST:
        raise Malformed("the manifest is too large")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if text.lstrip().startswith("{"):
        return _json(text)
    if _looks_like_toml(text):
        return _toml(text)
    return _yaml(text)


def _looks_like_toml(text: str) -> bool:
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and line[0] not in "#%-"), "")
    return bool(re.match(r"(\[+[\w.\s\"-]+\]+\s*(#.*)?$|[\w.\"-]+\s*=)", first))


def _json(text: str) -> Parsed:
    try:
        return Parsed(_table(_plain(json.loads(text))))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"no JSON: {error}"[:300]) from None


def _toml(text: str) -> Parsed:
    """A name that stands there twice is repaired: the first counts, the others are listed."""
    lines = text.split("\n")
    doubled: list[tuple[str, str]] = []
    for _ in range(MOST_REPAIRS):
        try:
            return Parsed(_table(_plain(tomllib.loads("\n".join(lines)))), tuple(doubled))
        except RecursionError:
            raise Malformed("no TOML: too deep") from None
        except ValueError as error:
            at = _AT_LINE.search(str(error))
            number = int(at.group(1)) - 1 if at else -1
            if "overwrite" not in str(error) or not 0 <= number < len(lines):
                raise Malformed(f"no TOML: {error}"[:300]) from None
            name, mark, value = lines[number].partition("=")
            if not mark or name.lstrip().startswith("#"):
                raise Malformed(f"no TOML: {error}"[:300]) from None
            doubled.append((name.strip(), value.strip()))
            lines[number] = "#" + lines[number]
    raise Malformed("no TOML: too many names stand there twice")


def _plain(value: object, depth: int = 0) -> Tree:
    """What tomllib and json give, with texts for all scalars."""
    if depth > DEEPEST:
        raise Malformed("the manifest is nested too deeply")
    if isinstance(value, dict):
        items: dict[object, object] = value  # pyright: ignore[reportUnknownVariableType]
        return {str(key): _plain(item, depth + 1) for key, item in items.items()}
    if isinstance(value, list):
        values: list[object] = value  # pyright: ignore[reportUnknownVariableType]
        return [_plain(item, depth + 1) for item in values]
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _table(tree: Tree) -> "dict[str, Tree]":
    if not isinstance(tree, dict):
        raise Malformed("a manifest has names and values, and this has none")
    return tree


def _yaml(text: str) -> Parsed:
    reader = _Reader()
    try:
        for event in _events(text):
            if isinstance(event, DocumentEndEvent):
                break
            reader.take(event)
    except yaml.YAMLError as error:
        raise Malformed(f"no YAML: {error}"[:300]) from None
    except (RecursionError, ValueError, IndexError) as error:
        raise Malformed(f"no YAML: {error}"[:300]) from None
    return Parsed(_table(reader.tree), tuple(reader.doubled))


def _events(text: str) -> Iterator[Event]:
    yield from yaml.parse(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        text, Loader=yaml.SafeLoader
    )


class _Reader:
    """Builds the tree from YAML's events: nothing is constructed, no alias is expanded."""

    def __init__(self) -> None:
        self.tree: Tree = ""
        self.doubled: list[tuple[str, str]] = []
        self._open: list[Tree] = []
        self._keys: list[str | None] = []  # of each open table the name whose value comes next
        self._anchors: dict[str, str] = {}
        self._values = 0

    def take(self, event: Event) -> None:
        """One event of `yaml.parse`."""
        if isinstance(event, ScalarEvent):
            if event.anchor:
                self._anchors[event.anchor] = event.value
            self._put(event.value)
        elif isinstance(event, AliasEvent):
            self._put(self._anchors.get(event.anchor, f"*{event.anchor}"))
        elif isinstance(event, MappingStartEvent):
            self._begin({})
        elif isinstance(event, SequenceStartEvent):
            self._begin([])
        elif isinstance(event, CollectionEndEvent):
            made = self._open.pop()
            self._keys.pop()
            self._attach(made)

    def _begin(self, new: Tree) -> None:
        if len(self._open) >= DEEPEST:
            raise Malformed("the manifest is nested too deeply")
        if self._open and isinstance(self._open[-1], dict) and self._keys[-1] is None:
            raise Malformed("a name that is itself a table")
        self._open.append(new)
        self._keys.append(None)

    def _put(self, value: str) -> None:
        self._values += 1
        if self._values > MOST_VALUES:
            raise Malformed("the manifest holds too many values")
        if self._open and isinstance(self._open[-1], dict) and self._keys[-1] is None:
            self._keys[-1] = value
        else:
            self._attach(value)

    def _attach(self, value: Tree) -> None:
        if not self._open:
            self.tree = value
            return
        above = self._open[-1]
        if isinstance(above, list):
            above.append(value)
        elif isinstance(above, dict):
            key, self._keys[-1] = self._keys[-1] or "", None
            if key in above:
                self.doubled.append((key, flat(value)))
            else:
                above[key] = value


def flat(tree: Tree) -> str:
    """All texts of a tree on one line, for people to read."""
    return " · ".join(dict.fromkeys(_texts(tree)))


def _texts(tree: Tree) -> Iterator[str]:
    if isinstance(tree, str):
        if said := " ".join(tree.split()):
            yield said
    elif isinstance(tree, list):
        for item in tree:
            yield from _texts(item)
    else:
        for name, item in tree.items():
            yield f"{name}: {flat(item)}" if isinstance(item, str) else f"{name}: ({flat(item)})"
