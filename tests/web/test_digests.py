"""Exchange 10: mails in each one's rhythm, with the content, grouped, over a real mail server."""

import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from federation import queue
from federation.acts import matches, people, posts, searches
from federation.taps import padded
from schema import pushes, rhythms
from schema.actors import Actor
from schema.pushes import Device
from schema.rhythms import Choice
from tests import make, talk, world
from tests.federation.test_mail import Postbox, postbox
from tests.federation.test_push import AUTH, RECEIVER
from tests.world import City, Wire
from web import digests

__all__ = ["postbox"]

CANARY = "kanarienvogel"
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday


@pytest.fixture
async def town(
    server: Any,
    cities: dict[str, str],
    scratch: str,
    wire: Wire,
    postbox: tuple[Postbox, Any],
) -> AsyncGenerator[City]:
    """A city with a mail server and an address for answers, at noon."""
    name = f"{scratch}_town"
    world.clone(server.conninfo("postgres"), cities["alpha"], name)
    smtp = postbox[1].smtp_url
    conninfo = server.conninfo(name)
    async with world.open_city(
        "http://alpha.test", conninfo, wire, smtp_url=smtp, mail_inbound="answers@alpha.test"
    ) as city:
        city.clock.now = NOON
        yield city


async def resident(city: City, name: str, **more: Any) -> Actor:
    person = await make.a_person(city, name, email=f"{name}@example.org", **more)
    await city.execute("update accounts set email_confirmed_at = now()")
    return person


async def tell(city: City, to: Actor, kind: str, by: Actor | None = None, **about: Any) -> None:
    await make.a_notice(city, to, kind, by=by, **about)
    await city.execute("update notices set created = %s", city.clock.now - timedelta(minutes=1))


async def send(city: City) -> list[dict[str, str]]:
    """One round; the mails that it queued."""
    await city.execute("delete from procrastinate_jobs where task_name = 'send_mail'")
    await digests.send_due(city.instance, city.app.state.renderer)
    return await city.value(
        "select coalesce(jsonb_agg(args order by id), '[]') from procrastinate_jobs "
        "where task_name = 'send_mail'"
    )


async def test_an_answer_comes_at_once_with_its_words_and_can_be_answered(town: City) -> None:
    ann, ben = await resident(town, "ann"), await resident(town, "ben")
    offer = await make.a_proposal(town, ann, "Leiter")
    async with town.instance.begin() as tx:
        await posts.answer(tx, by=ben, proposal=offer, source="Ich käme am Samstag.")
    await town.execute("update notices set created = %s", NOON)
    (mail,) = await send(town)
    assert mail["to"] == "ann@example.org"
    assert "Leiter" in mail["subject"] and "Ich käme am Samstag." in mail["text"]
    assert re.search(r"answers\+reply_\w+@alpha\.test", mail["reply_to"])
    assert re.search(r"http://alpha\.test/tap/stop_\w+$", mail["unsubscribe"])
    assert await send(town) == []


async def test_a_mail_goes_over_smtp_with_its_headers(
    town: City, postbox: tuple[Postbox, Any]
) -> None:
    ann, ben = await resident(town, "ann"), await resident(town, "ben")
    await tell(town, ann, "mention", by=ben)
    (mail,) = await send(town)
    context: Any = type("Context", (), {"additional_context": {"instance": town.instance}})()
    await queue.send_mail(context, **mail)
    (got,) = postbox[0].got
    assert got["To"] == "ann@example.org" and got["Subject"] == "Ben hat dich erwähnt."
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Keine Mails mehr zu „Antworten und Erwähnungen“:" in got.get_content()


async def test_daily_and_weekly_wait_for_their_morning_and_never_is_never(town: City) -> None:
    people = {name: await resident(town, name) for name in ("ann", "ben", "cem", "dora")}
    for name, rhythm in zip(people, ("now", "daily", "weekly", "never"), strict=True):
        async with town.instance.begin() as tx:
            choice = Choice("reminders", rhythm, False)
            await rhythms.choose(tx.conn, people[name].id, choice)
        offer = await make.a_proposal(town, people[name], "Leiter")
        await tell(town, people[name], "expiring", proposal=offer.id)
    assert [mail["to"] for mail in await send(town)] == ["ann@example.org"]
    town.clock.now = NOON + timedelta(hours=18, minutes=30)  # 7:30 at the place
    (mail,) = await send(town)
    assert mail["to"] == "ben@example.org" and "/tap/still_" in mail["text"]
    assert await send(town) == []
    town.clock.now = NOON + timedelta(days=4, hours=18, minutes=30)  # Monday
    assert [mail["to"] for mail in await send(town)] == ["cem@example.org"]


async def test_twelve_items_at_most_in_ones_language_and_what_was_read_is_not_sent(
    town: City,
) -> None:
    ann, ben = await resident(town, "ann", locale="en"), await resident(town, "ben")
    for _ in range(15):
        await tell(town, ann, "mention", by=ben)
    (mail,) = await send(town)
    assert mail["subject"].endswith("15 things for you")
    assert mail["text"].count("Ben mentioned you.") == 12 and "And 3 more:" in mail["text"]
    await tell(town, ann, "mention", by=ben)
    await town.execute("update notices set seen_at = now()")
    assert await send(town) == []


async def test_nothing_goes_to_an_address_that_is_not_confirmed(town: City) -> None:
    ann, ben = await resident(town, "ann"), await resident(town, "ben")
    await town.execute("update accounts set email_confirmed_at = null")
    await tell(town, ann, "mention", by=ben)
    assert await send(town) == []


async def test_devices_are_told_once_where_it_is_wanted(town: City) -> None:
    ann, ben = await resident(town, "ann"), await resident(town, "ben")
    for number, person in enumerate((ann, ben)):
        device = Device(f"http://push.test/{number}", person.id, padded(RECEIVER), padded(AUTH))
        async with town.instance.begin() as tx:
            await pushes.insert(tx.conn, device)
            if person is ben:
                await rhythms.choose(tx.conn, ben.id, Choice("answers", "now", False))
        await tell(town, person, "mention", by=ann if person is ben else ben)
    for _ in range(2):
        await digests.send_due(town.instance, town.app.state.renderer)
    jobs = await town.value(
        "select jsonb_agg(args) from procrastinate_jobs where task_name = 'push'"
    )
    assert [job["endpoint"] for job in jobs] == ["http://push.test/0"]
    assert "Ben hat dich erwähnt." in jobs[0]["text"]


async def test_no_mail_or_device_is_told_what_is_not_for_its_reader(town: City) -> None:
    """Who is mentioned, follows the author and has kept a search for the very word."""
    ann, ben, eve = [await resident(town, name) for name in ("ann", "ben", "eve")]
    garden = await make.a_community(town, ann, join_rule="hidden")
    await town.execute(
        "insert into memberships (community_id, person_id, state) values (%s, %s, 'member')",
        garden.actor_id,
        ben.id,
    )
    async with town.instance.begin() as tx:
        await people.follow(tx, by=eve, whom=ann)
        for person in (ben, eve):
            await searches.keep(
                tx, by=person, purpose="offer", category="", words=CANARY, near=None, place="all"
            )
            device = Device(
                f"http://push.test/{person.name}", person.id, padded(RECEIVER), padded(AUTH)
            )
            await pushes.insert(tx.conn, device)
    words = f"{CANARY} für @eve und @ben"
    made = await make.a_proposal(town, ann, words, garden, source=words, scope="community")
    await talk.answer(town, ann, made, words)
    await talk.start(town, ann, garden, words, source=words)
    async with town.instance.begin() as tx:
        await matches.tell(tx, made.id)
    await town.execute("update notices set created = %s", NOON)
    mails = await send(town)
    pushed = await town.value(
        "select coalesce(jsonb_agg(args), '[]') from procrastinate_jobs where task_name = 'push'"
    )
    told = [mail["to"] for mail in mails if CANARY in str(mail)]
    told += [job["endpoint"] for job in pushed if CANARY in str(job)]
    assert set(told) == {"ben@example.org", "http://push.test/ben"}
