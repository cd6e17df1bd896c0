"""The first start of a city: its Group, its server's Application."""

from federation.acts import actors as acts
from federation.addresses import Addresses
from federation.instance import Tx
from federation.keys import KeyPair
from schema import actors
from schema.actors import Actor
from schema.database import Conn


async def found(tx: Tx, city_keys: KeyPair, instance_keys: KeyPair, title: str) -> None:
    """Makes the city Group `city` and the instance actor, named after the host (FEP-d556)."""
    await acts.create(tx, kind="city", name="city", title=title, keys=city_keys, approves=True)
    host = tx.instance.config.host.partition(":")[0]
    await acts.create(tx, kind="instance", name=host, title=title, keys=instance_keys)


async def find(conn: Conn, addresses: Addresses) -> tuple[Actor, Actor] | None:
    """The city and the instance actor, when the place was founded already."""
    city = await actors.find(conn, addresses.city)
    instance = await actors.find(conn, addresses.instance)
    return (city, instance) if city and instance else None
