"""People: one person's page, and blocking them."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import people as acts
from schema import accounts, actors, blocks, communities, follows, luggage, moves, proposals, thanks
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Missing
from schema.proposals import Filter
from schema.words import N_
from web.forms import submitted
from web.near import middle
from web.pages.me import LANGUAGES
from web.requests import instance_of, me, page, see_other, viewer

SIZE = 20


async def person_of(conn: Conn, request: Request) -> Actor:
    """The person this path names: `name` here, `name@host` elsewhere. Missing when gone."""
    found = await _named(conn, request)
    if found is None or found.kind not in ("person", "other") or found.deleted_at:
        raise Missing("There is nothing here, or it is not meant for you.")
    return found


async def _named(conn: Conn, request: Request) -> Actor | None:
    handle: str = request.path_params["handle"]
    name, _, host = handle.lstrip("@").partition("@")
    if host.lower() == instance_of(request).config.host:
        host = ""
    return await actors.find_by_handle(conn, name, host)


async def show(request: Request) -> Response:
    """Who waits for approval is seen by themselves and by those who decide; what a community says
    in its own name leads to its page."""
    by, near = viewer(request), await middle(request)
    async with instance_of(request).read() as conn:
        named = await _named(conn, request)
        if named is not None and named.kind == "group":
            return see_other(request, f"/communities/{named.handle}")
        person = await person_of(conn, request)
        is_me = by is not None and by.actor.id == person.id
        if person.is_local and not is_me:
            account = await accounts.find(conn, person.id)
            keeps_order = by is not None and by.account.role != "resident"
            if account is None or (account.state != "active" and not keeps_order):
                raise Missing("There is nothing here, or it is not meant for you.")
        mine = by.actor.id if by else None
        wanted = Filter(author_id=person.id, viewer_id=mine, near=near, limit=SIZE)
        needs, offers = await proposals.list_both(conn, wanted)
        belongs = await communities.list_of_person(conn, person.id, mine)
        followed = await follows.find(conn, mine, person.id) if mine and not is_me else None
        record = await thanks.get_record(conn, person.id)
        carried = await luggage.list_of(conn, person.id) if record.cities > 1 else []
        home = await moves.home_of(conn, person.id)
        kept_away = await blocks.find(conn, mine, person.id) if mine and not is_me else None
    known = dict(LANGUAGES)
    return await page(
        request,
        "people.show.html",
        person=person,
        is_me=is_me,
        needs=needs,
        offers=offers,
        communities=belongs,
        blocked=kept_away == "block",
        home=home,
        muted=kept_away == "mute",
        followed=followed.state if followed else "",
        record=record,
        carried=carried,
        keeps_order=by is not None and by.account.role != "resident",
        languages=[(code, known.get(code, code)) for code in person.languages],
    )


async def block(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        whom = await person_of(tx.conn, request)
        await acts.block(tx, by=by, whom=whom)
    return see_other(request, await _back(request, whom), N_("You hear nothing of them any more."))


async def mute(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        whom = await person_of(tx.conn, request)
        await acts.mute(tx, by=by, whom=whom)
    return see_other(request, await _back(request, whom), N_("You hear nothing of them any more."))


async def unblock(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        whom = await person_of(tx.conn, request)
        await acts.unblock(tx, by=by, whom=whom)
    return see_other(request, await _back(request, whom), N_("You can hear of each other again."))


async def _back(request: Request, whom: Actor) -> str:
    given = (await submitted(request)).get("back")
    return given if isinstance(given, str) and given else f"/people/{whom.handle}"


routes = [
    Route("/people/{handle}", show),
    Route("/people/{handle}/blocking", block, methods=["POST"]),
    Route("/people/{handle}/muting", mute, methods=["POST"]),
    Route("/people/{handle}/unblocking", unblock, methods=["POST"]),
]
