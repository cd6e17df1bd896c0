"""The demonstration's pledges: what Wien and Güssing give to the beginning in Kirchbach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from federation.acts import pledge_answers
from federation.acts import pledges as acts
from federation.acts.pledging import Draft
from federation.instance import Tx
from schema import actors, project_needs
from schema import pledges as stored
from schema import projects as stored_projects
from schema.actors import Actor
from schema.errors import Missing
from schema.pledges import Kind, Pledge
from schema.projects import Project
from web.demo.places import Lost, Place, find_person, until, writer

PROJECT: Final = ("kirchbach", "sonnenanbau", "hubert_r")


@dataclass(frozen=True, slots=True)
class Given:
    """Of which place (`giver`: a community, or the city), said by whom; what of it was brought and
    confirmed. `need` is the line of the project that it is for."""

    city: str
    giver: str
    speaker: str
    kind: Kind
    title: str
    amount: str
    unit: str
    note: str
    days: int
    need: str = ""
    accepted: str = ""  # the word with the yes
    brought: tuple[tuple[str, bool], ...] = ()


GIVEN: Final = (
    Given(
        "wien",
        "sonnenstrom_favoriten",
        "gregor_w",
        "material",
        "Solarkabel, eine Rolle und Reste",
        "20",
        "m",
        "Vom Abbau in der Quellenstraße, durchgemessen. Gregor bringt sie mit dem Zug.",
        14,
        need="Solarkabel 6 mm²",
        accepted="Die Rolle kann beim Gemeindeamt stehen bleiben.",
        brought=(("20", True),),
    ),
    Given(
        "wien",
        "werkstatt_meidling",
        "marta_k",
        "knowledge",
        "Schienen setzen, Stecker pressen: ein Tag auf dem Dach",
        "8",
        "h",
        "Marta kommt mit dem Messgerät und der Crimpzange. Bitte zwei Leute, die zuschauen.",
        24,
        accepted="Gern, am liebsten am Samstag.",
        brought=(("3", True), ("2", False)),
    ),
    Given(
        "guessing",
        "werkhof",
        "simon_d",
        "hours",
        "Module aufs Dach heben",
        "12",
        "h",
        "Vier Leute vom Werkhof für einen Vormittag.",
        28,
        accepted="Für die Jause sorgen wir.",
    ),
    Given(
        "wien",
        "city",
        "",
        "material",
        "Leihgerüst, sechs Meter",
        "1",
        "piece",
        "Aus dem Bauhof, bis zum Winter.",
        30,
        need="Gerüst oder lange Leiter",
    ),
)


async def pledges(places: Sequence[Place]) -> None:
    """Each as far as it has come; a second start changes nothing."""
    home = next((place for place in places if place.name == PROJECT[0]), None)
    if home is None:
        return
    _, steward = await writer(places, home, PROJECT[2])
    for given in GIVEN:
        place = next((one for one in places if one.name == given.city), None)
        if place is None:
            continue
        pledge = await _pledged(place, home, given)
        if given.accepted:
            await _accepted(place, home, steward, pledge, given)
        for number, (amount, came) in enumerate(given.brought):
            await _brought(place, home, steward, pledge, given, number, Decimal(amount), came)


async def _speaker(place: Place, given: Given) -> Actor:
    login = given.speaker or place.content.residents[0].login
    found = await find_person(place, login)
    if found is None:
        raise Lost(f"{login} is not there")
    return found


async def _giver(tx: Tx, given: Given) -> Actor:
    if given.giver == "city":
        return await actors.get(tx.conn, tx.instance.city_id)
    found = await actors.find_by_handle(tx.conn, given.giver)
    if found is None:
        raise Missing(given.giver)
    return found


async def _pledged(place: Place, home: Place, given: Given) -> Pledge:
    plan = home.instance.addresses.plan(PROJECT[1])

    async def known() -> Project | None:
        async with place.instance.read() as conn:
            return await stored_projects.find_by_plan(conn, plan)

    project = await until(known, plan)
    by = await _speaker(place, given)
    async with place.instance.begin() as tx:
        giver = await _giver(tx, given)
        row = await stored.find_titled(tx.conn, giver.id, given.title)
        if row is not None:
            return row
        needs = await project_needs.list_all(tx.conn, project.community_id)
        bound = next((need.uri for need in needs if given.need and need.name == given.need), "")
        due = tx.instance.config.day(tx.instance.clock()) + timedelta(days=given.days)
        amount = Decimal(given.amount)
        draft = Draft(given.kind, given.title, amount, given.unit, given.note, due, bound)
        group = await actors.get(tx.conn, project.community_id)
        return await acts.pledge(tx, by=by, giver=giver, project=group, draft=draft)


async def _at(place: Place, pledge: Pledge) -> Pledge | None:
    async with place.instance.read() as conn:
        return await stored.find(conn, pledge.uri)


async def _accepted(
    place: Place, home: Place, steward: Actor, pledge: Pledge, given: Given
) -> None:
    there = await until(lambda: _at(home, pledge), given.title)
    if not there.is_agreed:
        async with home.instance.begin() as tx:
            await pledge_answers.answer(
                tx,
                by=steward,
                pledge=there,
                said="accepted",
                edition=there.edition,
                reason=given.accepted,
            )

    async def agreed() -> Pledge | None:
        found = await _at(place, pledge)
        return found if found and found.is_agreed else None

    await until(agreed, f"the answer to {given.title}")


async def _brought(
    place: Place,
    home: Place,
    steward: Actor,
    pledge: Pledge,
    given: Given,
    number: int,
    amount: Decimal,
    came: bool,
) -> None:
    by = await _speaker(place, given)
    async with place.instance.begin() as tx:
        known = await stored.list_deliveries(tx.conn, pledge.id)
        if len(known) > number:
            delivery = known[number]
        else:
            delivery = await acts.deliver(tx, by=by, pledge=pledge, amount=amount)

    async def arrived() -> stored.Delivery | None:
        async with home.instance.read() as conn:
            return await stored.find_delivery(conn, delivery.uri)

    there = await until(arrived, f"what was brought: {given.title}")
    if came and not there.answer:
        async with home.instance.begin() as tx:
            await pledge_answers.confirm(tx, by=steward, delivery=there)

    async def confirmed() -> bool | None:
        async with place.instance.read() as conn:
            found = await stored.find_delivery(conn, delivery.uri)
        return True if found and (found.answer or not came) else None

    await until(confirmed, f"the receipt of {given.title}")
