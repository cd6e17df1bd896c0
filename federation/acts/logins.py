"""Logins: links by mail, addresses, passwords and sessions of those who have an account."""

from datetime import timedelta
from uuid import UUID

from federation.acts import mails
from federation.acts.accounts import log_in
from federation.acts.names import check_email
from federation.instance import Tx
from schema import accounts, sessions
from schema.accounts import Account
from schema.errors import Conflict, Invalid
from schema.words import N_

LINK_LIFE = timedelta(minutes=15)


async def send_login_link(tx: Tx, *, login: str) -> None:
    """A link to the address of this account (by its name or address); nothing where there is none.

    An address that was never confirmed gets one only where there is no password: else whoever
    claimed it first would let its owner in to an account that another one can open too.
    """
    account = await find_by_login(tx, login)
    if account is None or not account.email or not tx.instance.config.smtp_url:
        return
    if account.email_confirmed_at is None and account.password_hash:
        return
    secret = await sessions.issue(
        tx.conn,
        "login",
        now=tx.instance.clock(),
        life=LINK_LIFE,
        account_id=account.actor_id,
        email=account.email,
    )
    link = f"{tx.instance.config.origin}/login/link/{secret}"
    await mails.send(tx, account, "login", link=link)


async def find_by_login(tx: Tx, login: str) -> Account | None:
    """By name or e-mail address."""
    if "@" in login.strip().lstrip("@"):
        return await accounts.find_by_email(tx.conn, login.strip())
    return await accounts.find_by_name(tx.conn, login.strip().lstrip("@"))


async def use_login_link(
    tx: Tx, *, secret: str, user_agent: str, replaces: str | None = None
) -> tuple[Account, str]:
    """Account and session secret; the address is confirmed by it. Conflict: used, or too old."""
    now = tx.instance.clock()
    token = await sessions.use(tx.conn, "login", secret, now)
    account = await accounts.find(tx.conn, token.account_id) if token and token.account_id else None
    if token is None or account is None or account.email != token.email:
        raise Conflict(N_("This link was used already, or is too old. Please ask for a new one."))
    if account.email_confirmed_at is None:
        account = await _confirm(tx, account, token.email)
        await sessions.end_all(tx.conn, account.actor_id)
    session = await log_in(
        tx, account_id=account.actor_id, user_agent=user_agent, replaces=replaces
    )
    return account, session


async def change_email(tx: Tx, *, account: Account, email: str | None) -> Account:
    """A new address counts when it is confirmed; where there is no mail, at once, unconfirmed.

    None takes it away; Invalid when there would be no way to log in.
    """
    wanted = check_email(email)
    if wanted is None and account.password_hash is None:
        raise Invalid({"email": N_("Without a password you need an address to log in.")})
    if wanted is None or not tx.instance.config.smtp_url:
        return await accounts.set_email(tx.conn, account.actor_id, wanted, None)
    await mails.ask_to_confirm(tx, account=account, email=wanted)
    if account.email and account.email_confirmed_at:
        link = f"{tx.instance.config.origin}/me/security"
        await mails.send(tx, account, "changed", link=link)
    return account


async def confirm_email(tx: Tx, *, secret: str) -> Account:
    """Conflict: used, too old, or the address is another one's by now."""
    token = await sessions.use(tx.conn, "confirm", secret, tx.instance.clock())
    account = await accounts.find(tx.conn, token.account_id) if token and token.account_id else None
    if token is None or account is None or not account.may_log_in:
        raise Conflict(N_("This link was used already, or is too old. Please ask for a new one."))
    return await _confirm(tx, account, token.email)


async def _confirm(tx: Tx, account: Account, email: str) -> Account:
    owner = await accounts.find_by_email(tx.conn, email)
    if owner and owner.email_confirmed_at and owner.actor_id != account.actor_id:
        raise Conflict(N_("This address belongs to another account."))
    return await accounts.set_email(tx.conn, account.actor_id, email, tx.instance.clock())


async def change_password(
    tx: Tx, *, account: Account, password_hash: str, session_id: UUID | None
) -> Account:
    """Ends every other session and every login link that is under way."""
    await sessions.end_all(tx.conn, account.actor_id, but=session_id)
    return await accounts.set_password(tx.conn, account.actor_id, password_hash)


async def end_session(tx: Tx, *, account_id: UUID, session_id: UUID) -> None:
    """One of one's own; Conflict when it has ended already, or is another's."""
    if not await sessions.end(tx.conn, account_id, session_id):
        raise Conflict(N_("This session has ended already."))


async def end_other_sessions(tx: Tx, *, account_id: UUID, session_id: UUID) -> None:
    """All but the one that asks."""
    await sessions.end_all(tx.conn, account_id, but=session_id)
