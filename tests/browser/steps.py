"""What residents do again and again, and how a page is looked at."""

import re
from collections.abc import Callable
from uuid import uuid4

from axe_playwright_python.sync_playwright import Axe  # pyright: ignore[reportMissingTypeStubs]
from playwright.sync_api import Error, Page, expect

from tests.browser.demo import GUESSING, KIRCHBACH, WIEN

Visit = Callable[..., Page]
LogIn = Callable[[Page, str, str], None]
TURNS = 600  # times a page is asked again for what comes from elsewhere
PAUSE = 50  # milliseconds between two times
MOST_BYTES = 100_000


def a_title(words: str) -> str:
    """One that nothing else has."""
    return f"{words} {uuid4().hex[:6]}"


def submit(page: Page, words: str) -> None:
    """Presses the button of that name, the last of them."""
    page.locator("main").get_by_role("button", name=words, exact=True).last.click()


def choose(page: Page, name: str, value: str) -> None:
    """A chip, by the value it stands for."""
    page.locator(f"input[name={name}][value='{value}']").check()


def unfold(page: Page, words: str) -> None:
    """Opens what is folded behind these words."""
    summary = page.locator("summary", has_text=words).first
    if not summary.evaluate("summary => summary.parentElement.open"):
        summary.click()


def publish(page: Page, origin: str, title: str, kind: str = "offer") -> str:
    """A need or an offer with nothing but its title; its address."""
    page.goto(f"{origin}/new?kind={kind}")
    page.locator("input[name=title]").fill(title)
    submit(page, "Veröffentlichen")
    expect(page.locator("h1")).to_have_text(title)
    return page.url


def join_city(page: Page, origin: str, title: str) -> str:
    """A newcomer, who leaves the first steps for later; the short name."""
    name = f"gast_{uuid4().hex[:8]}"
    page.goto(f"{origin}/join")
    page.locator("input[name=title]").fill(title)
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill("apfelkuchen-42")
    submit(page, "Mitmachen")
    expect(page.locator("h1")).to_have_text("Wo wohnst du?")
    return name


def open_link(page: Page, words: str) -> None:
    """The first link with these words, once it came from elsewhere."""
    await_text(page, words)
    page.get_by_role("link", name=re.compile(re.escape(words))).first.click()


def await_text(page: Page, text: str) -> None:
    """What travels between cities is there a moment later: the page is asked again."""
    await_that(page, lambda: page.get_by_text(text).count() > 0, f"“{text}” did not arrive")


def await_no_text(page: Page, text: str) -> None:
    """Until it is gone from the page."""
    await_that(page, lambda: not page.get_by_text(text).count(), f"“{text}” still stands")


def await_that(page: Page, is_so: Callable[[], bool], failure: str) -> None:
    """Loads the page until it shows what it shall."""
    url, is_there = page.url, True
    for _ in range(TURNS):
        if is_there and is_so():
            return
        page.wait_for_timeout(PAUSE)
        try:
            is_there = page.goto(url) is not None
        except Error:  # a city that starts again
            is_there = False
    raise AssertionError(f"{failure} at {page.url}\n{page.locator('main').inner_text()}")


def await_answer(page: Page, url: str) -> None:
    """Until a city that was killed shows this page again."""
    for _ in range(TURNS):
        try:
            answer = page.goto(url)
        except Error:
            answer = None
        if answer and answer.status == 200:
            return
        page.wait_for_timeout(PAUSE)
    raise AssertionError(f"{url} does not answer any more")


def await_cities(page: Page) -> None:
    """Until all answer, several times in a row: who lost its database may end a moment later."""
    for _ in range(5):
        for origin in (WIEN, KIRCHBACH, GUESSING):
            await_answer(page, origin)
        page.wait_for_timeout(10 * PAUSE)


def look_at(page: Page, path: str = "") -> None:
    """No axe finding, nothing wider than the screen, one h1, light enough."""
    if path:
        response = page.goto(path)
        assert response and response.status == 200, f"{path} answers {response}"
        assert len(response.body()) < MOST_BYTES, f"{path} is too heavy"
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than the screen"
    assert page.locator("h1").count() == 1, f"{page.url} has not one h1"
