"""Links by mail: asked for, opened, used once; addresses confirmed."""

import re
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests import make, world
from tests.make import a_password, guest
from tests.world import City, Wire


@pytest.fixture
async def town(
    server: Any, template: str, cities: dict[str, str], scratch: str, wire: Wire
) -> AsyncGenerator[City]:
    """A city that can send mail."""
    name = f"{scratch}_town"
    world.clone(server.conninfo("postgres"), cities["alpha"], name)
    conninfo = server.conninfo(name)
    smtp = "smtp://127.0.0.1:1"
    async with world.open_city("http://alpha.test", conninfo, wire, smtp_url=smtp) as city:
        yield city


async def mails(city: City) -> list[dict[str, str]]:
    """What waits to be sent, in order."""
    found = await city.value(
        "select coalesce(jsonb_agg(args order by id), '[]') from procrastinate_jobs "
        "where task_name = 'send_mail'"
    )
    return list(found)


async def link_in(city: City) -> str:
    """The path in the newest mail."""
    found = re.search(r"http://alpha\.test(/\S+)", (await mails(city))[-1]["text"])
    assert found
    return found.group(1)


async def test_a_link_in_a_mail_logs_in_once(town: City) -> None:
    await make.a_person(town, "ann", email="ann@example.org")
    async with guest(town) as browser, guest(town) as second:
        assert (await browser.submit("/login/link", {"login": "ann"})).status_code == 200
        path = await link_in(town)
        assert (await browser.client.get(path)).status_code == 200
        assert (await browser.client.get("/me")).status_code == 303  # opening it does nothing yet
        assert (await browser.submit(path)).status_code == 303
        assert (await browser.client.get("/me")).status_code == 200
        assert (await second.submit(path)).status_code == 409
        assert (await second.client.get(path)).status_code == 410


async def test_a_link_is_good_for_fifteen_minutes(town: City) -> None:
    await make.a_person(town, "ann", email="ann@example.org")
    async with guest(town) as browser:
        await browser.submit("/login/link", {"login": "ann@example.org"})
        town.clock.now += make.minutes(16)
        assert (await browser.submit(await link_in(town))).status_code == 409


async def test_asking_for_a_link_does_not_tell_who_has_an_account(town: City) -> None:
    await make.a_person(town, "ann", email="ann@example.org")
    async with guest(town) as browser:
        known = await browser.submit("/login/link", {"login": "ann@example.org"})
        before = len(await mails(town))
        unknown = await browser.submit("/login/link", {"login": "eve@example.org"})
    assert known.text == unknown.text
    assert len(await mails(town)) == before


async def test_links_are_not_sent_without_end(town: City) -> None:
    await make.a_person(town, "ann", email="ann@example.org")
    before = len(await mails(town))
    async with guest(town) as browser:
        codes = [
            (await browser.submit("/login/link", {"login": "ann"})).status_code for _ in range(5)
        ]
    assert codes == [200, 200, 200, 429, 429]
    assert len(await mails(town)) == before + 3


async def test_the_mail_is_in_the_language_of_its_reader(town: City) -> None:
    await make.a_person(town, "ann", email="ann@example.org", locale="de")
    await make.a_person(town, "ben", email="ben@example.org", locale="en")
    subjects = {mail["to"]: mail["subject"] for mail in await mails(town)}
    assert subjects["ann@example.org"].startswith("Willkommen bei")
    assert subjects["ben@example.org"].startswith("Welcome to")


async def test_who_claims_a_foreign_address_gets_nobody_in(town: City) -> None:
    """An address that was never confirmed, with a password its claimer knows: no link."""
    await make.a_person(town, "eve", email="ann@example.org", password_hash=a_password("evil evil"))
    before = len(await mails(town))
    async with guest(town) as browser:
        await browser.submit("/login/link", {"login": "ann@example.org"})
    assert len(await mails(town)) == before


async def test_the_owner_of_an_address_takes_it_from_who_only_claimed_it(town: City) -> None:
    eve = await make.a_person(town, "eve", email="ann@example.org")
    ann = await make.a_person(town, "ann", email="ann@example.org")
    async with guest(town) as browser:
        answer = await browser.submit(await link_in(town))  # of Ann's welcome
        assert answer.status_code == 303
    confirmed = "select email_confirmed_at is not null from accounts where actor_id = %s"
    assert await town.value(confirmed, ann.id)
    assert not await town.value(confirmed, eve.id)


async def test_a_link_that_confirms_an_address_ends_older_sessions(town: City) -> None:
    """Whoever signed up with this address before its owner came loses their session."""
    eve = await make.a_person(town, "eve", email="ann@example.org")
    async with await make.log_in(town, eve) as claimer, guest(town) as owner:
        await owner.submit("/login/link", {"login": "ann@example.org"})
        assert (await owner.submit(await link_in(town))).status_code == 303
        assert (await claimer.client.get("/me")).status_code == 303


async def test_with_an_address_no_password_is_needed_to_join(town: City) -> None:
    async with guest(town) as browser:
        answer = await browser.submit(
            "/join", {"name": "ann", "title": "Ann", "email": "ann@example.org"}
        )
    assert answer.status_code == 303
    assert (await mails(town))[-1]["to"] == "ann@example.org"


async def test_a_new_address_counts_only_when_it_is_confirmed(town: City) -> None:
    ann = await make.a_person(town, "ann", email="old@example.org")
    async with await make.log_in(town, ann) as browser:
        await browser.submit(await link_in(town))
        await browser.submit("/me/security/email", {"email": "new@example.org"})
        waiting = await mails(town)
        assert [mail["to"] for mail in waiting[-2:]] == ["new@example.org", "old@example.org"]
        assert await town.value("select email from accounts") == "old@example.org"
        path = re.search(r"http://alpha\.test(/\S+)", waiting[-2]["text"])
        assert path
        await browser.submit(path.group(1))
    assert await town.value("select email from accounts") == "new@example.org"


async def test_two_accounts_cannot_both_confirm_one_address(town: City) -> None:
    await make.a_person(town, "ann", email="ann@example.org")
    first = await link_in(town)
    await make.a_person(town, "eve", email="ann@example.org")
    second = await link_in(town)
    async with guest(town) as browser:
        assert (await browser.submit(first)).status_code == 303
        assert (await browser.submit(second)).status_code == 409
