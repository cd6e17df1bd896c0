"""A pledge between two cities of a test, made through the acts and the wire."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from federation import resolve
from federation.acts import pledge_answers, pledges, project_needs
from federation.acts.pledging import Draft
from schema import actors
from schema import pledges as stored
from schema.actors import Actor
from schema.pledges import Delivery, Pledge
from schema.project_needs import Need
from schema.projects import Project
from tests import make
from tests.world import City, settle


@dataclass(frozen=True, slots=True)
class Scene:
    """Ann's cistern in alpha needs five tonnes of gravel; the city of beta, whose admin is bea,
    knows it."""

    alpha: City
    beta: City
    ann: Actor
    bea: Actor
    project: Project
    need: Need


async def begin(alpha: City, beta: City, **more: Any) -> Scene:
    ann, bea = await make.a_person(alpha, "ann"), await make.an_admin(beta, "bea")
    project = await make.a_project(alpha, ann, **more)
    async with alpha.instance.begin() as tx:
        draft = project_needs.NeedDraft("Gravel", Decimal(5), "t")
        need = await project_needs.add(tx, by=ann, project=project, draft=draft)
    await settle(alpha, beta)
    await resolve.actor(beta.instance, alpha.instance.addresses.community("cistern"))
    await settle(alpha, beta)
    return Scene(alpha, beta, ann, bea, project, need)


async def group(scene: Scene, city: City) -> Actor:
    """The project, as this city knows it."""
    async with city.instance.read() as conn:
        found = await actors.find(conn, scene.alpha.instance.addresses.community("cistern"))
    assert found
    return found


def gravel(scene: Scene, amount: int = 3, **more: Any) -> Draft:
    return Draft("material", "Gravel", Decimal(amount), "t", need_uri=scene.need.uri, **more)


async def pledged(scene: Scene, draft: Draft | None = None) -> Pledge:
    """The city of beta pledges three of the five tonnes; alpha has heard of it."""
    project = await group(scene, scene.beta)
    async with scene.beta.instance.begin() as tx:
        giver = await actors.get(tx.conn, scene.beta.instance.city_id)
        row = await pledges.pledge(
            tx, by=scene.bea, giver=giver, project=project, draft=draft or gravel(scene)
        )
    await settle(scene.alpha, scene.beta)
    return row


async def at(city: City, uri: str) -> Pledge:
    """As this city holds it."""
    async with city.instance.read() as conn:
        found = await stored.find(conn, uri)
    assert found
    return found


async def states(scene: Scene, uri: str) -> tuple[str, str]:
    return (await at(scene.alpha, uri)).state, (await at(scene.beta, uri)).state


async def answer(scene: Scene, uri: str, said: pledge_answers.Said = "accepted") -> None:
    """Ann answers for her project; without settling."""
    row = await at(scene.alpha, uri)
    async with scene.alpha.instance.begin() as tx:
        await pledge_answers.answer(
            tx, by=scene.ann, pledge=row, said=said, edition=row.edition, reason="So it is."
        )


async def accepted(scene: Scene, draft: Draft | None = None) -> Pledge:
    row = await pledged(scene, draft)
    await answer(scene, row.uri)
    await settle(scene.alpha, scene.beta)
    return row


async def bring(scene: Scene, uri: str, amount: str = "1") -> Delivery:
    """Bea says that some of it was brought; without settling."""
    row = await at(scene.beta, uri)
    async with scene.beta.instance.begin() as tx:
        return await pledges.deliver(tx, by=scene.bea, pledge=row, amount=Decimal(amount))


async def confirm(scene: Scene, uri: str, came: pledge_answers.Came = "confirmed") -> None:
    """Ann answers all that alpha has heard of and nobody has answered; without settling."""
    row = await at(scene.alpha, uri)
    async with scene.alpha.instance.begin() as tx:
        for delivery in await stored.list_deliveries(tx.conn, row.id):
            if not delivery.answer:
                await pledge_answers.confirm(
                    tx, by=scene.ann, delivery=delivery, came=came, reason="Nothing came."
                )


async def counted(city: City, need: Need) -> tuple[str, str]:
    """What this city says was promised and met."""
    query = "select trim_scale(promised) || '/' || trim_scale(met) from project_needs"
    promised, _, met = str(await city.value(query + " where uri = %s", need.uri)).partition("/")
    return promised, met
