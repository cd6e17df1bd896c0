"""Exchange 11: what is missing, as an invitation for residents and a table for coordinators."""

from tests import make
from tests.schema.test_matches import need, somebody
from tests.world import City


async def test_residents_are_invited_and_the_form_is_half_filled_in(alpha: City) -> None:
    for name in ("ann", "ben"):
        await need(alpha, await somebody(alpha, name), "Anhänger freitags", category="move.cargo")
    async with make.guest(alpha) as browser:
        front, page = await browser.get("/"), await browser.get("/missing")
        link = "/new?kind=offer&amp;title=Anh%C3%A4nger&amp;category=move.cargo"
        assert "„Anhänger (freitags)“ würde hier 2 Bedarfe decken." in front.text
        assert link in front.text and link in page.text and "missing.csv" not in page.text
        form = await browser.get(link.replace("&amp;", "&"))
    assert 'value="Anhänger"' in form.text
    async with await make.log_in(alpha, await make.a_person(alpha, "cem")) as resident:
        assert "würde hier 2 Bedarfe decken." in (await resident.get("/")).text


async def test_the_table_is_for_moderators_and_runs_nothing(alpha: City) -> None:
    ann, admin = await somebody(alpha, "ann"), await make.an_admin(alpha)
    await need(alpha, ann, "=cmd() Klavier", category="other")
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.get("/missing.csv")).status_code == 403
    async with await make.log_in(alpha, admin) as browser:
        table = await browser.get("/missing.csv")
    assert table.headers["content-type"].startswith("text/csv")
    lines = table.text.splitlines()
    assert "Bereich;" in lines[0] and len(lines) == 2 and ";=" not in lines[1]
