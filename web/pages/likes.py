"""Finding helpful what somebody said: one button below a post."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import likes as acts
from schema import posts
from web import forms
from web.requests import instance_of, me, see_other


class Choice(msgspec.Struct):
    on: bool = False


async def choose(request: Request) -> Response:
    """Helpful, or not after all; back to the post in its thread."""
    by = me(request)
    wanted = await forms.parse(request, Choice)
    async with instance_of(request).begin() as tx:
        post = await posts.get(tx.conn, request.path_params["id"])
        act = acts.like if wanted.on else acts.unlike
        await act(tx, by=by, post=post)
    return see_other(request, post.url)


routes = [Route("/posts/{id:uuid}/helpful", choose, methods=["POST"])]
