"""What residents of two cities do, in two browsers; much of it also without JavaScript."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demo import GUESSING, KIRCHBACH, WIEN, Demo
from tests.browser.steps import (
    LogIn,
    Visit,
    a_title,
    await_no_text,
    await_text,
    await_that,
    choose,
    open_link,
    publish,
    submit,
    unfold,
)

pytestmark = pytest.mark.browser
both = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])


@both
def test_a_newcomer_joins_and_takes_the_first_steps(demo: Demo, visit: Visit, script: bool) -> None:
    page = visit(script=script)
    page.goto(WIEN)
    page.get_by_role("link", name="Mitmachen").first.click()
    page.get_by_label("Wie möchtest du erscheinen?").fill("Hilde Neuhauser")
    page.locator("input[name=name]").fill(f"hilde_{uuid4().hex[:8]}")
    page.locator("input[name=password]").fill("apfelkuchen-42")
    submit(page, "Mitmachen")
    expect(page.locator("h1")).to_have_text("Wo wohnst du?")
    page.locator("main input[name=q]").fill("Graz")
    submit(page, "Suchen")
    submit(page, "Diesen Ort nehmen")
    page.locator("input[name=interests]").first.check()
    submit(page, "Weiter")
    page.locator("main input[name=text]").fill("Marmelade und Nähen")
    submit(page, "Weiter")
    submit(page, "Überspringen")
    page.locator("input[name=community]").first.check()
    submit(page, "Fertig")
    page.wait_for_url(f"{WIEN}/needs")
    page.goto(f"{WIEN}/me")
    expect(page.locator("h1")).to_have_text("Hilde Neuhauser")
    expect(page.locator("textarea[name=can]")).to_have_value("Marmelade und Nähen")
    expect(page.get_by_text("Graz").first).to_be_visible()
    page.goto(f"{WIEN}/communities")
    expect(page.get_by_role("heading", name="Deine Gemeinschaften")).to_be_visible()


@both
def test_an_offer_is_seen_and_answered_in_the_neighbour_city(
    demo: Demo, visit: Visit, log_in: LogIn, script: bool
) -> None:
    title, words = a_title("Quittenbaum"), a_title("Den nehme ich gern, am Samstag?")
    here, there = visit(script=script), visit(script=script, width=1280)
    log_in(here, WIEN, "resident")
    publish(here, WIEN, title)

    log_in(there, KIRCHBACH, "resident")
    there.goto(f"{KIRCHBACH}/offers")
    open_link(there, title)
    there.locator("textarea[name=source]").fill(words)
    submit(there, "Antwort senden")
    expect(there.get_by_text(words).first).to_be_visible()
    await_text(here, words)


def test_a_resident_joins_a_neighbour_citys_community_in_two_taps(
    demo: Demo, visit: Visit, log_in: LogIn
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
        if path == paths[-1]:
            leave(page)
    name = page.locator("h1").inner_text()
    page.locator("form[action$='/membership'] button").first.click()
    leaving = page.locator("form[action$='/leaving']")
    page.wait_for_load_state()
    await_that(page, lambda: leaving.count() > 0, "is not a member")
    expect(page.locator("h1")).to_contain_text(name)


def leave(page: Page) -> None:
    """Makes room for joining again."""
    unfold_all = page.locator("details:has(form[action$='/leaving']) > summary")
    if unfold_all.count():
        unfold_all.first.click()
    page.locator("form[action$='/leaving'] button").first.click()
    page.wait_for_load_state()


@both
def test_a_conversation_is_begun_in_a_community_elsewhere_and_answered_there(
    demo: Demo, visit: Visit, log_in: LogIn, script: bool
) -> None:
    title, words = a_title("Leinwand gesucht"), a_title("Wir haben eine im Keller.")
    here, there = visit(script=script), visit(script=script, width=1280)
    log_in(here, GUESSING, "admin")
    here.goto(f"{GUESSING}/communities/videobridge@kirchbach.localhost:8002")
    join = here.locator("form[action$='/membership'] button")
    if join.count():
        join.first.click()
    begin = here.get_by_role("link", name="Gespräch beginnen")
    here.wait_for_load_state()
    await_that(here, lambda: begin.count() > 0, "is not a member")
    begin.first.click()
    here.locator("input[name=title]").fill(title)
    here.locator("textarea[name=source]").fill("Für den Vortrag am Donnerstag.")
    submit(here, "Veröffentlichen")
    expect(here.locator("h1")).to_have_text(title)

    log_in(there, KIRCHBACH, "resident")
    there.goto(f"{KIRCHBACH}/communities/videobridge")
    open_link(there, title)
    there.locator("textarea[name=source]").fill(words)
    submit(there, "Antwort senden")
    await_text(here, words)


@both
def test_an_offer_is_changed_renewed_closed_and_taken_back_here_and_there(
    demo: Demo, visit: Visit, log_in: LogIn, script: bool
) -> None:
    title, better = a_title("Leiter"), a_title("Lange Leiter")
    here, there = visit(script=script), visit(script=script)
    log_in(here, WIEN, "resident")
    address = publish(here, WIEN, title)
    log_in(there, KIRCHBACH, "resident")
    there.goto(f"{KIRCHBACH}/offers")
    open_link(there, title)

    here.locator("main").get_by_role("link", name="Ändern").first.click()
    here.locator("input[name=title]").fill(better)
    submit(here, "Speichern")
    expect(here.locator("h1")).to_have_text(better)
    await_text(there, better)

    before = here.locator("dd time").first.inner_text()
    unfold(here, "Verlängern")
    choose(here, "until", "week")
    submit(here, "Verlängern")
    expect(here.locator("dd time").first).not_to_have_text(before)

    submit(here, "Es ist erledigt")
    expect(here.locator(".kicker").first).to_contain_text("Erledigt")
    done = there.locator(".kicker", has_text="Erledigt")
    await_that(there, lambda: done.count() > 0, "is not done")

    unfold(here, "Zurücknehmen")
    submit(here, "Ja, zurücknehmen")
    gone = here.goto(address)
    assert gone and gone.status in (404, 410)
    await_no_text(there, better)


def test_the_language_is_switched_on_each_page(demo: Demo, visit: Visit) -> None:
    page = visit(script=False)
    page.goto(f"{WIEN}/needs")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/needs")


@both
def test_the_look_is_switched_and_stays(demo: Demo, visit: Visit, script: bool) -> None:
    page = visit(script=script)
    page.goto(f"{WIEN}/offers")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor") if script else ""
    page.get_by_role("button", name="Dunkel").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto(f"{WIEN}/needs")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    if script:
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_the_first_key_leads_past_the_navigation(demo: Demo, visit: Visit) -> None:
    page = visit()
    page.goto(f"{WIEN}/offers")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_an_offer_is_published_by_keyboard_alone(demo: Demo, visit: Visit, log_in: LogIn) -> None:
    title = a_title("Nähmaschine")
    page = visit(width=1280)
    log_in(page, WIEN, "resident")
    page.goto(WIEN)
    walk_to(page, "focused.textContent.trim() === 'Ich biete etwas'")
    page.keyboard.press("Enter")
    page.wait_for_url("**/new?kind=offer")
    walk_to(page, "focused.name === 'title'")
    page.keyboard.type(title)
    walk_to(page, "focused.name === 'return_kind'")
    page.keyboard.press("ArrowDown")
    walk_to(page, "focused.type === 'submit' && focused.textContent.trim() === 'Veröffentlichen'")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(title)


def walk_to(page: Page, wanted: str) -> None:
    """Presses Tab until the `focused` element is the wanted one; each stop shows where it is."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(f"(focused => {wanted})(document.activeElement)"):
            assert is_outlined(page), f"one does not see that {wanted}"
            return
    raise AssertionError(f"no key leads to {wanted}")


def is_outlined(page: Page) -> bool:
    """Whether the focused element, or the label that stands for it, shows the focus."""
    return page.evaluate(
        """() => [document.activeElement, document.activeElement.nextElementSibling].some(
             one => one && getComputedStyle(one).outlineStyle !== 'none')"""
    )
