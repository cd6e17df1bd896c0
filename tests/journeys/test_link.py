"""Three cities that were founded and linked through the protocol."""

from tests.world import City, settle


async def test_cities_are_linked_with_each_other_through_the_protocol(
    alpha: City, beta: City, gamma: City
) -> None:
    await settle(alpha, beta, gamma)
    for city in (alpha, beta, gamma):
        assert await city.value("select count(*) from peers where link = 'linked'") == 2
        assert await city.value("select count(*) from follows where state = 'accepted'") == 4
