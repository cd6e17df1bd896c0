"""Sessions and one-time tokens."""

from datetime import timedelta

from schema import sessions
from tests import make
from tests.world import City

HOUR = timedelta(hours=1)


async def test_a_secret_is_looked_up_with_everything_a_page_needs(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_notice(alpha, ann, "mention")
    now = alpha.clock.now
    async with alpha.instance.begin() as tx:
        secret = await sessions.start(tx.conn, ann.id, "a browser", now)
        viewer = await sessions.look_up(tx.conn, secret, now)
        assert viewer is not None
        assert (viewer.actor, viewer.unread) == (ann, 1)
        assert viewer.account.actor_id == ann.id
        assert await sessions.look_up(tx.conn, secret + "x", now) is None
        assert await sessions.look_up(tx.conn, secret, now + sessions.LIFE) is None


async def test_one_whose_actor_is_gone_is_not_found(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    now = alpha.clock.now
    async with alpha.instance.begin() as tx:
        secret = await sessions.start(tx.conn, ann.id, "a browser", now)
    await alpha.execute("update actors set deleted_at = now() where id = %s", ann.id)
    async with alpha.instance.read() as conn:
        assert await sessions.look_up(conn, secret, now) is None


async def test_a_token_is_used_once_for_its_purpose_and_in_time(alpha: City) -> None:
    now = alpha.clock.now
    async with alpha.instance.begin() as tx:
        secret = await sessions.issue(tx.conn, "first_admin", now=now, life=HOUR)
        assert await sessions.use(tx.conn, "login", secret, now) is None
        assert await sessions.use(tx.conn, "first_admin", secret, now + HOUR) is None
        assert await sessions.is_good(tx.conn, "first_admin", secret, now)
        assert await sessions.use(tx.conn, "first_admin", secret, now) is not None
        assert await sessions.use(tx.conn, "first_admin", secret, now) is None
        assert not await sessions.is_good(tx.conn, "first_admin", secret, now)


async def test_ending_all_sessions_ends_login_links_too(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    now = alpha.clock.now
    async with alpha.instance.begin() as tx:
        await sessions.start(tx.conn, ann.id, "a", now)
        link = await sessions.issue(tx.conn, "login", now=now, life=HOUR, account_id=ann.id)
        assert await sessions.end_all(tx.conn, ann.id) == 1
        assert await sessions.use(tx.conn, "login", link, now) is None


async def test_a_strange_browser_name_does_no_harm(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    now = alpha.clock.now
    async with alpha.instance.begin() as tx:
        await sessions.start(tx.conn, ann.id, "x\x00" * 1000, now)
        (found,) = await sessions.list_of(tx.conn, ann.id, now)
        assert found.user_agent == "x" * 300


async def test_what_is_over_is_swept(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    now = alpha.clock.now
    async with alpha.instance.begin() as tx:
        await sessions.start(tx.conn, ann.id, "old", now - sessions.LIFE - HOUR)
        await sessions.start(tx.conn, ann.id, "new", now)
        await sessions.issue(tx.conn, "login", now=now - timedelta(days=3), life=HOUR)
        assert await sessions.sweep(tx.conn, now) == 2
        assert [s.user_agent for s in await sessions.list_of(tx.conn, ann.id, now)] == ["new"]
