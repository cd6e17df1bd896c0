"""Where blueprints go: adopted by projects, here and elsewhere."""

from decimal import Decimal

from federation import outbox
from federation.instance import Tx
from federation.outbox import Received
from schema import adoptions, blueprints, build_reports, ids, notices, places
from schema.actors import Actor
from schema.adoptions import Adoption, State
from schema.blueprints import Version


async def adopted(
    tx: Tx,
    *,
    by: Actor,
    version: Version,
    place_name: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
    scale: Decimal = Decimal(1),
    state: State = "planned",
    received: Received | None = None,
) -> Adoption:
    """A project (`by`, here or elsewhere) builds this version, `scale` units of it.

    Said again it changes what was said; only a rough place is kept (WGS 84).
    """
    if latitude is not None and longitude is not None:
        latitude, longitude = places.rough(latitude, longitude)
    now = tx.instance.clock()
    row = await adoptions.put(
        tx.conn,
        Adoption(
            id=ids.new(),
            version_id=version.id,
            project_uri=by.uri,
            project_id=by.id if by.is_local else None,
            project_title=by.title or by.name,
            place_name=place_name[:100],
            latitude=latitude,
            longitude=longitude,
            scale=scale,
            state=state,
            created=now,
        ),
    )
    await build_reports.bind(tx.conn, row.project_uri, row.id, version.id)
    if row.created == now:
        blueprint = await blueprints.get(tx.conn, version.blueprint_id)
        await notices.tell(
            tx.conn,
            blueprint.author_id,
            "blueprint.adopted",
            blueprint=blueprint.id,
            text=" · ".join(name for name in (row.project_title, row.place_name) if name),
        )
    await outbox.done(tx, received)
    return row
