"""People one follows: who they are and what they say, and who follows oneself."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import people as acts
from schema import feeds, follows
from schema.words import N_
from web import forms
from web.pages.people import person_of
from web.requests import instance_of, me, page, see_other

SIZE = 40


class Choice(msgspec.Struct):
    on: bool = False


async def index(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).read() as conn:
        followed = await follows.list_people(conn, by.id, following=True)
        followers = await follows.list_people(conn, by.id, following=False)
        said = await feeds.list_followed(conn, by.id, SIZE)
    return await page(request, "following.html", followed=followed, followers=followers, said=said)


async def choose(request: Request) -> Response:
    """Follows this person, or no longer."""
    by = me(request)
    wanted = await forms.parse(request, Choice)
    async with instance_of(request).begin() as tx:
        whom = await person_of(tx.conn, request)
        act = acts.follow if wanted.on else acts.unfollow
        await act(tx, by=by, whom=whom)
    said = N_("You follow them now, or have asked to.") if wanted.on else N_("You do not follow.")
    return see_other(request, f"/people/{whom.handle}", said)


routes = [
    Route("/following", index),
    Route("/people/{handle}/following", choose, methods=["POST"]),
]
