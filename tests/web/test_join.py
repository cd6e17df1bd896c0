"""Joining: the three rules of a place, the first admin, names, limits."""

from tests import make
from tests.make import Browser, guest
from tests.world import City

ANN = {"name": "ann", "title": "Ann Gärtner", "password": "drei blaue Eimer"}


async def join(city: City, browser: Browser, **more: str) -> int:
    answer = await browser.submit("/join", {**ANN, **more})
    return answer.status_code


async def set_rule(city: City, rule: str, *questions: str) -> None:
    await city.execute(
        """insert into settings (key, value) values ('sign_up', to_jsonb(%s::text)),
             ('questions', to_jsonb(%s::text[]))
           on conflict (key) do update set value = excluded.value""",
        rule,
        list(questions),
    )
    city.instance.forget_settings()


async def test_a_guest_joins_and_is_led_into_the_first_steps(alpha: City) -> None:
    async with guest(alpha) as browser:
        answer = await browser.submit("/join", ANN)
        assert (answer.status_code, answer.headers["location"]) == (303, "/welcome")
        page = await browser.get("/welcome")
        assert "Wo wohnst du?" in page.text
    assert await alpha.value("select state from accounts") == "active"
    assert (
        await alpha.value("select uri from actors where name = 'ann'")
        == f"{alpha.origin}/people/ann"
    )


async def test_the_password_is_stored_as_argon2id_only(alpha: City) -> None:
    async with guest(alpha) as browser:
        await join(alpha, browser)
    stored = await alpha.value("select password_hash from accounts")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_new_person_is_found_by_other_servers(alpha: City) -> None:
    async with guest(alpha) as browser:
        await join(alpha, browser)
    document = (await alpha.document("/people/ann")).json()
    assert document["type"] == "Person"
    assert document["inbox"] == f"{alpha.origin}/people/ann/inbox"
    assert "BEGIN PUBLIC KEY" in document["publicKey"]["publicKeyPem"]


async def test_wrong_fields_are_told_all_at_once_and_nothing_is_lost(alpha: City) -> None:
    async with guest(alpha) as browser:
        answer = await browser.submit(
            "/join", {"name": "Ann Gärtner", "title": "  ", "password": "qzqzxy", "email": "nein"}
        )
    assert answer.status_code == 422
    for field in ("name", "title", "password", "email"):
        assert f'id="f-{field}-error"' in answer.text
    assert 'value="Ann Gärtner"' in answer.text
    assert "qzqzxy" not in answer.text
    assert await alpha.value("select count(*) from accounts") == 0


async def test_a_taken_name_is_refused_in_any_case(alpha: City) -> None:
    await make.a_person(alpha, "ann")
    async with guest(alpha) as browser:
        answer = await browser.submit("/join", {**ANN, "name": "ANN"})
    assert answer.status_code == 422
    assert "Diesen Namen hat hier schon jemand." in answer.text


async def test_reserved_names_are_refused(alpha: City) -> None:
    async with guest(alpha) as browser:
        for name in ("admin", "city", "actor", "me", "moderator"):
            assert await join(alpha, browser, name=name) == 422


async def test_letters_that_look_alike_are_refused(alpha: City) -> None:
    async with guest(alpha) as browser:
        assert await join(alpha, browser, name="аnn") == 422  # Cyrillic а
        assert await join(alpha, browser, title="Аnn Gärtner") == 422  # Cyrillic А, Latin nn
        assert await join(alpha, browser, title="Анна Петрова") == 303


async def test_by_invitation_nobody_comes_in_without_a_code(alpha: City) -> None:
    await set_rule(alpha, "invitation")
    async with guest(alpha) as browser:
        assert await join(alpha, browser) == 422
        assert await join(alpha, browser, invitation="abcd-efgh-jkmn") == 422
    assert await alpha.value("select count(*) from accounts") == 0


async def test_a_code_lets_in_as_many_as_it_says(alpha: City) -> None:
    await set_rule(alpha, "invitation")
    code = await make.an_invitation(alpha, uses=1)
    async with guest(alpha) as first, guest(alpha) as second:
        assert await join(alpha, first, invitation=code.upper()) == 303
        assert await join(alpha, second, name="ben", invitation=code) == 422
    assert await alpha.value("select count(*) from accounts") == 1


async def test_by_approval_one_waits_and_the_admins_are_told(alpha: City) -> None:
    admin = await make.an_admin(alpha)
    await set_rule(alpha, "approval", "Woher kennst du uns?")
    async with guest(alpha) as browser:
        assert await join(alpha, browser) == 422
        assert await join(alpha, browser, answer0="Vom Markt") == 303
        page = await browser.get("/welcome")
        assert "Bitte warte ein wenig" in page.text and "Vom Markt" in page.text
    state = "select state from accounts where actor_id <> %s"
    assert await alpha.value(state, admin.id) == "waiting"
    kind = "select kind from notices where account_id = %s"
    assert await alpha.value(kind, admin.id) == "account"


async def test_the_one_time_token_makes_one_admin(alpha: City) -> None:
    await set_rule(alpha, "invitation")
    token = await make.a_first_admin_token(alpha)
    async with guest(alpha) as first, guest(alpha) as second:
        page = await first.get(f"/join?token={token}")
        assert "kommst du in die Verwaltung" in page.text
        assert await join(alpha, first, token=token) == 303
        assert await join(alpha, second, name="eve", token=token) == 422
    assert await alpha.value("select array_agg(role) from accounts") == ["admin"]


async def test_without_mail_a_password_is_needed(alpha: City) -> None:
    async with guest(alpha) as browser:
        assert await join(alpha, browser, password="", email="ann@example.org") == 422


async def test_too_many_accounts_from_one_address_are_refused(alpha: City) -> None:
    await alpha.execute("insert into limits (key, tokens) values ('join from 127.0.0.1', 0)")
    async with guest(alpha) as browser:
        answer = await browser.submit("/join", ANN)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert await alpha.value("select count(*) from accounts") == 0


async def test_a_form_without_the_token_of_its_page_is_refused(alpha: City) -> None:
    async with guest(alpha) as browser:
        answer = await browser.client.post("/join", data=ANN)
    assert answer.status_code == 403
    assert await alpha.value("select count(*) from accounts") == 0
