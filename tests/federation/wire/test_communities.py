"""What a city says about its list of communities, and a group about itself."""

from federation.wire import communities as wire

CITY = "https://aville.example/city"
GROUP = "https://aville.example/communities/water"


def test_a_new_community_is_added_to_the_list_of_its_city() -> None:
    assert wire.listed(GROUP, CITY, now=True) == {
        "type": "Add",
        "object": GROUP,
        "target": f"{CITY}/communities",
    }
    assert wire.listed(GROUP, CITY, now=False)["type"] == "Remove"


def test_the_list_is_read_from_ids_and_from_objects() -> None:
    read = wire.read_listed({"object": {"id": GROUP, "type": "Group"}, "target": CITY})
    assert read == wire.ListedDocument(GROUP, CITY)
    assert wire.read_listed({"object": GROUP}) is None


def test_an_update_has_one_context_and_the_whole_group() -> None:
    update = wire.update({"@context": "x", "id": GROUP, "type": "Group", "name": "Water"})
    assert update["object"] == {"id": GROUP, "type": "Group", "name": "Water"}
    assert update["@context"] != "x"
