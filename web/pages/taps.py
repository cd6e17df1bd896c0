"""Links in mails that work without log-in: a page with one button, since mail programs open links
by themselves; answers by mail."""

from datetime import timedelta
from hashlib import sha256
from typing import get_args
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import taps
from federation.acts import posts as posts_acts
from federation.acts import proposals as proposals_acts
from federation.acts import rhythms as rhythms_acts
from federation.instance import Tx
from federation.taps import Tap
from schema import accounts, actors, proposals
from schema.actors import Actor
from schema.errors import Missing
from schema.proposals import Proposal
from schema.rhythms import TOPICS, Choice, Topic
from schema.words import N_
from web.requests import Signed, instance_of, page

LONGER = timedelta(days=14)
TOO_OLD = N_("This link is too old, or not complete. Everything can be done after logging in.")
GIVE = N_("I can help with this.")
TAKE = N_("I would take this.")


async def ask(request: Request) -> Response:
    """What the link would do."""
    async with instance_of(request).begin() as tx:
        tap = await _tap(tx, request)
        row = await _listing(tx, tap)
    return await _page(request, tap, row, done=False)


async def do(request: Request) -> Response:
    """No token of a page is asked for: the signed link is one."""
    async with instance_of(request).begin() as tx:
        tap = await _tap(tx, request)
        row = await _listing(tx, tap)
        by = await actors.get(tx.conn, tap.account_id)
        if row is None:
            topics: dict[str, Topic] = {topic: topic for topic in TOPICS}
            choice = Choice(topics[tap.about], "never", False)
            await rhythms_acts.choose(tx, by=by, choices=[choice])
        else:
            await _act(tx, request, tap, by, row)
    return await _page(request, tap, row, done=True)


async def _act(tx: Tx, request: Request, tap: Tap, by: Actor, row: Proposal) -> None:
    if tap.act == "still":
        until = tx.instance.clock() + LONGER
        await proposals_acts.renew(tx, by=by, proposal=row, until=until)
    elif tap.act == "gone":
        await proposals_acts.close(tx, by=by, proposal=row)
    else:
        text = GIVE if row.purpose == "request" else TAKE
        known = request.app.state.renderer.words.catalogues
        words = known.get(row.language[:2]) or known["en"]
        await posts_acts.answer(
            tx,
            by=by,
            proposal=row,
            source=words.gettext(text),
            language=row.language,
            id=UUID(bytes=sha256(f"{tap.act} {by.id} {row.id}".encode()).digest()[:16]),
        )


async def _tap(tx: Tx, request: Request) -> Tap:
    """Missing for a bad or old link, and for one of somebody who has left."""
    key = await taps.key(tx.conn)
    tap = taps.read(key, request.path_params["token"], tx.instance.clock())
    if tap is None or tap.act == "reply" or (tap.act == "stop") != (tap.about in get_args(Topic)):
        raise Missing(TOO_OLD)
    account = await accounts.get(tx.conn, tap.account_id)
    if account.state != "active":
        raise Missing(TOO_OLD)
    return tap


async def _listing(tx: Tx, tap: Tap) -> Proposal | None:
    if tap.act == "stop":
        return None
    id = UUID(tap.about)
    if not await proposals.may_see(tx.conn, id, tap.account_id):
        raise Missing(N_("It is not there any more."))
    return await proposals.get(tx.conn, id)


async def _page(request: Request, tap: Tap, row: Proposal | None, *, done: bool) -> Response:
    topic = next((words for topic, words in TOPICS.items() if topic == tap.about), "")
    return await page(
        request,
        "taps.html",
        act=tap.act,
        row=row,
        topic=topic,
        path=request.url.path,
        done=done,
    )


# Signed: RFC 8058 posts without having seen a page.
routes = [Route("/tap/{token}", ask), Signed("/tap/{token}", do, methods=["POST"])]
