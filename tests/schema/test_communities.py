"""Communities in the database: names, lists, counts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from schema import communities, ids, memberships
from schema import database as db
from schema.database import Conn
from schema.memberships import Membership, State

NOW = datetime(2027, 1, 1, tzinfo=UTC)


async def an_actor(conn: Conn, name: str, kind: str = "person", host: str = "") -> UUID:
    """A bare row, here or at a host."""
    id, origin = ids.new(), f"https://{host}" if host else None
    if origin:
        await db.run(
            conn,
            "insert into peers (origin, host) values (%(o)s, %(h)s) on conflict do nothing",
            {"o": origin, "h": host},
        )
    await db.run(
        conn,
        """insert into actors (id, kind, uri, peer, name, host, inbox)
           values (%(id)s, %(kind)s, %(uri)s, %(peer)s, %(name)s, %(host)s, 'x')""",
        {
            "id": id,
            "kind": kind,
            "uri": f"https://{host or 'here.example'}/{kind}/{name}",
            "peer": origin,
            "name": name,
            "host": host,
        },
    )
    return id


async def a_group(conn: Conn, name: str, rule: str = "open", host: str = "") -> UUID:
    """A community with nobody in it."""
    id = await an_actor(conn, name, "group", host)
    await db.run(
        conn,
        "insert into communities (actor_id, join_rule) values (%(id)s, %(rule)s)",
        {"id": id, "rule": rule},
    )
    return id


async def put(conn: Conn, group: UUID, person: UUID, state: State) -> Membership:
    """Brings a membership to this state."""
    row = Membership(group, person, "member", state, "", "", "", None, None, NOW, NOW)
    return await memberships.put(conn, row)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Wasser für Wien!", "wasser_fuer_wien"),
        ("  Straße & Öl  ", "strasse_oel"),
        ("4. Bezirk", "bezirk"),
        ("水", ""),
        ("Ein sehr langer Name, der nirgends hinpasst", "ein_sehr_langer_name_der_nirge"),
    ],
)
def test_titles_become_names(title: str, slug: str) -> None:
    assert communities.slug(title) == slug
    assert not slug or communities.is_name(slug)


@pytest.mark.parametrize("name", ["", "ab", "_abc", "abc_", "a__b", "Abc", "4abc", "a b", "a" * 31])
def test_some_texts_are_no_names(name: str) -> None:
    assert not communities.is_name(name)


async def test_hidden_communities_are_listed_to_those_who_belong_or_are_invited(
    conn: Conn,
) -> None:
    ann, ben = await an_actor(conn, "ann"), await an_actor(conn, "ben")
    cat = await an_actor(conn, "cat")
    group = await a_group(conn, "club", "hidden")
    await put(conn, group, ann, "member")
    await put(conn, group, ben, "invited")
    await put(conn, group, cat, "banned")
    for viewer, mine, shown in ((ann, True, 1), (ben, True, 1), (cat, False, 0), (None, False, 0)):
        found = await communities.list_cards(conn, viewer=viewer, mine=mine)
        assert len(found) == shown, viewer


async def test_own_communities_and_others_never_overlap(conn: Conn) -> None:
    ann = await an_actor(conn, "ann")
    states: list[State] = ["member", "asked", "invited", "left", "refused", "banned"]
    for state in states:
        await put(conn, await a_group(conn, f"group_{state}"), ann, state)
    await a_group(conn, "group_none")
    own = {c.name for c in await communities.list_cards(conn, viewer=ann, mine=True)}
    others = {c.name for c in await communities.list_cards(conn, viewer=ann)}
    assert own == {"group_member", "group_asked", "group_invited"}
    assert others == {"group_left", "group_refused", "group_banned", "group_none"}


async def test_blocked_servers_communities_are_not_listed(conn: Conn) -> None:
    await a_group(conn, "wood", host="far.example")
    assert len(await communities.list_cards(conn, viewer=None, where="network")) == 1
    await db.run(conn, "update peers set blocked_at = now()")
    assert await communities.list_cards(conn, viewer=None, where="network") == []


async def test_the_liveliest_come_first_and_pages_continue(conn: Conn) -> None:
    for number in range(5):
        group = await a_group(conn, f"group_{number}")
        await communities.touch(conn, group, NOW + timedelta(days=number))
    first = await communities.list_cards(conn, viewer=None, limit=3)
    last = first[-1]
    rest = await communities.list_cards(
        conn, viewer=None, before=(last.active, last.actor_id), limit=3
    )
    assert [card.name for card in first + rest] == [f"group_{n}" for n in (4, 3, 2, 1, 0)]


async def test_words_are_searched_as_they_are(conn: Conn) -> None:
    group = await a_group(conn, "garden")
    await db.run(conn, "update actors set title = '100% Garten' where name = 'garden'")
    for words, shown in ((["100%"], 1), (["garten", "100"], 1), (["%"], 1), (["_"], 0)):
        found = await communities.list_cards(conn, viewer=None, words=words)
        assert [card.actor_id for card in found] == [group] * shown, words


async def test_members_are_counted_and_a_foreign_count_is_kept(conn: Conn) -> None:
    ann, ben = await an_actor(conn, "ann"), await an_actor(conn, "ben")
    here, there = await a_group(conn, "garden"), await a_group(conn, "wood", host="far.example")
    for group in (here, there):
        await put(conn, group, ann, "member")
        await put(conn, group, ben, "member")
        await put(conn, group, ben, "member")
    await communities.set_members(conn, there, 40)
    await communities.set_members(conn, here, 40)
    await put(conn, here, ben, "left")
    await put(conn, there, ben, "left")
    assert (await communities.get(conn, here)).members == 1
    assert (await communities.get(conn, there)).members == 39


async def test_a_person_shows_the_communities_that_the_viewer_may_know(conn: Conn) -> None:
    ann, ben = await an_actor(conn, "ann"), await an_actor(conn, "ben")
    for name, rule in (("garden", "open"), ("club", "hidden")):
        await put(conn, await a_group(conn, name, rule), ann, "member")
    shown = [card.name for card in await communities.list_of_person(conn, ann, ben)]
    assert shown == ["garden"]
    assert len(await communities.list_of_person(conn, ann, ann)) == 2


async def test_newcomers_are_shown_what_they_can_join(conn: Conn) -> None:
    ann = await an_actor(conn, "ann")
    await a_group(conn, "club", "hidden")
    await a_group(conn, "wood", host="far.example")
    await put(conn, await a_group(conn, "garden"), ann, "member")
    await a_group(conn, "water", "approval")
    assert [card.name for card in await communities.list_suggested(conn, ann)] == ["water"]
    assert await communities.count(conn) == 2
