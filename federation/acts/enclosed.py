"""Pictures that come with what another server says."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from federation.instance import Tx
from federation.wire.notes import RemotePicture
from schema import media


async def remote(
    tx: Tx, pictures: Sequence[RemotePicture], have: Mapping[str | None, UUID]
) -> list[UUID]:
    """Ids of media, in order: those in `have` (by address) stay, new ones are fetched later."""
    wanted: list[UUID] = []
    for picture in pictures:
        id = have.get(picture.url)
        if id is None:
            id = await media.insert_remote(tx.conn, picture.url, alt=picture.alt)
            await tx.defer("fetch_picture", media_id=str(id))
        wanted.append(id)
    return wanted
