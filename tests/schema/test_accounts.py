"""Accounts in the database."""

import pytest

from schema import accounts
from schema.errors import Conflict
from tests import make
from tests.world import City


async def test_a_confirmed_address_belongs_to_one_account(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann", email="a@example.org")
    eve = await make.a_person(alpha, "eve", email="a@example.org")
    now = alpha.clock.now
    async with alpha.instance.begin() as tx:
        await accounts.set_email(tx.conn, ann.id, "a@example.org", now)
    with pytest.raises(Conflict):
        async with alpha.instance.begin() as tx:
            await accounts.set_email(tx.conn, eve.id, "A@Example.org", now)


async def test_by_address_the_one_who_proved_it_is_found(alpha: City) -> None:
    await make.a_person(alpha, "eve", email="a@example.org")
    ann = await make.a_person(alpha, "ann", email="a@example.org")
    async with alpha.instance.begin() as tx:
        await accounts.set_email(tx.conn, ann.id, "a@example.org", alpha.clock.now)
        found = await accounts.find_by_email(tx.conn, "A@EXAMPLE.ORG")
        assert found and found.actor_id == ann.id


async def test_admins_find_people_by_state_role_and_words(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann", title="Ann Gärtner", email="trees@example.org")
    ben = await make.a_person(alpha, "ben")
    root = await make.an_admin(alpha)
    await alpha.execute("update accounts set state = 'waiting' where actor_id = %s", ben.id)
    async with alpha.instance.read() as conn:

        async def ids(**wanted: object) -> list[object]:
            return [row.actor_id for row in await accounts.list_people(conn, **wanted)]  # type: ignore[arg-type]

        assert await ids() == [root.id, ben.id, ann.id]
        assert await ids(state="waiting") == [ben.id]
        assert await ids(role="admin") == [root.id]
        for words in ("gärt", "TREES", "ann"):
            assert await ids(words=words) == [ann.id]
        assert await ids(words="%") == []
        assert await ids(before=ben.id, limit=1) == [ann.id]
        assert await accounts.count_waiting(conn) == 1
        assert await accounts.count_active(conn) == 2
