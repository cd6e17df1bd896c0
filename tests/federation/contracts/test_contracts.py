"""Everything that we emit is run through what other servers insist on, and is written down."""

import ast
import json
import os
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from federation.wire.contexts import CONTEXT
from tests.federation.contracts.contracts import CONTRACTS
from tests.federation.contracts.scene import Emitted, play
from tests.world import City

ROOT = Path(__file__).parents[3]
OURS = ROOT / "tests" / "documents" / "ours"
WRITE = "GOLDEN" in os.environ
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b(?!T)")
EXAMPLE = re.compile(r"<!-- ours/([\w.]+\.json) -->\n```json\n(.*?)```", re.DOTALL)
_ANY_MOMENT = 1_700_000_000  # of an edition that begins with the time
ELSEWHERE = {
    ("disputes.py", "Verdict"): "acts/test_disputes.py",
}
"""What the scene does not play, and the test that shows it."""
_SECRETS = {
    "publicKeyPem": "-----BEGIN PUBLIC KEY-----\n…",
    "publicKeyMultibase": "z…",
    "proofValue": "z…",
    "previous": "…",
}


def normal(document: Any) -> Any:
    """Ids by the order in which they appear, one time for all, keys and contexts cut."""
    numbers = count(1)
    ids: dict[str, str] = {}

    def walk(value: Any, key: str = "") -> Any:
        if key == "@context" and value == CONTEXT:
            return "CONTEXT"
        if isinstance(value, dict):
            return {k: walk(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [walk(v) for v in value]
        if key == "edition" and isinstance(value, int) and value > _ANY_MOMENT:
            return _ANY_MOMENT
        if not isinstance(value, str):
            return value
        if key in _SECRETS:
            return _SECRETS[key]
        value = _TIME.sub("2026-11-22T12:00:00Z", _UUID.sub(number, value))
        return _DATE.sub("2026-12-02", value)

    def number(found: re.Match[str]) -> str:
        if found[0] not in ids:
            ids[found[0]] = f"00000000-0000-7000-8000-{next(numbers):012}"
        return ids[found[0]]

    return walk(document)


def text_of(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def chosen(emitted: list[Emitted]) -> dict[str, Any]:
    """One document of each kind: not the first, since deliveries overtake each other."""
    found: dict[str, list[Any]] = {"context": [CONTEXT]}
    for one in emitted:
        folder = "sent" if one.sent else "served"
        found.setdefault(f"{folder}.{one.name}", []).append(normal(one.document))
    return {name: min(documents, key=text_of) for name, documents in found.items()}


async def test_all_that_we_emit_is_what_other_servers_read_and_as_it_is_written_down(
    alpha: City, beta: City
) -> None:
    emitted = await play(alpha, beta)
    wrong = [f"{one.name}: {problem}" for one in emitted for problem in problems(one)]
    assert not wrong, "\n".join(sorted(set(wrong)))
    assert not_played(emitted) == set(), sorted(not_played(emitted))
    found = {f"{name}.json": text_of(document) for name, document in chosen(emitted).items()}
    assert len(found) > 40
    if WRITE:
        OURS.mkdir(exist_ok=True)
        for old in OURS.glob("*.json"):
            old.unlink()
        for name, text in found.items():
            (OURS / name).write_text(text, "utf-8")
        write_examples()
    known = {path.name: path.read_text("utf-8") for path in OURS.glob("*.json")}
    assert sorted(known) == sorted(found), "run `make golden` and read what has changed"
    for name, text in known.items():
        assert text == found[name], f"{name}: run `make golden` and read what has changed"


def written_types(node: ast.AST) -> Iterator[str]:
    """What a module of ours writes as "type": "…"; or a literal that stands for it elsewhere."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Dict):
            for key, value in zip(inner.keys, inner.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "type":
                    for one in ast.walk(value):
                        if isinstance(one, ast.Constant) and isinstance(one.value, str):
                            yield one.value


def kinds_of(document: Any) -> Iterator[str]:
    """All types in a document, however deep."""
    if isinstance(document, dict):
        if isinstance(document.get("type"), str):
            yield document["type"]
        for value in document.values():
            yield from kinds_of(value)
    elif isinstance(document, list):
        for value in document:
            yield from kinds_of(value)


def not_played(emitted: list[Emitted]) -> set[tuple[str, str]]:
    """File and type of what `federation/wire` and the acts can write and the scene has not."""
    played = {kind for one in emitted for kind in kinds_of(one.document)}
    files = [*(ROOT / "federation" / "wire").glob("*.py")]
    files += [*(ROOT / "federation" / "acts").glob("*.py"), ROOT / "federation" / "outbox.py"]
    written = {
        (file.name, kind)
        for file in files
        for kind in written_types(ast.parse(file.read_text("utf-8")))
        if kind[:1].isupper()
    }
    return {(name, kind) for name, kind in written if kind not in played} - ELSEWHERE.keys()


def problems(one: Emitted) -> list[str]:
    found: list[str] = []
    for name, contract in CONTRACTS.items():
        try:
            contract(one.document)
        except (AssertionError, KeyError, TypeError, ValueError) as error:
            found.append(f"{name}: {type(error).__name__} {str(error).splitlines()[0]}")
    return found


@pytest.mark.parametrize(
    ("reader", "change"),
    [
        ("everybody", {"type": ["Note"]}),
        ("everybody", {"to": "https://x.example/u"}),
        ("everybody", {"cc": ["as:Public"]}),
        ("everybody", {"@context": "https://x.example/context"}),
        ("everybody", {"published": "2026-11-22T12:00:00"}),
        ("lemmy", {"attachment": [{"type": "Proposal"}]}),
        ("lemmy", {"attributedTo": ["https://x.example/u"]}),
        ("mastodon", {"summary": "an offer"}),
        ("mitra", {"publishes": {"type": "Intent", "id": "x", "action": 1}}),
        ("gotosocial", {"contentMap": {"de": "other"}}),
    ],
)
def test_the_contracts_can_fail(reader: str, change: dict[str, Any]) -> None:
    note: dict[str, Any] = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "https://x.example/1",
        "type": "Note",
        "attributedTo": "https://x.example/u",
        "to": [],
        "cc": [],
        "content": "<p>x</p>",
    }
    CONTRACTS[reader](note)
    with pytest.raises((AssertionError, ValueError)):
        CONTRACTS[reader]({**note, **change})


def examples() -> list[tuple[str, Any]]:
    """The examples of FEDERATION.md with the golden file that each names."""
    page = (ROOT / "FEDERATION.md").read_text("utf-8")
    return [(name, json.loads(example)) for name, example in EXAMPLE.findall(page)]


@pytest.mark.parametrize(("name", "example"), examples(), ids=lambda v: v if v is str else "")
def test_the_examples_of_the_federation_page_are_what_we_emit(name: str, example: Any) -> None:
    golden = json.loads((OURS / name).read_text("utf-8"))
    assert cut(example, golden) == example


def write_examples() -> None:
    """The examples of FEDERATION.md as the golden files are now, cut where they were cut."""
    page = (ROOT / "FEDERATION.md").read_text("utf-8")

    def fresh(found: re.Match[str]) -> str:
        golden = json.loads((OURS / found[1]).read_text("utf-8"))
        shown = text_of(cut(json.loads(found[2]), golden))
        return f"<!-- ours/{found[1]} -->\n```json\n{shown}```"

    (ROOT / "FEDERATION.md").write_text(EXAMPLE.sub(fresh, page), "utf-8")


def test_the_federation_page_has_examples() -> None:
    assert len(examples()) >= 4


def cut(example: Any, golden: Any) -> Any:
    """The golden document, cut where the example says `…`."""
    if example == "…":
        return "…"
    if isinstance(example, dict) and isinstance(golden, dict):
        return {key: cut(example.get(key), value) for key, value in golden.items()}
    return golden
