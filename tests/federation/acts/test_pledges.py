"""Pledges within one city: who may promise what to whom, and what it counts for."""

from dataclasses import replace
from decimal import Decimal

import pytest

from federation.acts import pledge_answers, pledges, project_needs
from federation.acts.pledging import MOST_WAITING, Draft
from federation.instance import Tx
from schema import actors
from schema.actors import Actor
from schema.communities import Community
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.pledges import Pledge
from tests import make
from tests.world import City

SAND = Draft("material", "Sand", Decimal(2), "t")


async def _promise(
    tx: Tx, by: Actor, garden: Community, draft: Draft = SAND, project: str = "cistern"
) -> Pledge:
    giver = await actors.get(tx.conn, garden.actor_id)
    group = await actors.find_by_handle(tx.conn, project)
    assert group
    return await pledges.pledge(tx, by=by, giver=giver, project=group, draft=draft)


async def test_only_stewards_promise_for_their_community(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    await make.a_project(alpha, ben)
    await make.a_community(alpha, ben, "choir")
    async with alpha.instance.begin() as tx:
        with pytest.raises(Forbidden):
            await _promise(tx, ben, garden)
        with pytest.raises(Missing):
            await _promise(tx, ann, garden, project="choir")
        assert (await _promise(tx, ann, garden)).state == "offered"


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("update communities set join_rule = 'hidden' where actor_id = %s", Forbidden),
        ("update communities set closed_at = now() where actor_id <> %s", Conflict),
        ("update projects set state = 'stopped' where community_id <> %s", Conflict),
        ("update communities set join_rule = 'hidden' where actor_id <> %s", Missing),
    ],
)
async def test_what_is_hidden_closed_or_stopped_neither_gives_nor_gets(
    alpha: City, ann: Actor, ben: Actor, garden: Community, query: str, refusal: type[Exception]
) -> None:
    await make.a_project(alpha, ben)
    await alpha.execute(query, garden.actor_id)
    with pytest.raises(refusal):
        async with alpha.instance.begin() as tx:
            await _promise(tx, ann, garden)


async def test_a_project_is_not_buried_in_pledges(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    await make.a_project(alpha, ben)
    async with alpha.instance.begin() as tx:
        for _ in range(MOST_WAITING):
            await _promise(tx, ann, garden)
        with pytest.raises(Conflict):
            await _promise(tx, ann, garden)


async def test_more_than_is_missing_is_never_counted(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    project = await make.a_project(alpha, ben)
    met = "select trim_scale(met)::text from project_needs"
    async with alpha.instance.begin() as tx:
        draft = project_needs.NeedDraft("Sand", Decimal(3), "t")
        need = await project_needs.add(tx, by=ben, project=project, draft=draft)
        bound = replace(SAND, need_uri=need.uri)
        with pytest.raises(Invalid):
            await _promise(tx, ann, garden, replace(bound, quantity=Decimal(4)))
        with pytest.raises(Invalid):
            await _promise(tx, ann, garden, replace(bound, unit="m"))
        in_kilos = replace(bound, quantity=Decimal(2500), unit="kg")
        made = [await _promise(tx, ann, garden, one) for one in (bound, in_kilos)]
        for row in made:
            await pledge_answers.answer(tx, by=ben, pledge=row, said="accepted", edition=1)
    assert await alpha.value("select trim_scale(promised)::text from project_needs") == "4.5"
    for row, counted in zip(made, ("2", "3"), strict=True):
        async with alpha.instance.begin() as tx:
            brought = await pledges.deliver(tx, by=ann, pledge=row, amount=row.quantity)
            for _ in range(2):
                await pledge_answers.confirm(tx, by=ben, delivery=brought)
        assert await alpha.value(met) == counted
    with pytest.raises(Conflict):
        async with alpha.instance.begin() as tx:
            await pledges.withdraw(tx, by=ann, pledge=made[0], reason="Too late.")


async def test_what_was_brought_in_part_is_not_changed_but_the_rest_is_taken_back(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    await make.a_project(alpha, ben)
    async with alpha.instance.begin() as tx:
        row = await _promise(tx, ann, garden)
        with pytest.raises(Conflict):
            await pledges.deliver(tx, by=ann, pledge=row, amount=Decimal(1))
        with pytest.raises(Forbidden):
            await pledge_answers.answer(tx, by=ann, pledge=row, said="accepted", edition=1)
        await pledge_answers.answer(tx, by=ben, pledge=row, said="accepted", edition=1)
        await pledges.deliver(tx, by=ann, pledge=row, amount=Decimal(1))
        with pytest.raises(Conflict):
            await pledges.change(tx, by=ann, pledge=row, draft=replace(SAND, title="Clay"))
        with pytest.raises(Invalid):
            await pledges.withdraw(tx, by=ann, pledge=row, reason=" ")
        assert (await pledges.withdraw(tx, by=ann, pledge=row, reason="Sold.")).state == "ended"
        with pytest.raises(Conflict):
            await pledges.deliver(tx, by=ann, pledge=row, amount=Decimal(1))
