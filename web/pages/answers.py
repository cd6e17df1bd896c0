"""Replies in threads and answers below needs and offers; what was said under a hashtag."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import posts as acts
from schema import posts, proposals
from schema.proposals import Proposal
from schema.words import N_
from web import forms, writing
from web.pages.posts import show
from web.requests import instance_of, me, page, see_other, viewer
from web.writing import Language


class ReplyDraft(msgspec.Struct):
    source: Annotated[str, Meta(max_length=acts.LONGEST_TEXT)] = ""
    ready: Annotated[str, Meta(max_length=200)] = ""
    language: Language | None = None
    id: UUID | None = None
    to: UUID | None = None


@forms.again(show)
async def reply(request: Request) -> Response:
    """A reply to the thread's first post, or to the one named by `to`."""
    by = me(request)
    draft = await forms.parse(request, ReplyDraft)
    prepared = await writing.prepare(request)
    await writing.meet(instance_of(request), draft.source)
    async with instance_of(request).begin() as tx:
        first = await posts.get(tx.conn, request.path_params["id"])
        parent = await posts.get(tx.conn, draft.to) if draft.to else first
        said = await acts.reply(
            tx,
            by=by,
            parent=parent,
            source=draft.source,
            language=draft.language or request.state.locale,
            pictures=await writing.insert(tx, prepared),
            id=draft.id,
        )
    return see_other(request, f"/posts/{first.id}#post-{said.id}", N_("Your reply is there."))


async def answer(request: Request) -> Response:
    """An answer below a need or offer, or to another answer there (`to`)."""
    by = me(request)
    draft = await forms.parse(request, ReplyDraft)
    words = "\n\n".join(part for part in (draft.ready, draft.source) if part)
    prepared = await writing.prepare(request)
    await writing.meet(instance_of(request), words)
    language = draft.language or request.state.locale
    async with instance_of(request).begin() as tx:
        listing = await proposals.get(tx.conn, request.path_params["proposal_id"])
        images = await writing.insert(tx, prepared)
        parent = await posts.get(tx.conn, draft.to) if draft.to else None
        if parent is not None and parent.proposal_id == listing.id:
            said = await acts.reply(
                tx,
                by=by,
                parent=parent,
                source=words,
                language=language,
                pictures=images,
                id=draft.id,
            )
        else:
            said = await acts.answer(
                tx,
                by=by,
                proposal=listing,
                source=words,
                language=language,
                pictures=images,
                id=draft.id,
            )
    return see_other(request, f"{_path(listing)}#post-{said.id}", N_("Your answer is there."))


def _path(listing: Proposal) -> str:
    return f"/{'offers' if listing.purpose == 'offer' else 'needs'}/{listing.id}"


async def tagged(request: Request) -> Response:
    """What was said under a hashtag."""
    tag: str = request.path_params["tag"].lower()[:50]
    person = viewer(request)
    async with instance_of(request).read() as conn:
        found = await posts.list_tagged(conn, tag, person.actor.id if person else None, 50)
    return await page(request, "posts.tagged.html", tag=tag, found=found)


routes = [
    Route("/posts/{id:uuid}/replies", reply, methods=["POST"]),
    Route("/answers/{proposal_id:uuid}", answer, methods=["POST"]),
    Route("/tags/{tag}", tagged),
]
