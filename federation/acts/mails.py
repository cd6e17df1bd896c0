"""Mails to residents: written in their language, sent by a job of the same transaction."""

from datetime import timedelta
from typing import Literal, TypeAlias

from federation import letters
from federation.instance import Tx
from schema import actors, sessions
from schema import settings as stored_settings
from schema.accounts import Account

Confirming: TypeAlias = Literal["welcome", "confirm"]

CONFIRM_LIFE = timedelta(days=3)


async def send(
    tx: Tx, account: Account, kind: letters.Kind, *, to: str | None = None, **values: str
) -> None:
    """To `to`, else to the account's address; nothing where there is no address or no mail."""
    address = to or account.email
    if not address or not tx.instance.config.smtp_url:
        return
    person = await actors.get(tx.conn, account.actor_id)
    place = (await stored_settings.load(tx.conn)).name
    letter = letters.write(kind, account.locale, name=person.shown, place=place, **values)
    await tx.defer("send_mail", to=address, subject=letter.subject, text=letter.text)


async def ask_to_confirm(
    tx: Tx, *, account: Account, email: str, letter: Confirming = "confirm"
) -> None:
    """Mails a link to `email` that makes it the account's; nothing where there is no mail."""
    if not tx.instance.config.smtp_url:
        return
    secret = await sessions.issue(
        tx.conn,
        "confirm",
        now=tx.instance.clock(),
        life=CONFIRM_LIFE,
        account_id=account.actor_id,
        email=email,
    )
    link = f"{tx.instance.config.origin}/login/confirm/{secret}"
    await send(tx, account, letter, to=email, link=link)
