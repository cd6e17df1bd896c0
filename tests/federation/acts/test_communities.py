"""Founding communities and changing their settings."""

import json

import pytest

from federation.acts import communities as acts
from federation.acts.communities import Draft
from schema import communities, memberships
from schema.errors import Forbidden, Invalid
from tests import make
from tests.world import City, settle


async def test_whoever_founds_a_community_is_its_steward_and_member(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann, "garden", title="The garden")
    assert (garden.handle, garden.title, garden.members) == ("garden", "The garden", 1)
    assert garden.uri == f"{alpha.origin}/communities/garden"
    async with alpha.instance.read() as conn:
        mine = await memberships.find(conn, garden.actor_id, ann.id)
    assert mine and mine.is_steward


async def test_a_group_shows_itself_to_other_servers(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann, join_rule="approval", purpose="Growing *things*.")
    shown = json.loads((await alpha.document("/communities/garden")).text)
    assert (shown["type"], shown["preferredUsername"]) == ("Group", "garden")
    assert shown["manuallyApprovesFollowers"] is True
    assert shown["summary"].strip() == "<p>Growing <em>things</em>.</p>"
    assert shown["source"]["content"] == "Growing *things*."
    for collection in ("followers", "members", "outbox", "inbox"):
        assert shown[collection] == f"{garden.uri}/{collection}"
    assert shown["attributedTo"] == f"{garden.uri}/moderators"
    assert "BEGIN PUBLIC KEY" in shown["publicKey"]["publicKeyPem"]


@pytest.mark.parametrize(
    "name", ["ann", "ANN", "city", "new", "find", "ab", "a__b", "x-y", "ä" * 4]
)
async def test_some_names_are_taken_reserved_or_impossible(alpha: City, name: str) -> None:
    ann = await make.a_person(alpha, "ann")
    with pytest.raises(Invalid) as refused:
        await make.a_community(alpha, ann, name)
    assert "name" in refused.value.fields


async def test_a_free_name_is_proposed_from_the_title(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with alpha.instance.read() as conn:
        assert await acts.propose(conn, "Wasser für Wien!") == "wasser_fuer_wien"
        assert await acts.propose(conn, "Ann") == "ann_ort"
    await make.a_community(alpha, ann, "wasser_fuer_wien")
    async with alpha.instance.read() as conn:
        assert await acts.propose(conn, "Wasser für Wien!") == "wasser_fuer_wien_ort"
        with pytest.raises(Invalid):
            await acts.propose(conn, "水")


async def test_only_residents_of_the_place_found_communities(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    async with alpha.instance.begin() as tx:
        group = await acts.actors.get(tx.conn, garden.actor_id)
    with pytest.raises(Forbidden):
        await make.a_community(alpha, group, "more")


async def test_only_stewards_change_settings(alpha: City) -> None:
    ann, eve = await make.a_person(alpha, "ann"), await make.a_person(alpha, "eve")
    garden = await make.a_community(alpha, ann)
    draft = Draft("Taken over", "", "open")
    with pytest.raises(Forbidden):
        async with alpha.instance.begin() as tx:
            await acts.edit(tx, by=eve, community=garden, draft=draft)
    async with alpha.instance.begin() as tx:
        changed = await acts.edit(tx, by=ann, community=garden, draft=draft)
    assert changed.title == "Taken over"


async def test_neighbour_cities_hear_of_a_new_community(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_community(alpha, ann, join_rule="approval", title="The garden")
    await settle(alpha, beta)
    async with beta.instance.read() as conn:
        known = await communities.find_by_handle(conn, "garden@alpha.test")
    assert known and (known.title, known.join_rule, known.members) == (
        "The garden",
        "approval",
        1,
    )


async def test_neighbour_cities_do_not_hear_of_a_hidden_one(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_community(alpha, ann, join_rule="hidden")
    await settle(alpha, beta)
    async with beta.instance.read() as conn:
        assert await communities.find_by_handle(conn, "garden@alpha.test") is None


async def test_a_community_that_hides_disappears_from_the_lists_of_neighbours(
    alpha: City, beta: City
) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    await settle(alpha, beta)
    async with alpha.instance.begin() as tx:
        await acts.edit(tx, by=ann, community=garden, draft=Draft("Garden", "", "hidden"))
    await settle(alpha, beta)
    async with beta.instance.read() as conn:
        assert await communities.list_cards(conn, viewer=None, where="network") == []
