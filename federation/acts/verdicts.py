"""What moderators of the place do about a report: note it, warn, remove, suspend."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from federation.acts import accounts, blueprints, proposals, reports, threads
from federation.instance import Tx
from schema import actors, logs, notices, standings
from schema import blueprints as stored_blueprints
from schema import posts as stored_posts
from schema import proposals as stored_proposals
from schema.actors import Actor
from schema.errors import Conflict, Forbidden, Invalid
from schema.reports import Report
from schema.words import N_

Measure: TypeAlias = Literal["note", "warn", "remove", "suspend"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is read by the person it is about, `outcome` by who reported it."""

    measure: Measure
    outcome: str
    reason: str = ""
    until: datetime | None = None


async def decide(tx: Tx, *, by: Actor, report: Report, verdict: Verdict) -> list[Report]:
    """Does it and settles the report, and the others about the same thing, or nothing of it.

    Invalid with a message per field; Forbidden for who keeps no order here.
    """
    standing = await standings.get(tx.conn, by.id, None)
    if not standing.keeps_order:
        raise Forbidden(N_("Only a moderator of this place can do this."))
    _check(verdict)
    settled = await reports.settle(tx, by=by, report=report, outcome=verdict.outcome)
    if verdict.measure == "warn":
        await _warn(tx, by, report, verdict.reason.strip())
    elif verdict.measure == "remove":
        await _remove(tx, by, report, verdict.reason.strip())
    elif verdict.measure == "suspend":
        person = await _person(tx, report)
        await accounts.suspend(tx, by=by, person=person, until=verdict.until, reason=verdict.reason)
    return settled


def _check(verdict: Verdict) -> None:
    errors: dict[str, str] = {}
    if not verdict.outcome.strip():
        errors["outcome"] = N_("Please say what came of it; the person will read it.")
    if verdict.measure != "note" and not verdict.reason.strip():
        errors["reason"] = N_("Please give a reason; they will read it.")
    if verdict.measure == "suspend" and verdict.until is None:
        errors["until"] = N_("Please say until when.")
    if errors:
        raise Invalid(errors)


async def _person(tx: Tx, report: Report) -> Actor:
    if report.actor_id is None:
        raise Conflict(N_("There is nobody this report is about."))
    return await actors.get(tx.conn, report.actor_id)


async def _warn(tx: Tx, by: Actor, report: Report, reason: str) -> None:
    person = await _person(tx, report)
    if not person.is_local:
        raise Invalid({"measure": N_("Only residents of this place can be warned from here.")})
    await logs.write(tx.conn, by, "warn", person.handle, reason)
    await notices.tell(
        tx.conn,
        person.id,
        "warning",
        by=by.id,
        proposal=report.proposal_id,
        post=report.post_id,
        blueprint=report.blueprint_id,
        text=reason,
    )


async def _remove(tx: Tx, by: Actor, report: Report, reason: str) -> None:
    if report.post_id:
        post = await stored_posts.get(tx.conn, report.post_id)
        await threads.remove(tx, by=by, post=post, reason=reason)
    elif report.proposal_id:
        listing = await stored_proposals.get(tx.conn, report.proposal_id)
        await proposals.remove(tx, by=by, proposal=listing, reason=reason)
    elif report.blueprint_id:
        plan = await stored_blueprints.get(tx.conn, report.blueprint_id)
        await blueprints.remove(tx, by=by, blueprint=plan, reason=reason)
    else:
        raise Invalid({"measure": N_("A person cannot be removed, only suspended.")})
