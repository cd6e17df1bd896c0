"""What the place decides about itself: name, purpose, place, who joins, with whom it talks."""

from dataclasses import replace
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import settings as acts
from schema import actors, settings, terms
from schema.words import N_
from web import forms
from web.pages.welcome import chosen_place, suggestions
from web.render import Form
from web.requests import admin, instance_of, page, see_other


class SettingsDraft(msgspec.Struct):
    name: Annotated[str, Meta(max_length=acts.LONGEST_NAME)]
    sign_up: Literal["open", "invitation", "approval"]
    federation: Literal["listed", "open"]
    hub: bool = False
    purpose_de: Annotated[str, Meta(max_length=acts.LONGEST_TEXT)] = ""
    purpose_en: Annotated[str, Meta(max_length=acts.LONGEST_TEXT)] = ""
    signed_reads: str = ""
    operator: Annotated[str, Meta(max_length=acts.LONGEST_TEXT)] = ""
    questions: Annotated[str, Meta(max_length=acts.LONGEST_TEXT)] = ""


class PlaceDraft(msgspec.Struct):
    place: Annotated[str, Meta(max_length=60)]


class RulesDraft(msgspec.Struct):
    de: Annotated[str, Meta(max_length=acts.LONGEST_TEXT)] = ""
    en: Annotated[str, Meta(max_length=acts.LONGEST_TEXT)] = ""


async def show(request: Request) -> Response:
    """The form with what is decided now."""
    admin(request)
    async with instance_of(request).read() as conn:
        now = await settings.load(conn)
        city = await actors.get(conn, instance_of(request).city_id)
    values = {
        "name": now.name,
        "purpose_de": now.purpose_de,
        "purpose_en": now.purpose_en,
        "operator": now.operator,
        "sign_up": now.sign_up,
        "questions": "\n".join(now.questions),
        "federation": now.federation,
        "hub": "1" if now.hub else "",
        "signed_reads": "yes" if now.signed_reads else "",
    }
    return await page(
        request, "admin.settings.html", section="settings", city=city, form=Form(values)
    )


@forms.again(show)
async def save(request: Request) -> Response:
    by, instance = admin(request), instance_of(request)
    draft = await forms.parse(request, SettingsDraft)
    async with instance.begin() as tx:
        wanted = replace(
            await settings.load(tx.conn),
            name=draft.name,
            purpose_de=draft.purpose_de,
            purpose_en=draft.purpose_en,
            operator=draft.operator,
            sign_up=draft.sign_up,
            questions=draft.questions.splitlines(),
            federation=draft.federation,
            hub=draft.hub,
            signed_reads=draft.signed_reads == "yes",
        )
        await acts.save(tx, by=by, settings=wanted)
    instance.forget_settings()
    return see_other(request, "/admin/settings", N_("Saved."))


async def place(request: Request) -> Response:
    """A search for the middle of the place, and the choice among what was found."""
    admin(request)
    query = request.query_params.get("q", "").strip()[:60]
    async with instance_of(request).read() as conn:
        city = await actors.get(conn, instance_of(request).city_id)
    found = await suggestions(request, query) if query else []
    return await page(
        request,
        "admin.settings.place.html",
        section="settings",
        city=city,
        query=query,
        found=found,
    )


@forms.again(place)
async def set_place(request: Request) -> Response:
    by, instance = admin(request), instance_of(request)
    draft = await forms.parse(request, PlaceDraft)
    chosen = chosen_place(draft.place)
    async with instance.begin() as tx:
        known = await settings.load(tx.conn)
        wanted = replace(known, latitude=chosen.latitude, longitude=chosen.longitude)
        await acts.save(tx, by=by, settings=wanted, place_name=chosen.name)
    instance.forget_settings()
    return see_other(request, "/admin/settings", N_("Saved."))


async def rules(request: Request) -> Response:
    """The rules in force, to be changed."""
    admin(request)
    async with instance_of(request).read() as conn:
        current = await terms.current(conn)
    values = {"de": current.text_de, "en": current.text_en} if current else {}
    return await page(
        request, "admin.rules.html", section="rules", current=current, form=Form(values)
    )


@forms.again(rules)
async def publish_rules(request: Request) -> Response:
    by = admin(request)
    draft = await forms.parse(request, RulesDraft)
    async with instance_of(request).begin() as tx:
        await acts.publish_rules(tx, by=by, de=draft.de, en=draft.en)
    return see_other(request, "/rules", N_("The new rules are in force."))


routes = [
    Route("/admin/settings", show),
    Route("/admin/settings", save, methods=["POST"]),
    Route("/admin/settings/place", place),
    Route("/admin/settings/place", set_place, methods=["POST"]),
    Route("/admin/rules", rules),
    Route("/admin/rules", publish_rules, methods=["POST"]),
]
