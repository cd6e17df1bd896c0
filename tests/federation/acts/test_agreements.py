"""Exchange 2, 6 and 7: how two people agree, hand over and thank, and how a giver hands out."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from federation.acts import agreements as acts
from federation.acts import disputes as dispute_acts
from federation.acts import drafts, overdue, promises, replies
from federation.acts import posts as post_acts
from federation.acts import proposals as proposal_acts
from schema import agreements, disputes, posts, proposals, thanks
from schema.actors import Actor
from schema.agreements import Agreement, Terms
from schema.disputes import Dispute
from schema.errors import Conflict, Forbidden, Invalid
from schema.proposals import Proposal
from tests import make
from tests.world import City, fast_forward, settle


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


async def decides(city: City, by: Actor, row: Agreement, text: str, done: bool = False) -> Dispute:
    """A moderator of this city ends the dispute about it."""
    async with city.instance.begin() as tx:
        found = await disputes.find(tx.conn, row.key)
        assert found is not None
        return await dispute_acts.decide(tx, by=by, dispute=found, done=done, text=text)


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


async def two_agreed(alpha: City, beta: City, **more: Any) -> tuple[Actor, Actor, Agreement]:
    """Ann in alpha has promised ben in beta five kilos; the row as beta knows it."""
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    offer = await an_offer(alpha, ann, **more)
    await settle(alpha, beta)
    kind = more.get("return_kind", "nothing")
    row = await asks(beta, ben, await seen_there(beta, offer), kilos(5, return_kind=kind))
    await settle(alpha, beta)
    await does(alpha, acts.accept, ann, await there(alpha, row))
    await settle(alpha, beta)
    return ann, ben, await there(beta, row)


async def test_two_hundred_parallel_requests_from_two_cities_get_exactly_what_is_left(
    alpha: City, beta: City
) -> None:
    ann = await make.a_person(alpha, "ann")
    offer = await an_offer(alpha, ann, quantity=10, hand_out=("first", None))
    await settle(alpha, beta)
    there_too = await seen_there(beta, offer)
    askers: list[tuple[City, Actor, Proposal]] = []
    for number in range(100):
        askers.append((alpha, await make.a_person(alpha, f"a{number}"), offer))
        askers.append((beta, await make.a_person(beta, f"b{number}"), there_too))

    async def one(city: City, by: Actor, listing: Proposal) -> None:
        try:
            await asks(city, by, listing, kilos(1))
        except (Conflict, Invalid):
            pass  # those in alpha may see at once that nothing is left

    async with asyncio.TaskGroup() as group:
        for asker in askers:
            group.create_task(one(*asker))
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(settle(alpha, beta))
    await settle(alpha, beta)
    promised = "select sum(amount) from agreements where state = 'agreed'"
    assert await alpha.value(promised) == 10
    assert await left(alpha, offer) == 0
    at_beta = await beta.value(promised) or 0
    from_beta = """select coalesce(sum(g.amount), 0) from agreements g
      join actors a on a.id = g.responder_id where g.state = 'agreed' and a.peer is not null"""
    assert await alpha.value(from_beta) == at_beta
    assert await beta.value("select count(*) from agreements where state = 'asked'") == 0


async def test_a_late_cancel_frees_the_quantity_in_both_cities(alpha: City, beta: City) -> None:
    _, ben, row = await two_agreed(alpha, beta)
    await does(beta, promises.withdraw, ben, row, reason="I am ill.")
    await settle(alpha, beta)
    here = await there(alpha, row)
    assert (here.state, here.reason) == ("cancelled", "I am ill.")
    quantity = "select available from proposals"
    assert await alpha.value(quantity) == await beta.value(quantity) == 20
    assert await hashes(alpha, row) == await hashes(beta, row)


async def test_withdrawing_twice_frees_the_quantity_once(alpha: City, beta: City) -> None:
    ann, ben, row = await two_agreed(alpha, beta)
    await does(beta, promises.withdraw, ben, row)
    with pytest.raises(Conflict):
        await does(beta, promises.withdraw, ben, row)
    await does(alpha, promises.withdraw, ann, await there(alpha, row))
    await settle(alpha, beta)
    assert {(await there(city, row)).state for city in (alpha, beta)} == {"cancelled"}
    assert await alpha.value("select available from proposals") == 20
    assert await hashes(alpha, row) == await hashes(beta, row)


async def test_what_is_promised_cannot_be_edited_away(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    offer = await an_offer(alpha, ann)
    row = await asks(alpha, ben, offer, kilos(15))
    await does(alpha, acts.accept, ann, row)
    fewer = drafts.Draft(
        "offer", "Potatoes", quantity=Decimal(10), unit="kg", return_kind="nothing"
    )
    async with alpha.instance.begin() as tx:
        now = await proposals.get(tx.conn, offer.id)
        with pytest.raises(Invalid):
            await proposal_acts.edit(tx, by=ann, proposal=now, draft=fewer)
        more = replace(fewer, quantity=Decimal(30))
        changed = await proposal_acts.edit(tx, by=ann, proposal=now, draft=more)
    assert changed.available == 15


async def test_the_authors_other_terms_are_a_promise_to_who_agrees_to_them(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    offer = await an_offer(alpha, ann)
    await settle(alpha, beta)
    row = await asks(beta, ben, await seen_there(beta, offer), kilos(5))
    await settle(alpha, beta)
    await does(alpha, acts.counter, ann, await there(alpha, row), terms=kilos(3), text="Three?")
    await settle(alpha, beta)
    row = await there(beta, row)
    assert (row.turn, row.amount) == ("responder", 3)
    await does(beta, acts.ask_again, ben, row, terms=row.terms)
    await settle(alpha, beta)
    assert (await there(beta, row)).state == "agreed"
    assert await left(beta, offer) == 17
    assert await hashes(alpha, row) == await hashes(beta, row)


async def test_a_request_is_declined_with_a_reason(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    offer = await an_offer(alpha, ann)
    await settle(alpha, beta)
    row = await asks(beta, ben, await seen_there(beta, offer), kilos(5))
    await settle(alpha, beta)
    await does(alpha, acts.decline, ann, await there(alpha, row), reason="Rotten.")
    await settle(alpha, beta)
    row = await there(beta, row)
    assert (row.state, row.reason) == ("declined", "Rotten.")
    assert await left(alpha, offer) == 20


async def test_only_the_two_may_do_anything(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    eve = await make.a_person(alpha, "eve")
    row = await asks(alpha, ben, await an_offer(alpha, ann), kilos(5))
    for act in (acts.accept, acts.decline, promises.withdraw, promises.say):
        with pytest.raises(Forbidden):
            await does(alpha, act, eve, row, **({"text": "hm"} if act is promises.say else {}))
    with pytest.raises(Forbidden):
        await does(alpha, acts.accept, ben, row)


async def test_a_loan_comes_back_and_can_be_lent_again(alpha: City, beta: City) -> None:
    ann, ben, row = await two_agreed(alpha, beta, return_kind="lend")
    for city, by in ((alpha, ann), (beta, ben)):
        await does(city, promises.confirm, by, await there(city, row))
    await settle(alpha, beta)
    assert (await there(beta, row)).state == "handed"
    with pytest.raises(Conflict):
        await does(beta, promises.take_back, ben, await there(beta, row))
    await does(alpha, promises.take_back, ann, await there(alpha, row))
    await settle(alpha, beta)
    assert {(await there(city, row)).state for city in (alpha, beta)} == {"done"}
    assert await beta.value("select available from proposals") == 20


async def test_a_week_of_silence_counts_as_done_unless_one_objects(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    rows: list[Agreement] = []
    for name in ("ben", "carl"):
        by = await make.a_person(alpha, name)
        row = await asks(alpha, by, await an_offer(alpha, ann), kilos(5))
        rows.append(await does(alpha, acts.accept, ann, row))
    await does(alpha, promises.object_to, ann, rows[1], text="No.")
    await fast_forward(alpha, timedelta(days=6))
    async with alpha.instance.begin() as tx:
        await overdue.sweep(tx)
    assert (await there(alpha, rows[0])).state == "agreed"
    await fast_forward(alpha, timedelta(days=2))
    async with alpha.instance.begin() as tx:
        await overdue.sweep(tx)
    assert [(await there(alpha, row)).state for row in rows] == ["done", "disputed"]


async def test_both_are_reminded_once_before_the_day(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    at = alpha.clock.now + timedelta(hours=30)
    row = await asks(alpha, ben, await an_offer(alpha, ann), kilos(5, at=at))
    await does(alpha, acts.accept, ann, row)
    await fast_forward(alpha, timedelta(hours=8))
    for _ in range(2):
        async with alpha.instance.begin() as tx:
            await overdue.sweep(tx)
    assert await alpha.value("select count(*) from notices where kind = 'agreement.soon'") == 2


async def test_both_are_reminded_once_before_a_loan_has_to_come_back(
    alpha: City, beta: City
) -> None:
    back = alpha.clock.now.replace(microsecond=0) + timedelta(days=10)
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    offer = await an_offer(alpha, ann, return_kind="lend")
    await settle(alpha, beta)
    terms = kilos(5, return_kind="lend", back_by=back)
    row = await asks(beta, ben, await seen_there(beta, offer), terms)
    await settle(alpha, beta)
    await does(alpha, acts.accept, ann, await there(alpha, row))
    await settle(alpha, beta)
    for city, by in ((alpha, ann), (beta, ben)):
        await does(city, promises.confirm, by, await there(city, row))
    await settle(alpha, beta)
    told = "select count(*) from notices where kind = 'agreement.soon'"
    for days, number in ((8, 0), (1.5, 1), (0.1, 1)):
        for city, by in ((alpha, ann), (beta, ben)):
            await fast_forward(city, timedelta(days=days))
            async with city.instance.begin() as tx:
                await overdue.sweep(tx)
            assert await city.value(told) == number, (days, by.name)


async def test_thanks_stand_on_a_page_after_three_people(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    for number, name in enumerate(("ben", "carl", "dora"), start=1):
        by = await make.a_person(alpha, name)
        row = await asks(alpha, by, await an_offer(alpha, ann), kilos(5))
        row = await does(alpha, acts.accept, ann, row)
        for one in (ann, by):
            row = await does(alpha, promises.confirm, one, row)
        await does(alpha, promises.thank, by, row, text=f"Thanks from {name}!")
        async with alpha.instance.read() as conn:
            record = await thanks.get_record(conn, ann.id)
        assert record.kept == number
        assert len(record.thanks) == (3 if number == 3 else 0)


async def test_an_answer_in_words_becomes_an_agreement_by_one_tap_of_each(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    offer = await an_offer(alpha, ann)
    await settle(alpha, beta)
    async with beta.instance.begin() as tx:
        listing = await seen_there(beta, offer)
        await post_acts.answer(tx, by=ben, proposal=listing, source="I would take some.")
    await settle(alpha, beta)
    async with alpha.instance.begin() as tx:
        post = await posts.get(tx.conn, await alpha.value("select id from posts"))
        row = await replies.from_answer(tx, by=ann, post=post, terms=kilos(4))
    await settle(alpha, beta)
    far = await there(beta, row)
    assert (far.state, far.turn) == ("asked", "responder")
    await does(beta, acts.ask_again, ben, far, terms=far.terms)
    await settle(alpha, beta)
    assert (await there(beta, row)).state == "agreed"
    assert await left(alpha, offer) == 16


async def test_a_dispute_is_settled_by_the_moderators_of_the_listings_city_for_both(
    alpha: City, beta: City
) -> None:
    _, ben, row = await two_agreed(alpha, beta)
    root, far = await make.an_admin(alpha), await make.an_admin(beta, "far_admin")
    await does(beta, promises.object_to, ben, row, text="It was rotten.")
    await settle(alpha, beta)
    here = await there(alpha, row)
    assert (here.state, here.reason) == ("disputed", "It was rotten.")
    told = "select count(*) from notices where kind = 'agreement.dispute' and account_id = %s"
    assert await alpha.value(told, root.id) == 1
    with pytest.raises(Forbidden):
        await decides(beta, far, row, "I decide.")
    await decides(alpha, root, row, "Called off.")
    await settle(alpha, beta)
    for city in (alpha, beta):
        found = await there(city, row)
        assert (found.state, found.outcome) == ("cancelled", "Called off.")
        assert await city.value("select available from proposals") == 20
    assert await hashes(alpha, row) == await hashes(beta, row)


async def test_addresses_are_forgotten_a_month_after_the_end(alpha: City, beta: City) -> None:
    ann, ben, row = await two_agreed(alpha, beta)
    await does(alpha, promises.reveal, ann, await there(alpha, row), text="Mill Lane 7")
    await settle(alpha, beta)
    assert (await there(beta, row)).author_contact == "Mill Lane 7"
    for city, by in ((alpha, ann), (beta, ben)):
        await does(city, promises.confirm, by, await there(city, row))
    await settle(alpha, beta)
    for city in (alpha, beta):
        await fast_forward(city, timedelta(days=31))
        async with city.instance.begin() as tx:
            await overdue.sweep(tx)
        assert (await there(city, row)).author_contact == ""


async def test_who_did_not_come_frees_the_quantity_and_is_counted_for_coordinators(
    alpha: City, beta: City
) -> None:
    ann, ben, row = await two_agreed(alpha, beta)
    await does(alpha, promises.miss, ann, await there(alpha, row))
    await settle(alpha, beta)
    assert (await there(beta, row)).state == "missed"
    assert await beta.value("select available from proposals") == 20
    async with beta.instance.read() as conn:
        assert (await thanks.get_record(conn, ben.id)).missed == 1
    async with alpha.instance.read() as conn:
        assert (await thanks.get_record(conn, ann.id)).missed == 0
