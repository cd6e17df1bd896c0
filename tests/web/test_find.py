"""The page that finds by address."""

from tests import make
from tests.peer import Peer
from tests.world import City, Wire


async def test_a_resident_finds_somebody_far_away(alpha: City, wire: Wire) -> None:
    Peer("far.test", wire).start()
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        assert "Mit Adresse finden" in (await browser.get("/find")).text
        found = await browser.get("/find?address=@pat@far.test")
        assert str(found.url).endswith("/people/pat@far.test") and "Folgen" in found.text
        for wrong in ("nobody@far.test", "https://alpha.test/@x", "x y"):
            page = await browser.get(f"/find?address={wrong}")
            assert page.status_code == 422 and "niemand und nichts" in page.text
        wire.cut("far.test")
        assert "antwortet" in (await browser.get("/find?address=quinn@far.test")).text
    guest = await alpha.get("/find?address=@pat@far.test")
    assert guest.status_code == 303 and guest.headers["location"].startswith("/login")
