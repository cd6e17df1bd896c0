"""A blueprint becomes a project here or in another city, and takes newer versions over."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from federation import resolve
from federation.acts import adoption, plans, project_needs, projects
from federation.acts.adoption import Recipe
from federation.acts.projects import Draft
from schema import adoptions, blueprints, ids
from schema import plans as stored_plans
from schema import project_needs as stored_needs
from schema.actors import Actor
from schema.blueprints import Blueprint, Line, Step, Version
from schema.errors import Forbidden, Invalid, Missing
from schema.projects import Project
from tests import make
from tests.schema.test_bills import a_line
from tests.world import City, settle


async def a_version(
    city: City,
    by: Actor,
    lines: Sequence[Line],
    steps: Sequence[Step],
    *,
    uri: str = "",
    number: int = 1,
    blueprint: Blueprint | None = None,
    **more: Any,
) -> Version:
    """Of a new blueprint, or the next of one; stored as it would come."""
    now, id = city.clock(), ids.new()
    row = blueprint or Blueprint(
        id=ids.new(),
        uri=uri.partition("/versions")[0] or f"{city.origin}/blueprints/{id}",
        author_id=by.id,
        community_id=None,
        scope=more.pop("scope", "everyone"),
        title="Village solar",
        purpose="Power from roofs.",
        category="energy.solar",
        language="de",
        license="CC-BY-4.0",
        latest_id=None,
        forked_from="",
        state=more.pop("state", "open"),
        removed_reason="",
        created=now,
        updated=now,
    )
    version = Version(
        id=id,
        blueprint_id=row.id,
        uri=uri or f"{row.uri}/versions/{number}",
        number=number,
        label="",
        title=row.title,
        purpose=row.purpose,
        source="",
        html="",
        hash=str(id),
        cost_low=None,
        cost_high=None,
        space="",
        season="",
        safety="",
        readiness=None,
        output="kWp",
        changes="",
        based_on="",
        extra="",
        created=now,
    )
    async with city.instance.begin() as tx:
        if blueprint is None:
            await blueprints.insert(tx.conn, row)
        await blueprints.insert_version(
            tx.conn,
            version,
            [replace(line, position=n) for n, line in enumerate(lines)],
            [replace(step, position=n) for n, step in enumerate(steps)],
        )
    return version


def step(key: str, *after: str, **more: Any) -> Step:
    row = Step(ids.new(), key, 0, key.title(), "", "", [], Decimal(6), None, list(after))
    return replace(row, **more)


LINES = [
    a_line("panel", "2", unit="piece", step_key="mount"),
    a_line("box", "1", unit="piece", scaling="fixed"),
    a_line("cable", "10", unit="m", scaling="step", step=Decimal(5), step_key="wire"),
    a_line("wood", "3", choice="frame"),
    a_line("steel", "3", choice="frame"),
    a_line("drill", None, unit="piece", kind="tool", step_key="mount"),
]
STEPS = [step("wire", "mount"), step("mount", people=2), step("test", "wire", role="Electrician")]


async def read(city: City, by: Actor, version: Version) -> Recipe:
    async with city.instance.begin() as tx:
        return await adoption.check_readable(tx, by, version.id)


async def adopt(city: City, by: Actor, version: Version, **more: Any) -> Project:
    draft = Draft("Solar in Kirchbach", name=more.pop("name", "solar"))
    async with city.instance.begin() as tx:
        recipe = await adoption.check_readable(tx, by, version.id)
        return await adoption.adopt(
            tx,
            by=by,
            recipe=recipe,
            draft=draft,
            scale=Decimal(12),
            keys=make.a_key_pair(),
            **more,
        )


async def needs_of(city: City, project: Project) -> dict[str, tuple[str, str]]:
    """Amount and state by line."""
    async with city.instance.read() as conn:
        found = await stored_needs.list_all(conn, project.community_id)
    return {
        need.line_key: (
            f"{need.quantity.normalize():f}" if need.quantity else "",
            "asked" if need.proposal_uri else "dropped" if need.dropped else "",
        )
        for need in found
    }


async def test_a_version_becomes_milestones_in_order_tasks_and_needs(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    version = await a_version(alpha, ann, LINES, STEPS)
    project = await adopt(alpha, ann, version, publish=["box", "cable"])
    async with alpha.instance.read() as conn:
        processes = await stored_plans.list_processes(conn, project.community_id)
        tasks = await stored_plans.list_tasks(conn, project.community_id)
        adopted = await adoptions.find(conn, f"{alpha.origin}/communities/solar")
    assert [process.name for process in processes] == ["Mount", "Wire", "Test"]
    assert [(task.name, task.hours) for task in tasks] == [
        ("Mount (1/2)", 3),
        ("Mount (2/2)", 3),
        ("Wire", 6),
        ("Test", 6),
    ]
    assert tasks[-1].role == "Electrician"
    assert await needs_of(alpha, project) == {
        "panel": ("24", ""),
        "box": ("1", "asked"),
        "cable": ("30", "asked"),
        "wood": ("36", ""),
        "steel": ("36", ""),
        "drill": ("", ""),
    }
    assert adopted is not None
    assert (adopted.version_id, adopted.scale, adopted.state) == (version.id, 12, "planned")
    assert (project.version_uri, project.output) == (version.uri, "kWp")
    assert await alpha.value("select count(*) from proposals where purpose = 'request'") == 2


async def test_steps_that_wait_for_each_other_are_said_and_nothing_is_made(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    version = await a_version(alpha, ann, LINES, [step("a", "b"), step("b", "a")])
    with pytest.raises(Invalid, match="circle"):
        await adopt(alpha, ann, version)
    assert await alpha.value("select count(*) from projects") == 0
    fine = await a_version(alpha, ann, LINES, STEPS)
    await adopt(alpha, ann, fine)
    assert await alpha.value("select count(*) from projects") == 1


async def test_a_blueprint_without_steps_becomes_a_project_with_one_milestone(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await adopt(alpha, ann, await a_version(alpha, ann, LINES, []))
    assert await alpha.value("select name from processes") == "Bauen"


async def test_what_is_not_for_them_nobody_adopts(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    gone = await a_version(alpha, ann, LINES, STEPS, state="withdrawn")
    with pytest.raises(Missing):
        await read(alpha, ben, gone)
    assert (await read(alpha, ann, gone)).version == gone


async def test_the_origin_hears_where_its_blueprint_is_built_and_how_far_it_is(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    version = await a_version(alpha, ann, LINES, STEPS)
    known = await resolve.actor(beta.instance, ann.uri)
    copy = await a_version(beta, known, LINES, STEPS, uri=version.uri)
    project = await adopt(beta, ben, copy)
    await settle(alpha, beta)
    group = f"{beta.origin}/communities/solar"
    to_origin = [p for p in beta.wire.log if p.url.startswith(alpha.origin) and p.body]
    assert any(ann.uri.encode() in passed.body for passed in to_origin)
    assert await alpha.value(_ADOPTED, group) == "planned 12"
    async with beta.instance.begin() as tx:
        await projects.set_state(tx, by=ben, project=project, state="built")
    await settle(alpha, beta)
    assert await alpha.value(_ADOPTED, group) == "built 12"
    assert await beta.value(_ADOPTED, group) == "built 12"


_ADOPTED = "select state || ' ' || trim_scale(scale) from adoptions where project_uri = %s"


async def test_a_newer_version_is_taken_over_and_what_was_met_stays(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    version = await a_version(alpha, ann, LINES, STEPS)
    project = await adopt(alpha, ann, version, publish=["panel", "box"])
    async with alpha.instance.begin() as tx:
        needs = await stored_needs.list_all(tx.conn, project.community_id)
        by_key = {need.line_key: need for need in needs}
        await project_needs.meet(tx, by=ann, need=by_key["cable"], amount=Decimal(12))
        await project_needs.meet(tx, by=ann, need=by_key["wood"])
        tasks = await stored_plans.list_tasks(tx.conn, project.community_id)
        await plans.take(tx, by=ben, task=tasks[0])
        await plans.finish(tx, by=ben, task=tasks[0])
    async with alpha.instance.read() as conn:
        blueprint = await blueprints.get(conn, version.blueprint_id)
    lines = [
        a_line("panel", "3", unit="piece", step_key="mount"),
        a_line("cable", "20", unit="m", scaling="step", step=Decimal(5), step_key="wire"),
        a_line("fuse", "1", unit="piece"),
    ]
    steps = [step("mount", title="Mount well"), step("wire", "mount"), step("check", "wire")]
    newer = await a_version(alpha, ann, lines, steps, blueprint=blueprint, number=2)
    recipe = await read(alpha, ann, newer)
    with pytest.raises(Forbidden):
        async with alpha.instance.begin() as tx:
            await adoption.take_over(tx, by=ben, project=project, recipe=recipe)
    async with alpha.instance.begin() as tx:
        changed = await adoption.take_over(tx, by=ann, project=project, recipe=recipe)
    assert changed.version_uri == newer.uri
    assert await needs_of(alpha, project) == {
        "panel": ("36", "asked"),
        "cable": ("60", ""),
        "fuse": ("12", ""),
        "wood": ("36", "dropped"),
    }
    async with alpha.instance.read() as conn:
        found = await stored_plans.list_tasks(conn, project.community_id)
        processes = await stored_plans.list_processes(conn, project.community_id)
        adopted = await adoptions.find(conn, f"{alpha.origin}/communities/solar")
    assert [process.name for process in processes] == ["Mount well", "Wire", "Check"]
    done = [(task.name, task.state) for task in found if task.state == "done"]
    assert done == [("Mount (1/2)", "done")]
    assert [task.name for task in found] == ["Mount (1/2)", "Wire", "Check"]
    assert adopted is not None and adopted.version_id == newer.id
    closed = "select state from proposals where title = 'box'"
    assert await alpha.value(closed) == "closed"
    assert await alpha.value("select met from project_needs where line_key = 'cable'") == 12


async def test_a_project_that_is_no_adoption_tells_no_lineage(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_project(alpha, ann)
    assert await alpha.value("select count(*) from adoptions") == 0
