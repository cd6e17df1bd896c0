"""The network page and the page of one neighbour city."""

from tests import make, talk
from tests.world import City, settle

PLACE = "insert into settings (key, value) values ('latitude', '47.06'), ('longitude', '16.32')"
LIES = "update actors set latitude = %s, longitude = %s, place_name = %s where uri = %s"


async def test_the_list_counts_what_came_and_says_when(alpha: City, beta: City) -> None:
    bob = await make.a_person(beta, "bob")
    await make.a_proposal(beta, bob, "A saw")
    await make.a_proposal(beta, bob, "Wood", purpose="request", until=beta.clock() + make.days(5))
    await make.a_community(beta, bob, "workshop")
    await settle(alpha, beta)
    await alpha.execute("update peers set last_heard = null where host = 'gamma.test'")
    page = (await alpha.get("/network")).text
    card = page.split("/network/beta.test")[1].split("</article>")[0]
    assert "1 × Bedarf" in card and "1 Angebot" in card and "1 Gemeinschaft" in card
    assert "Zuletzt" in card
    assert "Noch nichts gehört" in page.split("/network/gamma.test")[1].split("</article>")[0]


async def test_the_nearest_neighbour_comes_first_and_all_are_on_the_map(
    alpha: City, beta: City, gamma: City
) -> None:
    await alpha.execute(PLACE)
    alpha.instance.forget_settings()
    await alpha.execute(LIES, 48.2, 16.37, "Wien", "http://beta.test/city")
    await alpha.execute(LIES, 47.1, 16.3, "Nebenan", "http://gamma.test/city")
    page = (await alpha.get("/network")).text
    cards = page.split('class="cards"')[1]
    assert cards.index("gamma.test") < cards.index("beta.test")
    assert "130\xa0km" in cards or "130 km" in cards
    drawing = page.split("<svg", 1)[1].split("<figure")[-1].split("</figure>")[0]
    assert 'href="/network/beta.test"' in drawing and 'href="/network/gamma.test"' in drawing


async def test_names_on_the_map_are_escaped(alpha: City, beta: City) -> None:
    await alpha.execute(PLACE)
    alpha.instance.forget_settings()
    await alpha.execute(LIES, 48.2, 16.37, "Wien", "http://beta.test/city")
    await alpha.execute("update peers set title = '<b>Wien</b> & \"mehr\"'")
    page = (await alpha.get("/network")).text
    assert "<b>Wien</b>" not in page and "&lt;b&gt;Wien" in page


async def test_without_neighbours_it_says_so(alpha: City) -> None:
    await alpha.execute("update peers set link = 'known'")
    assert "Noch keine Nachbarn" in (await alpha.get("/network")).text
    async with await make.log_in(alpha, await make.an_admin(alpha)) as browser:
        assert 'href="/admin/cities"' in (await browser.get("/network")).text


async def test_a_city_page_shows_its_communities_and_newest_listings(
    alpha: City, beta: City, gamma: City
) -> None:
    bob, gil = await make.a_person(beta, "bob"), await make.a_person(gamma, "gil")
    await make.a_community(beta, bob, "workshop", title="The workshop")
    await make.a_proposal(beta, bob, "A saw")
    await make.a_proposal(gamma, gil, "A scythe")
    await settle(alpha, beta, gamma)
    page = (await alpha.get("/network/beta.test")).text
    assert "The workshop" in page and "A saw" in page and "A scythe" not in page
    assert "/membership" not in page  # a guest has no account to join with


async def test_a_resident_joins_a_community_there_in_two_taps(alpha: City, beta: City) -> None:
    ann, bob = await make.a_person(alpha, "ann"), await make.a_person(beta, "bob")
    workshop = await make.a_community(beta, bob, "workshop", title="The workshop")
    await settle(alpha, beta)
    async with await make.log_in(alpha, ann) as browser:
        first = (await browser.get("/network")).text
        assert 'href="/network/beta.test"' in first
        second = (await browser.get("/network/beta.test")).text
        action = second.split('<form method="post" action="/communities/')[1].split('"')[0]
        joined = await browser.submit(f"/communities/{action}")
        assert joined.status_code == 303
        assert "noch keine Antwort" in (await browser.get("/network/beta.test")).text
        await settle(alpha, beta)
        page = (await browser.get("/network/beta.test")).text
        assert "Du gehörst dazu." in page and "/membership" not in page
    members = "select members from communities where actor_id = %s"
    assert await beta.value(members, workshop.actor_id) == 2
    assert await talk.group_of(alpha, workshop)


async def test_only_neighbours_have_a_page(alpha: City, beta: City) -> None:
    assert (await alpha.get("/network/nobody.test")).status_code == 404
    assert (await alpha.get("/network/alpha.test")).status_code == 404
    await alpha.execute("update peers set link = 'asking' where host = 'beta.test'")
    assert (await alpha.get("/network/beta.test")).status_code == 404


async def test_a_resident_asks_for_news_but_not_without_end(alpha: City, beta: City) -> None:
    ann, bob = await make.a_person(alpha, "ann"), await make.a_person(beta, "bob")
    await beta.execute("update peers set publishes = false")
    await make.a_proposal(beta, bob, "A saw")
    await settle(alpha, beta)
    async with make.guest(alpha) as guest:
        answer = await guest.submit("/network/beta.test/look")
        assert answer.headers["location"].startswith("/login")
    async with await make.log_in(alpha, ann) as browser:
        assert "A saw" not in (await browser.get("/network/beta.test")).text
        assert (await browser.submit("/network/beta.test/look")).status_code == 303
        await alpha.instance.queue.run_worker_async(
            wait=False,
            install_signal_handlers=False,
            additional_context={"instance": alpha.instance},
        )
        assert "A saw" in (await browser.get("/network/beta.test")).text
        await browser.submit("/network/beta.test/look")
        assert (await browser.submit("/network/beta.test/look")).status_code == 429
        assert (await browser.submit("/network/nobody.test/look")).status_code == 404


async def test_a_pause_and_a_mute_are_said(alpha: City, beta: City) -> None:
    bob = await make.a_person(beta, "bob")
    await make.a_proposal(beta, bob, "A saw")
    await settle(alpha, beta)
    await alpha.execute("update peers set paused_at = now(), receives = false")
    page = (await alpha.get("/network/beta.test")).text
    assert "ruht gerade" in page and "zurzeit nicht gezeigt" in page and "A saw" not in page
