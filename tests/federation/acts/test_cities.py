"""Links between cities: asking, agreeing, refusing, parting, blocking."""

import pytest

from federation import resolve
from federation.acts import cities as acts
from federation.errors import Malformed, Refused
from schema import actors, peers, severing
from schema.actors import Actor
from schema.errors import Conflict, Forbidden, Invalid
from schema.peers import Peer as Row
from tests import make, talk
from tests.peer import Peer
from tests.world import City, Wire, fast_forward, settle


async def other(here: City, there: City) -> Actor:
    """The city `there` as `here` knows it."""
    return await resolve.city(here.instance, there.origin)


async def ask(here: City, there: City) -> Row:
    found = await other(here, there)
    async with here.instance.begin() as tx:
        return await acts.ask(tx, by=None, other=found)


async def consent(here: City, there: City) -> Row:
    found = await other(here, there)
    async with here.instance.begin() as tx:
        return await acts.consent(tx, by=None, other=found)


async def part(here: City, there: City) -> None:
    found = await other(here, there)
    async with here.instance.read() as conn:
        by = await actors.find_by_handle(conn, "parting")
    by = by or await make.an_admin(here, "parting")
    async with here.instance.begin() as tx:
        await acts.part(tx, by=by, other=found)


async def links(one: City, two: City) -> tuple[str, str]:
    """What each is to the other."""
    query = "select link from peers where origin = %s"
    return await one.value(query, two.origin), await two.value(query, one.origin)


async def bonds(city: City) -> int:
    """How many Follows between cities stand."""
    return await city.value("select count(*) from follows where state = 'accepted'")


@pytest.fixture
async def apart(alpha: City, beta: City) -> None:
    """alpha and beta, not linked any more."""
    await part(alpha, beta)
    await settle(alpha, beta)


async def test_parting_ends_the_link_on_both_sides(alpha: City, beta: City, apart: None) -> None:
    assert await links(alpha, beta) == ("known", "known")
    assert await bonds(alpha) == await bonds(beta) == 2  # with gamma


async def test_asking_and_agreeing_links_both(alpha: City, beta: City, apart: None) -> None:
    assert (await ask(alpha, beta)).link == "asked"
    await settle(alpha, beta)
    assert await links(alpha, beta) == ("asked", "asking")
    assert (await consent(beta, alpha)).link == "linked"
    await settle(alpha, beta)
    assert await links(alpha, beta) == ("linked", "linked")
    assert await bonds(alpha) == await bonds(beta) == 4


async def test_two_that_ask_at_the_same_time_are_linked(
    alpha: City, beta: City, apart: None
) -> None:
    await ask(alpha, beta)
    await ask(beta, alpha)
    await settle(alpha, beta)
    assert await links(alpha, beta) == ("linked", "linked")
    assert await bonds(alpha) == await bonds(beta) == 4


async def test_a_link_survives_messages_that_come_twice_and_in_reverse(
    alpha: City, beta: City, apart: None, wire: Wire
) -> None:
    wire.double = True
    await ask(alpha, beta)
    await settle(alpha, beta)
    await consent(beta, alpha)
    wire.hold()
    await settle(alpha, beta)
    await wire.release()
    await settle(alpha, beta)
    assert await links(alpha, beta) == ("linked", "linked")
    assert await bonds(alpha) == await bonds(beta) == 4


async def test_what_is_asked_while_the_other_is_away_arrives_later(
    alpha: City, beta: City, apart: None, wire: Wire
) -> None:
    found = await other(alpha, beta)
    wire.cut("beta.test")
    async with alpha.instance.begin() as tx:
        await acts.ask(tx, by=None, other=found)
    await settle(alpha, beta)
    assert await links(alpha, beta) == ("asked", "known")
    wire.mend("beta.test")
    await fast_forward(alpha)
    await fast_forward(beta)
    await settle(alpha, beta)
    assert await links(alpha, beta) == ("asked", "asking")


async def test_the_admins_are_told_once_that_a_city_asks(
    alpha: City, beta: City, apart: None
) -> None:
    admin = await make.an_admin(beta)
    for _ in range(2):
        await alpha.execute("update peers set link = 'known' where host = 'beta.test'")
        await ask(alpha, beta)
        await settle(alpha, beta)
    count = "select count(*) from notices where account_id = %s and kind = 'city'"
    assert await beta.value(count, admin.id) == 1


async def test_a_refused_city_stays_refused_until_it_is_asked(
    alpha: City, beta: City, apart: None
) -> None:
    admin = await make.an_admin(beta)
    await ask(alpha, beta)
    await settle(alpha, beta)
    found = await other(beta, alpha)
    async with beta.instance.begin() as tx:
        assert (await acts.refuse(tx, by=admin, other=found)).link == "refused"
    await settle(alpha, beta)
    assert await links(alpha, beta) == ("known", "refused")
    await ask(alpha, beta)
    await settle(alpha, beta)
    assert await links(alpha, beta) == ("known", "refused")
    told = "select count(*) from notices where account_id = %s and kind = 'city'"
    assert await beta.value(told, admin.id) == 1
    asking = "select count(*) from follows where follower_id = %s"
    assert await beta.value(asking, found.id) == 0
    await ask(alpha, beta)
    async with alpha.instance.begin() as tx:
        await acts.part(tx, by=None, other=await other(alpha, beta))
    await settle(alpha, beta)
    assert await links(alpha, beta) == ("known", "refused"), "also when they take it back"
    assert await beta.value(told, admin.id) == 1
    await ask(beta, alpha)
    await settle(alpha, beta)
    await consent(alpha, beta)
    await settle(alpha, beta)
    assert await links(alpha, beta) == ("linked", "linked")


async def test_what_makes_no_sense_is_refused(alpha: City, beta: City, gamma: City) -> None:
    with pytest.raises(Conflict):
        await ask(alpha, beta)
    with pytest.raises(Conflict):
        await consent(alpha, beta)
    ann = await make.a_person(alpha, "ann")
    async with alpha.instance.begin() as tx:
        with pytest.raises(Forbidden):
            await acts.ask(tx, by=None, other=ann)
    assert await links(alpha, beta) == ("linked", "linked")


async def test_our_own_address_and_a_server_of_another_make_are_no_cities(
    alpha: City, wire: Wire
) -> None:
    with pytest.raises(Refused):
        await resolve.city(alpha.instance, "http://alpha.test")
    peer = Peer("peer.test", wire).start()
    peer.add_actor("city", "Group")
    with pytest.raises(Malformed):
        await resolve.city(alpha.instance, "http://peer.test")
    assert await alpha.value("select count(*) from peers where host = 'alpha.test'") == 0


async def test_a_block_cuts_follows_and_memberships_and_nothing_else(
    alpha: City, beta: City, gamma: City
) -> None:
    admin = await make.an_admin(alpha)
    ann, bob = await make.a_person(alpha, "ann"), await make.a_person(beta, "bob")
    gil = await make.a_person(gamma, "gil")
    garden = await make.a_community(alpha, ann)
    workshop = await make.a_community(beta, bob, "workshop")
    everybody = (alpha, beta, gamma)
    await settle(*everybody)
    await talk.join(beta, bob, garden, *everybody)
    await talk.join(gamma, gil, garden, *everybody)
    await talk.join(alpha, ann, workshop, *everybody)
    members = "select members from communities where actor_id = %s"
    assert await alpha.value(members, garden.actor_id) == 3
    async with alpha.instance.read() as conn:
        cut = await severing.consequences(conn, [beta.origin])
    assert (cut.members, cut.followers, cut.listings) == (2, 0, 0)
    async with alpha.instance.begin() as tx:
        blocked = await acts.block(tx, by=admin, origin=beta.origin, reason="They shout.")
    assert blocked.link == "known" and blocked.blocked_at and blocked.reason == "They shout."
    assert await alpha.value(members, garden.actor_id) == 2
    across = (
        "select count(*) from follows join actors a on a.id in (follower_id, followed_id) "
        "where a.peer = %s"
    )
    assert await alpha.value(across, beta.origin) == 0
    assert await alpha.value(across, gamma.origin) == 3  # the cities both ways, gil in the garden
    left = "select count(*) from memberships where state = 'member'"
    assert await alpha.value(left) == 2
    async with alpha.instance.read() as conn:
        cut = await severing.consequences(conn, [beta.origin])
    assert (cut.members, cut.followers) == (0, 0)


async def test_what_waits_for_a_blocked_city_is_given_up(
    alpha: City, beta: City, wire: Wire
) -> None:
    admin, ann = await make.an_admin(alpha), await make.a_person(alpha, "ann")
    wire.cut("beta.test")
    await make.a_proposal(alpha, ann)
    await settle(alpha)
    async with alpha.instance.begin() as tx:
        await acts.block(tx, by=admin, origin=beta.origin, reason="They shout.")
    due = "select count(*) from deliveries where peer = %s and state = 'due'"
    assert await alpha.value(due, beta.origin) == 0


async def test_a_block_needs_a_reason_and_happens_once(alpha: City, beta: City) -> None:
    admin = await make.an_admin(alpha)
    async with alpha.instance.begin() as tx:
        with pytest.raises(Invalid):
            await acts.block(tx, by=admin, origin=beta.origin, reason=" ")
        await acts.block(tx, by=admin, origin=beta.origin, reason="They shout.")
        with pytest.raises(Conflict):
            await acts.block(tx, by=admin, origin=beta.origin, reason="Again.")
    with pytest.raises(Refused):
        await resolve.city(alpha.instance, beta.origin)


@pytest.mark.parametrize(
    ("origin", "blocked"),
    [
        ("https://evil.example", True),
        ("https://very.evil.example", True),
        ("https://very.evil.example:8443", True),
        ("https://notevil.example", False),
        ("https://evil.example.org", False),
        ("https://example", False),
    ],
)
async def test_a_block_reaches_sub_domains_and_no_look_alikes(
    alpha: City, origin: str, blocked: bool
) -> None:
    admin = await make.an_admin(alpha)
    async with alpha.instance.begin() as tx:
        await peers.meet(tx.conn, "https://evil.example", "evil.example")
        await acts.block(tx, by=admin, origin="https://evil.example", reason="Known for it.")
        assert await peers.is_blocked(tx.conn, origin) is blocked
