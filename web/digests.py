"""Digests: what people should be told goes out by mail and push, grouped, in their rhythm."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from html import unescape
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from federation import taps
from federation.instance import Instance, Tx
from federation.queue import add_round
from schema import accounts, actors, pushes, rhythms
from schema.accounts import Account
from schema.rhythms import Item, Rhythm, Topic
from web.render import Frame, Renderer

MOST: Final = 12  # items of one mail
MORNING: Final = time(7)
PUSHED_AT_ONCE: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """An item of a mail with its links; '' where there is none."""

    item: Item
    text: str
    link: str
    help: str
    still: str
    gone: str
    reply_to: str


async def send_due(instance: Instance, renderer: Renderer) -> int:
    """All mails and pushes that are due; how many. For a job once a minute."""
    now = instance.clock()
    morning = _morning(now, ZoneInfo(instance.config.time_zone))
    monday = morning - timedelta(days=morning.weekday())
    boundaries: tuple[tuple[Rhythm, datetime], ...] = (
        ("now", now),
        ("daily", morning),
        ("weekly", monday),
    )
    done = 0
    if instance.config.smtp_url:
        for rhythm, boundary in boundaries:
            async with instance.begin() as tx:
                for id in await rhythms.list_due(tx.conn, rhythm, boundary):
                    done += await _mail(tx, renderer, id, rhythm, boundary)
    async with instance.begin() as tx:
        for id in await rhythms.list_to_push(tx.conn, now):
            done += await _push(tx, renderer, id)
    return done


def _morning(now: datetime, zone: ZoneInfo) -> datetime:
    """The last one, at the place."""
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), MORNING, zone)
    return today if today <= local else today - timedelta(days=1)


async def _mail(tx: Tx, renderer: Renderer, id: UUID, rhythm: Rhythm, boundary: datetime) -> int:
    now = tx.instance.clock()
    found = await rhythms.take_for_mail(tx.conn, id, rhythm, boundary, now)
    account = await accounts.get(tx.conn, id)
    if not found or not account.email:
        return 0
    key = await taps.key(tx.conn)
    lines = [_line(tx.instance, key, account, item) for item in found[:MOST]]
    topics: list[Topic] = list(dict.fromkeys(item.topic for item in found))
    stops = [
        (rhythms.TOPICS[topic], _tap(tx.instance, key, account, "stop", topic)) for topic in topics
    ]
    person = await actors.get(tx.conn, id)
    frame = await _frame(tx, account)
    context = {
        "frame": frame,
        "name": person.shown,
        "lines": lines,
        "more": len(found) - len(lines),
        "stops": stops,
        "rhythm": rhythm,
    }
    text = _plain(renderer.render("told.mail.html", context))
    subject, _, body = text.partition("\n")
    answers = [line.reply_to for line in lines if line.reply_to]
    await tx.defer(
        "send_mail",
        to=account.email,
        subject=subject.strip(),
        text=body.strip() + "\n",
        reply_to=answers[0] if len(answers) == 1 and len(lines) == 1 else "",
        unsubscribe=stops[0][1] if len(stops) == 1 else "",
    )
    return 1


def _line(instance: Instance, key: bytes, account: Account, item: Item) -> Line:
    card = item.card

    def tap(act: taps.Act) -> str:
        return _tap(instance, key, account, act, card.proposal_id) if card.proposal_id else ""

    about = card.post_id or card.proposal_id
    answerable = card.kind in ("answer", "mention", "match", "search") and about
    return Line(
        item=item,
        text=_words(item.post_html) or ("" if card.kind in ("match", "search") else card.text),
        link=instance.config.origin + (card.url or "/notices"),
        help=tap("help") if card.kind in ("match", "search") else "",
        still=tap("still") if card.kind == "expiring" else "",
        gone=tap("gone") if card.kind == "expiring" else "",
        reply_to=_reply_to(instance, key, account, about) if answerable and about else "",
    )


def _tap(instance: Instance, key: bytes, account: Account, act: taps.Act, about: UUID | str) -> str:
    token = taps.sign(key, act, account.actor_id, about, instance.clock())
    return f"{instance.config.origin}/tap/{token}"


def _reply_to(instance: Instance, key: bytes, account: Account, about: UUID) -> str:
    if not instance.config.mail_inbound:
        return ""
    name, _, host = instance.config.mail_inbound.partition("@")
    token = taps.sign(key, "reply", account.actor_id, about, instance.clock())
    return f"{name}+{token}@{host}"


async def _push(tx: Tx, renderer: Renderer, id: UUID) -> int:
    found = await rhythms.take_for_push(tx.conn, id, tx.instance.clock())
    frame = await _frame(tx, await accounts.get(tx.conn, id))
    texts: list[dict[str, str]] = []
    for item in found[:PUSHED_AT_ONCE]:
        body = _plain(renderer.render("told.push.html", {"frame": frame, "n": item.card}))
        texts.append({"body": " ".join(body.split())[:300], "url": item.card.url or "/notices"})
    for device in await pushes.list_of(tx.conn, id):
        for text in texts:
            message = json.dumps({"title": frame.place_name, **text}, ensure_ascii=False)
            await tx.defer("push", endpoint=device.endpoint, text=message)
    return len(texts)


async def _frame(tx: Tx, account: Account) -> Frame:
    settings = await tx.instance.settings()
    return Frame(
        me=None,
        place_name=settings.name,
        locale=account.locale,
        theme="auto",
        csrf="",
        path="",
        unread=0,
        waiting=0,
        flash=(),
        origin=tx.instance.config.origin,
    )


def _plain(rendered: str) -> str:
    """Templates escape for HTML; a mail is plain text, with one empty line at most."""
    return re.sub(r"\n{3,}", "\n\n", unescape(rendered)).strip()


def _words(html: str) -> str:
    """The text of a post without its marks."""
    broken = re.sub(r"</p>|<br\s*/?>", "\n", html)
    return unescape(re.sub(r"<[^>]+>", "", broken)).strip()[:2000]


def register(instance: Instance, renderer: Renderer) -> None:
    """Once a minute, while a worker runs."""

    async def tell(instance: Instance) -> None:
        await send_due(instance, renderer)

    add_round(instance.queue, "tell", tell)
