"""A project of one city that people of another help to build, in browsers."""

import pytest
from playwright.sync_api import expect

from tests.browser.demo import GUESSING, KIRCHBACH, Demo
from tests.browser.steps import LogIn, Visit, a_title, await_text, look_at, submit

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
