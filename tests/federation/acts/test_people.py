"""People: saying, following, blocking; and the same from other servers."""

import pytest

from federation import resolve
from federation.acts import people as acts
from schema import blocks, follows
from schema.errors import Forbidden, Invalid
from tests import make
from tests.world import City, settle


async def follow(city: City, other: City) -> tuple[str, str]:
    """Ann of `city` follows Ben of `other`; their uris."""
    ann, ben = await make.a_person(city, "ann"), await make.a_person(other, "ben")
    known = await resolve.actor(city.instance, ben.uri)
    async with city.instance.begin() as tx:
        await acts.follow(tx, by=ann, whom=known)
    await settle(city, other)
    return ann.uri, ben.uri


async def state(city: City, follower: str, followed: str) -> str | None:
    return await city.value(
        "select state from follows f join actors a on a.id = follower_id "
        "join actors b on b.id = followed_id where a.uri = %s and b.uri = %s",
        follower,
        followed,
    )


async def test_following_somebody_elsewhere_is_accepted_in_both_cities(
    alpha: City, beta: City
) -> None:
    ann, ben = await follow(alpha, beta)
    assert await state(alpha, ann, ben) == "accepted"
    assert await state(beta, ann, ben) == "accepted"


async def test_unfollowing_ends_it_in_both_cities(alpha: City, beta: City) -> None:
    ann_uri, ben_uri = await follow(alpha, beta)
    ann = await resolve.actor(alpha.instance, ann_uri)
    ben = await resolve.actor(alpha.instance, ben_uri)
    async with alpha.instance.begin() as tx:
        await acts.unfollow(tx, by=ann, whom=ben)
    await settle(alpha, beta)
    assert await state(alpha, ann_uri, ben_uri) is None
    assert await state(beta, ann_uri, ben_uri) is None


async def test_blocking_ends_following_and_forbids_it(alpha: City, beta: City) -> None:
    ann_uri, ben_uri = await follow(alpha, beta)
    ben = await resolve.actor(beta.instance, ben_uri)
    ann = await resolve.actor(beta.instance, ann_uri)
    async with beta.instance.begin() as tx:
        await acts.block(tx, by=ben, whom=ann)
        assert await blocks.has(tx.conn, ben.id, ann.id)
    await settle(alpha, beta)
    assert await state(alpha, ann_uri, ben_uri) is None
    with pytest.raises(Forbidden):
        async with beta.instance.begin() as tx:
            await acts.follow(tx, by=ann, whom=ben, uri=f"{alpha.origin}/activities/x")


async def test_neighbours_within_one_city_follow_without_the_network(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    async with alpha.instance.begin() as tx:
        await acts.follow(tx, by=ann, whom=ben)
        known = await follows.find(tx.conn, ann.id, ben.id)
        assert known and known.state == "accepted"
        with pytest.raises(Forbidden):
            await acts.follow(tx, by=ann, whom=ann)
    assert alpha.wire.log == []


async def test_nobody_says_something_for_a_person_of_another_server(
    alpha: City, beta: City
) -> None:
    ben = await make.a_person(beta, "ben")
    known = await resolve.actor(alpha.instance, ben.uri)
    with pytest.raises(Forbidden):
        async with alpha.instance.begin() as tx:
            await acts.say(tx, by=known, can="anything")


async def test_long_texts_are_refused_by_field(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    with pytest.raises(Invalid) as refused:
        async with alpha.instance.begin() as tx:
            await acts.update(
                tx,
                by=ann,
                title="Ann",
                about="x" * 10_001,
                can="x" * 1001,
                wants="",
                languages=[],
            )
    assert set(refused.value.fields) == {"about", "can"}


@pytest.mark.parametrize(
    "title", ["", "  ", "\u202e\u200b", "x" * 61, "pаypal", "Αnna", "admin\u0430"]
)
async def test_names_that_deceive_are_refused(alpha: City, title: str) -> None:
    with pytest.raises(Invalid):
        await make.a_person(alpha, "ann", title=title)


@pytest.mark.parametrize(
    ("title", "stored"),
    [
        ("  Ann   Gärtner ", "Ann Gärtner"),
        ("\uff21nn", "Ann"),
        ("A\u200bnn", "Ann"),
        ("Анна (Anna)", "Анна (Anna)"),
        ("Βασιλική", "Βασιλική"),
        ("王小明", "王小明"),
    ],
)
async def test_names_are_kept_in_one_spelling(alpha: City, title: str, stored: str) -> None:
    assert (await make.a_person(alpha, "ann", title=title)).title == stored
