"""Me: what I say of myself, my picture, my place, whom I blocked."""

import io

from PIL import Image

from tests import make
from tests.world import City, settle

ABOUT = {"title": "Ann G.", "about": "I have **trees**.", "can": "apples", "wants": "a ladder"}


def a_picture(width: int = 900, height: int = 600) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (width, height), (30, 120, 90))
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_a_resident_changes_what_others_see(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit("/me", {**ABOUT, "languages": ["de", "tr", "xx"]})
        assert answer.status_code == 303
    page = await alpha.get("/people/ann")
    assert "<strong>trees</strong>" in page.text
    assert "apples" in page.text and "Türkçe" in page.text and "xx" not in page.text
    document = (await alpha.document("/people/ann")).json()
    assert document["name"] == "Ann G."


async def test_neighbour_cities_hear_of_the_change(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/me", ABOUT)
    await settle(alpha, beta)
    query = "select title from actors where uri = %s"
    assert await beta.value(query, f"{alpha.origin}/people/ann") == "Ann G."


async def test_html_in_a_profile_is_text(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        bad = "<script>alert(1)</script><img src=x onerror=alert(1)>"
        await browser.submit("/me", {**ABOUT, "about": bad, "can": bad, "title": "<b>Ann</b>"})
    page = await alpha.get("/people/ann")
    assert "<script>alert" not in page.text and "<img src=x" not in page.text
    assert "<b>Ann" not in page.text


async def test_a_picture_is_made_small_and_says_nothing_of_the_camera(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit("/me/picture", files={"picture": ("a.jpg", a_picture())})
        assert answer.status_code == 303, answer.text
        page = await browser.get("/people/ann")
    id = await alpha.value("select avatar_id::text from actors where name = 'ann'")
    assert f"/media/{id}?small" in page.text
    small = await alpha.get(f"/media/{id}?small")
    assert small.headers["content-type"] == "image/webp"
    assert max(Image.open(io.BytesIO(small.content)).size) == 400
    full = await alpha.get(f"/media/{id}")
    assert b"SecretCamera" not in full.content


async def test_a_new_picture_takes_the_place_of_the_old_one(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        for _ in range(2):
            await browser.submit("/me/picture", files={"picture": ("a.jpg", a_picture())})
        assert await alpha.value("select count(*) from media") == 1
        await browser.submit("/me/picture/removal")
    assert await alpha.value("select count(*) from media") == 0


async def test_what_is_no_picture_is_refused(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        for bad in (b"GIF89a<script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7"):
            answer = await browser.submit("/me/picture", files={"picture": ("a.png", bad)})
            assert answer.status_code == 422
            assert "lässt sich nicht lesen" in answer.text


async def test_the_place_can_be_changed_and_taken_away(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        found = await browser.get("/me/place?q=Güssing")
        value = found.text.split('name="place" value="')[1].split('"')[0]
        await browser.submit("/me/place", {"place": value})
        assert "Güssing" in (await alpha.get("/people/ann")).text
        await browser.submit("/me/place/removal")
    assert await alpha.value("select latitude is null from actors where name = 'ann'")


async def test_guests_are_led_to_the_login(alpha: City) -> None:
    for path in ("/me", "/me/place", "/me/blocked", "/me/security", "/me/data", "/notices"):
        answer = await alpha.get(path)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/login")


async def test_blocked_people_are_listed_and_can_be_let_go(alpha: City) -> None:
    ann, _ = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/people/ben/blocking")
        assert "@ben" in (await browser.get("/me/blocked")).text
        answer = await browser.submit("/people/ben/unblocking", {"back": "/me/blocked"})
        assert answer.headers["location"] == "/me/blocked"
        assert "Du hast niemanden blockiert" in (await browser.get("/me/blocked")).text


async def test_who_is_suspended_reads_and_does_not_write(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await alpha.execute(
        "update actors set suspended_until = %s where id = %s",
        alpha.clock.now + make.days(1),
        ann.id,
    )
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.get("/me")).status_code == 200
        assert (await browser.submit("/me", ABOUT)).status_code == 403
        alpha.clock.now += make.days(2)
        assert (await browser.submit("/me", ABOUT)).status_code == 303
