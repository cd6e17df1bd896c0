"""Logging in and out: passwords, links, limits, cookies."""

from tests import make
from tests.make import Browser, a_password, guest
from tests.world import City

PASSWORD = "drei blaue Eimer"


async def log_in(browser: Browser, login: str = "ann", **more: str) -> int:
    data = {"login": login, "password": PASSWORD, **more}
    return (await browser.submit("/login", data)).status_code


async def logged_in(browser: Browser) -> bool:
    answer = await browser.client.get("/me", follow_redirects=False)
    return answer.status_code == 200


async def test_a_resident_logs_in_by_name_in_any_case(alpha: City) -> None:
    await make.a_person(alpha, "ann", password_hash=a_password(PASSWORD))
    async with guest(alpha) as browser:
        assert not await logged_in(browser)
        assert await log_in(browser, "@Ann") == 303
        assert await logged_in(browser)


async def test_a_resident_logs_in_by_address(alpha: City) -> None:
    await make.a_person(alpha, "ann", email="Ann@Example.org", password_hash=a_password(PASSWORD))
    async with guest(alpha) as browser:
        assert await log_in(browser, "ann@example.org") == 303


async def test_a_wrong_password_and_an_unknown_name_look_the_same(alpha: City) -> None:
    await make.a_person(alpha, "ann", password_hash=a_password(PASSWORD))
    async with guest(alpha) as browser:
        wrong = await browser.submit("/login", {"login": "ann", "password": "falsch falsch"})
        unknown = await browser.submit("/login", {"login": "ben", "password": "falsch falsch"})
    assert wrong.status_code == unknown.status_code == 422
    assert "Name oder Passwort stimmt nicht." in wrong.text
    assert wrong.text == unknown.text.replace('value="ben"', 'value="ann"')


async def test_who_has_no_password_cannot_log_in_by_one(alpha: City) -> None:
    await make.a_person(alpha, "ann")
    async with guest(alpha) as browser:
        assert await log_in(browser) == 422
        assert await log_in(browser, password="nobody has this password") == 422


async def test_the_session_is_new_after_each_login_and_the_old_one_ends(alpha: City) -> None:
    await make.a_person(alpha, "ann", password_hash=a_password(PASSWORD))
    async with guest(alpha) as browser:
        browser.client.cookies.set("session", "chosen-by-an-attacker", "alpha.test", "/")
        await log_in(browser)
        first = browser.client.cookies["session"]
        assert first != "chosen-by-an-attacker" and len(first) >= 43
        await log_in(browser)
        second = browser.client.cookies["session"]
    assert second != first
    assert await alpha.value("select count(*) from sessions") == 1


async def test_the_database_does_not_hold_what_the_cookie_holds(alpha: City) -> None:
    await make.a_person(alpha, "ann", password_hash=a_password(PASSWORD))
    async with guest(alpha) as browser:
        await log_in(browser)
        secret = browser.client.cookies["session"]
    assert secret.encode() not in bytes(await alpha.value("select token_hash from sessions"))
    query = "select token_hash = sha256(%s::bytea) from sessions"
    assert await alpha.value(query, secret.encode())


async def test_the_cookie_is_for_the_browser_only(alpha: City) -> None:
    await make.a_person(alpha, "ann", password_hash=a_password(PASSWORD))
    async with guest(alpha) as browser:
        answer = await browser.submit("/login", {"login": "ann", "password": PASSWORD})
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("session="))
    assert "HttpOnly" in cookie and "samesite=lax" in cookie.lower() and "Path=/" in cookie


async def test_logging_out_ends_the_session_on_the_server(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        secret = browser.client.cookies["session"]
        answer = await browser.submit("/logout")
        assert answer.status_code == 303
        browser.client.cookies.set("session", secret)
        assert not await logged_in(browser)


async def test_login_leads_back_to_where_one_wanted_to_go_and_never_elsewhere(alpha: City) -> None:
    await make.a_person(alpha, "ann", password_hash=a_password(PASSWORD))
    for wanted, reached in (
        ("/needs?category=food", "/needs?category=food"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
    ):
        async with guest(alpha) as browser:
            answer = await browser.submit(
                "/login", {"login": "ann", "password": PASSWORD, "next": wanted}
            )
            assert answer.headers["location"] == reached


async def test_guessing_a_password_is_slowed_down_per_name(alpha: City) -> None:
    await make.a_person(alpha, "ann", password_hash=a_password(PASSWORD))
    await make.a_person(alpha, "ben", password_hash=a_password(PASSWORD))
    async with guest(alpha) as browser:
        codes = [await log_in(browser, password=f"falsch {n}") for n in range(10)]
        assert codes == [422] * 8 + [429] * 2
        assert await log_in(browser) == 429
        assert await log_in(browser, "ben") == 303


async def test_refused_and_closed_people_cannot_log_in(alpha: City) -> None:
    for name, state in (("ann", "refused"), ("ben", "closed")):
        person = await make.a_person(alpha, name, password_hash=a_password(PASSWORD))
        async with await make.log_in(alpha, person) as before:
            await alpha.execute(
                "update accounts set state = %s where actor_id = %s", state, person.id
            )
            assert not await logged_in(before)
        async with guest(alpha) as browser:
            assert await log_in(browser, name) == 422


async def test_a_session_ends_when_nobody_used_it_for_long(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        alpha.clock.now += make.days(59)
        assert await logged_in(browser)  # and so it lives on
        alpha.clock.now += make.days(59)
        assert await logged_in(browser)
        alpha.clock.now += make.days(61)
        assert not await logged_in(browser)


async def test_looking_at_a_page_writes_nothing(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        stamp = await alpha.value("select xmin::text from sessions")
        await browser.get("/me")
        assert await alpha.value("select xmin::text from sessions") == stamp
        alpha.clock.now += make.days(1)
        await browser.get("/me")
        assert await alpha.value("select xmin::text from sessions") != stamp
