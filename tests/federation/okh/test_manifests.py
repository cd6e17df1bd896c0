"""Manifests of real projects, and worse ones: read what can be read, list what cannot."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import Malformed
from federation.okh import licenses, manifests, parts, trees
from federation.okh.manifests import Reading

DATA = Path(__file__).parents[3] / "web" / "demo" / "data" / "okh"
PROJECTS = sorted(file.parent.name for file in DATA.glob("*/okh.*"))


def read(name: str) -> Reading:
    file = next((DATA / name).glob("okh.*"))
    return manifests.read(file.read_text("utf-8"))


def test_all_real_manifests_are_read_and_the_table_is_printed() -> None:
    found = {name: read(name) for name in PROJECTS}
    for name, reading in found.items():
        numbers = (len(reading.of(how)) for how in ("read", "guessed", "left", "kept"))
        print(f"{name:24}", *(f"{number:4}" for number in numbers), reading.draft.title)
    assert {name: reading.draft.title for name, reading in found.items()} == {
        "agrocircle": "Fruit Nut Vegetable Carer",
        "assembly-kit": "Faire Maus - 3 Tasten",
        "boxfarm": "BoxFram",
        "cubefactory": "CubeFactory2",
        "librewater": "Acraea-Prototype",
        "meditation-bench": "MeditationBench",
        "smart-energy-monitor": "Smart Energy Monitor",
        "ohloom": "OHLOOM",
    }
    assert {name: reading.draft.license for name, reading in found.items()} == {
        "agrocircle": "CC-BY-SA-4.0",
        "assembly-kit": "CC-BY-SA-4.0",
        "boxfarm": "",
        "cubefactory": "CC-BY-SA-4.0",
        "librewater": "CERN-OHL-S-2.0",
        "meditation-bench": "CERN-OHL-S-2.0",
        "smart-energy-monitor": "CERN-OHL-S-2.0",
        "ohloom": "CC-BY-SA-4.0",
    }


@pytest.mark.parametrize("name", PROJECTS)
def test_no_name_of_a_real_manifest_is_dropped(name: str) -> None:
    file = next((DATA / name).glob("okh.*"))
    reading = read(name)
    told = {said.field.split(" ")[0] for said in reading.said} | {"okhv"}
    told |= {"function", "intended-use", "name"} if "purpose" in told else set()
    told |= {"technology-readiness-level", "development-stage"}
    told |= {"documentation-language", "health-safety-notice", "part"}
    assert set(trees.parse(file.read_text("utf-8")).table) <= told


def test_a_name_that_stands_there_twice_is_listed_and_kept() -> None:
    reading = read("agrocircle")
    assert [said.value for said in reading.of("left")] == [
        "≠ https://github.com/faerietree/fruit_nut_vegetable_robot"
    ]
    assert "fruit_nut_vegetable_robot" in reading.draft.extra


def test_a_spelling_mistake_is_guessed_and_said() -> None:
    reading = read("cubefactory")
    assert reading.draft.readiness == 3
    assert [s.value for s in reading.of("guessed") if s.field == "readiness"] == [
        "prototpye → prototype"
    ]


def test_addresses_of_letters_are_not_published_among_the_words() -> None:
    for name in PROJECTS:
        assert "@" not in read(name).draft.source


def test_a_licence_of_which_the_kind_is_missing_is_left_to_the_person() -> None:
    left = {said.field: said.value for said in read("boxfarm").of("left")}
    assert left["license hardware"] == "CERN OHL"


@pytest.mark.parametrize(
    ("said", "spdx"),
    [
        ("CERN-OHL-S-2.0", "CERN-OHL-S-2.0"),
        ("cc-by-sa 4.0", "CC-BY-SA-4.0"),
        ("Creative Commons Namensnennung 3.0", "CC-BY-3.0"),
        ("https://spdx.org/licenses/MIT.html", "MIT"),
        ("CERN OHL v2 strong", "CERN-OHL-S-2.0"),
        ("CERN OHL", ""),
        ("CC BY-SA", ""),
        ("ask me", ""),
        ("", ""),
    ],
)
def test_licences_are_read_as_people_write_them(said: str, spdx: str) -> None:
    assert licenses.read(said)[0] == spdx


def test_numbers_and_words_that_yaml_would_change_stay_texts() -> None:
    table = trees.parse("version: 1.10\nmade: no\ndate-created: 2020-05-06\n").table
    assert table == {"version": "1.10", "made": "no", "date-created": "2020-05-06"}


def test_a_doubled_name_in_toml_does_not_lose_the_rest() -> None:
    parsed = trees.parse('name = "a"\nrepo = "x"\nrepo = "y"\n')
    assert parsed.table == {"name": "a", "repo": "x"}
    assert parsed.doubled == (("repo", '"y"'),)


def test_aliases_are_not_multiplied() -> None:
    bomb = "a: &a [x,x]\n" + "".join(f"k{n}: *a\n" for n in range(50))
    assert trees.parse(bomb).table["k9"] == "*a"


@pytest.mark.parametrize(
    "text", ["", "- a\n- b\n", "[" * 500, "a: " + "{a: " * 100, "title: [", "!!python/object:x {}"]
)
def test_what_is_no_manifest_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        manifests.read(text)


def test_a_file_that_is_too_large_is_malformed() -> None:
    with pytest.raises(Malformed):
        trees.parse("title: " + "x" * trees.LARGEST)


@given(st.text())
def test_garbage_raises_nothing_but_malformed(text: str) -> None:
    try:
        manifests.read(text)
    except Malformed:
        pass


_SCALARS = st.sampled_from(["title", "name", "license", "bom", "made", "- ", ": ", "[", "{", "x"])


@given(st.lists(st.one_of(_SCALARS, st.sampled_from(["\n", "  ", "=", '"', "&a", "*a", "#", "|"]))))
def test_garbage_that_looks_like_a_manifest_raises_nothing_but_malformed(words: list[str]) -> None:
    try:
        manifests.read("".join(words))
    except Malformed:
        pass


@given(st.text(), st.sampled_from(["bom.csv", "bom.md", ""]))
def test_garbage_among_parts_raises_nothing_but_malformed(text: str, name: str) -> None:
    try:
        parts.parse(text, name=name)
    except Malformed:
        pass


def test_what_is_too_much_is_said_and_kept() -> None:
    files = "".join(f"  - f{n}.stl\n" for n in range(60))
    reading = manifests.read(
        f"title: {'Long ' * 60}\ndesign-files:\n{files}tool-list: [{'x' * 250}]"
    )
    left = {said.field: said.value for said in reading.of("left")}
    assert left["title"].startswith("…") and left["tool-list"].startswith("…")
    assert left["design-files"] == "60 > 50" and "f59.stl" in reading.draft.extra
