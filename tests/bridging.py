"""A knowledge bridge between two cities of a test, made through the acts and the wire."""

from dataclasses import dataclass
from datetime import timedelta

from federation import resolve
from federation.acts import lessons as lesson_acts
from federation.acts import meetings as meeting_acts
from federation.acts import pacts as acts
from federation.acts import questions as question_acts
from schema import actors, lessons, meetings, pacts, questions
from schema.actors import Actor
from schema.meetings import Meeting
from schema.pacts import Pact
from schema.questions import Question
from tests import make
from tests.world import City, settle


@dataclass(frozen=True, slots=True)
class Bridge:
    """Ann's garden in alpha, and the city of beta with its admin bea."""

    ann: Actor
    bea: Actor
    garden: Actor
    pact: Pact


def a_draft(host: Actor | None = None, title: str = "Water for both") -> acts.Draft:
    return acts.Draft(title, ["Cisterns", "Pumps"], "We *learn* from each other.", host)


async def asked(alpha: City, beta: City, *names: str) -> Bridge:
    """Ann asks for her garden; the city of beta has heard of it. `names`: others than theirs and
    the one of its admin."""
    who, group, admin = names or ("ann", "garden", "bea")
    ann, bea = await make.a_person(alpha, who), await make.an_admin(beta, admin)
    made = await make.a_community(alpha, ann, group)
    other = await resolve.actor(alpha.instance, beta.instance.addresses.city)
    async with alpha.instance.begin() as tx:
        garden = await actors.get(tx.conn, made.actor_id)
        pact = await acts.ask(tx, by=ann, side=garden, other=other, draft=a_draft(ann))
    await settle(alpha, beta)
    return Bridge(ann, bea, garden, pact)


async def agreed(alpha: City, beta: City, *names: str) -> Bridge:
    """And beta has agreed."""
    bridge = await asked(alpha, beta, *names)
    async with beta.instance.begin() as tx:
        pact = await pacts.find(tx.conn, bridge.pact.uri)
        assert pact
        side = await actors.get(tx.conn, beta.instance.city_id)
        await acts.agree(tx, by=bridge.bea, pact=pact, side=side, host=bridge.bea)
    await settle(alpha, beta)
    return Bridge(bridge.ann, bridge.bea, bridge.garden, await pact_at(alpha, bridge.pact.uri))


async def pact_at(city: City, uri: str) -> Pact:
    async with city.instance.read() as conn:
        found = await pacts.find(conn, uri)
    assert found
    return found


def a_meeting(city: City, days: int = 3, **more: object) -> meeting_acts.Draft:
    starts = city.clock() + timedelta(days=days)
    given = {"topic": "How deep?", "asker_room": "Barn", "other_room": "Hall", **more}
    return meeting_acts.Draft("Cisterns", starts=starts, ends=starts + timedelta(hours=2), **given)  # type: ignore[arg-type]


async def held(alpha: City, beta: City, bridge: Bridge) -> Meeting:
    """Alpha sets a date, and beta knows it; returns alpha's row."""
    async with alpha.instance.begin() as tx:
        meeting = await meeting_acts.hold(
            tx,
            by=bridge.ann,
            pact=bridge.pact,
            side=bridge.garden,
            draft=a_meeting(alpha, host=bridge.ann, link="https://video.example/cisterns"),
        )
    await settle(alpha, beta)
    return meeting


async def meeting_at(city: City, uri: str) -> Meeting:
    async with city.instance.read() as conn:
        found = await meetings.find(conn, uri)
    assert found
    return found


async def question_at(city: City, uri: str) -> Question:
    async with city.instance.read() as conn:
        found = await questions.find(conn, uri)
    assert found
    return found


async def ask(city: City, by: Actor, meeting: Meeting, text: str = "How deep is it?") -> Question:
    here = await meeting_at(city, meeting.uri)
    async with city.instance.begin() as tx:
        return await question_acts.ask(tx, by=by, meeting=here, text=text)


async def vote(city: City, by: Actor, question: Question, *, on: bool = True) -> None:
    here = await question_at(city, question.uri)
    async with city.instance.begin() as tx:
        if on:
            await question_acts.vote(tx, by=by, question=here)
        else:
            await question_acts.unvote(tx, by=by, question=here)


async def votes(city: City, meeting: Meeting) -> list[tuple[str, int]]:
    """Texts and votes, as this city counts them."""
    here = await meeting_at(city, meeting.uri)
    async with city.instance.read() as conn:
        return [(q.text, q.votes) for q in await questions.list_cards(conn, here.id, None)]


async def lesson(alpha: City, bridge: Bridge, meeting: Meeting, question: str = "") -> str:
    """Ann writes down an answer; returns its address."""
    async with alpha.instance.begin() as tx:
        row = await lesson_acts.write(
            tx,
            by=bridge.ann,
            meeting=meeting,
            side=bridge.garden,
            title="Three metres",
            source="Deep **enough**.",
            question_uri=question,
        )
    return row.uri


async def titles(city: City, pact: Pact) -> list[str]:
    """Of the lessons that this city shows."""
    here = await pact_at(city, pact.uri)
    async with city.instance.read() as conn:
        return [found.title for found in await lessons.list_of(conn, here.id)]
