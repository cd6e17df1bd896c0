"""What a project needs, line by line: the listing that asks for it, what was promised and given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Ask, Conn

Kind: TypeAlias = Literal["material", "tool"]


@dataclass(frozen=True, slots=True)
class Need:
    """A line of what a project needs. `line_key` names the blueprint's line, or ''; one of those
    that share a `choice` is enough; `quantity` None: whatever there is, `met` is then 0 or 1."""

    id: UUID
    uri: str
    project_id: UUID
    process_id: UUID | None
    line_key: str
    choice: str
    kind: Kind
    position: int
    name: str
    quantity: Decimal | None
    unit: str
    category: str
    note: str
    proposal_uri: str
    promised: Decimal
    met: Decimal
    dropped: bool
    changed: datetime

    @property
    def whole(self) -> Decimal:
        """How much is all of it."""
        return Decimal(1) if self.quantity is None else self.quantity

    @property
    def is_met(self) -> bool:
        return self.met >= self.whole

    @property
    def left(self) -> Decimal | None:
        """What is still to be found; None where no amount was said."""
        return None if self.quantity is None else max(Decimal(0), self.quantity - self.met)


@dataclass(frozen=True, slots=True)
class NeedLine(Need):
    """As a page shows it: with the listing that asks for it, where it is known here."""

    proposal_id: UUID | None
    proposal_state: str | None


@dataclass(frozen=True, slots=True)
class Gift:
    """Something that was given for a need; the giver may be unknown here."""

    uri: str
    need_id: UUID
    giver_id: UUID | None
    giver_name: str
    amount: Decimal | None
    at: datetime


@dataclass(frozen=True, slots=True)
class GiftLine:
    """As a page shows it."""

    need_id: UUID
    need_name: str
    unit: str
    amount: Decimal | None
    at: datetime
    giver_name: str
    giver_kind: str
    giver_handle: str
    giver_host: str
    giver_uri: str

    @property
    def giver_url(self) -> str:
        """The page here of who gave it."""
        if self.giver_kind == "city":
            return f"/network/{self.giver_host}" if self.giver_host else "/about"
        folder = "communities" if self.giver_kind == "group" else "people"
        return f"/{folder}/{self.giver_handle}"


@dataclass(frozen=True, slots=True)
class Pledged:
    """How much a place has promised."""

    amount: Decimal
    unit: str


def missing(needs: Sequence[Need]) -> list[Need]:
    """Those that are still to be found; of a choice none once one of it is met."""
    enough = {need.choice for need in needs if need.choice and need.is_met}
    return [n for n in needs if not (n.is_met or n.dropped or (n.choice and n.choice in enough))]


def ask_lines(project_id: UUID) -> Ask[NeedLine]:
    """In their order."""
    return Ask(
        NeedLine,
        "select "
        + _COLUMNS
        + """, p.id as proposal_id, p.state as proposal_state
           from project_needs n left join proposals p
             on n.proposal_uri <> '' and p.uri = n.proposal_uri
           where n.project_id = %(id)s and not n.dropped order by n.position, n.id""",
        {"id": project_id},
    )


async def list_all(conn: Conn, project_id: UUID) -> list[Need]:
    """In their order, the dropped ones too."""
    query = _SELECT + " where n.project_id = %(id)s order by n.position, n.id"
    return await db.many(conn, Need, query, {"id": project_id})


async def get(conn: Conn, id: UUID) -> Need:
    """Missing when there is none."""
    return await db.one(conn, Need, _SELECT + " where n.id = %(id)s", {"id": id})


async def find_by_proposal(conn: Conn, proposal_uri: str) -> Need | None:
    """The line that this listing asks for."""
    query = _SELECT + " where n.proposal_uri = %(uri)s and n.proposal_uri <> '' limit 1"
    return await db.maybe(conn, Need, query, {"uri": proposal_uri})


async def is_bound(conn: Conn, proposal_id: UUID) -> bool:
    """Whether this listing asks for something that a project here needs."""
    query = """select exists (select 1 from proposals p
                 join project_needs n on n.proposal_uri = p.uri and n.proposal_uri <> ''
                 join actors a on a.id = n.project_id
               where p.id = %(id)s and a.peer is null)"""
    return bool(await db.value(conn, query, {"id": proposal_id}))


async def find_process_of(conn: Conn, proposal_uri: str) -> str:
    """The uri of the milestone, or of the plan, that this listing of ours is for; '' for none."""
    query = """select coalesce(c.uri, j.plan_uri) from project_needs n
               join projects j on j.community_id = n.project_id
               left join processes c on c.id = n.process_id
               where n.proposal_uri = %(uri)s and n.proposal_uri <> '' limit 1"""
    return await db.value(conn, query, {"uri": proposal_uri}) or ""


async def put(conn: Conn, row: Need) -> None:
    """A new one, or a known one as it is now."""
    await db.run(conn, _PUT, {n: getattr(row, n) for n in Need.__slots__})


async def put_many(conn: Conn, rows: Iterable[Need]) -> None:
    """As `put`, in one round trip."""
    await db.run_many(conn, _PUT, [{n: getattr(row, n) for n in Need.__slots__} for row in rows])


async def keep_only(conn: Conn, project_id: UUID, uris: Sequence[str]) -> None:
    """Deletes what is no longer in the plan."""
    await db.run(
        conn,
        "delete from project_needs where project_id = %(id)s and not uri = any(%(uris)s)",
        {"id": project_id, "uris": list(uris)},
    )


async def delete(conn: Conn, id: UUID) -> None:
    """Nobody looks for it any more."""
    await db.run(conn, "delete from project_needs where id = %(id)s", {"id": id})


async def count_promised(conn: Conn, id: UUID) -> Decimal:
    """What is agreed on for the listing that asks for it; without an amount 1 is all."""
    query = """select coalesce(sum(coalesce(a.amount, 1)), 0) from project_needs n
                 join proposals p on n.proposal_uri <> '' and p.uri = n.proposal_uri
                 join agreements a on a.proposal_id = p.id and a.state = 'agreed'
               where n.id = %(id)s"""
    return Decimal(await db.value(conn, query, {"id": id}))


async def find_by_uri(conn: Conn, project_id: UUID, uri: str) -> Need | None:
    """The line of this address in the project's plan."""
    query = _SELECT + " where n.project_id = %(project)s and n.uri = %(uri)s"
    return await db.maybe(conn, Need, query, {"project": project_id, "uri": uri})


async def list_pledged(conn: Conn, uri: str) -> list[Pledged]:
    """What places have pledged for a line, the project has accepted and nobody brought yet."""
    return await db.many(
        conn,
        Pledged,
        """select quantity - confirmed as amount, unit from pledges
           where need_uri = %(uri)s and answer = 'accepted' and answered_edition = edition
             and withdrawn_at is null and confirmed < quantity""",
        {"uri": uri},
    )


async def put_gift(conn: Conn, gift: Gift) -> bool:
    """False where it is known already."""
    added = await db.run(
        conn,
        """insert into gifts (uri, need_id, giver_id, giver_name, amount, at)
           values (%(uri)s, %(need_id)s, %(giver_id)s, %(giver_name)s, %(amount)s, %(at)s)
           on conflict do nothing""",
        {name: getattr(gift, name) for name in Gift.__slots__},
    )
    return added > 0


async def note_gifts(conn: Conn, need_id: UUID, proposal_id: UUID) -> tuple[list[Gift], Decimal]:
    """What was handed over for a need by agreement, as far as it is new; and by how much what was
    given has grown. Who gave it is named where they belong to the project."""
    params: dict[str, object] = {"need": need_id, "proposal": proposal_id}
    lost: list[Decimal | None] = await db.values(
        conn,
        """delete from gifts where need_id = %(need)s and uri in (
             select j.plan_uri || '#given-' || g.id from agreements g, project_needs n
               join projects j on j.community_id = n.project_id
             where n.id = %(need)s and g.proposal_id = %(proposal)s
               and g.state not in ('handed', 'done'))
           returning coalesce(amount, 1)""",
        params,
    )
    new = await db.many(
        conn,
        Gift,
        """insert into gifts (uri, need_id, giver_id, giver_name, amount, at)
           select j.plan_uri || '#given-' || g.id, n.id, a.id,
             coalesce(nullif(a.title, ''), a.name, ''), g.amount, coalesce(g.done_at, g.updated)
           from agreements g join project_needs n on n.id = %(need)s
             join projects j on j.community_id = n.project_id
             left join memberships m on m.community_id = n.project_id
               and m.person_id = g.responder_id and m.state = 'member'
             left join actors a on a.id = m.person_id
           where g.proposal_id = %(proposal)s and g.state in ('handed', 'done')
           on conflict do nothing returning uri, need_id, giver_id, giver_name, amount, at""",
        params,
    )
    given = sum((gift.amount or Decimal(1) for gift in new), Decimal(0))
    return new, given - sum((amount or Decimal(1) for amount in lost), Decimal(0))


async def list_gifts(conn: Conn, project_id: UUID) -> list[Gift]:
    """What was given for it, in order."""
    return await db.many(
        conn,
        Gift,
        """select g.uri, g.need_id, g.giver_id, g.giver_name, g.amount, g.at
           from gifts g join project_needs n on n.id = g.need_id
           where n.project_id = %(id)s order by g.at, g.uri limit 1000""",
        {"id": project_id},
    )


async def set_gifts(conn: Conn, project_id: UUID, gifts: Sequence[Gift]) -> None:
    """All that was given for it, in place of what was known."""
    await db.run(
        conn,
        """delete from gifts where need_id in (
             select id from project_needs where project_id = %(id)s)""",
        {"id": project_id},
    )
    await db.run_many(
        conn,
        """insert into gifts (uri, need_id, giver_id, giver_name, amount, at)
           values (%(uri)s, %(need_id)s, %(giver_id)s, %(giver_name)s, %(amount)s, %(at)s)
           on conflict do nothing""",
        [{name: getattr(gift, name) for name in Gift.__slots__} for gift in gifts],
    )


def ask_gifts(project_id: UUID) -> Ask[GiftLine]:
    """What was given, the newest first."""
    return Ask(
        GiftLine,
        """select g.need_id, n.name as need_name, n.unit, g.amount, g.at,
             coalesce(nullif(a.title, ''), a.name, g.giver_name) as giver_name,
             coalesce(a.kind, '') as giver_kind,
             case when a.id is null then '' when a.host = '' then a.name
               else a.name || '@' || a.host end as giver_handle,
             coalesce(a.host, '') as giver_host, coalesce(a.uri, '') as giver_uri
           from gifts g join project_needs n on n.id = g.need_id
             left join actors a on a.id = g.giver_id
           where n.project_id = %(id)s order by g.at desc, g.uri limit 100""",
        {"id": project_id},
    )


_COLUMNS: Final[LiteralString] = """n.id, n.uri, n.project_id, n.process_id, n.line_key, n.choice,
  n.kind, n.position, n.name, n.quantity, n.unit, n.category, n.note, n.proposal_uri, n.promised,
  n.met, n.dropped, n.changed"""
_SELECT: Final[LiteralString] = "select " + _COLUMNS + " from project_needs n"
_PUT: Final = """insert into project_needs (id, uri, project_id, process_id, line_key, choice, kind,
    position, name, quantity, unit, category, note, proposal_uri, promised, met, dropped, changed)
  values (%(id)s, %(uri)s, %(project_id)s, %(process_id)s, %(line_key)s, %(choice)s, %(kind)s,
    %(position)s, %(name)s, %(quantity)s, %(unit)s, %(category)s, %(note)s, %(proposal_uri)s,
    %(promised)s, %(met)s, %(dropped)s, %(changed)s)
  on conflict (uri) do update set process_id = excluded.process_id, line_key = excluded.line_key,
    choice = excluded.choice, kind = excluded.kind, position = excluded.position,
    name = excluded.name, quantity = excluded.quantity, unit = excluded.unit,
    category = excluded.category, note = excluded.note, proposal_uri = excluded.proposal_uri,
    promised = excluded.promised, met = excluded.met, dropped = excluded.dropped,
    changed = excluded.changed
  where project_needs.project_id = excluded.project_id"""
