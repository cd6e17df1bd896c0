"""What the place decides about itself."""

from typing import Any

from tests import make
from tests.world import City, settle

FORM: dict[str, Any] = {"name": "Kirchbach", "sign_up": "open", "federation": "listed"}


async def test_residents_decide_nothing(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        for path in ("/admin/settings", "/admin/settings/place", "/admin/rules"):
            assert (await browser.submit(path, {**FORM, "de": "x"})).status_code == 403
    assert await alpha.value("select count(*) from settings") == 0
    assert await alpha.value("select count(*) from terms") == 0


async def test_settings_are_stored_shown_and_told_to_the_neighbours(
    alpha: City, beta: City
) -> None:
    root = await make.an_admin(alpha)
    form = FORM | {
        "purpose_de": "Ein **gutes** Dorf.",
        "purpose_en": "A good village.",
        "operator": "The choir",
        "sign_up": "approval",
        "questions": "Why?\r\n\r\n  Since   when? \r\n",
    }
    async with await make.log_in(alpha, root) as browser:
        assert (await browser.submit("/admin/settings", form)).status_code == 303
        page = (await browser.get("/admin/settings")).text
        assert "Why?\nSince when?</textarea>" in page
    about = (await alpha.get("/about")).text
    assert "Über Kirchbach" in about and "<strong>gutes</strong>" in about
    assert "The choir" in about
    shown = (await alpha.document("/city")).json()
    assert shown["name"] == "Kirchbach" and "gutes" in shown["summary"]
    await settle(alpha, beta)
    title = "select title from actors where uri = %s"
    assert await beta.value(title, "http://alpha.test/city") == "Kirchbach"
    assert "Kirchbach" in (await beta.get("/network")).text


async def test_the_place_is_searched_chosen_and_shown_roughly(alpha: City, beta: City) -> None:
    root = await make.an_admin(alpha)
    async with await make.log_in(alpha, root) as browser:
        found = (await browser.get("/admin/settings/place?q=guessing")).text
        assert "Güssing" in found
        value = found.split('name="place" value="')[1].split('"')[0]
        assert (await browser.submit("/admin/settings/place", {"place": value})).status_code == 303
        nonsense = await browser.submit("/admin/settings/place", {"place": "nonsense"})
        assert nonsense.status_code == 422
        assert "Güssing" in (await browser.get("/admin/settings")).text
        # Other settings stay as they are, and the place stays when those change.
        await browser.submit("/admin/settings", FORM)
        assert "Güssing" in (await browser.get("/admin/settings")).text
    exact = [float(part) for part in value.split(",")]
    location = (await alpha.document("/city")).json()["location"]
    rough = [location["latitude"], location["longitude"]]
    assert location["name"] == "Güssing" and rough != exact
    assert all(abs(a - b) < 0.02 for a, b in zip(rough, exact, strict=True))
    await settle(alpha, beta)
    assert (
        await beta.value("select latitude from actors where uri = %s", "http://alpha.test/city")
        == rough[0]
    )


async def test_a_save_that_changes_nothing_tells_nobody(alpha: City) -> None:
    root = await make.an_admin(alpha)
    count = "select count(*) from activities where type = 'Update'"
    async with await make.log_in(alpha, root) as browser:
        await browser.submit("/admin/settings", FORM)
        before = await alpha.value(count)
        await browser.submit("/admin/settings", FORM)
    assert before > 0 and await alpha.value(count) == before


async def test_what_cannot_be_is_said_beside_its_field(alpha: City) -> None:
    root = await make.an_admin(alpha)
    async with await make.log_in(alpha, root) as browser:
        for field, value in (
            ("name", ""),
            ("name", "x" * 61),
            ("sign_up", "never"),
            ("federation", "maybe"),
            ("questions", "\n".join(f"Question {n}?" for n in range(11))),
            ("questions", "Why?\nWhy?"),
            ("questions", "x" * 301),
        ):
            answer = await browser.submit("/admin/settings", FORM | {field: value})
            assert answer.status_code == 422, (field, value)
            assert f'href="#f-{field}"' in answer.text
    assert await alpha.value("select count(*) from settings") == 0


async def test_rules_have_versions_and_the_same_text_makes_none(alpha: City) -> None:
    root = await make.an_admin(alpha)
    async with await make.log_in(alpha, root) as browser:
        assert (await browser.submit("/admin/rules", {"de": " "})).status_code == 422
        await browser.submit("/admin/rules", {"de": "Seid **nett**.", "en": "Be kind."})
        await browser.submit("/admin/rules", {"de": "Seid **nett**.", "en": "Be kind."})
        assert await alpha.value("select max(version) from terms") == 1
        await browser.submit("/admin/rules", {"de": "Seid sehr nett.", "en": "Be kind."})
        assert "Seid sehr nett." in (await browser.get("/admin/rules")).text
    page = (await alpha.get("/rules")).text
    assert "Seid sehr nett." in page and "Fassung 2" in page
    english = await alpha.get("/rules", **{"Accept-Language": "en"})
    assert "Be kind." in english.text
    assert await alpha.value("select count(*) from admin_log where act = 'rules'") == 2
