"""Exchange 9: a helper enters and answers for people without internet, with their consent."""

from decimal import Decimal

import pytest

from federation.acts import desk
from federation.acts.drafts import Draft
from schema.actors import Actor
from schema.errors import Forbidden, Invalid
from tests import make
from tests.world import City


async def ward(city: City, by: Actor, name: str = "Frau Weber") -> Actor:
    async with city.instance.begin() as tx:
        return await desk.register(
            tx, by=by, name=name, contact="0664 1", consent="spoken", keys=make.a_key_pair()
        )


async def test_only_helpers_enter_and_only_with_consent(alpha: City) -> None:
    admin, ann = await make.an_admin(alpha), await make.a_person(alpha, "ann")
    with pytest.raises(Forbidden):
        await ward(alpha, ann)
    async with alpha.instance.begin() as tx:
        with pytest.raises(Forbidden):
            await desk.appoint(tx, by=ann, name="ann")
        await desk.appoint(tx, by=admin, name="ann")
    weber = await ward(alpha, ann)
    async with alpha.instance.begin() as tx:
        with pytest.raises(Invalid):
            await desk.register(
                tx, by=ann, name="X", contact="", consent=None, keys=make.a_key_pair()
            )
        made = await desk.enter(tx, by=ann, person_id=weber.id, draft=Draft("offer", "Gläser"))
        with pytest.raises(Invalid):  # nobody is entered for who looks after themselves
            await desk.enter(tx, by=ann, person_id=admin.id, draft=Draft("offer", "Gläser"))
    assert made.author_id == weber.id
    assert await alpha.value("select helper_id from desk_entries") == ann.id
    assert await alpha.value("select consent from wards") == "spoken"


async def test_what_comes_later_in_the_week_is_on_a_new_sheet_instead_of_the_oldest(
    alpha: City,
) -> None:
    admin, ben = await make.an_admin(alpha), await make.a_person(alpha, "ben")
    for number in range(desk.ON_SHEET):
        await make.a_proposal(alpha, ben, f"Ding {number}")
        alpha.clock.now += make.days(1) / 1000
    async with alpha.instance.begin() as tx:
        first = {line.title for line in await desk.sheet(tx, by=admin)}
    assert len(first) == desk.ON_SHEET
    await make.a_proposal(alpha, ben, "Klavier")
    async with alpha.instance.begin() as tx:
        later = {line.title for line in await desk.sheet(tx, by=admin)}
    assert later == first - {"Ding 0"} | {"Klavier"}


async def test_codes_stay_for_the_week_and_answer_for_two(alpha: City) -> None:
    admin, ben = await make.an_admin(alpha), await make.a_person(alpha, "ben")
    weber = await ward(alpha, admin)
    offer = await make.a_proposal(alpha, ben, "Leiter")
    async with alpha.instance.begin() as tx:
        (line,) = await desk.sheet(tx, by=admin)
    await make.a_proposal(alpha, ben, "Klavier")
    async with alpha.instance.begin() as tx:
        again = {row.title: row.code for row in await desk.sheet(tx, by=admin)}
    assert again["Leiter"] == line.code and len(set(again.values())) == 2
    alpha.clock.now += make.days(7)
    async with alpha.instance.begin() as tx:
        newer = {row.code for row in await desk.sheet(tx, by=admin)}
        assert not newer & set(again.values())
        code = f" {line.code.lower()}"
        post = await desk.answer(tx, by=admin, person_id=weber.id, code=code, text="Ja")
    assert post.author_id == weber.id and post.proposal_id == offer.id
    alpha.clock.now += make.days(7)
    async with alpha.instance.begin() as tx:
        with pytest.raises(Invalid):
            await desk.answer(tx, by=admin, person_id=weber.id, code=line.code, text="Ja")


async def test_cards_are_read_and_bad_lines_come_back_as_they_were(alpha: City) -> None:
    text = """\ufeffArt;Titel;Menge;Einheit;bis;Name;Kontakt;Zustimmung
biete;Marmelade;10;Gläser;24.12.2026;Frau Weber;0664 1;ja
brauche;Holz;2,5;m³;;Herr Huber;;x
verkaufe;Auto;1;;;Herr Huber;;ja
biete;Äpfel;viele;kg;;Herr Huber;;ja
biete;Birnen;1;kg;;Herr Huber;;nein
"""
    cards = list(desk.read_cards(text, alpha.clock.now))
    good = [card.draft for card in cards if card.draft]
    assert [(d.purpose, d.title, d.quantity, d.unit) for d in good] == [
        ("offer", "Marmelade", Decimal(10), "jar"),
        ("request", "Holz", Decimal("2.5"), "m3"),
    ]
    bad = [card for card in cards if card.wrong]
    assert [card.number for card in bad] == [4, 5, 6]
    assert bad[0].line == "verkaufe;Auto;1;;;Herr Huber;;ja"
