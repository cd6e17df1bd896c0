"""An own version takes over what its original has changed since, line by line."""

from dataclasses import replace
from decimal import Decimal

from schema import blueprints, merges
from schema.actors import Actor
from schema.instructions import line
from tests import make
from tests.web.test_improvements import BOARD, NAIL, SCREW, latest
from tests.world import City, settle

WIDER, LONGER = replace(BOARD, quantity=Decimal(3)), replace(BOARD, quantity=Decimal(5))
GLUE = line("d", "Glue")


async def test_what_the_original_changed_is_merged_and_conflicts_are_named(
    alpha: City, beta: City, ann: Actor
) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench", lines=(BOARD, NAIL))
    await settle(alpha, beta)
    bea = await make.a_person(beta, "bea")
    first = await latest(beta, row.uri)
    fork = await make.a_blueprint(beta, bea, "Our bench", lines=(WIDER, NAIL, GLUE), fork=first)
    browser = await make.log_in(beta, bea)
    assert (await browser.get(f"{fork.url}/upstream")).status_code == 404
    lines = (LONGER, SCREW)
    await make.a_version(alpha, ann, row, "Bench", lines=lines, safety="Mind the edge.")
    await settle(alpha, beta)
    assert "eine neuere Fassung" in (await browser.get(fork.url)).text
    page = (await browser.get(f"{fork.url}/upstream")).text
    assert "1 Stelle habt ihr auch selbst geändert" in page
    for name, value, checked in (
        ("lines", "a", ""),
        ("lines", "b", " checked"),
        ("lines", "c", " checked"),
        ("facts", "safety", " checked"),
    ):
        assert f'name="{name}" value="{value}"{checked}>' in page, value
    assert 'value="d"' not in page, "what stands here alone is nobody's change"
    newest = await latest(beta, row.uri)
    chosen = {"version": str(newest.id), "lines": ["b", "c"], "facts": ["safety"]}
    stranger = await make.log_in(beta, await make.a_person(beta, "cem"))
    assert (await stranger.submit(f"{fork.url}/upstream", chosen)).status_code in (403, 404, 409)
    assert (await browser.submit(f"{fork.url}/upstream", chosen)).status_code == 303
    own = await latest(beta, fork.uri)
    async with beta.instance.read() as conn:
        found = await blueprints.list_lines(conn, own.id)
    assert [(one.name, one.quantity) for one in found] == [
        ("Board", 3),
        ("Glue", None),
        ("Screw", None),
    ]
    assert (own.safety, own.based_on, own.title) == ("Mind the edge.", newest.uri, "Our bench")
    assert (await browser.get(f"{fork.url}/upstream")).status_code == 404
    assert "eine neuere Fassung" not in (await browser.get(fork.url)).text


async def test_what_both_have_changed_alike_is_no_change(alpha: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench", lines=(BOARD, NAIL))
    async with alpha.instance.read() as conn:
        base = await merges.load(conn, await latest(alpha, row.uri))
    changed = (base[0], [WIDER, NAIL], base[2])
    assert merges.between(base, changed, changed).found.count == 0
    assert merges.between(base, changed, base).found.count == 1
    other = merges.between(base, changed, (base[0], [NAIL], base[2]))
    assert other.own_lines == {"a": None} and other.conflicts == 1
