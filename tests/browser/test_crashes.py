"""What a page has confirmed is kept, and travels, whatever is killed the moment after."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page, Response

from tests.browser.demo import KIRCHBACH, WIEN, Demo
from tests.browser.steps import (
    LogIn,
    Visit,
    a_title,
    await_answer,
    await_cities,
    await_text,
)

pytestmark = pytest.mark.browser
VICTIMS: dict[str, Callable[[Demo], None]] = {
    "the city and its worker": lambda demo: demo.kill_city(WIEN),
    "the neighbour city": lambda demo: demo.kill_city(KIRCHBACH),
    "the database": lambda demo: demo.kill_database(),
    "everything": lambda demo: (
        (
            demo.kill_city(WIEN),
            demo.kill_city(KIRCHBACH),
            demo.kill_database(),
        )
        and None
    ),
}


def confirm_and_kill(page: Page, kill: Callable[[], None]) -> str:
    """Presses the last button of the page; the kill comes with the first byte of the answer.

    Returns where the answer leads to.
    """
    answers: list[Response] = []

    def seen(response: Response) -> None:
        if response.request.method == "POST" and not answers:
            answers.append(response)
            kill()

    page.on("response", seen)
    try:
        page.locator("main form button[type=submit]").last.click()
        page.wait_for_load_state()
    except Error:
        pass  # where the answer leads to is not there at the moment
    page.remove_listener("response", seen)
    assert answers and answers[0].status == 303, [a.status for a in answers]
    return answers[0].headers["location"]


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_confirmed_offer_outlives_kill_9_and_arrives(
    demo: Demo, visit: Visit, log_in: LogIn, victim: str
) -> None:
    title = a_title("Kirschkernkissen")
    here, there = visit(script=False), visit(script=False)
    await_cities(here)
    log_in(here, WIEN, "resident")
    log_in(there, KIRCHBACH, "resident")
    here.goto(f"{WIEN}/new?kind=offer")
    here.locator("input[name=title]").fill(title)
    where = confirm_and_kill(here, lambda: VICTIMS[victim](demo))

    await_answer(here, WIEN + where)
    assert here.locator("h1").inner_text() == title
    await_answer(there, f"{KIRCHBACH}/offers")
    await_text(there, title)
    await_cities(here)


@pytest.mark.parametrize("victim", ["the city and its worker", "the database"])
def test_a_confirmed_reply_outlives_kill_9_and_arrives(
    demo: Demo, visit: Visit, log_in: LogIn, victim: str
) -> None:
    words = a_title("Ich bringe Honig mit.")
    here, there = visit(script=False), visit(script=False)
    await_cities(here)
    log_in(here, WIEN, "resident")
    log_in(there, KIRCHBACH, "resident")
    there.goto(f"{KIRCHBACH}/offers?where=here")
    title = there.locator("main h3 a[href^='/offers/']").first.inner_text()
    there.locator("main h3 a[href^='/offers/']").first.click()
    here.goto(f"{WIEN}/offers?where=network")
    here.get_by_role("link", name=title).first.click()
    page_there = there.url
    here.locator("textarea[name=source]").fill(words)
    where = confirm_and_kill(here, lambda: VICTIMS[victim](demo))

    await_answer(here, WIEN + where.partition("#")[0])
    assert here.get_by_text(words).count()
    await_answer(there, page_there)
    await_text(there, words)
    await_cities(here)
