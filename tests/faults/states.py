"""read(): what one city's database holds, as the checker wants it."""

import hashlib
import json
from typing import Any, LiteralString

import psycopg
from psycopg.rows import tuple_row

from tests.faults.checker import Deal, Letter, Row, State


def read(conninfo: str, origin: str, *, letters: bool = True) -> State:
    """All of it; without `letters` only what cities must agree about."""
    with psycopg.connect(conninfo, row_factory=tuple_row) as conn:

        def rows(query: LiteralString) -> list[tuple[Any, ...]]:
            return conn.execute(query).fetchall()

        found = [Row(*row) for row in rows(_LISTINGS) + rows(_POSTS)]
        return State(
            origin=origin,
            rows={row.uri: row for row in found},
            doubles=tuple(str(row) for row in rows(_DOUBLES)),
            members={(group, person): state for group, person, state in rows(_MEMBERS)},
            counted_members=dict(rows(_COUNTED)),
            follows={(one, two): state for one, two, state in rows(_FOLLOWS)},
            links=dict(rows("select origin, link from peers")),
            deals={row[0]: Deal(*row[1:]) for row in rows(_DEALS)},
            letters={row[0]: _letter(*row) for row in rows(_LETTERS)} if letters else {},
            lost=tuple(str(row) for row in rows(_LOST)) if letters else (),
        )


def _letter(uri: str, out: bool, state: str, verdict: str, kind: str, document: str) -> Letter:
    body = json.dumps(json.loads(document), sort_keys=True)
    return Letter(uri, out, state, verdict, hashlib.sha256(body.encode()).hexdigest()[:16], kind)


_LISTINGS: LiteralString = """
  select p.uri, a.uri, p.title || ' ' || p.source || ' ' || p.html,
    p.state in ('withdrawn', 'removed'), '', 0
  from proposals p join actors a on a.id = p.author_id"""
_POSTS: LiteralString = """
  select p.uri, a.uri, p.title || ' ' || p.html,
    p.deleted_at is not null or p.removed_at is not null, coalesce(r.uri, ''), p.replies
  from posts p join actors a on a.id = p.author_id left join posts r on r.id = p.root_id"""
_DOUBLES: LiteralString = """
  select 'notice', kind, account_id::text, coalesce(post_id, proposal_id)::text, count(*)
  from notices where kind in ('reply', 'answer', 'mention') group by 2, 3, 4 having count(*) > 1"""
_MEMBERS: LiteralString = """
  select c.uri, p.uri, m.state from memberships m
  join actors c on c.id = m.community_id join actors p on p.id = m.person_id"""
_COUNTED: LiteralString = """
  select a.uri, c.members from communities c join actors a on a.id = c.actor_id"""
_FOLLOWS: LiteralString = """
  select one.uri, two.uri, f.state from follows f
  join actors one on one.id = f.follower_id join actors two on two.id = f.followed_id"""
_DEALS: LiteralString = """
  select g.key, p.uri, g.state, g.head, coalesce(g.amount, 0)::float8,
    coalesce(p.quantity, 0)::float8
  from agreements g join proposals p on p.id = g.proposal_id"""
_LETTERS: LiteralString = """
  select uri, direction = 'out', state, verdict, type, document from activities"""
# What was kept for thirty days has been kept long enough: the rest is asked for by number.
_LOST: LiteralString = """
  select d.peer, d.state, d.status, d.error, a.uri
  from deliveries d join activities a on a.id = d.activity_id
  where d.state in ('refused', 'expired') and d.created > d.done_at - interval '30 days'"""
