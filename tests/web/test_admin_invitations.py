"""Invitations that admins make."""

import re

import segno

from tests import make
from tests.world import City


async def test_residents_make_no_invitations(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit("/admin/invitations", {"uses": "1", "days": "1"})
        assert answer.status_code == 403
        assert (await browser.get("/admin/invitations/abcd-efgh-jkmn")).status_code == 403
    assert await alpha.value("select count(*) from invitations") == 0


async def test_an_invitation_is_made_printed_used_and_taken_back(alpha: City) -> None:
    root = await make.an_admin(alpha)
    async with await make.log_in(alpha, root) as browser:
        form = {"uses": "3", "days": "7", "note": "for the choir"}
        made = await browser.submit("/admin/invitations", form)
        sheet = await browser.get(made.headers["location"])
        code = made.headers["location"].rsplit("/", 1)[1]
        assert code in sheet.text and "http://alpha.test/join" in sheet.text
        assert "for the choir" not in sheet.text
        drawn = segno.make_qr(f"http://alpha.test/join?code={code}", error="m")
        path = re.search(r' d="([^"]+)"', drawn.svg_inline(border=4, dark="#000", light="#fff"))
        assert path and path[1] in sheet.text
        await alpha.execute("update invitations set used = 1 where code = %s", code)
        listed = (await browser.get("/admin/invitations")).text
        assert "1 von 3 benutzt" in listed and "for the choir" in listed
        await browser.submit(f"/admin/invitations/{code}/revocation")
        listed = (await browser.get("/admin/invitations")).text
        assert "zurückgenommen" in listed
        assert (await browser.get(f"/admin/invitations/{code}")).status_code == 404
        assert (await browser.submit(f"/admin/invitations/{code}/revocation")).status_code == 404
        log = (await browser.get("/admin/log")).text
    assert "hat eine Einladung gemacht" in log and "hat eine Einladung zurückgenommen" in log


async def test_numbers_out_of_bounds_are_refused_beside_their_field(alpha: City) -> None:
    root = await make.an_admin(alpha)
    async with await make.log_in(alpha, root) as browser:
        for form in (
            {"uses": "0", "days": "7"},
            {"uses": "10001", "days": "7"},
            {"uses": "1", "days": "0"},
            {"uses": "1", "days": "366"},
            {"uses": "1", "days": "99999999999999"},
            {"uses": "many", "days": "7"},
        ):
            answer = await browser.submit("/admin/invitations", form)
            assert answer.status_code == 422, form
            assert re.search(r'id="f-(uses|days)-error"', answer.text)
    assert await alpha.value("select count(*) from invitations") == 0
