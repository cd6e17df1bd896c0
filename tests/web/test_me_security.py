"""Login under "me": password, address, sessions."""

from tests import make
from tests.make import a_password, guest
from tests.world import City
from web.pages import me_security

OLD, NEW = "drei blaue Eimer", "vier gelbe Fässer"


async def in_(city: City, browser: make.Browser) -> bool:
    return (await browser.client.get("/me")).status_code == 200


async def test_a_new_password_counts_and_ends_all_other_sessions(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann", password_hash=a_password(OLD))
    async with await make.log_in(alpha, ann) as here, await make.log_in(alpha, ann) as there:
        answer = await here.submit("/me/security/password", {"current": OLD, "password": NEW})
        assert answer.status_code == 303
        assert await in_(alpha, here)
        assert not await in_(alpha, there)
    async with guest(alpha) as browser:
        assert (
            await browser.submit("/login", {"login": "ann", "password": OLD})
        ).status_code == 422
        assert (
            await browser.submit("/login", {"login": "ann", "password": NEW})
        ).status_code == 303


async def test_the_old_password_is_asked_for(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann", password_hash=a_password(OLD))
    async with await make.log_in(alpha, ann) as browser:
        for current in ("", "wrong wrong wrong"):
            answer = await browser.submit(
                "/me/security/password", {"current": current, "password": NEW}
            )
            assert answer.status_code == 422
        answer = await browser.submit("/me/security/email", {"email": "eve@example.org"})
        assert answer.status_code == 422
    assert await alpha.value("select password_hash from accounts") == a_password(OLD)
    assert await alpha.value("select email is null from accounts")


async def test_who_has_none_sets_a_first_password(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        assert (
            await browser.submit("/me/security/password", {"password": "kurz"})
        ).status_code == 422
        assert (await browser.submit("/me/security/password", {"password": NEW})).status_code == 303
    assert await alpha.value("select password_hash is not null from accounts")


async def test_sessions_are_listed_and_ended_one_by_one(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as here, await make.log_in(alpha, ann) as there:
        other = await session_of(alpha, there)
        assert f"/me/security/sessions/{other}/end" in (await here.get("/me/security")).text
        assert (await here.submit(f"/me/security/sessions/{other}/end")).status_code == 303
        assert await in_(alpha, here)
        assert not await in_(alpha, there)


async def test_the_session_of_another_person_cannot_be_ended(alpha: City) -> None:
    ann, eve = await make.a_person(alpha, "ann"), await make.a_person(alpha, "eve")
    async with await make.log_in(alpha, ann) as anns, await make.log_in(alpha, eve) as eves:
        target = await session_of(alpha, anns)
        assert (await eves.submit(f"/me/security/sessions/{target}/end")).status_code == 409
        assert (await eves.submit("/me/security/sessions/end")).status_code == 303
        assert await in_(alpha, anns)


async def test_all_other_sessions_end_at_once(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as here, await make.log_in(alpha, ann) as there:
        await here.submit("/me/security/sessions/end")
        assert await in_(alpha, here)
        assert not await in_(alpha, there)


async def test_the_last_way_to_log_in_cannot_be_taken_away(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann", email="ann@example.org")
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit("/me/security/email", {"email": ""})
    assert answer.status_code == 422
    assert await alpha.value("select email from accounts") == "ann@example.org"


def test_a_session_says_which_device_it_is_in_words_people_know() -> None:
    phone = (
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/130.0.0.0 Mobile Safari/537.36"
    )
    laptop = "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0"
    assert me_security.device(phone) == "Chrome, Android"
    assert me_security.device(laptop) == "Firefox, Linux"
    assert me_security.device("curl/8") == ""


async def session_of(city: City, browser: make.Browser) -> str:
    secret = browser.client.cookies["session"]
    query = "select id::text from sessions where token_hash = sha256(%s::bytea)"
    return await city.value(query, secret.encode())
