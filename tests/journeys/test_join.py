"""A resident joins a community of another city: an open one, one that decides, a hidden one."""

import pytest

from tests.journeys.stage import Resident, Stage
from tests.world import fast_forward


async def founds(ann: Resident, join_rule: str) -> str:
    """Ann founds the garden; its path in other cities."""
    form = {"title": "Garten", "name": "garden", "purpose": "Beete.", "join_rule": join_rule}
    path = await ann.does("/communities", **form)
    return f"{path}@{ann.city.host}"


async def test_an_open_community_takes_whoever_comes(stage: Stage) -> None:
    ann = await stage.resident(stage.alpha, "ann")
    ben = await stage.resident(stage.beta, "ben")
    garden = await founds(ann, "open")
    await ben.sees("Garten", at="/communities")
    await ben.does(f"{garden}/membership")
    await ben.sees("/leaving", at=garden)
    await ann.sees(ben.handle, at="/communities/garden/people")
    await ben.sees(f"{garden}/posts/new", at=garden)

    thread = await ben.does(f"{garden}/posts", title="Erste Radieschen", source="Wer mag welche?")
    here = await ann.finds("Erste Radieschen", at="/communities/garden")
    await ann.does(f"{here}/replies", source="Ich, bitte!")
    await ben.sees("Ich, bitte!", at=thread)

    await ben.does(f"{garden}/leaving")
    await ann.loses(ben.handle, at="/communities/garden/people")
    await ben.sees("/membership", at=garden)


async def test_where_approval_is_needed_the_moderators_decide(two: Stage) -> None:
    ann, eve = await two.resident(two.alpha, "ann"), await two.resident(two.beta, "eve")
    ben = await two.resident(two.beta, "ben")
    garden = await founds(ann, "approval")
    await ben.sees("Garten", at="/communities")
    for person in (ben, eve):
        await person.does(f"{garden}/membership", message="Ich habe einen Spaten.")
    await ann.sees("Ich habe einen Spaten.", at="/communities/garden/people")
    await ben.tries(f"{garden}/posts", title="Zu früh", source="…")
    await ann.does(f"/communities/garden/people/{ben.handle}/admission")
    await ann.does(f"/communities/garden/people/{eve.handle}/refusal", reason="Noch nicht.")
    await two.moves()
    await ben.does(f"{garden}/posts", title="Hallo", source="Danke!")
    await ann.sees("Hallo", at="/communities/garden")
    await eve.tries(f"{garden}/posts", title="Und ich?", source="…")
    assert "Garten" in await eve.sees("nicht aufgenommen", at="/notices")


async def test_a_hidden_community_is_found_by_those_it_invites(three: Stage) -> None:
    alpha, beta, gamma = three.cities
    ann, ben = await three.resident(alpha, "ann"), await three.resident(beta, "ben")
    eve, gil = await three.resident(beta, "eve"), await three.resident(gamma, "gil")
    garden = await founds(ann, "hidden")
    await three.moves()
    for person in (ben, eve, gil):
        assert "Garten" not in await person.reads("/communities")
        assert "Garten" not in await person.reads(f"/communities/find?address=garden@{alpha.host}")
    await ann.does("/communities/garden/invitations", address=ben.handle)
    await ben.sees("Garten", at="/notices")
    await ben.does(f"{garden}/membership")
    await ben.sees("/leaving", at=garden)
    await ann.does("/communities/garden/posts", title="Unter uns", source="Pst.")
    await ben.sees("Unter uns", at=garden)
    for person in (eve, gil):
        assert "Garten" not in await person.reads("/communities")
        assert "Garten" not in await person.reads(garden)
    assert await gamma.value("select count(*) from communities") == 0


@pytest.mark.parametrize("manner", ["cut", "doubled", "reversed"])
async def test_joining_survives_a_bad_wire(two: Stage, manner: str) -> None:
    ann, ben = await two.resident(two.alpha, "ann"), await two.resident(two.beta, "ben")
    garden, wire = await founds(ann, "open"), two.alpha.wire
    await ben.sees("Garten", at="/communities")
    wire.double = manner == "doubled"
    if manner == "cut":
        wire.cut(two.alpha.host)
    if manner == "reversed":
        wire.hold()
    await ben.does(f"{garden}/membership")
    await ben.does(f"{garden}/leaving")
    await ben.does(f"{garden}/membership")
    await two.moves()
    await wire.release()
    wire.mend(two.alpha.host)
    for city in two.cities:
        await fast_forward(city)
    await ann.sees(ben.handle, at="/communities/garden/people")
    await ben.sees("/leaving", at=garden)
