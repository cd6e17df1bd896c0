"""Invitations: made, counted, taken back, and printed on a sheet to hand out."""

import io
from datetime import timedelta
from typing import Annotated

import msgspec
import segno
from markupsafe import Markup
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import accounts as acts
from schema import invitations
from schema.errors import Missing
from schema.words import N_
from web import forms
from web.requests import admin, instance_of, page, see_other

LONGEST_DAYS = 365


class InvitationDraft(msgspec.Struct):
    uses: int = 1
    days: int = 14
    note: Annotated[str, Meta(max_length=200)] = ""


async def index(request: Request) -> Response:
    """All of them, and a form for a new one."""
    admin(request)
    instance = instance_of(request)
    async with instance.read() as conn:
        found = await invitations.list_newest(conn)
    return await page(
        request,
        "admin.invitations.html",
        section="invitations",
        found=found,
        now=instance.clock(),
        origin=instance.config.origin,
    )


@forms.again(index)
async def make(request: Request) -> Response:
    by = admin(request)
    draft = await forms.parse(request, InvitationDraft)
    days = max(0, min(draft.days, LONGEST_DAYS + 1))
    async with instance_of(request).begin() as tx:
        code = await acts.invite(
            tx, by=by, uses=draft.uses, life=timedelta(days=days), note=draft.note
        )
    return see_other(request, f"/admin/invitations/{code}", N_("The invitation is ready."))


async def sheet(request: Request) -> Response:
    """Address and code on one page, to be printed."""
    admin(request)
    instance = instance_of(request)
    async with instance.read() as conn:
        found = await invitations.get(conn, request.path_params["code"])
    if not found.is_good(instance.clock()):
        raise Missing("This invitation is used up, too old or taken back.")
    settings = await instance.settings()
    address = f"{instance.config.origin}/join?code={found.code}"
    return await page(
        request,
        "admin.invitations.sheet.html",
        section="invitations",
        invitation=found,
        settings=settings,
        address=address,
        drawing=Markup(_drawn(address)),
        short=f"{instance.config.origin}/join",
    )


def _drawn(address: str) -> str:
    """A QR code (ISO/IEC 18004) as SVG, dark on light in both themes, with its quiet zone."""
    out = io.BytesIO()
    segno.make_qr(address, error="m").save(
        out,
        kind="svg",
        border=4,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=False,
        omitsize=True,
    )
    return out.getvalue().decode()


async def revoke(request: Request) -> Response:
    by = admin(request)
    async with instance_of(request).begin() as tx:
        await acts.revoke(tx, by=by, code=request.path_params["code"])
    return see_other(request, "/admin/invitations", N_("Taken back. Nobody joins by it any more."))


routes = [
    Route("/admin/invitations", index),
    Route("/admin/invitations", make, methods=["POST"]),
    Route("/admin/invitations/{code}", sheet),
    Route("/admin/invitations/{code}/revocation", revoke, methods=["POST"]),
]
