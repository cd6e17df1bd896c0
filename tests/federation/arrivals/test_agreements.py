"""H08: what nobody may do to an agreement; and what servers of other makes say about one."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import pytest

from federation import fetch, signatures
from federation.acts import agreements as acts
from federation.acts import promises, replies
from federation.errors import Gone
from federation.keys import load_private
from schema import actors, agreements, posts, proposals
from schema.actors import Actor
from schema.agreements import Agreement, Terms
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, settle

KILOS = Terms(Decimal(5), "kg", "nothing")


async def an_offer(city: City, by: Actor) -> Any:
    return await make.a_proposal(
        city, by, "Potatoes", quantity=Decimal(20), unit="kg", return_kind="nothing"
    )


async def asked(alpha: City, beta: City) -> tuple[Actor, Actor, Agreement]:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    offer = await an_offer(alpha, ann)
    await settle(alpha, beta)
    async with beta.instance.begin() as tx:
        listing = await proposals.find(tx.conn, offer.uri)
        assert listing is not None
        row = await acts.ask(tx, by=ben, proposal=listing, terms=KILOS)
    await settle(alpha, beta)
    return ann, ben, await here(alpha, row.key)


async def agreed(alpha: City, beta: City) -> tuple[Actor, Actor, Agreement]:
    ann, ben, row = await asked(alpha, beta)
    async with alpha.instance.begin() as tx:
        row = await acts.accept(tx, by=ann, agreement=row)
    await settle(alpha, beta)
    return ann, ben, row


async def here(city: City, key: str) -> Agreement:
    async with city.instance.read() as conn:
        found = await agreements.find(conn, key)
    assert found is not None
    return found


async def everything(city: City) -> Any:
    """Agreements, their steps and what is left, as the database has them."""
    return await city.value(
        """select (select jsonb_agg(to_jsonb(a) - 'author_seen' - 'responder_seen')
                   from agreements a)::text
             || (select jsonb_agg(to_jsonb(s) order by s.id) from agreement_steps s)::text
             || (select jsonb_agg(available) from proposals)::text"""
    )


def sent(city: City, kind: str) -> dict[str, Any]:
    """The last activity of this type that went over the wire to the city, without its proof."""
    bodies = [
        json.loads(one.body)
        for one in city.wire.log
        if one.method == "POST" and one.url.startswith(city.origin)
    ]
    found = [body for body in bodies if body["type"] == kind][-1]
    return {name: value for name, value in found.items() if name != "proof"}


async def says(city: City, to: City, by: Actor, document: dict[str, Any]) -> int:
    """Posts this as `by` of the city, with their own good signature."""
    async with city.instance.read() as conn:
        keys = await actors.get_keys(conn, by.id)
    body = json.dumps(document).encode()
    signed = signatures.sign_post(
        f"{to.origin}/inbox",
        body,
        key_id=keys.key_id,
        private_key=load_private(keys.rsa_private),
        now=to.clock(),
        scheme="cavage",
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(to.app)) as client:
        answer = await client.post(f"{to.origin}/inbox", content=body, headers=signed)
    await settle(city, to)
    return answer.status_code


async def verdict(city: City) -> Any:
    return await city.value(
        "select state from activities where direction = 'in' order by id desc limit 1"
    )


async def test_what_was_agreed_is_read_by_the_servers_of_the_two_and_nobody_else(
    alpha: City, beta: City, gamma: City
) -> None:
    _, _, row = await agreed(alpha, beta)
    uri = (await here(alpha, row.key)).uri
    assert uri and uri.startswith(f"{alpha.origin}/agreements/")
    found = await fetch.document(beta.instance, uri)
    assert (found["id"], found["type"]) == (uri, "Agreement")
    with pytest.raises(Gone):
        await fetch.document(gamma.instance, uri)
    assert (await alpha.document(uri.removeprefix(alpha.origin))).status_code == 404


async def test_H08_terms_that_were_tampered_with_do_not_fit_their_seal(
    alpha: City, beta: City
) -> None:
    _, ben, _ = await agreed(alpha, beta)
    before = await everything(beta)
    offer = sent(alpha, "Offer")
    offer["id"] = f"{beta.origin}/activities/forged"
    offer["agreementStep"]["terms"]["amount"] = "20"
    offer["object"]["stipulates"]["resourceQuantity"]["hasNumericalValue"] = "20"
    known = await everything(alpha)
    assert await says(beta, alpha, ben, offer) == 202
    assert await verdict(alpha) == "refused"
    assert (await everything(alpha), await everything(beta)) == (known, before)


async def test_H08_a_third_city_cannot_speak_for_a_party(
    alpha: City, beta: City, gamma: City
) -> None:
    _ann, _, _ = await agreed(alpha, beta)
    gil = await make.a_person(gamma, "gil")
    before = await everything(alpha)
    offer = sent(alpha, "Offer")
    offer |= {"id": f"{gamma.origin}/activities/forged", "actor": gil.uri}
    assert await says(gamma, alpha, gil, offer) == 202
    assert await verdict(alpha) == "refused"
    step = offer["agreementStep"]
    step |= {"actor": gil.uri, "act": "cancel", "text": "I cancel."}
    undo = {**offer, "id": f"{gamma.origin}/activities/undo", "type": "Undo"}
    undo["object"] = {"id": sent(alpha, "Offer")["id"], "type": "Offer", "actor": gil.uri}
    assert await says(gamma, alpha, gil, undo) == 202
    assert await everything(alpha) == before


async def test_H08_a_stranger_with_a_seal_of_their_own_is_no_party(
    alpha: City, beta: City, gamma: City
) -> None:
    ann, _, row = await agreed(alpha, beta)
    gil = await make.a_person(gamma, "gil")
    offer = await an_offer(alpha, ann)
    await settle(alpha, beta, gamma)
    before = await here(alpha, row.key)
    async with gamma.instance.begin() as tx:
        listing = await proposals.find(tx.conn, offer.uri)
        assert listing is not None
        his = await acts.ask(tx, by=gil, proposal=listing, terms=KILOS)
        await tx.conn.execute(
            "update agreements set key = %s, agreed_hash = %s, state = 'agreed' where id = %s",
            (row.key, row.agreed_hash, his.id),
        )
        await promises.withdraw(tx, by=gil, agreement=his)
    await settle(alpha, gamma)
    assert (await here(alpha, row.key)) == before


async def test_H08_a_replayed_step_changes_nothing(alpha: City, beta: City) -> None:
    _, ben, _ = await asked(alpha, beta)
    before = await everything(alpha)
    offer = sent(alpha, "Offer")
    offer["id"] = f"{beta.origin}/activities/again"
    assert await says(beta, alpha, ben, offer) == 202
    assert await verdict(alpha) == "done"
    assert await everything(alpha) == before


async def test_H08_an_old_offer_after_the_agreement_changes_nothing(
    alpha: City, beta: City
) -> None:
    _, ben, row = await agreed(alpha, beta)
    async with beta.instance.begin() as tx:
        his = await here(beta, row.key)
        unsigned = replace(his, state="asked", turn="responder", agreed_hash="")
        await agreements.save(tx.conn, unsigned)
        more = replace(KILOS, amount=Decimal(6))
        await acts.ask_again(tx, by=ben, agreement=unsigned, terms=more)
    await settle(alpha, beta)
    found = await here(alpha, row.key)
    assert (found.state, found.amount, found.head) == ("agreed", 5, row.head)
    assert await alpha.value("select available from proposals") == 15


async def test_H08_an_accept_that_says_more_than_was_asked_is_refused(
    alpha: City, beta: City
) -> None:
    ann, _, row = await asked(alpha, beta)
    async with alpha.instance.begin() as tx:
        await tx.conn.execute("update agreements set amount = 7")
        await acts.accept(tx, by=ann, agreement=row)
    await settle(alpha, beta)
    assert (await here(beta, row.key)).state == "asked"
    assert await verdict(beta) in ("refused", "done")
    query = "select count(*) from activities where type = 'Accept' and state = 'refused'"
    assert await beta.value(query) == 1


async def test_H08_the_amount_or_date_is_not_changed_by_an_update(alpha: City, beta: City) -> None:
    ann, _, _ = await agreed(alpha, beta)
    before = await everything(beta)
    accept = sent(beta, "Accept")
    result: dict[str, Any] = {**accept["result"], "startTime": "2030-01-01T00:00:00Z"}
    result["stipulates"]["resourceQuantity"]["hasNumericalValue"] = "1"
    update = {
        "@context": accept["@context"],
        "id": f"{alpha.origin}/activities/update",
        "type": "Update",
        "actor": ann.uri,
        "object": result,
        "to": accept["to"],
    }
    await says(alpha, beta, ann, update)
    assert await everything(beta) == before


async def test_H08_a_letter_that_comes_too_late_is_kept_and_counts_for_nothing(
    alpha: City, beta: City
) -> None:
    ann, ben, row = await agreed(alpha, beta)
    async with alpha.instance.begin() as tx:
        await promises.withdraw(tx, by=ann, agreement=row)
    async with beta.instance.begin() as tx:
        await promises.confirm(tx, by=ben, agreement=await here(beta, row.key))
    await settle(alpha, beta)
    assert {(await here(city, row.key)).state for city in (alpha, beta)} == {"cancelled"}
    kept = "select count(*) from agreement_steps"
    assert await alpha.value(kept) == await beta.value(kept) == 4
    assert await alpha.value("select available from proposals") == 20


async def test_the_agreement_is_shown_to_the_other_partys_server_alone(
    alpha: City, beta: City
) -> None:
    _, _, row = await agreed(alpha, beta)
    path = f"/agreements/{row.id}"
    assert (await alpha.document(path)).status_code == 404
    pat = Peer("peer.test", alpha.wire).start()
    await befriend(alpha, pat)
    assert (await pat.asks(alpha, path)).status_code == 404


async def test_a_server_that_knows_only_the_fep_asks_and_confirms(alpha: City) -> None:
    pat = Peer("peer.test", alpha.wire).start()
    await befriend(alpha, pat)
    ann = await make.a_person(alpha, "ann")
    offer = await an_offer(alpha, ann)
    quantity = {"hasUnit": "kilogram", "hasNumericalValue": "5"}
    bare = {
        "type": "Agreement",
        "stipulates": {
            "type": "Commitment",
            "satisfies": f"{offer.uri}#primary",
            "resourceQuantity": quantity,
        },
    }
    asking = pat.activity("Offer", bare, to=[ann.uri])
    await pat.says(alpha, asking)
    await settle(alpha)
    row = await here(alpha, asking["id"])
    async with alpha.instance.begin() as tx:
        row = await acts.accept(tx, by=ann, agreement=row)
    await settle(alpha)
    accept = next(one for one in pat.heard if one["type"] == "Accept")
    assert accept["object"] == asking["id"]
    assert accept["result"]["id"] == f"{alpha.origin}/agreements/{row.id}"
    assert accept["result"]["attributedTo"] == ann.uri
    assert accept["result"]["stipulates"]["resourceQuantity"]["hasNumericalValue"] == "5"
    receipt = pat.note(
        type="Document", name="Receipt", context=accept["result"]["id"], to=[ann.uri]
    )
    await pat.says(alpha, pat.activity("Create", receipt, to=[ann.uri]))
    await settle(alpha)
    assert (await here(alpha, asking["id"])).responder_confirmed is not None
    assert await alpha.value("select available from proposals") == 15


async def test_somebody_who_can_only_reply_takes_part_by_letters(alpha: City) -> None:
    pat = Peer("peer.test", alpha.wire).start()
    await befriend(alpha, pat)
    await alpha.execute("update peers set link = 'known' where host = 'peer.test'")
    await alpha.execute(
        "insert into settings (key, value) values ('federation', '\"open\"')"
        " on conflict (key) do update set value = excluded.value"
    )
    alpha.instance.forget_settings()
    ann = await make.a_person(alpha, "ann")
    offer = await an_offer(alpha, ann)
    reply = pat.note("<p>I would take 5 kg!</p>", inReplyTo=offer.uri, cc=[ann.uri])
    await pat.says(alpha, pat.activity("Create", reply, to=reply["to"], cc=[ann.uri]))
    await settle(alpha)
    async with alpha.instance.begin() as tx:
        post = await posts.get(tx.conn, await alpha.value("select id from posts"))
        row = await replies.from_answer(tx, by=ann, post=post, terms=KILOS, text="On Friday.")
    await settle(alpha)
    assert row.state == "agreed"
    letter = next(one["object"] for one in pat.heard if one["type"] == "Create")
    assert letter["to"] == [pat.pat]
    assert "On Friday." in letter["content"]
    assert "5 kg Potatoes" in letter["content"]
    back = pat.note("<p>See you then.</p>", inReplyTo=letter["id"], to=[ann.uri])
    await pat.says(alpha, pat.activity("Create", back, to=[ann.uri]))
    await settle(alpha)
    said = "select text from agreement_steps where act = 'say'"
    assert await alpha.value(said) == "See you then."
    async with alpha.instance.begin() as tx:
        row = await promises.confirm(tx, by=ann, agreement=row)
    assert row.state == "done"
