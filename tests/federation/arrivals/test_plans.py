"""Plans of other cities' projects, and people elsewhere who take tasks of ours."""

from dataclasses import dataclass
from typing import Any

from federation import discover
from federation.acts import plans as acts
from federation.acts import project_needs as need_acts
from schema import database, plans, project_needs, projects
from schema.actors import Actor
from schema.plans import Task, TaskLine
from schema.projects import Project
from tests import make
from tests.peer import PUBLIC, Peer, befriend
from tests.world import City, Wire, fast_forward, settle


async def the_project(city: City, home: Project) -> Project | None:
    """As this city knows it."""
    async with city.instance.read() as conn:
        return await projects.find_by_plan(conn, home.plan_uri)


async def the_task(city: City, task: Task) -> Task:
    async with city.instance.read() as conn:
        found = await plans.find_task(conn, task.uri)
        assert found is not None
        return found


async def lines(city: City, home: Project, viewer: Actor | None = None) -> list[TaskLine]:
    found = await the_project(city, home)
    assert found is not None
    async with city.instance.read() as conn:
        ask = plans.ask_lines(found.community_id, viewer.id if viewer else None)
        return await database.answer(conn, ask)


async def state(city: City, home: Project) -> list[tuple[str, str, str]]:
    """Name, state and owner of each task."""
    return [(line.name, line.state, line.owner_uri) for line in await lines(city, home)]


async def take(city: City, by: Actor, task: Task) -> None:
    mine = await the_task(city, task)
    async with city.instance.begin() as tx:
        await acts.take(tx, by=by, task=mine)


async def give_back(city: City, by: Actor, task: Task) -> None:
    mine = await the_task(city, task)
    async with city.instance.begin() as tx:
        await acts.give_back(tx, by=by, task=mine)


async def finish(city: City, by: Actor, task: Task) -> None:
    mine = await the_task(city, task)
    async with city.instance.begin() as tx:
        await acts.finish(tx, by=by, task=mine)


@dataclass(slots=True)
class Scene:
    """A project of ann's in alpha with one open task; ben lives in beta."""

    ann: Actor
    ben: Actor
    project: Project
    task: Task


async def begin(alpha: City, beta: City) -> Scene:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    project = await make.a_project(alpha, ann)
    task = await make.a_task(alpha, ann, project)
    await settle(alpha, beta)
    return Scene(ann, ben, project, task)


async def test_a_neighbour_city_sees_a_project_with_its_plan(alpha: City, beta: City) -> None:
    scene = await begin(alpha, beta)
    known = await the_project(beta, scene.project)
    assert known is not None
    assert await state(beta, scene.project) == [("Dig", "open", "")]
    assert known.edition == await alpha.value("select edition from projects")


async def test_somebody_of_another_city_takes_a_task_gives_it_back_and_does_it(
    alpha: City, beta: City
) -> None:
    scene = await begin(alpha, beta)
    await take(beta, scene.ben, scene.task)
    assert (await lines(beta, scene.project, scene.ben))[0].answer == "asked"
    await settle(alpha, beta)
    taken = [("Dig", "taken", scene.ben.uri)]
    assert await state(alpha, scene.project) == taken
    assert await state(beta, scene.project) == taken
    assert (await lines(beta, scene.project, scene.ben))[0].answer == "accepted"
    await give_back(beta, scene.ben, scene.task)
    await settle(alpha, beta)
    assert await state(alpha, scene.project) == [("Dig", "open", "")]
    assert await state(beta, scene.project) == [("Dig", "open", "")]
    await take(beta, scene.ben, scene.task)
    await settle(alpha, beta)
    await finish(beta, scene.ben, scene.task)
    await settle(alpha, beta)
    done = [("Dig", "done", scene.ben.uri)]
    assert await state(alpha, scene.project) == done
    assert await state(beta, scene.project) == done
    finished = "select finished from processes"
    assert await alpha.value(finished) and await beta.value(finished)


async def test_of_two_cities_one_gets_the_task_and_the_other_a_reject(
    alpha: City, beta: City, gamma: City
) -> None:
    scene = await begin(alpha, beta)
    await settle(alpha, beta, gamma)
    eve = await make.a_person(gamma, "eve")
    await take(beta, scene.ben, scene.task)
    await take(gamma, eve, scene.task)
    await settle(alpha, beta, gamma)
    found = await state(alpha, scene.project)
    assert found[0][1] == "taken"
    assert await state(beta, scene.project) == found == await state(gamma, scene.project)
    answers = {
        scene.ben.uri: (await lines(beta, scene.project, scene.ben))[0],
        eve.uri: (await lines(gamma, scene.project, eve))[0],
    }
    winner = answers.pop(found[0][2])
    (loser,) = answers.values()
    assert (winner.answer, loser.answer) == ("accepted", "refused")
    assert loser.reason == acts.TOO_LATE
    told = "select count(*) from notices where kind = 'task.refused'"
    assert await beta.value(told) + await gamma.value(told) == 1


async def test_the_plan_converges_over_a_wire_that_doubles_reverses_and_is_cut(
    alpha: City, beta: City, wire: Wire
) -> None:
    scene = await begin(alpha, beta)
    wire.double = True
    await take(beta, scene.ben, scene.task)
    await settle(alpha, beta)
    more = [await make.a_task(alpha, scene.ann, scene.project, name) for name in ("Line", "Fill")]
    await settle(alpha, beta)
    wire.hold()
    async with alpha.instance.begin() as tx:
        await acts.take(tx, by=scene.ann, task=more[0])
    await settle(alpha, beta)
    await finish(alpha, scene.ann, more[0])
    await settle(alpha, beta)
    await give_back(beta, scene.ben, scene.task)
    await settle(alpha, beta)
    wire.keep_doubles(2)
    await wire.release()
    await settle(alpha, beta)
    wire.cut(beta.host)
    await take(alpha, scene.ann, more[1])
    await settle(alpha, beta)
    wire.mend(beta.host)
    await fast_forward(alpha)
    await fast_forward(beta)
    await settle(alpha, beta)
    expected = [
        ("Dig", "open", ""),
        ("Line", "done", scene.ann.uri),
        ("Fill", "taken", scene.ann.uri),
    ]
    assert await state(alpha, scene.project) == expected
    assert await state(beta, scene.project) == expected
    query = "select edition from projects"
    assert await alpha.value(query) == await beta.value(query)


async def test_an_offer_that_was_taken_back_before_it_came_takes_nothing(
    alpha: City, beta: City, wire: Wire
) -> None:
    scene = await begin(alpha, beta)
    wire.hold()
    await take(beta, scene.ben, scene.task)
    await settle(alpha, beta)
    await give_back(beta, scene.ben, scene.task)
    await settle(alpha, beta)
    await wire.release()  # the Undo comes first
    await settle(alpha, beta)
    assert await state(alpha, scene.project) == [("Dig", "open", "")]
    await take(beta, scene.ben, scene.task)
    await settle(alpha, beta)
    assert await state(alpha, scene.project) == [("Dig", "taken", scene.ben.uri)]


async def test_only_members_take_tasks_where_joining_needs_approval(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    project = await make.a_project(alpha, ann, join_rule="approval")
    task = await make.a_task(alpha, ann, project)
    await settle(alpha, beta)
    peer = Peer("odd.test", alpha.wire).start()
    await befriend(alpha, peer)
    await peer.says(alpha, an_offer(peer, task.uri, project.plan_uri))
    await settle(alpha, beta)
    assert await state(alpha, project) == [("Dig", "open", "")]
    assert [said["type"] for said in peer.heard if said["type"] != "Announce"] == ["Reject"]
    assert ben.is_local


def an_offer(peer: Peer, task: str, group: str, **more: Any) -> dict[str, Any]:
    commitment = {
        "type": "Commitment",
        "action": "work",
        "satisfies": task,
        "provider": peer.pat,
        "receiver": group,
        **more,
    }
    return peer.activity("Offer", commitment, to=[group])


async def test_a_stranger_of_another_make_takes_a_task_by_offer_or_by_create(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    project = await make.a_project(alpha, ann)
    one, two = [await make.a_task(alpha, ann, project, name) for name in ("Dig", "Fill")]
    peer = Peer("odd.test", alpha.wire).start()
    await befriend(alpha, peer)
    await peer.says(alpha, an_offer(peer, one.uri, project.plan_uri))
    commitment = {
        "id": f"{peer.origin}/commitments/1",
        "type": "Commitment",
        "attributedTo": peer.pat,
        "action": "work",
        "satisfies": two.uri,
    }
    await peer.says(alpha, peer.activity("Create", commitment))
    await settle(alpha)
    assert await state(alpha, project) == [("Dig", "taken", peer.pat), ("Fill", "taken", peer.pat)]
    event = {
        "id": f"{peer.origin}/events/1",
        "type": "EconomicEvent",
        "attributedTo": peer.pat,
        "action": "work",
        "fulfills": two.uri,
        "finished": True,
    }
    await peer.says(alpha, peer.activity("Create", event))
    await settle(alpha)
    assert (await state(alpha, project))[1] == ("Fill", "done", peer.pat)
    answers = [said["type"] for said in peer.heard if said["type"] in ("Accept", "Reject")]
    assert answers == ["Accept"] * 3


async def test_nobody_takes_a_task_in_the_name_of_another(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    project = await make.a_project(alpha, ann)
    task = await make.a_task(alpha, ann, project)
    peer = Peer("odd.test", alpha.wire).start()
    await befriend(alpha, peer)
    await peer.says(alpha, an_offer(peer, task.uri, project.plan_uri, provider=ann.uri))
    await settle(alpha)
    assert await state(alpha, project) == [("Dig", "open", "")]
    await peer.says(alpha, an_offer(peer, task.uri, project.plan_uri))
    await settle(alpha)
    assert await state(alpha, project) == [("Dig", "taken", peer.pat)]


async def test_a_stranger_gives_nothing_back_and_finishes_nothing_of_others(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    project = await make.a_project(alpha, ann)
    task = await make.a_task(alpha, ann, project)
    async with alpha.instance.begin() as tx:
        await acts.take(tx, by=ann, task=task)
    peer = Peer("odd.test", alpha.wire).start()
    await befriend(alpha, peer)
    offer = an_offer(peer, task.uri, project.plan_uri)
    await peer.says(alpha, offer)
    await settle(alpha)
    await peer.says(alpha, peer.activity("Undo", offer))
    event = {
        "id": f"{peer.origin}/events/1",
        "type": "EconomicEvent",
        "attributedTo": peer.pat,
        "action": "work",
        "fulfills": task.uri,
        "finished": True,
    }
    await peer.says(alpha, peer.activity("Create", event))
    await settle(alpha)
    assert await state(alpha, project) == [("Dig", "taken", ann.uri)]
    answers = [said["type"] for said in peer.heard if said["type"] in ("Accept", "Reject")]
    assert answers == ["Reject", "Reject"]


async def test_an_offer_that_is_brought_again_takes_nothing_again(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    project = await make.a_project(alpha, ann)
    task = await make.a_task(alpha, ann, project)
    peer = Peer("odd.test", alpha.wire).start()
    await befriend(alpha, peer)
    offer = an_offer(peer, task.uri, project.plan_uri)
    await peer.says(alpha, offer)
    await settle(alpha)
    await peer.says(alpha, peer.activity("Undo", offer))
    await settle(alpha)
    assert await state(alpha, project) == [("Dig", "open", "")]
    await peer.says(alpha, offer)
    await settle(alpha)
    assert await state(alpha, project) == [("Dig", "open", "")]


def a_plan(peer: Peer, group: str, edition: int, name: str = "Dig", **more: Any) -> dict[str, Any]:
    plan = f"{peer.origin}/plans/1"
    return {
        "id": plan,
        "type": "Plan",
        "attributedTo": group,
        "name": "PROJECT: cistern",
        "content": "<p>A cistern.</p>",
        "to": [PUBLIC],
        "edition": edition,
        "planIncludes": [
            {
                "type": "Process",
                "id": f"{plan}#1",
                "name": name,
                "hasInput": [
                    {"type": "Intent", "id": f"{plan}#t1", "action": "work", "name": name},
                    {
                        "type": "Intent",
                        "id": f"{plan}#n1",
                        "action": "consume",
                        "name": "Gravel",
                        "resourceQuantity": {"hasUnit": "kilogram", "hasNumericalValue": "5"},
                    },
                ],
            }
        ],
        **more,
    }


async def test_a_plan_of_another_make_is_read_and_an_older_edition_changes_nothing(
    beta: City,
) -> None:
    peer = Peer("odd.test", beta.wire).start()
    await befriend(beta, peer)
    group = peer.add_actor("cistern", "Group")
    await peer.says(beta, peer.activity("Create", a_plan(peer, group, 2), by=group), by=group)
    await settle(beta)
    task = "select name from tasks"
    need = "select name || ' ' || quantity || ' ' || unit from project_needs"
    assert await beta.value(task) == "Dig"
    assert await beta.value(need) == "Gravel 5.000 kg"
    old = a_plan(peer, group, 1, "Old")
    await peer.says(beta, peer.activity("Update", old, by=group), by=group)
    await settle(beta)
    assert await beta.value(task) == "Dig"
    new = a_plan(peer, group, 3, "New")
    await peer.says(beta, peer.activity("Update", new, by=group), by=group)
    await settle(beta)
    assert await beta.value(task) == "New"


async def test_nobody_but_the_project_changes_its_plan(alpha: City, beta: City) -> None:
    scene = await begin(alpha, beta)
    peer = Peer("odd.test", beta.wire).start()
    await befriend(beta, peer)
    group = peer.add_actor("thief", "Group")
    stolen = {**a_plan(peer, group, 99, "Stolen"), "id": scene.project.plan_uri}
    await peer.says(beta, peer.activity("Update", stolen, by=group), by=group)
    person = a_plan(peer, peer.pat, 99, "Stolen")
    await peer.says(beta, peer.activity("Create", person))
    other = a_plan(peer, group, 99, "Stolen")
    other["planIncludes"][0]["hasInput"][0]["id"] = scene.task.uri
    await peer.says(beta, peer.activity("Create", other, by=group), by=group)
    await settle(alpha, beta)
    assert await beta.value("select count(*) from projects") == 1
    assert await state(beta, scene.project) == [("Dig", "open", "")]
    good = a_plan(peer, group, 1)
    await peer.says(beta, peer.activity("Create", good, by=group), by=group)
    await settle(beta)
    assert await beta.value("select count(*) from projects") == 2


async def test_a_second_group_of_the_same_server_takes_no_plan_over(beta: City) -> None:
    peer = Peer("odd.test", beta.wire).start()
    await befriend(beta, peer)
    one, two = peer.add_actor("one", "Group"), peer.add_actor("two", "Group")
    await peer.says(beta, peer.activity("Create", a_plan(peer, one, 1), by=one), by=one)
    await settle(beta)
    taken = a_plan(peer, two, 9, "Stolen")
    await peer.says(beta, peer.activity("Update", taken, by=two), by=two)
    await settle(beta)
    assert await beta.value("select name from tasks") == "Dig"


async def test_a_city_that_links_later_gets_the_projects_of_its_neighbour(
    alpha: City, beta: City
) -> None:
    scene = await begin(alpha, beta)
    await beta.execute("delete from projects")
    assert await discover.discover(beta.instance, alpha.origin) == 1
    assert await state(beta, scene.project) == [("Dig", "open", "")]
    assert await discover.discover(beta.instance, alpha.origin) == 0
    listed = (await alpha.document("/city/projects?page=first")).json()["orderedItems"]
    assert listed == [scene.project.plan_uri]


async def test_a_hidden_project_is_for_its_members_alone(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    project = await make.a_project(alpha, ann, "secret", "hidden")
    await make.a_task(alpha, ann, project)
    await settle(alpha, beta)
    assert await the_project(beta, project) is None
    assert not any(b"/projects/secret" in passed.body for passed in alpha.wire.log)
    assert (await alpha.document("/projects/secret")).status_code == 404
    assert (await alpha.document("/city/projects")).json()["totalItems"] == 0


async def test_needs_of_a_project_are_ordinary_needs_and_known_in_both_cities(
    alpha: City, beta: City
) -> None:
    scene = await begin(alpha, beta)
    async with alpha.instance.begin() as tx:
        draft = need_acts.NeedDraft("Gravel", process_id=scene.task.process_id)
        need = await need_acts.add(tx, by=scene.ann, project=scene.project, draft=draft)
        count = await need_acts.publish(tx, by=scene.ann, project=scene.project, needs=[need, need])
    assert count == 1
    await settle(alpha, beta)
    there = await the_project(beta, scene.project)
    assert there is not None
    async with beta.instance.read() as conn:
        found = await database.answer(conn, project_needs.ask_lines(there.community_id))
    assert [(line.name, line.proposal_state) for line in found] == [("Gravel", "open")]
    served = (await alpha.document(found[0].proposal_uri.removeprefix(alpha.origin))).json()
    process = await alpha.value("select uri from processes")
    assert served["publishes"]["inputOf"] == process
