"""Memberships in the database."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from schema import memberships
from schema.database import Conn
from schema.memberships import Membership, State
from tests.schema.test_communities import NOW, a_group, an_actor, put


def test_a_ban_ends_by_itself() -> None:
    none = UUID(int=0)
    ban = Membership(none, none, "member", "banned", "", "", "", NOW, None, NOW, NOW)
    assert ban.is_banned(NOW - timedelta(seconds=1))
    assert not ban.is_banned(NOW)
    assert replace(ban, banned_until=None).is_banned(NOW)
    assert not replace(ban, state="left").is_banned(NOW - timedelta(seconds=1))


async def test_only_members_in_office_moderate(conn: Conn) -> None:
    ann, group = await an_actor(conn, "ann"), await a_group(conn, "garden")
    row = replace(await put(conn, group, ann, "member"), role="moderator")
    await memberships.put(conn, row)
    assert await memberships.moderates(conn, group, ann)
    await memberships.put(conn, replace(row, state="left"))
    assert not await memberships.moderates(conn, group, ann)
    assert not await memberships.is_member(conn, group, ann)


async def test_a_server_is_known_by_its_members_and_invited(conn: Conn) -> None:
    ben, group = await an_actor(conn, "ben", host="far.example"), await a_group(conn, "garden")
    states: list[tuple[State, bool]] = [("invited", True), ("member", True), ("left", False)]
    for state, known in states:
        await put(conn, group, ben, state)
        assert await memberships.has_at(conn, group, "https://far.example") is known


async def test_people_are_listed_page_by_page_and_leaders_apart(conn: Conn) -> None:
    group = await a_group(conn, "garden")
    people = [await an_actor(conn, f"person_{number}") for number in range(5)]
    for person in people:
        await put(conn, group, person, "member")
    await memberships.put(
        conn, replace(await put(conn, group, people[3], "member"), role="steward")
    )
    first = await memberships.list_people(conn, group, limit=2)
    last = first[-1]
    rest = await memberships.list_people(conn, group, after=(last.created, last.person_id))
    assert sorted(card.person_id for card in first + rest) == sorted(people)
    assert [card.person_id for card in await memberships.list_leading(conn, group)] == [people[3]]
    assert await memberships.count_stewards(conn, group) == 1
    assert await memberships.list_moderators(conn, group) == [people[3]]
