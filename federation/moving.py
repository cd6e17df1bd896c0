"""Whether a new home knows of the old one: both must say it (`alsoKnownAs`, FEP-7628)."""

from federation import fetch, resolve
from federation.documents import ids_of
from federation.errors import Untrusted
from federation.instance import Instance
from schema import moves
from schema.actors import Actor


async def new_home(instance: Instance, old: Actor, target: str) -> Actor:
    """The actor at `target`, read afresh; Untrusted unless it names `old`. Others as `resolve`."""
    if instance.addresses.is_ours(target):
        found = await resolve.actor(instance, target)
        async with instance.read() as conn:
            named = (await moves.home_of(conn, found.id)).aliases
    else:
        document = await fetch.document(instance, target)
        named = ids_of(document, "alsoKnownAs")
        found = await resolve.store_actor(instance, document)
    if old.uri not in named or found.kind != old.kind:
        raise Untrusted(f"{target} does not say that it is {old.uri}")
    return found
