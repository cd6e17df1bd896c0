"""A listing that a project has published follows when a newer version asks for more or less."""

from decimal import Decimal

import pytest

from federation.acts import adoption, agreements, project_needs
from schema import blueprints, proposals
from schema.actors import Actor
from schema.agreements import Terms
from schema.blueprints import Version
from schema.projects import Project
from schema.proposals import Proposal
from tests import make
from tests.federation.acts.test_adoption import a_version, adopt, read
from tests.schema.test_bills import a_line
from tests.world import City, settle


async def asked(city: City, ann: Actor) -> tuple[Version, Project]:
    """A project of scale twelve that asks for 24 panels."""
    version = await a_version(city, ann, [a_line("panel", "2", unit="piece")], [])
    return version, await adopt(city, ann, version, publish=["panel"])


async def promise(city: City, ann: Actor, amount: int) -> None:
    ben = await make.a_person(city, "ben")
    row = await listing(city)
    async with city.instance.begin() as tx:
        terms = Terms(Decimal(amount), "piece", "open")
        deal = await agreements.ask(tx, by=ben, proposal=row, terms=terms)
        await agreements.accept(tx, by=ann, agreement=deal)
        await project_needs.count(tx, row.id)


async def listing(city: City) -> Proposal:
    async with city.instance.read() as conn:
        return await proposals.get(conn, await city.value("select id from proposals"))


async def take_over(
    city: City, ann: Actor, version: Version, project: Project, amount: str
) -> Proposal:
    """Of a newer version that takes so many panels for one."""
    async with city.instance.read() as conn:
        blueprint = await blueprints.get(conn, version.blueprint_id)
    lines = [a_line("panel", amount, unit="piece")]
    newer = await a_version(city, ann, lines, [], blueprint=blueprint, number=2)
    recipe = await read(city, ann, newer)
    async with city.instance.begin() as tx:
        await adoption.take_over(tx, by=ann, project=project, recipe=recipe)
    return await listing(city)


async def test_more_is_asked_for_and_neighbours_hear_of_it(
    alpha: City, beta: City, ann: Actor
) -> None:
    version, project = await asked(alpha, ann)
    await settle(alpha, beta)
    there = "select trim_scale(quantity)::text || ' ' || trim_scale(available)::text from proposals"
    assert await beta.value(there) == "24 24"
    row = await take_over(alpha, ann, version, project, "3")
    assert (row.quantity, row.available, row.state) == (36, 36, "open")
    await settle(alpha, beta)
    assert await beta.value(there) == "36 36"


@pytest.mark.parametrize(
    ("promised", "wanted", "left"),
    [(20, "3", (36, 16, "open")), (20, "1", (20, 0, "closed")), (24, "3", (36, 12, "open"))],
    ids=["more", "less than promised", "more after all was promised"],
)
async def test_never_for_less_than_is_promised(
    alpha: City, ann: Actor, promised: int, wanted: str, left: tuple[int, int, str]
) -> None:
    version, project = await asked(alpha, ann)
    await promise(alpha, ann, promised)
    row = await take_over(alpha, ann, version, project, wanted)
    assert (row.quantity, row.available, row.state) == left


async def test_what_its_author_wrote_and_closed_stays(alpha: City, ann: Actor) -> None:
    version, project = await asked(alpha, ann)
    await alpha.execute("update proposals set title = 'Panels, used ones too', state = 'closed'")
    row = await take_over(alpha, ann, version, project, "3")
    assert (row.quantity, row.state) == (24, "closed")
    await alpha.execute("update proposals set state = 'open'")
    async with alpha.instance.read() as conn:
        newer = await blueprints.find_version(
            conn, await alpha.value("select version_uri from projects")
        )
    assert newer is not None
    again = a_line("panel", "4", unit="piece")
    async with alpha.instance.read() as conn:
        blueprint = await blueprints.get(conn, newer.blueprint_id)
    third = await a_version(alpha, ann, [again], [], blueprint=blueprint, number=3)
    recipe = await read(alpha, ann, third)
    async with alpha.instance.begin() as tx:
        await adoption.take_over(tx, by=ann, project=project, recipe=recipe)
    row = await listing(alpha)
    assert (row.title, row.quantity) == ("Panels, used ones too", 48)
