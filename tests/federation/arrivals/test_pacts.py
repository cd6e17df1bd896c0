"""Knowledge bridges over the wire: both ends hold the same, and nobody else has a say."""

from typing import Any

from federation.acts import lessons as lesson_acts
from federation.acts import meetings as meeting_acts
from federation.acts import pacts as acts
from federation.acts import questions as question_acts
from schema import actors, lessons
from tests import bridging, make
from tests.peer import PUBLIC, Peer, befriend
from tests.world import City, Wire, fast_forward, settle


async def test_a_pact_is_asked_and_agreed_and_both_hold_the_same(alpha: City, beta: City) -> None:
    bridge = await bridging.asked(alpha, beta)
    there = await bridging.pact_at(beta, bridge.pact.uri)
    assert (there.state, there.topics) == ("asked", ["Cisterns", "Pumps"])
    assert "<em>learn</em>" in there.aim
    told = await beta.value("select kind from notices where account_id = %s", bridge.bea.id)
    assert told == "bridge.asked"
    async with beta.instance.begin() as tx:
        side = await actors.get(tx.conn, beta.instance.city_id)
        await acts.agree(tx, by=bridge.bea, pact=there, side=side, host=bridge.bea)
    await settle(alpha, beta)
    here = await bridging.pact_at(alpha, bridge.pact.uri)
    assert here.state == "agreed" and here.other_host_id is not None
    async with alpha.instance.read() as conn:
        assert (await actors.get(conn, here.other_host_id)).uri == bridge.bea.uri


async def test_either_end_ends_it_and_says_why(alpha: City, beta: City) -> None:
    bridge = await bridging.agreed(alpha, beta)
    async with alpha.instance.begin() as tx:
        await acts.end(
            tx, by=bridge.ann, pact=bridge.pact, side=bridge.garden, reason="The well <is> dry."
        )
    await settle(alpha, beta)
    there = await bridging.pact_at(beta, bridge.pact.uri)
    assert (there.state, there.reason) == ("ended", "The well <is> dry.")


async def test_a_date_and_its_changes_are_shown_at_both_ends(alpha: City, beta: City) -> None:
    bridge = await bridging.agreed(alpha, beta)
    meeting = await bridging.held(alpha, beta, bridge)
    there = await bridging.meeting_at(beta, meeting.uri)
    assert (there.title, there.asker_room, there.other_room) == ("Cisterns", "Barn", "Hall")
    assert there.link == "https://video.example/cisterns"
    draft = bridging.a_meeting(alpha, days=5, cancelled=True)
    async with alpha.instance.begin() as tx:
        await meeting_acts.change(tx, by=bridge.ann, meeting=meeting, draft=draft)
    await settle(alpha, beta)
    there = await bridging.meeting_at(beta, meeting.uri)
    assert there.cancelled and there.edition == 1
    assert abs((there.starts - draft.starts).total_seconds()) < 1


async def test_a_meeting_is_an_event_that_mobilizon_reads(alpha: City, beta: City) -> None:
    bridge = await bridging.agreed(alpha, beta)
    meeting = await bridging.held(alpha, beta, bridge)
    found = (await alpha.document(f"/bridges/sessions/{meeting.id}")).json()
    assert (found["type"], found["id"], found["name"]) == ("Event", meeting.uri, "Cisterns")
    assert found["attributedTo"] == bridge.garden.uri and found["joinMode"] == "free"
    assert found["ical:status"] == "CONFIRMED" and found["startTime"] < found["endTime"]
    assert [place["type"] for place in found["location"]] == ["Place", "Place", "VirtualLocation"]
    assert found["to"] == [PUBLIC]


async def test_questions_and_votes_of_both_ends_converge(
    alpha: City, beta: City, wire: Wire
) -> None:
    bridge = await bridging.agreed(alpha, beta)
    meeting = await bridging.held(alpha, beta, bridge)
    bob = await make.a_person(beta, "bob")
    wire.double = True
    deep = await bridging.ask(beta, bob, meeting, "How deep is it?")
    cost = await bridging.ask(alpha, bridge.ann, meeting, "What did it cost?")
    await settle(alpha, beta)
    await bridging.vote(alpha, bridge.ann, deep)
    await bridging.vote(beta, bob, deep)
    await bridging.vote(beta, bridge.bea, cost)
    await bridging.vote(beta, bridge.bea, cost)
    await settle(alpha, beta)
    wanted = [("How deep is it?", 2), ("What did it cost?", 1)]
    assert await bridging.votes(alpha, meeting) == await bridging.votes(beta, meeting) == wanted
    await bridging.vote(beta, bob, deep, on=False)
    await bridging.vote(alpha, bridge.ann, deep, on=False)
    await settle(alpha, beta)
    wanted = [("What did it cost?", 1), ("How deep is it?", 0)]
    assert await bridging.votes(alpha, meeting) == await bridging.votes(beta, meeting) == wanted


async def test_votes_that_come_in_reverse_count_the_same(
    alpha: City, beta: City, wire: Wire
) -> None:
    bridge = await bridging.agreed(alpha, beta)
    meeting = await bridging.held(alpha, beta, bridge)
    question = await bridging.ask(alpha, bridge.ann, meeting)
    await settle(alpha, beta)
    bob = await make.a_person(beta, "bob")
    wire.hold()
    for on in (True, False, True):
        await bridging.vote(beta, bob, question, on=on)
        await settle(beta)
    await wire.release()
    await settle(alpha, beta)
    assert await bridging.votes(alpha, meeting) == await bridging.votes(beta, meeting)
    assert await bridging.votes(beta, meeting) == [("How deep is it?", 1)]


async def test_questions_and_answers_that_overtake_their_date_wait_for_it(
    alpha: City, beta: City, wire: Wire
) -> None:
    bridge = await bridging.agreed(alpha, beta)
    wire.hold()
    meeting = await bridging.held(alpha, beta, bridge)
    question = await bridging.ask(alpha, bridge.ann, meeting)
    await bridging.lesson(alpha, bridge, meeting, question.uri)
    await settle(alpha)
    await wire.release()
    await settle(alpha, beta)
    await fast_forward(beta)
    await settle(alpha, beta)
    assert await bridging.votes(beta, meeting) == [("How deep is it?", 0)]
    assert await bridging.titles(beta, bridge.pact) == ["Three metres"]


async def test_an_answer_is_a_page_at_both_ends_and_its_hosts_go_on_writing(
    alpha: City, beta: City
) -> None:
    bridge = await bridging.agreed(alpha, beta)
    meeting = await bridging.held(alpha, beta, bridge)
    question = await bridging.ask(alpha, bridge.ann, meeting)
    uri = await bridging.lesson(alpha, bridge, meeting, question.uri)
    await settle(alpha, beta)
    assert await bridging.titles(beta, bridge.pact) == ["Three metres"]
    alpha.clock.now += make.minutes(5)
    async with alpha.instance.begin() as tx:
        row = (await lessons.list_of(tx.conn, bridge.pact.id))[0]
        await lesson_acts.write(
            tx,
            by=bridge.ann,
            meeting=meeting,
            side=bridge.garden,
            title="Four metres",
            source="Deeper.",
            lesson=row,
        )
    await settle(alpha, beta)
    assert await bridging.titles(beta, bridge.pact) == ["Four metres"]
    assert (await alpha.document(uri.removeprefix(alpha.origin))).json()["type"] == "Article"


async def test_a_question_is_taken_back_by_its_author_or_by_who_holds_the_date(
    alpha: City, beta: City
) -> None:
    bridge = await bridging.agreed(alpha, beta)
    meeting = await bridging.held(alpha, beta, bridge)
    bob = await make.a_person(beta, "bob")
    mine = await bridging.ask(beta, bob, meeting)
    rude = await bridging.ask(beta, bob, meeting, "A rude question.")
    await settle(alpha, beta)
    async with beta.instance.begin() as tx:
        await question_acts.take_back(tx, by=bob, question=mine)
    async with alpha.instance.begin() as tx:
        here = await bridging.question_at(alpha, rude.uri)
        await question_acts.take_back(tx, by=bridge.ann, question=here)
    await settle(alpha, beta)
    assert await bridging.votes(alpha, meeting) == await bridging.votes(beta, meeting) == []


async def test_what_was_built_is_named_at_both_ends(alpha: City, beta: City) -> None:
    bridge = await bridging.agreed(alpha, beta)
    uri = f"{alpha.origin}/communities/garden"
    async with alpha.instance.begin() as tx:
        await acts.name(
            tx, by=bridge.ann, pact=bridge.pact, side=bridge.garden, uri=uri, title="A cistern"
        )
    await settle(alpha, beta)
    named = "select title from outcomes where uri = %s"
    assert await beta.value(named, uri) == "A cistern"
    async with alpha.instance.begin() as tx:
        await acts.unname(tx, by=bridge.ann, pact=bridge.pact, side=bridge.garden, uri=uri)
    await settle(alpha, beta)
    assert await beta.value("select count(*) from outcomes") == 0


async def _stranger(city: City, wire: Wire, *, linked: bool = True) -> Peer:
    far = Peer("far.test", wire).start()
    far.add_actor("guild", "Group")
    if linked:
        await befriend(city, far)
    return far


def _guild(far: Peer) -> str:
    return f"{far.origin}/c/guild"


def _offer(far: Peer, target: str, **more: Any) -> dict[str, Any]:
    pact = {
        "id": f"{far.origin}/pacts/1",
        "type": "Pact",
        "attributedTo": _guild(far),
        "target": target,
        "name": "Ours",
        "topics": ["Bread"],
        **more,
    }
    return far.activity("Offer", pact, by=_guild(far), target=target)


async def test_a_person_or_a_stranger_cannot_ask_for_a_place(alpha: City, wire: Wire) -> None:
    far = await _stranger(alpha, wire)
    city = alpha.instance.addresses.city
    offer = _offer(far, city)
    await far.says(alpha, {**offer, "actor": far.pat}, by=far.pat)
    await far.says(alpha, _offer(far, city, attributedTo=far.pat), by=_guild(far))
    await settle(alpha)
    assert await alpha.value("select count(*) from pacts") == 0
    await far.says(alpha, _offer(far, city), by=_guild(far))
    await settle(alpha)
    assert await alpha.value("select title from pacts") == "Ours"
    await far.says(alpha, _offer(far, city, name="Again"), by=_guild(far))
    await settle(alpha)
    assert await alpha.value("select count(*) from pacts") == 1, "the same one again"


async def test_who_is_no_neighbour_is_not_heard(alpha: City, wire: Wire) -> None:
    far = await _stranger(alpha, wire, linked=False)
    await alpha.execute("insert into settings (key, value) values ('federation', '\"open\"')")
    alpha.instance.forget_settings()
    answer = await far.says(alpha, _offer(far, alpha.instance.addresses.city), by=_guild(far))
    await settle(alpha)
    assert answer.status_code in (202, 403)
    assert await alpha.value("select count(*) from pacts") == 0


async def test_a_third_place_neither_agrees_nor_ends_nor_sets_dates(
    alpha: City, beta: City, wire: Wire
) -> None:
    bridge = await bridging.asked(alpha, beta)
    far = await _stranger(alpha, wire)
    named = {"id": bridge.pact.uri, "type": "Pact"}
    for kind in ("Accept", "Reject"):
        await far.says(alpha, far.activity(kind, named, by=_guild(far)), by=_guild(far))
    await settle(alpha)
    assert (await bridging.pact_at(alpha, bridge.pact.uri)).state == "asked"
    event = far.note(
        type="Event",
        by=_guild(far),
        name="Sabotage",
        bridge=bridge.pact.uri,
        startTime="2027-01-01T10:00:00Z",
        endTime="2027-01-01T11:00:00Z",
    )
    await far.says(alpha, far.activity("Create", event, by=_guild(far)), by=_guild(far))
    built = far.activity(
        "Add",
        "https://far.test/spam",
        by=_guild(far),
        target=f"{bridge.pact.uri}/outcomes",
        name="Spam",
    )
    await far.says(alpha, built, by=_guild(far))
    await settle(alpha)
    assert await alpha.value("select count(*) from meetings") == 0
    assert await alpha.value("select count(*) from outcomes") == 0


async def test_people_of_a_third_place_neither_ask_nor_vote_nor_answer(
    alpha: City, beta: City, wire: Wire
) -> None:
    bridge = await bridging.agreed(alpha, beta)
    meeting = await bridging.held(alpha, beta, bridge)
    question = await bridging.ask(alpha, bridge.ann, meeting)
    far = await _stranger(alpha, wire)
    note = far.note("<p>What about me then?</p>", inReplyTo=meeting.uri)
    article = far.note(
        "<p>Nonsense</p>", by=_guild(far), type="Article", name="Nonsense", context=meeting.uri
    )
    await far.says(alpha, far.activity("Create", note))
    await far.says(alpha, far.activity("Like", question.uri, target=meeting.uri))
    await far.says(alpha, far.activity("Delete", question.uri))
    await far.says(alpha, far.activity("Create", article, by=_guild(far)), by=_guild(far))
    await settle(alpha)
    assert await bridging.votes(alpha, meeting) == [("How deep is it?", 0)]
    assert await alpha.value("select count(*) from lessons") == 0
    verdicts = "select count(*) from activities where direction = 'in' and state = 'refused'"
    assert await alpha.value(verdicts) >= 4


async def test_the_asking_end_cannot_agree_to_its_own_question(alpha: City, wire: Wire) -> None:
    far = await _stranger(alpha, wire)
    await far.says(alpha, _offer(far, alpha.instance.addresses.city), by=_guild(far))
    await settle(alpha)
    named = {"id": f"{far.origin}/pacts/1", "type": "Pact"}
    await far.says(alpha, far.activity("Accept", named, by=_guild(far)), by=_guild(far))
    await settle(alpha)
    assert await alpha.value("select state from pacts") == "asked"


async def test_one_group_does_not_move_a_date_of_another_of_its_server(
    alpha: City, beta: City, wire: Wire
) -> None:
    far = await _stranger(alpha, wire)
    other = far.add_actor("rivals", "Group")
    await far.says(alpha, _offer(far, alpha.instance.addresses.city), by=_guild(far))
    await settle(alpha)
    await alpha.execute("update pacts set state = 'agreed', agreed_at = now()")
    event = far.note(
        type="Event",
        by=_guild(far),
        name="Bread",
        bridge=f"{far.origin}/pacts/1",
        startTime="2027-01-01T10:00:00Z",
        endTime="2027-01-01T11:00:00Z",
        edition=1,
    )
    await far.says(alpha, far.activity("Create", event, by=_guild(far)), by=_guild(far))
    stolen = {**event, "attributedTo": other, "name": "Stolen", "edition": 9}
    await far.says(alpha, far.activity("Update", stolen, by=other), by=other)
    old = {**event, "name": "Old", "edition": 0}
    await far.says(alpha, far.activity("Update", old, by=_guild(far)), by=_guild(far))
    await settle(alpha)
    assert await alpha.value("select title from meetings") == "Bread"


async def test_words_from_elsewhere_are_cleaned(alpha: City, wire: Wire) -> None:
    far = await _stranger(alpha, wire)
    offer = _offer(
        far,
        alpha.instance.addresses.city,
        name="Our\u202e  bread",
        content="<p>Hi<script>alert(1)</script></p>",
        topics=["a" * 500, 7, ""],
    )
    await far.says(alpha, offer, by=_guild(far))
    await settle(alpha)
    assert await alpha.value("select title from pacts") == "Our bread"
    assert await alpha.value("select aim from pacts") == "<p>Hi</p>"
    assert await alpha.value("select topics[1] from pacts") == "a" * 60
