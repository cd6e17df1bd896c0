"""Which offers fit the lines of a list."""

from decimal import Decimal

from schema import fits
from schema.fits import Fit, Wanted
from tests import make
from tests.world import City, settle


async def found(city: City, name: str, *lines: tuple[str, str, str]) -> dict[str, list[Fit]]:
    async with city.instance.read() as conn:
        viewer = await city.value("select id from actors where name = %s and peer is null", name)
        wanted = [Wanted(*line) for line in lines]
        return await fits.list_for_lines(conn, wanted, viewer, (48.2, 16.4))


async def test_offers_fit_by_words_and_kind_here_before_the_network(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    await make.a_person(alpha, "eve")
    await make.a_proposal(beta, ben, "Dachziegel", category="build.stone", quantity=Decimal(200))
    await make.a_proposal(alpha, ann, "Alte Dachziegel", category="build.stone")
    await make.a_proposal(
        alpha, ann, "Dachziegel gesucht", purpose="request", until=alpha.clock() + make.days(9)
    )
    await make.a_proposal(alpha, ann, "Solarmodul 400 W", category="energy.solar")
    await make.a_proposal(alpha, ann, "Schaufel", category="other")
    await settle(alpha, beta)
    known = await found(
        alpha,
        "eve",
        ("tiles", "Dachziegel", "build.stone"),
        ("module", "Solarmodule", "energy.solar"),
        ("spade", "Schaufel", ""),
        ("gold", "Goldbarren", ""),
    )
    assert [(fit.title, fit.is_here) for fit in known["tiles"]] == [
        ("Alte Dachziegel", True),
        ("Dachziegel", False),
    ]
    assert [fit.title for fit in known["module"]] == ["Solarmodul 400 W"]
    assert [fit.title for fit in known["spade"]] == ["Schaufel"]
    assert "gold" not in known


async def test_one_word_of_many_or_another_kind_is_no_fit(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_proposal(alpha, ann, "Edelstahl Topf", category="other")
    lines = ("screw", "Edelstahl Schrauben Sechskant", "build.metal")
    assert await found(alpha, "ann", lines) == {}


async def test_what_somebody_may_not_see_does_not_fit(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_person(alpha, "eve")
    group = await make.a_community(alpha, ann)
    await make.a_proposal(alpha, ann, "Dachziegel", community=group, scope="community")
    line = ("tiles", "Dachziegel", "")
    assert await found(alpha, "eve", line) == {}
    assert len((await found(alpha, "ann", line))["tiles"]) == 1


async def test_lines_without_words_find_nothing(alpha: City) -> None:
    await make.a_person(alpha, "ann")
    assert await found(alpha, "ann", ("a", "12", ""), ("b", "", ""), ("c", "der die das", "")) == {}
