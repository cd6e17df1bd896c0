"""The admins' overview, the mail test and the log."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

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


class Postbox:
    """Takes everything in, or answers each recipient with `says`."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.says = "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.says.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.says

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append(envelope.content)
        return "250 OK"


@pytest.fixture
async def postbox(alpha: City) -> AsyncGenerator[Postbox]:
    """A mail server that alpha uses."""
    box, loop = Postbox(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop), "127.0.0.1", 0)
    url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    config = replace(alpha.instance.config, smtp_url=url)
    alpha.app.state.instance = replace(alpha.instance, config=config)
    yield box
    server.close()
    await server.wait_closed()


async def test_a_mail_test_shows_what_the_server_says(alpha: City, postbox: Postbox) -> None:
    root = await make.an_admin(alpha)
    async with await make.log_in(alpha, root) as browser:
        postbox.says = "550 nobody of that name"
        answer = await browser.submit("/admin/mail", {"email": "ann@example.org"})
        assert answer.status_code == 502 and "550" in answer.text
        assert "nobody of that name" in answer.text
        assert postbox.got == []
        postbox.says = "250 OK"
        answer = await browser.submit("/admin/mail", {"email": "ann@example.org"})
        assert answer.status_code == 200 and "ann@example.org" in answer.text
        assert b"To: ann@example.org" in postbox.got[0]
        log = (await browser.get("/admin/log")).text
    assert "hat eine Probe-E-Mail verschickt" in log and "nobody of that name" in log


async def test_the_password_of_the_mail_server_is_not_shown(alpha: City) -> None:
    config = replace(alpha.instance.config, smtp_url="smtp://user:secret@mail.example:587")
    alpha.app.state.instance = replace(alpha.instance, config=config)
    root = await make.an_admin(alpha)
    async with await make.log_in(alpha, root) as browser:
        page = (await browser.get("/admin/mail")).text
    assert "mail.example:587" in page and "secret" not in page


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


async def test_the_open_part_of_the_administration_is_marked(alpha: City) -> None:
    root = await make.an_admin(alpha)
    async with await make.log_in(alpha, root) as browser:
        for path in ("/admin", "/admin/people", "/admin/log"):
            assert f'<a href="{path}" aria-current="page">' in (await browser.get(path)).text
