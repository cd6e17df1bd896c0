"""Accounts: joining, being let in, roles, suspending, logging in and out, closing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from federation import outbox
from federation.acts import actors as actor_acts
from federation.acts import booking, mails
from federation.acts.names import check_email, check_name, check_title
from federation.acts.people import everybody_who_knows
from federation.instance import Tx
from federation.keys import KeyPair
from schema import accounts, actors, farewells, invitations, logs, notices, sessions
from schema import settings as stored_settings
from schema.accounts import Account, Role, State
from schema.actors import Actor
from schema.errors import Conflict, Forbidden, Invalid, TooMany
from schema.invitations import Invitation
from schema.settings import Settings
from schema.words import N_

FIRST_ADMIN_LIFE = timedelta(hours=24)
LONGEST_LIFE = timedelta(days=365)
LONGEST_ANSWER = 2000
MOST_WAITING = 2000


@dataclass(frozen=True, slots=True)
class _Entry:
    """How somebody came in."""

    role: Role
    state: State
    invitation: str | None


async def sign_up(
    tx: Tx,
    *,
    name: str,
    title: str,
    keys: KeyPair,
    email: str | None,
    password_hash: str | None,
    locale: str,
    invitation: str | None,
    answers: Mapping[str, str],
    first_admin: str | None = None,
) -> Account:
    """A new resident, by the rule of the place: open, by invitation, or by approval.

    `answers`: question to answer; `first_admin`: the one-time token that makes an admin, whatever
    the rule. Invalid with a message per field (name, title, email, invitation, answer0 …).
    """
    name, title, email = name.strip().lower(), check_title(title), check_email(email)
    check_name(name)
    if await actors.find_by_handle(tx.conn, name):
        raise Invalid({"name": N_("Somebody here has this name already.")})
    settings = await stored_settings.load(tx.conn)
    entry = await _enter(tx, settings, invitation, answers, first_admin)
    try:
        person = await actor_acts.create(tx, kind="person", name=name, title=title, keys=keys)
    except Conflict as taken:  # two at the same moment
        raise Invalid({"name": N_("Somebody here has this name already.")}) from taken
    now = tx.instance.clock()
    account = await accounts.insert(
        tx.conn,
        Account(
            actor_id=person.id,
            email=email,
            email_confirmed_at=None,
            password_hash=password_hash,
            role=entry.role,
            state=entry.state,
            answers=dict(answers),
            locale=locale,
            theme="auto",
            invitation=entry.invitation,
            welcome_step=1,
            interests=[],
            terms_version=0,
            last_seen=now,
            created=now,
        ),
    )
    if account.state == "waiting":
        for admin in await accounts.list_admins(tx.conn):
            await notices.tell(tx.conn, admin, "account", by=person.id, text=person.shown)
    if email:
        await mails.ask_to_confirm(tx, account=account, email=email, letter="welcome")
    return account


async def _enter(
    tx: Tx,
    settings: Settings,
    invitation: str | None,
    answers: Mapping[str, str],
    first_admin: str | None,
) -> _Entry:
    now = tx.instance.clock()
    if first_admin:
        if await sessions.use(tx.conn, "first_admin", first_admin, now) is None:
            raise Invalid({"": N_("This address was used already, or is too old.")})
        return _Entry("admin", "active", None)
    if invitation:
        used = await invitations.use(tx.conn, invitation, now)
        if used is None:
            raise Invalid({"invitation": N_("This code is not valid, or not any more.")})
        return _Entry("resident", "active", used.code)
    if settings.sign_up == "invitation":
        raise Invalid({"invitation": N_("You need an invitation to join this place.")})
    if settings.sign_up == "open":
        return _Entry("resident", "active", None)
    await _check_answers(tx, settings, answers)
    return _Entry("resident", "waiting", None)


async def _check_answers(tx: Tx, settings: Settings, answers: Mapping[str, str]) -> None:
    missing = {
        f"answer{number}": N_("Please answer this.")
        for number, question in enumerate(settings.questions)
        if not answers.get(question, "").strip()
    }
    if missing:
        raise Invalid(missing)
    if any(len(answer) > LONGEST_ANSWER for answer in answers.values()):
        raise Invalid({"": N_("An answer is too long.")})
    if await accounts.count_waiting(tx.conn) >= MOST_WAITING:
        raise TooMany(N_("Too many people want to join right now. Please come back later."), 86400)


async def first_admin_token(tx: Tx) -> str:
    """For `/join?token=…`: makes one admin within 24 hours. Only the command line gives it."""
    return await sessions.issue(
        tx.conn, "first_admin", now=tx.instance.clock(), life=FIRST_ADMIN_LIFE
    )


async def log_in(tx: Tx, *, account_id: UUID, user_agent: str, replaces: str | None = None) -> str:
    """A new session for one who proved who they are; returns the secret for the cookie.

    `replaces`: what the browser held before, which ends. Forbidden for closed and refused ones.
    """
    account = await accounts.get(tx.conn, account_id)
    if not account.may_log_in:
        raise Forbidden(N_("This account is closed."))
    if replaces:
        await sessions.end_by_secret(tx.conn, replaces)
    return await sessions.start(tx.conn, account_id, user_agent, tx.instance.clock())


async def log_out(tx: Tx, *, secret: str) -> None:
    """The session ends here, not only in the browser."""
    await sessions.end_by_secret(tx.conn, secret)


async def approve(tx: Tx, *, by: Actor, account_id: UUID) -> Account:
    """Who waited may write from now on."""
    await _check_admin(tx, by)
    account = await accounts.decide(tx.conn, account_id, "active")
    person = await actors.get(tx.conn, account_id)
    await logs.write(tx.conn, by, "approve", person.handle)
    await notices.tell(tx.conn, account_id, "admitted", by=by.id)
    await mails.send(tx, account, "approved", link=f"{tx.instance.config.origin}/welcome")
    return account


async def refuse(tx: Tx, *, by: Actor, account_id: UUID, reason: str) -> Account:
    """Who waited is not let in; they are told why, and the name stays taken."""
    await _check_admin(tx, by)
    reason = _reason(reason)
    account = await accounts.decide(tx.conn, account_id, "refused")
    person = await actors.get(tx.conn, account_id)
    await mails.send(tx, account, "refused", reason=reason)
    await sessions.end_all(tx.conn, account_id)
    await actors.delete(tx.conn, account_id)
    await logs.write(tx.conn, by, "refuse", person.handle, reason)
    return account


async def set_role(tx: Tx, *, by: Actor | None, account_id: UUID, role: Role) -> Account:
    """`by` None: the command line. Conflict when nobody would be left to run the place."""
    await _check_admin(tx, by)
    account = await accounts.get(tx.conn, account_id)
    if account.state != "active":
        raise Conflict(N_("This account is not active."))
    if account.role == "admin" and role != "admin":
        await _check_not_last(tx, account_id)
    person = await actors.get(tx.conn, account_id)
    await logs.write(tx.conn, by, f"role {role}", person.handle)
    await notices.tell(tx.conn, account_id, "role", by=by.id if by else None, text=role)
    return await accounts.set_role(tx.conn, account_id, role)


async def suspend(
    tx: Tx, *, by: Actor, person: Actor, until: datetime | None, reason: str = ""
) -> Actor:
    """Until then they read and do not write, here; they are told why. None ends it.

    For people of other servers too: what they send is refused so long.
    """
    await _check_order(tx, by, person)
    if until is None:
        await logs.write(tx.conn, by, "end suspension", person.handle)
        return await actors.suspend(tx.conn, person.id, None, "")
    if until <= tx.instance.clock():
        raise Invalid({"until": N_("Please give a day in the future.")})
    reason = _reason(reason)
    await _check_somebody_stays(tx, person)
    await logs.write(tx.conn, by, "suspend", person.handle, reason)
    await notices.tell(tx.conn, person.id, "banned", by=by.id, text=reason)
    account = await accounts.find(tx.conn, person.id)
    if account:
        link = f"{tx.instance.config.origin}/about"
        day = f"{tx.instance.config.day(until)}"
        await mails.send(tx, account, "suspended", until=day, reason=reason, link=link)
    return await actors.suspend(tx.conn, person.id, until, reason)


async def invite(tx: Tx, *, by: Actor | None, uses: int, life: timedelta, note: str) -> str:
    """A code by which `uses` people may join; `by` None: the command line."""
    await _check_admin(tx, by)
    if not 1 <= uses <= 10_000:
        raise Invalid({"uses": N_("Please give a number from 1 to 10000.")})
    if not timedelta(0) < life <= LONGEST_LIFE:
        raise Invalid({"days": N_("Please give a number of days, at most a year.")})
    now = tx.instance.clock()
    await logs.write(tx.conn, by, "invite", note or f"{uses}")
    made = await invitations.insert(
        tx.conn,
        made_by=by.id if by else None,
        note=note,
        uses=uses,
        expires_at=now + life,
        now=now,
    )
    return made.code


async def revoke(tx: Tx, *, by: Actor, code: str) -> Invitation:
    """Nobody joins by this code any more."""
    await _check_admin(tx, by)
    await logs.write(tx.conn, by, "revoke invitation", code)
    return await invitations.revoke(tx.conn, code, tx.instance.clock())


async def close(tx: Tx, *, by: Actor) -> None:
    """The person leaves for good: what they wrote goes, here and with all who heard of it.

    Conflict while a community or the place would be left without anybody to lead it.
    """
    account = await accounts.get(tx.conn, by.id)
    if account.state == "closed":
        raise Conflict(N_("This account is closed."))
    if account.role == "admin" and account.state == "active":
        await _check_not_last(tx, by.id)
    alone = await farewells.list_led_alone(tx.conn, by.id)
    if alone:
        raise Conflict(
            N_("You lead %(community)s alone. Please make somebody else a steward first."),
            community=alone[0],
        )
    audience = await everybody_who_knows(tx, by)
    await outbox.record(tx, by, {"type": "Delete", "object": by.uri}, audience)
    await sessions.end_all(tx.conn, by.id)
    await accounts.close(tx.conn, by.id)
    await booking.leave_all(tx, by=by)
    await farewells.forget(tx.conn, by.id)
    await actors.delete(tx.conn, by.id)


async def _check_admin(tx: Tx, by: Actor | None) -> None:
    if by is None:
        return
    account = await accounts.find(tx.conn, by.id)
    if account is None or account.role != "admin" or account.state != "active":
        raise Forbidden(N_("Only an admin of this place can do this."))
    _check_not_suspended(tx, by)


def _check_not_suspended(tx: Tx, by: Actor) -> None:
    if by.suspended_until and by.suspended_until > tx.instance.clock():
        raise Forbidden(N_("Your account rests at the moment: you can read, but not write."))


async def _check_order(tx: Tx, by: Actor, person: Actor) -> None:
    """Moderators keep order among residents, admins also among moderators."""
    account = await accounts.find(tx.conn, by.id)
    other = await accounts.find(tx.conn, person.id)
    if account is None or account.state != "active" or account.role == "resident":
        raise Forbidden(N_("Only a moderator of this place can do this."))
    if by.id == person.id:
        raise Forbidden(N_("You cannot do this to yourself."))
    _check_not_suspended(tx, by)
    if other and other.role != "resident" and account.role != "admin":
        raise Forbidden(N_("Only an admin of this place can do this."))


async def _check_somebody_stays(tx: Tx, person: Actor) -> None:
    admins = await accounts.lock_admins(tx.conn)
    if admins == [person.id]:
        raise Conflict(N_("This is the only admin. Please make somebody else an admin first."))


async def _check_not_last(tx: Tx, account_id: UUID) -> None:
    if not [id for id in await accounts.lock_admins(tx.conn) if id != account_id]:
        raise Conflict(N_("You are the only admin. Please make somebody else an admin first."))


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Invalid({"reason": N_("Please give a reason; they will read it.")})
    return reason.strip()[:1000]
