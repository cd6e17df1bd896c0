"""Runs a city: the web server, the worker, or both in one process."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Generator
from contextlib import contextmanager, suppress
from typing import Literal, TypeAlias

import structlog
import uvicorn
from starlette.types import ASGIApp
from structlog.typing import EventDict

from federation import worker
from federation.config import Config
from federation.run import open_instance
from schema.migrate import create_database
from schema.postgres import Embedded
from web import digests
from web.app import create_app
from web.heads import BoundedProtocol

Part: TypeAlias = Literal["both", "web", "worker"]
DATABASE = "stadtnetz"


@contextmanager
def database(config: Config, name: str = DATABASE) -> Generator[str]:
    """The conninfo of the configured server, or of the embedded one, started and stopped here."""
    if config.database_url:
        yield config.database_url
        return
    embedded = Embedded(config.data_dir / "postgres")
    admin = embedded.start()
    try:
        create_database(admin, name)
        yield embedded.conninfo(name)
    finally:
        embedded.stop()


LONGEST = 500  # characters of one value in the log


def shortened(_: object, __: str, event: EventDict) -> EventDict:
    """What others have sent may be long; a line of the log is not."""
    return {name: _short(value) for name, value in event.items()}


def _short(value: object) -> object:
    return f"{value[:LONGEST]}…" if isinstance(value, str) and len(value) > LONGEST else value


def set_up_log(level: str) -> None:
    """One JSON line per event on standard error; never a body, a key or a token."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            shortened,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr)


async def serve(config: Config, conninfo: str, part: Part, *, with_parent: bool = False) -> None:
    """Until a signal, or with `with_parent` until standard input closes."""
    async with open_instance(config, conninfo) as instance:
        app = create_app(instance)
        running: list[Awaitable[None]] = []
        if part in ("both", "web"):
            running.append(_web(app, config))
        if part in ("both", "worker"):
            digests.register(instance, app.state.renderer)
            running.append(worker.run(instance))
        if with_parent:
            running.append(_parent())
        tasks = [asyncio.ensure_future(work) for work in running]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks, return_exceptions=True)


async def _web(app: ASGIApp, config: Config) -> None:
    host, _, port = config.listen.rpartition(":")
    settings = uvicorn.Config(
        app,
        host=host.strip("[]"),
        port=int(port),
        loop="uvloop",
        http=BoundedProtocol,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    await uvicorn.Server(settings).serve()


async def _parent() -> None:
    """Ends when the one who started us is gone, however it went."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(64):
        pass
