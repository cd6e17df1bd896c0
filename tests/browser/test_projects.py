"""A project of one city that people of another help to build, in browsers."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demo import GUESSING, KIRCHBACH, WIEN, Demo
from tests.browser.steps import (
    LogIn,
    Visit,
    a_title,
    await_text,
    await_that,
    choose,
    look_at,
    open_link,
    submit,
)

pytestmark = pytest.mark.browser
MONITOR = Path(__file__).parents[2] / "web/demo/data/okh/smart-energy-monitor"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_resident_of_another_city_takes_a_task_and_offers_what_is_missing(
    demo: Demo, visit: Visit, log_in: LogIn, script: bool
) -> None:
    title, task, need = a_title("Backofen"), a_title("Lehm stampfen"), a_title("Schamottsteine")
    here, there = visit(script=script, width=1280), visit(script=script)
    log_in(here, KIRCHBACH, "resident")
    here.goto(f"{KIRCHBACH}/projects/new")
    here.locator("input[name=title]").fill(title)
    here.locator("textarea[name=aim]").fill("Brot für den Sonntag.")
    submit(here, "Beginnen")
    here.locator("input[name=milestone]").fill("Sockel")
    here.locator("form[action$='/processes'] button").click()
    here.locator("input[name=task]").fill(task)
    here.locator("form[action$='/tasks'] button").click()
    here.locator("input[name=need]").fill(need)
    here.locator("form[action$='/needs'] input[name=amount]").fill("40")
    here.locator("form[action$='/needs'] button[type=submit]").click()
    submit(here, "Als Bedarf veröffentlichen")
    expect(here.get_by_role("heading", name="Was jetzt fehlt")).to_be_visible()
    address = here.url

    log_in(there, GUESSING, "resident")
    there.goto(f"{GUESSING}/projects")
    await_text(there, title)
    there.get_by_role("link", name=title).first.click()
    await_text(there, task)
    await_text(there, "Das kann ich geben")
    there.get_by_role("button", name="Das übernehme ich").first.click()
    await_text(there, f"„{task}“")
    there.get_by_role("button", name="Erledigt").first.click()
    await_text(there, "1 von 1 Aufgaben erledigt")
    here.goto(address)
    if script:
        look_at(here, address)
    await_text(here, "1 von 1 Aufgaben erledigt")
    there.get_by_role("link", name="Das kann ich geben").first.click()
    expect(there.locator("h1")).to_have_text(need)


def test_an_imported_blueprint_goes_from_the_metropolis_to_a_settlement_and_back(
    demo: Demo, visit: Visit, log_in: LogIn
) -> None:
    title, part, step = a_title("Stromzähler"), a_title("Klemmring"), a_title("Zähler löten")
    author, steward, helper = visit(width=1280), visit(width=1280), visit()
    log_in(author, WIEN, "resident")
    origin = bring(author, title, part, step)

    log_in(steward, KIRCHBACH, "resident")
    steward.goto(f"{KIRCHBACH}/blueprints")
    open_link(steward, title)
    there = steward.url
    steward.locator("a[href$='/adoption']").first.click()
    steward.locator("input#f-scale").fill("12")
    submit(steward, "Ausrechnen")
    expect(steward.get_by_text("von 6 gibt es hier")).to_be_visible()
    expect(steward.locator("label", has_text=part)).to_contain_text("12")
    look_at(steward)
    submit(steward, "Das Projekt beginnen")
    expect(steward.get_by_role("heading", name="Was jetzt fehlt")).to_be_visible()
    project = steward.url

    log_in(helper, GUESSING, "resident")
    helper.goto(f"{GUESSING}/projects")
    open_link(helper, title)
    await_text(helper, part)
    copy = helper.url
    helper.get_by_role("button", name="Das übernehme ich").first.click()
    done = helper.get_by_role("button", name="Erledigt").first
    await_that(helper, lambda: done.count() > 0, f"“{step}” was not given")
    done.click()
    await_text(helper, "1 von 1 Aufgaben erledigt")
    give(helper, part)
    hand_over(steward, KIRCHBACH, part, "acceptance")
    for page, city in ((helper, GUESSING), (steward, KIRCHBACH)):
        hand_over(page, city, part, "hand-over")
    steward.goto(project)
    await_text(steward, "Was gegeben wurde")

    renew(author, origin)
    steward.goto(project)
    await_text(steward, "Es gibt eine neuere Fassung")
    expect(steward.get_by_text("1 Zeile geändert")).to_be_visible()
    look_at(steward)
    submit(steward, "Die Änderungen übernehmen")
    expect(steward.get_by_text("Es gibt eine neuere Fassung")).to_have_count(0)
    helper.goto(copy)
    need = helper.locator("li", has=helper.get_by_text(part)).first
    await_that(helper, lambda: "24" in need.inner_text(), "the new amount did not arrive")
    expect(need.get_by_role("link", name="Das kann ich geben")).to_be_visible()

    tell(steward, project)
    author.goto(origin)
    await_text(author, "1 Mal gebaut")
    await_text(author, "Lötzinn statt Klemmen.")
    author.goto(f"{origin}/lineage")
    expect(author.get_by_role("link", name=title).first).to_be_visible()
    look_at(author)
    author.get_by_role("link", name="Es funktioniert").click()
    expect(author.get_by_text("Lötzinn statt Klemmen.")).to_be_visible()
    look_at(author)
    steward.goto(there)
    await_text(steward, "1 Mal gebaut")


def bring(page: Page, title: str, part: str, step: str) -> str:
    """The manifest of a real project with its list of parts, by the page; the blueprint's."""
    page.goto(f"{WIEN}/blueprints/import")
    page.locator("input[name=manifest]").set_input_files(MONITOR / "okh.toml")
    page.locator("input[name=bom]").set_input_files(MONITOR / "BOM.md")
    page.locator("form[action$='/import'] button[type=submit]").last.click()
    expect(page.locator("h1")).to_have_text("Was sich lesen ließ")
    page.locator("input[name=title]").fill(title)
    page.locator("input[name=material_name]").first.fill(part)
    page.locator("input[name=step_title]").first.fill(step)
    submit(page, "Veröffentlichen")
    expect(page.locator("h1")).to_have_text(title)
    return page.url


def give(page: Page, part: str) -> None:
    """All that is asked for of a part."""
    offer = page.locator("a.button[href^='/needs/']", has_text=part)
    await_that(page, lambda: offer.count() > 0, "the listing did not arrive")
    offer.first.click()
    page.locator("form[action$='/asking'] button[type=submit]").last.click()


def renew(page: Page, origin: str) -> None:
    """A new version, which takes two of the first part."""
    page.goto(f"{origin}/edit")
    page.locator("input[name=material_quantity]").first.fill("2")
    page.locator("textarea[name=changes]").fill("Einer bricht immer.")
    submit(page, "Neue Fassung veröffentlichen")
    expect(page.get_by_text("Einer bricht immer.").first).to_be_attached()


def tell(page: Page, project: str) -> None:
    """How it went, from the project's page."""
    page.goto(project)
    page.get_by_role("link", name="Erzählen, wie es gegangen ist").first.click()
    look_at(page)
    choose(page, "worked", "yes")
    page.locator("textarea[name=replaced]").fill("Lötzinn statt Klemmen.")
    submit(page, "Veröffentlichen")
    expect(page.get_by_text("Lötzinn statt Klemmen.")).to_be_visible()


def hand_over(page: Page, origin: str, title: str, step: str) -> None:
    """Presses the button of this step on the page of the agreement about it, once it is there."""
    page.goto(f"{origin}/agreements")
    open_link(page, title)
    button = page.locator(f"form[action$='/{step}'] button[type=submit]")
    await_that(page, lambda: button.count() > 0, f"no {step}")
    if not button.last.is_visible():
        page.locator(f"details:has(form[action$='/{step}']) > summary").first.click()
    button.last.click()
    page.wait_for_load_state()
