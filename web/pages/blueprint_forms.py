"""The form for a blueprint: a new one, a new version, an own version of another's, imports."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from federation import html, manifests
from federation.acts import blueprints as acts
from federation.okh import licenses
from federation.okh.manifests import Reading
from schema import actors, blueprint_views, blueprints, communities, files, ids
from schema.blueprints import Blueprint, Version
from schema.communities import CommunityCard
from schema.errors import Forbidden, Invalid, Missing
from schema.instructions import Draft
from schema.proposals import Scope
from schema.words import N_
from web import blueprint_rows, forms, writing
from web.blueprint_rows import Rows
from web.pages.new import lists_of
from web.render import Form
from web.requests import instance_of, me, page, see_other
from web.writing import LANGUAGES, Language

LARGEST_FILE = 1_000_000  # bytes
NOT_YOURS = N_("Only its author can do that.")
SPOKEN = {
    "title": N_("Name of the thing"),
    "purpose": N_("What is it good for?"),
    "description": N_("Description"),
    "language": N_("Language"),
    "license": N_("Licence"),
    "category": N_("Category"),
    "version": N_("Number of the version"),
    "safety": N_("What to beware of"),
    "readiness": N_("How far it is"),
    "bom": N_("The list of parts"),
    "licensor": N_("Whom it is from"),
    "tool-list": N_("Tools"),
}
"""Names of fields in words; others stand as the manifest has them."""
FIELDS = ("label", "cost_low", "cost_high", "space", "season", "safety", "readiness", "output")


class BlueprintDraft(msgspec.Struct):
    title: Annotated[str, Meta(max_length=200)]
    purpose: Annotated[str, Meta(max_length=600)] = ""
    source: Annotated[str, Meta(max_length=60_000)] = ""
    category: Annotated[str, Meta(max_length=40)] = ""
    language: Language | None = None
    license: Annotated[str, Meta(max_length=100)] = ""
    label: Annotated[str, Meta(max_length=40)] = ""
    cost_low: int | None = None
    cost_high: int | None = None
    space: Annotated[str, Meta(max_length=1000)] = ""
    season: Annotated[str, Meta(max_length=1000)] = ""
    safety: Annotated[str, Meta(max_length=60_000)] = ""
    readiness: int | None = None
    output: Annotated[str, Meta(max_length=60)] = ""
    changes: Annotated[str, Meta(max_length=1000)] = ""
    extra: Annotated[str, Meta(max_length=60_000)] = ""
    community: UUID | None = None
    scope: Scope = "everyone"
    id: UUID | None = None
    fork: UUID | None = None
    keep: list[UUID] = []
    keep_files: list[UUID] = []


class ImportDraft(msgspec.Struct):
    address: Annotated[str, Meta(max_length=2000)] = ""
    bom_address: Annotated[str, Meta(max_length=2000)] = ""


async def new(request: Request) -> Response:
    """An empty form, or with `?fork=` the version that is to become an own one."""
    me(request)
    fork = _id(request.query_params.get("fork"))
    if fork is None:
        start = {"readiness": "", "license": "CC-BY-SA-4.0", "language": request.state.locale}
        return await _form(request, {**start, "id": ids.new()}, Rows([], [], []))
    row, version, rows = await _stored(request, fork)
    values = {**_values(row, version), "id": ids.new(), "fork": fork, "changes": ""}
    return await _form(request, values, rows, origin=row)


async def edit(request: Request) -> Response:
    """The latest version in the form, for its author."""
    by = me(request)
    async with instance_of(request).read() as conn:
        row = await blueprints.get(conn, request.path_params["id"])
    if row.author_id != by.id or row.latest_id is None:
        raise Forbidden(NOT_YOURS)
    row, version, rows = await _stored(request, row.latest_id)
    return await _form(request, {**_values(row, version), "changes": ""}, rows, row=row)


async def _stored(request: Request, version_id: UUID) -> tuple[Blueprint, Version, Rows]:
    async with instance_of(request).read() as conn:
        version = await blueprints.get_version(conn, version_id)
        row = await blueprints.get(conn, version.blueprint_id)
        if not await blueprint_views.may_see(conn, row.id, me(request).id):
            raise Missing(N_("There is nothing here, or it is not meant for you."))
        lines = await blueprints.list_lines(conn, version.id)
        steps = await blueprints.list_steps(conn, version.id)
    return row, version, blueprint_rows.of_parts(lines, steps, request.state.locale)


def _values(row: Blueprint, version: Version) -> dict[str, object]:
    said = {name: getattr(version, name) for name in (*FIELDS, "title", "purpose", "source")}
    return {
        **said,
        "category": row.category,
        "language": row.language,
        "license": row.license,
        "extra": version.extra,
        "community": row.community_id,
        "scope": row.scope,
    }


async def _form(
    request: Request,
    values: dict[str, object],
    rows: Rows,
    *,
    row: Blueprint | None = None,
    origin: Blueprint | None = None,
    reading: Reading | None = None,
    more: str = "",
    preview: str = "",
) -> Response:
    """The whole form; what was typed before a problem wins."""
    problem = getattr(request.state, "problem", None)
    sent: dict[str, list[str]] = {}
    if request.method == "POST" and reading is None:
        sent = forms.values_of(await forms.submitted(request))
    if problem:
        rows = blueprint_rows.of_form(problem.values)
        more = blueprint_rows.first_wrong(rows)
    by = me(request)
    own: list[CommunityCard] = []
    async with instance_of(request).read() as conn:
        cards = await communities.list_cards(conn, viewer=by.id, mine=True, limit=100)
        own = [card for card in cards if card.is_mine]
        pictures = await blueprints.list_pictures(conn, row.id) if row else []
        attached = await files.list_of(conn, row.id) if row else []
    stays = {"keep": [one.id for one in pictures], "keep_files": [one.id for one in attached]}
    return await page(
        request,
        "blueprints.form.html",
        form=Form({**stays, **values}),
        rows=blueprint_rows.windows(rows, sent, more),
        row=row,
        origin=origin,
        reading=reading,
        own=own,
        pictures=pictures,
        attached=attached,
        preview=preview,
        lists=lists_of(request),
        languages=LANGUAGES,
        licenses=licenses.KNOWN,
        spoken=SPOKEN,
    )


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


async def _again(request: Request, row: Blueprint | None) -> Response | None:
    """Where somebody pressed for more rows, or to see how it will look: the form once more."""
    values = forms.values_of(await forms.submitted(request))
    more, look = values.get("add", [""])[-1], "preview" in values
    if not more and not look:
        return None
    kept: dict[str, object] = {name: given[-1] for name, given in values.items()}
    kept |= {name: values.get(name, []) for name in ("keep", "keep_files")}
    preview = html.to_html(values.get("source", [""])[-1]) if look else ""
    rows = blueprint_rows.of_form(values)
    return await _form(request, kept, rows, row=row, more=more, preview=preview)


async def _draft(request: Request) -> tuple[BlueprintDraft, Draft]:
    given = await forms.parse(request, BlueprintDraft)
    rows = blueprint_rows.of_form(forms.values_of(await forms.submitted(request)))
    said = {name: getattr(given, name) for name in (*FIELDS, "title", "purpose", "source")}
    draft = Draft(
        **said,
        category=given.category,
        language=given.language or request.state.locale,
        license=given.license,
        changes=given.changes,
        extra=given.extra,
        lines=blueprint_rows.lines_of(rows),
        steps=blueprint_rows.steps_of(rows),
    )
    return given, draft


@forms.again(new)
async def publish(request: Request) -> Response:
    """A new blueprint; or the form again with more rows or a preview."""
    by = me(request)
    if shown := await _again(request, None):
        return shown
    given, draft = await _draft(request)
    prepared, found = await writing.prepare(request), await writing.files(request)
    async with instance_of(request).begin() as tx:
        known = await blueprints.find_by_id(tx.conn, given.id) if given.id else None
        if known is not None and known.author_id == by.id:
            return see_other(request, known.url)
        group = await actors.get(tx.conn, given.community) if given.community else None
        fork = await blueprints.get_version(tx.conn, given.fork) if given.fork else None
        if fork and not await blueprint_views.may_see(tx.conn, fork.blueprint_id, by.id):
            raise Missing(N_("There is nothing here, or it is not meant for you."))
        made = await acts.publish(
            tx,
            by=by,
            draft=draft,
            community=group,
            scope=given.scope,
            pictures=await writing.insert(tx, prepared),
            files=await writing.insert_files(tx, found),
            id=given.id,
            forked_from=fork,
        )
    return see_other(request, made.url, N_("Published."))


@forms.again(edit)
async def revise(request: Request) -> Response:
    """A new version; or the form again with more rows or a preview."""
    by = me(request)
    async with instance_of(request).read() as conn:
        row = await blueprints.get(conn, request.path_params["id"])
    if row.author_id != by.id:
        raise Forbidden(NOT_YOURS)
    if shown := await _again(request, row):
        return shown
    given, draft = await _draft(request)
    prepared, found = await writing.prepare(request), await writing.files(request)
    async with instance_of(request).begin() as tx:
        kept = {picture.id for picture in await blueprints.list_pictures(tx.conn, row.id)}
        pictures = [id for id in given.keep if id in kept]
        pictures += await writing.insert(tx, prepared)
        have = [one.id for one in await files.list_of(tx.conn, row.id)]
        stay = [id for id in have if id in given.keep_files]
        attached = await writing.insert_files(tx, found, stay)
        await acts.revise(tx, by=by, blueprint=row, draft=draft, pictures=pictures, files=attached)
    return see_other(request, row.url, N_("Saved."))


async def preview(request: Request) -> Response:
    """The text as it will look, for htmx while somebody writes."""
    me(request)
    values = forms.values_of(await forms.submitted(request))
    return HTMLResponse(html.to_html(values.get("source", [""])[-1][:60_000]))


async def bring(request: Request) -> Response:
    """The form for an import: two files, or their addresses."""
    me(request)
    return await page(request, "blueprints.import.html", form=Form({}))


@forms.again(bring)
async def take(request: Request) -> Response:
    """What could be read of a manifest, in the form, with all that a person has to look at."""
    me(request)
    given = await forms.parse(request, ImportDraft)
    text, name = await _file(request, "manifest", given.address)
    bom, bom_name = await _file(request, "bom", given.bom_address)
    if not text and not bom:
        raise Invalid({"manifest": N_("Please choose a file, or give its address.")})
    reading = manifests.read(text, bom, bom_name or name)
    values: dict[str, object] = {
        **{key: getattr(reading.draft, key) for key in Draft.__slots__},
        "id": ids.new(),
        "readiness": reading.draft.readiness or "",
    }
    drafted = reading.draft
    rows = blueprint_rows.of_parts(drafted.lines, drafted.steps, request.state.locale)
    return await _form(request, values, rows, reading=reading)


async def _file(request: Request, field: str, address: str) -> tuple[str, str]:
    """The text of an upload, else of an address, and its name."""
    for upload in await forms.pictures(request, field):
        if len(upload.data) > LARGEST_FILE:
            raise Invalid({field: N_("This file is too large.")})
        return upload.data.decode("utf-8", "replace"), upload.filename
    if not address:
        return "", ""
    named = "address" if field == "manifest" else "bom_address"
    found = await manifests.text_at(instance_of(request), address, named)
    return found, address.rpartition("/")[2]


routes = [
    Route("/blueprints/new", new),
    Route("/blueprints/new", publish, methods=["POST"]),
    Route("/blueprints/preview", preview, methods=["POST"]),
    Route("/blueprints/import", bring),
    Route("/blueprints/import", take, methods=["POST"]),
    Route("/blueprints/{id:uuid}/edit", edit),
    Route("/blueprints/{id:uuid}/edit", revise, methods=["POST"]),
]
