"""One city: its configuration, database, keys and ways out. Everything hangs from here."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from uuid import UUID

from procrastinate import App

from federation.addresses import Addresses
from federation.client import Client
from federation.config import Config
from federation.keys import KeyCache
from federation.misses import Misses
from federation.rig import nothing
from federation.tally import Tally
from schema import settings as stored_settings
from schema.database import Conn, Database
from schema.sessions import Viewer
from schema.settings import Settings

SETTINGS_LIFE = 5.0  # seconds another process may show old settings


@dataclass(slots=True)
class Remembered:
    """The little that one process keeps between requests."""

    settings: Settings | None = None
    settings_until: float = 0.0
    misses: Misses = field(default_factory=Misses)
    tally: Tally = field(default_factory=Tally)
    refetched: Misses = field(default_factory=Misses)  # by key id
    # Digests of followers that were compared (FEP-8fcf), by who is followed, and when.
    compared: dict[UUID, tuple[str, datetime]] = field(
        default_factory=dict[UUID, tuple[str, datetime]]
    )
    # By the hash of their secret, since when; until the next write in this process.
    viewers: dict[bytes, tuple[datetime, Viewer]] = field(
        default_factory=dict[bytes, tuple[datetime, Viewer]]
    )


@dataclass(frozen=True, slots=True)
class Instance:
    """`city_id` is the Group that announces; `actor_id` the Application that signs GETs.

    `turns` is entered before each transaction: a worker's keeps it from taking all connections.
    `reach` is called at named points; only the fault tests let anything happen there.
    """

    config: Config
    addresses: Addresses
    db: Database
    client: Client
    queue: App
    keys: KeyCache
    clock: Callable[[], datetime]
    city_id: UUID
    actor_id: UUID
    remembered: Remembered = field(default_factory=Remembered)
    turns: AbstractAsyncContextManager[None] = field(default_factory=nullcontext)
    reach: Callable[..., None] = nothing

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator["Tx"]:
        """One transaction. Nothing in it may wait for the network."""
        try:
            async with self.turns, self.db.begin() as conn:
                yield Tx(self, conn)
                self.reach("tx.commit")
        finally:
            # Not cleared but replaced: who looked somebody up meanwhile fills the old one.
            self.remembered.viewers = {}
        self.reach("tx.done")

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Conn]:
        """A connection for reading."""
        async with self.db.read() as conn:
            yield conn

    async def settings(self) -> Settings:
        """What the place has decided about itself, at most SETTINGS_LIFE seconds old."""
        if self.remembered.settings is None or monotonic() > self.remembered.settings_until:
            async with self.db.read() as conn:
                self.remembered.settings = await stored_settings.load(conn)
            self.remembered.settings_until = monotonic() + SETTINGS_LIFE
        return self.remembered.settings

    def forget_settings(self) -> None:
        """After they were changed here."""
        self.remembered.settings = None


@dataclass(frozen=True, slots=True)
class Tx:
    """A transaction of an instance: what every act works in."""

    instance: Instance
    conn: Conn

    @property
    def addresses(self) -> Addresses:
        return self.instance.addresses

    async def defer(self, task: str, **arguments: str | int | None) -> None:
        """Queues a job that exists only if this transaction commits."""
        job = self.instance.queue.configure_task(task, connection=self.conn)
        await job.defer_async(**arguments)
