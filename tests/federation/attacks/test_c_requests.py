"""Group C: addresses that must not be asked for, wherever a letter can make us ask.

What the client itself refuses (names, ports, redirects, proxies) is in `test_client_attacks.py`,
over real sockets; here every place from which it is called is tried.
"""

import ast
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.responses import RedirectResponse

from federation import push, resolve
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.push import point
from federation.taps import unpadded
from tests import make
from tests.federation.door import cavage, encoded, offer, post
from tests.peer import Peer
from tests.world import City, Wire, settle

ROOT = Path(__file__).parents[3]
GROUP = "http://far.test/c/group"
BROWSER = ec.generate_private_key(ec.SECP256R1())
NOT_ASKED = (Gone, Malformed, Refused, Unreachable, Untrusted)
Site: TypeAlias = Callable[[City, Peer, str], Awaitable[None]]

PRIVATE = [
    "https://10.0.0.1/x",
    "https://192.168.1.1/x",
    "https://169.254.169.254/latest/meta-data",
    "https://0.0.0.0/x",
    "https://100.64.0.1/x",
    "https://224.0.0.1/x",
    "https://[fd00::1]/x",
    "https://[fe80::1]/x",
    "https://[::ffff:10.0.0.1]/x",
    "https://[64:ff9b::a00:1]/x",
]
SPELLED = [
    "https://167772161/x",
    "https://0x0a000001/x",
    "https://012.0.0.1/x",
    "https://10.1/x",
    "https://①⓪.0.0.1/x",
    "https://10。0。0。1/x",
    "https://user@10.0.0.1/x",
    "https://far.test@10.0.0.1/x",
    "https://10.0.0.1\\@far.test/x",
    "https://10.0.0.1%00.far.test/x",
    "https://10.0.0.1\t/x",
    "https:/10.0.0.1/x",
    "https://10.0.0.1./x",
    "https://far.test:65536/x",
    "file:///etc/passwd",
    "gopher://10.0.0.1/x",
    "data:application/json,{}",
    "ftp://10.0.0.1/x",
]


async def take(city: City, peer: Peer, said: dict[str, Any], by: str = "") -> None:
    answer = await peer.says(city, said, by=by)
    assert answer.status_code < 500 or answer.status_code == 503
    await settle(city)
    await jobs(city)


async def jobs(city: City) -> None:
    """What was put off, pictures above all."""
    await city.instance.queue.run_worker_async(
        install_signal_handlers=False, wait=False, additional_context={"instance": city.instance}
    )


async def as_key(city: City, peer: Peer, url: str) -> None:
    body = encoded({"id": url, "actor": url, "type": "Like", "object": peer.pat})
    headers: dict[str, Any] = cavage(peer, city, body, key_id=url)
    lines = {name: value.encode() for name, value in headers.items()}
    assert (await post(city, body, lines)).status_code in (400, 401, 503)


async def as_key_owner(city: City, peer: Peer, url: str) -> None:
    key = f"{peer.origin}/keys/1"
    peer.add({"id": key, "owner": url, "publicKeyPem": peer.pair.rsa_public})
    body = encoded(peer.activity("Like", peer.pat))
    answer = await post(city, body, cavage(peer, city, body, key_id=key))
    assert answer.status_code in (401, 503)


async def as_object(city: City, peer: Peer, url: str) -> None:
    for kind in ("Announce", "Create", "Update"):
        await take(city, peer, peer.activity(kind, url))


async def as_actor(city: City, peer: Peer, url: str) -> None:
    inner = {"id": url, "type": "Create", "actor": url, "object": url}
    await take(city, peer, peer.activity("Announce", inner, by=GROUP), GROUP)


async def as_author(city: City, peer: Peer, url: str) -> None:
    thing = peer.note(attributedTo=url)
    await take(city, peer, peer.activity("Announce", thing["id"]))


async def as_parent(city: City, peer: Peer, url: str) -> None:
    note = peer.note(inReplyTo=url, audience=GROUP, cc=[GROUP])
    await take(
        city, peer, peer.activity("Announce", peer.activity("Create", note), by=GROUP), GROUP
    )


async def as_inbox(city: City, peer: Peer, url: str) -> None:
    for name, field in (("i", "inbox"), ("s", "endpoints"), ("f", "followers")):
        more: dict[str, Any] = {field: {"sharedInbox": url} if field == "endpoints" else url}
        who = peer.add_actor(name, **more)
        await take(city, peer, peer.activity("Follow", f"{city.origin}/city", by=who), who)


async def as_icon(city: City, peer: Peer, url: str) -> None:
    shapes: list[Any] = [url, {"type": "Image", "url": url}, [{"url": [url]}]]
    for number, shape in enumerate(shapes):
        who = peer.add_actor(f"icon{number}", icon=shape)
        await take(city, peer, peer.activity("Like", peer.pat, by=who), who)


async def as_picture(city: City, peer: Peer, url: str) -> None:
    picture = {"type": "Image", "mediaType": "image/png", "url": url}
    thing = offer(peer, attachment=[picture], image=picture)
    await take(city, peer, peer.activity("Create", thing))


async def as_collection(city: City, peer: Peer, url: str) -> None:
    for field in ("members", "attributedTo", "featured", "outbox", "replies"):
        group = peer.add_actor(f"with_{field.lower()}", "Group", **{field: url})
        try:
            found = await resolve.actor(city.instance, group)
            await resolve.count_members(city.instance, found)
        except NOT_ASKED:
            continue


async def as_name(city: City, peer: Peer, url: str) -> None:
    host = url.partition("://")[2].partition("/")[0]
    with suppress(*NOT_ASKED):
        await resolve.handle(city.instance, f"pat@{host}")


async def as_webfinger_link(city: City, peer: Peer, url: str) -> None:
    link = {"rel": "self", "type": "application/activity+json", "href": url}
    peer.documents["x"] = {"preferredUsername": "x"}
    peer.scripts[f"{peer.origin}/.well-known/webfinger"] = lambda _: peer.json({"links": [link]})
    with pytest.raises(NOT_ASKED):
        await resolve.handle(city.instance, f"x@{peer.host}")


async def as_report(city: City, peer: Peer, url: str) -> None:
    await take(city, peer, peer.activity("Flag", [url], content="look"))
    await take(city, peer, peer.activity("Block", url, target=url))
    await take(city, peer, peer.activity("Invite", url, target=url))
    await take(city, peer, peer.activity("Move", peer.pat, target=url))


async def as_ledger(city: City, peer: Peer, url: str) -> None:
    said = peer.activity("Like", peer.pat)
    told = f'url="{url}", sequence="5"'.encode()
    headers: Any = {"Delivery-Ledger": told}
    answer = await peer.says(city, said, headers=headers)
    assert answer.status_code == 202
    await jobs(city)


async def as_folder(city: City, peer: Peer, url: str) -> None:
    peer.add_actor("city", "Group", offers=url, needs=f"{peer.origin}/needs", communities=url)
    peer.add({"id": f"{peer.origin}/needs", "type": "Collection", "items": [url], "next": url})
    await city.instance.queue.configure_task("discover").defer_async(origin=peer.origin)
    await jobs(city)


async def on_page(city: City, path: str, **fields: str) -> None:
    """An admin fills a form in."""
    async with await admin_of(city) as browser:
        answer = await browser.submit(path, fields)
    assert answer.status_code < 500
    await jobs(city)


async def admin_of(city: City) -> make.Browser:
    if "root" not in city.people:
        city.people["root"] = await make.an_admin(city)
    return await make.log_in(city, city.people["root"])


async def as_look_up(city: City, peer: Peer, url: str) -> None:
    async with await admin_of(city) as browser:
        assert (await browser.client.get("/find", params={"address": url})).status_code < 500
    await city.execute("delete from limits")


async def as_home(city: City, peer: Peer, url: str) -> None:
    """Where a guest says they are at home."""
    async with make.guest(city) as browser:
        for address in (url, f"pat@{url.partition('://')[2].partition('/')[0]}"):
            answer = await browser.submit("/elsewhere", {"address": address, "uri": peer.pat})
            assert answer.status_code < 500
    await city.execute("delete from limits")


async def as_city(city: City, peer: Peer, url: str) -> None:
    await on_page(city, "/admin/cities", address=url)


async def as_list(city: City, peer: Peer, url: str) -> None:
    await on_page(city, "/admin/lists", title=url, kind="block", address=url)


async def as_manifest(city: City, peer: Peer, url: str) -> None:
    await on_page(city, "/blueprints/import", address=url, bom_address=url)


async def as_device(city: City, peer: Peer, url: str) -> None:
    """A push service as a browser names it."""
    key, auth = unpadded(point(BROWSER.public_key())), unpadded(bytes(16))
    await on_page(city, "/me/told/device", endpoint=url, key=key, auth=auth)
    await push.send(city.instance, url, "hello")


SITES: dict[str, Site] = {
    "key": as_key,
    "owner of a key": as_key_owner,
    "object": as_object,
    "actor": as_actor,
    "author": as_author,
    "parent": as_parent,
    "inbox": as_inbox,
    "icon": as_icon,
    "picture": as_picture,
    "collection": as_collection,
    "name": as_name,
    "link of WebFinger": as_webfinger_link,
    "report": as_report,
    "ledger": as_ledger,
    "folder of a city": as_folder,
    "look-up": as_look_up,
    "home of a guest": as_home,
    "city": as_city,
    "list": as_list,
    "manifest": as_manifest,
    "push service": as_device,
}


@pytest.mark.parametrize("site", SITES.values(), ids=SITES)
async def test_c01_private_addresses(alpha: City, far: Peer, wire: Wire, site: Site) -> None:
    for url in PRIVATE:
        await site(alpha, far, url)
    assert {host for host in wire.hosts if not host.endswith(".test")} == set()


@pytest.mark.parametrize("site", SITES.values(), ids=SITES)
async def test_c01_a_public_address_is_asked(
    alpha: City, far: Peer, wire: Wire, site: Site
) -> None:
    """Else the places where private ones are tried would prove nothing. Some are only asked for
    where they are of the server which names them."""
    there = far.origin if site in OF_ITS_SERVER else "http://ask.test"
    with suppress(AssertionError, *NOT_ASKED):
        await site(alpha, far, f"{there}/asked")
    if site in OF_ITS_SERVER:
        assert [passed for passed in wire.log if passed.url.startswith(f"{there}/asked")]
    else:
        assert wire.tried("ask.test") > 0


OF_ITS_SERVER = (as_key_owner, as_author, as_inbox, as_collection, as_ledger)


@pytest.mark.parametrize("site", SITES.values(), ids=SITES)
async def test_c08_addresses_that_parsers_read_differently(
    alpha: City, far: Peer, wire: Wire, site: Site
) -> None:
    for url in SPELLED:
        await site(alpha, far, url)
    assert {host for host in wire.hosts if not host.endswith(".test")} == set()
    assert f"{far.host}:65536" not in wire.hosts


@pytest.mark.parametrize("status", [301, 303, 307])
async def test_c04_a_redirect_to_a_private_address(
    alpha: City, far: Peer, wire: Wire, status: int
) -> None:
    turned = f"{far.origin}/turned"
    for url in (*PRIVATE[::4], "http://far.test:1/", "file:///etc/passwd", "gopher://10.0.0.1/"):
        far.scripts[turned] = lambda _, url=url: RedirectResponse(url, status)
        for site in (as_key, as_object, as_parent, as_picture):
            await site(alpha, far, turned)
    hosts = {host for host in wire.hosts if not host.endswith(".test")}
    assert hosts <= {"far.test:1"}, "that one is asked for, and is not there"


async def test_c05_addresses_that_lead_on_for_ever(alpha: City, far: Peer, wire: Wire) -> None:
    turned = f"{far.origin}/turned"
    far.scripts[turned] = lambda request: RedirectResponse(
        f"{turned}?n={int(request.query_params.get('n', 0)) + 1}", 302
    )
    await far.says(alpha, far.activity("Like", far.pat))
    for site in (as_object, as_parent, as_icon, as_picture):
        before = wire.tried(far.host)
        await site(alpha, far, turned)
        assert wire.tried(far.host) - before <= 3 * 4 + 3, site


@pytest.mark.parametrize("ours", ["http://alpha.test", "http://ALPHA.test:80"])
@pytest.mark.parametrize("site", SITES.values(), ids=SITES)
async def test_c09_our_own_address(
    alpha: City, far: Peer, wire: Wire, site: Site, ours: str
) -> None:
    if site is as_name:
        return  # a name at our own host is looked up here
    for path in ("/people/nobody", "/admin", "/actor"):
        try:
            await site(alpha, far, ours + path)
        except AssertionError:
            assert site is as_key  # "that actor lives here" is 400 as well
    assert wire.tried("alpha.test") == 0


async def test_c10_no_page_fetches_what_its_address_names(alpha: City, wire: Wire) -> None:
    target = "http://far.test/x"
    for path in ("/media/00000000-0000-0000-0000-000000000000", "/about", "/people/x", "/network"):
        for name in ("url", "proxy", "src", "file_type", "uri", "resource"):
            answer = await alpha.get(f"{path}?{name}={target}&proxy=1")
            assert answer.status_code < 500
    answer = await alpha.get("/.well-known/webfinger?resource=http://far.test/u/pat")
    assert answer.status_code == 404
    assert "far.test" not in wire.hosts


def test_c12_only_the_client_opens_connections() -> None:
    """Listening and looking up names is done by whoever may dial; nobody else has a socket."""
    networked = {"socket", "urllib.request", "http.client", "aiohttp", "httpx", "requests", "ssl"}
    allowed = {"federation/client.py", "federation/dialling.py", "federation/mail.py"}
    found: set[str] = set()
    for room in ("federation", "schema", "web"):
        for file in sorted((ROOT / room).rglob("*.py")):
            names: set[str] = set()
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
            if names & networked:
                found.add(os.fspath(file.relative_to(ROOT)))
    others = found - allowed
    # The PostgreSQL that we start, its programs, and the port that we listen on.
    assert others <= {
        "federation/run.py",
        "schema/postgres.py",
        "schema/programs.py",
        "web/command.py",
        "web/demo/run.py",
        "web/serve.py",
    }
