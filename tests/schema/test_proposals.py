"""Lists of needs and offers: who sees what, and how they are found."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from federation.acts import memberships
from schema import database, proposal_views, proposals
from schema.actors import Actor
from schema.errors import Missing
from schema.proposals import Filter, ProposalCard
from tests import make
from tests.world import City

CANARY = "Kanarienvogel"


async def cards(city: City, **wanted: Any) -> list[ProposalCard]:
    async with city.instance.read() as conn:
        return await proposals.list_cards(conn, Filter(**wanted))


async def titles(city: City, **wanted: Any) -> list[str]:
    return [card.title for card in await cards(city, **wanted)]


async def move(city: City, person: Actor, latitude: float, longitude: float) -> Actor:
    await city.execute(
        "update actors set latitude = %s, longitude = %s where id = %s",
        latitude,
        longitude,
        person.id,
    )
    async with city.instance.read() as conn:
        return await database.one(
            conn, Actor, "select * from actors where id = %(id)s", {"id": person.id}
        )


async def a_foreigner(city: City, name: str, link: str) -> UUID:
    """A person of another server, straight into the tables."""
    origin = f"http://{name}.test"
    await city.execute(
        "insert into peers (origin, host, link) values (%s, %s, %s)", origin, f"{name}.test", link
    )
    return await city.value(
        "insert into actors (id, kind, uri, peer, host, name, inbox) values "
        "(gen_random_uuid(), 'person', %s, %s, %s, %s, 'x') returning id",
        f"{origin}/u/{name}",
        origin,
        f"{name}.test",
        name,
    )


async def theirs(city: City, author: UUID, scope: str, title: str = CANARY) -> None:
    await city.execute(
        "insert into proposals (id, uri, purpose, author_id, scope, title) "
        "values (gen_random_uuid(), gen_random_uuid()::text, 'offer', %s, %s, %s)",
        author,
        scope,
        title,
    )


# Who sees what: scope to those who do.
MATRIX = {
    "everyone": {"guest", "waiting", "resident", "member", "author"},
    "neighbours": {"resident", "member", "author"},
    "city": {"resident", "member", "author"},
    "community": {"member", "author"},
}


@pytest.mark.parametrize("scope", MATRIX)
async def test_each_circle_sees_what_is_meant_for_it_and_no_more(alpha: City, scope: Any) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    people: dict[str, UUID | None] = {"guest": None, "author": ann.id}
    for name in ("resident", "member", "waiting"):
        people[name] = (await make.a_person(alpha, name)).id
    await alpha.execute(
        "update accounts set state = 'waiting' where actor_id = %s", people["waiting"]
    )
    await alpha.execute(
        "insert into memberships (community_id, person_id, state) values (%s, %s, 'member')",
        garden.actor_id,
        people["member"],
    )
    made = await make.a_proposal(alpha, ann, CANARY, garden, scope=scope)
    for name, viewer in people.items():
        seen = name in MATRIX[scope]
        assert bool(await titles(alpha, viewer_id=viewer)) == seen, name
        assert bool(await titles(alpha, viewer_id=viewer, words=CANARY)) == seen, name
        async with alpha.instance.read() as conn:
            _, counted = await proposals.list_page(conn, Filter(viewer_id=viewer))
            assert bool(counted) == seen, name
            assert await proposals.may_see(conn, made.id, viewer) == seen, name
            needs, offers = await proposals.list_both(conn, Filter(viewer_id=viewer))
            assert (not needs, bool(offers)) == (True, seen), name
            if seen:
                shown = await proposal_views.get_shown(conn, made.id, viewer)
                assert shown.proposal.title == CANARY
            else:
                with pytest.raises(Missing):
                    await proposal_views.get_shown(conn, made.id, viewer)


async def test_of_other_places_residents_see_what_neighbours_share(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    near, far = await a_foreigner(alpha, "near", "linked"), await a_foreigner(alpha, "far", "known")
    await theirs(alpha, near, "neighbours", "from a neighbour")
    await theirs(alpha, far, "neighbours", "from elsewhere")
    await theirs(alpha, far, "everyone", "for everyone")
    await theirs(alpha, near, "city", "their own")
    assert set(await titles(alpha, viewer_id=ann.id)) == {"from a neighbour", "for everyone"}
    assert await titles(alpha) == ["for everyone"]
    assert await titles(alpha, where="here") == []
    assert await titles(alpha, where="network") == ["for everyone"]


@pytest.mark.parametrize(
    "change",
    [
        "update peers set blocked_at = now() where origin = 'http://near.test'",
        "update peers set receives = false where origin = 'http://near.test'",
        "update actors set suspended_until = now() + interval '1 day' where name = 'near'",
        "update actors set deleted_at = now() where name = 'near'",
        "insert into blocks select a.id, b.id from actors a, actors b "
        "where a.name = 'ann' and b.name = 'near'",
    ],
)
async def test_blocked_people_and_places_are_left_out(alpha: City, change: str) -> None:
    ann = await make.a_person(alpha, "ann")
    await theirs(alpha, await a_foreigner(alpha, "near", "linked"), "everyone")
    assert await titles(alpha, viewer_id=ann.id) == [CANARY]
    await alpha.execute(change)
    assert await titles(alpha, viewer_id=ann.id) == []


async def test_what_is_over_is_listed_for_its_author_only(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    past = await make.a_proposal(alpha, ann, "past")
    closed = await make.a_proposal(alpha, ann, "closed")
    gone = await make.a_proposal(alpha, ann, "gone")
    minute = alpha.clock() - timedelta(minutes=1)
    await alpha.execute("update proposals set until = %s where id = %s", minute, past.id)
    await alpha.execute("update proposals set state = 'closed' where id = %s", closed.id)
    await alpha.execute("update proposals set state = 'withdrawn' where id = %s", gone.id)
    assert await titles(alpha, viewer_id=ann.id) == []
    mine = await titles(alpha, viewer_id=ann.id, author_id=ann.id, ended=True)
    assert set(mine) == {"past", "closed"}
    async with alpha.instance.read() as conn:
        assert (await proposal_views.get_shown(conn, past.id, None)).proposal.title == "past"
        with pytest.raises(Missing):
            await proposal_views.get_shown(conn, gone.id, ann.id)


async def test_removed_ones_are_for_the_author_and_moderators(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    root = await make.an_admin(alpha)
    made = await make.a_proposal(alpha, ann)
    await alpha.execute("update proposals set state = 'removed' where id = %s", made.id)
    async with alpha.instance.read() as conn:
        assert not (await proposal_views.get_shown(conn, made.id, ann.id)).moderates
        assert (await proposal_views.get_shown(conn, made.id, root.id)).moderates
        for viewer in (None, ben.id):
            with pytest.raises(Missing):
                await proposal_views.get_shown(conn, made.id, viewer)


@pytest.mark.parametrize(
    ("title", "source", "words"),
    [
        ("Zwei Gläser Honig", "", "glas honig"),
        ("Viele Äpfel", "", "apfel"),
        ("Ladders for roofs", "", "ladder"),
        ("Something", "I am repairing bicycles", "bicycle repair"),
        ("Traktor mit Anhänger", "", '"mit Anhänger"'),
        ("Traktor", "Kein Anhänger", "traktor -pflug"),
    ],
)
async def test_words_are_found_in_both_languages(
    alpha: City, title: str, source: str, words: str
) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_proposal(alpha, ann, title, source=source)
    await make.a_proposal(alpha, ann, "Pflug und Egge")
    assert await titles(alpha, words=words) == [title]


@pytest.mark.parametrize("words", ["'", '"', "und", "a:b & | !", "()", "\\", "%", "x" * 5000])
async def test_odd_words_find_nothing_and_break_nothing(alpha: City, words: str) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_proposal(alpha, ann)
    assert await titles(alpha, words=words) == []


async def test_a_sector_has_its_leaves(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_proposal(alpha, ann, "leaf", category="food.veg")
    await make.a_proposal(alpha, ann, "sector", category="food")
    await make.a_proposal(alpha, ann, "else", category="tool.hand")
    assert set(await titles(alpha, category="food")) == {"leaf", "sector"}
    assert await titles(alpha, category="food.veg") == ["leaf"]
    async with alpha.instance.read() as conn:
        _, counted = await proposals.list_page(conn, Filter(category="tool"))
    assert counted == {"food": 2, "tool": 1}


async def test_what_a_common_word_finds_is_whole_also_beyond_what_is_counted(
    alpha: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, "COUNTED", 4)
    ann = await make.a_person(alpha, "ann")
    for number in range(3):
        await make.a_proposal(alpha, ann, f"blue pear {number}", category="food.fruit")
    for number in range(3):
        await make.a_proposal(alpha, ann, f"blue saw {number}", category="tool.hand")
    pears, saws = ([f"blue {name} {number}" for number in (2, 1, 0)] for name in ("pear", "saw"))
    for category, limit, wanted in (
        ("food", 24, pears),  # only one of them is among the four newest
        ("food", 1, pears[:1]),
        ("tool", 24, saws),
        (None, 2, saws[:2]),
        (None, 24, [*saws, *pears]),
    ):
        async with alpha.instance.read() as conn:
            filter = Filter(words="blue", category=category, limit=limit)
            found, counted = await proposals.list_page(conn, filter)
        assert [card.title for card in found] == wanted
        assert counted == {"tool": 3, "food": 1}


async def test_distance_is_measured_and_limited(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    ann = await move(alpha, ann, 48.2082, 16.3738)
    await make.a_proposal(alpha, ann, "in Vienna")
    await make.a_proposal(alpha, ann, "in Graz", place_name="Graz")
    here = (48.2082, 16.3738)
    near = await cards(alpha, near=(*here, 50))
    assert [card.title for card in near] == ["in Vienna"]
    both = {card.title: card.distance_km or 0 for card in await cards(alpha, near=(*here, None))}
    assert both["in Vienna"] < 2 and 140 < both["in Graz"] < 150
    assert (await cards(alpha))[0].distance_km is None


async def test_pages_follow_each_other_without_gap_or_repeat(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    for number in range(7):
        await make.a_proposal(alpha, ann, f"number {number}")
    seen: list[str] = []
    before = None
    for _ in range(4):
        page = await cards(alpha, before=before, limit=2)
        seen += [card.title for card in page]
        before = (page[-1].created, page[-1].id)
    assert len(seen) == 7 and len(set(seen)) == 7


async def test_cards_and_pages_carry_the_first_picture(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    ids = [
        await alpha.value(
            "insert into media (id, mime, alt) values (gen_random_uuid(), 'image/webp', %s) "
            "returning id",
            alt,
        )
        for alt in ("front", "back")
    ]
    made = await make.a_proposal(alpha, ann, pictures=ids, quantity=Decimal(3))
    assert (await cards(alpha))[0].picture_id == ids[0]
    async with alpha.instance.read() as conn:
        shown = await proposal_views.get_shown(conn, made.id, None)
    assert [picture.alt for picture in shown.pictures] == ["front", "back"]
    assert shown.neighbours == 2
    assert shown.proposal.available == 3


async def test_lists_of_one_community_one_author_one_server(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    async with alpha.instance.begin() as tx:
        await memberships.ask(tx, by=ben, community=garden)
    await make.a_proposal(alpha, ann, "hers")
    await make.a_proposal(alpha, ben, "in the garden", garden)
    await theirs(alpha, await a_foreigner(alpha, "far", "known"), "everyone", "far away")
    assert await titles(alpha, author_id=ann.id) == ["hers"]
    assert await titles(alpha, community_id=garden.actor_id) == ["in the garden"]
    assert await titles(alpha, peer="http://far.test") == ["far away"]
    assert (await cards(alpha, author_id=ben.id))[0].community_title == "Garden"
