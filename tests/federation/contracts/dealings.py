"""The second half of the scene: agreements, letters, polls, invitations, moves and farewells."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from federation import lookup, resolve
from federation.acts import (
    accounts,
    chats,
    cities,
    moderation,
    moves,
    people,
    polls,
    pools,
    promises,
)
from federation.acts import agreements as acts
from federation.acts import posts as post_acts
from schema import agreements, media, places, posts, proposals
from schema import chats as stored_chats
from schema.actors import Actor
from schema.agreements import Agreement, Terms
from schema.communities import Community
from tests import make
from tests.peer import PUBLIC, Peer
from tests.world import City, settle

Act = Callable[..., Awaitable[Agreement]]


async def play_on(alpha: City, beta: City, ann: Actor, ben: Actor, garden: Community) -> None:
    """All that two people and two cities say to each other and nobody else."""
    await _agreements(alpha, beta, ann, ben)
    await _pool(alpha, beta, ann, ben)
    await _letters(alpha, beta, ann, ben)
    await _poll(beta, ben)
    await _pictures(alpha, beta, ann)
    await _goings(alpha, beta, ann, ben, garden)
    await _cities(alpha, beta)


async def _agreements(alpha: City, beta: City, ann: Actor, ben: Actor) -> None:
    deal = _Deal(alpha, beta, ann, ben)
    await deal.ask(5)
    await deal.does(alpha, acts.counter, ann, terms=_kilos(4), text="Four?")
    await deal.does(beta, acts.ask_again, ben, terms=_kilos(4))
    await deal.does(alpha, promises.reveal, ann, text="Mill Lane 7")
    await deal.does(beta, promises.be_late, ben)
    await deal.does(alpha, promises.say, ann, text="No hurry.")
    for city, by in ((beta, ben), (alpha, ann)):
        await deal.does(city, promises.confirm, by)
    await deal.does(beta, promises.thank, ben, text="Lovely.")
    await deal.does(beta, promises.object_to, ben, text="One was rotten.")
    await deal.ask(3)
    await deal.does(alpha, acts.decline, ann, reason="Others asked first.")
    await deal.ask(3)
    await deal.does(beta, promises.withdraw, ben, reason="I found some.")
    await deal.ask(3)
    await deal.does(alpha, acts.accept, ann)
    await deal.does(alpha, promises.withdraw, ann, reason="They froze.")


def _kilos(amount: int) -> Terms:
    return Terms(Decimal(amount), "kg", "nothing")


class _Deal:
    """About ann's potatoes, between her and ben of the other city."""

    def __init__(self, alpha: City, beta: City, ann: Actor, ben: Actor) -> None:
        self.cities = alpha, beta
        self.ann, self.ben = ann, ben
        self.key = ""

    async def ask(self, amount: int) -> None:
        alpha, beta = self.cities
        given = {"quantity": Decimal(20), "unit": "kg", "return_kind": "nothing"}
        offer = await make.a_proposal(alpha, self.ann, f"Potatoes ({amount})", **given)
        await settle(alpha, beta)
        async with beta.instance.begin() as tx:
            seen = await proposals.find(tx.conn, offer.uri)
            assert seen is not None
            row = await acts.ask(tx, by=self.ben, proposal=seen, terms=_kilos(amount), text="Yes?")
        self.key = row.key
        await settle(alpha, beta)

    async def does(self, city: City, act: Act, by: Actor, **more: Any) -> None:
        async with city.instance.begin() as tx:
            row = await agreements.find(tx.conn, self.key)
            assert row is not None
            await act(tx, by=by, agreement=row, **more)
        await settle(*self.cities)


async def _pool(alpha: City, beta: City, ann: Actor, ben: Actor) -> None:
    """He needs the same as she, she gathers, and he needs it no more."""
    given = {"quantity": Decimal(20), "unit": "kg", "purpose": "request"}
    until = alpha.clock.now + make.days(60)
    row = await make.a_proposal(alpha, ann, "Hay", **given, until=until)
    await settle(alpha, beta)
    for leaves in (False, True):
        async with beta.instance.begin() as tx:
            seen = await proposals.find(tx.conn, row.uri)
            assert seen is not None
            if leaves:
                await pools.take_back(tx, by=ben, proposal=seen)
            else:
                await pools.me_too(tx, by=ben, proposal=seen, quantity=Decimal(5))
        await settle(alpha, beta)
        if not leaves:
            async with alpha.instance.begin() as tx:
                await pools.gather(
                    tx,
                    by=ann,
                    proposal=row,
                    kind="order",
                    measure="quantity",
                    threshold=Decimal(50),
                    ends=alpha.clock.now + make.days(5),
                    note="By lorry.",
                )
            await settle(alpha, beta)


async def _letters(alpha: City, beta: City, ann: Actor, ben: Actor) -> None:
    there = await resolve.actor(beta.instance, ann.uri)
    async with beta.instance.begin() as tx:
        written = await chats.write(tx, by=ben, to=[there], source="Tomorrow?")
    await settle(alpha, beta)
    async with beta.instance.begin() as tx:
        found = await stored_chats.find(tx.conn, written.uri)
        assert found is not None
        await chats.delete(tx, by=ben, message=found)
    await settle(alpha, beta)


async def _poll(beta: City, ben: Actor) -> None:
    far = Peer("far.test", beta.wire).start()
    options = [{"type": "Note", "name": name} for name in ("Tea", "Coffee")]
    poll = far.note("<p>Which?</p>", "", type="Question", oneOf=options, to=[PUBLIC])
    await lookup.lookup(beta.instance, poll["id"])
    async with beta.instance.begin() as tx:
        post = await posts.find(tx.conn, poll["id"])
        assert post is not None
        await polls.vote(tx, by=ben, post=post, choices=[0])
        await post_acts.reply(tx, by=ben, parent=post, source="Tea, always.")
    await settle(beta)


async def _goings(alpha: City, beta: City, ann: Actor, ben: Actor, garden: Community) -> None:
    cara, cora = await make.a_person(alpha, "cara"), await make.a_person(beta, "cora")
    before = await resolve.actor(beta.instance, cara.uri)
    async with beta.instance.begin() as tx:
        await people.follow(tx, by=ben, whom=before)
        await moves.add_alias(tx, by=cora, actor=cora, alias=before)
    await settle(alpha, beta)
    after = await resolve.actor(alpha.instance, cora.uri, fresh=True)
    async with alpha.instance.begin() as tx:
        await moves.move(tx, by=cara, actor=cara, to=after)
        await moderation.invite(tx, by=ann, community=garden, person=after)
    await settle(alpha, beta)
    dora = await make.a_person(beta, "dora")
    await make.a_proposal(beta, dora, "Jars", scope="everyone")
    await settle(alpha, beta)
    async with beta.instance.begin() as tx:
        await accounts.close(tx, by=dora)
    await settle(alpha, beta)


async def _pictures(alpha: City, beta: City, ann: Actor) -> None:
    """A place and a face, and a listing that shows what it is about."""
    async with alpha.instance.begin() as tx:
        face, thing = [
            await media.insert(tx.conn, full=b"f", small=b"s", width=8, height=6, alt=words)
            for words in ("", "A jar")
        ]
        by = await people.show_picture(tx, by=ann, media_id=face)
        await people.move(tx, by=by, place=places.find("Graz")[0])
    await make.a_proposal(alpha, ann, "Jars", pictures=[thing], place_name="Graz")
    await settle(alpha, beta)


async def _cities(alpha: City, beta: City) -> None:
    """The link ends and is made anew."""
    for act in (cities.part, cities.ask):
        other = await resolve.city(alpha.instance, beta.origin)
        async with alpha.instance.begin() as tx:
            await act(tx, by=None, other=other)
        await settle(alpha, beta)
    other = await resolve.city(beta.instance, alpha.origin)
    async with beta.instance.begin() as tx:
        await cities.consent(tx, by=None, other=other)
    await settle(alpha, beta)
