"""Threads: starting one, reading it, changing what one said and taking it back."""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import history
from federation.acts import posts as acts
from schema import actors, communities, ids, occasions, polls, posts, receipts, standings
from schema.actors import Actor
from schema.errors import Missing
from schema.occasions import Occasion
from schema.posts import Post
from schema.words import N_
from web import forms, writing
from web.render import Form
from web.requests import instance_of, me, page, see_other, viewer
from web.writing import LANGUAGES, Language

SIZE = 80  # replies on one page
NOT_HERE = N_("There is nothing here, or it is not meant for you.")

Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Text = Annotated[str, Meta(max_length=acts.LONGEST_TEXT)]


class PostDraft(msgspec.Struct):
    source: Text
    title: Annotated[str, Meta(max_length=acts.LONGEST_TITLE)] = ""
    language: Language | None = None
    id: UUID | None = None
    day: date | None = None
    begins: Clock = "18:00"
    ends: Clock | None = None
    place: Annotated[str, Meta(max_length=200)] = ""


async def show(request: Request) -> Response:
    """A thread; a reply leads to its place in it, an answer to its listing."""
    person = viewer(request)
    viewer_id = person.actor.id if person else None
    id: UUID = request.path_params["id"]
    after = _id(request.query_params.get("after"))
    async with instance_of(request).read() as conn:
        post = await posts.view(conn, id, viewer_id)
        if post.root_id and not post.proposal_id:
            return see_other(request, f"/posts/{post.root_id}#post-{post.id}")
        around = await posts.around(conn, id)
        replies = await posts.list_thread(conn, id, viewer_id, after, SIZE + 1)
        poll = await polls.find(conn, id) if post.author_host else None
        chosen = await polls.list_choices(conn, id, viewer_id) if poll and viewer_id else []
        occasion = None if post.author_host else await occasions.find(conn, id)
        standing = await standings.get(conn, viewer_id, post.community_id) if viewer_id else None
        sent = await receipts.list_of(conn, post.uri) if viewer_id == post.author_id else []
    if post.proposal_id:
        return see_other(request, f"{around.proposal_url}#post-{post.id}")
    if (
        post.is_gone
        and not replies
        and not (standing and (standing.moderates or standing.keeps_order))
    ):
        raise Missing(NOT_HERE)
    if person and post.author_host and not after:
        async with instance_of(request).begin() as tx:
            await history.want(tx, post.uri)
    to = _id(request.query_params.get("to"))
    return await page(
        request,
        "posts.show.html",
        post=post,
        around=around,
        replies=posts.in_order(replies[:SIZE]),
        more=f"{post.url}?after={replies[SIZE - 1].id}" if len(replies) > SIZE else None,
        standing=standing,
        sent=sent,
        poll=poll,
        occasion=occasion,
        chosen=chosen,
        poll_open=poll is not None and poll.is_open(instance_of(request).clock()),
        to=next((reply for reply in replies if reply.id == to), None),
        languages=LANGUAGES,
        locale=request.state.locale,
        fresh=ids.new(),
    )


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


async def _community(request: Request) -> Actor:
    """Of the path or of `?community=`; Missing for one that is hidden from this person."""
    by = me(request)
    given = request.path_params.get("handle") or request.query_params.get("community", "")
    handle = given.removesuffix("@" + instance_of(request).config.host)
    async with instance_of(request).read() as conn:
        found = await communities.get_by_handle(conn, handle)
        standing = await standings.get(conn, by.id, found.actor_id)
        if found.join_rule == "hidden" and not standing.is_member:
            raise Missing(NOT_HERE)
        return await actors.get(conn, found.actor_id)


async def new(request: Request) -> Response:
    """The form for a new thread."""
    community = await _community(request)
    with_date = "date" in request.query_params
    return await page(
        request,
        "posts.form.html",
        post=None,
        with_date=with_date,
        community=community,
        action=f"/communities/{community.handle}/posts" + ("?date=1" if with_date else ""),
        kept=[],
        picture_names=[],
        languages=LANGUAGES,
        locale=request.state.locale,
        fresh=ids.new(),
    )


@forms.again(new)
async def publish(request: Request) -> Response:
    """A new thread."""
    by = me(request)
    community = await _community(request)
    draft = await forms.parse(request, PostDraft)
    prepared = await writing.prepare(request)
    await writing.meet(instance_of(request), draft.source)
    async with instance_of(request).begin() as tx:
        post = await acts.start(
            tx,
            by=by,
            community=community,
            title=draft.title,
            source=draft.source,
            language=draft.language or request.state.locale,
            pictures=await writing.insert(tx, prepared),
            id=draft.id,
            occasion=_occasion(draft, ZoneInfo(instance_of(request).config.time_zone)),
        )
    return see_other(request, post.url, N_("Published."))


def _occasion(draft: PostDraft, zone: tzinfo) -> Occasion | None:
    """What the form says of a day; an end before the beginning is one of the next morning."""
    if draft.day is None:
        return None
    starts = datetime.combine(draft.day, time.fromisoformat(draft.begins), zone)
    ends = datetime.combine(draft.day, time.fromisoformat(draft.ends), zone) if draft.ends else None
    if ends and ends < starts:
        ends += timedelta(days=1)
    return Occasion(starts, ends, draft.place.strip())


async def edit(request: Request) -> Response:
    """The form with the words as they are."""
    by = me(request)
    async with instance_of(request).read() as conn:
        post = _own(await posts.get(conn, request.path_params["id"]), by)
        kept = await posts.list_pictures(conn, post.id)
    values: dict[str, object] = {
        "title": post.title,
        "source": post.source,
        "language": post.language,
        "keep": [str(picture.id) for picture in kept],
    }
    return await page(
        request,
        "posts.form.html",
        post=post,
        with_date=False,
        community=None,
        action=f"{post.url}/edit",
        kept=kept,
        picture_names=[(str(p.id), p.alt or str(n)) for n, p in enumerate(kept, 1)],
        languages=LANGUAGES,
        locale=post.language or request.state.locale,
        fresh=None,
        form=Form(values),
    )


def _own(post: Post, by: Actor) -> Post:
    if post.author_id != by.id or post.is_gone:
        raise Missing(NOT_HERE)
    return post


@forms.again(edit)
async def save(request: Request) -> Response:
    """New words; pictures that are no longer chosen go."""
    by = me(request)
    draft = await forms.parse(request, PostDraft)
    chosen = forms.values_of(await forms.submitted(request)).get("keep", [])
    prepared = await writing.prepare(request)
    await writing.meet(instance_of(request), draft.source)
    async with instance_of(request).begin() as tx:
        post = await posts.get(tx.conn, request.path_params["id"])
        had = await posts.list_pictures(tx.conn, post.id)
        kept = tuple(picture.id for picture in had if str(picture.id) in chosen)
        await acts.edit(
            tx,
            by=by,
            post=post,
            title=draft.title,
            source=draft.source,
            language=draft.language or post.language,
            pictures=(*kept, *await writing.insert(tx, prepared)),
        )
    return see_other(request, post.url, N_("Changed."))


async def delete(request: Request) -> Response:
    """Taken back."""
    by = me(request)
    async with instance_of(request).begin() as tx:
        post = await posts.get(tx.conn, request.path_params["id"])
        await acts.delete(tx, by=by, post=post)
        around = await posts.around(tx.conn, post.id)
    back = around.proposal_url or (f"/posts/{post.root_id}" if post.root_id else "")
    return see_other(request, back or around.community_url or "/", N_("Deleted."))


routes = [
    Route("/posts/new", new),
    Route("/communities/{handle}/posts/new", new),
    Route("/communities/{handle}/posts", publish, methods=["POST"]),
    Route("/posts/{id:uuid}", show),
    Route("/posts/{id:uuid}/edit", edit),
    Route("/posts/{id:uuid}/edit", save, methods=["POST"]),
    Route("/posts/{id:uuid}/deletion", delete, methods=["POST"]),
]
