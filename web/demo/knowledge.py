"""The demonstration's knowledge bridge between Wien and Kirchbach, and places that stand open."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from federation import resolve
from federation.acts import lessons, meetings, pacts, premises, questions
from federation.acts.drafts import Draft
from schema import actors
from schema import lessons as stored_lessons
from schema import meetings as stored_meetings
from schema import pacts as stored
from schema import questions as stored_questions
from schema.actors import Actor
from schema.meetings import Meeting
from schema.pacts import Pact
from schema.premises import Kind, Premises, Repair, Supply, Terms
from schema.questions import Question
from web.demo.goods import listing_id
from web.demo.places import Lost, Place, find_person, until

TITLE = "Sonnenstrom und alte Sorten"
AIM = (
    "Wien zeigt, wie Nachbarschaften Solarmodule weiterverwenden. Kirchbach zeigt, wie man alte "
    "Obstbäume schneidet und Kerne putzt. *Wir treffen uns über die VideoBridge.*"
)
TOPICS = ("Solarmodule weiterverwenden", "Obstbäume schneiden", "VideoBridge im Dorf")
SESSIONS = (
    ("Module prüfen, bevor sie aufs Dach kommen", 6, "Marta zeigt das Messen am offenen Modul."),
    ("Schnitt alter Apfelbäume", 27, "Annemarie schneidet, die Kamera geht mit auf die Leiter."),
)
ASKED = (
    ("wien", "lena_h", "Wie erkenne ich einen Hagelschaden, den man nicht sieht?"),
    ("kirchbach", "hubert_r", "Welches Messgerät reicht für einen Verein mit wenig Geld?"),
    ("kirchbach", "sepp_k", "Kann man Module von zwei Herstellern in einen Strang hängen?"),
)
VOTES = (("wien", "yusuf_a", 1), ("wien", "marta_k", 1), ("kirchbach", "anna_g", 1))
ANSWER = (
    "Ein Multimeter für 40 Euro genügt für den Anfang.\n\n"
    "1. Leerlaufspannung bei Sonne messen, mit dem Typenschild vergleichen.\n"
    "2. Kurzschlussstrom messen, höchstens eine Minute.\n"
    "3. Was mehr als **15 %** abweicht, kommt zur Seite.\n\n"
    "Eine Wärmebildkamera leiht die Werkstatt Meidling her."
)
OPEN: tuple[tuple[str, str, Kind, str, str, int, Repair, Terms, tuple[Supply, ...], str], ...] = (
    (
        "kirchbach",
        "elke_p",
        "house",
        "Halb leeres Bauernhaus mit Stadel",
        "Kirchbach",
        180,
        "large",
        "work",
        ("water", "power"),
        "Gemeindeamt",
    ),
    (
        "kirchbach",
        "anna_g",
        "land",
        "Obstwiese am Südhang",
        "Breitenbuch",
        6200,
        "",
        "free",
        ("water",),
        "Besitzerin",
    ),
    (
        "wien",
        "marta_k",
        "workshop",
        "Werkbankplätze unter der Woche",
        "Wien",
        90,
        "good",
        "free",
        ("power", "heating", "toilet", "net"),
        "Werkstattleitung",
    ),
)


async def bridge(places: Sequence[Place]) -> None:
    """Asked by Wien, agreed in Kirchbach; two sessions, questions of both, one answer."""
    wien, kirchbach = (
        next((p for p in places if p.name == n), None) for n in ("wien", "kirchbach")
    )
    if wien is None or kirchbach is None:
        return
    marta, hubert = await _person(wien, "marta_k"), await _person(kirchbach, "hubert_r")
    pact = await _agreed(wien, kirchbach, marta, hubert)
    held = [await _held(wien, pact, marta, number) for number in range(len(SESSIONS))]
    asked = [await _asked(_at(places, at), login, text, held[0]) for at, login, text in ASKED]
    for at, login, number in VOTES:
        await _voted(_at(places, at), login, asked[number])
    await _answered(wien, pact, marta, held[0], asked[1])


def _at(places: Sequence[Place], name: str) -> Place:
    return next(place for place in places if place.name == name)


async def _person(place: Place, login: str) -> Actor:
    found = await find_person(place, login)
    if found is None:
        raise Lost(f"{login} is not there")
    return found


async def _admin(place: Place) -> Actor:
    return await _person(place, place.content.residents[0].login)


async def _pact(place: Place, uri: str) -> Pact | None:
    async with place.instance.read() as conn:
        return await stored.find(conn, uri)


async def _agreed(wien: Place, kirchbach: Place, marta: Actor, hubert: Actor) -> Pact:
    other = await resolve.city(wien.instance, kirchbach.content.city.origin)
    by = await _admin(wien)
    async with wien.instance.begin() as tx:
        side = await actors.get(tx.conn, wien.instance.city_id)
        draft = pacts.Draft(TITLE, TOPICS, AIM, marta)
        pact = await pacts.ask(tx, by=by, side=side, other=other, draft=draft)
    there = await until(lambda: _pact(kirchbach, pact.uri), "the pact")
    steward = await _admin(kirchbach)
    async with kirchbach.instance.begin() as tx:
        side = await actors.get(tx.conn, kirchbach.instance.city_id)
        await pacts.agree(tx, by=steward, pact=there, side=side, host=hubert)

    async def stands() -> Pact | None:
        found = await _pact(wien, pact.uri)
        return found if found and found.state == "agreed" else None

    return await until(stands, "the answer to the pact")


async def _held(wien: Place, pact: Pact, host: Actor, number: int) -> Meeting:
    title, days, topic = SESSIONS[number]
    async with wien.instance.begin() as tx:
        for known in await stored_meetings.list_of(tx.conn, pact.id):
            if known.title == title:
                return known
        now = wien.instance.clock().replace(minute=0, second=0, microsecond=0)
        starts = now.replace(hour=17) + timedelta(days=days)
        draft = meetings.Draft(
            title=title,
            topic=topic,
            starts=starts,
            ends=starts + timedelta(hours=2),
            asker_room="Offene Werkstatt Meidling",
            other_room="VideoBridge-Raum, Hauptplatz 5",
            link="https://video.example/wien-kirchbach",
            host=host,
        )
        side = await actors.get(tx.conn, wien.instance.city_id)
        return await meetings.hold(tx, by=host, pact=pact, side=side, draft=draft)


async def _asked(place: Place, login: str, text: str, meeting: Meeting) -> Question:
    async def arrived() -> Meeting | None:
        async with place.instance.read() as conn:
            return await stored_meetings.find(conn, meeting.uri)

    here, by = (
        await until(arrived, f"“{meeting.title}” at {place.name}"),
        await _person(place, login),
    )
    async with place.instance.begin() as tx:
        for card in await stored_questions.list_cards(tx.conn, here.id, None):
            if card.text == text:
                return await stored_questions.get(tx.conn, card.id)
        return await questions.ask(tx, by=by, meeting=here, text=text)


async def _voted(place: Place, login: str, question: Question) -> None:
    async def arrived() -> Question | None:
        async with place.instance.read() as conn:
            return await stored_questions.find(conn, question.uri)

    here, by = await until(arrived, "a question"), await _person(place, login)
    async with place.instance.begin() as tx:
        await questions.vote(tx, by=by, question=here)


async def _answered(
    wien: Place, pact: Pact, host: Actor, meeting: Meeting, question: Question
) -> None:
    async with wien.instance.begin() as tx:
        if await stored_lessons.list_of(tx.conn, pact.id):
            return
        side = await actors.get(tx.conn, wien.instance.city_id)
        await lessons.write(
            tx,
            by=host,
            meeting=meeting,
            side=side,
            title="Solarmodule messen mit wenig Geld",
            source=ANSWER,
            question_uri=question.uri,
        )


async def open_places(places: Sequence[Place]) -> None:
    """What stands open in each of the cities."""
    for at, login, kind, title, where, size, repair, terms, supplies, contact in OPEN:
        place = next((one for one in places if one.name == at), None)
        if place is None:
            continue
        by, id = await _person(place, login), listing_id(place, f"open/{title}")
        draft = Draft(purpose="offer", title=title, language="de", place_name=where)
        conditions = Premises(id, kind, Decimal(size), repair, terms, None, contact, list(supplies))
        async with place.instance.begin() as tx:
            await premises.open_up(tx, by=by, draft=draft, conditions=conditions, id=id)
