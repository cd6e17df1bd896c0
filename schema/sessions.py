"""Sessions and one-time tokens: what stands between a secret somebody holds and their account.

Only the SHA-256 of a secret is stored; a secret has 256 random bits, so nothing slower is needed.
"""

import secrets
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema import ids
from schema.accounts import Account
from schema.actors import Actor
from schema.database import Conn

LIFE = timedelta(days=60)  # since the last visit
Purpose: TypeAlias = Literal["login", "first_admin", "confirm"]


@dataclass(frozen=True, slots=True)
class Session:
    token_hash: bytes
    id: UUID
    account_id: UUID
    user_agent: str
    created: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page: everything about them that the middleware and the frame need."""

    actor: Actor
    account: Account
    session_id: UUID
    unread: int
    waiting: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """A secret for one use. `email`: where it was sent, '' if nowhere."""

    token_hash: bytes
    purpose: Purpose
    account_id: UUID | None
    email: str
    expires_at: datetime
    used_at: datetime | None
    created: datetime


def hash_of(secret: str) -> bytes:
    """SHA-256, as it is stored."""
    return sha256(secret.encode("utf-8", "replace")).digest()


async def start(conn: Conn, account_id: UUID, user_agent: str, now: datetime) -> str:
    """A new session; returns the secret for the cookie."""
    secret = secrets.token_urlsafe(32)
    await db.run(
        conn,
        """insert into sessions
             (token_hash, id, account_id, user_agent, created, seen_at, expires_at)
           values (%(hash)s, %(id)s, %(account)s, %(agent)s, %(now)s, %(now)s, %(expires)s)""",
        {
            "hash": hash_of(secret),
            "id": ids.new(),
            "account": account_id,
            "agent": user_agent.replace("\x00", "")[:300],
            "now": now,
            "expires": now + LIFE,
        },
    )
    return secret


async def look_up(conn: Conn, secret: str, now: datetime) -> Viewer | None:
    """Who holds this secret: one query."""
    return await db.maybe(
        conn,
        _viewer,
        """select a.*, b.actor_id as b_actor_id, b.email as b_email,
             b.email_confirmed_at as b_email_confirmed_at, b.password_hash as b_password_hash,
             b.role as b_role, b.state as b_state, b.answers as b_answers, b.locale as b_locale,
             b.theme as b_theme, b.invitation as b_invitation, b.welcome_step as b_welcome_step,
             b.interests as b_interests, b.terms_version as b_terms_version,
             b.last_seen as b_last_seen, b.created as b_created,
             s.id as session_id, s.seen_at,
             (select count(*) from notices n
              where n.account_id = b.actor_id and n.seen_at is null) as unread,
             (select count(*) from agreements g where b.actor_id in (g.author_id, g.responder_id)
              and (g.state = 'asked' and g.turn = case when g.author_id = b.actor_id
                     then 'author' else 'responder' end
                   or g.state = 'agreed' and case when g.author_id = b.actor_id
                     then g.author_confirmed else g.responder_confirmed end is null
                     and (g.at <= %(now)s or g.author_confirmed is not null
                          or g.responder_confirmed is not null))) as waiting
           from sessions s join accounts b on b.actor_id = s.account_id
             join actors a on a.id = s.account_id
           where s.token_hash = %(hash)s and s.expires_at > %(now)s and a.deleted_at is null
             and b.state in ('waiting', 'active')""",
        {"hash": hash_of(secret), "now": now},
    )


_ACCOUNT = tuple(field.name for field in fields(Account))
_ACTOR = tuple(field.name for field in fields(Actor))


def _viewer(**row: Any) -> Viewer:
    return Viewer(
        actor=Actor(**{name: row[name] for name in _ACTOR}),
        account=Account(**{name: row[f"b_{name}"] for name in _ACCOUNT}),
        session_id=row["session_id"],
        unread=row["unread"],
        waiting=row["waiting"],
        seen_at=row["seen_at"],
    )


async def touch(conn: Conn, id: UUID, now: datetime) -> None:
    """The session was used: it lives on, and its owner was seen."""
    await db.run(
        conn,
        """with used as (
             update sessions set seen_at = %(now)s, expires_at = %(expires)s where id = %(id)s
             returning account_id)
           update accounts set last_seen = %(now)s
           where actor_id in (select account_id from used)""",
        {"id": id, "now": now, "expires": now + LIFE},
    )


async def list_of(conn: Conn, account_id: UUID, now: datetime) -> list[Session]:
    """Those that still live, the last used first."""
    return await db.many(
        conn,
        Session,
        """select * from sessions where account_id = %(account)s and expires_at > %(now)s
           order by seen_at desc limit 100""",
        {"account": account_id, "now": now},
    )


async def end(conn: Conn, account_id: UUID, id: UUID) -> bool:
    """False when there is no such session of this account."""
    query = "delete from sessions where id = %(id)s and account_id = %(account)s"
    return await db.run(conn, query, {"id": id, "account": account_id}) > 0


async def end_by_secret(conn: Conn, secret: str) -> None:
    """What the browser held before a login: it must not outlive it."""
    await db.run(
        conn, "delete from sessions where token_hash = %(hash)s", {"hash": hash_of(secret)}
    )


async def end_all(conn: Conn, account_id: UUID, *, but: UUID | None = None) -> int:
    """All sessions of an account except one, and every login link that is under way."""
    await db.run(conn, "delete from login_tokens where account_id = %(id)s", {"id": account_id})
    return await db.run(
        conn,
        """delete from sessions where account_id = %(account)s
             and id is distinct from %(but)s""",
        {"account": account_id, "but": but},
    )


async def issue(
    conn: Conn,
    purpose: Purpose,
    *,
    now: datetime,
    life: timedelta,
    account_id: UUID | None = None,
    email: str = "",
) -> str:
    """A secret for one use within `life`."""
    secret = secrets.token_urlsafe(32)
    await db.run(
        conn,
        """insert into login_tokens (token_hash, purpose, account_id, email, expires_at, created)
           values (%(hash)s, %(purpose)s, %(account)s, %(email)s, %(expires)s, %(now)s)""",
        {
            "hash": hash_of(secret),
            "purpose": purpose,
            "account": account_id,
            "email": email,
            "expires": now + life,
            "now": now,
        },
    )
    return secret


async def is_good(conn: Conn, purpose: Purpose, secret: str, now: datetime) -> bool:
    """Whether it could be used; using it is another matter."""
    return bool(
        await db.value(
            conn,
            """select exists (select 1 from login_tokens where token_hash = %(hash)s
                 and purpose = %(purpose)s and used_at is null and expires_at > %(now)s)""",
            {"hash": hash_of(secret), "purpose": purpose, "now": now},
        )
    )


async def use(conn: Conn, purpose: Purpose, secret: str, now: datetime) -> Token | None:
    """Uses it up; None when it is wrong, too old or used."""
    return await db.maybe(
        conn,
        Token,
        """update login_tokens set used_at = %(now)s where token_hash = %(hash)s
             and purpose = %(purpose)s and used_at is null and expires_at > %(now)s returning *""",
        {"hash": hash_of(secret), "purpose": purpose, "now": now},
    )


async def sweep(conn: Conn, now: datetime) -> int:
    """Takes away what is of no use any more."""
    gone = await db.run(conn, "delete from sessions where expires_at < %(now)s", {"now": now})
    query = "delete from login_tokens where expires_at < %(before)s"
    return gone + await db.run(conn, query, {"before": now - timedelta(days=1)})
