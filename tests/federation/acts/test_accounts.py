"""Accounts: being let in, roles, suspending, inviting, closing: who may, and what follows."""

from datetime import timedelta
from typing import Any

import pytest

from federation.acts import accounts as acts
from schema import accounts, actors
from schema.actors import Actor
from schema.errors import Conflict, Forbidden, Invalid
from tests import make
from tests.make import a_key_pair
from tests.world import City


async def a_waiting_person(city: City, name: str = "ann") -> Actor:
    person = await make.a_person(city, name)
    await city.execute("update accounts set state = 'waiting' where actor_id = %s", person.id)
    return person


async def log_of(city: City) -> list[str]:
    return await city.value(
        "select array_agg(act order by id) from admin_log where by_id is not null"
    )


async def test_an_admin_lets_somebody_in(alpha: City) -> None:
    admin, ann = await make.an_admin(alpha), await a_waiting_person(alpha)
    async with alpha.instance.begin() as tx:
        account = await acts.approve(tx, by=admin, account_id=ann.id)
    assert account.state == "active"
    assert await alpha.value("select kind from notices where account_id = %s", ann.id) == "admitted"
    assert await log_of(alpha) == ["approve"]


async def test_only_admins_let_in_and_only_once(alpha: City) -> None:
    admin, ann = await make.an_admin(alpha), await a_waiting_person(alpha)
    eve = await make.a_person(alpha, "eve")
    with pytest.raises(Forbidden):
        async with alpha.instance.begin() as tx:
            await acts.approve(tx, by=eve, account_id=ann.id)
    with pytest.raises(Forbidden):
        async with alpha.instance.begin() as tx:
            await acts.approve(tx, by=ann, account_id=ann.id)
    async with alpha.instance.begin() as tx:
        await acts.approve(tx, by=admin, account_id=ann.id)
    with pytest.raises(Conflict):
        async with alpha.instance.begin() as tx:
            await acts.refuse(tx, by=admin, account_id=ann.id, reason="too late")


async def test_who_is_refused_is_out_and_the_name_stays_taken(alpha: City) -> None:
    admin, ann = await make.an_admin(alpha), await a_waiting_person(alpha)
    async with await make.log_in(alpha, ann) as browser:
        async with alpha.instance.begin() as tx:
            await acts.refuse(tx, by=admin, account_id=ann.id, reason="Nobody knows you.")
        assert (await browser.client.get("/welcome")).status_code == 303
    assert (await alpha.document("/people/ann")).status_code == 410
    with pytest.raises(Invalid):
        await make.a_person(alpha, "ann")


async def test_a_reason_is_needed(alpha: City) -> None:
    admin, ann = await make.an_admin(alpha), await a_waiting_person(alpha)
    with pytest.raises(Invalid):
        async with alpha.instance.begin() as tx:
            await acts.refuse(tx, by=admin, account_id=ann.id, reason="  ")


async def test_an_admin_gives_and_takes_roles_but_never_the_last_one(alpha: City) -> None:
    admin, ann = await make.an_admin(alpha), await make.a_person(alpha, "ann")
    with pytest.raises(Conflict):
        async with alpha.instance.begin() as tx:
            await acts.set_role(tx, by=admin, account_id=admin.id, role="resident")
    async with alpha.instance.begin() as tx:
        await acts.set_role(tx, by=admin, account_id=ann.id, role="admin")
        changed = await acts.set_role(tx, by=ann, account_id=admin.id, role="resident")
    assert changed.role == "resident"
    with pytest.raises(Forbidden):
        async with alpha.instance.begin() as tx:
            await acts.set_role(tx, by=admin, account_id=ann.id, role="resident")


async def test_suspending_has_an_end_and_a_reason(alpha: City) -> None:
    admin, ann = await make.an_admin(alpha), await make.a_person(alpha, "ann")
    until = alpha.clock.now + timedelta(days=7)
    for wrong, reason in ((until, ""), (alpha.clock.now - timedelta(days=1), "rude")):
        with pytest.raises(Invalid):
            async with alpha.instance.begin() as tx:
                await acts.suspend(tx, by=admin, person=ann, until=wrong, reason=reason)
    async with alpha.instance.begin() as tx:
        person = await acts.suspend(tx, by=admin, person=ann, until=until, reason="rude")
        assert (person.suspended_until, person.suspended_reason) == (until, "rude")
        person = await acts.suspend(tx, by=admin, person=ann, until=None)
        assert person.suspended_until is None
    assert await log_of(alpha) == ["suspend", "end suspension"]


async def test_moderators_suspend_residents_and_nobody_above_them(alpha: City) -> None:
    admin, ann = await make.an_admin(alpha), await make.a_person(alpha, "ann")
    mod = await make.a_person(alpha, "mo")
    await alpha.execute("update accounts set role = 'moderator' where actor_id = %s", mod.id)
    more: dict[str, Any] = {"until": alpha.clock.now + timedelta(days=1), "reason": "rude"}
    for by, person in ((ann, mod), (mod, admin), (mod, mod), (ann, ann)):
        with pytest.raises(Forbidden):
            async with alpha.instance.begin() as tx:
                await acts.suspend(tx, by=by, person=person, **more)
    async with alpha.instance.begin() as tx:
        await acts.suspend(tx, by=mod, person=ann, **more)


async def test_invitations_are_made_by_admins_and_can_be_taken_back(alpha: City) -> None:
    admin, ann = await make.an_admin(alpha), await make.a_person(alpha, "ann")
    with pytest.raises(Forbidden):
        async with alpha.instance.begin() as tx:
            await acts.invite(tx, by=ann, uses=1, life=timedelta(days=1), note="")
    async with alpha.instance.begin() as tx:
        code = await acts.invite(tx, by=admin, uses=5, life=timedelta(days=1), note="market")
        await acts.revoke(tx, by=admin, code=code)
    with pytest.raises(Invalid):
        await make.a_person(alpha, "ben", invitation=code)


async def test_an_invitation_ends_in_time(alpha: City) -> None:
    code = await make.an_invitation(alpha)
    alpha.clock.now += timedelta(days=2)
    with pytest.raises(Invalid):
        await make.a_person(alpha, "ben", invitation=code)


async def test_a_failed_sign_up_uses_nothing_up(alpha: City) -> None:
    code = await make.an_invitation(alpha)
    await make.a_person(alpha, "ben")
    with pytest.raises(Invalid):
        await make.a_person(alpha, "ben", invitation=code)
    assert await alpha.value("select used from invitations") == 0
    await make.a_person(alpha, "ann", invitation=code)
    assert await alpha.value("select used from invitations") == 1


async def test_the_private_keys_belong_to_the_public_ones(alpha: City) -> None:
    pair = a_key_pair()
    async with alpha.instance.begin() as tx:
        account = await acts.sign_up(
            tx,
            name="ann",
            title="Ann",
            keys=pair,
            email=None,
            password_hash=None,
            locale="de",
            invitation=None,
            answers={},
        )
        person = await actors.get(tx.conn, account.actor_id)
        stored = await actors.get_keys(tx.conn, person.id)
    assert (person.public_key, stored.rsa_private) == (pair.rsa_public, pair.rsa_private)
    assert stored.key_id == f"{person.uri}#main-key"


async def test_closing_takes_away_what_one_wrote(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    ladder = await make.a_proposal(alpha, ann, "A ladder", scope="everyone")
    async with alpha.instance.begin() as tx:
        await acts.close(tx, by=ann)
        assert (await accounts.get(tx.conn, ann.id)).state == "closed"
    assert await alpha.value("select state from proposals where id = %s", ladder.id) == "withdrawn"
    assert await alpha.value("select title from proposals where id = %s", ladder.id) == "–"
    deleted = "select count(*) from activities where type = 'Delete' and actor_id = %s"
    assert await alpha.value(deleted, ann.id) == 1
