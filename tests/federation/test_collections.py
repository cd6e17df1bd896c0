"""Collections: counts and pages, ids rather than objects, and nothing private among them."""

from typing import Any

from federation import collections, fetch
from federation.acts import threads
from schema.actors import Actor
from tests import make, talk
from tests.world import City, settle


async def pages(city: City, path: str) -> list[dict[str, Any]]:
    """The pages of a collection, by `first` and `next`."""
    url, found = (await city.document(path)).json()["first"], list[dict[str, Any]]()
    while url:
        found.append((await city.document(url.removeprefix(city.origin))).json())
        url = found[-1].get("next")
    return found


async def test_a_long_collection_comes_in_pages_newest_first(alpha: City, ann: Actor) -> None:
    made = [await make.a_proposal(alpha, ann, f"Ladder {n}") for n in range(collections.SIZE + 2)]
    whole = (await alpha.document("/city/offers")).json()
    assert (whole["type"], whole["totalItems"]) == ("OrderedCollection", len(made))
    assert "orderedItems" not in whole
    found = await pages(alpha, "/city/offers")
    assert [len(page["orderedItems"]) for page in found] == [collections.SIZE, 2]
    assert {(page["type"], page["partOf"], page["totalItems"]) for page in found} == {
        ("OrderedCollectionPage", whole["id"], len(made))
    }
    listed = [uri for page in found for uri in page["orderedItems"]]
    assert listed == [one.uri for one in reversed(made)]


async def test_what_is_added_meanwhile_moves_nothing_on_the_next_page(
    alpha: City, ann: Actor
) -> None:
    oldest = await make.a_proposal(alpha, ann)
    for number in range(collections.SIZE):
        await make.a_proposal(alpha, ann, f"Ladder {number}")
    first = (await alpha.document("/city/offers?page=first")).json()
    await make.a_proposal(alpha, ann, "Another")
    following = await alpha.document(first["next"].removeprefix(alpha.origin))
    assert following.json()["orderedItems"] == [oldest.uri]


async def test_another_city_reads_all_pages(alpha: City, beta: City, ann: Actor) -> None:
    made = [await make.a_proposal(alpha, ann, f"Ladder {n}") for n in range(collections.SIZE + 1)]
    found = await fetch.items(beta.instance, f"{alpha.origin}/city/offers")
    assert found == [one.uri for one in reversed(made)]
    assert len(await fetch.items(beta.instance, f"{alpha.origin}/city/offers", limit=7)) == 7


async def test_guests_find_what_is_for_everyone_and_neighbours_find_more(
    alpha: City, beta: City, ann: Actor
) -> None:
    scopes = ("everyone", "neighbours", "city")
    made = {scope: await make.a_proposal(alpha, ann, scope, scope=scope) for scope in scopes}
    for_guests = (await alpha.document("/city/offers?page=first")).json()["orderedItems"]
    assert for_guests == [made["everyone"].uri]
    for_neighbours = await fetch.items(beta.instance, f"{alpha.origin}/city/offers")
    assert for_neighbours == [made["neighbours"].uri, made["everyone"].uri]


async def test_needs_and_offers_that_are_over_are_not_listed(alpha: City, ann: Actor) -> None:
    ends = alpha.clock() + make.days(9)
    need = await make.a_proposal(alpha, ann, purpose="request", until=ends)
    assert (await pages(alpha, "/city/needs"))[0]["orderedItems"] == [need.uri]
    assert (await pages(alpha, "/city/offers"))[0]["orderedItems"] == []
    await alpha.execute("update proposals set until = now() - interval '1 day'")
    assert (await alpha.document("/city/needs")).json()["totalItems"] == 0


async def test_the_city_lists_its_communities_but_the_hidden(alpha: City, ann: Actor) -> None:
    garden = await make.a_community(alpha, ann)
    await make.a_community(alpha, ann, "secret", join_rule="hidden")
    assert (await pages(alpha, "/city/communities"))[0]["orderedItems"] == [garden.uri]


async def test_followers_are_counted_and_not_named(alpha: City, beta: City) -> None:
    found = (await pages(alpha, "/city/followers"))[0]
    assert (found["totalItems"], found["orderedItems"]) == (2, [])


async def test_a_community_lists_members_moderators_and_what_is_pinned(
    alpha: City, beta: City, ann: Actor
) -> None:
    garden = await make.a_community(alpha, ann)
    ben = await make.a_person(beta, "ben")
    await talk.join(beta, ben, garden, alpha)
    post = await talk.start(alpha, ann, garden)
    async with alpha.instance.begin() as tx:
        await threads.pin(tx, by=ann, post=post)
    lists = {"members": [ben.uri, ann.uri], "moderators": [ann.uri], "featured": [post.uri]}
    for name, expected in lists.items():
        found = (await pages(alpha, f"/communities/garden/{name}"))[0]
        assert sorted(found["orderedItems"]) == sorted(expected), name
    await alpha.execute("update posts set scope = 'community'")
    assert (await pages(alpha, "/communities/garden/featured"))[0]["orderedItems"] == []


async def test_an_outbox_holds_what_was_said_in_public(alpha: City, beta: City, ann: Actor) -> None:
    scopes = ("everyone", "neighbours", "city")
    made = {scope: await make.a_proposal(alpha, ann, scope, scope=scope) for scope in scopes}
    await settle(alpha, beta)
    found = (await pages(alpha, "/people/ann/outbox"))[0]["orderedItems"]
    assert [(one["type"], one["object"]["id"]) for one in found] == [
        ("Create", made["everyone"].uri)
    ]
    announced = (await alpha.document("/city/outbox?page=first")).text
    assert made["everyone"].uri in announced
    assert made["neighbours"].uri not in announced
