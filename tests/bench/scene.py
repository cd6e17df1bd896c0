"""A city to measure: a fresh durable database, residents, communities, listings, posts."""

import secrets
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from federation.acts import accounts, communities
from federation.config import Config
from federation.instance import Instance, Tx
from federation.run import open_instance
from schema import actors
from schema.actors import Actor
from schema.migrate import create_database, migrate
from schema.postgres import Embedded
from tests.make import a_key_pair

LISTINGS = 2000


@contextmanager
def server() -> Generator[Embedded]:
    """A durable embedded PostgreSQL in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="stadtnetz-bench-") as folder:
        embedded = Embedded(Path(folder) / "postgres")
        embedded.start()
        try:
            yield embedded
        finally:
            embedded.stop()


def database(embedded: Embedded, name: str) -> str:
    """An empty migrated database."""
    create_database(embedded.conninfo("postgres"), name)
    migrate(embedded.conninfo(name))
    return embedded.conninfo(name)


@asynccontextmanager
async def city(origin: str, conninfo: str) -> AsyncGenerator[Instance]:
    """The city of this database inside the measuring process, without worker or web server."""
    config = Config(origin, conninfo, Path.cwd(), allow_loopback_peers=True, pool_size=4)
    async with open_instance(config, conninfo) as instance:
        yield instance


@dataclass(frozen=True, slots=True)
class Scene:
    """What the requests of a measurement name."""

    person: Actor
    community: str
    community_id: UUID
    listing: UUID
    session: str


async def _resident(tx: Tx, name: str, title: str) -> Actor:
    account = await accounts.sign_up(
        tx,
        name=name,
        title=title,
        keys=a_key_pair(),
        email=None,
        password_hash=None,
        locale="de",
        invitation=None,
        answers={},
    )
    return await actors.get(tx.conn, account.actor_id)


async def furnish(instance: Instance) -> Scene:
    """A community of one resident with posts, LISTINGS needs and offers of hers, and another
    resident with a session, who reads."""
    async with instance.begin() as tx:
        person = await _resident(tx, "ana", "Ana Berger")
        reader = await _resident(tx, "ben", "Ben Huber")
        draft = communities.Draft("Garten am Bach", "Wir **gärtnern**.", "open", "garten")
        group = await communities.create(tx, by=person, draft=draft, keys=a_key_pair())
        session = await accounts.log_in(tx, account_id=reader.id, user_agent="bench")
        values = {"person": person.id, "group": group.actor_id, "origin": instance.config.origin}
        await tx.conn.execute(_LISTINGS, {**values, "n": LISTINGS})
        await tx.conn.execute(_POSTS, values)
        row = await (await tx.conn.execute("select max(id::text)::uuid from proposals")).fetchone()
        assert row
        await tx.conn.execute("update accounts set welcome_step = 0")
    async with instance.read() as conn:
        await conn.execute("analyze")
    return Scene(person, group.name, group.actor_id, row[0], session)


_LISTINGS = """insert into proposals (id, uri, purpose, author_id, community_id, scope, title,
    source, html, category, quantity, available, unit, until, place_name, latitude, longitude, cell,
    created)
  select id, %(origin)s || case when i %% 2 = 0 then '/offers/' else '/needs/' end || id,
    case when i %% 2 = 0 then 'offer' else 'request' end, %(person)s,
    case when i %% 5 = 0 then %(group)s::uuid end, 'everyone',
    (array['Tomatensetzlinge','Leiter für Obstbäume','Bretter aus Fichte','Hilfe beim Umzug',
      'Nähmaschine','Solarmodul','Marillenmarmelade','Fahrradreparatur'])[1 + i %% 8] || ' ' || i,
    'Abzuholen am Nachmittag, gut erhalten und sauber. Bitte vorher melden.',
    '<p>Abzuholen am Nachmittag, gut erhalten und sauber. Bitte vorher melden.</p>',
    (array['food.veg','tool.garden','build.timber','move.cargo','cloth','energy.solar'])
      [1 + i %% 6],
    1 + i %% 20, 1 + i %% 20, 'piece', now() + interval '14 days', 'Wien', 48.2, 16.36, 100000,
    now() - i * interval '1 minute'
  from (select i, gen_random_uuid() as id from generate_series(1, %(n)s) i) numbered"""

_POSTS = """insert into posts (id, uri, author_id, community_id, scope, title, source, html)
  select id, %(origin)s || '/posts/' || id, %(person)s, %(group)s, 'everyone',
    'Arbeitstag im Garten ' || i, 'Wer kommt?', '<p>Wer kommt?</p>'
  from (select i, gen_random_uuid() as id from generate_series(1, 60) i) numbered"""


def port() -> int:
    """One that is probably free."""
    return 20000 + secrets.randbelow(20000)
