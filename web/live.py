"""Live: pages that are open hear at once that there is a new notice."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import suppress
from uuid import UUID

import structlog

from federation.instance import Instance

log = structlog.get_logger()

BEAT = 25.0  # seconds: proxies cut what is silent for longer
MOST = 6  # open pages of one person that are told
PAUSE = 1.0  # seconds until the database is asked again


class Live:
    """One connection to the database hears for all pages of this process, while any is open."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._open: dict[UUID, list[asyncio.Event]] = defaultdict(list)
        self._ear: asyncio.Task[None] | None = None

    async def events(self, account_id: UUID) -> AsyncGenerator[bytes]:
        """Lines of text/event-stream (WHATWG HTML, section 9.2), until the page is closed."""
        bell = asyncio.Event()
        mine = self._open[account_id]
        if len(mine) >= MOST:
            yield b"retry: 600000\n\n"
            return
        mine.append(bell)
        if self._ear is None:
            self._ear = asyncio.create_task(self._listen())
        try:
            yield b"retry: 5000\n\n"
            while True:
                try:
                    await asyncio.wait_for(bell.wait(), BEAT)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                bell.clear()
                yield b"event: notice\ndata: new\n\n"
        finally:
            self._leave(account_id, bell)

    def _leave(self, account_id: UUID, bell: asyncio.Event) -> None:
        self._open[account_id].remove(bell)
        if not self._open[account_id]:
            del self._open[account_id]
        if not self._open and self._ear:
            self._ear.cancel()
            self._ear = None

    async def _listen(self) -> None:
        while True:
            try:
                async with self._instance.db.listen("notices") as conn:
                    async for notification in conn.notifies():
                        self._ring(notification.payload)
            except Exception:  # the database may be away for a while
                log.exception("listening failed")
                await asyncio.sleep(PAUSE)

    def _ring(self, payload: str) -> None:
        with suppress(ValueError):
            for bell in self._open.get(UUID(payload), ()):
                bell.set()
