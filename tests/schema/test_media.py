"""Pictures in the database."""

from uuid import UUID

import pytest

from schema import media
from schema.database import Conn
from schema.errors import Missing
from tests import make
from tests.world import City


async def insert(conn: Conn) -> UUID:
    return await media.insert(conn, full=b"full", small=b"small", width=8, height=6, alt="a tree")


async def test_both_sizes_come_back(conn: Conn) -> None:
    id = await insert(conn)
    assert (await media.get_full(conn, id)).data == b"full"
    assert (await media.get_small(conn, id)).data == b"small"
    known = await media.get(conn, id)
    assert (known.width, known.height, known.alt, known.mime) == (8, 6, "a tree", "image/webp")


async def test_a_foreign_picture_has_no_bytes_until_they_come(conn: Conn) -> None:
    id = await media.insert_remote(conn, "https://pics.example/a.png")
    with pytest.raises(Missing):
        await media.get_full(conn, id)
    await media.fill(conn, id, full=b"f", small=b"s", width=1, height=1)
    assert (await media.get_full(conn, id)).data == b"f"


async def test_the_bytes_of_our_own_cannot_be_replaced(conn: Conn) -> None:
    id = await insert(conn)
    await media.fill(conn, id, full=b"other", small=b"other", width=1, height=1)
    assert (await media.get_full(conn, id)).data == b"full"


async def test_what_is_still_shown_is_not_deleted(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with alpha.instance.begin() as tx:
        id = await insert(tx.conn)
        await tx.conn.execute("update actors set avatar_id = %s where id = %s", [id, ann.id])
        assert not await media.delete(tx.conn, id)
        await tx.conn.execute("update actors set avatar_id = null where id = %s", [ann.id])
        assert await media.delete(tx.conn, id)
