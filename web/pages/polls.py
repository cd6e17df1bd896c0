"""Choosing in a poll."""

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import polls as acts
from schema import posts
from schema.words import N_
from web import forms
from web.requests import instance_of, me, see_other


class Choice(msgspec.Struct):
    choice: Annotated[list[int], Meta(max_length=20)] = msgspec.field(default_factory=list[int])


async def vote(request: Request) -> Response:
    by = me(request)
    chosen = await forms.parse(request, Choice)
    async with instance_of(request).begin() as tx:
        post = await posts.get(tx.conn, request.path_params["id"])
        await acts.vote(tx, by=by, post=post, choices=chosen.choice)
    return see_other(request, post.url, N_("Your vote is on its way."))


routes = [Route("/posts/{id:uuid}/vote", vote, methods=["POST"])]
