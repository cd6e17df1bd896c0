"""What clients asked for, written outside the servers: begun, answered, with which result."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, TypeAlias

import msgspec

Kind: TypeAlias = Literal["offer", "thread", "reply"]
Act: TypeAlias = Literal["create", "edit", "delete", "join", "leave", "ask", "accept"]
Result: TypeAlias = Literal["done", "refused", "unknown"]


class Op(msgspec.Struct, frozen=True):
    """One thing that a client did; times are seconds since the rig began.

    `item`: the uri of what is made or changed, of the community that is joined, or the key of the
    agreement that is asked for and accepted. `mark`: the word
    that only this version of it contains. `ended` is when the server's answer came: before it,
    nothing is promised.
    """

    city: str
    by: str
    act: Act
    item: str
    began: float
    ended: float = 0.0
    result: Result = "unknown"
    kind: Kind = "offer"
    mark: str = ""
    under: str = ""
    """The community of a thread; the thread of a reply; the offer that is asked for."""
    failures: tuple[str, ...] = ()
    """Answers of the server's own fault, and broken connections, before the last one."""


@dataclass(slots=True)
class History:
    """Ops in the order of their end, each on disk before the next begins."""

    ops: list[Op]
    file: IO[bytes] | None = None

    def add(self, op: Op) -> None:
        self.ops.append(op)
        if self.file is not None:
            self.file.write(msgspec.json.encode(op) + b"\n")
            self.file.flush()


def opened(path: Path) -> History:
    """A new one, kept in this file."""
    return History([], path.open("ab"))


@dataclass(frozen=True, slots=True)
class Item:
    """What should have become of one thing: the marks it may bear at the end, and whether it may
    or must be gone. An unanswered op may have had its effect or not."""

    uri: str
    kind: Kind
    city: str
    by: str
    under: str
    marks: frozenset[str]
    acked: bool
    deleted: bool
    may_be_deleted: bool


def items(ops: list[Op]) -> Iterator[Item]:
    """Each thing with what its author's ops allow; an author does one op after the other."""
    of: dict[str, list[Op]] = {}
    for op in ops:
        if op.act in ("create", "edit", "delete") and op.result != "refused":
            of.setdefault(op.item, []).append(op)
    for uri, done in of.items():
        first, marks, deleted, perhaps = done[0], set[str](), False, False
        for op in done:
            if op.act == "delete":
                deleted, perhaps = deleted or op.result == "done", True
            else:
                marks = {op.mark} if op.result == "done" else marks | {op.mark}
        yield Item(
            uri=uri,
            kind=first.kind,
            city=first.city,
            by=first.by,
            under=first.under,
            marks=frozenset(marks),
            acked=first.result == "done",
            deleted=deleted,
            may_be_deleted=perhaps,
        )
