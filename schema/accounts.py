"""Accounts: who can log in here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from psycopg.types.json import Jsonb

from schema import database as db
from schema.database import Conn
from schema.errors import Conflict

Role: TypeAlias = Literal["resident", "moderator", "admin"]
State: TypeAlias = Literal["waiting", "active", "refused", "closed"]
Theme: TypeAlias = Literal["auto", "light", "dark"]


@dataclass(frozen=True, slots=True)
class Account:
    """`password_hash` is argon2id or None (login by mail only); `welcome_step` 0: all done."""

    actor_id: UUID
    email: str | None
    email_confirmed_at: datetime | None
    password_hash: str | None
    role: Role
    state: State
    answers: dict[str, Any]
    locale: str
    theme: Theme
    invitation: str | None
    welcome_step: int
    interests: list[str]
    terms_version: int
    last_seen: datetime
    created: datetime

    @property
    def may_log_in(self) -> bool:
        """Who waits for approval may look, and see how it stands."""
        return self.state in ("waiting", "active")


async def get(conn: Conn, actor_id: UUID) -> Account:
    """Missing for people of other servers."""
    query = "select * from accounts where actor_id = %(id)s"
    return await db.one(conn, Account, query, {"id": actor_id})


async def find(conn: Conn, actor_id: UUID) -> Account | None:
    """None for people of other servers."""
    query = "select * from accounts where actor_id = %(id)s"
    return await db.maybe(conn, Account, query, {"id": actor_id})


async def find_by_email(conn: Conn, email: str) -> Account | None:
    """The one that proved to read this address; else the first that claims it."""
    return await db.maybe(
        conn,
        Account,
        """select * from accounts where lower(email) = lower(%(email)s)
             and state in ('waiting', 'active')
           order by email_confirmed_at nulls last, created limit 1""",
        {"email": email},
    )


async def find_by_name(conn: Conn, name: str) -> Account | None:
    """By the name of the person, in any case."""
    return await db.maybe(
        conn,
        Account,
        """select accounts.* from accounts join actors on actors.id = actor_id
           where lower(actors.name) = lower(%(name)s) and actors.host = ''
             and accounts.state in ('waiting', 'active')""",
        {"name": name},
    )


async def insert(conn: Conn, account: Account) -> Account:
    """Conflict when the address is another one's, proved."""
    return await db.one(
        conn,
        Account,
        """insert into accounts (actor_id, email, email_confirmed_at, password_hash, role, state,
             answers, locale, theme, invitation, welcome_step, interests, terms_version, last_seen,
             created)
           values (%(actor_id)s, %(email)s, %(email_confirmed_at)s, %(password_hash)s, %(role)s,
             %(state)s, %(answers)s, %(locale)s, %(theme)s, %(invitation)s, %(welcome_step)s,
             %(interests)s, %(terms_version)s, %(last_seen)s, %(created)s)
           returning *""",
        {name: getattr(account, name) for name in Account.__slots__}
        | {"answers": Jsonb(account.answers)},
    )


async def decide(conn: Conn, id: UUID, state: Literal["active", "refused"]) -> Account:
    """For one who waits; Conflict when that was decided already."""
    row = await db.maybe(
        conn,
        Account,
        """update accounts set state = %(state)s where actor_id = %(id)s and state = 'waiting'
           returning *""",
        {"id": id, "state": state},
    )
    if row is None:
        raise Conflict("Somebody has decided this already.")
    return row


async def set_role(conn: Conn, id: UUID, role: Role) -> Account:
    """Whoever they are now."""
    query = "update accounts set role = %(role)s where actor_id = %(id)s returning *"
    return await db.one(conn, Account, query, {"id": id, "role": role})


async def set_password(conn: Conn, id: UUID, password_hash: str | None) -> Account:
    """None: from now on by mail only."""
    return await db.one(
        conn,
        Account,
        "update accounts set password_hash = %(hash)s where actor_id = %(id)s returning *",
        {"id": id, "hash": password_hash},
    )


async def set_email(
    conn: Conn, id: UUID, email: str | None, confirmed_at: datetime | None
) -> Account:
    """Conflict when it is confirmed and another one's."""
    return await db.one(
        conn,
        Account,
        """update accounts set email = %(email)s, email_confirmed_at = %(at)s
           where actor_id = %(id)s returning *""",
        {"id": id, "email": email, "at": confirmed_at},
    )


async def set_welcome(
    conn: Conn, id: UUID, step: int, interests: Sequence[str] | None = None
) -> Account:
    """How far the first steps are, 0 done; `interests` (category ids) None: as they were."""
    return await db.one(
        conn,
        Account,
        """update accounts set welcome_step = %(step)s,
             interests = coalesce(%(interests)s::text[], interests)
           where actor_id = %(id)s returning *""",
        {"id": id, "step": step, "interests": None if interests is None else list(interests)},
    )


async def set_locale(conn: Conn, id: UUID, locale: str) -> None:
    """The language of pages and mails."""
    query = "update accounts set locale = %(locale)s where actor_id = %(id)s"
    await db.run(conn, query, {"id": id, "locale": locale})


async def set_theme(conn: Conn, id: UUID, theme: Theme) -> None:
    """Light, dark, or as the device says."""
    query = "update accounts set theme = %(theme)s where actor_id = %(id)s"
    await db.run(conn, query, {"id": id, "theme": theme})


async def close(conn: Conn, id: UUID) -> None:
    """Nobody logs in any more, and nothing is known of them."""
    await db.run(
        conn,
        """update accounts set state = 'closed', role = 'resident', email = null,
             email_confirmed_at = null, password_hash = null, answers = '{}', interests = '{}'
           where actor_id = %(id)s""",
        {"id": id},
    )


async def list_admins(conn: Conn) -> list[UUID]:
    """Actor ids of those who run the place."""
    query = "select actor_id from accounts where role = 'admin' and state = 'active'"
    return await db.values(conn, query)


async def lock_admins(conn: Conn) -> list[UUID]:
    """The same without those who are suspended, kept as they are until the transaction ends."""
    return await db.values(
        conn,
        """select b.actor_id from accounts b join actors a on a.id = b.actor_id
           where b.role = 'admin' and b.state = 'active'
             and (a.suspended_until is null or a.suspended_until <= now())
           order by b.actor_id for update of a, b""",
    )


async def count_active(conn: Conn) -> int:
    """Residents."""
    return int(await db.value(conn, "select count(*) from accounts where state = 'active'"))


async def count_waiting(conn: Conn) -> int:
    """Those an admin has to answer."""
    return int(await db.value(conn, "select count(*) from accounts where state = 'waiting'"))


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A resident as admins see them in a list."""

    actor_id: UUID
    name: str
    title: str
    avatar_id: UUID | None
    email: str | None
    email_confirmed_at: datetime | None
    role: Role
    state: State
    answers: dict[str, Any]
    invitation: str | None
    suspended_until: datetime | None
    suspended_reason: str
    last_seen: datetime
    created: datetime


async def list_people(
    conn: Conn,
    *,
    state: State | None = None,
    role: Role | None = None,
    keeping_order: bool = False,
    words: str = "",
    suspended: bool = False,
    before: UUID | None = None,
    limit: int = 50,
) -> list[PersonRow]:
    """Newest first, below the id `before`; `words` are looked for in name, title and address."""
    return await db.many(
        conn,
        PersonRow,
        """select b.actor_id, a.name, a.title, a.avatar_id, b.email, b.email_confirmed_at, b.role,
             b.state, b.answers, b.invitation, a.suspended_until, a.suspended_reason, b.last_seen,
             b.created
           from accounts b join actors a on a.id = b.actor_id
           where (%(state)s::text is null or b.state = %(state)s)
             and (%(role)s::text is null or b.role = %(role)s)
             and (%(words)s = '' or position(lower(%(words)s) in
               lower(a.name || ' ' || a.title || ' ' || coalesce(b.email, ''))) > 0)
             and (not %(keeping_order)s or b.role <> 'resident')
             and (not %(suspended)s or a.suspended_until > now())
             and (%(before)s::uuid is null or b.actor_id < %(before)s)
           order by b.actor_id desc limit %(limit)s""",
        {
            "state": state,
            "role": role,
            "keeping_order": keeping_order,
            "words": words,
            "suspended": suspended,
            "before": before,
            "limit": limit,
        },
    )
