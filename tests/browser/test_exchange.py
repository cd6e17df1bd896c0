"""Exchange 3: two browsers in two cities, from a need to thanks, in part and with a late cancel."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.demo import KIRCHBACH, WIEN, Demo
from tests.browser.steps import (
    PAUSE,
    TURNS,
    LogIn,
    Visit,
    a_title,
    await_no_text,
    await_text,
    await_that,
    open_link,
)

pytestmark = pytest.mark.browser


def test_two_cities_go_from_a_need_to_thanks_with_a_part_and_a_late_cancel(
    demo: Demo, visit: Visit, log_in: LogIn
) -> None:
    title = a_title("Kürbisse")
    here, there = visit(), visit(width=1280)
    log_in(here, WIEN, "resident")
    need = a_need(here, title)
    log_in(there, KIRCHBACH, "resident")
    listing = offer_help(there, title, "4")
    accept(here, title)
    here.goto(need)
    expect(here.locator("main")).to_contain_text("noch 6 von 10")

    there.goto(f"{KIRCHBACH}/agreements")
    open_link(there, title)
    call_off(there, "Der Wagen springt nicht an.")
    here.goto(f"{WIEN}/agreements")
    open_link(here, title)
    await_text(here, "Der Wagen springt nicht an.")
    here.goto(need)
    expect(here.locator("main")).not_to_contain_text("noch 6 von 10")

    there.goto(listing)
    await_no_text(there, "noch 6 von 10")
    ask(there, "7")
    accept(here, title)
    here.goto(need)
    expect(here.locator("main")).to_contain_text("noch 3 von 10")
    there.goto(f"{KIRCHBACH}/agreements")
    open_link(there, title)
    press_when_there(there, "/hand-over")
    press_when_there(here, "/hand-over", title)
    press_when_there(here, "/thanks", words="Das wird eine Suppe!")
    await_text(there, "Das wird eine Suppe!")
    spoken = demo.spoken(title)
    assert ("Offer", "Agreement") in spoken
    assert {"Offer", "Accept", "Undo", "Create"} <= {kind for kind, _ in spoken}


def a_need(page: Page, title: str) -> str:
    """For ten kilos; its address."""
    page.goto(f"{WIEN}/new?kind=request")
    page.locator("input[name=title]").fill(title)
    page.locator("input[name=quantity]").fill("10")
    page.locator("select[name=unit]").select_option("kg")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator("h1")).to_have_text(title)
    return page.url


def offer_help(page: Page, title: str, amount: str) -> str:
    """From the list of needs; the address of the need there."""
    page.goto(f"{KIRCHBACH}/needs")
    open_link(page, title)
    address = page.url
    ask(page, amount)
    return address


def ask(page: Page, amount: str) -> None:
    """The private form below a listing."""
    await_that(page, lambda: page.locator("form[action$='/asking']").count() > 0, "no form")
    page.locator("form[action$='/asking'] input[name=amount]").fill(amount)
    page.locator("form[action$='/asking'] button").last.click()
    page.wait_for_url("**/agreements/*")


def accept(page: Page, title: str) -> None:
    """What waits for an answer on the board."""
    find_waiting(page, title, "/acceptance").locator("button").last.click()
    page.wait_for_load_state()


def find_waiting(page: Page, title: str, action: str) -> Locator:
    """The form of this step in one of Wien's agreements about the title, once it has arrived."""
    form = page.locator(f"form[action$='{action}']")
    for _ in range(TURNS):
        page.goto(f"{WIEN}/agreements")
        links = page.locator("a", has_text=title).all()
        for path in [link.get_attribute("href") for link in links]:
            page.goto(f"{WIEN}{path}")
            if form.count():
                return form
        page.wait_for_timeout(PAUSE)
    raise AssertionError(f"nothing waits for {action}")


def call_off(page: Page, reason: str) -> None:
    """Once it is agreed."""
    form = "form[action$='/withdrawal']"
    await_that(page, lambda: page.locator("form[action$='/hand-over']").count() > 0, "not agreed")
    page.locator(f"details:has({form}) > summary").first.click()
    page.locator(f"{form} input[name=reason]").fill(reason)
    page.locator(f"{form} button").click()
    page.wait_for_load_state()


def press_when_there(page: Page, action: str, title: str = "", words: str = "") -> None:
    """The button of this form, once the step before has arrived; with a title in Wien."""
    form = page.locator(f"form[action$='{action}']")
    if title:
        form = find_waiting(page, title, action)
    await_that(page, lambda: form.count() > 0, f"no {action}")
    if words:
        form.locator("textarea").fill(words)
    form.locator("button").last.click()
    page.wait_for_load_state()
