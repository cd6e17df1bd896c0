"""What the original of an own version has changed since, beside what was changed here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar
from uuid import UUID

from schema import blueprints, differences
from schema import database as db
from schema.blueprints import Blueprint, Line, Step, Version
from schema.database import Conn
from schema.differences import Difference, LineChange, StepChange

Whole: TypeAlias = tuple[Version, Sequence[Line], Sequence[Step]]
Row = TypeVar("Row", Line, Step)


@dataclass(frozen=True, slots=True)
class Merge:
    """`found`: what the original did and the own version has not yet. `own_lines`, `own_steps`:
    by key what stands here where both have changed the same; None where it was taken out here.
    `own_text`: whether both have changed the long text."""

    found: Difference
    own_lines: dict[str, Line | None]
    own_steps: dict[str, Step | None]
    own_facts: dict[str, str]
    own_text: bool

    @property
    def conflicts(self) -> int:
        """How many changes meet one of our own."""
        return len(self.own_lines) + len(self.own_steps) + len(self.own_facts) + int(self.own_text)


def between(base: Whole, theirs: Whole, own: Whole) -> Merge:
    """From `base`, which both began with."""
    found = differences.between(base, theirs)
    mine, apart = differences.between(base, own), differences.between(own, theirs)
    open_lines, open_steps = {c.key for c in apart.lines}, {c.key for c in apart.steps}
    open_facts = {name for name, _, _ in apart.facts}
    kept = replace(
        found,
        lines=tuple(c for c in found.lines if c.key in open_lines),
        steps=tuple(c for c in found.steps if c.key in open_steps),
        facts=tuple(fact for fact in found.facts if fact[0] in open_facts),
        text=found.text if apart.text else (),
    )
    changed = {name: after for name, _, after in mine.facts}
    return Merge(
        kept,
        _both(kept.lines, {c.key: c.new for c in mine.lines}),
        _both(kept.steps, {c.key: c.new for c in mine.steps}),
        {name: changed[name] for name, _, _ in kept.facts if name in changed},
        bool(kept.text and mine.text),
    )


def _both(
    changes: Sequence[LineChange] | Sequence[StepChange], mine: dict[str, Row | None]
) -> dict[str, Row | None]:
    return {change.key: mine[change.key] for change in changes if change.key in mine}


async def find_newer(conn: Conn, row: Blueprint) -> tuple[Version, Version] | None:
    """For an own version: what was last taken of its original, and what that says now; None where
    there is nothing newer, or the original is not known, or gone."""
    first = await blueprints.find_version(conn, row.forked_from) if row.forked_from else None
    if first is None:
        return None
    origin = await blueprints.get(conn, first.blueprint_id)
    base = await _last_taken(conn, row.id, origin.id) or first
    if origin.state != "open" or origin.latest_id in (None, base.id):
        return None
    latest = await blueprints.get_version(conn, origin.latest_id)
    return (base, latest) if latest.number > base.number else None


async def _last_taken(conn: Conn, blueprint_id: UUID, origin_id: UUID) -> Version | None:
    id: UUID | None = await db.value(
        conn,
        """select o.id from blueprint_versions v join blueprint_versions o on o.uri = v.based_on
           where v.blueprint_id = %(own)s and o.blueprint_id = %(origin)s
           order by v.number desc limit 1""",
        {"own": blueprint_id, "origin": origin_id},
    )
    return await blueprints.get_version(conn, id) if id else None


async def load(conn: Conn, version: Version) -> Whole:
    """A version with its lines and steps."""
    lines = await blueprints.list_lines(conn, version.id)
    return version, lines, await blueprints.list_steps(conn, version.id)
