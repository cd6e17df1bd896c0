"""From where a page counts distances."""

from starlette.requests import Request

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
