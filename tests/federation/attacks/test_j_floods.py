"""Group J: floods, amplification, logs, and what must be true of the program itself."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from federation import hearing
from federation.acts import writing
from schema import sessions
from schema.actors import Actor
from tests import make
from tests.federation.door import offer, post, say
from tests.peer import Peer
from tests.world import City, Wire, settle
from web import serve

ROOT = Path(__file__).parents[3]


async def test_j01_a_flood_from_a_domain_that_nobody_knows(alpha: City, wire: Wire) -> None:
    """Many names of one domain count together; others, and neighbours, are not kept waiting."""
    peers = [Peer(f"s{number}.spam.test", wire).start() for number in range(5)]
    for peer in peers:
        assert (await peer.says(alpha, spam(peer))).status_code == 403
    used = "select round(%s - tokens) from limits where key = 'door spam.test'"
    assert await alpha.value(used, hearing.STRANGERS_PACE[1]) in range(1, 6)
    await alpha.execute("update limits set tokens = 0, at = now() + interval '1 hour'")
    for peer in (*peers, Peer("s99.spam.test", wire).start()):
        answer = await peer.says(alpha, spam(peer))
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    other = Peer("decent.test", wire).start()
    city = other.add_actor("city", "Group", offers=f"{other.origin}/offers")
    said = other.activity("Follow", f"{alpha.origin}/city", by=city)
    assert (await other.says(alpha, said, by=city)).status_code == 202
    assert len([host for host in wire.hosts if host.endswith("spam.test")]) <= 5


async def test_j01_mentions_by_strangers_where_everybody_is_heard(
    alpha: City, far: Peer, wire: Wire
) -> None:
    """An open place hears them, but only the first of a domain are told to who is mentioned."""
    ann = await make.a_person(alpha, "ann")
    await alpha.execute("insert into settings (key, value) values ('federation', '\"open\"')")
    peers = [Peer(f"s{number}.spam.test", wire).start() for number in range(5)]
    for number in range(writing.STRANGERS_CALLS[1] + 10):
        peer = peers[number % 5]
        await say(alpha, peer, peer.activity("Create", mention(peer, ann)))
    mentions = "select count(*) from notices where kind = 'mention' and by_id in "
    mentions += "(select id from actors where strpos(host, %s) > 0)"
    assert await alpha.value("select count(*) from posts") == writing.STRANGERS_CALLS[1] + 10
    assert await alpha.value(mentions, "spam.test") == writing.STRANGERS_CALLS[1]
    other = Peer("decent.test", wire).start()
    for peer in (other, far):
        await say(alpha, peer, peer.activity("Create", mention(peer, ann)))
        assert await alpha.value(mentions, peer.host) == 1
    await alpha.execute(
        "insert into follows (follower_id, followed_id, state) "
        "select %s, id, 'accepted' from actors where uri = %s",
        ann.id,
        peers[0].pat,
    )
    await say(alpha, peers[0], peers[0].activity("Create", mention(peers[0], ann)))
    assert await alpha.value(mentions, "spam.test") == writing.STRANGERS_CALLS[1] + 1


def mention(peer: Peer, whom: Actor) -> dict[str, Any]:
    return peer.note(tag=[{"type": "Mention", "href": whom.uri}], cc=[whom.uri])


def spam(peer: Peer) -> dict[str, Any]:
    people = [f"http://alpha.test/people/p{n}" for n in range(10)]
    tags = [{"type": "Mention", "href": uri} for uri in people]
    note = {"id": f"{peer.origin}/n/1", "type": "Note", "content": "buy", "tag": tags}
    return peer.activity("Create", {**note, "attributedTo": peer.pat, "to": people})


async def test_j01_neighbours_may_speak_fast(alpha: City, far: Peer) -> None:
    """Where a stranger's domain has used up all that it may, they are heard as before."""
    used_up = "insert into limits (key, tokens, at) values (%s, 0, now() + interval '1 hour')"
    await alpha.execute(used_up, "door far.test")
    for number in range(20):
        answer = await far.says(alpha, far.activity("Like", f"{far.origin}/n/{number}"))
        assert answer.status_code == 202
    await alpha.execute("update peers set link = 'known' where origin = %s", far.origin)
    assert (await far.says(alpha, far.activity("Like", f"{far.origin}/n/x"))).status_code == 429


async def test_j03_what_a_letter_names_is_not_visited(alpha: City, far: Peer, wire: Wire) -> None:
    """Links, previews, mentions and likes of a third server cause no request there."""
    victim = Peer("victim.test", wire).start()
    there = [f"{victim.origin}/u/{number}" for number in range(99)]
    tags = [{"type": "Mention", "href": uri} for uri in there]
    links = "".join(f'<a href="{uri}">x</a>' for uri in there)
    ann = await make.a_person(alpha, "ann")
    note = far.note(links, tag=[*tags, {"type": "Mention", "href": ann.uri}], cc=[*there, ann.uri])
    await say(alpha, far, far.activity("Create", note))
    await say(alpha, far, far.activity("Create", offer(far, content=links)))
    for uri in there[:20]:
        await say(alpha, far, far.activity("Like", uri))
        await say(alpha, far, far.activity("Follow", uri))
    assert wire.tried(victim.host) == 0
    for number in range(100):
        said = far.activity("Follow", ann.uri, by=f"{victim.origin}/u/x{number}")
        forged = {**said, "id": f"{victim.origin}/activities/{number}"}
        answer = await far.says(alpha, forged, by=f"{victim.origin}/u/x{number}")
        assert answer.status_code in (401, 503)
    assert wire.tried(victim.host) <= 60, "in five minutes"


async def test_j04_one_letter_for_a_server_however_many_live_there(alpha: City, far: Peer) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    for number in range(30):
        endpoints = {"sharedInbox": f"{far.origin}/inbox"}
        who = far.add_actor(f"p{number}", endpoints=endpoints)
        assert await say(alpha, far, far.activity("Join", garden.uri, by=who), who) == ("done", "")
    far.heard.clear()
    ladder = await make.a_proposal(alpha, ann, community=garden)
    await settle(alpha)
    about = [said for said in far.heard if ladder.uri in json.dumps(said)]
    assert 1 <= len(about) <= 2, "the activity, and the object for microblogs"


HOSTILE = ["Like\nFAKE level=error", "\x1b[31mred", "%s%n%d", '", "level": "error', "x" * 50_000]


async def test_j05_what_others_send_forges_no_line_of_the_log(
    alpha: City, far: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the program logs: one JSON object in each line."""
    serve.set_up_log("info")
    try:
        for text in HOSTILE:
            said = {**far.activity("Like", far.pat), "type": text, "name": text}
            await far.says(
                alpha, said, headers={"User-Agent": text.encode("unicode_escape").decode()}
            )
            await far.says(alpha, {**said, "id": f"{far.origin}/{text}"})
            await far.says(alpha, {**far.activity("Announce", text), "summary": text})
            path = f"/people/{quoted(text[:5000])}/inbox"
            assert (await post(alpha, b"", path=path)).status_code == 400
            await settle(alpha)
        out = capsys.readouterr()
    finally:
        structlog.reset_defaults()
    lines = [line for line in (out.out + out.err).splitlines() if line]
    assert len(lines) >= len(HOSTILE)
    for line in lines:
        assert isinstance(json.loads(line), dict), line
        assert len(line) <= 2000
        assert "\x1b" not in line


async def test_j06_secrets_are_kept_as_hashes_only(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann", password_hash=make.a_password("drei blaue Eimer"))
    async with await make.log_in(alpha, ann) as browser:
        token = browser.client.cookies["session"]
    admin = await make.a_first_admin_token(alpha)
    assert await alpha.value("select count(*) from login_tokens") == 1
    query = "select count(*) from login_tokens t where strpos(t::text, %s) > 0"
    assert await alpha.value(query, admin.rpartition("/")[2]) == 0
    async with alpha.instance.read() as conn:
        found = await (await conn.execute("select t::text from sessions t")).fetchall()
        accounts = await (await conn.execute("select t::text from accounts t")).fetchall()
    assert found and all(token not in row for (row,) in found)
    assert all("Eimer" not in row for (row,) in accounts)
    assert len(sessions.hash_of(token)) == 32
    assert not _compared_plainly()


def _compared_plainly() -> list[str]:
    """Comparisons of things that are called secret, by == instead of hmac.compare_digest."""
    found: list[str] = []
    for file in [
        f for room in ("web", "schema", "federation") for f in (ROOT / room).rglob("*.py")
    ]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Compare) and any(isinstance(o, ast.Eq) for o in node.ops):
                names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                if names & {"token", "secret", "csrf", "given_token"}:
                    found.append(f"{file.name}: {ast.unparse(node)}")
    return found


async def test_j07_the_last_admin_stays_and_acts_are_written_down(alpha: City) -> None:
    root = await make.an_admin(alpha)
    await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, root) as browser:
        last = await browser.submit("/admin/people/root_admin/role", {"role": "resident"})
        assert last.status_code == 409
        await browser.submit("/admin/people/ann/role", {"role": "moderator"})
    assert await alpha.value("select role from accounts where actor_id = %s", root.id) == "admin"
    assert await alpha.value("select count(*) from admin_log where by_id = %s", root.id) >= 1
    changed = re.compile(r"(update|delete\s+from|truncate)\s+admin_log", re.I)
    files = [*(ROOT / "schema").rglob("*.py"), *(ROOT / "schema").rglob("*.sql")]
    assert [file.name for file in files if changed.search(file.read_text("utf-8"))] == []


QUOTES = ["'; drop table posts; --", "$1", "%s", "%(id)s", "\\", "{}", "'||(select 1)||'", "%%"]


async def test_j08_texts_that_look_like_sql(alpha: City, far: Peer) -> None:
    ann: Actor = await make.a_person(alpha, "ann")
    for number, text in enumerate(QUOTES):
        uri = far.add_actor(f"q{number}", preferredUsername=text, summary=text)
        far.documents[uri]["name"] = text
        thing = offer(far, uri, content=text, name=text or "x", source={"content": text})
        thing["id"] = f"{far.origin}/notes/{text}"
        more = {"tag": [{"type": "Mention", "href": ann.uri}, {"type": "Hashtag", "name": text}]}
        note = far.note(text, uri, cc=[ann.uri], **more)
        for object in (thing, note):
            said = far.activity("Create", object, by=uri)
            answer = await far.says(alpha, said, by=uri)
            assert answer.status_code in (202, 400)
        await settle(alpha)
        for path in ("/offers?q=", "/people/", "/network?q=", "/tags/"):
            assert (await alpha.get(path + quoted(text))).status_code in (200, 303, 404)
    broke = "select count(*) from activities where strpos(verdict, 'broke') > 0 or attempts > 1"
    assert await alpha.value(broke) == 0


def quoted(text: str) -> str:
    """For a path."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def test_j08_no_statement_is_put_together_from_values() -> None:
    """In schema/ only literals are run, or literals that were joined."""
    made = re.compile(
        r"(execute|run|one|maybe|many|value|values)\(\s*(conn,\s*)?(\w+,\s*)?f\"", re.S
    )
    found = [
        file.name
        for file in (ROOT / "schema").rglob("*.py")
        if made.search(file.read_text("utf-8"))
    ]
    assert found == []


async def test_j10_what_one_takes_along_is_for_oneself_alone(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann", email="ann@example.org")
    assert (await alpha.get("/me/data.json")).status_code in (303, 401, 403)
    async with await make.log_in(alpha, ann) as browser:
        mine = await browser.client.get("/me/data.json")
        assert "ann@example.org" in mine.text
        assert "no-store" in mine.headers["cache-control"]
    async with await make.log_in(alpha, await make.a_person(alpha, "ben")) as browser:
        assert "ann@example.org" not in (await browser.client.get("/me/data.json")).text


async def test_j11_numbers_are_for_this_machine_only(alpha: City) -> None:
    for header in ("X-Forwarded-For", "Forwarded"):
        assert (await alpha.get("/metrics", **{header: "for=8.8.8.8"})).status_code == 404
    assert "stadtnetz_" in (await alpha.get("/metrics")).text, "from this machine"
    elsewhere = httpx.ASGITransport(alpha.app, client=("93.184.215.14", 4711))
    async with httpx.AsyncClient(transport=elsewhere, base_url=alpha.origin) as client:
        assert (await client.get("/metrics")).status_code == 404
    for path in ("/debug", "/docs", "/openapi.json", "/.env", "/.git/config", "/server-status"):
        assert (await alpha.get(path)).status_code == 404
    for path in ("/livez", "/readyz"):
        told = (await alpha.get(path)).text
        assert len(told) < 100 and "://" not in told and ".test" not in told


FLOORS = {"starlette": (1, 3, 1), "python-multipart": (0, 0, 18), "h11": (0, 16, 0)}
FLOORS |= {"pillow": (11, 3, 0), "cryptography": (44, 0, 1), "aiohttp": (3, 12, 14)}


def test_j12_what_we_build_on_is_new_enough_and_pinned() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    for name, floor in FLOORS.items():
        found = re.search(rf"^{name}==([0-9.]+) \\$\n    --hash=sha256:", lock, re.MULTILINE)
        assert found, name
        assert tuple(map(int, found[1].split("."))) >= floor, name
    assert lock.count("==") <= lock.count("--hash=sha256:")
