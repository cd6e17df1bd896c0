"""Files beside a blueprint: looked at, downloaded and never shown, linked from other cities."""

import io
import zipfile

import httpx
import pytest

from federation import filetypes
from schema.actors import Actor
from schema.errors import Invalid
from tests import make
from tests.make import Browser
from tests.world import City, settle

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def an_odt() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        packed.writestr("content.xml", "<a/>")
    return out.getvalue()


def binary_stl(facets: int) -> bytes:
    return bytes(80) + facets.to_bytes(4, "little") + bytes(50 * facets)


GOOD = {
    "plan.pdf": PDF,
    "parts.CSV": b"Teil;Menge\nLatte;2\n",
    "a.stl": b"solid a\nfacet normal 0 0 1\nendfacet\nendsolid a\n",
    "b.stl": binary_stl(2),
    "c.step": b"ISO-10303-21;\nHEADER;\n",
    "c.stp": b"\nISO-10303-21;\n",
    "text.odt": an_odt(),
}
BAD = {
    "page.pdf": b"<html><script>alert(1)</script>",
    "page.csv": b"<html><script>alert(1)</script>",
    "program.exe": b"MZ",
    "picture.svg": b"<svg/>",
    "other.csv": b"\x00\x01",
    "short.stl": binary_stl(2)[:-1],
    "sheet.odt": b"PK\x03\x04" + bytes(300),
    "noname": PDF,
}


@pytest.mark.parametrize("name", GOOD)
def test_what_a_file_is_shows_in_it(name: str) -> None:
    found = filetypes.read(name, GOOD[name], "files")
    assert (found.name, found.mime) == (name, filetypes.TYPES[name.lower().split(".")[1]])


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_what_it_says_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        filetypes.read(name, BAD[name], "files")


def test_a_file_has_a_size_and_a_plain_name() -> None:
    with pytest.raises(Invalid):
        filetypes.read("a.pdf", PDF[:-7] + bytes(filetypes.LARGEST) + b"%%EOF\n", "files")
    assert filetypes.tidy('..\\x/../"a\r\nb".pdf') == "ab.pdf"
    assert len(filetypes.tidy("a" * 500 + ".pdf")) <= 120


async def send(browser: Browser, path: str, **files: bytes) -> httpx.Response:
    """The form of a blueprint with these files, named by what comes before the bytes."""
    sent = [("files", (name.replace("_", "."), data)) for name, data in files.items()]
    return await browser.submit(path, {"title": "Bench"}, files=sent)


async def test_they_are_downloads_and_neighbours_link_to_them(
    alpha: City, beta: City, ann: Actor
) -> None:
    browser = await make.log_in(alpha, ann)
    answer = await send(browser, "/blueprints/new", plan_pdf=PDF, parts_csv=GOOD["parts.CSV"])
    assert answer.status_code == 303
    page = (await make.guest(alpha).get(answer.headers["location"])).text
    assert "plan.pdf" in page and "parts.csv" in page
    id = await alpha.value("select id from files where name = 'plan.pdf'")
    got = await make.guest(alpha).get(f"/files/{id}")
    assert got.content == PDF and got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"].startswith('attachment; filename="plan.pdf"')
    await settle(alpha, beta)
    there = await beta.value("select id from blueprints")
    copy = (await make.guest(beta).get(f"/blueprints/{there}")).text
    assert f'href="{alpha.origin}/files/{id}"' in copy
    assert await beta.value("select count(*) from files where data is not null") == 0
    path = answer.headers["location"]
    form = (await browser.get(f"{path}/edit")).text
    assert f'name="keep_files" value="{id}" checked' in form, "what nobody takes away stays"
    kept = {"title": "Bench", "keep_files": [str(id)]}
    assert (await browser.submit(f"{path}/edit", {**kept, "purpose": "x"})).status_code == 303
    await settle(alpha, beta)
    for city in (alpha, beta):
        assert await city.value("select array_agg(name) from files") == ["plan.pdf"]
    await browser.submit(f"{path}/withdrawal", {})
    assert (await make.guest(alpha).get(f"/files/{id}")).status_code == 404
    assert await alpha.value("select count(*) from files") == 0


async def test_a_wrong_file_is_said_and_nothing_is_published(alpha: City, ann: Actor) -> None:
    browser = await make.log_in(alpha, ann)
    answer = await send(browser, "/blueprints/new", page_pdf=BAD["page.pdf"])
    assert answer.status_code == 422
    assert "ist keine von PDF" in answer.text
    assert await alpha.value("select count(*) from blueprints") == 0
