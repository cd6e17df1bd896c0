"""build_queue(): a procrastinate App per Instance, with the jobs that are no deliveries."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import cast
from uuid import UUID

import structlog
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from federation import mail, origins, pictures, push
from federation.acts import (
    bridges,
    circle_ends,
    matches,
    overdue,
    pools,
    project_needs,
    proposals,
    set_offs,
)
from federation.authorship import REMEMBERED
from federation.errors import Malformed, Refused, Unreachable
from federation.instance import Instance
from schema import (
    backfills,
    counts,
    directory,
    drafts,
    keys,
    ledgers,
    limits,
    lists,
    media,
    memory,
    peers,
    sessions,
)
from schema.errors import Invalid, Missing

log = structlog.get_logger()

AGAIN = RetryStrategy(max_attempts=8, wait=30, exponential_wait=3, retry_exceptions=[Unreachable])
STALLED = 60.0  # seconds without a heartbeat
KEPT_ACTIVITIES = timedelta(days=30)  # what came in, whole; and who was sent what
MOST_BATCHES = 10
LIST_HOURS = 24
KEPT_HOURS = 48
KEPT_FAILED_HOURS = 24 * 30
FORGOTTEN = timedelta(days=2)
COUNTED = timedelta(days=90)  # what did not come again since


def build_queue(conninfo: str) -> App:
    """A new App that knows all jobs; a worker gives it `{"instance": instance}`."""
    connector = PsycopgConnector(conninfo=conninfo, min_size=0, max_size=4)
    app = App(connector=connector)
    app.task(name="send_mail", retry=AGAIN, pass_context=True)(send_mail)
    app.task(name="fetch_picture", retry=AGAIN, pass_context=True)(fetch_picture)
    app.task(name="match", pass_context=True)(match)
    app.task(name="count_gifts", pass_context=True)(count_gifts)
    app.task(name="push", retry=AGAIN, pass_context=True)(send_push)
    swept = app.task(name="sweep", pass_context=True, queueing_lock="sweep")(sweep)
    app.periodic(cron="*/10 * * * *", periodic_id="sweep")(swept)
    # Without a lock: a killed worker would hold it, and nothing would ever be tried again.
    recovered = app.task(name="recover", pass_context=True)(recover)
    app.periodic(cron="* * * * *", periodic_id="recover")(recovered)
    return app


def add_task(app: App, name: str, work: Callable[..., Awaitable[None]]) -> None:
    """A job of a module above this one, `work(instance, origin or uri)`, with an address where
    one is given; again while Unreachable, and in the end given up."""

    async def run(context: JobContext, origin: str = "", uri: str = "", address: str = "") -> None:
        done = work(_instance(context), *filter(None, (origin or uri, address)))
        await _or_give_up(context, done)

    app.task(name=name, retry=AGAIN, pass_context=True)(run)


def add_round(
    app: App, name: str, work: Callable[[Instance], Awaitable[None]], cron: str = "* * * * *"
) -> None:
    """What a module above this one does at times (UTC), never twice at a time."""

    async def run(context: JobContext, timestamp: int) -> None:
        await work(_instance(context))

    task = app.task(name=name, pass_context=True, queueing_lock=name)(run)
    app.periodic(cron=cron, periodic_id=name)(task)


async def send_mail(
    context: JobContext,
    to: str,
    subject: str,
    text: str,
    reply_to: str = "",
    unsubscribe: str = "",
) -> None:
    """One mail; tried again while the mail server is away, given up when it says no."""
    instance = _instance(context)
    place = (await instance.settings()).name
    try:
        await mail.send(
            instance.config,
            place,
            to=to,
            subject=subject,
            text=text,
            reply_to=reply_to,
            unsubscribe=unsubscribe,
        )
    except Refused as refusal:
        log.warning("mail refused", reason=refusal.reason)


async def match(context: JobContext, proposal_id: str) -> None:
    """A new or changed listing is brought to those whom it fits."""
    async with _instance(context).begin() as tx:
        await matches.tell(tx, UUID(proposal_id))


async def count_gifts(context: JobContext, proposal_id: str) -> None:
    """A project says what was promised and given for one of its needs."""
    async with _instance(context).begin() as tx:
        await project_needs.count(tx, UUID(proposal_id))


async def send_push(context: JobContext, endpoint: str, text: str) -> None:
    """One push; tried again while the push service is away."""
    await _or_give_up(context, push.send(_instance(context), endpoint, text))


async def fetch_picture(context: JobContext, media_id: str) -> None:
    """Brings a foreign picture once, of a heavy one a preview; then it is served from here."""
    await _or_give_up(context, bring_picture(_instance(context), UUID(media_id)))


async def bring_picture(instance: Instance, id: UUID) -> bool:
    """True when it is here now, or was; False when it never will be. Unreachable: try again."""
    try:
        async with instance.read() as conn:
            wanted = await media.get(conn, id)
            if wanted.width or not wanted.remote_url:
                return True
            loopback = instance.config.allow_loopback_peers
            origin = str(origins.origin_of(wanted.remote_url, loopback=loopback))
            if await peers.is_blocked(conn, origin):
                return False
        answer = await instance.client.get(
            wanted.remote_url, headers={"Accept": "image/*"}, largest=pictures.LARGEST_FOREIGN
        )
        if answer.status in (408, 429) or answer.status >= 500:
            raise Unreachable(f"{wanted.remote_url} answered {answer.status}")
        if answer.status != 200:
            return False
        full = pictures.PREVIEW if len(answer.body) > pictures.HEAVY else pictures.FULL
        made = await pictures.prepare_in_thread(answer.body, full=full)
    except (Missing, Refused, Malformed, Invalid) as problem:
        log.info("no picture", media=str(id), problem=str(problem))
        return False
    async with instance.begin() as tx:
        await media.fill(
            tx.conn, id, full=made.full, small=made.small, width=made.width, height=made.height
        )
    return True


async def sweep(context: JobContext, timestamp: int) -> None:
    """Takes away what has served (sessions, tokens, limits, jobs); tells of what ends soon."""
    instance = _instance(context)
    await sweep_rows(instance)
    await sweep_activities(instance)
    manager = instance.queue.job_manager
    await manager.delete_old_jobs(KEPT_HOURS, include_cancelled=True, include_aborted=True)
    await manager.delete_old_jobs(KEPT_FAILED_HOURS, include_failed=True)


async def sweep_rows(instance: Instance) -> int:
    """How many rows went."""
    async with instance.begin() as tx:
        gone = await sessions.sweep(tx.conn, instance.clock())
        gone += await drafts.sweep(tx.conn, instance.clock())
        gone += await keys.sweep(tx.conn, instance.clock())
        gone += await counts.sweep(tx.conn, instance.clock() - COUNTED)
        gone += await backfills.sweep(tx.conn, instance.clock() - FORGOTTEN)
        await proposals.warn_expiring(tx)
        await pools.end_due(tx)
        for origin in await ledgers.claim_behind(tx.conn):
            await tx.defer("catch_up", origin=origin)
        for origin in await directory.claim_old(tx.conn):
            await tx.defer("directory", origin=origin)
        for id in await lists.claim_old(tx.conn, LIST_HOURS):
            await tx.defer("refresh_list", origin=id)
        await overdue.sweep(tx)
        await set_offs.sweep(tx)
        await bridges.end_due(tx)
        await circle_ends.end_due(tx)
        return gone + await limits.sweep(tx.conn)


async def sweep_activities(instance: Instance) -> int:
    """Folds what was dealt with long ago into its hash; how many activities went."""
    now, gone = instance.clock(), 0
    async with instance.begin() as tx:
        await ledgers.sweep(tx.conn, now - KEPT_ACTIVITIES)
        await memory.forget(tx.conn, now - REMEMBERED)
    for _ in range(MOST_BATCHES):
        async with instance.begin() as tx:
            folded = await memory.fold(tx.conn, now - KEPT_ACTIVITIES)
        gone += folded
        if folded < memory.BATCH:
            break
    return gone


async def recover(context: JobContext, timestamp: int) -> None:
    """Jobs of a worker that was killed are done again: all of ours may be done twice."""
    await recover_jobs(_instance(context), living=context.job.worker_id)


async def recover_jobs(
    instance: Instance, seconds: float = STALLED, living: int | None = None
) -> list[Job]:
    """Those whose worker was not heard of for so long; not of the one who asks, which lives,
    however far the clock has just been set ahead."""
    manager = instance.queue.job_manager
    found = await manager.get_stalled_jobs(seconds_since_heartbeat=seconds)
    stalled = [job for job in found if living is None or job.worker_id != living]
    for job in stalled:
        with suppress(ConnectorException):  # it has ended meanwhile
            await manager.retry_job(job)
            log.warning("job tried again", task=job.task_name, job=job.id)
    return stalled


async def _or_give_up(context: JobContext, work: Awaitable[object]) -> None:
    """Another server that does not answer to the last is no fault of ours."""
    try:
        await work
    except Unreachable as silent:
        if AGAIN.get_retry_decision(exception=silent, job=context.job):
            raise
        log.warning("given up", task=context.job.task_name, reason=silent.reason)


def _instance(context: JobContext) -> Instance:
    given = cast("dict[str, Instance]", context.additional_context)  # pyright: ignore[reportUnknownMemberType]
    return given["instance"]
