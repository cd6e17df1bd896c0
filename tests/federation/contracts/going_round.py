"""A blueprint goes round: with a file, forked, adopted, built, told of, improved."""

from decimal import Decimal

from federation.acts import adoption, build_reports, improvements, projects
from schema import blueprints, files
from schema import projects as stored
from schema.actors import Actor
from schema.instructions import line
from tests import make
from tests.world import City, settle


async def play_lineage(alpha: City, beta: City, ann: Actor, ben: Actor) -> None:
    """Ann writes it in one city, Ben builds and betters it in the other."""
    board = line("board", "Board", quantity=Decimal(3))
    async with alpha.instance.begin() as tx:
        kept = await files.insert(tx.conn, name="bench.pdf", mime="application/pdf", data=b"%PDF-")
    bench = await make.a_blueprint(alpha, ann, "Bench", lines=(board,), files=[kept])
    await settle(alpha, beta)
    async with beta.instance.begin() as tx:
        copy = await blueprints.find(tx.conn, bench.uri)
        assert copy is not None and copy.latest_id is not None
        recipe = await adoption.check_readable(tx, ben, copy.latest_id)
        await adoption.adopt(
            tx,
            by=ben,
            recipe=recipe,
            draft=projects.Draft("Benches", name="benches"),
            scale=Decimal(12),
            keys=make.a_key_pair(),
        )
    async with beta.instance.begin() as tx:
        project = await stored.get(tx.conn, await beta.value(_BENCHES))
        told = build_reports.Draft(
            True, "Stands.", "Oak by ash.", "Steep.", "Graz", 40, Decimal(9), 2
        )
        row = await build_reports.report(
            tx, by=ben, version=recipe.version, draft=told, project=project
        )
        assert row is not None
    fork = await make.a_blueprint(
        beta, ben, "Longer bench", lines=(board,), purpose="For four.", fork=recipe.version
    )
    await settle(alpha, beta)
    async with beta.instance.begin() as tx:
        own = await blueprints.get_version(tx.conn, fork.latest_id or fork.id)
        await improvements.offer(tx, by=ben, version=own, origin=copy, text="For four.")
    await settle(alpha, beta)


_BENCHES = "select id from actors where name = 'benches'"
