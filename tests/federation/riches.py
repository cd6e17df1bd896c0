"""What people of a city own, and letters of somebody elsewhere about all of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from federation.acts import agreements
from schema.agreements import Terms
from tests import make, talk
from tests.peer import PUBLIC, Peer
from tests.world import City, settle

_OTHERS = "(select id from actors where uri <> {pat})"
_OWNED = (
    "select id, title, html, source, scope, author_id, deleted_at, removed_at, pinned_at,"
    " locked_at from posts where author_id in {others}",
    "select id, title, html, scope, author_id, state, available from proposals"
    " where author_id in {others}",
    "select community_id, person_id, state, role from memberships where person_id in {others}",
    "select follower_id, followed_id, state from follows where follower_id in {others}",
    "select id, uri, kind, name, host, deleted_at, suspended_until, public_key from actors"
    " where peer is null",
    "select id, responder_id, state, amount, head from agreements where responder_id in {others}",
    "select id, title, purpose, scope, state, latest_id from blueprints"
    " where author_id in {others}",
    "select community_id, plan_uri, aim, state, edition from projects",
    "select id, name, state, owner_id from tasks",
    "select actor_id, join_rule, purpose from communities",
)


async def owned(city: City, pat: str) -> list[tuple[Any, ...]]:
    """All that belongs to people other than pat: words, roles, follows, promises, plans."""
    found: list[tuple[Any, ...]] = []
    async with city.instance.read() as conn:
        for query in _OWNED:
            text = (
                query.replace("{others}", _OTHERS).replace("{pat}", f"'{pat}'") + " order by 1, 2"
            )
            found += [tuple(row) for row in await (await conn.execute(text.encode())).fetchall()]
    return found


@dataclass(frozen=True, slots=True)
class Riches:
    """Addresses and documents of what ann of the city has; pat is a member of her community."""

    ann: str
    garden: str
    thread: str
    ladder: str
    documents: tuple[dict[str, Any], ...]
    said: tuple[str, ...]
    """Activities by which the city told of it."""


async def gathered(city: City, far: Peer) -> Riches:
    """ann's community with a thread, an offer that ben and she agreed about, a blueprint and a
    project with a task."""
    ann, ben = await make.a_person(city, "ann"), await make.a_person(city, "ben")
    garden = await make.a_community(city, ann)
    await talk.join(city, ben, garden)
    thread = await talk.start(city, ann, garden)
    terms: dict[str, Any] = {"quantity": Decimal(4), "unit": "kg", "return_kind": "nothing"}
    ladder = await make.a_proposal(city, ann, "Apples", **terms)
    async with city.instance.begin() as tx:
        wish = Terms(Decimal(1), "kg", "nothing")
        row = await agreements.ask(tx, by=ben, proposal=ladder, terms=wish)
        await agreements.accept(tx, by=ann, agreement=row)
    blueprint = await make.a_blueprint(city, ann)
    project = await make.a_project(city, ann)
    await make.a_task(city, ann, project)
    await far.says(city, far.activity("Join", garden.uri))
    await settle(city)
    uris = [ann.uri, garden.uri, thread.uri, ladder.uri, blueprint.uri, project.plan_uri]
    found = [(await city.document(uri.removeprefix(city.origin))).json() for uri in uris]
    said = "select array_agg(uri order by id) from activities where direction = 'out' and public"
    told: list[str] = await city.value(said)
    return Riches(ann.uri, garden.uri, thread.uri, ladder.uri, tuple(found), tuple(told))


def forged(far: Peer, riches: Riches) -> Iterator[dict[str, Any]]:
    """Whatever pat may try with things that are not theirs."""
    group, member = f"{riches.garden}/moderators", f"{riches.garden}/featured"
    for document in riches.documents:
        uri = document["id"]
        changed = {**document, "name": "Forged", "title": "Forged", "content": "<p>Forged</p>"}
        changed |= {"updated": "2026-12-24T12:00:00Z", "edition": 99, "to": [PUBLIC]}
        mine = {**changed, "attributedTo": far.pat}
        for kind in ("Create", "Update", "Offer"):
            yield far.activity(kind, changed, to=[PUBLIC])
            yield far.activity(kind, mine, to=[PUBLIC])
        for kind in ("Delete", "Remove", "Lock", "Accept", "Reject", "Undo", "Leave", "Flag"):
            yield far.activity(kind, uri, target=member, summary="No.")
        for kind in ("Block", "Add", "Remove", "Move", "Invite"):
            yield far.activity(kind, uri, target=group)
            yield far.activity(kind, uri, target=riches.garden)
        yield far.activity("Delete", {"type": "Tombstone", "id": uri})
        yield far.activity("Announce", {**changed, "attributedTo": riches.ann})
        yield far.activity("Announce", far.activity("Update", changed, by=riches.ann))
        yield far.activity("Announce", far.activity("Delete", uri, by=riches.ann))
    for said in riches.said:
        for kind in ("Undo", "Accept", "Reject", "Delete"):
            yield far.activity(kind, said)
            yield far.activity(kind, {"id": said, "type": "Create", "actor": far.pat})
