"""Exchange 4: three browsers in three cities close a circle, also one killed in each phase."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.browser.demo import GUESSING, KIRCHBACH, WIEN, Demo
from tests.browser.steps import (
    Visit,
    a_title,
    await_answer,
    await_cities,
    await_text,
    choose,
    join_city,
    submit,
)
from tests.browser.test_crashes import confirm_and_kill

pytestmark = pytest.mark.browser
CITIES = (WIEN, KIRCHBACH, GUESSING)
# Kinds of things that nobody else has to do with: each story finds its own circle.
KINDS = {
    "nobody": ("water.pipe", "move.parts", "cloth.fabric"),
    "who has found it": ("build.paint", "care.pet", "cloth.shoe"),
    "who has just held": ("repair.it", "skill.hair", "civic.fire"),
    "who decides": ("energy.wind", "cloth.home", "skill.mason"),
}


@dataclass(frozen=True, slots=True)
class Somebody:
    """A newcomer of a city, in front of a browser."""

    page: Page
    city: str
    gives: str


def newcomer(visit: Visit, city: str, gives: str) -> Somebody:
    page = visit(script=False)
    join_city(page, city, f"Gast {gives}")
    return Somebody(page, city, gives)


def lists(one: Somebody, kind: str, title: str, category: str) -> None:
    """Publishes it, for a swap."""
    one.page.goto(f"{one.city}/new?kind={kind}&title={title}&category={category}")
    choose(one.page, "return_kind", "swap")
    submit(one.page, "Veröffentlichen")
    assert one.page.locator("h1").inner_text() == title


def a_ring(visit: Visit, kinds: tuple[str, ...]) -> list[Somebody]:
    """Each gives to the next, the last to the first; what they offer has come to the next city."""
    people = [newcomer(visit, city, a_title("Ding")) for city in CITIES]
    for at, one in enumerate(people):
        before = people[at - 1]
        lists(one, "offer", one.gives, kinds[at])
        lists(one, "need", before.gives, kinds[at - 1])
    for at, one in enumerate(people):
        one.page.goto(f"{one.city}/offers")
        await_text(one.page, people[at - 1].gives)
    return people


def searches(one: Somebody) -> None:
    """As who coordinates a community of their own; stays before the button."""
    one.page.goto(f"{one.city}/communities/new")
    one.page.locator("input[name=title]").fill(a_title("Tauschrunde"))
    one.page.locator("textarea[name=purpose]").fill("Wir tauschen im Kreis.")
    submit(one.page, "Gründen")
    one.page.goto(f"{one.city}/circles")


def opens(one: Somebody) -> None:
    """The page of the circle, once it has come."""
    await_answer(one.page, f"{one.city}/circles")
    await_text(one.page, "Ein Tauschkreis zu 3 ist möglich")
    one.page.get_by_role("link", name="Ein Tauschkreis zu 3 ist möglich").first.click()
    assert one.gives in one.page.locator("main").inner_text()


def yes(page: Page) -> None:
    page.locator("form:has(input[name=answer][value=yes]) button").click()


def yes_and_kill(one: Somebody, demo: Demo, city: str) -> None:
    """The answer's first byte kills it; the other button is taken away, since the last counts."""
    path = one.page.url
    one.page.evaluate("() => document.querySelector('input[value=no]').form.remove()")
    confirm_and_kill(one.page, lambda: demo.kill_city(city))
    await_answer(one.page, path)


@pytest.mark.parametrize("victim", KINDS)
def test_three_browsers_in_three_cities_close_a_circle(
    demo: Demo, visit: Visit, victim: str
) -> None:
    first = visit(script=False)
    await_cities(first)
    ann, ben, cem = a_ring(visit, KINDS[victim])
    searches(ann)
    if victim == "who has found it":
        confirm_and_kill(ann.page, lambda: demo.kill_city(ann.city))
        await_cities(first)
    else:
        ann.page.locator("form[action='/circles/search'] button").click()
    opens(ben)
    if victim == "who has just held":
        yes_and_kill(ben, demo, ben.city)
        await_cities(first)
    else:
        yes(ben.page)
    opens(ann)
    yes(ann.page)
    opens(cem)
    if victim == "who decides":
        yes_and_kill(cem, demo, ann.city)
        await_cities(first)
    else:
        yes(cem.page)
    for at, one in enumerate((ann, ben, cem)):
        await_answer(one.page, f"{one.city}/circles")
        await_text(one.page, "Der Kreis ist geschlossen")
        await_answer(one.page, f"{one.city}/agreements")
        for title in (one.gives, (ann, ben, cem)[at - 1].gives):
            await_text(one.page, title)
    # Who lives in Vienna gives to one and gets from another: both were agreed on over the wire.
    assert ("Offer", "Agreement") in demo.spoken(ann.gives) | demo.spoken(cem.gives)
    await_cities(first)


def test_one_no_from_another_city_dissolves_it_for_all(demo: Demo, visit: Visit) -> None:
    ann, ben, cem = a_ring(visit, ("cloth.adult", "care.baby", "civic.board"))
    searches(ann)
    ann.page.locator("form[action='/circles/search'] button").click()
    opens(ben)
    yes(ben.page)
    opens(cem)
    cem.page.locator("form:has(input[name=answer][value=no]) button").click()
    for one in (ann, ben, cem):
        one.page.goto(f"{one.city}/circles")
        await_text(one.page, "Dieser Kreis ist nicht zustande gekommen")
