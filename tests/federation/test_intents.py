"""FEP-3b86: guests go on at home, and residents who were elsewhere come home."""

from urllib.parse import quote

import pytest
from starlette.responses import JSONResponse

from federation import intents
from federation.errors import Malformed, Refused
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire

LADDER = "http://alpha.test/offers/1"


@pytest.fixture
async def far(alpha: City, wire: Wire) -> Peer:
    """A server of another make where pat lives."""
    peer = Peer("far.test", wire).start()
    await befriend(alpha, peer)
    return peer


def says(far: Peer, *links: dict[str, str]) -> None:
    """What its WebFinger says of everybody."""
    found = {"subject": "acct:pat@far.test", "links": list(links)}
    path = f"{far.origin}/.well-known/webfinger"
    far.scripts[path] = lambda _: JSONResponse(found, media_type="application/jrd+json")


def link(rel: str, template: str) -> dict[str, str]:
    return {"rel": rel, "template": template}


@pytest.mark.parametrize("home", ["@pat@far.test", "pat@far.test", "acct:pat@far.test"])
async def test_fep_3b86_the_template_for_the_intent_is_filled(
    alpha: City, far: Peer, home: str
) -> None:
    says(
        far,
        link(intents.SUBSCRIBE, f"{far.origin}/subscribe?to={{uri}}"),
        link(f"{intents.REL}Follow", f"{far.origin}/follow?o={{object}}&back={{on-success}}"),
        link(f"{intents.REL}Create", f"{far.origin}/write?to={{inReplyTo}}"),
    )
    whole = quote(LADDER, safe="")
    wanted: tuple[tuple[intents.Intent, str], ...] = (
        ("Follow", f"{far.origin}/follow?o={whole}&back="),
        ("Join", f"{far.origin}/follow?o={whole}&back="),
        ("Create", f"{far.origin}/write?to={whole}"),
    )
    for intent, address in wanted:
        assert await intents.address_of(alpha.instance, home, LADDER, intent) == address


@pytest.mark.parametrize("home", ["far.test", "http://far.test/@pat", "@pat@far.test"])
async def test_fep_3b86_without_a_template_the_usual_address_serves(
    alpha: City, far: Peer, home: str
) -> None:
    says(far, link("http://other.example/rel", "x"), link(intents.SUBSCRIBE, "no place for it"))
    found = await intents.address_of(alpha.instance, home, LADDER, "Follow")
    assert found == f"{far.origin}/authorize_interaction?uri={quote(LADDER, safe='')}"


STRANGE = ["", "@", "ann@alpha.test", "http://10.0.0.1/@x", "a b@c", "file:x"]


@pytest.mark.parametrize("home", STRANGE)
async def test_fep_3b86_what_is_no_address_leads_nowhere(alpha: City, home: str) -> None:
    with pytest.raises((Malformed, Refused)):
        await intents.address_of(alpha.instance, home, LADDER, "Follow")


async def test_fep_3b86_a_template_cannot_lead_to_a_script(alpha: City, far: Peer) -> None:
    says(far, link(intents.SUBSCRIBE, "javascript:alert({uri})"))
    with pytest.raises(Malformed):
        await intents.address_of(alpha.instance, "pat@far.test", LADDER, "Follow")


async def test_fep_3b86_residents_name_where_they_go_on(alpha: City) -> None:
    await make.a_person(alpha, "ann")
    found = (await alpha.get("/.well-known/webfinger?resource=acct:ann@alpha.test")).json()
    templates = {one["rel"]: one["template"] for one in found["links"] if "template" in one}
    base = "http://alpha.test/authorize_interaction?uri="
    assert templates[intents.SUBSCRIBE] == base + "{uri}"
    assert templates[f"{intents.REL}Follow"] == base + "{object}"
    assert templates[f"{intents.REL}Create"] == base + "{inReplyTo}"
    city = (await alpha.get("/.well-known/webfinger?resource=acct:city@alpha.test")).json()
    assert not [one for one in city["links"] if "template" in one]
