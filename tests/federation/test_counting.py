"""What admins see of what came to nothing (promise P9), and how far memory goes (P4)."""

from datetime import timedelta

import pytest

from federation import counting, fetch, proofs
from federation.errors import Refused
from federation.keys import load_ed25519
from tests import make
from tests.federation.door import say
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle


@pytest.fixture
async def far(alpha: City, wire: Wire) -> Peer:
    """A neighbour of another make."""
    peer = Peer("far.test", wire).start()
    await befriend(alpha, peer)
    return peer


async def test_p9_known_letters_bad_signatures_and_clocks_are_counted_for_each_peer(
    alpha: City, far: Peer, wire: Wire
) -> None:
    like = far.activity("Like", far.pat)
    for _ in range(3):
        await far.says(alpha, like)
    far.pair = make.a_key_pair()
    await far.says(alpha, far.activity("Like", far.pat))
    stranger = Peer("stranger.test", wire)
    await stranger.says(alpha, b"{}", headers={"Signature": 'keyId="http://nobody.test/k"'})
    alpha.clock.now -= timedelta(minutes=7)
    await counting.write(alpha.instance, now=True)
    lines = (await alpha.get("/metrics")).text.splitlines()
    assert 'stadtnetz_arrivals_known_total{reason=""} 2' in lines
    assert 'stadtnetz_signature_failures_total{reason="signature does not match"} 1' in lines
    assert any(
        line.startswith('stadtnetz_peer_clock_ahead_seconds{peer="far.test"}') for line in lines
    )
    async with await make.log_in(alpha, await make.an_admin(alpha)) as admin:
        page = (await admin.get("/admin/cities/far.test")).text
    assert "Kam noch einmal und änderte nichts" in page
    assert "signature does not match" in page
    other = "select count(*) from counts where peer not in ('', %s)"
    assert await alpha.value(other, far.origin) == 0, "whoever was never met counts together"


async def test_p9_a_clock_that_is_wrong_is_shown(alpha: City, far: Peer) -> None:
    alpha.clock.now -= timedelta(minutes=7)
    like = far.activity("Like", far.pat)
    later = City(alpha.instance, alpha.app, alpha.wire, type(alpha.clock)())
    later.clock.now = alpha.clock.now + timedelta(minutes=7)
    assert (await far.says(later, like)).status_code == 202
    async with await make.log_in(alpha, await make.an_admin(alpha)) as admin:
        assert "7 Minuten vor" in (await admin.get("/admin/cities/far.test")).text


async def test_p9_places_that_are_not_called_are_counted(alpha: City, far: Peer) -> None:
    def forbid(_: object) -> None:
        raise Refused("that address is not public: 10.0.0.1")

    far.scripts[f"{far.origin}/inside"] = forbid  # type: ignore[assignment]
    with pytest.raises(Refused):
        await fetch.document(alpha.instance, f"{far.origin}/inside")
    lines = (await alpha.get("/metrics")).text.splitlines()
    assert 'stadtnetz_egress_blocked_total{reason="that address is not public"} 1' in lines


@pytest.mark.parametrize(("days", "done"), [(399, True), (401, False)])
async def test_p4_a_proof_older_than_what_is_remembered_changes_nothing(
    alpha: City, far: Peer, wire: Wire, days: int, done: bool
) -> None:
    """A Delete that was undone by a new start long ago does not come again by another's hand."""
    hub = Peer("hub.test", wire).start()
    await befriend(alpha, hub)
    multikey = {"id": f"{far.pat}#ed", "type": "Multikey", "controller": far.pat}
    multikey["publicKeyMultibase"] = far.pair.ed25519_public
    far.documents[far.pat]["assertionMethod"] = [multikey]
    intent = {"type": "Intent", "action": "transfer"}
    kind = {"type": "Proposal", "purpose": "offer", "name": "A lathe"}
    listing = far.note("<p>steel</p>", "", publishes=intent, **kind)
    assert (await say(alpha, far, far.activity("Create", listing)))[0] == "done"
    signed = proofs.sign(
        far.activity("Delete", listing["id"]),
        key=load_ed25519(far.pair.ed25519_private),
        key_id=f"{far.pat}#ed",
        now=alpha.clock() - timedelta(days=days),
    )
    await hub.says(alpha, signed)
    await settle(alpha)
    query = "select state from proposals where uri = %s"
    assert await alpha.value(query, listing["id"]) == ("withdrawn" if done else "open")
