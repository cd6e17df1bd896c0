"""Who is listened to: neighbours, strangers, the blocked, the suspended, those with new keys."""

import json
from datetime import timedelta

import pytest

from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle

FROM = "select count(*) from activities a join actors b on b.id = a.actor_id where b.peer = %s"


@pytest.fixture
def far(alpha: City, wire: Wire) -> Peer:
    """A server that alpha does not know yet."""
    return Peer("far.test", wire).start()


def asked_of(city: City, host: str) -> list[str]:
    """The paths that were fetched from that host."""
    whole = f"http://{host}"
    return [p.url[len(whole) :] for p in city.wire.log if p.url.startswith(whole)]


async def test_strangers_are_not_heard(alpha: City, far: Peer) -> None:
    said = far.activity("Create", far.note())
    answer = await far.says(alpha, said)
    assert (answer.status_code, answer.text) == (
        403,
        "this place listens to its neighbour cities only",
    )
    assert await alpha.value(FROM, far.origin) == 0


async def test_a_stranger_may_ask_for_a_link(alpha: City, far: Peer) -> None:
    city = far.add_actor("city", "Group", offers=f"{far.origin}/offers")
    said = far.activity("Follow", f"{alpha.origin}/city", by=city)
    assert (await far.says(alpha, said, by=city)).status_code == 202
    await settle(alpha)
    assert await alpha.value("select link from peers where origin = %s", far.origin) == "asking"


async def test_a_stranger_follows_no_community_and_no_person_where_only_neighbours_are_heard(
    alpha: City, far: Peer
) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    for followed in (ann.uri, garden.uri):
        assert (await far.says(alpha, far.activity("Follow", followed))).status_code == 403
    assert await alpha.value(FROM, far.origin) == 0


async def test_an_open_place_hears_everybody(alpha: City, far: Peer) -> None:
    await alpha.execute(
        "insert into settings (key, value) values ('federation', '\"open\"') "
        "on conflict (key) do update set value = excluded.value"
    )
    alpha.instance.forget_settings()
    assert (await far.says(alpha, far.activity("Create", far.note()))).status_code == 202


@pytest.mark.parametrize("host", ["far.test", "sub.far.test", "a.b.far.test"])
async def test_the_blocked_are_not_heard_and_their_sub_domains_are_not_either(
    alpha: City, far: Peer, wire: Wire, host: str
) -> None:
    await befriend(alpha, far)
    await alpha.execute("update peers set blocked_at = now() where origin = %s", far.origin)
    peer = far if host == far.host else Peer(host, wire).start()
    said = peer.activity("Follow", f"{alpha.origin}/city")
    assert (await peer.says(alpha, said)).status_code == 403
    assert await alpha.value(FROM, peer.origin) == 0
    assert asked_of(alpha, host) == [], "not even the key of the blocked is fetched"


async def test_a_name_that_only_ends_alike_is_not_blocked(
    alpha: City, far: Peer, wire: Wire
) -> None:
    await befriend(alpha, far)
    await alpha.execute("update peers set blocked_at = now() where origin = %s", far.origin)
    other = Peer("notfar.test", wire).start()
    await befriend(alpha, other)
    assert (await other.says(alpha, other.activity("Create", other.note()))).status_code == 202


async def test_the_suspended_are_heard_again_when_their_time_is_over(
    alpha: City, far: Peer
) -> None:
    await befriend(alpha, far)
    assert (await far.says(alpha, far.activity("Like", far.pat))).status_code == 202
    await alpha.execute(
        "update actors set suspended_until = %s where uri = %s",
        alpha.clock() + timedelta(minutes=30),
        far.pat,
    )
    assert (await far.says(alpha, far.activity("Like", far.pat))).status_code == 403
    alpha.clock.now += timedelta(minutes=31)
    assert (await far.says(alpha, far.activity("Like", far.pat))).status_code == 202


async def test_a15_a_new_key_is_asked_for_once_in_five_minutes(alpha: City, far: Peer) -> None:
    await befriend(alpha, far)
    assert (await far.says(alpha, far.activity("Like", far.pat))).status_code == 202
    old, far.pair = far.pair, make.a_key_pair()
    assert old.rsa_public != far.pair.rsa_public
    far.add_actor("pat")
    assert (await far.says(alpha, far.activity("Like", far.pat))).status_code == 202
    assert len(asked_of(alpha, far.host)) == 2, "once for this key, however young it was"
    newer, far.pair = far.pair, old
    assert (await far.says(alpha, far.activity("Like", far.pat))).status_code == 401
    assert len(asked_of(alpha, far.host)) == 2
    sam = far.add_actor("sam")
    far.pair = newer
    assert (await far.says(alpha, far.activity("Like", far.pat))).status_code == 202
    assert (await far.says(alpha, far.activity("Like", sam, by=sam), by=sam)).status_code == 401
    far.pair = old
    said = far.activity("Like", sam, by=sam)
    assert (await far.says(alpha, said, by=sam)).status_code == 202, "the one that sam lists"
    far.documents[sam]["publicKey"]["publicKeyPem"] = newer.rsa_public
    far.pair = newer
    assert (await far.says(alpha, far.activity("Like", sam, by=sam), by=sam)).status_code == 401
    alpha.clock.now += timedelta(minutes=6)
    far.pair = make.a_key_pair()
    far.add_actor("pat")
    assert (await far.says(alpha, far.activity("Like", far.pat))).status_code == 202


async def test_a15_bad_signatures_cannot_make_us_ask_again_and_again(
    alpha: City, far: Peer, wire: Wire
) -> None:
    await befriend(alpha, far)
    assert (await far.says(alpha, far.activity("Like", far.pat))).status_code == 202
    far.pair = make.a_key_pair()
    alpha.clock.now += timedelta(minutes=6)
    wire.cut(far.host)
    asked = alpha.wire.tried(far.host)
    answers = [(await far.says(alpha, far.activity("Like", far.pat))).status_code for _ in range(5)]
    assert set(answers) <= {401, 503}
    assert alpha.wire.tried(far.host) - asked == 1


async def test_a16_a_key_that_cannot_be_had_is_asked_for_once(
    alpha: City, far: Peer, wire: Wire
) -> None:
    wire.cut(far.host)
    for _ in range(5):
        answer = await far.says(alpha, far.activity("Follow", f"{alpha.origin}/city"))
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert wire.tried(far.host) == 1
    wire.mend(far.host)
    alpha.clock.now += timedelta(minutes=6)
    answer = await far.says(alpha, far.activity("Follow", f"{alpha.origin}/city"))
    assert answer.status_code == 202


async def test_a16_made_up_keys_cannot_turn_us_against_another_server(
    alpha: City, far: Peer
) -> None:
    for number in range(100):
        made_up = f"{far.origin}/u/nobody{number}"
        said = far.activity("Follow", f"{alpha.origin}/city", by=made_up)
        assert (await far.says(alpha, said, by=made_up)).status_code in (401, 503)
    assert len(asked_of(alpha, far.host)) <= 60


async def test_a_server_that_is_away_while_we_look_for_the_key_is_told_to_come_back(
    alpha: City, far: Peer, wire: Wire
) -> None:
    await befriend(alpha, far)
    wire.cut(far.host)
    answer = await far.says(alpha, far.activity("Create", far.note()))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


@pytest.mark.parametrize("status", [404, 410])
async def test_a_key_that_is_gone_proves_nothing(alpha: City, far: Peer, status: int) -> None:
    await befriend(alpha, far)
    far.gone[far.pat] = status
    assert (await far.says(alpha, far.activity("Create", far.note()))).status_code == 401


async def test_an_actor_that_is_gone_while_its_server_speaks_for_it_proves_nothing(
    alpha: City, far: Peer
) -> None:
    await befriend(alpha, far)
    server = far.add_actor("server", "Application")
    said = far.activity("Create", far.note(), by=f"{far.origin}/u/nobody")
    assert (await far.says(alpha, said, by=server)).status_code == 401


async def test_b15_an_actor_cannot_become_something_else(alpha: City, far: Peer) -> None:
    await befriend(alpha, far)
    assert (await far.says(alpha, far.activity("Like", far.pat))).status_code == 202
    far.documents[far.pat]["type"] = "Group"
    far.documents[far.pat]["publicKey"]["id"] = f"{far.pat}#new"
    far.key = "new"
    assert (await far.says(alpha, far.activity("Like", far.pat))).status_code == 401
    kind = await alpha.value("select kind from actors where uri = %s", far.pat)
    assert kind == "person"


async def test_trap_32_the_farewell_of_somebody_we_never_met_is_waved_through(
    alpha: City, far: Peer
) -> None:
    said = far.activity("Delete", far.pat)
    unsigned = await far.says(alpha, said, headers={"Signature": "none"})
    assert unsigned.status_code == 202
    assert await alpha.value("select count(*) from activities where uri = %s", said["id"]) == 0
    assert await alpha.value("select count(*) from actors where uri = %s", far.pat) == 0
    assert asked_of(alpha, far.host) == []


async def test_the_farewell_of_somebody_we_know_needs_a_signature(alpha: City, far: Peer) -> None:
    await befriend(alpha, far)
    await far.says(alpha, far.activity("Like", far.pat))
    said = far.activity("Delete", far.pat)
    assert (await far.says(alpha, said, headers={"Signature": "none"})).status_code == 401
    assert (await far.says(alpha, said)).status_code == 202
    await settle(alpha)
    assert await alpha.value("select deleted_at from actors where uri = %s", far.pat) is not None


async def test_b11_nobody_elsewhere_has_a_name_of_ours(alpha: City, far: Peer) -> None:
    await befriend(alpha, far)
    ann = await make.a_person(alpha, "ann")
    for spelled in (ann.uri, ann.uri.replace("alpha", "ALPHA"), "http://alpha.test:80/people/ann"):
        said = {**far.activity("Like", far.pat), "actor": spelled, "id": f"{alpha.origin}/x"}
        assert (await far.says(alpha, said)).status_code == 400


async def test_every_inbox_is_the_same_door(alpha: City, far: Peer) -> None:
    await befriend(alpha, far)
    await make.a_person(alpha, "ann")
    for path in ("/inbox", "/people/ann/inbox", "/city/inbox", "/actor/inbox"):
        assert (await far.says(alpha, far.activity("Like", far.pat), path=path)).status_code == 202
        bare = await far.says(alpha, far.activity("Like", far.pat), path=path, headers={"Date": ""})
        assert bare.status_code == 401
    assert await alpha.value(FROM, far.origin) == 4


async def test_d06_nobody_is_written_to_five_hundred_times(alpha: City, far: Peer) -> None:
    await befriend(alpha, far)
    many = [f"{far.origin}/u/{number}" for number in range(600)]
    said = json.dumps(far.activity("Create", far.note(), to=many)).encode()
    assert (await far.says(alpha, said)).status_code == 400
