"""The one-screen form for a need or an offer."""

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from federation.acts import moderation
from schema import ids
from schema.actors import Actor
from schema.communities import Community
from tests import make, talk
from tests.world import City

YEAR = timedelta(days=365)


async def row(city: City) -> dict[str, Any]:
    """The only listing there is."""
    found = await city.value("select to_jsonb(p) from proposals p")
    assert found is not None, "nothing was published"
    return found


async def test_a_need_in_a_minute(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        page = await browser.get("/new")
        assert page.status_code == 200 and page.text.count("<h1") == 1
        data = {"kind": "need", "title": "Zwei Kisten Tomaten", "quantity": "2", "unit": "crate"}
        answer = await browser.submit("/new", {**data, "until": "week", "return_kind": "hours"})
        assert answer.status_code == 303, answer.text
        shown = await browser.get(answer.headers["location"])
        assert "Zwei Kisten Tomaten" in shown.text and "Veröffentlicht." in shown.text
    made = await row(alpha)
    assert answer.headers["location"] == f"/needs/{made['id']}"
    assert (made["category"], made["quantity"], made["unit"]) == ("food.veg", 2, "crate")
    here = datetime.fromisoformat(made["until"]).astimezone(ZoneInfo("Europe/Vienna"))
    assert f"{here:%H:%M}" == "23:59"
    assert here.date() - alpha.clock().astimezone(here.tzinfo).date() == timedelta(days=7)


async def test_today_ends_at_midnight_of_the_place(alpha: City) -> None:
    alpha.clock.now = alpha.clock().replace(month=7, day=1, hour=22, minute=30) + YEAR
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        data = {"kind": "need", "title": "Milch", "quantity": "1", "until": "today"}
        answer = await browser.submit("/new", data)
        assert answer.status_code == 303, answer.text
        shown = (await browser.get(answer.headers["location"])).text
    until = datetime.fromisoformat((await row(alpha))["until"]).astimezone(UTC)
    assert (until.day, until.hour, until.minute) == (2, 21, 59)  # in Vienna it is the 2nd already
    assert "2. Juli" in shown


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"title": ""}, "f-title"),
        ({"title": "x" * 201}, "f-title"),
        ({"title": "Milch", "until": "standing"}, "Ein Bedarf hat ein Ende"),
        ({"title": "Milch", "until_day": "2001-01-01"}, "der noch kommt"),
        ({"title": "Milch", "quantity": "viele"}, "f-quantity"),
        ({"title": "Milch", "quantity": "0"}, "f-quantity"),
        ({"title": "Milch", "unit": "parsec"}, "f-unit"),
        ({"title": "Milch", "category": "no.such"}, "f-category"),
        ({"title": "Milch", "scope": "community"}, "f-community"),
        ({"title": "Milch", "scope": "galaxy"}, "f-scope"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_lost(
    alpha: City, data: dict[str, str], words: str
) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit("/new", {"kind": "need", "source": "Langer Text", **data})
    assert answer.status_code == 422
    assert words in answer.text and "Langer Text" in answer.text
    assert await alpha.value("select count(*) from proposals") == 0


async def test_numbers_may_have_a_german_comma(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        data = {"kind": "offer", "title": "Honig", "quantity": "1,5", "unit": "kg"}
        assert (await browser.submit("/new", data)).status_code == 303
    assert (await row(alpha))["quantity"] == 1.5


async def test_a_second_press_leads_to_the_same_listing(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        data = {"kind": "offer", "title": "Honig", "id": str(ids.new())}
        first, second = [await browser.submit("/new", data) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert await alpha.value("select count(*) from proposals") == 1


async def test_a_guest_writes_first_and_joins_then(alpha: City) -> None:
    async with make.guest(alpha) as guest:
        assert (await guest.get("/new")).status_code == 200
        data = {"kind": "offer", "title": "Honig vom Hof", "source": "Sehr gut.", "unit": "jar"}
        answer = await guest.submit("/new", data)
        assert (answer.status_code, answer.headers["location"]) == (303, "/join?next=/new")
        assert await alpha.value("select count(*) from proposals") == 0
        assert "/new" in (await guest.get("/offers")).text
        ann = await make.a_person(alpha, "ann")
        async with await make.log_in(alpha, ann) as own:
            own.client.cookies.set("draft", guest.client.cookies["draft"])
            page = await own.get("/new")
            assert 'value="Honig vom Hof"' in page.text and "Sehr gut." in page.text
            published = await own.submit("/new", data)
            assert published.status_code == 303
            assert "Honig vom Hof" not in (await own.get("/new")).text
    assert await alpha.value("select count(*) from drafts") == 0


async def test_who_waits_for_approval_keeps_the_draft_too(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await alpha.execute("update accounts set state = 'waiting' where actor_id = %s", ann.id)
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit("/new", {"kind": "offer", "title": "Honig"})
        assert answer.status_code == 303
        assert 'value="Honig"' in (await browser.get("/new")).text
    assert await alpha.value("select count(*) from proposals") == 0


async def test_drafts_of_guests_are_limited_and_swept(alpha: City) -> None:
    async with make.guest(alpha) as guest:
        codes = [
            (await guest.submit("/new", {"title": f"Nummer {n}"})).status_code for n in range(22)
        ]
    assert codes[0] == 303 and codes[-1] == 429


def a_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "green").save(out, "PNG")
    return out.getvalue()


async def test_a_picture_is_kept_with_its_words(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit(
            "/new",
            {"kind": "offer", "title": "Honig", "alt": "Ein Glas Honig"},
            files={"picture": ("honig.png", a_picture(), "image/png")},
        )
        page = await browser.get(answer.headers["location"])
        assert 'alt="Ein Glas Honig"' in page.text
        again = await browser.submit(
            "/new",
            {"kind": "offer", "title": "Honig"},
            files={"picture": ("honig.png", b"no picture at all", "image/png")},
        )
        assert again.status_code == 422 and "f-picture" in again.text


async def join_a_community(city: City, person: Actor) -> Any:
    return await make.a_community(city, person, "garden")


async def test_the_next_form_knows_place_community_and_circle(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await join_a_community(alpha, ann)
    async with await make.log_in(alpha, ann) as browser:
        page = (await browser.get("/new?community=garden&kind=offer")).text
        assert f'<option value="{garden.actor_id}" selected>' in page
        data = {"kind": "offer", "title": "Honig", "place_name": "Graz", "scope": "neighbours"}
        await browser.submit("/new", {**data, "community": str(garden.actor_id)})
        page = (await browser.get("/new")).text
    assert 'value="Graz"' in page
    assert f'<option value="{garden.actor_id}" selected>' in page
    assert 'name="scope" value="neighbours" checked' in page
    made = await row(alpha)
    assert (made["scope"], made["community_id"]) == ("neighbours", str(garden.actor_id))


async def test_a_title_points_to_a_category(alpha: City) -> None:
    assert "Gemüse" in (await alpha.get("/new/guess?title=Tomaten")).text
    assert (await alpha.get("/new/guess?title=%3Cb%3Exyz")).text == ""


async def test_the_author_changes_words_and_amount(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    made = await make.a_proposal(alpha, ann, "Honig", quantity=Decimal(20), unit="jar")
    edit = f"{made.url}/edit"
    async with await make.log_in(alpha, ann) as own, await make.log_in(alpha, ben) as other:
        page = (await own.get(edit)).text
        assert 'value="Honig"' in page and 'value="20"' in page
        data = {"title": "Honig im Glas", "quantity": "20", "unit": "jar", "available": "14"}
        assert (await own.submit(edit, data)).status_code == 303
        too_many = await own.submit(edit, {**data, "available": "21"})
        assert too_many.status_code == 422 and "f-available" in too_many.text
        assert (await other.get(edit)).status_code == 403
        assert (await other.submit(edit, data)).status_code == 403
    assert (await row(alpha))["available"] == 14


async def test_pictures_can_be_exchanged(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        files = {"picture": ("a.png", a_picture(), "image/png")}
        answer = await browser.submit("/new", {"kind": "offer", "title": "Honig"}, files=files)
        path = answer.headers["location"]
        first = await alpha.value("select media_id from attachments")
        assert str(first) in (await browser.get(f"{path}/edit")).text
        await browser.submit(f"{path}/edit", {"title": "Honig", "keep": str(first)})
        assert await alpha.value("select media_id from attachments") == first
        await browser.submit(f"{path}/edit", {"title": "Honig"}, files=files)
        assert await alpha.value("select count(*) from attachments") == 1
        assert await alpha.value("select media_id from attachments") != first


async def test_all_moderators_answer_for_what_is_offered_in_the_name_of_their_community(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    eve = await make.a_person(alpha, "eve")
    for person in (ben, eve):
        await talk.join(alpha, person, garden)
    async with alpha.instance.begin() as tx:
        await moderation.set_role(tx, by=ann, community=garden, person=ben, role="moderator")
    potatoes = {"kind": "offer", "title": "Kartoffeln", "quantity": "20", "unit": "kg"}
    named = {**potatoes, "until": "standing", "in_its_name": "1"}
    own = {**named, "community": str(garden.actor_id)}
    async with await make.log_in(alpha, eve) as browser:
        assert "in_its_name" not in (await browser.get("/new")).text
        for wrong in (named, own):
            refused = await browser.submit("/new", wrong)
            assert refused.status_code == 422 and "f-in_its_name" in refused.text
    async with await make.log_in(alpha, ann) as browser:
        assert "in_its_name" in (await browser.get("/new")).text
        made = await browser.submit("/new", own)
        url = made.headers["location"]
        assert "Das ist von deiner Gemeinschaft" in (await browser.get(url)).text
    async with await make.log_in(alpha, eve) as browser:
        shown = (await browser.get(url)).text
        assert "/people/garden" in shown and "Das ist von deiner" not in shown
        led = await browser.get("/people/garden")
        assert led.url.path == "/communities/garden"
        assert (await browser.get(f"{url}/edit")).status_code == 403
        asked = await browser.submit(f"{url}/asking", {"amount": "5", "words": "Am Freitag?"})
        deal = asked.headers["location"]
    for person in (ann, ben):
        assert [kind for kind, _ in await talk.told(alpha, person)].count("agreement.asked") == 1
    async with await make.log_in(alpha, ben) as browser:
        assert "für Garden" in (await browser.get("/agreements")).text
        assert "Du sprichst hier für Garden" in (await browser.get(deal)).text
        assert (await browser.submit(f"{deal}/acceptance", {})).status_code == 303
        changed = await browser.submit(f"{url}/edit", {**potatoes, "quantity": "30"})
        assert changed.status_code == 303
        assert (await row(alpha))["available"] == 25
        suspended = "update actors set suspended_until = now() + interval '9 days' where id = %s"
        await alpha.execute(suspended, ann.id)
        assert (await browser.submit(f"{url}/closing")).status_code == 303
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.get(deal)).status_code == 404
        assert (await browser.submit(f"{url}/withdrawal")).status_code == 403
    assert await alpha.value("select state from agreements") == "agreed"
    assert (await row(alpha))["state"] == "closed"
