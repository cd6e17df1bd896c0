"""How two people come to an agreement, here and between two cities."""

from decimal import Decimal
from typing import Any

from federation.acts import agreements as acts
from federation.acts import promises
from schema import agreements, proposals
from schema.actors import Actor
from schema.agreements import Agreement, Terms
from schema.proposals import Proposal
from tests import make
from tests.world import City, settle


def kilos(amount: int, **more: Any) -> Terms:
    return Terms(Decimal(amount), "kg", more.pop("return_kind", "nothing"), **more)


async def an_offer(city: City, by: Actor, quantity: int = 20, **more: Any) -> Proposal:
    given = {"quantity": Decimal(quantity), "unit": "kg", "return_kind": "nothing"}
    return await make.a_proposal(city, by, "Potatoes", **{**given, **more})


async def asks(city: City, by: Actor, offer: Proposal, terms: Terms, **more: Any) -> Agreement:
    async with city.instance.begin() as tx:
        return await acts.ask(tx, by=by, proposal=offer, terms=terms, **more)


async def does(city: City, act: Any, by: Actor, row: Agreement, **more: Any) -> Agreement:
    async with city.instance.begin() as tx:
        return await act(tx, by=by, agreement=row, **more)


async def there(city: City, row: Agreement) -> Agreement:
    """The same agreement as this city knows it."""
    async with city.instance.read() as conn:
        found = await agreements.find(conn, row.key)
    assert found is not None
    return found


async def left(city: City, offer: Proposal) -> Any:
    return await city.value("select available from proposals where uri = %s", offer.uri)


async def hashes(city: City, row: Agreement) -> set[str]:
    """Of every step, as this city holds it."""
    async with city.instance.read() as conn:
        found = await agreements.find(conn, row.key)
        assert found is not None
        return {step.hash for step in await agreements.list_steps(conn, found.id)}


async def seen_there(city: City, offer: Proposal) -> Proposal:
    async with city.instance.read() as conn:
        found = await proposals.find(conn, offer.uri)
    assert found is not None
    return found


async def test_a_part_is_promised_and_the_rest_is_left_for_others(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    offer = await an_offer(alpha, ann)
    row = await asks(alpha, ben, offer, kilos(5))
    assert (row.state, row.turn) == ("asked", "author")
    assert await left(alpha, offer) == 20
    row = await does(alpha, acts.accept, ann, row)
    assert row.state == "agreed"
    assert row.uri == f"{alpha.origin}/agreements/{row.id}"
    assert await left(alpha, offer) == 15


async def test_the_handshake_between_two_cities_leaves_the_same_versions_in_both(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    offer = await an_offer(alpha, ann)
    await settle(alpha, beta)
    row = await asks(beta, ben, await seen_there(beta, offer), kilos(5), text="On Friday?")
    await settle(alpha, beta)
    here = await there(alpha, row)
    assert here.state == "asked"
    await does(alpha, acts.accept, ann, here)
    await settle(alpha, beta)
    row = await there(beta, row)
    assert (row.state, row.uri) == ("agreed", f"{alpha.origin}/agreements/{here.id}")
    assert await left(alpha, offer) == await left(beta, offer) == 15
    for city, by in ((alpha, ann), (beta, ben)):
        await does(city, promises.confirm, by, await there(city, row))
    await settle(alpha, beta)
    assert {(await there(city, row)).state for city in (alpha, beta)} == {"done"}
    assert await hashes(alpha, row) == await hashes(beta, row)
    assert len(await hashes(alpha, row)) == 4
    sealed = "select count(*) from agreement_steps where proof is null"
    assert await alpha.value(sealed) == await beta.value(sealed) == 0
