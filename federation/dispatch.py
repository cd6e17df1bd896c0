"""Which modules are asked to handle what comes in, and in which order."""

from collections.abc import Mapping, Sequence

from federation.arrivals import (
    agreements,
    blueprints,
    bridges,
    build_reports,
    chats,
    circles,
    cities,
    communities,
    disputes,
    improvements,
    likes,
    luggage,
    memberships,
    moves,
    pacts,
    people,
    plans,
    pledges,
    pools,
    posts,
    proposals,
    reports,
    set_offs,
    works,
)
from federation.messages import Handler

SHARING = (
    plans,
    blueprints,
    build_reports,
    improvements,
    proposals,
    circles,
    disputes,
    pools,
    agreements,
    bridges,
    set_offs,
)
SPEAKING = (chats, posts, likes, reports, moves)
MODULES = (
    works,
    pacts,
    pledges,
    luggage,
    cities,
    memberships,
    communities,
    people,
    *SHARING,
    *SPEAKING,
)


def handlers() -> Mapping[str, Sequence[Handler]]:
    """Activity type to the handlers of every module that knows it, in order of MODULES."""
    table: dict[str, list[Handler]] = {}
    for module in MODULES:
        for kind, handler in module.HANDLERS.items():
            table.setdefault(kind, []).append(handler)
    return table


ARRIVALS = handlers()
