"""What all forms share in which people write: languages, pictures with words, those mentioned."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from msgspec import Meta
from starlette.requests import Request

from federation import filetypes, html, pictures, resolve
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.filetypes import Attached
from federation.instance import Instance, Tx
from schema import actors, media, peers
from schema import files as stored_files
from schema.errors import Invalid, Refusal
from schema.words import N_
from web import forms
from web.forms import Upload

MOST_PICTURES = 3
MOST_STRANGERS = 5
LANGUAGES = (
    ("de", "Deutsch"),
    ("en", "English"),
    ("bs", "Bosanski"),
    ("cs", "Čeština"),
    ("es", "Español"),
    ("fr", "Français"),
    ("hr", "Hrvatski"),
    ("it", "Italiano"),
    ("hu", "Magyar"),
    ("pl", "Polski"),
    ("ro", "Română"),
    ("sk", "Slovenčina"),
    ("sl", "Slovenščina"),
    ("sr", "Srpski"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("ar", "العربية"),
    ("fa", "فارسی"),
)

Language = Annotated[str, Meta(pattern="^[a-z]{2,3}$")]


async def prepare(request: Request) -> list[tuple[pictures.Prepared, str]]:
    """New pictures with their words, from fields picture1 and alt1 to picture3 and alt3."""
    values = forms.values_of(await forms.submitted(request))
    found: list[tuple[pictures.Prepared, str]] = []
    for number in range(1, MOST_PICTURES + 1):
        uploads: list[Upload] = await forms.pictures(request, f"picture{number}")
        for upload in uploads[:1]:
            ready = await pictures.prepare_in_thread(upload.data, f"picture{number}")
            found.append((ready, values.get(f"alt{number}", [""])[0]))
    return found


async def files(request: Request) -> list[Attached]:
    """What was uploaded beside the pictures, looked at; Invalid for what is none we take."""
    uploads = await forms.pictures(request, "files")
    return [filetypes.read(one.filename, one.data, "files") for one in uploads]


async def insert_files(tx: Tx, found: Sequence[Attached], kept: Sequence[UUID] = ()) -> list[UUID]:
    """Stores them; the ids of those that are kept, and theirs."""
    if len(found) + len(kept) > filetypes.MOST:
        raise Invalid({"files": N_("Six files are the most.")})
    new = [
        await stored_files.insert(tx.conn, name=one.name, mime=one.mime, data=one.data)
        for one in found
    ]
    return [*kept, *new]


async def insert(tx: Tx, prepared: list[tuple[pictures.Prepared, str]]) -> tuple[UUID, ...]:
    """Stores the prepared pictures; their ids."""
    return tuple(
        [
            await media.insert(
                tx.conn,
                full=picture.full,
                small=picture.small,
                width=picture.width,
                height=picture.height,
                alt=alt,
            )
            for picture, alt in prepared
        ]
    )


async def meet(instance: Instance, source: str) -> None:
    """Asks servers that we know for the people of theirs that a text mentions."""
    strangers = [name for name in html.mentions(source) if "@" in name]
    for name in strangers[:MOST_STRANGERS]:
        user, _, host = name.partition("@")
        async with instance.read() as conn:
            if host == instance.config.host or await actors.find_by_handle(conn, user, host):
                continue
            if await peers.find_by_host(conn, host) is None:
                continue
        try:
            await resolve.handle(instance, name)
        except (Gone, Malformed, Refused, Unreachable, Untrusted, Refusal):
            continue
