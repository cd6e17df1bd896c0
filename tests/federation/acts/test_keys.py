"""Rotation of keys: mid-stream, without a lost activity, and with one question per key."""

from datetime import timedelta

import pytest

from federation import documents, proofs
from federation.acts import keys as acts
from federation.keys import load_public
from schema import actors
from schema.actors import Actor
from schema.errors import Conflict
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, fast_forward, settle


async def rotate(city: City, id: object, *, at_once: bool = False) -> Actor:
    async with city.instance.begin() as tx:
        actor = await actors.get(tx.conn, id)  # pyright: ignore[reportArgumentType]
        old = actor.public_key
        pair = next(p for p in iter(make.a_key_pair, None) if p.rsa_public != old)
        return await acts.rotate(tx, actor, pair, at_once=at_once)


async def listed(city: City, path: str) -> tuple[str, list[str]]:
    """The first key, and those that may prove something."""
    document = (await city.document(path)).json()
    return document["publicKey"]["id"], [key["id"] for key in document["assertionMethod"]]


def asked(city: City, uri: str) -> int:
    return [p.url for p in city.wire.log if p.method == "GET"].count(uri)


async def titles(city: City) -> set[str]:
    async with city.instance.read() as conn:
        rows = await (await conn.execute("select title from proposals")).fetchall()
    return {row[0] for row in rows}


async def test_the_old_keys_stay_listed_for_a_month(alpha: City, ann: Actor) -> None:
    changed = await rotate(alpha, ann.id)
    base = f"{ann.uri}#"
    first, rest = await listed(alpha, "/people/ann")
    assert first == changed.key_id == f"{base}main-key-2"
    assert set(rest) == {f"{base}ed25519-key-2", f"{base}ed25519-key", f"{base}main-key"}
    assert (await rotate(alpha, ann.id)).key_id == f"{base}main-key-3"
    alpha.clock.now += acts.GRACE + timedelta(days=1)
    assert await listed(alpha, "/people/ann") == (
        f"{base}main-key-3",
        [f"{base}ed25519-key-3"],
    )


async def test_at_once_leaves_nothing_of_the_old_keys(alpha: City, ann: Actor) -> None:
    await rotate(alpha, ann.id)
    await rotate(alpha, ann.id, at_once=True)
    assert (await listed(alpha, "/people/ann"))[1] == [f"{ann.uri}#ed25519-key-3"]
    assert await alpha.value("select count(*) from public_keys where until is not null") == 0


async def test_rotation_in_mid_stream_loses_nothing_and_asks_once_for_each_key(
    alpha: City, beta: City, ann: Actor
) -> None:
    for number in range(3):
        await make.a_proposal(alpha, ann, f"before {number}")
    await settle(alpha, beta)
    await make.a_proposal(alpha, ann, "waiting")
    for id in (ann.id, alpha.instance.city_id, alpha.instance.actor_id):
        await rotate(alpha, id)
    await make.a_proposal(alpha, ann, "after")
    for _ in range(4):
        await settle(alpha, beta)
        await fast_forward(alpha, timedelta(minutes=1))
        beta.clock.now = alpha.clock.now
    assert await titles(beta) == {"before 0", "before 1", "before 2", "waiting", "after"}
    lost = "select count(*) from deliveries where state <> 'done' and peer = %s"
    assert await alpha.value(lost, beta.origin) == 0
    assert asked(beta, f"{alpha.origin}/city") <= 3
    kept = "select key_id from actors where uri = %s"
    assert await beta.value(kept, f"{alpha.origin}/city") == f"{alpha.origin}/city#main-key-2"


async def test_the_news_of_it_is_signed_with_the_key_that_others_know(
    alpha: City, ann: Actor, wire: Wire
) -> None:
    far = Peer("far.test", wire).start()
    await befriend(alpha, far)
    assert (await far.says(alpha, far.activity("Follow", ann.uri))).is_success
    await settle(alpha)
    far.requests.clear()
    changed = await rotate(alpha, ann.id)
    await settle(alpha)
    (update,) = far.requests
    assert f'keyId="{ann.uri}#main-key"' in update.headers["signature"]
    assert far.heard[-1]["object"]["publicKey"]["id"] == changed.key_id
    await make.a_proposal(alpha, changed, "after")
    await settle(alpha)
    assert f'keyId="{changed.key_id}"' in far.requests[-1].headers["signature"]


async def test_who_does_not_know_the_old_key_any_more_gets_the_news_by_the_new_one(
    alpha: City, ann: Actor, wire: Wire
) -> None:
    far = Peer("far.test", wire).start()
    await befriend(alpha, far)
    assert (await far.says(alpha, far.activity("Follow", ann.uri))).is_success
    await settle(alpha)
    far.answers = lambda _: 202 if "main-key-2" in far.requests[-1].headers["signature"] else 401
    await rotate(alpha, ann.id)
    await settle(alpha)
    state = "select state from deliveries where peer = %s order by id desc limit 1"
    assert await alpha.value(state, far.origin) == "done"


async def test_what_was_proved_before_still_holds_and_at_once_no_more(
    alpha: City, ann: Actor
) -> None:
    await make.a_proposal(alpha, ann, "A ladder", scope="everyone")
    said = documents.parse(
        (await alpha.value("select document from activities where type = 'Create'")).encode()
    )
    proof = proofs.read(said, now=alpha.clock())
    assert proof is not None
    await rotate(alpha, ann.id)
    document = (await alpha.document("/people/ann")).json()
    keys = {key["id"]: key["publicKeyMultibase"] for key in document["assertionMethod"]}
    proofs.verify(proof, load_public(keys[proof.key_id]))


async def test_nobody_else_s_keys_are_ours_to_change(alpha: City, beta: City) -> None:
    async with alpha.instance.begin() as tx:
        other = await actors.find(tx.conn, f"{beta.origin}/city")
        assert other is not None
        with pytest.raises(Conflict):
            await acts.rotate(tx, other, make.a_key_pair())


async def test_keys_that_were_published_long_enough_are_swept(alpha: City, ann: Actor) -> None:
    await rotate(alpha, ann.id)
    alpha.clock.now += acts.GRACE + timedelta(days=1)
    async with alpha.instance.begin() as tx:
        assert await acts.keys.sweep(tx.conn, alpha.clock()) == 2
