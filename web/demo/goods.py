"""The demonstration's needs and offers, the parts lists of two projects, and first answers."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid5

from federation import pictures
from federation.acts import posts, proposals
from federation.acts.drafts import Draft
from federation.okh import parts as okh
from federation.okh.parts import Part, Parts
from schema import actors, media
from schema import posts as stored_posts
from schema import proposals as stored
from schema.actors import Actor
from schema.proposals import Proposal
from web import importing
from web.demo import content
from web.demo.content import Community, Listing
from web.demo.places import Lost, Place, find_person, until, writer

_NAMES = UUID("5f7d4b1e-6f0b-4c55-9a3e-0d5b3f1c2a77")
PARTS_DAYS = 28


def listing_id(place: Place, what: str) -> UUID:
    """The same for the same thing at every start, so that nothing is published twice."""
    return uuid5(_NAMES, f"{place.name}/{what}")


async def listings(places: Sequence[Place]) -> None:
    """Every need and offer by its author, the cities in turn, so that lists begin mixed."""
    numbered = [
        (number, place, listing)
        for place in places
        for number, listing in enumerate(place.content.listings)
    ]
    for number, place, listing in sorted(numbered, key=lambda row: (row[0], row[1].name)):
        by = await _author(place, listing.author)
        await _publish(place, by, _draft(place, listing), f"{number}", listing.community, listing)


async def parts(place: Place) -> None:
    """What the bills of materials of open-hardware projects list, as needs of a community."""
    for community in place.content.communities:
        folder = content.project(community)
        if folder is None:
            continue
        by = await _author(place, community.steward)
        for number, part in enumerate(parts_of(folder).lines):
            draft = _part(place, community, part)
            await _publish(place, by, draft, f"{community.name}/{number}", community.name, None)


def parts_of(folder: Path) -> Parts:
    """The list that lies in it; Lost where there is none."""
    path = importing.list_in(folder)
    if path is None:
        raise Lost(f"{folder.name} has no list of parts")
    return okh.parse(path.read_text("utf-8-sig"), name=path.name)


def _draft(place: Place, listing: Listing) -> Draft:
    return Draft(
        purpose="request" if listing.kind == "need" else "offer",
        title=listing.title,
        source=listing.text,
        language=listing.language,
        category=listing.category,
        quantity=listing.number,
        unit=listing.unit,
        until=place.instance.clock() + timedelta(days=listing.days),
        return_kind=listing.return_kind,
        scope=listing.scope,
    )


def _part(place: Place, community: Community, part: Part) -> Draft:
    return Draft(
        purpose="request",
        title=part.title,
        source=" · ".join(said for said in part.note.split(" · ") if "://" not in said),
        language=part.language,
        category=part.category or community.needs_category or "other",
        quantity=part.number or Decimal(1),
        unit=part.unit,
        until=place.instance.clock() + timedelta(days=PARTS_DAYS),
        return_kind="nothing",
        scope="everyone",
    )


async def _publish(
    place: Place,
    by: Actor,
    draft: Draft,
    what: str,
    community: str | None,
    listing: Listing | None,
) -> None:
    id = listing_id(place, what)
    shown = content.picture(listing) if listing else None
    made = await pictures.prepare_in_thread(shown) if shown else None
    async with place.instance.begin() as tx:
        if await stored.find_by_id(tx.conn, id):
            return
        group = await actors.find_by_handle(tx.conn, community) if community else None
        if listing and listing.in_its_name and group:
            by = group
        held: list[UUID] = []
        if made:
            stored_picture = await media.insert(
                tx.conn,
                full=made.full,
                small=made.small,
                width=made.width,
                height=made.height,
                alt=draft.title,
            )
            held.append(stored_picture)
        await proposals.publish(tx, by=by, draft=draft, community=group, pictures=held, id=id)


async def _author(place: Place, login: str) -> Actor:
    found = await find_person(place, login)
    if found is None:
        raise Lost(f"{login} is not there")
    return found


async def answers(place: Place, places: Sequence[Place]) -> None:
    """First answers, also by people of the other cities, once the listing has come to them."""
    for number, listing in enumerate(place.content.listings):
        async with place.instance.read() as conn:
            row = await stored.find_by_id(conn, listing_id(place, f"{number}"))
        if row is None:
            raise Lost(f"“{listing.title}” is not there")
        for reply in listing.answers:
            home, by = await writer(places, place, reply.author)
            await _answer(home, by, row.uri, reply.text, listing.language)


async def _answer(home: Place, by: Actor, uri: str, text: str, language: str) -> None:
    async def arrived() -> Proposal | None:
        async with home.instance.read() as conn:
            return await stored.find(conn, uri)

    row = await until(arrived, f"{uri} at {home.name}")
    async with home.instance.begin() as tx:
        said = await stored_posts.find_said(tx.conn, by.id, text, parent=None, proposal=row.id)
        if said is None:
            await posts.answer(tx, by=by, proposal=row, source=text, language=language)
