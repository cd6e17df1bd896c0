"""Projects: the list, beginning one, its page, and what people do there."""

from datetime import date
from decimal import Decimal

from federation import deliver
from federation.acts import project_needs
from schema.actors import Actor
from schema.projects import Project
from tests import make
from tests.make import Browser
from tests.web.test_network import PLACE
from tests.world import City, settle


async def test_a_resident_begins_a_project_and_it_stands_among_communities_once(
    alpha: City,
) -> None:
    async with await make.log_in(alpha, await make.a_person(alpha, "ann")) as ann:
        begun = await ann.submit(
            "/projects", {"title": "Zisterne", "aim": "Regen *sammeln*.", "ends": "2027-05-01"}
        )
        assert begun.headers["location"] == "/projects/zisterne/plan"
        page = await ann.get("/projects/zisterne")
        assert "Es gibt noch keinen Plan." in page.text
        listed = (await ann.get("/communities")).text
        assert listed.count("Zisterne") == 1
        assert "/projects/zisterne" in listed and "Projekt" in listed
        assert "Zisterne" in (await ann.get("/projects")).text
        assert "Zisterne" not in (await ann.get("/projects?where=network")).text
        assert "Zisterne" not in (await ann.get("/projects?state=built")).text


async def test_a_project_needs_a_name_and_an_end_after_its_beginning(alpha: City) -> None:
    async with await make.log_in(alpha, await make.a_person(alpha, "ann")) as ann:
        wrong = await ann.submit(
            "/projects", {"title": "Zisterne", "starts": "2027-05-02", "ends": "2027-05-01"}
        )
        assert wrong.status_code == 422
        assert "Das Ende liegt vor dem Anfang." in wrong.text
    assert await alpha.value("select count(*) from projects") == 0


async def a_plan(alpha: City, ann: Actor) -> Project:
    project = await make.a_project(alpha, ann)
    task = await make.a_task(alpha, ann, project, hours=Decimal(6), due=date(2027, 5, 1))
    async with alpha.instance.begin() as tx:
        draft = project_needs.NeedDraft("Kies", Decimal(5), "kg", process_id=task.process_id)
        need = await project_needs.add(tx, by=ann, project=project, draft=draft)
        await project_needs.publish(tx, by=ann, project=project, needs=[need])
    return project


async def test_the_page_shows_what_is_missing_on_top(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await a_plan(alpha, ann)
    page = (await make.guest(alpha).get("/projects/cistern")).text
    missing = page[page.index("Was jetzt fehlt") : page.index("Der Plan")]
    assert "Dig" in missing and "Kies" in missing and "6\u00a0Stunden" in missing
    assert "Das kann ich geben" in missing
    assert "Das übernehme ich" not in page, "a guest has no buttons"
    board = (await make.guest(alpha).get("/projects/cistern?view=board")).text
    assert "Jemand macht es" in board


async def test_a_resident_takes_a_task_gives_it_back_and_does_it(alpha: City) -> None:
    await a_plan(alpha, await make.a_person(alpha, "ann"))
    ben = await make.a_person(alpha, "ben")
    id = await alpha.value("select id from tasks")
    async with await make.log_in(alpha, ben) as browser:
        assert "Das übernehme ich" in (await browser.get("/projects/cistern")).text
        assert await go(browser, f"/projects/cistern/tasks/{id}/taking") == 303
        page = (await browser.get("/projects/cistern")).text
        assert "Zurückgeben" in page and "Ben übernimmt „Dig“." in page
        assert await go(browser, f"/projects/cistern/tasks/{id}/return") == 303
        assert await alpha.value("select state from tasks") == "open"
        await go(browser, f"/projects/cistern/tasks/{id}/taking")
        await go(browser, f"/projects/cistern/tasks/{id}/end")
        assert "Ben hat „Dig“ erledigt." in (await browser.get("/projects/cistern")).text
    assert await alpha.value("select state from tasks") == "done"
    async with await make.log_in(alpha, await make.a_person(alpha, "eve")) as eve:
        late = await eve.submit(f"/projects/cistern/tasks/{id}/taking")
        assert late.status_code == 409
        assert "Jemand anders war schneller." in late.text


async def go(browser: Browser, path: str) -> int:
    return (await browser.submit(path)).status_code


async def test_a_task_is_found_under_its_own_project_only(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await a_plan(alpha, ann)
    await make.a_project(alpha, ann, "other")
    id = await alpha.value("select id from tasks")
    async with await make.log_in(alpha, ann) as browser:
        assert await go(browser, f"/projects/other/tasks/{id}/taking") == 404
        assert await go(browser, f"/projects/cistern/tasks/{id}/taking") == 303


async def a_neighbour(alpha: City, beta: City) -> tuple[Browser, str, str]:
    """ben of beta, who reads of ann's plan; with its path there and that of its task."""
    await a_plan(alpha, await make.a_person(alpha, "ann"))
    ben = await make.a_person(beta, "ben")
    await settle(alpha, beta)
    path = f"/projects/cistern@{alpha.host}"
    task = f"{path}/tasks/{await beta.value('select id from tasks')}"
    return await make.log_in(beta, ben), path, task


async def test_a_resident_of_another_city_takes_a_task_from_their_own_page(
    alpha: City, beta: City
) -> None:
    browser, path, task = await a_neighbour(alpha, beta)
    async with browser:
        listed = (await browser.get("/projects")).text
        assert path in listed
        page = (await browser.get(path)).text
        assert "Das kann ich geben" in page
        assert await go(browser, f"{task}/taking") == 303
        assert "Du hast darum gebeten." in (await browser.get(path)).text
        await settle(alpha, beta)
        assert "Ben übernimmt „Dig“." in (await browser.get(path)).text
    there = (await make.guest(alpha).get("/projects/cistern")).text
    assert "Ben übernimmt „Dig“." in there
    assert "ben@beta.test" in there


async def test_a_task_is_done_by_whom_the_plan_names_also_before_the_answer_to_their_wish_came(
    alpha: City, beta: City
) -> None:
    browser, path, task = await a_neighbour(alpha, beta)
    async with browser:
        await go(browser, f"{task}/taking")
        await deliver.deliver_due(beta.instance)
        alpha.wire.hold()
        await settle(alpha)
        late = [one for one in alpha.wire.held or () if b'"Accept"' in one[1].content]
        alpha.wire.held = [one for one in alpha.wire.held or () if one not in late]
        assert late and alpha.wire.held
        await alpha.wire.release()
        await settle(beta)
        page = (await browser.get(path)).text
        assert f"{task}/end" in page and f"{task}/return" in page
        assert "Du hast darum gebeten." not in page
        assert await go(browser, f"{task}/end") == 303
        assert "Du hast gesagt, dass es erledigt ist." in (await browser.get(path)).text
        alpha.wire.held = late
        await alpha.wire.release()
        await settle(alpha, beta)
        assert "Ben hat „Dig“ erledigt." in (await browser.get(path)).text


async def test_only_stewards_change_what_a_project_is(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await a_plan(alpha, ann)
    async with await make.log_in(alpha, await make.a_person(alpha, "ben")) as ben:
        assert (await ben.get("/projects/cistern/settings")).status_code == 403
        assert await go(ben, "/projects/cistern/settings") == 403
        refused = await ben.submit("/projects/cistern/state", {"state": "built"})
        assert refused.status_code == 403
    async with await make.log_in(alpha, ann) as browser:
        assert "cistern" in (await browser.get("/projects/cistern/settings")).text.lower()
        await browser.submit("/projects/cistern/settings", {"title": "Brunnen", "aim": "Wasser."})
        await browser.submit("/projects/cistern/state", {"state": "running"})
        page = (await browser.get("/projects/cistern")).text
        assert "Brunnen" in page and "Es wird gebaut." in page


async def test_days_of_the_plan_go_into_calendars(alpha: City) -> None:
    await a_plan(alpha, await make.a_person(alpha, "ann"))
    answer = await make.guest(alpha).get("/projects/cistern/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "DTSTART;VALUE=DATE:20270501" in answer.text
    assert all(len(line.encode()) <= 75 for line in answer.text.split("\r\n"))


async def test_a_hidden_project_is_not_there_for_strangers(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_project(alpha, ann, "secret", "hidden")
    assert (await make.guest(alpha).get("/projects/secret")).status_code == 404
    assert "Secret" not in (await make.guest(alpha).get("/projects")).text
    async with await make.log_in(alpha, ann) as browser:
        assert "Secret" in (await browser.get("/projects")).text
    await make.a_community(alpha, ann, "garden")
    assert (await make.guest(alpha).get("/projects/garden")).status_code == 404


async def test_projects_stand_on_a_map_by_place_and_where_people_think_of_moving(
    alpha: City,
) -> None:
    ann = await make.a_person(alpha, "ann")
    await alpha.execute(PLACE)
    await make.a_project(alpha, ann, place_name="Graz")
    guest = make.guest(alpha)
    page = (await guest.get("/projects")).text
    assert 'class="map"' in page and "/projects?place=Graz" in page
    assert "Cistern" in (await guest.get("/projects?place=Graz")).text
    assert "Cistern" not in (await guest.get("/projects?place=Linz")).text
    shown = (await guest.get("/live-here")).text
    assert "Was hier gebaut wird" in shown and "/projects/cistern" in shown
