"""The first steps: place, interests, giving, needing, communities; waiting for approval."""

from tests import make
from tests.world import City


async def step(city: City, name: str) -> int:
    return await city.value(
        "select welcome_step from accounts join actors on id = actor_id where name = %s", name
    )


async def test_a_newcomer_goes_through_all_steps(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        found = await browser.get("/welcome?q=kirchbach")
        assert "Kirchbach" in found.text
        value = found.text.split('name="place" value="')[1].split('"')[0]
        for number, data in enumerate(
            (
                {"place": value},
                {"interests": ["food", "grow", "tool"], "locale": "en"},
                {"tiles": ["food"], "text": "apples"},
                {"text": "a ladder"},
                {},
            ),
            start=1,
        ):
            answer = await browser.submit(f"/welcome/{number}", data)
            assert answer.status_code == 303, answer.text
            onward = f"/welcome?step={number + 1}" if number < 5 else "/needs"
            assert answer.headers["location"] == onward
    assert await step(alpha, "ann") == 0
    row = "select concat_ws('|', place_name, can, wants) from actors where name = 'ann'"
    assert (await alpha.value(row)).endswith("|apples, Food and drink|a ladder")
    assert await alpha.value("select interests from accounts") == ["food", "grow", "tool"]
    assert await alpha.value("select locale from accounts") == "en"


async def test_the_place_is_stored_roughly(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        found = await browser.get("/welcome?q=Graz")
        value = found.text.split('name="place" value="')[1].split('"')[0]
        await browser.submit("/welcome/1", {"place": value})
    stored = await alpha.value("select latitude || ',' || longitude from actors where name = 'ann'")
    assert stored != value
    assert [round(float(part)) for part in stored.split(",")] == [47, 15]


async def test_every_step_can_be_skipped(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        for number in range(1, 6):
            assert (await browser.get("/welcome")).status_code == 200
            assert (await browser.submit(f"/welcome/{number}/skip")).status_code == 303
        answer = await browser.client.get("/welcome")
        assert (answer.status_code, answer.headers["location"]) == (303, "/needs")
    assert await step(alpha, "ann") == 0


async def test_a_made_up_place_is_refused(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        for wrong in ("nowhere", "91,0", "nan,nan", "1e400,3"):
            assert (await browser.submit("/welcome/1", {"place": wrong})).status_code == 422
    assert await step(alpha, "ann") == 1


async def test_seven_interests_are_too_many(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    many = ["food", "grow", "energy", "water", "home", "build", "tool"]
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit("/welcome/2", {"interests": many})
    assert answer.status_code == 422
    assert "höchstens sechs" in answer.text


async def test_who_waits_for_approval_can_look_and_not_write(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    await make.a_community(alpha, ben)
    ladder = await make.a_proposal(alpha, ben, "A ladder", scope="everyone")
    await alpha.execute("update accounts set state = 'waiting' where actor_id = %s", ann.id)
    async with await make.log_in(alpha, ann) as browser:
        assert "Bitte warte ein wenig" in (await browser.get("/welcome")).text
        assert (await browser.get(f"/offers/{ladder.id}")).status_code == 200
        for path, data in (
            ("/me", {"title": "Ann", "about": "x"}),
            ("/welcome/3", {"text": "apples"}),
            ("/communities", {"title": "Ann's club"}),
            ("/communities/garden/membership", {}),
            ("/communities/garden/posts", {"title": "Hello", "source": "Hello"}),
            (f"/answers/{ladder.id}", {"source": "Mine!"}),
        ):
            answer = await browser.submit(path, data)
            assert answer.status_code == 403, f"{path} says {answer.status_code}"
        kept = await browser.submit("/new", {"title": "Apples", "kind": "offer"})
        assert kept.headers["location"] == "/welcome"  # the draft waits with them
    for table in ("activities where actor_id", "proposals where author_id"):
        assert await alpha.value(f"select count(*) from {table} = %s", ann.id) == 0
    assert await alpha.value("select count(*) from memberships where person_id = %s", ann.id) == 0
