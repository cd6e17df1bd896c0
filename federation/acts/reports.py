"""Complaints: from anybody who sees a thing, to those who keep order, and back with the outcome."""

from dataclasses import dataclass

from federation import outbox
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import reports as wire
from schema import (
    actors,
    blueprint_views,
    ids,
    logs,
    notices,
    posts,
    proposals,
    reports,
    standings,
)
from schema.actors import Actor
from schema.blueprints import Blueprint
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.posts import Post
from schema.proposals import Proposal
from schema.reports import Harm, Report
from schema.standings import Standing
from schema.words import N_

LONGEST = 2000  # characters
NOT_HERE = N_("There is nothing here, or it is not meant for you.")


@dataclass(frozen=True, slots=True)
class About:
    """What is reported: a person, or what the person said or listed."""

    person: Actor
    post: Post | None = None
    proposal: Proposal | None = None
    blueprint: Blueprint | None = None

    @property
    def thing(self) -> Post | Proposal | Blueprint | None:
        """What was said or listed; None where it is about the person as such."""
        return self.post or self.proposal or self.blueprint

    @property
    def uris(self) -> list[str]:
        """The person's, then the thing's."""
        return [self.person.uri, *((self.thing.uri,) if self.thing else ())]


async def report(
    tx: Tx,
    *,
    by: Actor,
    about: About,
    harm: Harm,
    text: str,
    forward: bool = False,
    uri: str = "",
    received: Received | None = None,
) -> Report:
    """Into the queue here; with `forward` also to the place the thing comes from.

    Only the place is named there, not who complains. `uri` is a received one's. Conflict when
    `by` has said so already.
    """
    if by.is_local:
        await _check_sight(tx, by, about)
        if not text.strip() and harm == "other":
            raise Invalid({"text": N_("Please say what is wrong.")})
    if by.id == about.person.id:
        raise Forbidden(N_("This is your own."))
    thing = about.thing
    id = ids.new()
    row = Report(
        id=id,
        uri=uri or tx.addresses.report(id),
        reporter_id=by.id,
        actor_id=about.person.id,
        proposal_id=about.proposal.id if about.proposal else None,
        post_id=about.post.id if about.post else None,
        blueprint_id=about.blueprint.id if about.blueprint else None,
        community_id=thing.community_id if thing else None,
        harm=harm,
        text=text.strip()[:LONGEST],
        state="open",
        outcome="",
        handled_by=None,
        handled_at=None,
        created=tx.instance.clock(),
    )
    stored = await reports.insert(tx.conn, row)
    if stored is None:
        raise Conflict(N_("You have reported this already; it is being looked at."))
    for told in await reports.list_told(tx.conn, stored.community_id):
        await notices.tell(
            tx.conn,
            told,
            "report",
            proposal=stored.proposal_id,
            post=stored.post_id,
            blueprint=stored.blueprint_id,
            community=stored.community_id,
            text=stored.text,
        )
    if forward and received is None:
        await _forward(tx, stored, about)
    await outbox.done(tx, received)
    return stored


async def settle(tx: Tx, *, by: Actor, report: Report, outcome: str) -> list[Report]:
    """Closes it, and the others about the same thing; reporters from here read the outcome."""
    standing = await check_order(tx, by, report)
    if not outcome.strip():
        raise Invalid({"outcome": N_("Please say what came of it; the person will read it.")})
    settled = await reports.settle(tx.conn, report, by.id, outcome.strip())
    if not settled:
        raise Conflict(N_("Somebody else has settled this meanwhile."))
    for one in settled:
        await notices.tell(
            tx.conn,
            one.reporter_id,
            "report_done",
            proposal=one.proposal_id,
            post=one.post_id,
            blueprint=one.blueprint_id,
            community=one.community_id,
            text=one.outcome,
        )
    if standing.keeps_order:
        await logs.write(tx.conn, by, "settle report", report.uri, outcome.strip())
    return settled


async def check_order(tx: Tx, by: Actor, report: Report) -> Standing:
    """Forbidden unless `by` keeps order here, or in the community it is about."""
    found = await standings.get(tx.conn, by.id, report.community_id)
    if not (found.keeps_order or found.moderates):
        raise Forbidden(N_("Only a moderator can do this."))
    return found


async def _check_sight(tx: Tx, by: Actor, about: About) -> None:
    if about.post and not await posts.may_read(tx.conn, about.post.id, by.id):
        raise Missing(NOT_HERE)
    if about.proposal and not await proposals.may_see(tx.conn, about.proposal.id, by.id):
        raise Missing(NOT_HERE)
    blueprint = about.blueprint
    if blueprint and not await blueprint_views.may_see(tx.conn, blueprint.id, by.id):
        raise Missing(NOT_HERE)


async def _forward(tx: Tx, stored: Report, about: About) -> None:
    """Signed by the server's own actor, so that nobody learns who complained."""
    thing = about.thing
    to = [about.person] if not about.person.is_local else []
    if thing and thing.community_id:
        community = await actors.get(tx.conn, thing.community_id)
        to += [] if community.is_local else [community]
    if not to:
        return
    server = await actors.get(tx.conn, tx.instance.actor_id)
    await outbox.send(tx, server, wire.build(about.uris, stored.text or stored.harm), to)
