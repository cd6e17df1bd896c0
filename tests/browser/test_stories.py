"""What residents of two cities do, in two browsers; once without JavaScript."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import GUESSING, KIRCHBACH, WIEN, Demo

pytestmark = pytest.mark.browser

LogIn = Callable[[Page, str, str], None]


def reload_until(page: Page, text: str) -> None:
    """What travels between cities is there a moment later: the page is asked again."""
    for _ in range(40):
        if page.get_by_text(text).count():
            return
        page.reload()
    raise AssertionError(f"“{text}” did not arrive at {page.url}")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_an_offer_is_seen_and_answered_in_the_neighbour_city(
    demo: Demo, visit: Callable[..., Page], log_in: LogIn, script: bool
) -> None:
    title = f"Quittenbaum {uuid4().hex[:6]}"
    here, there = visit(script=script), visit(script=script, width=1280)
    log_in(here, WIEN, "resident")
    here.goto(f"{WIEN}/new?kind=offer")
    here.locator("input[name=title]").fill(title)
    here.locator("main form button[type=submit]").last.click()
    expect(here.locator("h1")).to_contain_text(title)

    log_in(there, KIRCHBACH, "resident")
    there.goto(f"{KIRCHBACH}/offers")
    reload_until(there, title)
    there.get_by_role("link", name=re.compile(title)).first.click()
    expect(there.locator("h1")).to_contain_text(title)
    there.locator("textarea[name=source]").fill("Den nehme ich gern, am Samstag?")
    there.locator("form:has(textarea[name=source]) button[type=submit]").last.click()
    expect(there.get_by_text("Den nehme ich gern, am Samstag?").first).to_be_visible()

    reload_until(here, "Den nehme ich gern, am Samstag?")


def test_a_resident_joins_a_neighbour_citys_community_in_two_taps(
    demo: Demo, visit: Callable[..., Page], log_in: LogIn
) -> None:
    page = visit()
    log_in(page, GUESSING, "resident")
    page.goto(f"{GUESSING}/network/wien.localhost:8001")
    open_ones = page.locator("article:has-text('Offen für alle') h3 a")
    paths = [link.get_attribute("href") for link in open_ones.all()]
    for path in paths:  # kept data may hold memberships of an earlier run
        page.goto(f"{GUESSING}{path}")
        if page.locator("form[action$='/membership'] button").count():
            break
    name = page.locator("h1").inner_text()
    page.locator("form[action$='/membership'] button").first.click()
    for _ in range(40):
        if page.locator("form[action$='/leaving']").count():
            break
        page.reload()
    expect(page.locator("h1")).to_contain_text(name)
    expect(page.locator("form[action$='/leaving']").first).to_be_attached()


def test_the_language_is_switched_on_each_page(demo: Demo, visit: Callable[..., Page]) -> None:
    page = visit(script=False)
    page.goto(f"{WIEN}/needs")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/needs")


def test_the_first_key_leads_past_the_navigation(demo: Demo, visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto(f"{WIEN}/offers")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
