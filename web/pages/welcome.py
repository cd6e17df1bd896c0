"""Welcome: the first steps of a newcomer, each of which can be skipped."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import memberships as membership_acts
from federation.acts import people as people_acts
from federation.acts import preferences as acts
from schema import categories, communities, places, proposals
from schema.errors import Invalid, Missing
from schema.places import Place
from schema.proposals import Filter
from schema.words import N_
from web import forms
from web.near import middle
from web.render import Form
from web.requests import YEAR, instance_of, me, page, see_other, set_cookie, viewer

TILES = 12
SUGGESTED = 3
LOCALES = (("de", "Deutsch"), ("en", "English"))


class PlaceDraft(msgspec.Struct):
    place: Annotated[str, Meta(max_length=60)] = ""


class InterestsDraft(msgspec.Struct):
    interests: list[str] = []
    locale: Annotated[str, Meta(max_length=5)] = ""


class GiveDraft(msgspec.Struct):
    tiles: list[str] = []
    text: Annotated[str, Meta(max_length=800)] = ""


class CommunitiesDraft(msgspec.Struct):
    community: list[UUID] = []


async def show(request: Request) -> Response:
    """The step they are at, or `?step=`; for who waits, how it stands."""
    by, found = me(request), viewer(request)
    account = found.account if found else None
    if account is None or account.state == "waiting":
        return await page(request, "welcome.waiting.html", account=account)
    asked = request.query_params.get("step", "")
    step = int(asked) if asked in ("1", "2", "3", "4", "5") else account.welcome_step
    if not step:
        return see_other(request, "/needs")
    query = request.query_params.get("q", "").strip()[:60]
    suggested, example = [], None
    near = await middle(request)
    async with instance_of(request).read() as conn:
        if step == 5:
            suggested = await communities.list_suggested(conn, by.id, SUGGESTED)
        if step == 4:
            newest = await proposals.list_cards(
                conn, Filter(purpose="request", viewer_id=by.id, near=near, limit=1)
            )
            example = newest[0] if newest else None
    return await page(
        request,
        "welcome.html",
        step=step,
        last=acts.LAST_STEP,
        person=by,
        query=query,
        found=await suggestions(request, query),
        tiles=tiles(request),
        locales=LOCALES,
        suggested=suggested,
        example=example,
        form=Form({"interests": account.interests, "locale": request.state.locale, "q": query}),
    )


async def suggestions(request: Request, query: str) -> list[tuple[str, Place]]:
    """Places for what was typed, else the city's own: what the form sends, and the place."""
    if query:
        found = places.find(query, 8)
    else:
        settings = await instance_of(request).settings()
        known = settings.latitude is not None and settings.longitude is not None
        found = (
            [places.nearest(settings.latitude or 0.0, settings.longitude or 0.0)] if known else []
        )
    return [(f"{place.latitude},{place.longitude}", place) for place in found]


def chosen_place(text: str) -> Place:
    """What `suggestions` offered; Invalid for anything else."""
    latitude, _, longitude = text.partition(",")
    try:
        point = float(latitude), float(longitude)
    except ValueError as error:
        raise Invalid({"place": N_("Please choose one of the places.")}) from error
    if not (-90 <= point[0] <= 90 and -180 <= point[1] <= 180):
        raise Invalid({"place": N_("Please choose one of the places.")})
    return places.nearest(*point)


def tiles(request: Request) -> list[tuple[str, str, str]]:
    """Id, words and icon of the sectors most people have something of."""
    language = request.state.locale
    return [
        (sector.id, sector.de if language == "de" else sector.en, f"s-{sector.id}")
        for sector in categories.load().sectors()[:TILES]
    ]


@forms.again(show)
async def place(request: Request) -> Response:
    by, draft = me(request), await forms.parse(request, PlaceDraft)
    async with instance_of(request).begin() as tx:
        if draft.place:
            await people_acts.move(tx, by=by, place=chosen_place(draft.place))
        await acts.go_on(tx, by=by, done=1)
    return see_other(request, "/welcome?step=2")


@forms.again(show)
async def interests(request: Request) -> Response:
    by, draft = me(request), await forms.parse(request, InterestsDraft)
    response = see_other(request, "/welcome?step=3")
    async with instance_of(request).begin() as tx:
        await acts.choose_interests(tx, by=by, interests=draft.interests)
        if draft.locale in dict(LOCALES):
            await acts.choose_language(tx, by=by, locale=draft.locale)
            set_cookie(request, response, "language", draft.locale, YEAR)
        await acts.go_on(tx, by=by, done=2)
    return response


@forms.again(show)
async def give(request: Request) -> Response:
    by, draft = me(request), await forms.parse(request, GiveDraft)
    said = _said(request, draft)
    async with instance_of(request).begin() as tx:
        if said:
            await people_acts.say(tx, by=by, can=said)
        await acts.go_on(tx, by=by, done=3)
    return see_other(request, "/welcome?step=4")


@forms.again(show)
async def need(request: Request) -> Response:
    by, draft = me(request), await forms.parse(request, GiveDraft)
    said = _said(request, draft)
    async with instance_of(request).begin() as tx:
        if said:
            await people_acts.say(tx, by=by, wants=said)
        await acts.go_on(tx, by=by, done=4)
    return see_other(request, "/welcome?step=5")


def _said(request: Request, draft: GiveDraft) -> str:
    words = {id: text for id, text, _ in tiles(request)}
    return ", ".join([*([draft.text] if draft.text else []), *_known(draft.tiles, words)])


def _known(chosen: list[str], words: dict[str, str]) -> list[str]:
    return [words[id] for id in dict.fromkeys(chosen) if id in words]


@forms.again(show)
async def join(request: Request) -> Response:
    """Into those communities that were suggested and ticked; the last step."""
    by, draft = me(request), await forms.parse(request, CommunitiesDraft)
    async with instance_of(request).begin() as tx:
        for id in draft.community[:SUGGESTED]:
            community = await communities.find(tx.conn, id)
            if community is None or community.join_rule == "hidden":
                raise Missing("There is nothing here, or it is not meant for you.")
            await membership_acts.ask(tx, by=by, community=community)
        await acts.go_on(tx, by=by, done=5)
    return see_other(request, "/needs", N_("Welcome! Look around, and write your first need."))


async def skip(request: Request) -> Response:
    """On, with nothing said."""
    by, step = me(request), int(request.path_params["step"])
    async with instance_of(request).begin() as tx:
        await acts.go_on(tx, by=by, done=step)
    return see_other(request, f"/welcome?step={step + 1}" if step < acts.LAST_STEP else "/needs")


routes = [
    Route("/welcome", show),
    Route("/welcome/1", place, methods=["POST"]),
    Route("/welcome/2", interests, methods=["POST"]),
    Route("/welcome/3", give, methods=["POST"]),
    Route("/welcome/4", need, methods=["POST"]),
    Route("/welcome/5", join, methods=["POST"]),
    Route("/welcome/{step:int}/skip", skip, methods=["POST"]),
]
