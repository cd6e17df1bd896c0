"""Exchange 2: what two people of two cities do not agree about, decided in a third."""

import asyncio
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from federation import inbox, outbox, worker
from federation.acts import agreements as acts
from federation.acts import disputes as dispute_acts
from federation.acts import disputing, moderation, promises, sealing
from federation.wire import agreements as agreements_wire
from federation.wire import disputes as wire
from schema import actors, communities, disputes
from schema.actors import Actor
from schema.agreements import Agreement
from schema.communities import Community
from schema.disputes import Dispute
from schema.errors import Conflict, Forbidden
from tests import make, talk
from tests.federation.acts.test_agreements import (
    asks,
    decides,
    does,
    hashes,
    kilos,
    seen_there,
    there,
)
from tests.world import City, held_up, settle


@dataclass(frozen=True)
class Story:
    """Ann of alpha has promised ben of beta something in a community of the city `home`."""

    ann: Actor
    ben: Actor
    cleo: Actor
    garden: Community
    row: Agreement
    home: City
    cities: tuple[City, ...]

    async def states(self) -> set[tuple[str, str]]:
        """Of the agreement in both cities."""
        found = [await there(city, self.row) for city in self.cities[:2]]
        return {(one.state, one.outcome) for one in found}


async def case(city: City, row: Agreement) -> Dispute:
    """The dispute as this city knows it."""
    async with city.instance.read() as conn:
        found = await disputes.find(conn, row.key)
    assert found is not None
    return found


async def here(city: City, garden: Community) -> Community:
    async with city.instance.read() as conn:
        found = await communities.find_by_uri(conn, garden.uri)
    assert found is not None
    return found


async def promised(home: City, *cities: City) -> Story:
    """Cleo lives in the last of the cities and is steward of the community at `home`."""
    alpha, beta, gamma = cities
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    cleo = await make.a_person(gamma, "cleo")
    founder = cleo if home is gamma else ann if home is alpha else ben
    garden = await make.a_community(home, founder, "garden")
    for city, person in zip(cities, (ann, ben, cleo), strict=True):
        if person is not founder:
            await talk.join(city, person, garden, *(() if city is home else (home,)))
    offer = await make.a_proposal(
        alpha, ann, "Potatoes", await here(alpha, garden), quantity=Decimal(20), unit="kg",
        return_kind="nothing",
    )  # fmt: skip
    await settle(*cities)
    row = await asks(beta, ben, await seen_there(beta, offer), kilos(5), text="On Friday?")
    await settle(*cities)
    await does(alpha, acts.accept, ann, await there(alpha, row))
    await does(alpha, promises.reveal, ann, await there(alpha, row), text="Mill Lane 7")
    await does(alpha, promises.say, ann, await there(alpha, row), text="Ring twice.")
    await settle(*cities)
    return Story(ann, ben, cleo, garden, row, home, cities)


async def disputed(home: City, *cities: City) -> Story:
    story = await promised(home, *cities)
    found = await there(cities[1], story.row)
    await does(cities[1], promises.object_to, story.ben, found, text="It was rotten.")
    await settle(*cities)
    return story


async def test_moderators_of_a_third_city_are_told_what_they_need_and_nothing_more(
    alpha: City, beta: City, gamma: City
) -> None:
    story = await disputed(gamma, alpha, beta, gamma)
    assert ("agreement.dispute", "Potatoes") in await talk.told(gamma, story.cleo)
    found = await case(gamma, story.row)
    his, hers = found.account("responder"), found.account("author")
    assert his is not None and hers is not None
    assert his.said == "It was rotten."
    assert his.terms == hers.terms
    assert his.terms["amount"] == "5"
    for table in ("disputes", "activities", "notices", "posts"):
        everything = await gamma.value(f"select string_agg(t::text, ' ') from {table} t") or ""
        assert "Mill Lane" not in everything
        assert "Ring twice" not in everything
        assert "On Friday" not in everything
    assert await alpha.value("select count(*) from notices where kind = 'agreement.dispute'") == 0


async def test_their_verdict_is_applied_in_both_cities(
    alpha: City, beta: City, gamma: City
) -> None:
    story = await disputed(gamma, alpha, beta, gamma)
    await decides(gamma, story.cleo, story.row, "Called off.")
    await settle(alpha, beta, gamma)
    assert await story.states() == {("cancelled", "Called off.")}
    assert await alpha.value("select available from proposals") == 20
    assert await beta.value("select available from proposals") == 20
    assert await hashes(alpha, story.row) == await hashes(beta, story.row)
    for city in (alpha, beta, gamma):
        assert (await case(city, story.row)).state == "done"
    with pytest.raises(Conflict):
        await decides(gamma, story.cleo, story.row, "Or not.")


async def test_each_may_say_how_it_was_and_show_the_letters(
    alpha: City, beta: City, gamma: City
) -> None:
    story = await disputed(gamma, alpha, beta, gamma)
    async with alpha.instance.begin() as tx:
        row = await there(alpha, story.row)
        await dispute_acts.state(
            tx, by=story.ann, agreement=row, text="They were fresh.", attach=True
        )
    await settle(alpha, beta, gamma)
    hers = (await case(gamma, story.row)).account("author")
    assert hers is not None
    assert hers.said == "They were fresh."
    assert "Ring twice." in hers.letters
    assert "Mill Lane" not in hers.letters
    his = (await case(gamma, story.row)).account("responder")
    assert his is not None
    assert (his.said, his.letters) == ("It was rotten.", "")


@pytest.mark.parametrize("at", ["alpha", "beta"])
async def test_a_moderator_who_lives_elsewhere_decides_from_home(
    alpha: City, beta: City, gamma: City, at: str
) -> None:
    home = alpha if at == "alpha" else beta
    story = await promised(home, alpha, beta, gamma)
    async with home.instance.begin() as tx:
        cleo = await actors.find(tx.conn, story.cleo.uri)
        assert cleo is not None
        founder = story.ann if home is alpha else story.ben
        await moderation.set_role(
            tx, by=founder, community=story.garden, person=cleo, role="moderator"
        )
    await settle(alpha, beta, gamma)
    row = await there(beta, story.row)
    await does(beta, promises.object_to, story.ben, row, text="It was rotten.")
    await settle(alpha, beta, gamma)
    assert ("agreement.dispute", "Potatoes") in await talk.told(gamma, story.cleo)
    sent = await decides(gamma, story.cleo, story.row, "It was fine.", done=True)
    assert sent.state == "sent"
    await settle(alpha, beta, gamma)
    assert await story.states() == {("done", "It was fine.")}
    assert await hashes(alpha, story.row) == await hashes(beta, story.row)
    assert (await case(gamma, story.row)).state == "done"


async def test_nobody_but_a_moderator_decides_and_never_one_of_the_two(
    alpha: City, beta: City, gamma: City
) -> None:
    story = await disputed(gamma, alpha, beta, gamma)
    dora = await make.a_person(gamma, "dora")
    await talk.join(gamma, dora, story.garden)
    root = await make.an_admin(gamma)
    for nobody in (dora, root):
        with pytest.raises(Forbidden):
            await decides(gamma, nobody, story.row, "I decide.")
    far = await make.an_admin(alpha, "far_admin")
    with pytest.raises(Forbidden):
        await decides(alpha, far, story.row, "I decide.")
    async with gamma.instance.begin() as tx:
        ben = await actors.find(tx.conn, story.ben.uri)
        assert ben is not None
        await moderation.set_role(
            tx, by=story.cleo, community=story.garden, person=ben, role="moderator"
        )
    await settle(alpha, beta, gamma)
    with pytest.raises(Forbidden):
        await decides(beta, story.ben, story.row, "I decide.", done=True)
    assert await story.states() == {("disputed", "")}


async def test_verdicts_that_are_forged_change_nothing(
    alpha: City, beta: City, gamma: City
) -> None:
    story = await disputed(gamma, alpha, beta, gamma)
    async with beta.instance.begin() as tx:
        group = await actors.find(tx.conn, story.garden.uri)
        ann = await actors.find(tx.conn, story.ann.uri)
        city = await actors.get(tx.conn, beta.instance.city_id)
        assert group is not None and ann is not None
        # Ben says that he is a moderator; his city says that it is the community.
        await outbox.send(tx, story.ben, wire.verdict(story.row.key, True, "Mine."), [group])
        row = await there(beta, story.row)
        step = agreements_wire.Written(
            uri=tx.addresses.step(row.id, row.id),
            key=row.key,
            proposal="",
            act="settle",
            actor=city.uri,
            text="Mine.",
            previous=row.agreed_hash,
            at="2026-01-01T00:00:00Z",
        )
        for by, written in ((city, step), (story.ben, replace(step, actor=story.ben.uri))):
            sealed = await sealing.seal(tx, written)
            note = agreements_wire.verdict(
                by, [ann], sealed, "<p>Mine.</p>", beta.instance.config.host
            )
            await outbox.send(tx, by, {"type": "Create", "object": note}, [ann], about=row.key)
        # A dispute that the community is said to have, told by somebody else.
        found = replace(await case(beta, story.row), state="done", done=True, outcome="Mine.")
        names = wire.Names(story.garden.uri, story.ann.uri, story.ben.uri)
        await outbox.send(tx, city, wire.flag(found, names, ("author",)), [ann, group])
    await settle(alpha, beta, gamma)
    assert (await there(alpha, story.row)).state == "disputed"
    hers = (await case(gamma, story.row)).account("author")
    assert (await case(gamma, story.row)).state == "open"
    assert hers is not None and hers.said == ""
    assert {kind for kind, _, _ in await talk.verdicts(gamma)} == {"Offer", "Flag"}


async def test_verdicts_that_come_twice_or_too_late_change_nothing(
    alpha: City, beta: City, gamma: City
) -> None:
    story = await disputed(gamma, alpha, beta, gamma)
    await decides(gamma, story.cleo, story.row, "Called off.")
    alpha.wire.hold()
    alpha.wire.keep_doubles(3)
    await settle(alpha, beta, gamma)
    await alpha.wire.release()
    await settle(alpha, beta, gamma)
    assert await story.states() == {("cancelled", "Called off.")}
    before = await hashes(alpha, story.row)
    async with gamma.instance.begin() as tx:
        parties = [await actors.find(tx.conn, one.uri) for one in (story.ann, story.ben)]
        group = await actors.find(tx.conn, story.garden.uri)
        assert group is not None
        late = agreements_wire.Written(
            uri=tx.addresses.step(story.row.id, story.row.id),
            key=story.row.key,
            proposal="",
            act="settle",
            actor=group.uri,
            text="It was fine after all.",
            previous=(await case(gamma, story.row)).head,
            at="2026-01-01T00:00:00Z",
        )
        sealed = await sealing.seal(tx, late)
        to = [one for one in parties if one]
        note = agreements_wire.verdict(group, to, sealed, "<p>x</p>", gamma.instance.config.host)
        await outbox.send(tx, group, {"type": "Create", "object": note}, to)
    await settle(alpha, beta, gamma)
    assert await story.states() == {("cancelled", "Called off.")}
    after = await hashes(alpha, story.row)
    assert after == await hashes(beta, story.row)
    assert len(after - before) == 1


async def test_two_words_of_one_objection_do_not_wait_for_each_other(
    alpha: City, beta: City, gamma: City
) -> None:
    story = await promised(alpha, alpha, beta, gamma)
    judge, far = await make.an_admin(alpha, "judge"), await there(beta, story.row)
    await does(beta, promises.object_to, story.ben, far, text="It was rotten.")
    await settle(beta)
    lanes = {lane.by.uri: lane for lane in await worker.claim(alpha.instance)}
    city = lanes[beta.instance.addresses.city]
    (flag,) = city.activities
    async with alpha.instance.begin() as tx:
        row, listing = await sealing.opened(tx, (await there(alpha, story.row)).id)
        told = asyncio.create_task(inbox.receive(alpha.instance, flag, city.by))
        await held_up(alpha, told)
        await disputing.bring(tx, row, listing, None, "")
    await told
    assert len(await talk.told(alpha, judge)) == 1
    assert (await case(alpha, story.row)).account("responder") is not None
    assert await alpha.value("select state from activities where id = %s", flag.id) == "done"
