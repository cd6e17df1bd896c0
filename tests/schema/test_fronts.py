"""What the front page tells of the place and of its reader."""

from schema import fronts
from schema.proposals import Filter
from tests import make
from tests.world import City


async def test_the_front_page_counts_and_the_checklist_knows_what_is_done(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_community(alpha, ann)
    await make.a_community(alpha, ann, "shadow", "hidden")
    await make.a_proposal(alpha, ann)
    async with alpha.instance.read() as conn:
        guests = await fronts.load_for_guests(conn, Filter(limit=6))
        hers = await fronts.load_for_residents(conn, ann.id, Filter(viewer_id=ann.id, limit=6))
    assert guests.numbers == fronts.Numbers(people=1, communities=1)
    assert [group.name for group in guests.groups] == ["garden"]
    assert hers.begun == fronts.Beginnings(False, False, 2, 1)
    assert hers.offers == guests.offers and len(hers.offers) == 1
