"""All objects of the Fediverse Pasture, through the real inbox: each has a defined outcome.

Data: fediverse-pasture-inputs 0.3.0, © 2023-2024 Helge, MIT licence (in the file).
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests import make
from tests.peer import PUBLIC, Peer, befriend
from tests.world import City, Wire, settle

FILE = Path(__file__).parent.parent / "documents" / "pasture.json"
OUTCOMES = {"done", "ignored", "refused", "malformed", "waiting"}


async def test_every_object_of_the_pasture_has_a_defined_outcome(alpha: City, wire: Wire) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    far = Peer("far.test", wire).start()
    await befriend(alpha, far)
    assert (await far.says(alpha, far.activity("Join", garden.uri))).is_success
    await settle(alpha)
    groups: dict[str, list[dict[str, Any]]] = json.loads(FILE.read_text("utf-8"))["inputs"]
    table = {name: Counter[str]() for name in groups}
    for name, examples in groups.items():
        said = [await say(alpha, far, garden.uri, example) for example in examples]
        await settle(alpha)
        for one in said:
            table[name][await outcome(alpha, one)] += 1
    assert sum(map(len, groups.values())) == 262
    for name, found in table.items():
        print(f"{name:24} " + ", ".join(f"{key} {n}" for key, n in found.most_common()))
    assert set().union(*table.values()) <= {*OUTCOMES, "400"}
    assert sum(found["done"] for found in table.values()) > 150
    assert (await alpha.get(f"/communities/{garden.name}")).status_code == 200


async def say(city: City, far: Peer, group: str, example: dict[str, Any]) -> dict[str, Any]:
    """What the inbox took as a Create of it; without an id when it did not."""
    addressed = {"to": [PUBLIC, group], "cc": [], "audience": group, "name": "Pasture"}
    note = {**far.note("<p>x</p>"), **addressed, **example}
    said = far.activity("Create", note, to=[PUBLIC, group])
    answer = await far.says(city, said)
    assert answer.status_code in (202, 400), answer.text
    return said if answer.status_code == 202 else {}


async def outcome(city: City, said: dict[str, Any]) -> str:
    """What became of it; the page of what was kept must open."""
    if not said:
        return "400"
    post = await city.value("select id from posts where uri = %s", said["object"]["id"])
    if post is not None:
        assert (await city.get(f"/posts/{post}")).status_code < 400
    return await city.value("select state from activities where uri = %s", said["id"])
