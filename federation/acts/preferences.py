"""Preferences: what only the person's own account knows."""

from collections.abc import Sequence

from federation.instance import Tx
from schema import accounts, categories
from schema.accounts import Account
from schema.actors import Actor
from schema.errors import Invalid
from schema.words import N_

LAST_STEP = 5
MOST_INTERESTS = 6


async def go_on(tx: Tx, *, by: Actor, done: int) -> Account:
    """The first steps have been done, or skipped, up to `done`; never backwards."""
    account = await accounts.get(tx.conn, by.id)
    if account.welcome_step == 0 or done < account.welcome_step:
        return account
    return await accounts.set_welcome(tx.conn, by.id, done + 1 if done < LAST_STEP else 0)


async def choose_interests(tx: Tx, *, by: Actor, interests: Sequence[str]) -> Account:
    """Category ids: of these the person wants to hear first."""
    known = categories.load()
    chosen = [id for id in dict.fromkeys(interests) if known.find(id)]
    if len(chosen) > MOST_INTERESTS:
        raise Invalid({"interests": N_("Please choose six at most.")})
    account = await accounts.get(tx.conn, by.id)
    return await accounts.set_welcome(tx.conn, by.id, account.welcome_step, chosen)


async def choose_language(tx: Tx, *, by: Actor, locale: str) -> None:
    """Of pages and mails."""
    await accounts.set_locale(tx.conn, by.id, locale)
