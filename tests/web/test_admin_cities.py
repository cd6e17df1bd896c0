"""Neighbour cities as admins see them."""

from collections.abc import AsyncGenerator

import pytest

from tests import make, talk
from tests.make import Browser
from tests.world import City, fast_forward, settle

ONE = "/admin/cities/beta.test"
ACTS = ("consent", "refusal", "parting", "switches", "block", "block-end", "retry")


@pytest.fixture
async def browser(alpha: City) -> AsyncGenerator[Browser]:
    """Of an admin of alpha."""
    async with await make.log_in(alpha, await make.an_admin(alpha)) as browser:
        yield browser


async def link(city: City, host: str = "beta.test") -> str:
    return await city.value("select link from peers where host = %s", host)


async def do_jobs(city: City) -> None:
    """What a worker would do next."""
    await city.instance.queue.run_worker_async(
        wait=False,
        install_signal_handlers=False,
        additional_context={"instance": city.instance},
    )


async def logged(city: City, act: str) -> int:
    return await city.value("select count(*) from admin_log where act = %s", act)


@pytest.mark.parametrize("act", ACTS)
async def test_residents_and_moderators_do_nothing_to_cities(alpha: City, act: str) -> None:
    ann = await make.a_person(alpha, "ann")
    for role in ("resident", "moderator"):
        await alpha.execute("update accounts set role = %s where actor_id = %s", role, ann.id)
        async with await make.log_in(alpha, ann) as browser:
            assert (await browser.submit(f"{ONE}/{act}", {"reason": "No."})).status_code == 403
            for path in ("/admin/cities", "/admin/cities-met"):
                answer = await browser.submit(path, {"address": "beta.test"})
                assert answer.status_code == 403
    assert await link(alpha) == "linked"


async def test_two_cities_part_and_link_again_by_address(
    alpha: City, beta: City, browser: Browser
) -> None:
    assert ONE in (await browser.get("/admin/cities")).text
    assert (await browser.submit(f"{ONE}/parting")).status_code == 303
    await settle(alpha, beta)
    assert await link(alpha) == await link(beta, "alpha.test") == "known"
    asked = await browser.submit("/admin/cities", {"address": "http://beta.test"})
    assert asked.headers["location"] == ONE
    await settle(alpha, beta)
    assert (await link(alpha), await link(beta, "alpha.test")) == ("asked", "asking")
    assert "noch keine Antwort" in (await browser.get(ONE)).text
    async with await make.log_in(beta, await make.an_admin(beta)) as other:
        page = (await other.get("/admin/cities")).text
        assert "/admin/cities/alpha.test/consent" in page
        await other.submit("/admin/cities/alpha.test/consent")
    await settle(alpha, beta)
    assert await link(alpha) == await link(beta, "alpha.test") == "linked"
    assert await logged(alpha, "part") == 1


async def test_a_refusal_is_remembered(alpha: City, beta: City, browser: Browser) -> None:
    await browser.submit(f"{ONE}/parting")
    await settle(alpha, beta)
    async with await make.log_in(beta, await make.an_admin(beta)) as other:
        for _ in range(2):
            await other.submit("/admin/cities", {"address": "http://alpha.test"})
            await settle(alpha, beta)
            if await link(alpha) == "asking":
                await browser.submit(f"{ONE}/refusal")
                await settle(alpha, beta)
            assert await link(alpha) == "refused"
    assert await logged(alpha, "refuse link") == 1
    assert "Wir haben diese Stadt abgelehnt" in (await browser.get(ONE)).text


async def test_an_address_without_a_city_is_explained(
    alpha: City, beta: City, browser: Browser
) -> None:
    for address, words in (
        ("http://nowhere.test", "antwortet gerade nicht"),
        ("http://alpha.test", "unsere eigene"),
        ("not an address", "keine Stadt"),
        ("http://beta.test", "schon Nachbarn"),
        ("", "Bitte fülle das aus"),
    ):
        answer = await browser.submit("/admin/cities", {"address": address})
        assert answer.status_code == 422, address
        assert words in answer.text, address


async def test_switches_say_what_flows(alpha: City, beta: City, browser: Browser) -> None:
    ann, bob = await make.a_person(alpha, "ann"), await make.a_person(beta, "bob")
    await browser.submit(f"{ONE}/switches", {})
    await make.a_proposal(alpha, ann, "A ladder")
    await make.a_proposal(beta, bob, "A saw")
    await settle(alpha, beta)
    assert "A ladder" not in (await beta.get("/offers")).text
    assert "A saw" not in (await alpha.get("/offers")).text
    await browser.submit(f"{ONE}/switches", {"publishes": "1", "receives": "1"})
    await do_jobs(alpha)
    assert "A saw" in (await alpha.get("/offers")).text
    await make.a_proposal(alpha, ann, "A hammer")
    await settle(alpha, beta)
    assert "A hammer" in (await beta.get("/offers")).text
    assert await logged(alpha, "switches") == 2


async def test_a_pause_keeps_everything_and_sends_it_at_its_end(
    alpha: City, beta: City, browser: Browser
) -> None:
    ann = await make.a_person(alpha, "ann")
    both = {"publishes": "1", "receives": "1"}
    await browser.submit(f"{ONE}/switches", both | {"paused": "1"})
    await make.a_proposal(alpha, ann, "A ladder")
    await settle(alpha, beta)
    assert "A ladder" not in (await beta.get("/offers")).text
    page = (await browser.get(ONE)).text
    assert "das Älteste seit" in page
    assert "ruht" in (await browser.get("/admin/cities")).text
    await browser.submit(f"{ONE}/switches", both)
    await settle(alpha, beta)
    assert "A ladder" in (await beta.get("/offers")).text


async def test_what_a_failing_city_waits_for_is_shown_and_tried_again(
    alpha: City, beta: City, browser: Browser
) -> None:
    ann = await make.a_person(alpha, "ann")
    alpha.wire.cut("beta.test")
    await make.a_proposal(alpha, ann, "A ladder")
    await settle(alpha, beta)
    page = (await browser.get(ONE)).text
    assert "Antwortet nicht" in page and "beta.test is not there" in page
    assert "antwortet nicht" in (await browser.get("/admin/cities")).text
    long_ago = "update deliveries set created = '2001-02-03' where id = %s"
    due = "select id from deliveries where state = 'due' order by id"
    await alpha.execute(long_ago, await alpha.value(due))
    await make.a_proposal(alpha, ann, "A saw")
    assert "2001" in (await browser.get(ONE)).text, "the oldest that waits"
    await alpha.execute("update deliveries set created = now()")
    alpha.wire.mend("beta.test")
    await settle(alpha, beta)
    assert "A ladder" not in (await beta.get("/offers")).text
    assert (await browser.submit(f"{ONE}/retry")).status_code == 303
    await settle(alpha, beta)
    assert "A ladder" in (await beta.get("/offers")).text
    assert "Antwortet nicht" not in (await browser.get(ONE)).text
    assert await logged(alpha, "try now") == 1


async def test_a_block_shows_first_what_it_cuts(
    alpha: City, beta: City, gamma: City, browser: Browser
) -> None:
    ann, bob = await make.a_person(alpha, "ann"), await make.a_person(beta, "bob")
    garden = await make.a_community(alpha, ann)
    await settle(alpha, beta, gamma)
    await talk.join(beta, bob, garden, alpha)
    await make.a_proposal(beta, bob, "A saw")
    await make.a_proposal(beta, bob, "A hammer")
    await settle(alpha, beta, gamma)
    page = (await browser.get(ONE)).text
    assert "1 Mitgliedschaft in einer Gemeinschaft" in page
    assert "2 × Bedarf oder Angebot von dort" in page
    assert (await browser.submit(f"{ONE}/block", {"reason": " "})).status_code == 422
    assert await link(alpha) == "linked"

    await browser.submit(f"{ONE}/block", {"reason": "They shout."})
    assert "They shout." in (await browser.get(ONE)).text
    assert "A saw" not in (await alpha.get("/offers")).text
    assert (await alpha.get("/network/beta.test")).status_code == 404
    assert await alpha.value("select members from communities where purpose <> ''") == 1
    await make.a_proposal(alpha, ann, "A ladder")
    await make.a_proposal(beta, bob, "A drill")
    await settle(alpha, beta, gamma)
    await fast_forward(alpha)
    await settle(alpha, beta, gamma)
    heard = [p for p in alpha.wire.log if "beta.test" in p.url and b"A ladder" in p.body]
    assert not heard
    assert "A ladder" in (await gamma.get("/offers")).text
    assert "A drill" not in (await alpha.get("/offers")).text
    assert {p.status for p in alpha.wire.log if p.url == "http://alpha.test/inbox"} >= {403}
    assert await logged(alpha, "block") == 1


async def test_after_a_block_two_cities_can_be_neighbours_again(
    alpha: City, beta: City, browser: Browser
) -> None:
    await browser.submit(f"{ONE}/block", {"reason": "A mistake."})
    await settle(alpha, beta)
    assert (await browser.submit("/admin/cities", {"address": "beta.test"})).status_code == 422
    assert (await browser.submit(f"{ONE}/block-end")).status_code == 303
    await settle(alpha, beta)
    assert await link(alpha) == await link(beta, "alpha.test") == "known"
    await browser.submit("/admin/cities", {"address": "http://beta.test"})
    await settle(alpha, beta)
    async with await make.log_in(beta, await make.an_admin(beta)) as other:
        await other.submit("/admin/cities/alpha.test/consent")
    await settle(alpha, beta)
    assert await link(alpha) == await link(beta, "alpha.test") == "linked"
    assert (await browser.submit(f"{ONE}/block-end")).status_code == 409


async def test_a_place_is_blocked_before_it_comes_with_its_sub_domains(
    alpha: City, browser: Browser
) -> None:
    met = await browser.submit("/admin/cities-met", {"address": "https://evil.example"})
    assert met.headers["location"].startswith("/admin/cities/evil.example")
    await browser.submit("/admin/cities-met", {"address": "https://much.evil.example"})
    await browser.submit("/admin/cities-met", {"address": "https://notevil.example"})
    assert "much.evil.example" in (await browser.get("/admin/cities/evil.example")).text
    await browser.submit("/admin/cities/evil.example/block", {"reason": "Known for it."})
    page = (await browser.get("/admin/cities")).text
    assert "Known for it." in page
    blocked = "select array_agg(host order by host) from peers where blocked_at is not null"
    assert await alpha.value(blocked) == ["evil.example", "much.evil.example"]
    await browser.submit("/admin/cities/evil.example/block-end")
    assert await alpha.value(blocked) is None


async def test_a_host_that_nobody_knows_is_a_404(alpha: City, browser: Browser) -> None:
    assert (await browser.get("/admin/cities/nobody.test")).status_code == 404
    assert (await browser.submit("/admin/cities/nobody.test/block-end")).status_code == 404
