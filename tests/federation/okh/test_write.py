"""What is exported is a manifest that is read again."""

from dataclasses import replace
from decimal import Decimal

import yaml

from federation.okh import manifests, parts, write
from schema import blueprints
from schema.actors import Actor
from schema.instructions import line
from tests import make
from tests.world import City

LINES = (
    line("a", "Gravel", quantity=Decimal("1.5"), unit="kg", note="washed, 8/16"),
    line("b", "Spade", kind="tool"),
)


async def exported(alpha: City, ann: Actor, **more: object) -> tuple[str, str]:
    row = await make.a_blueprint(alpha, ann, "Cistern", license="CC0-1.0", lines=LINES, **more)
    async with alpha.instance.read() as conn:
        version = await blueprints.get_version(conn, row.latest_id or row.id)
        lines = await blueprints.list_lines(conn, version.id)
    text = write.manifest(row, version, lines, [], by="Ann", address=f"http://alpha{version.url}")
    rows = "\n".join(";".join(cells) for cells in write.bom(lines))
    return text, rows


async def test_the_required_fields_of_the_standard_are_there(alpha: City, ann: Actor) -> None:
    text, _ = await exported(alpha, ann, purpose="Keeps rain.", source="Dig.")
    said = yaml.safe_load(text)
    required = ("title", "description", "license", "licensor", "date-created", "project-link")
    assert all(said[name] for name in required)
    assert said["license"] == {"hardware": "CC0-1.0", "documentation": "CC0-1.0"}
    assert said["bom"].endswith("/bom.csv") and said["tool-list"] == ["Spade"]


async def test_what_was_exported_is_read_again(alpha: City, ann: Actor) -> None:
    text, rows = await exported(
        alpha, ann, purpose="Keeps rain.", source="Dig.", language="en", readiness=3
    )
    draft = manifests.read(text, parts.parse(rows)).draft
    assert (draft.title, draft.purpose, draft.license) == ("Cistern", "Keeps rain.", "CC0-1.0")
    assert draft.source.startswith("Dig.") and draft.language == "en" and draft.readiness == 3
    found = [(one.name, one.quantity, one.unit, one.note, one.kind) for one in draft.lines[:2]]
    assert found == [
        ("Gravel", Decimal("1.5"), "kg", "washed, 8/16", "material"),
        ("Spade", None, "piece", "", "tool"),
    ]


async def test_what_no_field_here_reads_goes_along(alpha: City, ann: Actor) -> None:
    text, _ = await exported(alpha, ann, extra="fabric-width-mm: '400'\nlayers:\n- a\n- b\n")
    said = yaml.safe_load(text)
    assert said["fabric-width-mm"] == "400" and said["layers"] == ["a", "b"]


async def test_a_cell_is_never_a_formula(alpha: City, ann: Actor) -> None:
    rows = write.bom([replace(LINES[0], name="=cmd()", note="@x")])
    assert rows[1][0] == "'=cmd()" and rows[1][4] == "'@x"
