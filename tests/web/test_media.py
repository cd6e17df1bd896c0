"""Pictures as browsers get them."""

from uuid import uuid4

from schema import media
from tests.world import City


async def a_picture(city: City) -> str:
    async with city.instance.begin() as tx:
        id = await media.insert(
            tx.conn, full=b"RIFFfull", small=b"RIFFsmall", width=800, height=600
        )
    return f"/media/{id}"


async def test_both_sizes_are_served_to_be_kept_and_never_run(alpha: City) -> None:
    path = await a_picture(alpha)
    full, small = await alpha.get(path), await alpha.get(f"{path}?small")
    assert (full.content, small.content) == (b"RIFFfull", b"RIFFsmall")
    for answer in (full, small):
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "immutable" in answer.headers["cache-control"]
        assert "set-cookie" not in answer.headers


async def test_a_browser_that_has_it_gets_nothing_again(alpha: City) -> None:
    path = await a_picture(alpha)
    tag = (await alpha.get(path)).headers["etag"]
    again = await alpha.get(path, **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert (await alpha.get(f"{path}?small", **{"If-None-Match": tag})).status_code == 200


async def test_what_is_not_there_is_404(alpha: City) -> None:
    assert (await alpha.get(f"/media/{uuid4()}")).status_code == 404
    async with alpha.instance.begin() as tx:
        foreign = await media.insert_remote(tx.conn, "http://pics.test/a.png")
    assert (await alpha.get(f"/media/{foreign}")).status_code == 404
    assert (await alpha.get("/media/../../etc/passwd")).status_code == 404
