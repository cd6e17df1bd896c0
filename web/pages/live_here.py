"""Come and live here: what a settlement has and looks for, for people who think of moving."""

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import settling as acts
from schema import actors, categories, communities, premises, projects, proposals, settling
from schema.errors import Invalid
from schema.proposals import Filter
from schema.words import N_
from web import forms
from web.render import Form
from web.requests import admin, instance_of, page, see_other, viewer

NEWEST = 6


class LiveHereDraft(msgspec.Struct):
    source: Annotated[str, Meta(max_length=acts.LONGEST)] = ""
    contact: Annotated[str, Meta(max_length=100)] = ""


async def show(request: Request) -> Response:
    """Words of the place, open houses, what is needed by sector, communities, whom to ask."""
    who, instance = viewer(request), instance_of(request)
    mine = who.actor.id if who else None
    wanted = Filter(purpose="request", where="here", viewer_id=mine, limit=NEWEST)
    async with instance.read() as conn:
        said = await settling.find(conn)
        contact = await actors.get(conn, said.contact_id) if said and said.contact_id else None
        open_places = await premises.list_cards(conn, viewer_id=mine, here=True, limit=NEWEST)
        needs, counts = await proposals.list_page(conn, wanted)
        groups = await communities.list_suggested(conn, None, NEWEST)
        built = await projects.list_cards(conn, viewer=mine, where="here", limit=NEWEST)
    german = request.state.locale == "de"
    sectors = [
        (one.id, one.de if german else one.en, counts[one.id])
        for one in categories.load().sectors()
        if counts.get(one.id)
    ]
    return await page(
        request,
        "live_here.html",
        said=said,
        contact=contact,
        open_places=open_places,
        needs=needs,
        sectors=sorted(sectors, key=lambda sector: -sector[2]),
        groups=groups,
        built=built,
    )


async def edit(request: Request) -> Response:
    """For admins."""
    admin(request)
    async with instance_of(request).read() as conn:
        said = await settling.find(conn)
        contact = await actors.get(conn, said.contact_id) if said and said.contact_id else None
    values = {"source": said.source if said else "", "contact": contact.name if contact else ""}
    return await page(request, "live_here.form.html", form=Form(values))


@forms.again(edit)
async def write(request: Request) -> Response:
    by, given = admin(request), await forms.parse(request, LiveHereDraft)
    name = given.contact.strip().lstrip("@")
    async with instance_of(request).begin() as tx:
        contact = await actors.find_by_handle(tx.conn, name) if name else None
        if name and contact is None:
            raise Invalid({"contact": N_("Nobody here has this short name.")})
        await acts.write(tx, by=by, source=given.source, contact=contact)
    return see_other(request, "/live-here", N_("Saved."))


routes = [
    Route("/live-here", show),
    Route("/live-here/edit", edit),
    Route("/live-here/edit", write, methods=["POST"]),
]
