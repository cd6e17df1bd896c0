"""Notices: told, counted, linked, seen."""

from tests import make
from tests.world import City


async def test_notices_are_counted_shown_and_then_seen(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    await make.a_notice(alpha, ann, "mention", by=ben)
    await make.a_notice(alpha, ann, "role", text="moderator")
    async with await make.log_in(alpha, ann) as browser:
        assert '<span class="count" data-bell>2</span>' in (await browser.get("/about")).text
        page = (await browser.get("/notices")).text
        assert "Ben hat dich erwähnt." in page and "Moderation" in page
        assert "data-bell hidden" in (await browser.get("/about")).text
        assert "Ben hat dich erwähnt." in (await browser.get("/notices")).text


async def test_each_notice_leads_to_what_it_is_about(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ben)
    ladder = await make.a_proposal(alpha, ann)
    await make.a_notice(alpha, ann, "invited", by=ben, community=garden.actor_id)
    await make.a_notice(alpha, ann, "asked_to_join", by=ben, community=garden.actor_id)
    await make.a_notice(alpha, ann, "expiring", proposal=ladder.id)
    await make.a_notice(alpha, ann, "account", by=ben)
    async with await make.log_in(alpha, ann) as browser:
        page = (await browser.get("/notices")).text
    for path in (
        "/communities/garden",
        "/communities/garden/people",
        f"/offers/{ladder.id}",
        "/admin/people",
    ):
        assert f'href="{path}"' in page


async def test_every_kind_has_its_own_words(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann", locale="de")
    kinds = (
        "answer mention asked_to_join invited admitted refused role banned removed report "
        "report_done account city expiring"
    ).split()
    for kind in kinds:
        await make.a_notice(alpha, ann, kind)
    async with await make.log_in(alpha, ann) as browser:
        page = (await browser.get("/notices")).text
    assert page.count("<article") == len(kinds)
    assert "Es gibt Neues für dich." not in page


async def test_long_lists_have_pages(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    for number in range(35):
        await make.a_notice(alpha, ann, "removed", text=f"number {number}.")
    async with await make.log_in(alpha, ann) as browser:
        first = (await browser.get("/notices")).text
        assert "number 34." in first and "number 4." not in first
        older = first.split("/notices?before=")[1].split('"')[0]
        second = (await browser.get(f"/notices?before={older}")).text
        assert "number 4." in second and "number 34." not in second


async def test_nobody_reads_the_notices_of_others(alpha: City) -> None:
    ann, eve = await make.a_person(alpha, "ann"), await make.a_person(alpha, "eve")
    await make.a_notice(alpha, ann, "removed", text="a secret")
    async with await make.log_in(alpha, eve) as browser:
        assert "a secret" not in (await browser.get("/notices")).text
    assert await alpha.value("select seen_at is null from notices")
