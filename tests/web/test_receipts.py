"""Where something has arrived, for its author; and how it stands with another city, for admins."""

from tests import make, talk
from tests.world import City, settle

ONE = "/admin/cities/beta.test"


async def test_an_author_sees_where_a_listing_has_arrived(
    alpha: City, beta: City, gamma: City
) -> None:
    ann, eve = await make.a_person(alpha, "ann"), await make.a_person(alpha, "eve")
    alpha.wire.cut(gamma.host)
    ladder = await make.a_proposal(alpha, ann, "A ladder")
    await settle(alpha, beta)
    async with await make.log_in(alpha, ann) as browser:
        page = (await browser.get(ladder.url)).text
    assert "1 Ort hat es, andere warten noch" in page
    assert "Angekommen in" in page and "Wartet noch" in page
    assert "Das siehst nur du." in page
    async with await make.log_in(alpha, eve) as browser:
        assert "Angekommen in" not in (await browser.get(ladder.url)).text
    assert "Angekommen in" not in (await alpha.get(ladder.url)).text
    alpha.wire.mend(gamma.host)
    await alpha.execute("update deliveries set next_at = now() where state = 'due'")
    await alpha.execute("update peers set next_at = now()")
    await settle(alpha, beta, gamma)
    async with await make.log_in(alpha, ann) as browser:
        assert "2 Orte haben es" in (await browser.get(ladder.url)).text


async def test_an_author_sees_where_a_post_has_arrived(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    await talk.join(beta, await make.a_person(beta, "ben"), garden, alpha)
    post = await talk.start(alpha, ann, garden, "Who comes?")
    await settle(alpha, beta)
    async with await make.log_in(alpha, ann) as browser:
        assert "1 Ort hat es" in (await browser.get(f"/posts/{post.id}")).text


async def test_what_never_left_has_no_receipts(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    made = await make.a_proposal(alpha, ann, "A ladder", scope="city")
    async with await make.log_in(alpha, ann) as browser:
        assert "Angekommen in" not in (await browser.get(made.url)).text


async def test_an_admin_sees_why_things_did_not_arrive(alpha: City, beta: City) -> None:
    ann, admin = await make.a_person(alpha, "ann"), await make.an_admin(alpha)
    alpha.wire.cut(beta.host)
    await make.a_proposal(alpha, ann, "A ladder")
    await settle(alpha)
    async with await make.log_in(alpha, admin) as browser:
        page = (await browser.get(ONE)).text
    assert "Warum etwas nicht angekommen ist" in page and "beta.test is not there" in page


async def test_machines_see_how_each_neighbour_stands(alpha: City, beta: City) -> None:
    lines = (await alpha.get("/metrics")).text
    for name in ("oldest_seconds", "heard_seconds_ago", "sent_seconds_ago", "caught_up_total"):
        assert f'stadtnetz_peer_{name}{{peer="beta.test"}}' in lines
    assert "oldest waiting delivery: 0 s" in (await alpha.get("/readyz")).text
    await alpha.execute(
        "delete from schema_version where number = (select max(number) from schema_version)"
    )
    answer = await alpha.get("/readyz")
    assert answer.status_code == 503 and "older schema" in answer.text
