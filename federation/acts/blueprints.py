"""What people do with blueprints: publish, make a new version, fork, withdraw, remove."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from federation import html, outbox
from federation.acts import enclosed, recording, writing
from federation.acts.audiences import addressed
from federation.addresses import Addresses
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import blueprints as wire
from federation.wire.attachments import RemoteFile
from federation.wire.notes import RemotePicture
from schema import (
    actors,
    blueprints,
    ids,
    instructions,
    lineages,
    logs,
    notices,
    publishing,
    standings,
)
from schema import files as stored_files
from schema.actors import Actor
from schema.blueprints import Blueprint, Version
from schema.database import Conn
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.instructions import Draft
from schema.proposals import Scope
from schema.words import N_


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a blueprint of another server brings along: `html` clean, times not in the future;
    `document` is the original."""

    uri: str
    version_uri: str
    number: int
    html: str
    document: str
    based_on: str
    forked_from: str
    created: datetime
    updated: datetime
    pictures: tuple[RemotePicture, ...] = ()
    files: tuple[RemoteFile, ...] = ()


async def publish(
    tx: Tx,
    *,
    by: Actor,
    draft: Draft,
    community: Actor | None = None,
    scope: Scope = "everyone",
    pictures: Sequence[UUID] = (),
    files: Sequence[UUID] = (),
    id: UUID | None = None,
    forked_from: Version | None = None,
    foreign: Foreign | None = None,
    received: Received | None = None,
) -> Blueprint:
    """A new blueprint in its first version. `id` is minted by the form, so that a double press
    gives one; `forked_from`: the version that this is a version of its own of."""
    known = await _known(tx, by, id)
    if known is not None:
        return known
    standing = await writing.check_writer(tx, by, community, received)
    if standing.join_rule == "hidden":
        scope = "community"
    if foreign is None:
        draft = instructions.check(draft)
        if community is None and scope == "community":
            raise Invalid({"community": N_("Please choose the community that should see it.")})
    elif await publishing.was_deleted(tx.conn, foreign.uri, by.id):
        raise Conflict(N_("It was deleted before it arrived."))
    row = _row(tx, by, draft, community, scope, id or ids.new(), foreign)
    if forked_from is not None:
        row = replace(row, forked_from=forked_from.uri)
    stored = await blueprints.insert(tx.conn, row)
    if stored is None:
        known = await _known(tx, by, id)
        if known is None:
            raise Conflict(N_("That exists already."))
        return known
    stored = await _add_version(tx, stored, draft, row.forked_from, foreign)
    await _show(tx, stored, pictures, files, foreign)
    await _record(tx, by, "Create", stored, received)
    await _tell_origin(tx, by, stored)
    return stored


async def revise(
    tx: Tx,
    *,
    by: Actor,
    blueprint: Blueprint,
    draft: Draft,
    pictures: Sequence[UUID] | None = None,
    files: Sequence[UUID] | None = None,
    based_on: Version | None = None,
    scope: Scope | None = None,
    foreign: Foreign | None = None,
    received: Received | None = None,
) -> Blueprint:
    """A new version by its author; the older ones stay readable. Who builds it is told.

    Where only licence, kind or language change, the version stays. `pictures`, `files` None: as
    before.
    `based_on`: a version of another blueprint that something was taken over from. `scope`: for
    fewer people from now on. Of another server an older version changes nothing.
    """
    row = await _own(tx, by, blueprint)
    if foreign is not None and foreign.updated <= row.updated:
        await _record(tx, by, "Update", row, received)
        return row
    if foreign is None:
        draft = instructions.check(draft)
    latest = await blueprints.get_version(tx.conn, row.latest_id) if row.latest_id else None
    updated = foreign.updated if foreign else recording.later(tx, row)
    row = replace(
        row,
        title=draft.title,
        purpose=draft.purpose,
        category=draft.category or row.category,
        language=draft.language,
        license=draft.license,
        scope=writing.narrower(row.scope, scope) if scope else row.scope,
        updated=updated,
    )
    is_new = latest is None or latest.hash != instructions.digest(draft)
    if is_new:
        before = based_on or latest
        row = await _add_version(tx, row, draft, before.uri if before else "", foreign)
    else:
        await blueprints.update(tx.conn, row)
    await _show(tx, row, pictures, files, foreign)
    await _record(tx, by, "Update", row, received)
    if is_new:
        await _tell_adopters(tx, by, row)
    return row


async def add_older(tx: Tx, *, blueprint: Blueprint, draft: Draft, foreign: Foreign) -> None:
    """A version of another server that was missed when it was new; the latest stays."""
    row = await blueprints.lock(tx.conn, blueprint.id)
    latest = await blueprints.get_version(tx.conn, row.latest_id) if row.latest_id else None
    if latest is not None and foreign.number < latest.number:
        version = _version(tx, row, draft, foreign.number, "", foreign)
        document = foreign.document
        await blueprints.insert_version(tx.conn, version, draft.lines, draft.steps, document)


async def withdraw(
    tx: Tx, *, by: Actor, blueprint: Blueprint, received: Received | None = None
) -> Blueprint:
    """Its author takes it back: it leaves all lists. Projects keep the needs they made of it."""
    row = await blueprints.lock(tx.conn, blueprint.id)
    if row.author_id != by.id:
        raise Forbidden(N_("Only its author can do that."))
    if not await blueprints.withdraw(tx.conn, row.id):
        await outbox.done(tx, received)
        return row
    await stored_files.attach(tx.conn, row.id, ())
    await _record(tx, by, "Delete", row, received)
    return await blueprints.get(tx.conn, row.id)


async def remove(
    tx: Tx, *, by: Actor, blueprint: Blueprint, reason: str, received: Received | None = None
) -> Blueprint:
    """By a moderator of its community, or of this place; the author is told the reason."""
    row = await blueprints.lock(tx.conn, blueprint.id)
    author = await actors.get(tx.conn, row.author_id)
    standing = await standings.get(tx.conn, by.id, row.community_id)
    through = received.through if received else None
    passed = through is not None and not through.is_local and through.id == row.community_id
    if not (standing.moderates or standing.keeps_order or passed):
        raise Forbidden(N_("Only a moderator can remove this."))
    if received is None and not reason.strip():
        raise Invalid({"reason": N_("Please say why; the author will read it.")})
    if not await blueprints.remove(tx.conn, row.id, reason.strip()):
        await outbox.done(tx, received)
        return row
    if by.is_local and standing.keeps_order:
        await logs.write(tx.conn, by, "remove", row.uri, reason)
    await notices.tell(
        tx.conn, row.author_id, "removed", by=by.id, blueprint=row.id, text=f"{row.title}: {reason}"
    )
    await outbox.done(tx, received)
    if author.is_local:
        # Everybody understands a Delete by the author; the author's server speaks for them.
        await _record(tx, author, "Delete", row, None)
    return await blueprints.get(tx.conn, row.id)


async def served(conn: Conn, addresses: Addresses, path: str) -> tuple[Blueprint, Version | None]:
    """What an address of ours names: a blueprint, or one of its versions; Missing for others."""
    uri = addresses.origin + path
    row = await blueprints.find(conn, uri)
    version = None if row else await blueprints.find_version(conn, uri)
    if version is not None:
        row = await blueprints.get(conn, version.blueprint_id)
    if row is None:
        raise Missing(writing.NOT_HERE)
    return row, version


async def document(
    conn: Conn, addresses: Addresses, row: Blueprint, version: Version | None = None
) -> Document:
    """A blueprint of ours as its address shows it, or one `version` of it, under its own id."""
    author = await actors.get(conn, row.author_id)
    community = await writing.community_of(conn, row.community_id)
    to, cc = addressed(author, row.scope, community, addresses)
    if version is None and row.latest_id is None:
        raise Missing(writing.NOT_HERE)
    shown = version or await blueprints.get_version(conn, row.latest_id or row.id)
    setting = wire.Setting(
        author=author,
        addresses=addresses,
        to=to,
        cc=cc,
        lines=await blueprints.list_lines(conn, shown.id),
        steps=await blueprints.list_steps(conn, shown.id),
        community_uri=community.uri if community else None,
        pictures=await blueprints.list_pictures(conn, row.id),
        files=await stored_files.list_of(conn, row.id),
        built=await lineages.count_built(conn, row.id),
    )
    return wire.build(row, shown, setting, alone=version is not None)


async def _known(tx: Tx, by: Actor, id: UUID | None) -> Blueprint | None:
    """What the first press of the same form has made."""
    known = await blueprints.find_by_id(tx.conn, id) if id else None
    if known is not None and known.author_id != by.id:
        raise Conflict(N_("That exists already."))
    return known


def _row(
    tx: Tx,
    by: Actor,
    draft: Draft,
    community: Actor | None,
    scope: Scope,
    id: UUID,
    foreign: Foreign | None,
) -> Blueprint:
    now = tx.instance.clock()
    return Blueprint(
        id=id,
        uri=foreign.uri if foreign else tx.addresses.blueprint(id),
        author_id=by.id,
        community_id=community.id if community else None,
        scope=scope,
        title=draft.title,
        purpose=draft.purpose,
        category=draft.category or "other",
        language=draft.language,
        license=draft.license,
        latest_id=None,
        forked_from=foreign.forked_from if foreign else "",
        state="open",
        removed_reason="",
        created=foreign.created if foreign else now,
        updated=foreign.updated if foreign else now,
    )


async def _add_version(
    tx: Tx, row: Blueprint, draft: Draft, based_on: str, foreign: Foreign | None
) -> Blueprint:
    known = await blueprints.list_versions(tx.conn, row.id)
    number = known[0].number + 1 if known else 1
    if foreign is not None:
        number = max(number, foreign.number)
    version = _version(tx, row, draft, number, based_on, foreign)
    original = foreign.document if foreign else ""
    if await blueprints.insert_version(tx.conn, version, draft.lines, draft.steps, original):
        row = replace(row, latest_id=version.id)
    await blueprints.update(tx.conn, row)
    return row


def _version(
    tx: Tx, row: Blueprint, draft: Draft, number: int, based_on: str, foreign: Foreign | None
) -> Version:
    said = {name: getattr(draft, name) for name in Draft.__slots__ if name in Version.__slots__}
    return Version(
        id=ids.new(),
        blueprint_id=row.id,
        uri=foreign.version_uri if foreign else tx.addresses.version(row.id, number),
        number=number,
        hash=instructions.digest(draft),
        html=foreign.html if foreign else html.to_html(draft.source),
        based_on=foreign.based_on or foreign.forked_from if foreign else based_on,
        created=foreign.updated if foreign else row.updated,
        **said,
    )


async def _show(
    tx: Tx,
    row: Blueprint,
    pictures: Sequence[UUID] | None,
    attached: Sequence[UUID] | None,
    foreign: Foreign | None,
) -> None:
    if foreign is not None:
        await enclosed.files(tx, row.id, foreign.files)
        have = {p.remote_url: p.id for p in await blueprints.list_pictures(tx.conn, row.id)}
        wanted = await enclosed.remote(tx, foreign.pictures, have)
        if wanted or have:
            await blueprints.attach(tx.conn, row.id, wanted)
    elif pictures is not None:
        await blueprints.attach(tx.conn, row.id, pictures)
    if foreign is None and attached is not None:
        await stored_files.attach(tx.conn, row.id, attached)


async def _tell_origin(tx: Tx, by: Actor, row: Blueprint) -> None:
    """The author of what this was made of, where that is one of ours."""
    origin = await blueprints.find_version(tx.conn, row.forked_from) if row.forked_from else None
    if origin is not None:
        first = await blueprints.get(tx.conn, origin.blueprint_id)
        await notices.tell(tx.conn, first.author_id, "blueprint.forked", by=by.id, blueprint=row.id)


async def _tell_adopters(tx: Tx, by: Actor, row: Blueprint) -> None:
    for person, project in await lineages.list_stewards(tx.conn, row.id):
        await notices.tell(
            tx.conn, person, "blueprint.version", by=by.id, blueprint=row.id, community=project
        )
    for person in await lineages.list_forkers(tx.conn, row.id):
        await notices.tell(tx.conn, person, "blueprint.version", by=by.id, blueprint=row.id)


async def _own(tx: Tx, by: Actor, blueprint: Blueprint) -> Blueprint:
    row = await blueprints.lock(tx.conn, blueprint.id)
    await recording.check_own(tx, by, row)
    return row


async def _record(tx: Tx, by: Actor, kind: str, row: Blueprint, received: Received | None) -> None:
    async def written() -> Document:
        gone = kind == "Delete"
        return wire.tombstone(row) if gone else await document(tx.conn, tx.addresses, row)

    await recording.record(tx, by, kind, row, received, written)
