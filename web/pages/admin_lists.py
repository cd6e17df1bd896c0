"""Lists of places as admins see them: added, read, applied entry by entry, taken back, exported."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import resolve
from federation.acts import lists as acts
from federation.errors import Malformed, Refused
from schema import limits, lists, peers, severing
from schema.errors import Invalid, Missing
from schema.lists import Kind
from schema.words import N_
from web import forms
from web.requests import admin, instance_of, page, see_other

HERE = "/admin/lists"


class ListDraft(msgspec.Struct):
    title: Annotated[str, Meta(max_length=100)]
    kind: Kind = "block"
    address: Annotated[str, Meta(max_length=2000)] = ""
    text: Annotated[str, Meta(max_length=190_000)] = ""


class Choice(msgspec.Struct):
    host: Annotated[str, Meta(max_length=260)] = ""


async def index(request: Request) -> Response:
    """All lists, with what waits for a decision."""
    admin(request)
    async with instance_of(request).read() as conn:
        found = await lists.list_all(conn)
    return await page(request, "admin.lists.html", section="cities", found=found)


@forms.again(index)
async def add(request: Request) -> Response:
    by, instance = admin(request), instance_of(request)
    draft = await forms.parse(request, ListDraft)
    if bool(draft.address) == bool(draft.text):
        raise Invalid({"address": N_("Please give an address, or paste the list: one of the two.")})
    if draft.address:
        try:
            resolve.origin_at(instance, draft.address)
        except (Malformed, Refused) as error:
            text = N_("This address cannot be used.")
            raise Invalid({"address": text}) from error
    async with instance.begin() as tx:
        made = await acts.add(
            tx,
            by=by,
            kind=draft.kind,
            title=draft.title,
            address=draft.address or None,
            text=draft.text,
        )
    return see_other(request, f"{HERE}/{made.id}", N_("Added. Nothing has been done yet."))


async def show(request: Request) -> Response:
    """One list: what it proposes and what that would cut, what was done, what was refused."""
    admin(request)
    id: UUID = request.path_params["id"]
    async with instance_of(request).read() as conn:
        found = await lists.get(conn, id)
        drafts = await lists.list_entries(conn, id, "draft")
        known = [entry for entry in drafts if entry.origin]
        reached = [o for entry in known for o in await peers.list_under(conn, entry.host)]
        cut = await severing.consequences(conn, reached)
        leaving = await lists.list_entries(conn, id, "leaving")
        decided = [
            *await lists.list_entries(conn, id, "applied"),
            *await lists.list_entries(conn, id, "refused"),
        ]
    return await page(
        request,
        "admin.lists.show.html",
        section="cities",
        found=found,
        drafts=drafts,
        known=known,
        cut=cut,
        leaving=leaving,
        decided=decided,
    )


async def apply(request: Request) -> Response:
    """One entry, or (without a host) all drafts, a part of them at a time."""
    by, instance = admin(request), instance_of(request)
    draft, id = await forms.parse(request, Choice), UUID(str(request.path_params["id"]))
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"list:{by.id}", rate_per_minute=60, burst=60)
        hosts = [draft.host]
        if not draft.host:
            found = await lists.list_entries(tx.conn, id, "draft", acts.MOST_AT_ONCE)
            hosts = [entry.host for entry in found]
        bases = [(host, resolve.base_of(instance, host)) for host in hosts]
        await acts.apply_all(tx, by=by, list_id=id, bases=bases)
    return see_other(request, f"{HERE}/{id}", N_("Done."))


async def refuse(request: Request) -> Response:
    by, id = admin(request), UUID(str(request.path_params["id"]))
    draft = await forms.parse(request, Choice)
    async with instance_of(request).begin() as tx:
        await acts.refuse(tx, by=by, list_id=id, host=draft.host)
    return see_other(request, f"{HERE}/{id}", N_("Refused. It is remembered."))


async def remove(request: Request) -> Response:
    by = admin(request)
    async with instance_of(request).begin() as tx:
        await acts.remove(tx, by=by, list_id=request.path_params["id"])
    return see_other(request, HERE, N_("The list is gone. What was done because of it stays."))


async def read_again(request: Request) -> Response:
    """Now, instead of within a day."""
    admin(request)
    id: UUID = request.path_params["id"]
    async with instance_of(request).begin() as tx:
        await limits.take(tx.conn, f"read:{id}", rate_per_minute=1, burst=3)
        await tx.defer("refresh_list", origin=str(id))
    return see_other(request, f"{HERE}/{id}", N_("We are reading it. Look again in a moment."))


async def export(request: Request) -> Response:
    """What we block, or whom we are linked with: as Mastodon's CSV, or JSON."""
    admin(request)
    name: str = request.path_params["name"]
    kinds: dict[str, Kind] = {"blocked": "block", "linked": "allow"}
    forms_: dict[str, Literal["csv", "json"]] = {"csv": "csv", "json": "json"}
    what, _, form = name.partition(".")
    if what not in kinds or form not in forms_:
        raise Missing("There is nothing here, or it is not meant for you.")
    title = (await instance_of(request).settings()).name
    async with instance_of(request).read() as conn:
        body = await acts.export(conn, kinds[what], forms_[form], title)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=kind, headers=headers)


_ONE = f"{HERE}/{{id:uuid}}"
routes = [
    Route(HERE, index),
    Route(HERE, add, methods=["POST"]),
    Route(_ONE, show),
    Route(f"{_ONE}/confirmation", apply, methods=["POST"]),
    Route(f"{_ONE}/refusal", refuse, methods=["POST"]),
    Route(f"{_ONE}/reading", read_again, methods=["POST"]),
    Route(f"{_ONE}/removal", remove, methods=["POST"]),
    Route("/admin/cities-export/{name}", export),
]
