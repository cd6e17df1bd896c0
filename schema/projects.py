"""Projects: what a community that builds something aims at, where, and how far it is."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from schema import database as db
from schema import ids
from schema.database import Ask, Conn

State: TypeAlias = Literal["planned", "running", "built", "stopped"]
Entry: TypeAlias = Literal[
    "began",
    "state",  # the subject is the new one
    "took",
    "gave back",
    "did",
    "needs",
    "met",
    "gave",
    "pledged",
    "took over",  # a newer version of its blueprint
]
Where: TypeAlias = Literal["all", "here", "network"]


@dataclass(frozen=True, slots=True)
class Project:
    """The row beside a community. `aim` is Markdown of ours, `html` clean anyway; `version_uri`
    is the version of a blueprint that it follows, `scale` of how many `output`; `edition` numbers
    the plan."""

    community_id: UUID
    plan_uri: str
    aim: str
    html: str
    state: State
    version_uri: str
    version_title: str
    scale: Decimal | None
    output: str
    place_name: str
    latitude: float | None
    longitude: float | None
    starts: date | None
    ends: date | None
    edition: int
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """What a list shows. `missing` counts open tasks and needs, `done` and `all` the tasks."""

    community_id: UUID
    name: str
    host: str
    title: str
    aim: str
    state: State
    place_name: str
    latitude: float | None
    longitude: float | None
    version_title: str
    members: int
    done: int
    tasks: int
    missing: int
    avatar_id: UUID | None
    is_mine: bool
    updated: datetime

    @property
    def handle(self) -> str:
        return f"{self.name}@{self.host}" if self.host else self.name

    @property
    def url(self) -> str:
        return f"/projects/{self.handle}"


@dataclass(frozen=True, slots=True)
class LogLine:
    """What happened: `subject` is the task, the need or the state; the actor may be unknown."""

    id: UUID
    act: Entry
    subject: str
    created: datetime
    name: str
    title: str
    host: str


async def find(conn: Conn, community_id: UUID) -> Project | None:
    """The project that this community is."""
    return await db.maybe(
        conn, Project, _SELECT + " where community_id = %(id)s", _id(community_id)
    )


async def get(conn: Conn, community_id: UUID) -> Project:
    """As `find`; Missing when it is none."""
    return await db.one(conn, Project, _SELECT + " where community_id = %(id)s", _id(community_id))


async def lock(conn: Conn, community_id: UUID) -> Project:
    """As `get`, and nobody else changes the plan until the transaction ends."""
    query = _SELECT + " where community_id = %(id)s for update"
    return await db.one(conn, Project, query, _id(community_id))


async def find_by_plan(conn: Conn, uri: str) -> Project | None:
    """By the uri of its plan."""
    return await db.maybe(conn, Project, _SELECT + " where plan_uri = %(uri)s", {"uri": uri})


async def put(conn: Conn, row: Project) -> Project:
    """A new one, or all of a known one as it is now."""
    return await db.one(conn, Project, _PUT, {n: getattr(row, n) for n in Project.__slots__})


def _id(community_id: UUID) -> dict[str, object]:
    return {"id": community_id}


_COLUMNS: Final[LiteralString] = """community_id, plan_uri, aim, html, state, version_uri,
  version_title, scale, output, place_name, latitude, longitude, starts, ends, edition, created,
  updated"""
_SELECT: Final[LiteralString] = "select " + _COLUMNS + " from projects"
_PUT: Final[LiteralString] = (
    "insert into projects ("
    + _COLUMNS
    + """) values (%(community_id)s, %(plan_uri)s, %(aim)s, %(html)s,
  %(state)s, %(version_uri)s, %(version_title)s, %(scale)s, %(output)s, %(place_name)s,
  %(latitude)s, %(longitude)s, %(starts)s, %(ends)s, %(edition)s, %(created)s, %(updated)s)
  on conflict (community_id) do update set aim = excluded.aim, html = excluded.html,
    state = excluded.state, version_uri = excluded.version_uri,
    version_title = excluded.version_title, scale = excluded.scale, output = excluded.output,
    place_name = excluded.place_name, latitude = excluded.latitude,
    longitude = excluded.longitude, starts = excluded.starts, ends = excluded.ends,
    edition = excluded.edition, updated = excluded.updated
  returning """
    + _COLUMNS
)

# Hidden ones are for those who belong to them; blocked servers' for nobody.
_CARDS: Final[LiteralString] = """select p.community_id, a.name, a.host,
  case when a.title = '' then a.name else a.title end as title, p.aim, p.state, p.place_name,
  p.latitude, p.longitude, p.version_title, c.members, t.done, t.tasks,
  (t.open + n.open)::int as missing, a.avatar_id, coalesce(m.state = 'member', false) as is_mine,
  p.updated
  from projects p join communities c on c.actor_id = p.community_id
    join actors a on a.id = p.community_id
    left join memberships m on m.community_id = c.actor_id and m.person_id = %(viewer)s
    left join peers o on o.origin = a.peer
    cross join lateral (select count(*)::int as tasks,
        count(*) filter (where k.state = 'done')::int as done,
        count(*) filter (where k.state = 'open')::int as open
      from tasks k where k.project_id = p.community_id) t
    cross join lateral (select count(distinct coalesce(nullif(d.choice, ''), d.id::text)) filter (
        where not d.dropped and d.met < coalesce(d.quantity, 1) and (d.choice = '' or not exists (
          select 1 from project_needs e where e.project_id = d.project_id and e.choice = d.choice
            and e.met >= coalesce(e.quantity, 1))))::int as open
      from project_needs d where d.project_id = p.community_id) n
  where a.deleted_at is null and (c.closed_at is null or m.state = 'member')
    and (c.join_rule <> 'hidden' or m.state in ('member', 'invited'))
    and (a.peer is null or m.state = 'member' or o.blocked_at is null and o.receives)"""


async def list_cards(
    conn: Conn,
    *,
    viewer: UUID | None,
    state: State | None = None,
    where: Where = "all",
    place: str = "",
    before: tuple[datetime, UUID] | None = None,
    limit: int = 30,
) -> list[ProjectCard]:
    """Those a viewer may see, the newest changed first; `place` by its name; `before`: the last
    card's `updated` and id."""
    return await db.answer(
        conn, ask_cards(viewer, state=state, where=where, place=place, before=before, limit=limit)
    )


def ask_cards(
    viewer: UUID | None,
    *,
    state: State | None = None,
    where: Where = "all",
    place: str = "",
    before: tuple[datetime, UUID] | None = None,
    limit: int = 30,
) -> Ask[ProjectCard]:
    """The question behind `list_cards`."""
    return Ask(
        ProjectCard,
        _CARDS
        + """ and (%(state)s::text is null or p.state = %(state)s)
              and (%(where)s = 'all' or (a.host = '') = (%(where)s = 'here'))
              and (%(place)s = '' or p.place_name = %(place)s)
              and (%(at)s::timestamptz is null
                or (p.updated, p.community_id) < (%(at)s, %(id)s::uuid))
            order by p.updated desc, p.community_id desc limit %(limit)s""",
        {
            "viewer": viewer,
            "state": state,
            "where": where,
            "place": place,
            "at": before[0] if before else None,
            "id": before[1] if before else None,
            "limit": limit,
        },
    )


async def list_by_version(conn: Conn, version_uri: str) -> list[Project]:
    """Those that follow this version of a blueprint."""
    query = _SELECT + " where version_uri = %(version)s and version_uri <> ''"
    return await db.many(conn, Project, query, {"version": version_uri})


async def list_following(conn: Conn, version_uri: str, viewer: UUID | None) -> list[ProjectCard]:
    """The projects that follow this version of a blueprint."""
    query = _CARDS + " and p.version_uri = %(version)s order by p.created limit 200"
    return await db.many(conn, ProjectCard, query, {"viewer": viewer, "version": version_uri})


async def log(
    conn: Conn, project_id: UUID, act: Entry, by: UUID | None, subject: str, at: datetime
) -> None:
    """Something happened in it."""
    await db.run(
        conn,
        """insert into project_log (id, project_id, actor_id, act, subject, created)
           values (%(new)s, %(project)s, %(by)s, %(act)s, %(subject)s, %(at)s)""",
        {
            "new": ids.new(),
            "project": project_id,
            "by": by,
            "act": act,
            "subject": subject[:300],
            "at": at,
        },
    )


def ask_log(project_id: UUID, limit: int = 12) -> Ask[LogLine]:
    """What happened last, the newest first."""
    return Ask(
        LogLine,
        """select l.id, l.act, l.subject, l.created, coalesce(a.name, '') as name,
             coalesce(nullif(a.title, ''), a.name, '') as title, coalesce(a.host, '') as host
           from project_log l left join actors a on a.id = l.actor_id
           where l.project_id = %(project)s order by l.id desc limit %(limit)s""",
        {"project": project_id, "limit": limit},
    )
