"""Everything that a city emits: a rich scene, each body that leaves, each document it serves."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from federation.acts import blueprints as blueprint_acts
from federation.acts import (
    chats,
    likes,
    memberships,
    moderation,
    people,
    plans,
    pledge_answers,
    pledges,
    project_needs,
    reports,
    threads,
)
from federation.acts import communities as community_acts
from federation.acts import keys as key_acts
from federation.acts import posts as post_acts
from federation.acts import proposals as proposal_acts
from federation.acts.pledging import Draft
from federation.acts.reports import About
from schema import actors
from schema import communities as stored
from schema import plans as stored_plans
from schema import pledges as stored_pledges
from schema.actors import Actor
from schema.blueprints import Step
from schema.communities import Community
from schema.instructions import NOBODYS, line
from tests import make, talk
from tests.federation.contracts.dealings import play_on
from tests.federation.contracts.gatherings import gather
from tests.federation.contracts.going_round import play_lineage
from tests.peer import Peer
from tests.world import City, settle


@dataclass(frozen=True, slots=True)
class Emitted:
    """`sent` to an inbox, else served at its id."""

    sent: bool
    document: dict[str, Any]

    @property
    def name(self) -> str:
        """Kinds from the outside in, as `announce.create.need`; `id` for an address alone."""
        return ".".join(_kinds(self.document)).lower()


def _kinds(document: Any) -> Iterator[str]:
    if not isinstance(document, dict):
        yield "ids" if isinstance(document, list) else "id"
        return
    kind = str(document.get("type"))
    purpose = {"request": "need", "offer": "offer"}.get(str(document.get("purpose")))
    published = document.get("publishes")
    purpose = "input" if isinstance(published, dict) and "inputOf" in published else purpose
    purpose = "pool" if "pool" in document else purpose
    purpose = "plan" if "planIncludes" in document else purpose
    purpose = "pledge" if kind == "Commitment" and "edition" in document else purpose
    purpose = "work" if kind == "Note" and "fulfills" in document else purpose
    purpose = "receipt" if "realizationOf" in document else purpose
    purpose = "step" if kind == "Note" and not purpose and "agreementStep" in document else purpose
    purpose = "built" if "buildReport" in document else purpose
    purpose = "version" if "specializationOf" in document else purpose
    purpose = "fork" if kind == "Article" and "wasDerivedFrom" in document else purpose
    purpose = "swap" if "stipulatesReciprocal" in document else purpose
    purpose = "vote" if kind == "Note" and "content" not in document else purpose
    purpose = "letter" if kind == "Note" and not (purpose or "source" in document) else purpose
    yield purpose or ("reply" if kind == "Note" and document.get("inReplyTo") else kind)
    if "object" in document:
        yield from _kinds(document["object"])
    if "result" in document:
        yield from _kinds(document["result"])


async def play(alpha: City, beta: City) -> list[Emitted]:
    """People of both cities do everything that is told to others; what both have emitted."""
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    garden = await make.a_community(alpha, ann, title="Garden")
    closed = await make.a_community(alpha, ann, "council", "approval", title="Council")
    await talk.join(beta, ben, garden, alpha)
    await talk.join(beta, ben, closed, alpha)
    await _listings(alpha, beta, ann, ben, garden)
    await _blueprints(alpha, beta, ann, garden)
    await _talk(alpha, beta, ann, ben, garden)
    await _people(alpha, beta, ann, ben)
    await _membership(alpha, beta, ann, ben, garden, closed)
    await _project(alpha, beta, ann, ben)
    await play_lineage(alpha, beta, ann, ben)
    await _pledges(alpha, beta, ann)
    await play_on(alpha, beta, ann, ben, garden)
    together = await gather(alpha, beta)
    await settle(alpha, beta)
    sent = [p.body for p in alpha.wire.log if p.method == "POST" and p.url.endswith("/inbox")]
    found = [Emitted(True, json.loads(body)) for body in sent]
    found += [Emitted(False, document) for document in together]
    return [*found, *[Emitted(False, d) for city in (alpha, beta) for d in await _served(city)]]


async def _listings(alpha: City, beta: City, ann: Actor, ben: Actor, garden: Community) -> None:
    until = alpha.clock() + timedelta(days=9)
    need = await make.a_proposal(
        alpha,
        ann,
        "Two people who can lay pipe",
        purpose="request",
        quantity=Decimal(12),
        unit="h",
        until=until,
        community=garden,
        source="On **Saturday**. #water",
    )
    offer = await make.a_proposal(alpha, ann, "A ladder", scope="everyone")
    await make.a_proposal(alpha, ann, "Seeds", community=garden, scope="community")
    await make.a_proposal(beta, ben, "Apples", scope="neighbours")
    await settle(alpha, beta)
    await talk.answer(alpha, ann, offer, "Still there?")
    async with alpha.instance.begin() as tx:
        need = await proposal_acts.renew(tx, by=ann, proposal=need, until=until + timedelta(days=1))
        await proposal_acts.close(tx, by=ann, proposal=need)
    async with alpha.instance.begin() as tx:
        await proposal_acts.withdraw(tx, by=ann, proposal=offer)
    await settle(alpha, beta)


async def _blueprints(alpha: City, beta: City, ann: Actor, garden: Community) -> None:
    gravel = line("gravel", "Gravel", quantity=Decimal(800), unit="kg", step_key="dig")
    spade = line("spade", "Spade", kind="tool", scaling="step", step=Decimal(4))
    dig = Step(NOBODYS, "dig", 0, "Dig the pit", "By *hand*.", "", [], Decimal(12), 2, [])
    cistern = await make.a_blueprint(
        alpha,
        ann,
        community=garden,
        purpose="Rain for dry weeks.",
        source="Full **instructions**.",
        license="CC-BY-SA-4.0",
        cost_low=300,
        cost_high=500,
        output="cistern",
        lines=(gravel, spade),
        steps=(dig,),
    )
    await make.a_version(alpha, ann, cistern, source="With a **lid**.", lines=(gravel,))
    await settle(alpha, beta)
    shed = await make.a_blueprint(alpha, ann, "Shed")
    async with alpha.instance.begin() as tx:
        await blueprint_acts.withdraw(tx, by=ann, blueprint=shed)
    await settle(alpha, beta)


async def _talk(alpha: City, beta: City, ann: Actor, ben: Actor, garden: Community) -> None:
    root = await talk.start(alpha, ann, garden, source="Who has *seeds*? Ask. #seeds")
    await settle(alpha, beta)
    answer = await talk.reply(beta, ben, root, "I have, @ann@alpha.test.")
    own = await talk.start(beta, ben, garden, title="Compost")
    await settle(alpha, beta)
    there = await talk.copy(beta, root)
    here = await talk.copy(alpha, own)
    reply = await talk.copy(alpha, answer)
    assert there and here and reply
    async with beta.instance.begin() as tx:
        await likes.like(tx, by=ben, post=there)
        await post_acts.edit(
            tx, by=ben, post=answer, title="", source="I have *many*.", language="en"
        )
    await settle(alpha, beta)
    async with beta.instance.begin() as tx:
        await likes.unlike(tx, by=ben, post=there)
    async with alpha.instance.begin() as tx:
        await threads.pin(tx, by=ann, post=root)
        await threads.lock(tx, by=ann, post=root)
        await threads.unpin(tx, by=ann, post=root)
        await threads.unlock(tx, by=ann, post=root)
        await threads.remove(tx, by=ann, post=here, reason="off topic")
        await reports.report(
            tx,
            by=ann,
            about=About(await _known(alpha, ben), post=reply),
            harm="danger",
            text="Look.",
            forward=True,
        )
        await post_acts.delete(tx, by=ann, post=root)
    await settle(alpha, beta)


async def _people(alpha: City, beta: City, ann: Actor, ben: Actor) -> None:
    there = await _known(beta, ann)
    async with beta.instance.begin() as tx:
        await people.follow(tx, by=ben, whom=there)
    await settle(alpha, beta)
    async with beta.instance.begin() as tx:
        await chats.write(tx, by=ben, to=[there], source="A word with you?")
        await people.update(
            tx, by=ben, title="Ben", about="I weld.", can="weld", wants="", languages=["de"]
        )
    await settle(alpha, beta)
    async with beta.instance.begin() as tx:
        await people.unfollow(tx, by=ben, whom=there)
        await key_acts.rotate(tx, ben, make.a_key_pair())
    await settle(alpha, beta)


async def _membership(
    alpha: City, beta: City, ann: Actor, ben: Actor, garden: Community, closed: Community
) -> None:
    visitor = await _known(alpha, ben)
    async with alpha.instance.begin() as tx:
        await memberships.admit(tx, by=ann, community=closed, person=visitor)
        await moderation.set_role(tx, by=ann, community=garden, person=visitor, role="moderator")
        draft = community_acts.Draft("Garden", "Growing more things.", "open", "garden")
        await community_acts.edit(tx, by=ann, community=garden, draft=draft)
    await settle(alpha, beta)
    async with alpha.instance.begin() as tx:
        await moderation.set_role(tx, by=ann, community=garden, person=visitor, role="member")
        await moderation.ban(
            tx, by=ann, community=garden, person=visitor, until=None, reason="spam"
        )
        await moderation.unban(tx, by=ann, community=garden, person=visitor)
    await settle(alpha, beta)
    async with beta.instance.begin() as tx:
        there = await stored.find_by_uri(tx.conn, closed.uri)
        assert there is not None
        await memberships.leave(tx, by=ben, community=there)
    await settle(alpha, beta)


async def _project(alpha: City, beta: City, ann: Actor, ben: Actor) -> None:
    project = await make.a_project(alpha, ann, aim="Rain for *dry* weeks.", ends=date(2027, 5, 1))
    tasks = [
        await make.a_task(alpha, ann, project, name, hours=Decimal(6), due=date(2027, 4, 1))
        for name in ("Dig", "Line")
    ]
    async with alpha.instance.begin() as tx:
        draft = project_needs.NeedDraft("Gravel", Decimal(5), "t", process_id=tasks[0].process_id)
        need = await project_needs.add(tx, by=ann, project=project, draft=draft)
        await project_needs.publish(tx, by=ann, project=project, needs=[need], language="en")
    await settle(alpha, beta)
    for act in (plans.take, plans.give_back, plans.take, plans.finish):
        async with beta.instance.begin() as tx:
            task = await stored_plans.find_task(tx.conn, tasks[0].uri)
            assert task is not None
            await act(tx, by=ben, task=task)
        await settle(alpha, beta)
    async with beta.instance.begin() as tx:
        task = await stored_plans.find_task(tx.conn, tasks[1].uri)
        assert task is not None
        await plans.take(tx, by=ben, task=task)
    async with alpha.instance.begin() as tx:
        await plans.take(tx, by=ann, task=tasks[1])
    await settle(alpha, beta)


async def _pledges(alpha: City, beta: City, ann: Actor) -> None:
    """The city of beta gives to ann's project, and takes something back."""
    bea = await make.an_admin(beta, "bea")
    needed = await alpha.value("select uri from project_needs limit 1")
    group = await _known(beta, await _group(alpha, "cistern"))
    gravel = Draft("material", "Gravel", Decimal(3), "t", "In *May*.", date(2027, 4, 1), needed)
    talk_about = Draft("knowledge", "A talk", Decimal(3), "h")
    given: tuple[tuple[Draft, pledge_answers.Said], ...] = (
        (gravel, "accepted"),
        (talk_about, "declined"),
    )
    for draft, said in given:
        async with beta.instance.begin() as tx:
            giver = await actors.get(tx.conn, beta.instance.city_id)
            row = await pledges.pledge(tx, by=bea, giver=giver, project=group, draft=draft)
        await settle(alpha, beta)
        async with alpha.instance.begin() as tx:
            there = await stored_pledges.find(tx.conn, row.uri)
            assert there is not None
            await pledge_answers.answer(
                tx, by=ann, pledge=there, said=said, edition=1, reason="As we talked."
            )
        await settle(alpha, beta)
        if said == "accepted":
            await _bring(alpha, beta, ann, bea, row.uri)


async def _bring(alpha: City, beta: City, ann: Actor, bea: Actor, uri: str) -> None:
    came: tuple[pledge_answers.Came, ...] = ("confirmed", "missing")
    for answer in came:
        async with beta.instance.begin() as tx:
            row = await stored_pledges.find(tx.conn, uri)
            assert row is not None
            brought = await pledges.deliver(tx, by=bea, pledge=row, amount=Decimal(1))
        await settle(alpha, beta)
        async with alpha.instance.begin() as tx:
            delivery = await stored_pledges.find_delivery(tx.conn, brought.uri)
            assert delivery is not None
            await pledge_answers.confirm(
                tx, by=ann, delivery=delivery, came=answer, reason="Nothing was there."
            )
        await settle(alpha, beta)
    async with beta.instance.begin() as tx:
        row = await stored_pledges.find(tx.conn, uri)
        assert row is not None
        await pledges.withdraw(tx, by=bea, pledge=row, reason="No lorry.")
    await settle(alpha, beta)


async def _group(city: City, name: str) -> Actor:
    async with city.instance.read() as conn:
        found = await actors.find_by_handle(conn, name)
        assert found is not None
        return found


async def _known(city: City, person: Actor) -> Actor:
    async with city.instance.read() as conn:
        found = await actors.find(conn, person.uri)
        assert found is not None
        return found


async def _served(city: City) -> list[dict[str, Any]]:
    """Documents of all that lives here, as a neighbour reads them, and their collections."""
    asker = Peer("reader.test", city.wire).start()
    await city.execute(
        "insert into peers (origin, host, link) values (%s, %s, 'linked')", asker.origin, asker.host
    )
    query = """select uri from actors where host = '' union all
      select uri from proposals where starts_with(uri, %s) union all
      select uri from posts where starts_with(uri, %s) union all
      select plan_uri from projects where starts_with(plan_uri, %s) union all
      select uri from pledges where starts_with(uri, %s) union all
      select uri from blueprints where starts_with(uri, %s) union all
      select uri from blueprint_versions where starts_with(uri, %s) union all
      select uri from build_reports where starts_with(uri, %s)"""
    async with city.instance.read() as conn:
        rows = await (await conn.execute(query, [city.origin] * 7)).fetchall()
    found: list[dict[str, Any]] = []
    for (uri,) in rows:
        answer = await asker.asks(city, uri.removeprefix(city.origin))
        if answer.headers["content-type"] != "application/activity+json":
            continue
        document = answer.json()
        found.append(document)
        for member in _COLLECTIONS:
            address = document.get(member)
            if isinstance(address, str) and address.startswith(uri):
                found.extend(await _pages(asker, city, address))
    return found


_COLLECTIONS = (
    "outbox", "followers", "following", "members", "attributedTo", "featured", "offers", "needs",
    "projects", "communities", "replies", "context",
)  # fmt: skip


async def _pages(asker: Peer, city: City, address: str) -> list[dict[str, Any]]:
    whole = await asker.asks(city, address.removeprefix(city.origin))
    if whole.status_code != 200:
        return []
    first = whole.json().get("first")
    pages = [whole.json()]
    if isinstance(first, str):
        pages.append((await asker.asks(city, first.removeprefix(city.origin))).json())
    return pages
