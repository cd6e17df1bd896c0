"""The admins' overview, the mail test and the log."""

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Handler

from tests import make
from tests.world import City

PAGES = (
    "/admin",
    "/admin/people",
    "/admin/invitations",
    "/admin/reports",
    "/admin/cities",
    "/admin/settings",
    "/admin/settings/place",
    "/admin/rules",
    "/admin/mail",
    "/admin/log",
)


@pytest.mark.parametrize("path", PAGES)
async def test_guests_log_in_first_and_residents_are_refused(alpha: City, path: str) -> None:
    answer = await alpha.get(path)
    assert answer.status_code == 303 and answer.headers["location"].startswith("/login?next=")
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.get(path)).status_code == 403


async def test_every_page_opens_for_an_admin_in_both_languages(alpha: City) -> None:
    root = await make.an_admin(alpha)
    async with await make.log_in(alpha, root) as browser:
        for path in PAGES:
            page = await browser.get(path)
            assert page.status_code == 200, path
            assert page.text.count("<h1") == 1
            browser.client.headers["Accept-Language"] = "en"
            assert (await browser.get(path)).status_code == 200
            browser.client.headers["Accept-Language"] = "de"


async def test_moderators_see_the_reports_and_nothing_else(alpha: City) -> None:
    mia = await make.a_person(alpha, "mia")
    await alpha.execute("update accounts set role = 'moderator' where actor_id = %s", mia.id)
    async with await make.log_in(alpha, mia) as browser:
        assert (await browser.get("/admin/reports")).status_code == 200
        assert 'href="/admin/reports"' in (await browser.get("/about")).text
        for path in PAGES:
            if path != "/admin/reports":
                assert (await browser.get(path)).status_code == 403


async def test_the_overview_counts_and_says_what_is_still_to_be_done(alpha: City) -> None:
    root = await make.an_admin(alpha)
    async with await make.log_in(alpha, root) as browser:
        before = (await browser.get("/admin")).text
        assert "warten" not in before.split("<main")[1].split("Wie es steht")[0]
        await browser.submit("/admin/rules", {"de": "Seid nett."})
        
        await alpha.execute(
            "insert into settings (key, value) values ('sign_up', '\"approval\"') "
            "on conflict (key) do update set value = excluded.value"
        )
        await make.a_person(alpha, "wanda")
        after = (await browser.get("/admin")).text
    assert before.count("offen</span>") == after.count("offen</span>") + 1
    assert "1 Mensch wartet auf Aufnahme." in after


async def test_a_mail_test_shows_that_no_server_is_set(alpha: City) -> None:
    root = await make.an_admin(alpha)
    async with await make.log_in(alpha, root) as browser:
        answer = await browser.submit("/admin/mail", {"email": "someone@example.org"})
        assert answer.status_code == 502
        assert "Es ist kein Mailserver eingestellt." in answer.text
        assert (await browser.submit("/admin/mail", {"email": "nonsense"})).status_code == 422


class _Refusing:
    async def handle_RCPT(self, *arguments: object) -> str:
        return "550 nobody of that name"


class _Keeping(Handler):
    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def handle_message(self, message: object) -> None:
        self.kept.append(str(message))


async def test_a_mail_test_shows_what_the_server_says(
    alpha: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = await make.an_admin(alpha)
    keeping = _Keeping()
    for handler, status in ((_Refusing(), 502), (keeping, 200)):
        server = Controller(handler, hostname="127.0.0.1", port=0)
        server.start()
        try:
            port = server.server.sockets[0].getsockname()[1]  # pyright: ignore
            object.__setattr__(alpha.instance.config, "smtp_url", f"smtp://a:secret@127.0.0.1:{port}")
            async with await make.log_in(alpha, root) as browser:
                answer = await browser.submit("/admin/mail", {"email": "ann@example.org"})
            assert answer.status_code == status
            assert "secret" not in answer.text
        finally:
            server.stop()
    assert "ann@example.org" in keeping.kept[0]


async def test_the_log_has_pages_and_the_newest_first(alpha: City) -> None:
    root = await make.an_admin(alpha)
    async with await make.log_in(alpha, root) as browser:
        for number in range(51):
            data = {"uses": "1", "days": "1", "note": f"note number {number} end"}
            assert (await browser.submit("/admin/invitations", data)).status_code == 303
        first = (await browser.get("/admin/log")).text
        older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
        second = (await browser.get(older)).text
    assert "note number 50 end" in first and "note number 0 end" not in first
    assert "note number 0 end" in second and "note number 1 end" not in second
