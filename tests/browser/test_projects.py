"""A project of one city that people of another help to build, in browsers."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demo import GUESSING, KIRCHBACH, WIEN, Demo
from tests.browser.steps import (
    LogIn,
    Visit,
    a_title,
    await_text,
    await_that,
    look_at,
    open_link,
    submit,
)

pytestmark = pytest.mark.browser


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


def test_a_settlement_adopts_a_blueprint_of_the_metropolis_and_a_third_city_helps(
    demo: Demo, visit: Visit, log_in: LogIn
) -> None:
    title, part, step = a_title("Dörrofen"), a_title("Blechrohr"), a_title("Ofen setzen")
    author, steward, helper = visit(width=1280), visit(width=1280), visit()
    log_in(author, WIEN, "resident")
    author.goto(f"{WIEN}/blueprints/new")
    author.locator("input[name=title]").fill(title)
    author.locator("input[name=output]").fill("Haushalt")
    author.locator("input[name=material_name]").first.fill(part)
    author.locator("input[name=material_quantity]").first.fill("2")
    author.locator("input[name=step_title]").first.fill(step)
    submit(author, "Veröffentlichen")
    expect(author.locator("h1")).to_have_text(title)
    origin = author.url

    log_in(steward, KIRCHBACH, "resident")
    steward.goto(f"{KIRCHBACH}/blueprints")
    open_link(steward, title)
    steward.locator("a[href$='/adoption']").first.click()
    steward.locator("input[type=number][name=scale], input#f-scale").first.fill("12")
    submit(steward, "Ausrechnen")
    expect(steward.get_by_text("0 von 1 gibt es hier, 0 im Netz, 1 sind offen.")).to_be_visible()
    submit(steward, "Das Projekt beginnen")
    expect(steward.get_by_role("heading", name="Was jetzt fehlt")).to_be_visible()
    project = steward.url

    log_in(helper, GUESSING, "resident")
    helper.goto(f"{GUESSING}/projects")
    open_link(helper, title)
    await_text(helper, part)
    expect(helper.get_by_text("24").first).to_be_visible()
    helper.get_by_role("button", name="Das übernehme ich").first.click()
    await_text(helper, f"„{step}“")
    await_text(helper, "Das kann ich geben")
    helper.get_by_role("link", name="Das kann ich geben").first.click()
    helper.locator("form[action$='/asking'] button[type=submit]").last.click()
    hand_over(steward, KIRCHBACH, part, "acceptance")
    for page, city in ((helper, GUESSING), (steward, KIRCHBACH)):
        hand_over(page, city, part, "hand-over")
    steward.goto(project)
    await_text(steward, "Was gegeben wurde")
    author.goto(origin)
    await_text(author, "1 Ort baut es")


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
