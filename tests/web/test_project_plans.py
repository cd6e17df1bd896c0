"""The plan of a project as its stewards change it."""

from decimal import Decimal

from federation.acts import agreements, project_needs, promises
from schema import proposals
from schema.agreements import Terms
from tests import make
from tests.make import Browser
from tests.world import City


async def test_a_steward_makes_a_plan_and_publishes_what_is_missing(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_project(alpha, ann)
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.get("/projects/cistern/plan")).status_code == 200
        await browser.submit("/projects/cistern/processes", {"milestone": "Graben"})
        process = await alpha.value("select id from processes")
        task = {"process": str(process), "task": "Loch graben", "hours": "1,5"}
        await browser.submit("/projects/cistern/tasks", task)
        need = {"need": "Kies", "amount": "5", "unit": "kg", "milestone_id": str(process)}
        await browser.submit("/projects/cistern/needs", need)
        id = await alpha.value("select id from project_needs")
        page = (await browser.get("/projects/cistern/plan")).text
        assert "Loch graben" in page and "Um das Fehlende bitten" in page
        done = await browser.submit("/projects/cistern/needs/publication", {"needs": [str(id)]})
        assert done.status_code == 303
        again = await browser.submit("/projects/cistern/needs/publication", {"needs": [str(id)]})
        assert again.status_code == 303
    listing = "select title || ' ' || quantity || unit || ' ' || purpose from proposals"
    assert await alpha.value(listing) == "Kies 5kg request"
    assert await alpha.value("select count(*) from proposals") == 1
    assert await alpha.value("select hours from tasks") == Decimal("1.5")


async def a_plan(alpha: City) -> tuple[Browser, Browser]:
    """Ann's and Ben's browsers; Ann leads."""
    ann = await make.a_person(alpha, "ann")
    project = await make.a_project(alpha, ann)
    task = await make.a_task(alpha, ann, project)
    async with alpha.instance.begin() as tx:
        draft = project_needs.NeedDraft("Kies", Decimal(5), "kg", process_id=task.process_id)
        await project_needs.add(tx, by=ann, project=project, draft=draft)
    ben = await make.a_person(alpha, "ben")
    return await make.log_in(alpha, ann), await make.log_in(alpha, ben)


async def test_nobody_else_changes_the_plan(alpha: City) -> None:
    ann, ben = await a_plan(alpha)
    task = await alpha.value("select id from tasks")
    need = await alpha.value("select id from project_needs")
    process = await alpha.value("select id from processes")
    paths = {
        "processes": {"milestone": "x"},
        "tasks": {"process": str(process), "task": "x"},
        "needs": {"need": "x"},
        "needs/publication": {"needs": [str(need)]},
        f"needs/{need}/met": {},
        f"needs/{need}/removal": {},
        f"tasks/{task}/day": {"due": "2027-01-01"},
        f"tasks/{task}/removal": {},
        f"processes/{process}/removal": {},
    }
    for path, data in paths.items():
        refused = await ben.submit(f"/projects/cistern/{path}", data)
        assert refused.status_code == 403, path
    for path, data in paths.items():
        allowed = await ann.submit(f"/projects/cistern/{path}", data)
        assert allowed.status_code == 303, path
    assert (await ben.get("/projects/cistern/plan")).status_code == 403


async def test_what_is_wrong_with_a_part_of_the_plan_is_said(alpha: City) -> None:
    ann, _ = await a_plan(alpha)
    process = await alpha.value("select id from processes")
    for path, data in (
        ("processes", {"milestone": "  "}),
        ("processes", {"milestone": "x", "starts": "2027-02-01", "ends": "2027-01-01"}),
        ("tasks", {"process": str(process), "task": " "}),
        ("tasks", {"process": str(process), "task": "x", "hours": "-1"}),
        ("needs", {"need": "x", "amount": "0"}),
        ("needs", {"need": "x", "unit": "furlong"}),
    ):
        wrong = await ann.submit(f"/projects/cistern/{path}", data)
        assert wrong.status_code == 422, (path, data)


async def test_a_milestone_with_a_taken_task_stays(alpha: City) -> None:
    ann, ben = await a_plan(alpha)
    task = await alpha.value("select id from tasks")
    process = await alpha.value("select id from processes")
    await ben.submit(f"/projects/cistern/tasks/{task}/taking")
    kept = await ann.submit(f"/projects/cistern/processes/{process}/removal")
    assert kept.status_code == 409


async def test_what_was_handed_over_by_agreement_counts_and_shows_as_given(alpha: City) -> None:
    ann, ben = await a_plan(alpha)
    id = await alpha.value("select id from project_needs")
    await ann.submit("/projects/cistern/needs/publication", {"needs": [str(id)]})
    await ben.submit("/communities/cistern/membership")
    listing = await alpha.value("select id from proposals")
    async with alpha.instance.begin() as tx:
        row = await proposals.get(tx.conn, listing)
        by = await make.actors.get(tx.conn, await alpha.value(_ID, "ben"))
        author = await make.actors.get(tx.conn, row.author_id)
        terms = Terms(Decimal(3), "kg", "open")
        deal = await agreements.ask(tx, by=by, proposal=row, terms=terms)
        deal = await agreements.accept(tx, by=author, agreement=deal)
        await project_needs.count(tx, listing)
    page = (await ben.get("/projects/cistern")).text
    assert "3\u00a0kg versprochen" in page
    async with alpha.instance.begin() as tx:
        await promises.confirm(tx, by=by, agreement=deal)
        await promises.confirm(tx, by=author, agreement=deal)
        await project_needs.count(tx, listing)
        await project_needs.count(tx, listing)
    page = (await ben.get("/projects/cistern")).text
    assert "3\u00a0kg davon sind da" in page
    assert "Ben hat „Kies“ gegeben." in page
    assert await alpha.value("select met from project_needs") == 3
    jobs = "select count(*) from procrastinate_jobs where task_name = 'count_gifts'"
    assert await alpha.value(jobs) >= 3


_ID = "select id from actors where name = %s"
