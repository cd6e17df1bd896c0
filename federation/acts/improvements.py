"""Offering what one did better to the original; its author takes over what fits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from federation import outbox
from federation.acts import blueprints as writing_blueprints
from federation.instance import Tx
from federation.outbox import Received
from schema import actors, blueprints, ids, improvements, merges, notices
from schema.actors import Actor
from schema.blueprints import Blueprint, Line, Step, Version
from schema.differences import FACTS
from schema.errors import Conflict, Forbidden
from schema.improvements import Improvement
from schema.instructions import Draft
from schema.words import N_

Row = TypeVar("Row", Line, Step)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is taken over: keys of lines and steps, names of facts, the long text with `words`."""

    lines: Sequence[str] = ()
    steps: Sequence[str] = ()
    facts: Sequence[str] = ()
    words: bool = False


async def offer(
    tx: Tx,
    *,
    by: Actor,
    version: Version,
    origin: Blueprint,
    text: str = "",
    uri: str = "",
    received: Received | None = None,
) -> None:
    """A version of an own version, offered to the blueprint it was made of, here or elsewhere.

    `uri` is a received one's. Forbidden for what is no own version of it, or not by its author."""
    own = await blueprints.get(tx.conn, version.blueprint_id)
    first = await blueprints.find_version(tx.conn, own.forked_from) if own.forked_from else None
    if first is None or first.blueprint_id != origin.id or own.author_id != by.id:
        raise Forbidden(N_("This is no own version of it."))
    id = ids.new()
    row = Improvement(
        id=id,
        uri=uri or tx.addresses.activity(id),
        blueprint_id=origin.id,
        version_id=version.id,
        by_id=by.id,
        text=text.strip()[:1000],
        state="open",
        created=tx.instance.clock(),
    )
    if not await improvements.insert(tx.conn, row):
        await outbox.done(tx, received)
        if received is None:
            raise Conflict(N_("This was offered already."))
        return
    author = await actors.get(tx.conn, origin.author_id)
    await notices.tell(
        tx.conn, author.id, "blueprint.improved", by=by.id, blueprint=origin.id, text=row.text
    )
    if received is None and not author.is_local:
        body = {"type": "Offer", "object": version.uri, "target": origin.uri, "content": row.text}
        await outbox.send(tx, by, body, [author], about=own.uri)
    await outbox.done(tx, received)


async def take(
    tx: Tx,
    *,
    by: Actor,
    improvement: Improvement,
    lines: Sequence[str],
    steps: Sequence[str],
    words: bool,
) -> Blueprint:
    """The chosen lines and steps (by key), and the long text with `words`, become a new version;
    a key that the offered version has no more is taken away."""
    origin = await _mine(tx, by, improvement)
    offered = await blueprints.get_version(tx.conn, improvement.version_id)
    named = await blueprints.get(tx.conn, offered.blueprint_id)
    chosen = Chosen(lines, steps, words=words)
    changes = f"← {named.title}: {improvement.text or named.uri}"
    draft = await _draft(tx, origin, offered, chosen, changes)
    await improvements.close(tx.conn, improvement.id, "taken")
    return await writing_blueprints.revise(tx, by=by, blueprint=origin, draft=draft)


async def follow(
    tx: Tx, *, by: Actor, blueprint: Blueprint, version: Version, chosen: Chosen
) -> Blueprint:
    """An own version takes over what was chosen of its original's newest `version`."""
    row = await blueprints.lock(tx.conn, blueprint.id)
    newer = await merges.find_newer(tx.conn, row)
    if newer is None or newer[1].id != version.id:
        raise Conflict(N_("This is settled already."))
    changes = f"← {version.title} ({version.number}): {version.changes or version.uri}"
    draft = await _draft(tx, row, version, chosen, changes)
    return await writing_blueprints.revise(tx, by=by, blueprint=row, draft=draft, based_on=version)


async def _draft(tx: Tx, row: Blueprint, other: Version, chosen: Chosen, changes: str) -> Draft:
    """The latest version of `row` with what was chosen of the `other`."""
    latest = await blueprints.get_version(tx.conn, row.latest_id or row.id)
    said = {name: getattr(latest, name) for name in Draft.__slots__ if name in Version.__slots__}
    said |= {name: getattr(other, name) for name in chosen.facts if name in FACTS}
    own_lines = await blueprints.list_lines(tx.conn, latest.id)
    own_steps = await blueprints.list_steps(tx.conn, latest.id)
    draft = Draft(**said, category=row.category, language=row.language)
    return replace(
        draft,
        license=row.license,
        source=other.source if chosen.words else latest.source,
        changes=changes[:1000],
        lines=_merged(own_lines, await blueprints.list_lines(tx.conn, other.id), chosen.lines),
        steps=_merged(own_steps, await blueprints.list_steps(tx.conn, other.id), chosen.steps),
    )


async def decline(tx: Tx, *, by: Actor, improvement: Improvement) -> None:
    """Nothing changes."""
    await _mine(tx, by, improvement)
    await improvements.close(tx.conn, improvement.id, "declined")


async def _mine(tx: Tx, by: Actor, improvement: Improvement) -> Blueprint:
    origin = await blueprints.lock(tx.conn, improvement.blueprint_id)
    if origin.author_id != by.id:
        raise Forbidden(N_("Only its author decides about that."))
    if (await improvements.get(tx.conn, improvement.id)).state != "open":
        raise Conflict(N_("This is settled already."))
    return origin


def _merged(own: Sequence[Row], other: Sequence[Row], keys: Sequence[str]) -> tuple[Row, ...]:
    theirs = {row.key: row for row in other}
    kept = [theirs.get(row.key) if row.key in keys else row for row in own]
    known = {row.key for row in own}
    new = [row for row in other if row.key in keys and row.key not in known]
    return (*(row for row in kept if row), *new)
