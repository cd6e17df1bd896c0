"""Every address we mint is read back as what it names; whatever else is given names nothing."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.addresses import Addresses, Reference

OWN = Addresses("https://town.example")
ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
THINGS = {
    OWN.city: Reference("city", "city"),
    OWN.instance: Reference("instance"),
    OWN.person("ann"): Reference("person", "ann"),
    OWN.community("garden"): Reference("group", "garden"),
    OWN.proposal("offer", ID): Reference("offer", id=ID),
    OWN.proposal("request", ID): Reference("request", id=ID),
    OWN.post(ID): Reference("post", id=ID),
    OWN.activity(ID): Reference("activity", id=ID),
    OWN.report(ID): Reference("report", id=ID),
}


@pytest.mark.parametrize(("uri", "thing"), THINGS.items())
def test_what_is_minted_is_read_back(uri: str, thing: Reference) -> None:
    assert OWN.is_ours(uri)
    assert OWN.read(uri) == thing
    assert OWN.read(f"{uri}#main-key") == thing
    assert Addresses("https://other.example").read(uri) is None


@given(st.text(min_size=1).filter(lambda name: "\ud800" > name or name.isprintable()))
def test_any_name_survives_the_round_trip(name: str) -> None:
    assert OWN.read(OWN.person(name)) == Reference("person", name)
    assert OWN.read(OWN.community(name)) == Reference("group", name)


@given(st.text())
def test_reading_never_raises(text: str) -> None:
    for uri in (text, OWN.origin + text, f"{OWN.origin}/posts/{text}"):
        found = OWN.read(uri)
        assert found is None or uri.startswith(OWN.origin)


@pytest.mark.parametrize(
    "uri",
    [
        "https://town.example",
        "https://town.example/",
        "https://town.example/people/",
        "https://town.example/people/ann/outbox",
        "https://town.example/posts/1",
        f"https://town.example/posts/{str(ID).upper()}",
        f"https://town.example/posts/{ID.hex}",
        f"https://town.example/unknown/{ID}",
        "https://town.example.evil.example/people/ann",
        "https://town.example@evil.example/people/ann",
        "http://town.example/people/ann",
        "/people/ann",
        "",
    ],
)
def test_other_addresses_name_nothing(uri: str) -> None:
    assert OWN.read(uri) is None


def test_the_host_is_what_stands_in_a_handle() -> None:
    assert OWN.host == "town.example"
    assert Addresses("http://wien.localhost:8001").host == "wien.localhost:8001"
