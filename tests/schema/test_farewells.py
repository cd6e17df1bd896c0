"""What goes with a person who leaves, and what stays."""

from federation.acts import memberships
from schema import blocks, exports, farewells, media
from tests import make
from tests.world import City


async def test_pictures_memberships_and_words_go_and_bans_stay(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden, shed = await make.a_community(alpha, ben), await make.a_community(alpha, ben, "shed")
    async with alpha.instance.begin() as tx:
        picture = await media.insert(tx.conn, full=b"f", small=b"s", width=1, height=1)
    ladder = await make.a_proposal(alpha, ann, "My ladder", scope="everyone", pictures=[picture])
    async with alpha.instance.begin() as tx:
        for community in (garden, shed):
            await memberships.ask(tx, by=ann, community=community)
        await blocks.put(tx.conn, ann.id, ben.id)
    await alpha.execute(
        "update memberships set state = 'banned' where community_id = %s and person_id = %s",
        shed.actor_id,
        ann.id,
    )
    async with alpha.instance.begin() as tx:
        await farewells.forget(tx.conn, ann.id)
    assert await alpha.value("select count(*) from media") == 0
    assert await alpha.value("select title from proposals where id = %s", ladder.id) == "–"
    left = "select array_agg(state) from memberships where person_id = %s"
    assert await alpha.value(left, ann.id) == ["banned"]
    members = "select members from communities where actor_id = %s"
    assert await alpha.value(members, garden.actor_id) == 1
    assert await alpha.value("select count(*) from blocks") == 0


async def test_only_communities_with_others_in_them_hold_a_steward(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    await make.a_community(alpha, ann, "alone")
    async with alpha.instance.begin() as tx:
        await memberships.ask(tx, by=ben, community=garden)
        assert await farewells.list_led_alone(tx.conn, ann.id) == ["Garden"]
        assert await farewells.list_led_alone(tx.conn, ben.id) == []


async def test_an_export_has_what_one_wrote_and_not_what_others_wrote(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    await make.a_proposal(alpha, ann, "My ladder", scope="everyone")
    await make.a_proposal(alpha, ben, "Bens ladder", scope="everyone")
    async with alpha.instance.begin() as tx:
        await blocks.put(tx.conn, ann.id, ben.id)
        data = await exports.of_person(tx.conn, ann.id)
    assert [row["title"] for row in data["needs_and_offers"]] == ["My ladder"]
    assert data["blocked"] == [ben.uri]
