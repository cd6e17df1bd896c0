"""From where a page counts distances."""

from starlette.requests import Request

from schema import places
from schema.places import Size
from web.requests import instance_of, viewer


async def middle(request: Request) -> tuple[float, float, None] | None:
    """Degrees north and east of the reader's rough place, else of the middle of this one.

    The third value is the one of `Filter.near`: no limit in kilometres.
    """
    found = viewer(request)
    if found and found.actor.latitude is not None and found.actor.longitude is not None:
        return found.actor.latitude, found.actor.longitude, None
    settings = await instance_of(request).settings()
    if settings.latitude is None or settings.longitude is None:
        return None
    return settings.latitude, settings.longitude, None


async def size(request: Request) -> Size | None:
    """How large the reader's place is, else this one."""
    found, settings = viewer(request), await instance_of(request).settings()
    here = settings.name, settings.latitude, settings.longitude
    if found and (found.actor.place_name or found.actor.latitude is not None):
        here = found.actor.place_name, found.actor.latitude, found.actor.longitude
    return places.size_of(*here)
