"""What the place has decided about itself."""

import msgspec
import pytest

from schema import settings
from schema.database import Conn
from schema.settings import Settings


async def test_a_new_place_has_the_defaults(conn: Conn) -> None:
    assert await settings.load(conn) == Settings()
    assert Settings().federation == "listed", "only neighbours are heard unless somebody says so"


async def test_what_is_saved_is_loaded(conn: Conn) -> None:
    wanted = Settings(
        name="Güssing",
        purpose_de="Ein *Ort*.",
        latitude=47.06,
        longitude=16.32,
        sign_up="approval",
        questions=["Woher?", "Warum?"],
        federation="open",
    )
    for _ in range(2):
        await settings.save(conn, wanted)
        assert await settings.load(conn) == wanted


async def test_one_that_is_missing_has_its_default_and_unknown_ones_are_left_alone(
    conn: Conn,
) -> None:
    await conn.execute("insert into settings (key, value) values ('name', '\"X\"'), ('old', '1')")
    assert await settings.load(conn) == Settings(name="X")


async def test_a_value_that_is_none_is_told(conn: Conn) -> None:
    await conn.execute("insert into settings (key, value) values ('sign_up', '\"maybe\"')")
    with pytest.raises(msgspec.ValidationError, match="maybe"):
        await settings.load(conn)
