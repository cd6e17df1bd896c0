"""What a neighbour missed it can ask for; and what came in is remembered."""

from datetime import timedelta

import psycopg
import pytest

from federation import catch_up, fetch, queue, reconcile, resolve
from federation.acts import cities, people
from federation.errors import Gone, Unreachable
from schema import ledgers, memory
from tests import make, talk
from tests.peer import Peer, befriend
from tests.world import City, Wire, fast_forward, settle


async def hear_again(city: City) -> None:
    """The next thing that comes is heard as if a while had passed."""
    await city.execute("update peers set last_heard = now() - interval '1 hour'")
    await city.execute("update ledgers set asked_at = 'epoch'")


async def do_jobs(*cities: City) -> None:
    """What the workers would do next."""
    for city in cities:
        await city.instance.queue.run_worker_async(
            wait=False,
            install_signal_handlers=False,
            additional_context={"instance": city.instance},
        )
    await settle(*cities)


async def ledger(city: City, other: City) -> ledgers.Ledger:
    async with city.instance.read() as conn:
        return await ledgers.get(conn, other.origin)


async def titles(city: City) -> list[str]:
    query = "select coalesce(array_agg(title order by title), '{}') from proposals"
    return await city.value(query + " where state = 'open'")


async def lose_everything(city: City) -> None:
    """As after a restored backup: what was taken is not there any more."""
    await city.execute("delete from proposals")
    await city.execute("delete from activities where direction = 'in'")


async def knows_ledger(reader: City, of: City) -> None:
    """As if that city had just named it."""
    await reader.execute(
        """insert into ledgers (peer, address) values (%s, %s)
           on conflict (peer) do update set address = excluded.address, caught_up = 0""",
        of.origin,
        f"{of.origin}/city/sent",
    )


async def test_what_is_sent_is_numbered_and_the_other_side_is_told(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await settle(alpha, beta)
    before = (await ledger(alpha, beta)).sequence
    await make.a_proposal(alpha, ann, "A ladder")
    await settle(alpha, beta)
    after = (await ledger(alpha, beta)).sequence
    assert after == before + 2  # the activity, and the object for microblog servers
    await hear_again(beta)
    await make.a_proposal(alpha, ann, "A saw")
    await settle(alpha, beta)
    told = await ledger(beta, alpha)
    assert (told.address, told.told) == (f"{alpha.origin}/city/sent", after)


async def test_a_city_that_lost_what_it_had_asks_for_it(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    for title in ("A drill", "A ladder"):
        await make.a_proposal(alpha, ann, title)
    await settle(alpha, beta)
    await lose_everything(beta)
    await hear_again(beta)
    await make.a_proposal(alpha, ann, "A saw")
    await settle(alpha, beta)
    assert await titles(beta) == ["A saw"]
    await do_jobs(beta)
    assert await titles(beta) == ["A drill", "A ladder", "A saw"]
    found = await ledger(beta, alpha)
    assert found.caught_up >= found.told > 0 and found.missed >= 4


async def test_catching_up_twice_changes_nothing(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_proposal(alpha, ann, "A ladder")
    await settle(alpha, beta)
    await lose_everything(beta)
    await knows_ledger(beta, alpha)
    for expected in (True, False):
        await beta.execute("update ledgers set caught_up = 0")
        missed = await catch_up.catch_up(beta.instance, await ledger(beta, alpha))
        assert bool(missed) is expected
        await settle(alpha, beta)
        assert await titles(beta) == ["A ladder"]


async def test_a_city_that_was_restored_from_a_backup_is_read_from_the_start(
    alpha: City, beta: City
) -> None:
    """Its numbers begin again below those that we have seen."""
    ann = await make.a_person(alpha, "ann")
    await make.a_proposal(alpha, ann, "A ladder")
    await settle(alpha, beta)
    await hear_again(beta)
    await make.a_proposal(alpha, ann, "A saw")
    await settle(alpha, beta)
    await do_jobs(beta)
    await beta.execute("update ledgers set caught_up = caught_up + 1000")
    await lose_everything(beta)
    missed = await catch_up.catch_up(beta.instance, await ledger(beta, alpha))
    await settle(alpha, beta)
    assert missed and await titles(beta) == ["A ladder", "A saw"]
    assert (await ledger(beta, alpha)).caught_up == (await ledger(alpha, beta)).sequence


async def test_who_is_shut_out_does_not_come_in_by_the_ledger(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    cem = await make.a_person(beta, "cem")
    for person in (ann, ben):
        whom = await resolve.actor(alpha.instance, cem.uri)
        async with alpha.instance.begin() as tx:
            await people.follow(tx, by=person, whom=whom)
    await settle(alpha, beta)
    await lose_everything(beta)
    out = "update actors set suspended_until = now() + interval '1 day' where uri = %s"
    await beta.execute(out, ann.uri)
    await knows_ledger(beta, alpha)
    await catch_up.catch_up(beta.instance, await ledger(beta, alpha))
    said = "select count(*) from activities a join actors by on by.id = actor_id where by.uri = %s"
    assert [await beta.value(said, person.uri) for person in (ann, ben)] == [0, 1]


async def test_what_is_remembered_by_its_hash_is_not_asked_for_again(
    alpha: City, beta: City
) -> None:
    await make.a_proposal(alpha, await make.a_person(alpha, "ann"), "A ladder")
    await settle(alpha, beta)
    await do_jobs(beta)
    async with beta.instance.begin() as tx:
        assert await memory.fold(tx.conn, beta.instance.clock() + make.days(1)) > 0
    await knows_ledger(beta, alpha)
    tried = alpha.wire.tried(alpha.host)
    assert await catch_up.catch_up(beta.instance, await ledger(beta, alpha)) == 0
    assert alpha.wire.tried(alpha.host) == tried + 1, "the list alone, and nothing of it whole"


async def test_what_was_not_shown_for_a_while_comes_when_it_is_wanted_again(
    alpha: City, beta: City
) -> None:
    async def receive(wanted: bool) -> None:
        async with beta.instance.begin() as tx:
            switches = {"publishes": True, "receives": wanted, "paused": False}
            await cities.set_switches(tx, by=None, origin=alpha.origin, **switches)

    await receive(False)
    await make.a_proposal(alpha, await make.a_person(alpha, "ann"), "A ladder")
    await settle(alpha, beta)
    await do_jobs(beta)
    assert await titles(beta) == []
    await receive(True)
    await do_jobs(beta)
    assert await titles(beta) == ["A ladder"]


async def test_a_long_ledger_is_read_page_by_page(
    alpha: City, beta: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("federation.sent.SIZE", 3)
    monkeypatch.setattr("federation.sent.WHOLE", 2)
    ann = await make.a_person(alpha, "ann")
    wanted = [f"Thing {number}" for number in range(8)]
    for title in wanted:
        await make.a_proposal(alpha, ann, title)
    await settle(alpha, beta)
    await lose_everything(beta)
    await hear_again(beta)
    await make.a_proposal(alpha, ann, "Thing 8")
    await settle(alpha, beta)
    await do_jobs(beta)
    assert await titles(beta) == [*wanted, "Thing 8"]


@pytest.mark.parametrize("left", [1, 2])
async def test_what_one_round_does_not_reach_comes_with_the_next(
    alpha: City, beta: City, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    monkeypatch.setattr("federation.sent.SIZE", 3)
    ann = await make.a_person(alpha, "ann")
    wanted = [f"Thing {number}" for number in range(8)]
    for title in wanted:
        await make.a_proposal(alpha, ann, title)
    await settle(alpha, beta)
    await do_jobs(beta)
    await lose_everything(beta)
    await knows_ledger(beta, alpha)
    pages = -(-(await ledger(alpha, beta)).sequence // 3)
    monkeypatch.setattr("federation.catch_up.MOST_PAGES", pages - left)
    await catch_up.catch_up(beta.instance, await ledger(beta, alpha))
    await settle(alpha, beta)
    assert 0 < len(await titles(beta)) < len(wanted)
    await do_jobs(beta)
    assert await titles(beta) == wanted


async def read_whole(reader: City, of: City, after: int = 0) -> str:
    """The ledger as that reader gets it."""
    address = f"{of.origin}/city/sent?after={after}&whole=1"
    return str(await fetch.document(reader.instance, address))


async def test_what_was_deleted_meanwhile_is_not_given_out_again(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    ladder = await make.a_proposal(alpha, ann, "A ladder")
    await make.a_proposal(alpha, ann, "A saw")
    await settle(alpha, beta)
    assert "A ladder" in await read_whole(beta, alpha)
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.submit(f"{ladder.url}/withdrawal")).status_code == 303
    await settle(alpha, beta)
    told = await read_whole(beta, alpha)
    assert "A ladder" not in told and "A saw" in told and "Delete" in told


async def test_a_ledger_is_for_the_neighbour_it_is_about(
    alpha: City, beta: City, gamma: City, wire: Wire
) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    await talk.join(beta, await make.a_person(beta, "ben"), garden, alpha)
    await make.a_proposal(alpha, ann, "A ladder", garden, scope="community")
    await settle(alpha, beta, gamma)
    assert "A ladder" in await read_whole(beta, alpha)
    assert "A ladder" not in await read_whole(gamma, alpha)
    peer = Peer("peer.test", wire).start()
    path = "/city/sent?after=0&whole=1"
    assert (await alpha.document(path)).status_code == 404
    assert (await peer.asks(alpha, path)).status_code == 404
    await befriend(alpha, peer)
    assert (await peer.asks(alpha, path)).json()["orderedItems"] == []
    await alpha.execute("update peers set publishes = false")
    with pytest.raises(Gone):
        await read_whole(beta, alpha)
    await alpha.execute("update peers set publishes = true, paused_at = now()")
    with pytest.raises(Unreachable):
        await read_whole(beta, alpha)


async def test_what_was_refused_has_a_number_too_and_can_be_asked_for(
    alpha: City, wire: Wire
) -> None:
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    ann = await make.a_person(alpha, "ann")
    await peer.says(alpha, peer.activity("Follow", f"{alpha.origin}/city"))
    await settle(alpha)
    peer.status = 400
    ladder = await make.a_proposal(alpha, ann, "A ladder")
    await settle(alpha)
    states = "select array_agg(distinct state) from deliveries where peer = %s and status = 400"
    assert await alpha.value(states, peer.origin) == ["refused"]
    found = (await peer.asks(alpha, "/city/sent?after=0&whole=1")).json()
    listed = [item["activity"]["object"] for item in found["orderedItems"]]
    assert ladder.uri in [thing if isinstance(thing, str) else thing["id"] for thing in listed]


async def test_numbers_are_given_in_the_order_in_which_they_can_be_seen(alpha: City) -> None:
    """A transaction that ends late never gets a number below one that was read already."""
    await alpha.execute("update peers set link = 'linked'")
    async with alpha.instance.begin() as first:
        one = await ledgers.take_numbers(first.conn, "http://beta.test", 1)
        async with alpha.instance.db.begin() as conn:
            await conn.execute("set local lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                await ledgers.take_numbers(conn, "http://beta.test", 1)
            await conn.execute("rollback")
    async with alpha.instance.begin() as second:
        assert await ledgers.take_numbers(second.conn, "http://beta.test", 1) == one + 1


async def test_after_a_month_away_what_both_hold_is_made_equal(alpha: City, beta: City) -> None:
    """Longer than work is kept: new, changed and deleted listings, by digest."""
    ann = await make.a_person(alpha, "ann")
    drill, ladder = [await make.a_proposal(alpha, ann, t) for t in ("A drill", "A ladder")]
    await settle(alpha, beta)
    await hear_again(beta)
    await make.a_proposal(alpha, ann, "A saw")
    await settle(alpha, beta)
    await do_jobs(beta)
    alpha.wire.cut(beta.host)
    for city in (alpha, beta):
        city.clock.now += timedelta(minutes=5)
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit(f"{drill.url}/withdrawal")
    await make.a_proposal(alpha, ann, "A hammer")
    changed = "update proposals set title = 'A long ladder', updated = %s where id = %s"
    await alpha.execute(changed, alpha.clock(), ladder.id)
    await settle(alpha, beta)
    await fast_forward(alpha, timedelta(days=31))
    await settle(alpha, beta)
    alpha.clock.now -= timedelta(days=31)
    assert await alpha.value("select count(*) from deliveries where state = 'expired'") > 0
    assert await alpha.value("select count(*) from deliveries where state = 'due'") == 0
    await alpha.execute("delete from deliveries where state = 'expired'")  # nothing but digests
    alpha.wire.mend(beta.host)
    await hear_again(beta)
    await make.a_proposal(alpha, ann, "A pump")
    await fast_forward(alpha, timedelta(0))
    await settle(alpha, beta)
    await do_jobs(beta)
    assert await titles(beta) == ["A hammer", "A long ladder", "A pump", "A saw"]
    assert await reconcile.reconcile(beta.instance, alpha.origin) == 0, "the digests are equal"


async def test_blueprints_projects_and_communities_are_made_equal_too(
    alpha: City, beta: City
) -> None:
    ann = await make.a_person(alpha, "ann")
    shed, pit = [await make.a_blueprint(alpha, ann, title) for title in ("Shed", "Pit")]
    garden, choir = [await make.a_community(alpha, ann, name) for name in ("garden", "choir")]
    project = await make.a_project(alpha, ann, aim="Rain.")
    await settle(alpha, beta)
    assert await reconcile.reconcile(beta.instance, alpha.origin) == 0, "the digests are equal"
    hide = "update communities set join_rule = 'hidden' where actor_id = %s"
    await alpha.execute(hide, garden.actor_id)  # without a word, as if it had been lost
    await alpha.execute("update blueprints set state = 'withdrawn' where id = %s", pit.id)
    for city in (alpha, beta):
        city.clock.now += timedelta(minutes=5)
    freed = "update blueprints set license = 'CC0-1.0', updated = %s where id = %s"
    await alpha.execute(freed, alpha.clock(), shed.id)
    new = "update projects set state = 'built', edition = edition + 1 where community_id = %s"
    await alpha.execute(new, project.community_id)
    assert await reconcile.reconcile(beta.instance, alpha.origin) > 0
    shown = "select coalesce(array_agg(license), '{}') from blueprints where state = 'open'"
    assert await beta.value(shown) == ["CC0-1.0"]
    assert await beta.value("select state from projects") == "built"
    listed = """select array_agg(a.name order by a.name) from communities c
      join actors a on a.id = c.actor_id where a.host <> '' and c.join_rule <> 'hidden'"""
    assert choir.name in await beta.value(listed) and garden.name not in await beta.value(listed)
    assert await reconcile.reconcile(beta.instance, alpha.origin) == 0


@pytest.mark.parametrize("missing", range(3))
async def test_what_a_list_that_was_not_read_to_its_end_does_not_name_stays_listed(
    alpha: City, beta: City, monkeypatch: pytest.MonkeyPatch, missing: int
) -> None:
    ann = await make.a_person(alpha, "ann")
    made = [await make.a_community(alpha, ann, name) for name in ("garden", "choir", "yard")]
    await settle(alpha, beta)
    assert await reconcile.reconcile(beta.instance, alpha.origin) == 0, "the digests are equal"
    hide = "update communities set join_rule = 'hidden' where actor_id = %s"
    await alpha.execute(hide, made[missing].actor_id)
    monkeypatch.setattr(reconcile, "MOST", 2)
    assert await reconcile.reconcile(beta.instance, alpha.origin) == 0
    listed = "select count(*) from communities where join_rule <> 'hidden'"
    assert await beta.value(listed) == len(made)


async def test_a_neighbour_that_shows_us_nothing_loses_nothing_here(
    alpha: City, beta: City
) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_proposal(alpha, ann, "A ladder", scope="neighbours")
    await settle(alpha, beta)
    await alpha.execute("update peers set publishes = false")
    assert await reconcile.reconcile(beta.instance, alpha.origin) == 0
    assert await titles(beta) == ["A ladder"]


async def test_a_ledger_of_lies_brings_nothing_in(alpha: City, wire: Wire) -> None:
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    other = Peer("other.test", wire).start()
    note = other.note()
    lies = [
        other.activity("Create", note),
        peer.activity("Create", note, by=other.pat),
        {**peer.activity("Create", note), "id": f"{alpha.origin}/activities/1"},
        {"id": f"{peer.origin}/nothing"},
        peer.activity("Create", note, by=f"{peer.origin}/u/nobody"),
    ]
    entries = [{"sequence": n, "id": lie["id"]} for n, lie in enumerate(lies, 1)]
    whole = [{"sequence": n, "id": lie["id"], "activity": lie} for n, lie in enumerate(lies, 1)]
    address = f"{peer.origin}/city/sent"
    for more, items in (("", entries), ("&whole=1", whole)):
        for after in range(6):
            peer.add({"id": f"{address}?after={after}{more}", "sequence": 5, "orderedItems": items})
    came_in = "select count(*) from activities where direction = 'in'"
    before = await alpha.value(came_in)
    async with alpha.instance.begin() as tx:
        await ledgers.tell(tx.conn, peer.origin, address, 5)
        found = await ledgers.get(tx.conn, peer.origin)
    assert await catch_up.catch_up(alpha.instance, found) == 0
    assert await alpha.value(came_in) == before


async def test_a_header_that_names_another_server_is_not_believed(
    alpha: City, beta: City, wire: Wire
) -> None:
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    headers = {"Delivery-Ledger": f'url="{beta.origin}/city/sent", sequence="7"'}
    await peer.says(alpha, peer.activity("Create", peer.note()), headers=headers)
    assert await alpha.value("select count(*) from ledgers where peer = %s", peer.origin) == 0
    await hear_again(alpha)
    headers = {"Delivery-Ledger": f'url="{peer.origin}/sent", sequence="7"'}
    await peer.says(alpha, peer.activity("Create", peer.note()), headers=headers)
    assert await alpha.value("select told from ledgers where peer = %s", peer.origin) == 7


async def test_what_came_in_is_remembered_in_few_bytes(alpha: City, wire: Wire) -> None:
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    said = peer.activity("Create", peer.note())
    await peer.says(alpha, said)
    await settle(alpha)
    pat = await alpha.value("select id from actors where uri = %s", peer.pat)
    fill = """insert into activities (id, uri, direction, actor_id, type, document, state, created)
      select gen_random_uuid(), 'https://far.example/activities/' || n, 'in', %s, 'Create', '{}',
        'done', now() - interval '40 days' - n * interval '1 minute'
      from generate_series(%s::int, %s::int) n"""
    alpha.clock.now += timedelta(days=31)
    for day in range(10):  # each day's sweep adds to what is there
        await alpha.execute(fill, pat, day * 2000 + 1, day * 2000 + 2000)
        assert await queue.sweep_activities(alpha.instance) >= 2000
        async with alpha.instance.read() as conn:
            await conn.execute("vacuum seen")
    async with alpha.instance.read() as conn:
        count, size = await memory.size(conn)
    print(f"{count} activities remembered in {size} bytes: {size / count:.1f} each")
    assert count >= 20_001
    assert size / count <= 40
    alpha.clock.now -= timedelta(days=31)
    await peer.says(alpha, said)
    await settle(alpha)
    assert await alpha.value("select count(*) from activities where uri = %s", said["id"]) == 0
    alpha.clock.now += timedelta(days=345)
    await queue.sweep_activities(alpha.instance)
    async with alpha.instance.read() as conn:
        assert (await memory.size(conn))[0] >= count
    alpha.clock.now += timedelta(days=255)
    await queue.sweep_activities(alpha.instance)
    async with alpha.instance.read() as conn:
        assert (await memory.size(conn))[0] == 0


async def test_a_delete_is_never_forgotten(alpha: City, wire: Wire) -> None:
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    note = peer.note()
    await peer.says(alpha, peer.activity("Delete", note["id"]))
    await settle(alpha)
    alpha.clock.now += timedelta(days=900)
    await queue.sweep_activities(alpha.instance)
    assert await alpha.value("select count(*) from activities where type = 'Delete'") == 1


async def test_during_a_pause_what_comes_waits_as_well(alpha: City, beta: City) -> None:
    bob = await make.a_person(beta, "bob")
    await alpha.execute("update peers set paused_at = now() where host = 'beta.test'")
    await make.a_proposal(beta, bob, "A saw")
    await settle(alpha, beta)
    assert await titles(alpha) == []
    await alpha.execute("update peers set paused_at = null")
    await settle(alpha, beta)
    assert await titles(alpha) == ["A saw"]


async def test_what_was_not_wanted_comes_once_it_is(alpha: City, beta: City) -> None:
    """Not taken in, not stored; in the ledger of those who sent it."""
    bob = await make.a_person(beta, "bob")
    await alpha.execute("update peers set receives = false where host = 'beta.test'")
    await make.a_proposal(beta, bob, "A saw")
    await settle(alpha, beta)
    stored = "select count(*) from activities where document like '%A saw%'".replace("%", "%%")
    assert await alpha.value(stored) == 0
    async with await make.log_in(alpha, await make.an_admin(alpha)) as browser:
        both = {"publishes": "1", "receives": "1"}
        await browser.submit("/admin/cities/beta.test/switches", both)
    await do_jobs(alpha)
    assert await titles(alpha) == ["A saw"]


@pytest.mark.parametrize("status", [401, 403, 404, 410, 418, 429, 500, 503])
async def test_no_answer_alone_drops_what_waits_for_a_city(
    alpha: City, wire: Wire, status: int
) -> None:
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    await alpha.execute("insert into settings (key, value) values ('federation', '\"open\"')")
    alpha.instance.forget_settings()
    ann = await make.a_person(alpha, "ann")
    await peer.says(alpha, peer.activity("Follow", ann.uri))
    await settle(alpha)
    peer.heard.clear()
    peer.status = status
    await make.a_proposal(alpha, ann, "A ladder")
    for _ in range(3):
        await settle(alpha)
        await fast_forward(alpha, timedelta(days=2))
    due = "select count(*) from deliveries where state = 'due' and peer = %s"
    assert await alpha.value(due, peer.origin) > 0
    peer.status = 202
    peer.heard.clear()
    await settle(alpha)
    assert "A ladder" in str(peer.heard)
    assert await alpha.value(due, peer.origin) == 0
