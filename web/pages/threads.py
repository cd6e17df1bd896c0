"""What moderators do to a post: remove with a reason, restore, pin, close."""

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import threads as acts
from federation.instance import Tx
from schema import posts, standings
from schema.errors import Forbidden
from schema.posts import Post
from schema.words import N_
from web import forms
from web.requests import instance_of, me, page, see_other


class Removal(msgspec.Struct):
    reason: Annotated[str, Meta(max_length=500)]


class Switch(msgspec.Struct):
    on: bool = False


async def moderate(request: Request) -> Response:
    """The post, and what can be done about it."""
    by = me(request)
    async with instance_of(request).read() as conn:
        row = await posts.get(conn, request.path_params["id"])
        standing = await standings.get(conn, by.id, row.community_id)
        if standing.keeps_order:
            post = await posts.view_as_moderator(conn, row.id)
        else:
            post = await posts.view(conn, row.id, by.id)
        around = await posts.around(conn, post.id)
    if not (standing.moderates or standing.keeps_order):
        raise Forbidden(N_("Only a moderator can do this."))
    return await page(request, "threads.moderate.html", post=post, around=around)


async def _post(request: Request, tx: Tx) -> Post:
    return await posts.get(tx.conn, request.path_params["id"])


@forms.again(moderate)
async def remove(request: Request) -> Response:
    """Away from everybody's eyes; its author is told why."""
    by = me(request)
    draft = await forms.parse(request, Removal)
    async with instance_of(request).begin() as tx:
        post = await acts.remove(tx, by=by, post=await _post(request, tx), reason=draft.reason)
    return see_other(request, f"{post.url}/moderate", N_("Removed. The author has been told why."))


async def restore(request: Request) -> Response:
    """Shown again."""
    by = me(request)
    async with instance_of(request).begin() as tx:
        post = await acts.restore(tx, by=by, post=await _post(request, tx))
    return see_other(request, f"{post.url}/moderate", N_("Shown again."))


async def pin(request: Request) -> Response:
    """To the head of the community, or back among the others."""
    by = me(request)
    wanted = await forms.parse(request, Switch)
    act = acts.pin if wanted.on else acts.unpin
    async with instance_of(request).begin() as tx:
        post = await act(tx, by=by, post=await _post(request, tx))
    return see_other(request, f"{post.url}/moderate", N_("Done."))


async def lock(request: Request) -> Response:
    """Closed for new replies, or open again."""
    by = me(request)
    wanted = await forms.parse(request, Switch)
    act = acts.lock if wanted.on else acts.unlock
    async with instance_of(request).begin() as tx:
        post = await act(tx, by=by, post=await _post(request, tx))
    return see_other(request, f"{post.url}/moderate", N_("Done."))


routes = [
    Route("/posts/{id:uuid}/moderate", moderate),
    Route("/posts/{id:uuid}/removal", remove, methods=["POST"]),
    Route("/posts/{id:uuid}/restoration", restore, methods=["POST"]),
    Route("/posts/{id:uuid}/pin", pin, methods=["POST"]),
    Route("/posts/{id:uuid}/lock", lock, methods=["POST"]),
]
