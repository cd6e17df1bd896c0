"""Exchange 10: an answer by mail becomes an answer below the listing, of the right person."""

from dataclasses import replace

import pytest

from federation import postbox, taps
from federation.instance import Instance
from schema.actors import Actor
from schema.errors import Forbidden, Invalid
from schema.proposals import Proposal
from tests import make
from tests.world import City


def mail(to: str, sender: str, text: str, *headers: str) -> bytes:
    lines = [f"From: Ann <{sender}>", f"To: {to}", "Subject: Re: Leiter", *headers]
    lines += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", text]
    return "\r\n".join(lines).encode()


async def scene(city: City) -> tuple[Instance, Actor, Proposal, str]:
    """A city that takes answers by mail, Ann, Ben's offer, and the address to answer it."""
    ann = await make.a_person(city, "ann", email="ann@example.org")
    offer = await make.a_proposal(city, await make.a_person(city, "ben"), "Leiter")
    await city.execute("update accounts set email_confirmed_at = now()")
    instance = replace(
        city.instance, config=replace(city.instance.config, mail_inbound="answers@alpha.test")
    )
    async with instance.begin() as tx:
        key = await taps.key(tx.conn)
    token = taps.sign(key, "reply", ann.id, offer.id, instance.clock())
    return instance, ann, offer, f"answers+{token}@alpha.test"


async def test_what_stands_above_the_quote_becomes_an_answer_once(alpha: City) -> None:
    instance, ann, offer, address = await scene(alpha)
    text = "Ja, bitte, am Samstag.\n\nLG Ann\n\nAm 22.11.2026 um 10:00 schrieb Stadtnetz:\n> Leiter"
    for _ in range(2):
        made = await postbox.take(instance, mail(address, "Ann@Example.org", text))
        assert made is not None and made.author_id == ann.id
        assert made.source == "Ja, bitte, am Samstag.\n\nLG Ann"
    assert await alpha.value("select replies from proposals where id = %s", offer.id) == 1


async def test_another_sender_a_bad_address_and_machines_are_not_heard(alpha: City) -> None:
    instance, _, offer, address = await scene(alpha)
    for bad in (
        mail(address, "eve@example.org", "Ich"),
        mail(address.replace("+reply", "+help"), "ann@example.org", "Ich"),
        mail("answers@alpha.test", "ann@example.org", "Ich"),
    ):
        with pytest.raises(Forbidden):
            await postbox.take(instance, bad)
    with pytest.raises(Invalid):
        await postbox.take(instance, mail(address, "ann@example.org", "> nur Zitat"))
    with pytest.raises(Invalid):
        await postbox.take(instance, b"x" * (postbox.LARGEST + 1))
    robot = mail(address, "ann@example.org", "Ich bin im Urlaub", "Auto-Submitted: auto-replied")
    assert await postbox.take(instance, robot) is None
    assert await alpha.value("select replies from proposals where id = %s", offer.id) == 0
