"""Exchange 4: the pages of circles: searching, answering, and what each may know."""

from federation import circles
from tests import make, rings
from tests.world import City


async def a_circle(city: City, *names: str) -> list[make.Browser]:
    """Residents who could give to each other; it is found and proposed."""
    people = [await make.a_person(city, name) for name in names]
    await rings.a_ring(*((city, person) for person in people))
    assert len(await rings.found(city)) == 1
    return [await make.log_in(city, person) for person in people]


async def path_of(city: City) -> str:
    return await city.value("select '/circles/' || id from circles")


async def test_three_residents_of_one_city_close_a_circle(alpha: City) -> None:
    ann, ben, cem = await a_circle(alpha, "ann", "ben", "cem")
    path = await path_of(alpha)
    for one in (ann, ben, cem):
        assert path in (await one.get("/circles")).text
        page = (await one.get(path)).text
        assert "Ein Tauschkreis zu 3 ist möglich" in page
        assert "Ich bin dabei" in page
        assert (await one.submit(f"{path}/answer", {"answer": "yes"})).status_code == 303
    page = (await ann.get(path)).text
    assert "Der Kreis ist geschlossen" in page
    assert page.count('href="/agreements/') == 2
    assert await alpha.value("select array_agg(state) from agreements") == ["agreed"] * 3
    left = await rings.left(alpha)
    assert left["offer Marillenmarmelade"] == (6, "open")
    assert left["request Marillenmarmelade"] == (0, "closed")
    for one in (ann, ben, cem):
        assert "Alle haben zum Tauschkreis Ja gesagt" in (await one.get("/notices")).text


async def test_what_is_called_off_afterwards_opens_offer_and_need_again(alpha: City) -> None:
    two = await a_circle(alpha, "ann", "ben")
    for one in two:
        await one.submit(f"{await path_of(alpha)}/answer", {"answer": "yes"})
    before = await rings.left(alpha)
    assert before["request Marillenmarmelade"] == (0, "closed")
    query = """select '/agreements/' || g.id from agreements g join proposals p
               on p.id = g.proposal_id where p.title = 'Marillenmarmelade'"""
    path = await alpha.value(query)
    answer = await two[0].submit(f"{path}/withdrawal", {"reason": "Verschimmelt."})
    assert answer.status_code == 303
    after = await rings.left(alpha)
    assert after["request Marillenmarmelade"] == (4, "open")
    assert after["offer Marillenmarmelade"] == (10, "open")
    assert after["offer Fahrrad reparieren"] == before["offer Fahrrad reparieren"] == (1, "open")


async def test_a_no_dissolves_it_and_nobody_reads_whose_it_was(alpha: City) -> None:
    ann, ben = await a_circle(alpha, "ann", "ben")
    starts, path = await rings.left(alpha), await path_of(alpha)
    await ann.submit(f"{path}/answer", {"answer": "yes"})
    assert await rings.left(alpha) != starts
    await ben.submit(f"{path}/answer", {"answer": "no"})
    assert await rings.left(alpha) == starts
    page = (await ann.get(path)).text
    assert "Bei jemandem passt es nicht" in page
    assert "Ich bin dabei" not in page
    assert (await ann.submit(f"{path}/answer", {"answer": "yes"})).status_code == 409


async def test_others_neither_see_nor_answer_it(alpha: City) -> None:
    await a_circle(alpha, "ann", "ben")
    dora = await make.log_in(alpha, await make.a_person(alpha, "dora"))
    path = await path_of(alpha)
    assert (await dora.get(path)).status_code == 404
    assert (await dora.submit(f"{path}/answer", {"answer": "no"})).status_code == 404
    assert await alpha.value("select state from circles") == "open"
    guest = make.guest(alpha)
    assert path not in (await guest.get("/circles")).text


async def test_a_coordinator_has_circles_with_members_searched_for(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    group = await make.a_community(alpha, ann, "garden")
    ben, lea = await make.a_person(alpha, "ben"), await make.a_person(alpha, "lea")
    await rings.a_ring((alpha, ann), (alpha, ben))
    browser = await make.log_in(alpha, ann)
    assert "Für Garden suchen" in (await browser.get("/circles")).text
    other = await make.log_in(alpha, lea)
    form = {"community": str(group.actor_id)}
    assert (await other.submit("/circles/search", form)).status_code == 403
    assert (await browser.submit("/circles/search", form)).status_code == 303
    task = "select task_name from procrastinate_jobs where task_name = 'find_circles'"
    assert await alpha.value(task) == "find_circles"
    await circles.on_demand(alpha.instance, f"{group.actor_id} {ann.id}")
    assert await alpha.value("select community_id from circles") == group.actor_id
    assert "Die Suche hat 1 Tauschkreis gefunden" in (await browser.get("/notices")).text


async def test_an_admin_joins_circles_with_a_neighbour_city(alpha: City, beta: City) -> None:
    browser = await make.log_in(alpha, await make.an_admin(alpha))
    page = (await browser.get(f"/admin/cities/{beta.host}")).text
    assert "Gemeinsame Tauschkreise" in page
    await browser.submit(
        f"/admin/cities/{beta.host}/switches", {"publishes": "1", "receives": "1", "circles": "1"}
    )
    query = "select circles from peers where origin = %s"
    assert await alpha.value(query, beta.origin) is True


async def test_the_form_says_which_offers_take_part(alpha: City) -> None:
    browser = await make.log_in(alpha, await make.a_person(alpha, "ann"))
    assert "auch bei Tauschkreisen dabei" in (await browser.get("/new?kind=offer")).text
