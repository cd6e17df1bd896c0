"""Mail over a real SMTP server, and what it says of the network."""

import asyncio
from collections.abc import AsyncGenerator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from federation import letters, mail
from federation.config import Config
from federation.errors import Refused, Unreachable

LETTER = {"to": "ann@example.org", "subject": "Grüße", "text": "Hallo Ann,\n\nschön.\n"}


class Postbox:
    """Takes everything in, or answers each recipient with `says`."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.says = "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.says.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.says

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.got.append(found)
        return "250 OK"


@pytest.fixture
async def postbox() -> AsyncGenerator[tuple[Postbox, Config]]:
    """A mail server on a free port, and a city that uses it."""
    box = Postbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield box, Config(origin="http://alpha.test", smtp_url=f"smtp://127.0.0.1:{port}")
    server.close()
    await server.wait_closed()


async def test_a_letter_arrives_as_plain_text(postbox: tuple[Postbox, Config]) -> None:
    box, config = postbox
    await mail.send(config, "Güssing", **LETTER)
    (got,) = box.got
    assert got["Subject"] == "Grüße"
    assert got["To"] == "ann@example.org"
    assert got["From"].addresses[0].addr_spec == "stadtnetz@alpha.test"
    assert got["From"].addresses[0].display_name == "Güssing"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got.get_content_type() == "text/plain"
    assert got.get_content().replace("\r\n", "\n") == LETTER["text"]


async def test_a_line_break_in_a_name_makes_no_new_header(postbox: tuple[Postbox, Config]) -> None:
    box, config = postbox
    evil = "Place\r\nBcc: eve@example.org"
    await mail.send(config, evil, **{**LETTER, "subject": "Hello\r\nBcc: eve@example.org"})
    (got,) = box.got
    assert got["Bcc"] is None


async def test_a_refused_recipient_is_given_up(postbox: tuple[Postbox, Config]) -> None:
    box, config = postbox
    box.says = "550 nobody here"
    with pytest.raises(Refused):
        await mail.send(config, "A", **LETTER)
    box.says = "451 later"
    with pytest.raises(Unreachable):
        await mail.send(config, "A", **LETTER)


async def test_a_mail_server_that_is_away_is_tried_again() -> None:
    config = Config(origin="http://alpha.test", smtp_url="smtp://127.0.0.1:1")
    with pytest.raises(Unreachable):
        await mail.send(config, "A", **LETTER)


async def test_without_a_mail_server_nothing_is_sent() -> None:
    await mail.send(Config(origin="http://alpha.test"), "A", **LETTER)


@pytest.mark.parametrize("locale", ["de", "en", "fr"])
def test_every_letter_is_written_in_every_language(locale: str) -> None:
    values = {
        "name": "Ann",
        "place": "Wien",
        "link": "https://wien.example/x",
        "reason": "why",
        "until": "2027-01-01",
    }
    kinds: tuple[letters.Kind, ...] = (
        "welcome",
        "login",
        "confirm",
        "approved",
        "refused",
        "suspended",
        "changed",
        "test",
    )
    for kind in kinds:
        letter = letters.write(kind, locale, **values)
        assert "Ann" in letter.text and "{" not in letter.text + letter.subject
        assert letter.subject and "\n" not in letter.subject
