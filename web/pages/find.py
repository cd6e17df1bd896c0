"""Finding somebody or something by its address, wherever it lives."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import lookup
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from schema import limits
from schema.actors import Actor
from schema.errors import Forbidden, Missing
from schema.words import N_
from web.render import Form
from web.requests import instance_of, me, page, see_other


async def find(request: Request) -> Response:
    """The form, or straight to the page of what stands at the address."""
    return await look_up(request, me(request), request.query_params.get("address", ""))


async def look_up(request: Request, by: Actor, wanted: str) -> Response:
    """The page of what a resident looks for, or the form with what is wrong."""
    instance, address = instance_of(request), wanted.strip()[:2000]
    if not address:
        return await page(request, "find.html", form=Form({}))
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"find:{by.id}", rate_per_minute=10, burst=20)
    try:
        return see_other(request, await lookup.lookup(instance, address))
    except (Gone, Missing, Malformed):
        problem = N_("Nobody and nothing is found at this address.")
    except (Refused, Untrusted, Forbidden):
        problem = N_("That place gave an answer that this place does not trust.")
    except Unreachable:
        problem = N_("That place does not answer at the moment. Please try again later.")
    form = Form({"address": address}, {"address": problem})
    return await page(request, "find.html", 422, form=form)


routes = [Route("/find", find)]
