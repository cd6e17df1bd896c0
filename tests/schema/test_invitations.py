"""Invitation codes."""

from datetime import UTC, datetime, timedelta

import pytest

from schema import invitations
from schema.database import Conn
from schema.errors import Missing

NOW = datetime(2027, 5, 1, tzinfo=UTC)


async def a_code(conn: Conn, uses: int = 1) -> str:
    made = await invitations.insert(
        conn, made_by=None, note="market", uses=uses, expires_at=NOW + timedelta(days=7), now=NOW
    )
    return made.code


async def test_a_code_is_used_as_often_as_it_says(conn: Conn) -> None:
    code = await a_code(conn, uses=2)
    for _ in range(2):
        assert await invitations.is_good(conn, code, NOW)
        assert await invitations.use(conn, code, NOW)
    assert not await invitations.is_good(conn, code, NOW)
    assert await invitations.use(conn, code, NOW) is None


async def test_it_is_typed_in_any_case_and_with_spaces_around(conn: Conn) -> None:
    code = await a_code(conn)
    assert await invitations.use(conn, f" {code.upper()} ", NOW)


async def test_it_ends(conn: Conn) -> None:
    code = await a_code(conn)
    assert await invitations.use(conn, code, NOW + timedelta(days=8)) is None


async def test_it_can_be_taken_back_once(conn: Conn) -> None:
    code = await a_code(conn)
    await invitations.revoke(conn, code, NOW)
    assert await invitations.use(conn, code, NOW) is None
    with pytest.raises(Missing):
        await invitations.revoke(conn, code, NOW)


def test_codes_have_no_letters_that_look_alike() -> None:
    letters = set("".join(invitations.new_code() for _ in range(500)))
    assert letters == set("abcdefghjkmnpqrstuvwxyz23456789-")
