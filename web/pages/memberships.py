"""Joining and leaving a community, its people, and what its moderators decide about them."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import resolve
from federation.acts import memberships as acts
from federation.acts import moderation
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from schema import actors, hours, limits, memberships, thanks
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Forbidden, Invalid, Missing
from schema.memberships import Role
from schema.words import N_
from web import forms
from web.pages.communities import Seen, position, seen, show, viewer_id, with_position
from web.render import Form
from web.requests import end_of, instance_of, local_now, me, page, see_other

SIZE = 60


class Asking(msgspec.Struct):
    message: Annotated[str, Meta(max_length=1000)] = ""


class Leaving(msgspec.Struct):
    """`hours`: they were asked what becomes of theirs."""

    hours: bool = False


class Reason(msgspec.Struct):
    reason: Annotated[str, Meta(max_length=1000)] = ""


class Ban(msgspec.Struct):
    """`until`: the last day of the ban, unless `length` names a number of days."""

    reason: Annotated[str, Meta(max_length=1000)] = ""
    length: Literal["7", "30", "90", "365", "day", "ever"] = "30"
    until: date | None = None


class NewRole(msgspec.Struct):
    role: Role


class Invitation(msgspec.Struct):
    address: Annotated[str, Meta(max_length=300)]


async def people(request: Request) -> Response:
    """Who belongs to it; for moderators also who asks, is invited or banned."""
    after = position(request.query_params.get("before", ""))
    async with instance_of(request).read() as conn:
        found = await seen(conn, request)
        id = found.community.actor_id
        leading = [] if after else await memberships.list_leading(conn, id)
        # Guests of the place see who looks after it, residents see everybody.
        members = (
            await memberships.list_people(conn, id, after=after, limit=SIZE + 1)
            if viewer_id(request)
            else []
        )
        waiting = (
            await memberships.list_waiting(conn, id, ["asked", "invited", "banned"])
            if found.moderates and not after
            else []
        )
    more = None
    if len(members) > SIZE:
        last = members[SIZE - 1]
        more = with_position(request, last.created, last.person_id)
    return await show(
        request,
        "people",
        found,
        leading=leading,
        members=[card for card in members[:SIZE] if card.role == "member"],
        asking=[card for card in waiting if card.state == "asked"],
        invited=[card for card in waiting if card.state == "invited"],
        banned=[card for card in waiting if card.state == "banned"],
        more=more,
        form=Form({}),
    )


async def join(request: Request) -> Response:
    """Joins, or asks to: the same button for a community here and in a neighbour city."""
    by = me(request)
    draft = await forms.parse(request, Asking)
    async with instance_of(request).begin() as tx:
        found = await seen(tx.conn, request)
        stored = await acts.ask(tx, by=by, community=found.community, message=draft.message)
    done = N_("Welcome! You are a member now.")
    asked = N_("Your request is on its way. You will hear as soon as there is an answer.")
    return see_other(request, found.community.url, done if stored.is_member else asked)


async def leave(request: Request) -> Response:
    """Leaves, takes a request back, or declines an invitation."""
    by, given = me(request), await forms.parse(request, Leaving)
    async with instance_of(request).begin() as tx:
        found = await seen(tx.conn, request)
        if not given.hours and await hours.balance_of(tx.conn, found.community.actor_id, by.id):
            return see_other(request, f"{found.community.url}/leaving", "")
        await acts.leave(tx, by=by, community=found.community)
    hidden = found.community.join_rule == "hidden"
    target = "/communities" if hidden else found.community.url
    return see_other(request, target, N_("Done. You can come back whenever you like."))


@forms.again(people)
async def invite(request: Request) -> Response:
    """A member invites somebody by their address, here or elsewhere."""
    by, instance = me(request), instance_of(request)
    draft = await forms.parse(request, Invitation)
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"invite:{by.id}", rate_per_minute=5, burst=20)
    person = await person_at(request, draft.address)
    async with instance.begin() as tx:
        found = await seen(tx.conn, request)
        await moderation.invite(tx, by=by, community=found.community, person=person)
    return see_other(request, f"{found.community.url}/people", N_("The invitation is on its way."))


async def person_at(request: Request, address: str) -> Actor:
    """Somebody by their address, here or elsewhere; Invalid when nobody is found."""
    instance = instance_of(request)
    plain = address.lstrip("@")
    try:
        if "@" not in plain and "/" not in plain:
            plain = f"{plain}@{instance.config.host}"
        found = await resolve.handle(instance, plain)
    except (Gone, Missing, Malformed, Refused, Untrusted) as error:
        raise Invalid({"address": N_("Nobody is known at this address.")}) from error
    except Unreachable as error:
        text = N_("That place does not answer at the moment. Please try again later.")
        raise Invalid({"address": text}) from error
    if found.kind != "person":
        raise Invalid({"address": N_("Nobody is known at this address.")})
    return found


async def admit(request: Request) -> Response:
    """A moderator says yes."""
    by = me(request)
    async with instance_of(request).begin() as tx:
        found, person = await _about(tx.conn, request)
        await acts.admit(tx, by=by, community=found.community, person=person)
    return see_other(request, f"{found.community.url}/people", N_("Admitted."))


async def refuse(request: Request) -> Response:
    """A moderator says no."""
    by = me(request)
    draft = await forms.parse(request, Reason)
    async with instance_of(request).begin() as tx:
        found, person = await _about(tx.conn, request)
        await acts.refuse(tx, by=by, community=found.community, person=person, reason=draft.reason)
    return see_other(request, f"{found.community.url}/people", N_("Refused."))


async def person(request: Request) -> Response:
    """What a moderator can do about one person."""
    me(request)
    async with instance_of(request).read() as conn:
        found, about = await _about(conn, request)
        if not found.moderates:
            raise Forbidden("Only moderators of this community can do that.")
        theirs = await memberships.find(conn, found.community.actor_id, about.id)
        record = await thanks.get_record(conn, about.id, community_id=found.community.actor_id)
    now = local_now(request)
    role = theirs.role if theirs else "member"
    return await page(
        request,
        "memberships.person.html",
        seen=found,
        community=found.community,
        person=about,
        theirs=theirs,
        record=record,
        is_banned=theirs is not None and theirs.is_banned(now),
        tomorrow=(now + timedelta(days=1)).date(),
        form=Form({"role": role, "length": "30"}),
    )


@forms.again(person)
async def set_role(request: Request) -> Response:
    """A steward gives a role."""
    by = me(request)
    draft = await forms.parse(request, NewRole)
    async with instance_of(request).begin() as tx:
        found, about = await _about(tx.conn, request)
        await moderation.set_role(
            tx, by=by, community=found.community, person=about, role=draft.role
        )
    return see_other(request, f"{found.community.url}/people", N_("Saved."))


@forms.again(person)
async def remove(request: Request) -> Response:
    """A moderator ends a membership, with a reason."""
    by = me(request)
    draft = await forms.parse(request, Reason)
    async with instance_of(request).begin() as tx:
        found, about = await _about(tx.conn, request)
        await moderation.remove(
            tx, by=by, community=found.community, person=about, reason=draft.reason
        )
    return see_other(request, f"{found.community.url}/people", N_("Removed from the community."))


@forms.again(person)
async def ban(request: Request) -> Response:
    """A moderator keeps somebody out, with a reason and until a day."""
    by = me(request)
    draft = await forms.parse(request, Ban)
    until = _until(draft, local_now(request))
    async with instance_of(request).begin() as tx:
        found, about = await _about(tx.conn, request)
        await moderation.ban(
            tx, by=by, community=found.community, person=about, until=until, reason=draft.reason
        )
    return see_other(
        request, f"{found.community.url}/people", N_("Banned. The person is told why.")
    )


def _until(draft: Ban, now: datetime) -> datetime | None:
    """The end of the ban; a chosen day counts in full."""
    if draft.length == "ever":
        return None
    if draft.length != "day":
        return now + timedelta(days=int(draft.length))
    if draft.until is None:
        raise Invalid({"until": N_("Please choose a day that is still to come.")})
    return end_of(draft.until, now)


async def unban(request: Request) -> Response:
    """A moderator ends a ban before its time."""
    by = me(request)
    async with instance_of(request).begin() as tx:
        found, about = await _about(tx.conn, request)
        await moderation.unban(tx, by=by, community=found.community, person=about)
    return see_other(request, f"{found.community.url}/people", N_("The ban is lifted."))


async def _about(conn: Conn, request: Request) -> tuple[Seen, Actor]:
    """The community and the person that this path names."""
    found = await seen(conn, request)
    name, _, host = str(request.path_params["person"]).partition("@")
    about = await actors.find_by_handle(conn, name, host)
    if about is None or about.kind == "group":
        raise Missing("There is nothing here, or it is not meant for you.")
    return found, about


_ONE = "/communities/{handle}/people/{person}"

routes = [
    Route("/communities/{handle}/people", people),
    Route("/communities/{handle}/membership", join, methods=["POST"]),
    Route("/communities/{handle}/leaving", leave, methods=["POST"]),
    Route("/communities/{handle}/invitations", invite, methods=["POST"]),
    Route(_ONE, person),
    Route(f"{_ONE}/admission", admit, methods=["POST"]),
    Route(f"{_ONE}/refusal", refuse, methods=["POST"]),
    Route(f"{_ONE}/role", set_role, methods=["POST"]),
    Route(f"{_ONE}/removal", remove, methods=["POST"]),
    Route(f"{_ONE}/ban", ban, methods=["POST"]),
    Route(f"{_ONE}/ban-end", unban, methods=["POST"]),
]
