"""Communities: finding, founding and changing them, and the page of one with its tabs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import keys, pictures, resolve
from federation.acts import communities as acts
from federation.acts.communities import Draft
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.pictures import Prepared
from schema import communities, limits, media, memberships, posts, proposals
from schema.actors import Actor
from schema.communities import Community, CommunityCard, JoinRule, Where
from schema.database import Conn
from schema.errors import Forbidden, Missing
from schema.memberships import Membership
from schema.proposals import Filter, Purpose
from schema.words import N_
from web import forms
from web.near import middle
from web.render import Form
from web.requests import instance_of, me, page, see_other, viewer

SIZE = 30


class CommunityDraft(msgspec.Struct):
    title: Annotated[str, Meta(min_length=2, max_length=80)]
    join_rule: JoinRule = "open"
    name: Annotated[str, Meta(max_length=30)] = ""
    purpose: Annotated[str, Meta(max_length=5000)] = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A community that the one who asks may see, and what they are to it."""

    community: Community
    mine: Membership | None

    @property
    def is_member(self) -> bool:
        return self.mine is not None and self.mine.is_member

    @property
    def moderates(self) -> bool:
        return self.mine is not None and self.mine.moderates

    @property
    def is_steward(self) -> bool:
        return self.mine is not None and self.mine.is_steward


def viewer_id(request: Request) -> UUID | None:
    """The resident's id; None for a guest."""
    found = viewer(request)
    return found.actor.id if found else None


async def seen(conn: Conn, request: Request) -> Seen:
    """The community this path names; Missing where it is hidden and they do not belong to it."""
    handle: str = request.path_params["handle"]
    handle = handle.removesuffix("@" + instance_of(request).config.host)
    community = await communities.get_by_handle(conn, handle)
    person = viewer_id(request)
    mine = await memberships.find(conn, community.actor_id, person) if person else None
    belongs = mine is not None and mine.state in ("member", "invited")
    if community.join_rule == "hidden" and not belongs:
        raise Missing("There is nothing here, or it is not meant for you.")
    return Seen(community, mine)


async def index(request: Request) -> Response:
    """Own ones first, then the liveliest; chips for here and network, and a search."""
    where = _where(request)
    text = request.query_params.get("q", "").strip()[:100]
    before = position(request.query_params.get("before", ""))
    person = viewer_id(request)
    async with instance_of(request).read() as conn:
        own: list[CommunityCard] = []
        if person and not before:
            own = await communities.list_cards(
                conn, viewer=person, words=text.split(), where=where, limit=100, mine=True
            )
        found = await communities.list_cards(
            conn, viewer=person, words=text.split(), where=where, before=before, limit=SIZE + 1
        )
    older = None
    if len(found) > SIZE:
        last = found[SIZE - 1]
        older = with_position(request, last.active, last.actor_id)
    return await page(
        request,
        "communities.list.html",
        own=own,
        found=found[:SIZE],
        older=older,
        where=where,
        text=text,
        form=Form({"q": text, "where": where}),
    )


def _where(request: Request) -> Where:
    given = request.query_params.get("where", "all")
    return "here" if given == "here" else "network" if given == "network" else "all"


def position(text: str) -> tuple[datetime, UUID] | None:
    """Where a page of a list begins, as `with_position` wrote it; None for the first page."""
    moment, _, id = text.partition("~")
    try:
        return datetime.fromisoformat(moment), UUID(id)
    except ValueError:
        return None


def with_position(request: Request, moment: datetime, id: UUID) -> str:
    """The address of the page of this list that begins behind an item."""
    kept = [(k, v) for k, v in request.query_params.items() if k != "before"]
    return f"{request.url.path}?{urlencode([*kept, ('before', f'{moment.isoformat()}~{id}')])}"


async def find(request: Request) -> Response:
    """A community by its address, here or anywhere: straight to its page."""
    by, instance = me(request), instance_of(request)
    address = request.query_params.get("address", "").strip()[:500]
    if not address:
        return await page(request, "communities.find.html", form=Form({}))
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"find:{by.id}", rate_per_minute=10, burst=20)
    try:
        found = await resolve.handle(instance, address)
        if found.kind == "group":
            await resolve.count_members(instance, found)
            return see_other(request, f"/communities/{found.handle}")
        problem = N_("At this address is somebody else, not a community.")
    except (Gone, Missing, Malformed):
        problem = N_("There is no community at this address. It looks like water@wien.example.")
    except (Refused, Untrusted):
        problem = N_("That place gave an answer that this place does not trust.")
    except Unreachable:
        problem = N_("That place does not answer at the moment. Please try again later.")
    form = Form({"address": address}, {"address": problem})
    return await page(request, "communities.find.html", 422, form=form)


async def new(request: Request) -> Response:
    """The form for a new community."""
    me(request)
    return await page(request, "communities.form.html", community=None)


@forms.again(new)
async def found(request: Request) -> Response:
    """Founds it; whoever does is its first steward."""
    by, instance = me(request), instance_of(request)
    draft = await forms.parse(request, CommunityDraft)
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"found:{by.id}", rate_per_minute=0.1, burst=10)
    picture, pair = await _picture(request), await keys.make_in_thread()
    async with instance.begin() as tx:
        name = draft.name.lower() or await acts.propose(tx.conn, draft.title)
        image = await _keep(tx.conn, picture)
        wanted = Draft(draft.title, draft.purpose, draft.join_rule, name, image)
        made = await acts.create(tx, by=by, draft=wanted, keys=pair)
    return see_other(request, made.url, N_("Your community is there. Invite others!"))


async def _picture(request: Request) -> Prepared | None:
    uploads = await forms.pictures(request, "picture")
    return await pictures.prepare_in_thread(uploads[0].data) if uploads else None


async def _keep(conn: Conn, picture: Prepared | None) -> UUID | None:
    if picture is None:
        return None
    return await media.insert(
        conn,
        full=picture.full,
        small=picture.small,
        width=picture.width,
        height=picture.height,
    )


async def settings(request: Request) -> Response:
    """The form with what it is now; for stewards."""
    by = me(request)
    async with instance_of(request).read() as conn:
        found = await seen(conn, request)
    _check_steward(found, by)
    now = found.community
    values = {"title": now.title, "purpose": now.purpose, "join_rule": now.join_rule}
    return await page(request, "communities.form.html", community=now, form=Form(values))


@forms.again(settings)
async def change(request: Request) -> Response:
    """Stewards change title, purpose and rule."""
    by = me(request)
    draft = await forms.parse(request, CommunityDraft)
    picture = await _picture(request)
    async with instance_of(request).begin() as tx:
        found = await seen(tx.conn, request)
        image = await _keep(tx.conn, picture)
        wanted = Draft(draft.title, draft.purpose, draft.join_rule, avatar_id=image)
        changed = await acts.edit(tx, by=by, community=found.community, draft=wanted)
    return see_other(request, changed.url, N_("Saved."))


class Closing(msgspec.Struct):
    closed: bool = False


async def close(request: Request) -> Response:
    """A steward closes it for good, or opens it again."""
    by, given = me(request), await forms.parse(request, Closing)
    async with instance_of(request).begin() as tx:
        found = await seen(tx.conn, request)
        changed = await acts.close(tx, by=by, community=found.community, closed=given.closed)
    closed, opened = N_("It is closed now, and can only be read."), N_("It is open again.")
    return see_other(request, changed.url, closed if given.closed else opened)


def _check_steward(found: Seen, by: Actor) -> None:
    if not found.community.is_local:
        raise Forbidden("This community decides that in its own place.")
    if not found.is_steward:
        raise Forbidden("Only a steward of this community can do that.")


async def talk(request: Request) -> Response:
    """The page of a community: who it is, whether one belongs to it, and what is talked about."""
    before = _moment(request.query_params.get("before", ""))
    async with instance_of(request).read() as conn:
        found = await seen(conn, request)
        threads = await posts.list_threads(
            conn, found.community.actor_id, before, SIZE + 1, viewer_id=viewer_id(request)
        )
    older = None
    if len(threads) > SIZE:
        moment = threads[SIZE - 1].last_reply.isoformat()
        older = f"{found.community.url}?{urlencode({'before': moment})}"
    return await show(request, "talk", found, threads=threads[:SIZE], older=older)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


async def needs(request: Request) -> Response:
    """What is needed in it."""
    return await _listings(request, "needs", "request")


async def offers(request: Request) -> Response:
    """What is offered in it."""
    return await _listings(request, "offers", "offer")


async def _listings(
    request: Request, tab: Literal["needs", "offers"], purpose: Purpose
) -> Response:
    before = position(request.query_params.get("before", ""))
    near = await middle(request)
    async with instance_of(request).read() as conn:
        found = await seen(conn, request)
        wanted = Filter(
            purpose=purpose,
            community_id=found.community.actor_id,
            viewer_id=viewer_id(request),
            near=near,
            before=before,
            limit=SIZE + 1,
        )
        listings = await proposals.list_cards(conn, wanted)
    older = None
    if len(listings) > SIZE:
        last = listings[SIZE - 1]
        older = with_position(request, last.created, last.id)
    return await show(request, tab, found, listings=listings[:SIZE], older=older)


async def show(request: Request, tab: str, found: Seen, **more: object) -> Response:
    """One tab of a community, below its head."""
    now = instance_of(request).clock()
    return await page(
        request,
        f"communities.{'listings' if tab in ('needs', 'offers') else tab}.html",
        200,
        tab=tab,
        seen=found,
        community=found.community,
        mine=found.mine,
        is_banned=found.mine is not None and found.mine.is_banned(now),
        **more,
    )


routes = [
    Route("/communities", index),
    Route("/communities", found, methods=["POST"]),
    Route("/communities/new", new),
    Route("/communities/find", find),
    Route("/communities/{handle}", talk),
    Route("/communities/{handle}/needs", needs),
    Route("/communities/{handle}/offers", offers),
    Route("/communities/{handle}/settings", settings),
    Route("/communities/{handle}/settings", change, methods=["POST"]),
    Route("/communities/{handle}/closing", close, methods=["POST"]),
]
