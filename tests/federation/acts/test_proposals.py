"""What people here do with needs and offers, and what leaves the place because of it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from federation.acts import memberships, posts, proposals
from federation.acts.drafts import Draft
from federation.instance import Tx
from schema import actors, ids, places, publishing
from schema.actors import Actor
from schema.errors import Conflict, Forbidden, Invalid, Missing, Refusal
from schema.proposals import Proposal
from tests import make
from tests.world import City


async def sent(city: City, kind: str) -> list[dict[str, Any]]:
    """What left, of this type, the oldest first."""
    rows: Any = await city.value(
        "select coalesce(jsonb_agg(document::jsonb order by id), '[]') from activities "
        "where direction = 'out' and type = %s",
        kind,
    )
    return rows if isinstance(rows, list) else orjson.loads(rows)


async def notices(city: City, person: Actor) -> list[str]:
    return await city.value(
        "select coalesce(array_agg(kind || ': ' || text order by id), '{}') from notices "
        "where account_id = %s",
        person.id,
    )


async def join(city: City, person: Actor, community: Any) -> None:
    async with city.instance.begin() as tx:
        await memberships.ask(tx, by=person, community=community)


async def stored(city: City, made: Proposal) -> Proposal:
    async with city.instance.read() as conn:
        return await proposals.proposals.get(conn, made.id)


def in_days(city: City, days: float) -> datetime:
    return city.clock() + timedelta(days=days)


async def test_an_offer_for_everyone_goes_to_followers_through_the_city(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    made = await make.a_proposal(alpha, ann, "Eine Leiter", quantity=Decimal(2))
    (create,) = await sent(alpha, "Create")
    assert create["actor"] == ann.uri
    assert create["object"]["id"] == made.uri == f"{alpha.origin}/offers/{made.id}"
    assert create["object"]["name"] == "BIETE: Eine Leiter"
    assert (
        create["to"] == create["object"]["to"] == ["https://www.w3.org/ns/activitystreams#Public"]
    )
    announces = await sent(alpha, "Announce")
    assert [a["actor"] for a in announces] == [f"{alpha.origin}/city"] * 2
    assert (announces[0]["object"]["id"], announces[1]["object"]) == (create["id"], made.uri)
    assert made.available == 2 and made.category == "tool.lift"


async def test_what_stays_in_the_city_leaves_no_trace_outside(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    before = len(await sent(alpha, "Announce")), len(await sent(alpha, "Create"))
    made = await make.a_proposal(alpha, ann, "hush", garden, scope="city")
    async with alpha.instance.begin() as tx:
        await proposals.close(tx, by=ann, proposal=made)
        await proposals.withdraw(tx, by=ann, proposal=made)
    assert (len(await sent(alpha, "Announce")), len(await sent(alpha, "Create"))) == before
    assert await sent(alpha, "Delete") == []


async def test_among_neighbours_nothing_is_public(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_proposal(alpha, ann, scope="neighbours")
    text = orjson.dumps([*await sent(alpha, "Create"), *await sent(alpha, "Announce")]).decode()
    assert "#Public" not in text
    assert f"{alpha.origin}/city/followers" in text


async def test_a_community_passes_its_own_things_to_its_own_people(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    await make.a_proposal(alpha, ann, "for us", garden, scope="community")
    announces = [a for a in await sent(alpha, "Announce") if "for us" in str(a)]
    assert [a["actor"] for a in announces] == [garden.uri]
    assert announces[0]["to"] == [f"{garden.uri}/followers"]
    assert announces[0]["object"]["object"]["audience"] == garden.uri


DRAFT = Draft(purpose="offer", title="A ladder")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  \u200b "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"purpose": "request"}, "until"),
        ({"days": -1}, "until"),
        ({"days": 400}, "until"),
        ({"category": "no.such"}, "category"),
        ({"unit": "parsec"}, "unit"),
        ({"quantity": Decimal(0)}, "quantity"),
        ({"quantity": Decimal("1.2345")}, "quantity"),
        ({"quantity": Decimal("NaN")}, "quantity"),
        ({"quantity": Decimal("1e20")}, "quantity"),
        ({"source": "x" * 20_001}, "source"),
        ({"return_note": "x" * 201}, "return_note"),
        ({"scope": "community"}, "community"),
    ],
)
async def test_a_draft_that_is_not_right_is_told_field_by_field(
    alpha: City, changes: dict[str, Any], field: str
) -> None:
    ann = await make.a_person(alpha, "ann")
    days = changes.pop("days", None)
    values: dict[str, Any] = {"purpose": "offer", "title": "A ladder", **changes}
    if days is not None:
        values["until"] = in_days(alpha, days)
    with pytest.raises(Invalid) as refused:
        async with alpha.instance.begin() as tx:
            await proposals.publish(tx, by=ann, draft=Draft(**values))
    assert list(refused.value.fields) == [field]
    assert await alpha.value("select count(*) from proposals") == 0


async def test_a_hidden_community_keeps_its_things(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    hidden = await make.a_community(alpha, ann, "shadow", "hidden")
    with pytest.raises(Invalid):
        await make.a_proposal(alpha, ann, community=hidden)
    assert (await make.a_proposal(alpha, ann, community=hidden, scope="community")).community_id


@pytest.mark.parametrize(
    "change",
    [
        "update accounts set state = 'waiting' where actor_id = %s",
        "update accounts set state = 'closed' where actor_id = %s",
        "update actors set suspended_until = now() + interval '1 day' where id = %s",
    ],
)
async def test_only_active_residents_publish(alpha: City, change: str) -> None:
    ann = await make.a_person(alpha, "ann")
    await alpha.execute(change, ann.id)
    with pytest.raises(Forbidden):
        await make.a_proposal(alpha, ann)


async def test_only_members_share_in_a_community(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    with pytest.raises(Forbidden):
        await make.a_proposal(alpha, ben, community=garden)
    await join(alpha, ben, garden)
    assert (await make.a_proposal(alpha, ben, community=garden)).community_id == garden.actor_id


async def test_a_double_press_publishes_once(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    id = ids.new()
    first = await make.a_proposal(alpha, ann, id=id)
    assert await make.a_proposal(alpha, ann, id=id) == first
    assert len(await sent(alpha, "Create")) == 1
    with pytest.raises(Conflict):
        await make.a_proposal(alpha, ben, id=id)


async def test_only_a_rough_place_is_kept(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await alpha.execute(
        "update actors set place_name = 'Kirchbach', latitude = 46.9335, longitude = 15.6605 "
        "where id = %s",
        ann.id,
    )
    async with alpha.instance.read() as conn:
        ann = await actors.get(conn, ann.id)
    own = await make.a_proposal(alpha, ann)
    assert own.place_name == "Kirchbach"
    assert (own.latitude, own.longitude) == places.rough(46.9335, 15.6605)
    named = await make.a_proposal(alpha, ann, place_name="graz")
    graz = places.find("Graz")[0]
    assert (named.latitude, named.longitude) == places.rough(graz.latitude, graz.longitude)
    unknown = await make.a_proposal(alpha, ann, place_name="Behind the old mill")
    assert (unknown.place_name, unknown.latitude) == ("Behind the old mill", own.latitude)
    assert unknown.cell == places.cell(own.latitude or 0, own.longitude or 0)


async def edit(city: City, by: Actor, made: Proposal, **changes: Any) -> Proposal:
    available = changes.pop("available", None)
    values: dict[str, Any] = {
        "purpose": made.purpose,
        "title": made.title,
        "quantity": made.quantity,
        "unit": made.unit,
        "until": made.until,
        **changes,
    }
    async with city.instance.begin() as tx:
        return await proposals.edit(
            tx, by=by, proposal=made, draft=Draft(**values), available=available
        )


async def test_an_edit_is_told_as_an_update_with_a_later_time(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    made = await make.a_proposal(alpha, ann, quantity=Decimal(20))
    changed = await edit(alpha, ann, made, title="A long ladder", available=Decimal(14))
    assert (changed.title, changed.available) == ("A long ladder", 14)
    (update,) = await sent(alpha, "Update")
    assert update["object"]["updated"] > update["object"]["published"]
    assert update["object"]["publishes"]["availableQuantity"]["hasNumericalValue"] == "14"
    again = await edit(alpha, ann, changed, title="Another ladder")
    assert again.available == 14 and again.updated > changed.updated


async def test_who_sees_it_stays_as_it_was_published(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    made = await make.a_proposal(alpha, ann, scope="neighbours")
    assert (await edit(alpha, ann, made, scope="everyone")).scope == "neighbours"


async def test_no_more_can_be_left_than_there_was(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    made = await make.a_proposal(alpha, ann, quantity=Decimal(2))
    with pytest.raises(Invalid):
        await edit(alpha, ann, made, available=Decimal(3))


@pytest.mark.parametrize("act", ["edit", "renew", "close", "withdraw"])
async def test_only_its_author_changes_it(alpha: City, act: str) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    made = await make.a_proposal(alpha, ann)
    with pytest.raises(Forbidden):
        await change(alpha, act, ben, made)
    assert await stored(alpha, made) == made


async def change(city: City, act: str, by: Actor, made: Proposal) -> Proposal:
    async with city.instance.begin() as tx:
        match act:
            case "edit":
                draft = Draft(made.purpose, "Other words", until=made.until)
                return await proposals.edit(tx, by=by, proposal=made, draft=draft)
            case "renew":
                until = in_days(city, 9)
                return await proposals.renew(tx, by=by, proposal=made, until=until)
            case "close":
                return await proposals.close(tx, by=by, proposal=made)
            case _:
                return await proposals.withdraw(tx, by=by, proposal=made)


async def test_what_is_closed_can_be_renewed_and_is_whole_again(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    made = await make.a_proposal(alpha, ann, quantity=Decimal(4))
    assert (await change(alpha, "close", ann, made)).state == "closed"
    assert (await sent(alpha, "Update"))[-1]["object"]["publishes"]["finished"] is True
    renewed = await change(alpha, "renew", ann, made)
    assert (renewed.state, renewed.available) == ("open", 4)
    assert (await sent(alpha, "Update"))[-1]["object"]["publishes"]["finished"] is False


async def test_what_is_withdrawn_leaves_nothing_but_its_address(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    made = await make.a_proposal(alpha, ann, "Secret ladder", source="at my **door**")
    gone = await change(alpha, "withdraw", ann, made)
    assert (gone.state, gone.source, gone.html, gone.place_name) == ("withdrawn", "", "", "")
    (delete,) = await sent(alpha, "Delete")
    assert delete["object"]["type"] == "Tombstone" and delete["actor"] == ann.uri
    assert "Secret" not in str(delete)
    await change(alpha, "withdraw", ann, made)
    assert len(await sent(alpha, "Delete")) == 1
    for act in ("edit", "renew", "close"):
        with pytest.raises(Missing):
            await change(alpha, act, ann, made)
    answer = await alpha.document(f"/offers/{made.id}")
    assert (answer.status_code, answer.json()["type"]) == (410, "Tombstone")


async def remove(city: City, by: Actor, made: Proposal, reason: str = "An advert.") -> Proposal:
    async with city.instance.begin() as tx:
        return await proposals.remove(tx, by=by, proposal=made, reason=reason)


async def test_a_moderator_removes_with_a_reason_that_the_author_reads(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    await join(alpha, ben, garden)
    made = await make.a_proposal(alpha, ben, "Buy now", garden)
    with pytest.raises(Forbidden):
        await remove(alpha, ben, made)
    with pytest.raises(Invalid):
        await remove(alpha, ann, made, " ")
    assert (await remove(alpha, ann, made)).state == "removed"
    assert await notices(alpha, ben) == ["removed: Buy now: An advert."]
    (delete,) = await sent(alpha, "Delete")
    assert delete["actor"] == ben.uri
    with pytest.raises(Conflict):
        await change(alpha, "edit", ben, made)


async def test_what_an_admin_removes_is_logged(alpha: City) -> None:
    ann, root = await make.a_person(alpha, "ann"), await make.an_admin(alpha)
    made = await make.a_proposal(alpha, ann)
    await remove(alpha, root, made)
    assert await alpha.value(
        "select subject || ' ' || reason from admin_log where act = 'remove'"
    ) == (f"{made.uri} An advert.")


async def test_authors_are_warned_once_two_days_before_the_end(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    made = await make.a_proposal(alpha, ann, "Milk", until=in_days(alpha, 9))
    await make.a_proposal(alpha, ann, "Today only", until=in_days(alpha, 1))
    await make.a_proposal(alpha, ann, "Standing")

    async def warned() -> int:
        async with alpha.instance.begin() as tx:
            told = await proposals.warn_expiring(tx)
        await alpha.execute("update notices set created = %s", alpha.clock())
        return told

    assert await warned() == 0
    alpha.clock.now += timedelta(days=7, hours=1)
    assert (await warned(), await warned()) == (1, 0)
    assert await notices(alpha, ann) == ["expiring: Milk"]
    async with alpha.instance.begin() as tx:
        await proposals.renew(tx, by=ann, proposal=made, until=in_days(alpha, 30))
    alpha.clock.now += timedelta(days=29)
    assert await warned() == 1


async def test_nothing_is_kept_of_an_act_that_fails_later(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")

    async def fail(tx: Tx) -> None:
        await proposals.publish(tx, by=ann, draft=DRAFT)
        raise Refusal("Something else went wrong.")

    with pytest.raises(Refusal):
        async with alpha.instance.begin() as tx:
            await fail(tx)
    assert await alpha.value("select count(*) from proposals") == 0
    assert await sent(alpha, "Create") == []


async def test_pictures_stand_in_their_order_and_can_be_exchanged(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    pictures = [
        await alpha.value(
            "insert into media (id, mime, alt) values (gen_random_uuid(), 'image/webp', %s) "
            "returning id",
            alt,
        )
        for alt in ("one", "two")
    ]
    made = await make.a_proposal(alpha, ann, pictures=pictures)
    (create,) = await sent(alpha, "Create")
    assert [image["name"] for image in create["object"]["attachment"]] == ["one", "two"]
    async with alpha.instance.begin() as tx:
        draft = Draft("offer", made.title)
        await proposals.edit(tx, by=ann, proposal=made, draft=draft, pictures=pictures[1:])
        left = await publishing.list_pictures(tx.conn, made.id)
    assert [picture.alt for picture in left] == ["two"]


async def test_what_is_said_below_is_a_collection_for_other_servers(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    made = await make.a_proposal(alpha, ann)
    hidden = await make.a_proposal(alpha, ann, scope="city")
    async with alpha.instance.begin() as tx:
        said = await posts.answer(tx, by=ben, proposal=made, source="Here!")
    document = (await alpha.document(made.url)).json()
    replies = (await alpha.document(f"{made.url}/replies")).json()
    thread = (await alpha.document(f"{made.url}/thread")).json()
    assert (replies["id"], replies["orderedItems"]) == (document["replies"], [said.uri])
    assert (thread["id"], thread["orderedItems"]) == (document["context"], [made.uri, said.uri])
    assert (await alpha.document(f"{made.url}/other")).status_code == 404
    assert (await alpha.document(f"{hidden.url}/replies")).status_code == 404
