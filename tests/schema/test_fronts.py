"""What the front page tells of the place and of its reader."""

from schema import fronts
from tests import make
from tests.world import City


async def test_the_front_page_counts_and_the_checklist_knows_what_is_done(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_community(alpha, ann)
    await make.a_community(alpha, ann, "shadow", "hidden")
    await make.a_proposal(alpha, ann)
    async with alpha.instance.read() as conn:
        numbers = await fronts.count_place(conn)
        done = await fronts.beginnings(conn, ann.id)
    assert numbers == fronts.Numbers(people=1, communities=1)
    assert done == fronts.Beginnings(False, False, 2, 1)
