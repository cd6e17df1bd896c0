"""Exchange 2: the board, the page of an agreement, and asking for something from a listing."""

import re
from decimal import Decimal
from html import unescape

from schema.proposals import Proposal
from tests import make
from tests.world import City


async def an_offer(city: City, name: str = "ann", **more: object) -> Proposal:
    ann = await make.a_person(city, name)
    return await make.a_proposal(
        city, ann, "Äpfel", quantity=Decimal(20), unit="kg", return_kind="nothing", **more
    )


async def test_asking_from_a_listing_leads_from_a_form_to_the_page_of_the_agreement(
    alpha: City,
) -> None:
    offer = await an_offer(alpha)
    ben = await make.log_in(alpha, await make.a_person(alpha, "ben"))
    page = await ben.get(offer.url)
    assert 'action="' + offer.url + '/asking"' in page.text
    asked = await ben.submit(
        f"{offer.url}/asking", {"amount": "5", "words": "Am Freitag?", "clock": "12:00"}
    )
    assert asked.status_code == 303
    shown = await ben.get(asked.headers["Location"])
    assert shown.status_code == 200
    assert "Am Freitag?" in shown.text
    assert "5\u00a0kg Äpfel" in unescape(shown.text)
    board = await ben.get("/agreements")
    assert "Äpfel" in board.text


async def test_more_than_is_left_is_said_beside_the_field(alpha: City) -> None:
    offer = await an_offer(alpha)
    ben = await make.log_in(alpha, await make.a_person(alpha, "ben"))
    answer = await ben.submit(f"{offer.url}/asking", {"amount": "25", "asking": "1"})
    assert answer.status_code == 422
    assert 'id="f-amount-error"' in answer.text
    assert await alpha.value("select count(*) from agreements") == 0


async def test_an_agreement_is_for_the_two_alone(alpha: City) -> None:
    offer = await an_offer(alpha)
    ben = await make.log_in(alpha, await make.a_person(alpha, "ben"))
    carl = await make.log_in(alpha, await make.a_person(alpha, "carl"))
    asked = await ben.submit(f"{offer.url}/asking", {"amount": "5", "words": "canary"})
    path = asked.headers["Location"]
    assert (await ben.get(path)).status_code == 200
    stranger = await carl.get(path)
    assert stranger.status_code == 404
    assert "canary" not in stranger.text
    assert (await make.guest(alpha).client.get(path)).status_code == 303
    assert "canary" not in (await carl.get(offer.url)).text


async def test_what_waits_for_me_is_counted_in_the_header(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    offer = await make.a_proposal(alpha, ann, "Leiter", quantity=Decimal(1))
    browser = await make.log_in(alpha, ann)
    ben = await make.log_in(alpha, await make.a_person(alpha, "ben"))
    waiting = re.compile(r'href="/agreements">.*?<span class="count">1<', re.DOTALL)
    assert not waiting.search((await browser.get("/agreements")).text.partition("</header>")[0])
    await ben.submit(f"{offer.url}/asking", {"amount": "1"})
    assert waiting.search((await browser.get("/agreements")).text.partition("</header>")[0])


async def test_a_listing_shows_its_author_who_asks(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    offer = await make.a_proposal(alpha, ann, "Leiter", quantity=Decimal(1))
    browser = await make.log_in(alpha, ann)
    ben = await make.log_in(alpha, await make.a_person(alpha, "ben"))
    asked = await ben.submit(f"{offer.url}/asking", {"amount": "1"})
    assert asked.headers["Location"] in (await browser.get(offer.url)).text


async def test_the_form_of_a_draw_publishes_its_mark_and_keeps_its_secret(alpha: City) -> None:
    ann = await make.log_in(alpha, await make.a_person(alpha, "ann"))
    day = f"{alpha.clock.now.date() + make.days(3)}"
    given = {"kind": "offer", "title": "Sofa", "hand_out": "draw", "hand_out_day": day}
    made = await ann.submit("/new", given)
    assert made.status_code == 303
    seed = await alpha.value("select seed from hand_outs")
    mark = await alpha.value("select seed_hash from hand_outs")
    id = made.headers["Location"].rpartition("/")[2]
    page = (await ann.get(f"/draws/{id}")).text
    assert mark in page
    assert seed not in page
    document = (await alpha.document(made.headers["Location"])).json()
    assert (document["drawHash"], document.get("drawSeed")) == (mark, None)
