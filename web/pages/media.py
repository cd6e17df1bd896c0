"""Pictures: both sizes, from the database, to be kept by browsers for ever."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema import media
from web.requests import instance_of

HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": "inline",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
}


async def picture(request: Request) -> Response:
    """A new picture has a new address, so the address is its tag."""
    id: UUID = request.path_params["id"]
    small = "small" in request.query_params
    tag = f'"{id}{"-small" if small else ""}"'
    async with instance_of(request).read() as conn:
        if tag in request.headers.get("if-none-match", ""):
            known = await media.get(conn, id)
            return Response(status_code=304 if known.width else 404, headers={"ETag": tag})
        found = await (media.get_small if small else media.get_full)(conn, id)
    return Response(found.data, media_type=found.mime, headers={**HEADERS, "ETag": tag})


routes = [Route("/media/{id:uuid}", picture)]
