"""Me: what I say of myself, my picture, my place, whom I blocked."""

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import pictures
from federation.acts import people as acts
from schema import blocks, desk, media
from schema.errors import Invalid
from schema.words import N_
from web import forms
from web.pages.welcome import chosen_place, suggestions
from web.render import Form
from web.requests import instance_of, me, page, see_other, viewer

LANGUAGES = (
    ("de", "Deutsch"),
    ("en", "English"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("ar", "العربية"),
    ("fa", "فارسی"),
    ("hr", "Hrvatski"),
    ("hu", "Magyar"),
    ("sl", "Slovenščina"),
    ("pl", "Polski"),
    ("ro", "Română"),
    ("ru", "Русский"),
    ("fr", "Français"),
    ("it", "Italiano"),
    ("es", "Español"),
)


class ProfileDraft(msgspec.Struct):
    title: Annotated[str, Meta(max_length=200)]
    about: Annotated[str, Meta(max_length=10_000)] = ""
    can: Annotated[str, Meta(max_length=1000)] = ""
    wants: Annotated[str, Meta(max_length=1000)] = ""
    languages: list[str] = []


class FoundDraft(msgspec.Struct):
    discoverable: bool = False
    indexable: bool = False


class PlaceDraft(msgspec.Struct):
    place: Annotated[str, Meta(max_length=60)]


async def show(request: Request) -> Response:
    by, found = me(request), viewer(request)
    async with instance_of(request).read() as conn:
        helps = await desk.is_helper(conn, by.id)
    return await page(
        request,
        "me.html",
        helps=helps,
        person=by,
        account=found.account if found else None,
        languages=LANGUAGES,
        form=Form(
            {
                "title": by.title,
                "about": by.about,
                "can": by.can,
                "wants": by.wants,
                "languages": by.languages,
                "discoverable": by.discoverable,
                "indexable": by.indexable,
            }
        ),
    )


@forms.again(show)
async def save(request: Request) -> Response:
    by, draft = me(request), await forms.parse(request, ProfileDraft)
    async with instance_of(request).begin() as tx:
        await acts.update(
            tx,
            by=by,
            title=draft.title,
            about=draft.about,
            can=draft.can,
            wants=draft.wants,
            languages=[code for code in draft.languages if code in dict(LANGUAGES)],
        )
    return see_other(request, "/me", N_("Saved."))


async def be_found(request: Request) -> Response:
    """Two switches for other servers."""
    by, draft = me(request), await forms.parse(request, FoundDraft)
    async with instance_of(request).begin() as tx:
        await acts.be_found(tx, by=by, discoverable=draft.discoverable, indexable=draft.indexable)
    return see_other(request, "/me", N_("Saved."))


@forms.again(show)
async def show_picture(request: Request) -> Response:
    by = me(request)
    uploads = await forms.pictures(request, "picture")
    if not uploads:
        raise Invalid({"picture": N_("Please choose a picture.")})
    made = await pictures.prepare_in_thread(uploads[0].data)
    async with instance_of(request).begin() as tx:
        stored = await media.insert(
            tx.conn, full=made.full, small=made.small, width=made.width, height=made.height
        )
        await acts.show_picture(tx, by=by, media_id=stored)
    return see_other(request, "/me", N_("Your new picture is here."))


async def remove_picture(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        await acts.show_picture(tx, by=by, media_id=None)
    return see_other(request, "/me", N_("The picture is gone."))


async def place(request: Request) -> Response:
    by = me(request)
    query = request.query_params.get("q", "").strip()[:60]
    return await page(
        request,
        "me.place.html",
        person=by,
        query=query,
        found=await suggestions(request, query),
        form=Form({"q": query}),
    )


@forms.again(place)
async def move(request: Request) -> Response:
    by, draft = me(request), await forms.parse(request, PlaceDraft)
    wanted = chosen_place(draft.place)
    async with instance_of(request).begin() as tx:
        await acts.move(tx, by=by, place=wanted)
    return see_other(request, "/me", N_("Saved."))


async def forget_place(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        await acts.move(tx, by=by, place=None)
    return see_other(request, "/me", N_("Your place is gone from your page."))


async def blocked(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).read() as conn:
        found = await blocks.list_of(conn, by.id)
    return await page(request, "me.blocked.html", found=found)


routes = [
    Route("/me", show),
    Route("/me", save, methods=["POST"]),
    Route("/me/found", be_found, methods=["POST"]),
    Route("/me/picture", show_picture, methods=["POST"]),
    Route("/me/picture/removal", remove_picture, methods=["POST"]),
    Route("/me/place", place),
    Route("/me/place", move, methods=["POST"]),
    Route("/me/place/removal", forget_place, methods=["POST"]),
    Route("/me/blocked", blocked),
]
