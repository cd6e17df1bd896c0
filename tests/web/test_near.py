"""What pages say of where things are: distances, and neighbour cities by their own names."""

from tests import make
from tests.world import City, settle


async def in_graz(city: City) -> None:
    await city.execute(
        "insert into settings (key, value) values"
        " ('name', '\"Graz\"'), ('latitude', '47.07'), ('longitude', '15.44')"
        " on conflict (key) do update set value = excluded.value"
    )
    city.instance.forget_settings()


async def test_a_guest_sees_how_far_a_thing_is_from_the_middle_of_the_place(alpha: City) -> None:
    await in_graz(alpha)
    ann = await make.a_person(alpha, "ann")
    made = await make.a_proposal(alpha, ann, "Eine Leiter", place_name="Wien")
    for path in ("/", "/offers", "/people/ann"):
        assert "140\xa0km · Wien" in (await alpha.get(path)).text, path
    assert "140\xa0km von der Mitte von Graz" in (await alpha.get(made.url)).text


async def test_a_resident_with_a_place_sees_how_far_it_is_from_there(alpha: City) -> None:
    await in_graz(alpha)
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    await alpha.execute("update actors set latitude = 48.2, longitude = 16.37 where name = 'ben'")
    made = await make.a_proposal(alpha, ann, "Eine Leiter", place_name="Wien")
    async with await make.log_in(alpha, ben) as browser:
        page = (await browser.get(made.url)).text
    assert "km von dir" in page and "von der Mitte" not in page


async def test_a_neighbour_city_is_called_by_its_own_name(alpha: City, beta: City) -> None:
    ben = await make.a_person(beta, "ben")
    await make.a_proposal(beta, ben, "Ein Zelt")
    await settle(alpha, beta)
    await alpha.execute("update peers set title = 'Unterdorf' where host = 'beta.test'")
    page = (await alpha.get("/offers")).text
    assert '<span title="beta.test">Unterdorf</span>' in page
    assert ">beta.test<" not in page


async def test_a_server_that_is_no_neighbour_is_called_by_its_address(
    alpha: City, beta: City
) -> None:
    ben = await make.a_person(beta, "ben")
    await make.a_proposal(beta, ben, "Ein Zelt")
    await settle(alpha, beta)
    await alpha.execute("update peers set title = 'Alpha', link = 'known' where host = 'beta.test'")
    assert ">beta.test<" in (await alpha.get("/offers")).text
