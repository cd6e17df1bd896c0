"""Pictures and files that come with what another server says."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from federation.instance import Tx
from federation.wire.attachments import RemoteFile
from federation.wire.notes import RemotePicture
from schema import files as stored_files
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


async def files(tx: Tx, blueprint_id: UUID, said: Sequence[RemoteFile]) -> None:
    """Those of a blueprint elsewhere; they stay where they lie."""
    have = {file.remote_url: file for file in await stored_files.list_of(tx.conn, blueprint_id)}
    wanted: list[UUID] = []
    for file in said:
        known = have.get(file.url)
        wanted.append(
            known.id
            if known
            else await stored_files.insert_remote(
                tx.conn, url=file.url, name=file.name, mime=file.mime, size=file.size
            )
        )
    if wanted or have:
        await stored_files.attach(tx.conn, blueprint_id, wanted)
