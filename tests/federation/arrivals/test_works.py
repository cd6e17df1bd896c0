"""Work that was done is told apart from what is brought for a pledge."""

from federation import dispatch
from federation.arrivals import pledges, works
from federation.documents import Document
from federation.wire import tasks

BROUGHT: Document = {
    "type": "EconomicEvent",
    "action": "work",
    "fulfills": "https://a.test/pledges/1",
}


def test_only_what_is_finished_is_work() -> None:
    assert tasks.read_done({**BROUGHT, "finished": True}) is not None
    assert tasks.read_done(BROUGHT) is None
    assert tasks.read_done({**BROUGHT, "finished": True, "action": "transfer"}) is None


def test_it_is_asked_before_what_is_brought() -> None:
    asked = list(dispatch.ARRIVALS["Create"])
    assert asked.index(works.on_create) < asked.index(pledges.HANDLERS["Create"])
