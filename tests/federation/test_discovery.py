"""How others find us: WebFinger in all its spellings, host-meta, NodeInfo in both versions."""

import xml.etree.ElementTree as xml
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from federation import resolve
from schema.actors import Actor
from tests import make
from tests.world import City

SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/"
AS = "https://www.w3.org/ns/activitystreams"


async def finger(city: City, resource: str) -> httpx.Response:
    return await city.get(f"/.well-known/webfinger?resource={resource}", Accept="*/*")


def link(document: dict[str, Any], rel: str = "self") -> dict[str, Any]:
    (found,) = [one for one in document["links"] if one["rel"] == rel]
    return found


@pytest.mark.parametrize(
    "resource",
    [
        "acct:ann@alpha.test",
        "acct%3Aann%40alpha.test",
        "acct:ANN@Alpha.Test",
        "acct:@ann@alpha.test",
        "ann@alpha.test",
        "http://alpha.test/people/ann",
        quote("http://alpha.test/people/ann", safe=""),
        "acct:ann@alpha.test&rel=self&x=1",
    ],
)
async def test_a_person_is_found_in_every_spelling(alpha: City, ann: Actor, resource: str) -> None:
    answer = await finger(alpha, resource)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/jrd+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    found = answer.json()
    assert found["subject"] == "acct:ann@alpha.test"
    assert link(found) == {"rel": "self", "type": "application/activity+json", "href": ann.uri}
    assert link(found, "http://webfinger.net/rel/profile-page")["href"] == ann.uri


async def test_the_order_of_parameters_does_not_matter(alpha: City, ann: Actor) -> None:
    path = "/.well-known/webfinger?rel=self&resource=acct:ann@alpha.test"
    assert (await alpha.get(path)).json()["subject"] == "acct:ann@alpha.test"


@pytest.mark.parametrize(
    "resource",
    [
        "acct:nobody@alpha.test",
        "acct:ann@beta.test",
        "acct:ann@alpha.test.evil.test",
        "acct:ann",
        "acct:@alpha.test",
        "acct:",
        "http://alpha.test/people/nobody",
        "http://alpha.test.evil.test/people/ann",
        "http://beta.test/people/ann",
        "mailto:ann@alpha.test@",
        "a" * 5000,
    ],
)
async def test_who_is_not_here_is_not_found(alpha: City, ann: Actor, resource: str) -> None:
    assert (await finger(alpha, resource)).status_code == 404


async def test_without_a_resource_the_question_is_wrong(alpha: City) -> None:
    for path in (
        "",
        "?resource=",
        "?resourc=acct:ann@alpha.test",
        "?resource=%00",
    ):
        assert (await alpha.get(f"/.well-known/webfinger{path}")).status_code == 400


@pytest.mark.parametrize("origin", ["http://alpha.test", "http://alpha.test/"])
async def test_fep_d556_the_place_itself_has_a_service_actor(alpha: City, origin: str) -> None:
    found = (await finger(alpha, origin)).json()
    assert link(found, f"{AS}#Service")["href"] == f"{alpha.origin}/actor"
    document = (await alpha.document("/actor")).json()
    again = (await finger(alpha, f"acct:{document['preferredUsername']}@alpha.test")).json()
    assert again["links"] == found["links"]


async def test_a_hidden_community_is_not_found_and_an_open_one_is(alpha: City, ann: Actor) -> None:
    await make.a_community(alpha, ann, "garden")
    secret = await make.a_community(alpha, ann, "secret", join_rule="hidden")
    assert (await finger(alpha, "acct:garden@alpha.test")).status_code == 200
    assert (await finger(alpha, "acct:secret@alpha.test")).status_code == 404
    assert (await finger(alpha, secret.uri)).status_code == 404


async def test_who_has_left_is_not_found(alpha: City, ann: Actor) -> None:
    await alpha.execute("update actors set deleted_at = now() where id = %s", ann.id)
    assert (await finger(alpha, "acct:ann@alpha.test")).status_code == 404


async def test_the_round_trip_that_microblogs_make_ends_where_it_began(
    alpha: City, beta: City, ann: Actor
) -> None:
    garden = await make.a_community(alpha, ann)
    for handle, uri in (("ann@alpha.test", ann.uri), ("garden@alpha.test", garden.uri)):
        found = await resolve.handle(beta.instance, f"@{handle}")
        assert (found.uri, found.handle) == (uri, handle)


async def test_host_meta_says_where_to_ask(alpha: City, ann: Actor) -> None:
    answer = await alpha.get("/.well-known/host-meta")
    assert answer.headers["Content-Type"].startswith("application/xrd+xml")
    (found,) = xml.fromstring(answer.text)
    assert found.attrib["rel"] == "lrdd"
    url = found.attrib["template"].replace("{uri}", "acct%3Aann%40alpha.test")
    assert (await alpha.get(url.removeprefix(alpha.origin))).status_code == 200


@pytest.mark.parametrize("version", ["2.0", "2.1"])
async def test_nodeinfo_has_what_its_schema_asks_for(alpha: City, version: str) -> None:
    await make.a_person(alpha, "ann")
    links = (await alpha.get("/.well-known/nodeinfo")).json()
    href = link(links, SCHEMA + version)["href"]
    answer = await alpha.get(href.removeprefix(alpha.origin))
    assert answer.headers["Content-Type"] == f'application/json; profile="{SCHEMA}{version}#"'
    document = answer.json()
    assert document["version"] == version
    assert document["software"]["name"] == "stadtnetz"
    assert document["software"]["version"]
    assert document["protocols"] == ["activitypub"]
    assert document["services"] == {"inbound": [], "outbound": []}
    assert document["openRegistrations"] is True
    assert document["usage"]["users"]["total"] == 1
    assert document["metadata"]["federation"] == {"enabled": True}
    assert document["metadata"]["nodeName"]


async def test_nodeinfo_says_when_nobody_can_just_join(alpha: City) -> None:
    await alpha.execute(
        "insert into settings (key, value) values ('sign_up', '\"invitation\"') "
        "on conflict (key) do update set value = excluded.value"
    )
    alpha.instance.forget_settings()
    assert (await alpha.get("/nodeinfo/2.1")).json()["openRegistrations"] is False


async def test_fep_2677_nodeinfo_names_the_server_actor(alpha: City) -> None:
    links = (await alpha.get("/.well-known/nodeinfo")).json()
    assert link(links, f"{AS}#Application")["href"] == f"{alpha.origin}/actor"
    assert (await alpha.get("/nodeinfo/1.0")).status_code == 404
