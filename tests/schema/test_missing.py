"""Exchange 11: which needs have no fitting offer, and what would meet most of them."""

from schema import missing, sides
from tests.schema.test_matches import listed, need, somebody
from tests.world import City


async def test_the_one_thing_that_would_meet_most_needs_comes_first(alpha: City) -> None:
    people = [await somebody(alpha, name) for name in ("ann", "ben", "cem")]
    for person, title in zip(
        people, ("Anhänger am Freitag", "Wer hat freitags einen Anhänger?", "Anhänger"), strict=True
    ):
        await need(alpha, person, title, category="move.cargo")
    await need(alpha, people[0], "Klavier", category="other")
    async with alpha.instance.read() as conn:
        unmet = await missing.list_unmet(conn, None)
    first, second = missing.gaps(unmet)
    assert (first.word, first.needs, first.people, first.weekday) == ("Anhänger", 3, 3, 4)
    assert second.word == "Klavier" and second.weekday is None
    assert [row.id for row in missing.by_sector(unmet)] == ["move", "other"]


async def test_little_words_are_nothing_that_is_missing(alpha: City) -> None:
    ann = await somebody(alpha, "ann")
    await need(alpha, ann, "Who comes with three chairs?", category="other")
    async with alpha.instance.read() as conn:
        unmet = await missing.list_unmet(conn, None)
    assert {word for row in unmet for word, _ in row.words} == {"comes", "chairs"}


async def test_one_need_is_told_as_it_is_said_and_several_by_what_they_share(
    alpha: City,
) -> None:
    for name, title in (("ann", "Sewing machine for a week"), ("ben", "A machine for sewing")):
        await need(alpha, await somebody(alpha, name), title, category="other")
    await need(alpha, await somebody(alpha, "cem"), "Zelt für eine Woche", category="move.cargo")
    async with alpha.instance.read() as conn:
        unmet = await missing.list_unmet(conn, None)
    found = [(gap.word, gap.needs) for gap in missing.gaps(unmet)]
    assert found == [("Sewing machine", 2), ("Zelt für eine Woche", 1)]


async def test_a_need_with_a_fitting_offer_is_not_missing(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    await need(alpha, ann, "Tomaten", category="food.veg")
    await listed(alpha, ann, "Tomaten", category="food.veg")  # one's own does not count
    async with alpha.instance.read() as conn:
        assert len(await missing.list_unmet(conn, None)) == 1
    offer = await listed(alpha, ben, "Viele Tomaten", category="food.veg")
    async with alpha.instance.read() as conn:
        assert await missing.list_unmet(conn, None) == []
    await alpha.execute("update proposals set available = 0 where id = %s", offer.id)
    async with alpha.instance.read() as conn:
        assert len(await missing.list_unmet(conn, None)) == 1


async def test_only_what_the_viewer_may_see_is_counted(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    await need(alpha, ann, "Klavier", scope="city")
    async with alpha.instance.read() as conn:
        assert await missing.list_unmet(conn, None) == []
        assert len(await missing.list_unmet(conn, ben.id)) == 1


async def test_a_gap_says_how_many_circles_its_offer_would_close(alpha: City) -> None:
    people = {name: await somebody(alpha, name) for name in ("ann", "ben", "cem", "dora")}
    for name in ("ann", "ben", "dora"):
        await need(alpha, people[name], "Anhänger", category="move.bike")
    edges = [("ann", "cem"), ("ben", "dora"), ("dora", "cem")]
    async with alpha.instance.begin() as tx:
        pairs = [(people[giver].id, people[taker].id) for giver, taker in edges]
        await sides.keep_edges(tx.conn, pairs)
        unmet = await missing.list_unmet(tx.conn, None)
        (gap,) = await missing.with_circles(tx.conn, unmet, missing.gaps(unmet))
        assert (gap.needs, gap.circles) == (3, 3)  # if Cem offered it: ann, ben by dora, dora
        await sides.keep_edges(tx.conn, [])
        (gap,) = await missing.with_circles(tx.conn, unmet, missing.gaps(unmet))
        assert gap.circles == 0
