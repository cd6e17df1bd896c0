"""Complaints: who hears of them, in which order they wait, how they end, where else they go."""

import pytest

from federation.acts import reports as acts
from federation.acts.reports import About
from schema import reports
from schema.actors import Actor
from schema.communities import Community
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.posts import Post
from schema.reports import Harm, Report
from tests import make, talk
from tests.world import City, settle


async def report(
    city: City,
    by: Actor,
    about: About,
    harm: Harm = "rules",
    text: str = "Look",
    *,
    forward: bool = False,
) -> Report:
    async with city.instance.begin() as tx:
        return await acts.report(tx, by=by, about=about, harm=harm, text=text, forward=forward)


@pytest.fixture
async def post(alpha: City, ann: Actor, garden: Community) -> Post:
    return await talk.start(alpha, ann, garden)


async def test_moderators_and_admins_are_told(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    admin = await make.an_admin(alpha)
    await talk.join(alpha, ben, garden)
    said = await talk.start(alpha, ben, garden)
    eve = await make.a_person(alpha, "eve")
    await report(alpha, eve, About(ben, post=said))
    assert await talk.told(alpha, ann) == [("report", "Look")]
    assert await talk.told(alpha, admin) == [("report", "Look")]
    assert await talk.told(alpha, ben) == []


async def test_the_worst_waits_at_the_head_and_then_the_oldest(
    alpha: City, ann: Actor, ben: Actor, post: Post
) -> None:
    eve = await make.a_person(alpha, "eve")
    await report(alpha, ben, About(ann, post=post), "rules", "first")
    await report(alpha, eve, About(ann, post=post), "rules", "second")
    await report(alpha, ben, About(ann), "danger", "worst")
    async with alpha.instance.read() as conn:
        cards = await reports.list_open(conn)
        assert await reports.count_open(conn) == 3
        assert len(await reports.list_open(conn, post.community_id)) == 2
    assert [card.text for card in cards] == ["worst", "first", "second"]
    assert [card.times for card in cards] == [1, 2, 2]
    assert cards[1].about_title == "Seeds" and cards[1].about_url == f"/posts/{post.id}"
    assert cards[0].about_url == "/people/ann"


async def test_the_same_complaint_is_taken_once(
    alpha: City, ann: Actor, ben: Actor, post: Post
) -> None:
    await report(alpha, ben, About(ann, post=post))
    with pytest.raises(Conflict):
        await report(alpha, ben, About(ann, post=post))


async def test_without_any_word_it_must_be_of_a_named_kind(
    alpha: City, ann: Actor, ben: Actor, post: Post
) -> None:
    with pytest.raises(Invalid):
        await report(alpha, ben, About(ann, post=post), "other", " ")
    assert await report(alpha, ben, About(ann, post=post), "hate", "")


async def test_nobody_reports_what_they_may_not_see(alpha: City, ann: Actor, ben: Actor) -> None:
    secret = await make.a_community(alpha, ann, "secret", "hidden")
    post = await talk.start(alpha, ann, secret)
    with pytest.raises(Missing):
        await report(alpha, ben, About(ann, post=post))


async def test_settling_closes_all_about_the_thing_and_tells_the_reporters(
    alpha: City, ann: Actor, ben: Actor, post: Post
) -> None:
    eve = await make.a_person(alpha, "eve")
    one = await report(alpha, ben, About(ann, post=post))
    await report(alpha, eve, About(ann, post=post))
    other = await report(alpha, eve, About(ann), text="else")
    admin = await make.an_admin(alpha)
    for outsider in (ben, eve):
        with pytest.raises(Forbidden):
            async with alpha.instance.begin() as tx:
                await acts.settle(tx, by=outsider, report=one, outcome="x")
    async with alpha.instance.begin() as tx:
        with pytest.raises(Invalid):
            await acts.settle(tx, by=admin, report=one, outcome=" ")
    async with alpha.instance.begin() as tx:
        await acts.settle(tx, by=admin, report=one, outcome="We talked.")
    for person in (ben, eve):
        assert await talk.told(alpha, person) == [("report_done", "We talked.")]
    async with alpha.instance.read() as conn:
        assert [card.id for card in await reports.list_open(conn)] == [other.id]
        done = await reports.list_done(conn)
        assert {(card.outcome, card.handler_name) for card in done} == {("We talked.", admin.title)}
    with pytest.raises(Conflict):
        async with alpha.instance.begin() as tx:
            await acts.settle(tx, by=admin, report=one, outcome="Again.")


async def test_a_moderator_settles_what_belongs_to_the_community(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    await talk.join(alpha, ben, garden)
    said = await talk.start(alpha, ben, garden)
    eve = await make.a_person(alpha, "eve")
    one = await report(alpha, eve, About(ben, post=said))
    async with alpha.instance.begin() as tx:
        assert await acts.settle(tx, by=ann, report=one, outcome="Removed.")


async def test_a_complaint_goes_to_the_other_place_without_a_name(
    alpha: City, beta: City, ann: Actor, ben: Actor
) -> None:
    root = await make.an_admin(beta)
    bea = await make.a_person(beta, "bea")
    ladder = await make.a_proposal(beta, bea)
    await settle(alpha, beta)
    async with alpha.instance.read() as conn:
        here = await acts.proposals.find(conn, ladder.uri)
        assert here is not None
        author = await acts.actors.get(conn, here.author_id)
    await report(alpha, ben, About(author, proposal=here), "fraud", "It is no ladder", forward=True)
    await settle(alpha, beta)
    assert await talk.told(beta, root) == [("report", "It is no ladder")]
    async with beta.instance.read() as conn:
        (card,) = await reports.list_open(conn)
    assert (card.reporter_host, card.about_title) == ("alpha.test", "A ladder")
    assert card.reporter_name != "ben"
    sent = [p.body for p in alpha.wire.log if b'"Flag"' in p.body]
    assert sent and all(b"people/ben" not in body for body in sent)


async def test_without_the_check_it_stays_here(alpha: City, beta: City, ben: Actor) -> None:
    bea = await make.a_person(beta, "bea")
    ladder = await make.a_proposal(beta, bea)
    await settle(alpha, beta)
    async with alpha.instance.read() as conn:
        here = await acts.proposals.find(conn, ladder.uri)
        assert here is not None
        author = await acts.actors.get(conn, here.author_id)
    await report(alpha, ben, About(author, proposal=here))
    await settle(alpha, beta)
    async with beta.instance.read() as conn:
        assert await reports.list_open(conn) == []
