"""The command `stadtnetz`: serve, migrate, admin, link, peer, block, list and so on."""

import argparse
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

import psycopg
import uvloop
from psycopg_pool import PoolTimeout

from federation import postbox, resolve
from federation.acts import accounts, cities
from federation.acts import keys as rotation
from federation.config import BadSetting, Config, find, load
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance
from federation.keys import make_in_thread
from federation.run import OtherOrigin, open_instance
from schema import keys
from schema.errors import Missing, Refusal
from schema.migrate import Changed, migrate
from schema.postgres import StartFailed
from web import importing, peering
from web.demo import run as demo
from web.serve import Part, database, serve, set_up_log

FAILURES = (
    BadSetting,
    Changed,
    StartFailed,
    OtherOrigin,
    PoolTimeout,
    psycopg.OperationalError,
    Refusal,
    Gone,
    Malformed,
    Refused,
    Unreachable,
    Untrusted,
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Ends with status 2 and one sentence when a setting or the surroundings are wrong."""
    options = parser().parse_args(arguments)
    try:
        options.run(options)
    except FAILURES as failure:
        print(f"stadtnetz: {sentence(failure)}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def sentence(failure: Exception) -> str:
    """What went wrong, in one line."""
    if isinstance(failure, PoolTimeout | psycopg.OperationalError):
        return f"The database cannot be used: {str(failure).partition(chr(10))[0]} (DATABASE_URL)."
    return str(failure)


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="stadtnetz", description="Runs a city of the network.")
    top.add_argument("--config", type=Path, help="TOML file with settings")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, text: str, run: Callable[[argparse.Namespace], None]
    ) -> argparse.ArgumentParser:
        found = commands.add_parser(name, help=text, description=text)
        found.set_defaults(run=run)
        return found

    serving = command("serve", "Run web server and worker.", _serve)
    serving.add_argument("--web", action="store_true", help="the web server alone")
    serving.add_argument("--worker", action="store_true", help="the worker alone")
    serving.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)
    command("migrate", "Bring the database to the newest schema.", _migrate)
    showing = command("demo", "Run three linked cities with believable content.", _demo)
    showing.add_argument("--data", type=Path, default=Path("demo-data"), help="where it is kept")
    admin = command("admin", "Admin accounts.", _admin)
    admin.add_argument("act", choices=["create"], help="print a one-time address for a new admin")
    inviting = command("invite", "Print an address by which people can join.", _invite)
    inviting.add_argument("--uses", type=int, default=1, help="how many people (1)")
    inviting.add_argument("--days", type=int, default=14, help="how long it is good (14)")
    linking = command("link", "Ask another city for a link, or consent to one.", _link)
    linking.add_argument("url", help="address of the other city")
    command("receive", "Take an answer by mail from standard input.", _receive)
    key = command("keys", "The keys that people and communities sign with.", _keys)
    key.add_argument("act", choices=["rotate"], help="make new ones; the old stay good for a month")
    key.add_argument("actor", nargs="?", help="short name of one of them (all, and the city)")
    key.add_argument("--at-once", action="store_true", help="the old ones are good no more")

    def between(name: str, text: str, work: peering.Work) -> argparse.ArgumentParser:
        return command(name, text, lambda given: _with_instance(given, lambda i: work(i, given)))

    peering.add_to(between)
    importing.add_to(between)
    command("config", "Show every setting and where it comes from.", _config)
    return top


def _load(options: argparse.Namespace) -> Config:
    config = load(os.environ, options.config)
    set_up_log(config.log_level)
    return config


def _serve(options: argparse.Namespace) -> None:
    config = _load(options)
    part: Part = "web" if options.web else "worker" if options.worker else "both"
    with database(config) as conninfo:
        if not config.database_url:
            migrate(conninfo)
        uvloop.run(serve(config, conninfo, part, with_parent=options.with_parent))


def _migrate(options: argparse.Namespace) -> None:
    with database(_load(options)) as conninfo:
        done = migrate(conninfo)
    print("\n".join(f"ran {name}" for name in done) or "nothing to do")


def _demo(options: argparse.Namespace) -> None:
    set_up_log("warning")
    demo.run(options.data)


def _admin(options: argparse.Namespace) -> None:
    async def make(instance: Instance) -> None:
        async with instance.begin() as tx:
            token = await accounts.first_admin_token(tx)
        print(f"{instance.config.origin}/join?token={token}")
        print("Good for one account and 24 hours. Do not pass it on.", file=sys.stderr)

    _with_instance(options, make)


def _invite(options: argparse.Namespace) -> None:
    async def make(instance: Instance) -> None:
        async with instance.begin() as tx:
            code = await accounts.invite(
                tx, by=None, uses=options.uses, life=timedelta(days=options.days), note=""
            )
        print(f"{instance.config.origin}/join?code={code}")

    _with_instance(options, make)


def _link(options: argparse.Namespace) -> None:
    async def link(instance: Instance) -> None:
        other = await resolve.city(instance, options.url)
        async with instance.begin() as tx:
            peer = await cities.ask(tx, by=None, other=other)
        words = {"asked": "They have been asked; an admin there has to consent."}
        print(words.get(peer.link, f"Linked with {other.shown} ({peer.host})."))

    _with_instance(options, link)


def _receive(options: argparse.Namespace) -> None:
    raw = sys.stdin.buffer.read(postbox.LARGEST + 1)

    async def take(instance: Instance) -> None:
        try:
            await postbox.take(instance, raw)
        except Refusal as refusal:
            # The mail server tells the sender; trying again would not help (sysexits.h, EX_NOPERM).
            print(f"stadtnetz: {refusal}", file=sys.stderr)
            sys.exit(77)

    _with_instance(options, take)


def _keys(options: argparse.Namespace) -> None:
    async def rotate(instance: Instance) -> None:
        async with instance.read() as conn:
            found = await keys.list_holders(conn)
        chosen = [a for a in found if options.actor in (None, a.name, a.uri)]
        if not chosen:
            raise Missing("Nobody here has this name.")
        for actor in chosen:
            pair = await make_in_thread()
            async with instance.begin() as tx:
                changed = await rotation.rotate(tx, actor, pair, at_once=options.at_once)
            print(f"{changed.uri} signs with {changed.key_id}")

    _with_instance(options, rotate)


def _config(options: argparse.Namespace) -> None:
    for found in find(os.environ, options.config):
        text = "(set)" if found.setting.secret and found.text else found.text or "(empty)"
        print(f"{found.setting.name:22} {text:40} {found.source:12} {found.setting.meaning}")
    load(os.environ, options.config)


def _with_instance(
    options: argparse.Namespace, work: Callable[[Instance], Awaitable[None]]
) -> None:
    config = _load(options)

    async def run(conninfo: str) -> None:
        async with open_instance(config, conninfo) as instance:
            await work(instance)

    with database(config) as conninfo:
        migrate(conninfo)
        uvloop.run(run(conninfo))
