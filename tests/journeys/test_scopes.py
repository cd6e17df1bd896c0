"""Who does not see a thing has no trace of it: not in a page, a document, a table or a log."""

from dataclasses import dataclass
from typing import Any

import pytest

from federation import fetch
from federation.errors import Gone, Refused, Unreachable
from schema import actors, communities
from schema.actors import Actor
from tests import make, talk
from tests.peer import Peer
from tests.world import City, Wire, settle
from web.app import page_routes

TABLES = """select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = relnamespace
  where nspname = 'public' and relkind = 'r'"""
EVERYWHERE = sorted(
    route.path
    for route in page_routes()
    if "GET" in (route.methods or ()) and "{" not in route.path and route.path != "/notices/live"
)
SCOPES = ("community", "city", "neighbours", "everyone")
MAY = {
    "community": {"alpha", "beta"},
    "city": {"alpha"},
    "neighbours": {"alpha", "beta", "gamma"},
    "everyone": {"alpha", "beta", "gamma", "far", "guests"},
}


@dataclass(frozen=True, slots=True)
class Scene:
    """Ann of alpha has shared one thing in each scope, and was answered below each."""

    alpha: City
    beta: City
    gamma: City
    far: Peer
    ann: Actor
    paths: dict[str, str]


def canary(scope: str) -> str:
    """A word that stands in the thing of this scope and nowhere else."""
    return f"kanarienvogel-{scope}"


@pytest.fixture
async def scene(alpha: City, beta: City, gamma: City, wire: Wire) -> Scene:
    """beta has a member in ann's garden, gamma is a neighbour, far follows ann in an open place."""
    await alpha.execute("insert into settings (key, value) values ('federation', '\"open\"')")
    alpha.instance.forget_settings()
    ann = await make.a_person(alpha, "ann")
    far = Peer("far.test", wire).start()
    await far.says(alpha, far.activity("Follow", ann.uri))
    await far.says(alpha, far.activity("Follow", f"{alpha.origin}/city"))
    garden = await make.a_community(alpha, ann)
    await talk.join(beta, await make.a_person(beta, "ben"), garden, alpha)
    paths: dict[str, str] = {}
    for scope in SCOPES:
        word = canary(scope)
        more: dict[str, Any] = {"source": f"Say {word}.", "return_note": word, "scope": scope}
        made = await make.a_proposal(alpha, ann, f"A {word}", garden, **more)
        await talk.answer(alpha, ann, made, f"More {word}.")
        paths[scope] = made.url
    await settle(alpha, beta, gamma)
    return Scene(alpha, beta, gamma, far, ann, paths)


async def everything(city: City) -> str:
    """Every row of every table, as text."""
    rows: list[str] = []
    async with city.instance.read() as conn:
        for (table,) in await (await conn.execute(TABLES)).fetchall():
            found = await conn.execute(f"select t::text from {table} t".encode())
            rows += [row for (row,) in await found.fetchall()]
    return "\n".join(rows)


def told(text: str) -> set[str]:
    """The scopes whose word stands in this text."""
    return {scope for scope in SCOPES if canary(scope) in text}


def meant_for(who: str) -> set[str]:
    return {scope for scope in SCOPES if who in MAY[scope]}


async def test_no_database_holds_what_its_city_may_not_know(scene: Scene) -> None:
    cities = {"alpha": scene.alpha, "beta": scene.beta, "gamma": scene.gamma}
    for name, city in cities.items():
        assert told(await everything(city)) == meant_for(name), name


async def test_nothing_is_sent_to_those_who_may_not_know(scene: Scene) -> None:
    for name in ("beta", "gamma", "far"):
        sent = [p for p in scene.alpha.wire.log if p.url.startswith(f"http://{name}.test/")]
        said = b"\n".join(passed.body for passed in sent).decode()
        assert told(said) == meant_for(name), name


async def test_guests_find_no_trace_on_any_page(scene: Scene) -> None:
    garden = "/communities/garden"
    paths = ["/", "/offers", "/offers?q=kanarienvogel", "/network", "/people/ann", garden]
    paths += [f"{garden}/offers", f"{garden}/needs", f"{garden}/people", *scene.paths.values()]
    pages = [(await scene.alpha.get(path)).text for path in paths]
    assert told("\n".join(pages)) == meant_for("guests")


async def test_no_page_table_feed_or_measure_tells_who_may_not_know(scene: Scene) -> None:
    eve = await make.a_person(scene.alpha, "eve")
    paths = [*EVERYWHERE, "/find?q=kanarienvogel", "/needs?q=kanarienvogel", *scene.paths.values()]
    async with make.guest(scene.alpha) as browser:
        pages = [(await browser.get(path)).text for path in paths]
    assert told("\n".join(pages)) == meant_for("guests")
    async with await make.log_in(scene.alpha, eve) as browser:
        pages = [(await browser.get(path)).text for path in paths]
    assert told("\n".join(pages)) == meant_for("alpha") - {"community"}


async def test_no_document_or_collection_tells_guests_or_strangers(scene: Scene) -> None:
    paths = [*scene.paths.values()]
    paths += [f"{path}/{name}" for path in scene.paths.values() for name in ("replies", "thread")]
    for actor in ("/people/ann", "/communities/garden", "/city"):
        for name in ("outbox", "featured", "offers", "needs", "members", "followers"):
            paths += [f"{actor}/{name}", f"{actor}/{name}?page=first"]
    async with scene.alpha.instance.read() as conn:
        ids = await (await conn.execute("select id from activities")).fetchall()
        said = await (await conn.execute("select id from posts")).fetchall()
    paths += [f"/activities/{id}" for (id,) in ids] + [f"/posts/{id}" for (id,) in said]
    bare = [(await scene.alpha.document(path)).text for path in paths]
    signed = [(await scene.far.asks(scene.alpha, path)).text for path in paths]
    assert told("\n".join(bare)) == meant_for("guests")
    assert told("\n".join(signed)) == meant_for("far")


@pytest.mark.parametrize("name", ["beta", "gamma"])
async def test_a_neighbour_that_knows_every_address_is_served_what_it_may_know(
    scene: Scene, name: str
) -> None:
    city, found = {"beta": scene.beta, "gamma": scene.gamma}[name], list[str]()
    async with scene.alpha.instance.read() as conn:
        rows = await (await conn.execute("select uri from posts")).fetchall()
    uris = [scene.alpha.origin + path for path in scene.paths.values()] + [uri for (uri,) in rows]
    for uri in uris:
        try:
            found.append(str(await fetch.document(city.instance, uri)))
        except Gone:
            continue
    assert told("\n".join(found)) == meant_for(name)


async def test_residents_elsewhere_see_what_they_may(scene: Scene) -> None:
    await make.a_person(scene.beta, "eve")
    for name, scopes in {"ben": meant_for("beta"), "eve": meant_for("gamma")}.items():
        async with scene.beta.instance.read() as conn:
            person = await actors.find_by_handle(conn, name)
        assert person is not None
        async with await make.log_in(scene.beta, person) as browser:
            paths = ("/offers", "/", "/communities/garden@alpha.test/offers")
            pages = [(await browser.get(path)).text for path in paths]
        assert told("\n".join(pages)) == scopes, name


async def test_no_log_line_holds_what_people_wrote(
    scene: Scene, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    scene.alpha.wire.cut(scene.beta.host)
    made = await make.a_proposal(scene.alpha, scene.ann, canary("everyone"))
    await settle(scene.alpha, scene.gamma)
    assert made.title == canary("everyone")
    out = capsys.readouterr()
    logged = out.out + out.err + caplog.text
    assert "delivery" in logged, "the failed delivery is logged"
    assert told(logged) == set()


@pytest.mark.parametrize("name", ["beta", "gamma"])
async def test_the_ledger_of_a_neighbour_holds_what_it_may_know(scene: Scene, name: str) -> None:
    city = {"beta": scene.beta, "gamma": scene.gamma}[name]
    address = f"{scene.alpha.origin}/city/sent?after=0&whole=1"
    assert told(str(await fetch.document(city.instance, address))) == meant_for(name)
    path = "/city/sent?after=0&whole=1"
    for answer in (await scene.alpha.document(path), await scene.far.asks(scene.alpha, path)):
        assert told(answer.text) == set()


BARRIERS = {
    "unlinked": """with parted as (delete from follows f using actors a
        where a.peer = 'http://gamma.test' and a.id in (f.follower_id, f.followed_id) returning 1)
      update peers set link = 'known' where host = 'gamma.test'""",
    "paused": "update peers set paused_at = now() where host = 'gamma.test'",
    "not published to": "update peers set publishes = false where host = 'gamma.test'",
    "blocked": "update peers set blocked_at = now() where host = 'gamma.test'",
}


@pytest.mark.parametrize("barrier", BARRIERS)
async def test_behind_a_barrier_nothing_new_arrives_and_only_the_public_is_read(
    scene: Scene, barrier: str
) -> None:
    """gamma was a neighbour; it knows every address, and asks for what it is not sent."""
    await settle(scene.alpha, scene.beta, scene.gamma)
    await scene.alpha.execute(BARRIERS[barrier])
    await scene.gamma.execute("truncate proposals, posts cascade")
    await scene.gamma.execute("update activities set document = '{}' where direction = 'in'")
    paths, found = list[str](), list[str]()
    async with scene.alpha.instance.read() as conn:
        group = await actors.find_by_handle(conn, "garden")
        assert group is not None
        garden = await communities.get(conn, group.id)
    for scope in SCOPES:
        more: dict[str, Any] = {"source": f"Say {canary(scope)} again.", "scope": scope}
        made = await make.a_proposal(scene.alpha, scene.ann, f"New {scope}", garden, **more)
        paths.append(made.url)
    await settle(scene.alpha, scene.beta, scene.gamma)
    assert told(await everything(scene.gamma)) == set()
    for path in (*paths, "/city/offers", "/city/offers?page=first", "/city/sent?whole=1"):
        try:
            found.append(str(await fetch.document(scene.gamma.instance, scene.alpha.origin + path)))
        except (Gone, Refused, Unreachable):
            continue
    assert told("\n".join(found)) <= meant_for("guests")
    if barrier != "blocked":
        assert told("\n".join(found)) == meant_for("guests")
