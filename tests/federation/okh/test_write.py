"""What is exported is a manifest that others and we ourselves read."""

import re
import tomllib
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import yaml

from federation.okh import manifests, parts, trees, write
from schema import blueprints
from schema.actors import Actor
from schema.blueprints import Step
from schema.instructions import NOBODYS, line
from tests import make
from tests.world import City

LINES = (
    line("a", "Gravel", quantity=Decimal("1.5"), unit="kg", note="washed, 8/16"),
    line("b", "Spade", kind="tool", scaling="fixed"),
    line("c", "Rope", quantity=Decimal(2), unit="m", choice="ties"),
    line("d", "Chain", quantity=Decimal(1), choice="ties", scaling="step", step=Decimal("2.5")),
)
WEB = re.compile(r"https?://\S+")
V1: dict[str, Any] = {
    **dict.fromkeys(("title", "description", "intended-use", "version", "development-stage"), str),
    **dict.fromkeys(("documentation-home", "project-link", "bom", "tool-list"), WEB),
    **dict.fromkeys(("date-created", "date-updated"), re.compile(r"\d{4}-\d\d-\d\d")),
    **dict.fromkeys(("manifest-language", "documentation-language"), re.compile("[a-z]{2,3}")),
    "health-safety-notice": str,
    "keywords": [str],
    "made": bool,
    "license": {"hardware": str, "documentation": str},
    "licensor": {"name": str},
    "contact": {"name": str},
    "derivative-of": {"title": str, "web": WEB},
    "making-instructions": [{"title": str, "path": WEB}],
    "okh-manifest-version": re.compile(r"1\.0\.0"),
}
"""Of okh-v1.schema.json of the Internet of Production Alliance: the names that are written here."""
LOSH: dict[str, Any] = {
    **dict.fromkeys(("name", "version", "license", "licensor", "function", "description"), str),
    **dict.fromkeys(("repo", "readme", "bom", "variant-of"), WEB),
    "okhv": re.compile(r"OKH-LOSHv1\.0"),
    "documentation-language": re.compile("[a-z]{2,3}"),
    "technology-readiness-level": re.compile("OTRL-[1-6]"),
    "health-safety-notice": str,
}
"""Of okh-losh.schema.json."""


def fits(value: Any, shape: Any) -> bool:
    """Whether a value has the shape that a schema asks for."""
    match shape:
        case re.Pattern():
            return isinstance(value, str) and bool(shape.fullmatch(value))
        case list():
            return isinstance(value, list) and all(fits(one, shape[0]) for one in value)
        case dict():
            return isinstance(value, dict) and all(fits(value[k], shape[k]) for k in value)
        case _:
            return isinstance(value, shape)


async def exported(alpha: City, ann: Actor, **more: Any) -> tuple[str, str, str]:
    said = {"license": "CC0-1.0", "lines": LINES, **more}
    row = await make.a_blueprint(alpha, ann, "Cistern", **said)
    async with alpha.instance.read() as conn:
        version = await blueprints.get_version(conn, row.latest_id or row.id)
        lines = await blueprints.list_lines(conn, version.id)
        steps = await blueprints.list_steps(conn, version.id)
    address = f"http://alpha.test{version.url}"
    text = write.manifest(row, version, lines, steps, by="Ann", address=address)
    toml = write.losh(row, version, lines, by="Ann", address=address)
    rows = "\n".join(";".join(cells) for cells in write.bom(lines))
    return text, toml, rows


async def test_the_required_fields_of_the_standard_are_there(alpha: City, ann: Actor) -> None:
    text, _, _ = await exported(alpha, ann, purpose="Keeps rain.", source="Dig.")
    said = yaml.safe_load(text)
    required = ("title", "description", "license", "licensor", "date-created", "project-link")
    assert all(said[name] for name in required)
    assert said["license"] == {"hardware": "CC0-1.0", "documentation": "CC0-1.0"}
    assert said["bom"].endswith("/bom.csv") and said["tool-list"] == said["bom"]


@pytest.mark.parametrize("form", ["v1", "losh"])
async def test_what_was_exported_is_read_again(alpha: City, ann: Actor, form: str) -> None:
    more: dict[str, Any] = {"purpose": "Keeps rain.", "source": "Dig.", "language": "en"}
    yml, toml, rows = await exported(alpha, ann, readiness=3, **more)
    draft = manifests.read(text := yml if form == "v1" else toml, parts.parse(rows)).draft
    assert trees.parse(text).table.get("name" if form == "losh" else "title") == "Cistern"
    assert (draft.title, draft.purpose, draft.license) == ("Cistern", "Keeps rain.", "CC0-1.0")
    assert draft.source.startswith("Dig.") and draft.language == "en" and draft.readiness == 3
    found = [(one.name, one.quantity, one.unit, one.note, one.kind) for one in draft.lines]
    assert (found[0], found[-1]) == (
        ("Gravel", Decimal("1.5"), "kg", "washed, 8/16", "material"),
        ("Spade", None, "piece", "", "tool"),
    )
    assert [(one.choice, one.scaling, one.step) for one in draft.lines] == [
        ("", "unit", None),
        ("ties", "unit", None),
        ("ties", "step", Decimal("2.5")),
        ("", "fixed", None),
    ]


async def test_every_field_has_the_shape_that_other_tools_check(alpha: City, ann: Actor) -> None:
    step = Step(NOBODYS, "s", 0, "Dig", "Deep.", "", [], None, None, [])
    more: dict[str, Any] = {"purpose": "Keeps rain.", "source": "Dig.", "readiness": 5}
    text, toml, _ = await exported(alpha, ann, steps=(step,), safety="Cover it.", **more)
    for said, shape in ((yaml.safe_load(text), V1), (tomllib.loads(toml), LOSH)):
        assert said["health-safety-notice"] == "Cover it." and set(said) <= set(shape)
        assert not [name for name in said if not fits(said[name], shape[name])]


async def test_no_licence_is_said_as_spdx_says_it_and_read_as_none(alpha: City, ann: Actor) -> None:
    yml, toml, _ = await exported(alpha, ann, license="")
    assert yaml.safe_load(yml)["license"]["hardware"] == tomllib.loads(toml)["license"]
    for text in (yml, toml):
        reading = manifests.read(text)
        assert reading.draft.license == ""
        assert "license" in " ".join(said.field for said in reading.of("left"))


async def test_what_no_field_here_reads_goes_along(alpha: City, ann: Actor) -> None:
    text, _, _ = await exported(alpha, ann, extra="fabric-width-mm: '400'\nlayers:\n- a\n- b\n")
    said = yaml.safe_load(text)
    assert said["fabric-width-mm"] == "400" and said["layers"] == ["a", "b"]


async def test_what_goes_along_is_toml_too(alpha: City, ann: Actor) -> None:
    extra = 'mass:\n- value: \'30\'\n  unit: "g\\x7f"\nlayers: "a\\n\\"b\\""\n'
    _, toml, _ = await exported(alpha, ann, extra=extra)
    said = tomllib.loads(toml)
    assert said["mass"] == [{"value": "30", "unit": "g\x7f"}] and said["layers"] == 'a\n"b"'


async def test_a_cell_is_never_a_formula(alpha: City, ann: Actor) -> None:
    rows = write.bom([replace(LINES[0], name="=cmd()", note="@x")])
    assert rows[1][0] == "'=cmd()" and rows[1][4] == "'@x"
