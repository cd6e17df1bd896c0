"""Bytes from another server into a JSON object, or Malformed; and careful looks into it.

What parsers read differently (duplicate keys, NaN, lone surrogates, huge numbers) and what a
database cannot store (NUL) is refused here, once, before anything walks the document.
"""

import math
import re
from typing import Final, TypeAlias

import orjson

from federation.errors import Malformed

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Document: TypeAlias = dict[str, Json]

LARGEST: Final = 1_000_000
"""Bytes of a whole document."""
DEEPEST: Final = 32
MOST_KEYS: Final = 200
MOST_VALUES: Final = 50_000
LONGEST_TEXT: Final = 200_000
LONGEST_KEY: Final = 500
MOST_ITEMS: Final = 1000
MOST_RECIPIENTS: Final = 500
MOST_ITEMS_BY_KEY: Final = {"tag": 100, "attachment": 16}

_RECIPIENTS: Final = frozenset({"to", "cc", "bto", "bcc"})
_LARGEST_INT: Final = 2**63 - 1
_STRINGS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_MANY_DIGITS: Final = re.compile(rb"[0-9]{19,}")


def parse(body: bytes) -> Document:
    """The JSON object in the body; raises Malformed, and nothing else, for anything unsound."""
    if len(body) > LARGEST:
        raise Malformed("document is too large")
    try:
        value: Json = orjson.loads(body)
    except (orjson.JSONDecodeError, RecursionError) as error:
        raise Malformed(f"not JSON: {str(error)[:100]}") from None
    if not isinstance(value, dict):
        raise Malformed("not a JSON object")
    # The parser keeps the last of two equal keys and turns long integers into floats. Without
    # its strings a document has one colon per key, and only digits that belong to numbers.
    bare = _STRINGS.sub(b"", body)
    for digits in _MANY_DIGITS.finditer(bare):
        if len(digits[0]) > 19 or int(digits[0]) > _LARGEST_INT:
            raise Malformed("number has too many digits")
    walk = _Walk()
    walk.object(value, 1)
    if walk.keys != bare.count(b":"):
        raise Malformed("document repeats a key")
    return value


class _Walk:
    """Counts keys and values while it checks every limit."""

    __slots__ = ("keys", "values")

    def __init__(self) -> None:
        self.keys = 0
        self.values = 0

    def object(self, document: Document, depth: int) -> None:
        if depth > DEEPEST:
            raise Malformed("document is nested too deeply")
        if len(document) > MOST_KEYS:
            raise Malformed("object has too many keys")
        self.keys += len(document)
        self._count(len(document))
        recipients = 0
        for key, value in document.items():
            if "\0" in key or len(key) > LONGEST_KEY:
                raise Malformed("object has an unusable key")
            if isinstance(value, str):
                _check_text(value)
            elif isinstance(value, list):
                if len(value) > MOST_ITEMS_BY_KEY.get(key, MOST_ITEMS):
                    raise Malformed(f"{key[:40]} has too many items")
                if key in _RECIPIENTS:
                    recipients += len(value)
                self.array(value, depth + 1)
            elif isinstance(value, dict):
                self.object(value, depth + 1)
            else:
                _check_number(value)
        if recipients > MOST_RECIPIENTS:
            raise Malformed("document has too many recipients")

    def array(self, items: "list[Json]", depth: int) -> None:
        if depth > DEEPEST:
            raise Malformed("document is nested too deeply")
        if len(items) > MOST_ITEMS:
            raise Malformed("array has too many items")
        self._count(len(items))
        for value in items:
            if isinstance(value, str):
                _check_text(value)
            elif isinstance(value, dict):
                self.object(value, depth + 1)
            elif isinstance(value, list):
                self.array(value, depth + 1)
            else:
                _check_number(value)

    def _count(self, more: int) -> None:
        self.values += more
        if self.values > MOST_VALUES:
            raise Malformed("document has too many values")


def _check_text(text: str) -> None:
    if "\0" in text:
        raise Malformed("text contains NUL")
    # Bytes are at least as many as characters; only long texts are worth encoding to count.
    if len(text) > LONGEST_TEXT // 4 and len(text.encode()) > LONGEST_TEXT:
        raise Malformed("text is too long")


def _check_number(number: float | None) -> None:
    if isinstance(number, float) and not math.isfinite(number):
        raise Malformed("number is not finite")


def one(value: Json) -> Json:
    """The value, or the first of a list; None for an empty list."""
    if isinstance(value, list):
        return value[0] if value else None
    return value


def many(value: Json) -> "list[Json]":
    """The values of a list, or the value alone in one; absent is empty."""
    if isinstance(value, list):
        return [item for item in value if item is not None]
    return [] if value is None else [value]


def id_of(value: Json) -> str | None:
    """The id of a link or an embedded object; None without one, or where there are several."""
    if isinstance(value, list):
        return id_of(value[0]) if len(value) == 1 and not isinstance(value[0], list) else None
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) and value else None


def ids_of(document: Document, key: str) -> list[str]:
    """The ids under a key, whatever shape they have, in order, each once."""
    ids = (id_of(item) for item in many(document.get(key)))
    return list(dict.fromkeys(found for found in ids if found is not None))


def text(document: Document, key: str) -> str | None:
    """The text under a key; of a language map (`keyMap`, `@value`) the first; None if empty."""
    value = one(document.get(key))
    if isinstance(value, dict):
        value = value.get("@value")
    if value is None:
        by_language = document.get(f"{key}Map")
        if isinstance(by_language, dict):
            value = next(iter(by_language.values()), None)
    return value if isinstance(value, str) and value else None


def types_of(value: Json) -> list[str]:
    """The types of an object, which may be a list; none of what is no object."""
    given = many(value.get("type")) if isinstance(value, dict) else []
    return [kind for kind in given if isinstance(kind, str)]


def is_a(value: Json, *names: str) -> bool:
    """Whether one of the types of an object is one of these."""
    return any(kind in names for kind in types_of(value))


def is_activity(document: Document) -> bool:
    """Whether something was done, and it is no thing: some put `actor` on things too (FEP-2277)."""
    return bool(id_of(document.get("actor"))) and not document.get("attributedTo")
