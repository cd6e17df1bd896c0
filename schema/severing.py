"""What a block cuts: bonds between people and communities here and at other servers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schema import database as db
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a block would cut: shown before it is done. The two cities' own bond does not count."""

    followers: int
    members: int
    listings: int


async def consequences(conn: Conn, origins: Sequence[str]) -> Consequences:
    """Follows and memberships in both directions, and the listings we show."""
    return await db.one(
        conn,
        Consequences,
        """select
             (select count(*) from follows f join actors a on a.id = f.follower_id
                join actors b on b.id = f.followed_id
                where (a.peer = any(%(o)s) or b.peer = any(%(o)s)) and a.kind <> 'city'
                  and not exists (select 1 from communities where actor_id = b.id))::int
               as followers,
             (select count(*) from memberships m join actors a on a.id = m.person_id
                join actors b on b.id = m.community_id
                where m.state = 'member' and (a.peer = any(%(o)s) or b.peer = any(%(o)s))
                  and not (a.peer is not null and b.peer is not null))::int as members,
             (select count(*) from proposals l join actors a on a.id = l.author_id
                where a.peer = any(%(o)s) and l.state = 'open'
                  and (l.until is null or l.until > now()))::int as listings""",
        {"o": list(origins)},
    )


async def cut(conn: Conn, origins: Sequence[str]) -> None:
    """Ends follows and memberships, and gives up what waits in either direction.

    What these servers have said stays in the database, out of sight.
    """
    given = {"o": list(origins)}
    await db.run(conn, _FOLLOWS, given)
    await db.run(conn, _MEMBERSHIPS, given)
    await db.run(conn, _OUT, given)
    await db.run(conn, _IN, given)


_FOLLOWS: Final = """delete from follows f using actors a, actors b
  where a.id = f.follower_id and b.id = f.followed_id
    and (a.peer = any(%(o)s) or b.peer = any(%(o)s))"""
_MEMBERSHIPS: Final = """with gone as (
    update memberships m set state = 'left', role = 'member', uri = '', changed = now()
    from actors a, actors b
    where a.id = m.person_id and b.id = m.community_id
      and m.state in ('asked', 'member', 'invited')
      and (a.peer = any(%(o)s) or b.peer = any(%(o)s))
    returning m.community_id, m.person_id)
  update communities c set members = (
    select count(*) from memberships m where m.community_id = c.actor_id and m.state = 'member'
      and m.person_id not in (select person_id from gone where community_id = c.actor_id))
  where c.actor_id in (select community_id from gone)
    and exists (select 1 from actors where id = c.actor_id and peer is null)"""
_OUT: Final = """update deliveries set state = 'refused', error = 'blocked', done_at = now()
  where peer = any(%(o)s) and state = 'due'"""
_IN: Final = """update activities i set state = 'refused', verdict = 'blocked'
  from actors a where a.id = i.actor_id and a.peer = any(%(o)s) and i.direction = 'in'
    and i.state in ('received', 'waiting')"""
