"""Guests who are at home elsewhere are led there, and residents come home with what they saw."""

import html
import re

import httpx
import pytest

from tests import make
from tests.world import City

LADDER = "http://alpha.test/offers/1"


async def form_on(city: City, path: str) -> dict[str, str]:
    """The hidden fields of the form for those from elsewhere."""
    text = (await city.get(path)).text
    found = re.search(r'<form[^>]* action="/elsewhere">(.*?)</form>', text, re.DOTALL)
    assert found, path
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found[1])
    return {name: html.unescape(value) for name, value in fields}


async def test_fep_3b86_guests_are_asked_on_people_communities_listings_and_posts(
    alpha: City,
) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    ladder = await make.a_proposal(alpha, ann)
    for path, uri, intent in (
        ("/people/ann", ann.uri, "Follow"),
        (garden.url, garden.uri, "Join"),
        (ladder.url, ladder.uri, "Create"),
    ):
        hidden = await form_on(alpha, path)
        assert (hidden["uri"], hidden["intent"]) == (uri, intent)
    async with await make.log_in(alpha, await make.a_person(alpha, "bob")) as bob:
        assert 'action="/elsewhere"' not in (await bob.get("/people/ann")).text


async def test_fep_3b86_from_one_city_to_the_other_and_there_one_follows(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    async with make.guest(alpha) as guest:
        hidden = await form_on(alpha, "/people/ann")
        given = {"address": "@ben@beta.test", "uri": hidden["uri"], "intent": "Follow"}
        shown = await guest.submit("/elsewhere", given)
    assert shown.status_code == 200
    there = re.search(r'href="(http://beta\.test/authorize_interaction\?uri=[^"]+)"', shown.text)
    assert there and "Weiter in beta.test" in shown.text
    path = html.unescape(there[1]).removeprefix(beta.origin)
    asked = await beta.get(path)
    assert asked.headers["location"].startswith("/login?next=")
    async with await make.log_in(beta, ben) as browser:
        page = await browser.get(path)
        assert page.url.path == "/people/ann@alpha.test"
        assert 'action="/people/ann@alpha.test/following"' in page.text
    assert ann.uri == hidden["uri"]


@pytest.mark.parametrize("address", ["", "not an address", "ann@alpha.test"])
async def test_fep_3b86_a_wrong_address_is_said_and_nothing_is_lost(
    alpha: City, address: str
) -> None:
    await make.a_person(alpha, "ann")
    async with make.guest(alpha) as guest:
        given = {"address": address, "uri": LADDER, "intent": "Join"}
        answer: httpx.Response = await guest.submit("/elsewhere", given)
    assert answer.status_code == 422
    assert LADDER in answer.text and 'value="Join"' in answer.text
    assert ("Adresse zu Hause" if not address else "keine Adresse") in answer.text
