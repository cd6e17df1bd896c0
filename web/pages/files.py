"""Files of blueprints: downloads that no browser opens in this place's name."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema import files
from web.requests import instance_of

HEADERS = {
    "Cache-Control": "public, max-age=3600",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


async def download(request: Request) -> Response:
    """As a file to keep, under the name it came with (RFC 6266)."""
    async with instance_of(request).read() as conn:
        found = await files.get_content(conn, request.path_params["id"])
    plain = found.name.encode("ascii", "replace").decode().replace("?", "_")
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(found.name)}"
    headers = {**HEADERS, "Content-Disposition": named}
    return Response(found.data, media_type=found.mime, headers=headers)


routes = [Route("/files/{id:uuid}", download)]
