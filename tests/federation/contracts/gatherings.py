"""The third part of the scene: a knowledge bridge, and an exchange circle of two cities."""

from typing import Any

from federation import fetch
from federation.acts import circles as circle_acts
from schema import circles
from schema.actors import Actor
from tests import bridging, make, rings
from tests.world import City, settle


async def gather(alpha: City, beta: City) -> list[dict[str, Any]]:
    """What two places build together; the documents of it that are served."""
    return [*await _bridge(alpha, beta), *await _circle(alpha, beta)]


async def _bridge(alpha: City, beta: City) -> list[dict[str, Any]]:
    bridge = await bridging.agreed(alpha, beta, "dana", "well", "berta")
    meeting = await bridging.held(alpha, beta, bridge)
    question = await bridging.ask(alpha, bridge.ann, meeting)
    await settle(alpha, beta)
    lesson = await bridging.lesson(alpha, bridge, meeting, question.uri)
    await settle(alpha, beta)
    served = (bridge.pact.uri, meeting.uri, question.uri, lesson)
    return [await fetch.document(beta.instance, uri) for uri in served]


async def _circle(alpha: City, beta: City) -> list[dict[str, Any]]:
    emma, emil = await make.a_person(alpha, "emma"), await make.a_person(beta, "emil")
    await rings.joins(alpha, beta)
    await rings.a_ring((alpha, emma), (beta, emil), scope="neighbours")
    await settle(alpha, beta)
    sides = await fetch.document(beta.instance, f"{alpha.origin}/city/circles")
    (found,) = await rings.found(alpha)
    await settle(alpha, beta)
    whole = await fetch.document(beta.instance, found.uri)
    for city, person in ((alpha, emma), (beta, emil)):
        await _says_yes(city, person, found.uri)
        await settle(alpha, beta)
    return [sides, whole]


async def _says_yes(city: City, person: Actor, uri: str) -> None:
    async with city.instance.begin() as tx:
        circle = await circles.find(tx.conn, uri)
        assert circle is not None
        await circle_acts.answer(tx, by=person, circle=circle, yes=True)
