"""What an act tells others: stored with the act, addressed once, and never passed on twice."""

from typing import Any

import orjson
import pytest

from federation import outbox
from federation.acts import proposals
from federation.acts.drafts import Draft
from federation.outbox import Audience, Received
from federation.wire.contexts import PUBLIC
from schema import actors
from schema.actors import Actor
from tests import make, talk
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle


async def written(city: City, by: Actor) -> list[dict[str, Any]]:
    """What this actor of ours has said, oldest first."""
    async with city.instance.read() as conn:
        rows = await conn.execute(
            "select document from activities where direction = 'out' and actor_id = %s order by id",
            [by.id],
        )
        return [orjson.loads(document) for (document,) in await rows.fetchall()]


async def heard_by(city: City, activity: str) -> list[str]:
    """The hosts it is due at, sorted."""
    async with city.instance.read() as conn:
        rows = await conn.execute(
            "select peer from deliveries d join activities a on a.id = d.activity_id "
            "where a.uri = %s order by peer",
            [activity],
        )
        return [peer.removeprefix("http://") for (peer,) in await rows.fetchall()]


async def record(city: City, by: Actor, audience: Audience, **more: Any) -> str:
    body: Any = {"type": "Like", "object": "https://far.example/1", "to": ["nobody"]}
    async with city.instance.begin() as tx:
        return await outbox.record(tx, by, body, audience, **more)


async def the_city(city: City) -> Actor:
    async with city.instance.read() as conn:
        return await actors.get(conn, city.instance.city_id)


async def test_an_activity_has_an_id_of_ours_and_says_who_may_read_it(
    alpha: City, ann: Actor
) -> None:
    uri = await record(alpha, ann, Audience(to=(PUBLIC,), cc=("https://far.example/u",)))
    (said,) = await written(alpha, ann)
    assert (said["id"], said["actor"], said["type"]) == (uri, ann.uri, "Like")
    assert (said["to"], said["cc"]) == ([PUBLIC], ["https://far.example/u"])
    assert uri.startswith(f"{alpha.origin}/activities/")
    assert (await alpha.document(uri.removeprefix(alpha.origin))).json() == said
    assert await heard_by(alpha, uri) == []


async def test_what_is_not_public_is_not_shown(alpha: City, ann: Actor) -> None:
    uri = await record(alpha, ann, Audience(to=("https://far.example/u",)))
    assert (await alpha.document(uri.removeprefix(alpha.origin))).status_code == 404


async def test_each_inbox_is_told_once_whoever_lives_there(
    alpha: City, beta: City, ann: Actor
) -> None:
    garden = await make.a_community(alpha, ann)
    for name in ("ben", "bea", "bob"):
        await talk.join(beta, await make.a_person(beta, name), garden, alpha)
    group = await talk.group_of(alpha, garden)
    city = await the_city(alpha)
    everybody = Audience(followers_of=(group.id, city.id))
    assert await heard_by(alpha, await record(alpha, ann, everybody)) == ["beta.test", "gamma.test"]


async def test_a_group_passes_on_what_its_members_do_unchanged(
    alpha: City, beta: City, ann: Actor
) -> None:
    garden = await make.a_community(alpha, ann)
    await talk.join(beta, await make.a_person(beta, "ben"), garden, alpha)
    group = await talk.group_of(alpha, garden)
    to = (group.followers_uri or "",)
    uri = await record(alpha, ann, Audience(to=to, relays=(group,)))
    announced = (await written(alpha, group))[-1]
    assert (announced["type"], announced["actor"]) == ("Announce", group.uri)
    assert announced["object"] == (await written(alpha, ann))[-1]
    assert announced["to"] == [group.followers_uri]
    assert await heard_by(alpha, uri) == []
    assert await heard_by(alpha, announced["id"]) == ["beta.test"]


async def test_trap_51_microblogs_are_given_the_address_of_a_public_thing_as_well(
    alpha: City, ann: Actor
) -> None:
    city = await the_city(alpha)
    before = len(await written(alpha, city))
    made = await make.a_proposal(alpha, ann)
    said = (await written(alpha, city))[before:]
    assert [one["type"] for one in said] == ["Announce", "Announce"]
    assert (said[0]["object"]["type"], said[0]["object"]["object"]["id"]) == ("Create", made.uri)
    assert (said[1]["object"], said[1]["to"]) == (made.uri, [PUBLIC])


@pytest.mark.parametrize("scope", ["neighbours", "city"])
async def test_trap_52_what_is_private_is_announced_to_nobody_else(
    alpha: City, ann: Actor, wire: Wire, scope: Any
) -> None:
    far = Peer("far.test", wire).start()
    await alpha.execute("insert into settings (key, value) values ('federation', '\"open\"')")
    alpha.instance.forget_settings()
    for followed in (ann.uri, f"{alpha.origin}/city"):
        await far.says(alpha, far.activity("Follow", followed))
    await settle(alpha)
    city, told = await the_city(alpha), len(far.heard)
    before = len(await written(alpha, city))
    await make.a_proposal(alpha, ann, scope=scope)
    said = (await written(alpha, city))[before:]
    assert len(said) == (1 if scope == "neighbours" else 0)
    assert all(PUBLIC not in str(one) for one in said)
    await settle(alpha)
    assert len(far.heard) == told


async def test_what_came_from_elsewhere_is_done_and_goes_no_further_than_our_groups(
    alpha: City, ann: Actor, wire: Wire
) -> None:
    far = Peer("far.test", wire).start()
    await befriend(alpha, far)
    said = far.activity("Like", "https://far.example/1")
    await far.says(alpha, said)
    async with alpha.instance.read() as conn:
        row = await (
            await conn.execute("select id from activities where uri = %s", [said["id"]])
        ).fetchone()
        pat = await actors.find(conn, far.pat)
    assert row and pat
    group = await talk.group_of(alpha, await make.a_community(alpha, ann))
    received = Received(row[0], said)
    audience = Audience(to=(PUBLIC,), followers_of=(pat.id,), relays=(group,))
    assert await record(alpha, pat, audience, received=received) == said["id"]
    assert await written(alpha, pat) == []
    assert (await written(alpha, group))[-1]["object"] == said
    query = "select state from activities where uri = %s"
    assert await alpha.value(query, said["id"]) == "done"


async def test_act_and_activity_are_one(alpha: City, ann: Actor) -> None:
    queries = [f"select count(*) from {table}" for table in ("proposals", "deliveries")]
    before = [await alpha.value(query) for query in queries]
    with pytest.raises(ZeroDivisionError):
        async with alpha.instance.begin() as tx:
            await proposals.publish(tx, by=ann, draft=Draft("offer", "A ladder"))
            raise ZeroDivisionError
    assert [await alpha.value(query) for query in queries] == before
    assert await written(alpha, ann) == []
