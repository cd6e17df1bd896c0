"""The form for a need or an offer: a new one, and one that its author changes."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from federation import pictures
from federation.acts import drafts as rules
from federation.acts import proposals as acts
from federation.acts.drafts import Draft
from federation.instance import Tx
from federation.pictures import Prepared
from schema import (
    actors,
    categories,
    communities,
    drafts,
    ids,
    limits,
    media,
    peers,
    proposal_views,
    proposals,
    publishing,
    speakers,
    units,
)
from schema.actors import Actor
from schema.categories import Category
from schema.communities import CommunityCard
from schema.errors import Forbidden, Invalid
from schema.hand_outs import Rule
from schema.proposals import Proposal, ReturnKind, Scope
from schema.words import N_
from web import forms
from web.login import network_of
from web.render import Form
from web.requests import (
    client_address,
    end_of,
    instance_of,
    local_now,
    me,
    page,
    see_other,
    set_cookie,
    viewer,
)
from web.writing import LANGUAGES, Language

DRAFT = "draft"  # the cookie
DRAFT_AGE = int(drafts.LIFE.total_seconds())
Until = Literal["today", "week", "weeks", "standing"]


class NewDraft(msgspec.Struct):
    title: Annotated[str, Meta(max_length=rules.LONGEST_TITLE)]
    kind: Literal["need", "offer"] = "need"
    id: UUID | None = None
    category: Annotated[str, Meta(max_length=40)] = ""
    quantity: Decimal | None = None
    unit: Annotated[str, Meta(max_length=20)] = "piece"
    until: Until = "weeks"
    until_day: date | None = None
    return_kind: ReturnKind = "open"
    return_note: Annotated[str, Meta(max_length=rules.LONGEST_NOTE)] = ""
    source: Annotated[str, Meta(max_length=rules.LONGEST_TEXT)] = ""
    place_name: Annotated[str, Meta(max_length=100)] = ""
    community: UUID | None = None
    in_its_name: bool = False
    scope: Scope = "everyone"
    language: Language | None = None
    alt: Annotated[str, Meta(max_length=500)] = ""
    available: Decimal | None = None
    hand_out: Literal["author", "first", "draw", "least", "coordinator"] = "author"
    hand_out_day: date | None = None
    keep: list[UUID] = []


def until_of(chosen: Until, day: date | None, now: datetime) -> datetime | None:
    """The end of a day where `now` is; None: standing. A named day counts more than the chips."""
    if day is None and chosen == "standing":
        return None
    days = {"today": 0, "week": 7, "weeks": 14}.get(chosen, 0)
    last = day or (now + timedelta(days=days)).date()
    return end_of(last, now)


def draft_of(given: NewDraft, locale: str, until: datetime | None) -> Draft:
    """What the form says, as the acts take it."""
    return Draft(
        purpose="offer" if given.kind == "offer" else "request",
        title=given.title,
        source=given.source,
        language=given.language or locale,
        category=given.category,
        quantity=given.quantity,
        unit=given.unit,
        until=until,
        return_kind=given.return_kind,
        return_note=given.return_note,
        scope=given.scope,
        place_name=given.place_name,
    )


async def new(request: Request) -> Response:
    """One screen; what was typed last time, or as a guest, stands in it already."""
    found = viewer(request)
    kept: drafts.Fields | None = None
    last: Proposal | None = None
    own: list[CommunityCard] = []
    secret = request.cookies.get(DRAFT)
    async with instance_of(request).read() as conn:
        if secret:
            kept = await drafts.find(conn, secret, instance_of(request).clock())
        if found:
            last = await proposals.find_last(conn, found.actor.id)
            cards = await communities.list_cards(conn, viewer=found.actor.id, mine=True, limit=100)
            own = [card for card in cards if card.is_mine]
        neighbours = await peers.list_linked(conn)
    values: dict[str, object] = {
        "id": ids.new(),
        "kind": "offer" if request.query_params.get("kind") == "offer" else "need",
        "title": request.query_params.get("title", "")[: rules.LONGEST_TITLE],
        "category": _known(request.query_params.get("category", "")),
        "quantity": "1",
        "until": "weeks",
        "return_kind": "open",
        **_usual(request, found.actor if found else None, last, own),
    }
    for name, given in (kept or {}).items():
        values[name] = given[0] if len(given) == 1 else given
    return await page(
        request,
        "new.html",
        form=Form(values),
        listing=None,
        own=own,
        led=any(card.my_role in ("moderator", "steward") and not card.host for card in own),
        neighbours=len(neighbours),
        was_kept=kept is not None,
        pictures=[],
        lists=lists_of(request),
    )


def _known(category: str) -> str:
    return category if categories.load().find(category) else ""


def _usual(
    request: Request, by: Actor | None, last: Proposal | None, own: list[CommunityCard]
) -> dict[str, object]:
    """Place, community and circle as last time; a community that the address names comes first."""
    named = request.query_params.get("community", "")
    chosen = next((card.actor_id for card in own if card.handle == named), None)
    if chosen is None and last and last.community_id in {card.actor_id for card in own}:
        chosen = last.community_id
    scope = last.scope if last else "everyone"
    return {
        "place_name": (last.place_name if last else "") or (by.place_name if by else ""),
        "community": chosen or "",
        "scope": "everyone" if scope == "community" and chosen is None else scope,
        "language": last.language if last else request.state.locale,
    }


@dataclass(frozen=True, slots=True)
class Lists:
    """What the form's lists offer, in the reader's language: (value, words)."""

    categories: list[tuple[str, list[tuple[str, str]]]]
    units: list[tuple[str, str]]
    languages: tuple[tuple[str, str], ...] = LANGUAGES


def lists_of(request: Request) -> Lists:
    german = request.state.locale == "de"
    known = categories.load()

    def words(one: Category) -> str:
        return one.de if german else one.en

    groups = [
        (words(sector), [(one.id, words(one)) for one in (sector, *known.leaves(sector.id))])
        for sector in known.sectors()
    ]
    return Lists(groups, [(u.id, u.de if german else u.en) for u in units.load().values()])


async def guess(request: Request) -> Response:
    """The category that a title points to, for htmx while somebody types."""
    title = request.query_params.get("title", "")[: rules.LONGEST_TITLE]
    locale: str = request.state.locale
    found = categories.load().guess(title, locale, limit=1)
    words = request.app.state.renderer.words.catalogues[locale].gettext(N_("Category"))
    text = f"{words}: {categories.load().title(found[0].id, locale)}" if found else ""
    return HTMLResponse(text)


@forms.again(new)
async def publish(request: Request) -> Response:
    """A resident's is published; a guest's is kept until they have an account."""
    found = viewer(request)
    given = await forms.parse(request, NewDraft)
    if found is None or found.account.state == "waiting":
        return await _keep_for_later(request, "/welcome" if found else "/join?next=/new")
    by, instance = found.actor, instance_of(request)
    draft = draft_of(
        given, request.state.locale, until_of(given.until, given.until_day, local_now(request))
    )
    prepared = await _pictures(request)
    async with instance.begin() as tx:
        group = await actors.get(tx.conn, given.community) if given.community else None
        by = await _speaker(tx, by, group) if given.in_its_name else by
        known = await proposals.find_by_id(tx.conn, given.id) if given.id else None
        if known is not None and known.author_id == by.id:
            return see_other(request, known.url)
        made = await acts.publish(
            tx,
            by=by,
            draft=draft,
            community=group,
            pictures=await _store(tx, prepared, given.alt),
            id=given.id,
            hand_out=_hand_out(given, ZoneInfo(instance.config.time_zone)),
        )
        secret = request.cookies.get(DRAFT)
        if secret:
            await drafts.drop(tx.conn, secret)
    response = see_other(request, made.url, N_("Published."))
    response.delete_cookie(DRAFT)
    return response


async def _speaker(tx: Tx, by: Actor, group: Actor | None) -> Actor:
    """The community itself, for who may speak for it."""
    if group is None:
        raise Invalid({"in_its_name": N_("Please choose the community in whose name it is.")})
    if not await speakers.may_speak(tx.conn, by, group, tx.instance.clock()):
        raise Invalid({"in_its_name": N_("Only its moderators speak for a community here.")})
    return group


def _hand_out(given: NewDraft, zone: ZoneInfo) -> tuple[Rule, datetime | None] | None:
    if given.hand_out == "author":
        return None
    day = given.hand_out_day
    return given.hand_out, datetime.combine(day, time(18), zone) if day else None


async def _keep_for_later(request: Request, path: str) -> Response:
    instance = instance_of(request)
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"draft from {network_of(client_address(request))}", 2, 20)
    secret = secrets.token_urlsafe(32)
    fields = forms.values_of(await forms.submitted(request))
    async with instance.begin() as tx:
        kept = await drafts.keep(tx.conn, secret, fields, instance.clock())
    flash = N_("What you wrote is kept. It is published when you have an account.")
    response = see_other(request, path, flash if kept else None)
    set_cookie(request, response, DRAFT, secret, DRAFT_AGE)
    return response


async def _pictures(request: Request) -> list[Prepared]:
    uploads = await forms.pictures(request, "picture")
    return [await pictures.prepare_in_thread(upload.data) for upload in uploads[:6]]


async def _store(tx: Tx, prepared: list[Prepared], alt: str) -> list[UUID]:
    return [
        await media.insert(
            tx.conn, full=one.full, small=one.small, width=one.width, height=one.height, alt=alt
        )
        for one in prepared
    ]


async def edit(request: Request) -> Response:
    """The form with what it is now; for its author."""
    by = me(request)
    async with instance_of(request).read() as conn:
        shown = await proposal_views.get_shown(conn, request.path_params["id"], by.id)
        by = await speakers.of_listing(conn, by, shown.proposal, instance_of(request).clock())
    row = shown.proposal
    if row.author_id != by.id:
        raise Forbidden(N_("Only its author can do that."))
    values = {
        name: getattr(row, name)
        for name in "title category quantity unit return_kind return_note source place_name "
        "language available".split()
    }
    for name in ("quantity", "available"):
        values[name] = "" if values[name] is None else f"{values[name]:f}"
    return await page(
        request,
        "new.html",
        form=Form({**values, "keep": [picture.id for picture in shown.pictures]}),
        listing=row,
        pictures=shown.pictures,
        own=[],
        led=False,
        neighbours=0,
        was_kept=False,
        lists=lists_of(request),
    )


@forms.again(edit)
async def save(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, NewDraft)
    prepared = await _pictures(request)
    async with instance_of(request).begin() as tx:
        row = await proposals.get(tx.conn, request.path_params["id"])
        have = [picture.id for picture in await publishing.list_pictures(tx.conn, row.id)]
        stay = [id for id in have if id in given.keep]
        added = await _store(tx, prepared, given.alt)
        changed = await acts.edit(
            tx,
            by=await speakers.of_listing(tx.conn, by, row, tx.instance.clock()),
            proposal=row,
            draft=draft_of(given, request.state.locale, row.until),
            available=given.available,
            pictures=[*added, *stay] if added or stay != have else None,
        )
    return see_other(request, changed.url, N_("Saved."))


routes = [
    Route("/new", new),
    Route("/new", publish, methods=["POST"]),
    Route("/new/guess", guess),
    *(
        route
        for folder in ("needs", "offers")
        for route in (
            Route(f"/{folder}/{{id:uuid}}/edit", edit),
            Route(f"/{folder}/{{id:uuid}}/edit", save, methods=["POST"]),
        )
    ),
]
