"""Luggage of somebody who moved here: only their old city's own proof counts."""

from federation import outbox, proofs, resolve
from federation.documents import Document
from federation.keys import ed25519_id, load_ed25519
from federation.wire import luggage as luggage_wire
from schema import actors
from schema.actors import Actor
from schema.luggage import Carried, Packed
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle

EVA = Carried("https://a.example/u/1", "Eva", "Danke", "2026-01-01T00:00:00Z")
PACKED = Packed(7, ["https://a.example/c/1"], [EVA])
KEPT = "select coalesce(sum(kept), 0)::int from luggage"


async def anna(alpha: City, beta: City, *, alias: bool = True) -> tuple[Actor, Actor]:
    """Ann of alpha, who is anna in beta; and whether she has said so there."""
    ann, new = await make.a_person(alpha, "ann"), await make.a_person(beta, "anna")
    if alias:
        await beta.execute("insert into aliases (actor_id, uri) values (%s, %s)", new.id, ann.uri)
    return ann, new


async def signed(city: City, old: str, new: str, kept: int = 7) -> Document:
    """As this city signs it."""
    packed = Packed(kept, PACKED.communities, PACKED.thanks)
    async with city.instance.begin() as tx:
        own = await actors.get(tx.conn, city.instance.city_id)
        keys = await actors.get_keys(tx.conn, own.id)
    document = luggage_wire.build(packed, city=own.uri, old=old, new=new, at=city.clock())
    key = load_ed25519(keys.ed25519_private)
    return proofs.sign(document, key=key, key_id=ed25519_id(keys.key_id), now=city.clock())


async def send(city: City, to: str, document: Document) -> None:
    """The city sends it, whatever it is."""
    there = await resolve.actor(city.instance, to)
    async with city.instance.begin() as tx:
        own = await actors.get(tx.conn, city.instance.city_id)
        await outbox.send(tx, own, {"type": "Offer", "object": document}, [there])


async def test_it_is_kept_with_its_proof_and_an_older_one_changes_nothing(
    alpha: City, beta: City
) -> None:
    ann, new = await anna(alpha, beta)
    old = await signed(alpha, ann.uri, new.uri, kept=3)
    alpha.clock.now += make.minutes(1)
    beta.clock.now += make.minutes(1)
    await send(alpha, new.uri, await signed(alpha, ann.uri, new.uri))
    await settle(alpha, beta)
    await send(alpha, new.uri, old)
    await settle(alpha, beta)
    assert await beta.value(KEPT) == 7
    suite = await beta.value("select document -> 'proof' ->> 'cryptosuite' from luggage")
    assert suite == "eddsa-jcs-2022"


async def test_nobody_is_given_luggage_of_an_address_that_is_not_theirs(
    alpha: City, beta: City
) -> None:
    ann, new = await anna(alpha, beta, alias=False)
    await send(alpha, new.uri, await signed(alpha, ann.uri, new.uri))
    await settle(alpha, beta)
    assert await beta.value(KEPT) == 0
    assert await beta.value(
        "select count(*) from activities where direction = 'in' and state = 'refused'"
    )


async def test_what_was_changed_after_signing_is_not_believed(alpha: City, beta: City) -> None:
    ann, new = await anna(alpha, beta)
    document = await signed(alpha, ann.uri, new.uri)
    await send(alpha, new.uri, {**document, "sn:kept": "9999"})
    bare = {key: value for key, value in document.items() if key != "proof"}
    await send(alpha, new.uri, bare)
    await settle(alpha, beta)
    assert await beta.value(KEPT) == 0


async def test_another_city_gives_no_references_and_passes_none_on(
    alpha: City, beta: City, gamma: City
) -> None:
    ann, new = await anna(alpha, beta)
    await send(gamma, new.uri, await signed(gamma, ann.uri, new.uri))
    await send(gamma, new.uri, await signed(alpha, ann.uri, new.uri))
    await settle(alpha, beta, gamma)
    assert await beta.value(KEPT) == 0
    await send(alpha, new.uri, await signed(alpha, ann.uri, new.uri))
    await settle(alpha, beta)
    assert await beta.value(KEPT) == 7, "only the city where she lived"


async def test_a_person_does_not_pack_their_own_luggage(beta: City, wire: Wire) -> None:
    far = Peer("far.test", wire).start()
    await befriend(beta, far)
    new = await make.a_person(beta, "anna")
    await beta.execute("insert into aliases (actor_id, uri) values (%s, %s)", new.id, far.pat)
    praise = {
        "type": "sn:Luggage",
        "attributedTo": far.pat,
        "object": far.pat,
        "target": new.uri,
        "published": "2026-01-01T00:00:00Z",
        "sn:kept": "500",
    }
    await far.says(beta, far.activity("Offer", praise))
    await settle(beta)
    assert await beta.value(KEPT) == 0
