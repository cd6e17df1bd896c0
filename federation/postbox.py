"""Postbox: an answer by mail becomes an answer on the page."""

import re
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses
from hashlib import sha256
from typing import Final
from uuid import UUID

from federation import taps
from federation.acts import posts as acts
from federation.instance import Instance, Tx
from federation.taps import Tap
from schema import accounts, actors, posts, proposals
from schema.errors import Forbidden, Invalid
from schema.posts import Post
from schema.words import N_

LARGEST: Final = 200_000  # bytes
LONGEST: Final = 5000  # letters of an answer
# Where the quoted mail begins, in what mail programs write.
_QUOTE = re.compile(
    r"^(>|-- ?$|_{10,}|-{3,} ?(Original|Ursprüngliche)|(Am|On) .{5,200}(schrieb|wrote).*:$|"
    r"(Von|From): )"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a mail says; `token` from the address it went to, '' if none."""

    token: str
    sender: str
    text: str
    by_machine: bool


def read(raw: bytes, inbound: str) -> Answer:
    """Invalid for what is too large."""
    if len(raw) > LARGEST:
        raise Invalid({"": N_("That is too long.")})
    mail = BytesParser(policy=policy.default).parsebytes(raw)
    body = mail.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    senders = getaddresses([str(mail.get("From", ""))])
    machine = str(mail.get("Auto-Submitted", "no")).lower() != "no"
    machine = machine or str(mail.get("Precedence", "")).lower() in ("bulk", "list", "junk")
    return Answer(
        _token(mail, inbound), senders[0][1] if senders else "", _fresh(str(text)), machine
    )


def _token(mail: EmailMessage, inbound: str) -> str:
    name, _, host = inbound.lower().partition("@")
    headers = [str(mail.get(h, "")) for h in ("Delivered-To", "X-Original-To", "To", "Cc")]
    for _, address in getaddresses(headers):
        own, _, there = address.lower().partition("@")
        if there == host and own.startswith(f"{name}+"):
            return own[len(name) + 1 :]
    return ""


def _fresh(text: str) -> str:
    """The lines above what is quoted."""
    kept: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\0", "").split("\n"):
        if _QUOTE.match(line.strip()):
            break
        kept.append(line.rstrip())
    return "\n".join(kept).strip()[:LONGEST]


async def take(instance: Instance, raw: bytes) -> Post | None:
    """The answer that was made; None for what a machine sent. Forbidden for a bad or old address, a
    sender whose address is not the account's, or who may not answer there."""
    answer = read(raw, instance.config.mail_inbound)
    if answer.by_machine:
        return None
    async with instance.begin() as tx:
        tap = taps.read(await taps.key(tx.conn), answer.token, instance.clock())
        if tap is None or tap.act != "reply":
            raise Forbidden(N_("This address is too old, or not complete."))
        account = await accounts.get(tx.conn, tap.account_id)
        known = account.email or ""
        if account.state != "active" or known.casefold() != answer.sender.casefold():
            raise Forbidden(N_("This mail came from another address than that of the account."))
        if not answer.text:
            raise Invalid({"source": N_("There is nothing written above the quoted mail.")})
        return await _answer(tx, tap, answer.text, account.locale)


async def _answer(tx: Tx, tap: Tap, text: str, language: str) -> Post:
    by, about = await actors.get(tx.conn, tap.account_id), UUID(tap.about)
    # Brought twice, it is one answer.
    id = UUID(bytes=sha256(f"{tap.about} {by.id} {text}".encode()).digest()[:16])
    listing = await proposals.find_by_id(tx.conn, about)
    if listing is None:
        parent = await posts.get(tx.conn, about)
        return await acts.reply(tx, by=by, parent=parent, source=text, language=language, id=id)
    if not await proposals.may_see(tx.conn, about, by.id):
        raise Forbidden(N_("It is not there any more."))
    return await acts.answer(tx, by=by, proposal=listing, source=text, language=language, id=id)
