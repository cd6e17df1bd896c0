"""A blueprint that goes to another city, is bettered there, and learns from it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demo import KIRCHBACH, WIEN, Demo
from tests.browser.steps import LogIn, Visit, a_title, await_text, look_at, open_link, submit

pytestmark = pytest.mark.browser
DEEPER = "Grab **tiefer** als der Frost."


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_an_own_version_is_offered_to_the_original_and_taken_over(
    demo: Demo, visit: Visit, log_in: LogIn, script: bool
) -> None:
    title, own = a_title("Brunnen"), a_title("Brunnen am Hang")
    author, other = visit(script=script), visit(script=script)
    log_in(author, WIEN, "resident")
    log_in(other, KIRCHBACH, "resident")
    author.goto(f"{WIEN}/blueprints/new")
    fill(author, title, "3")
    look(author, script)
    submit(author, "Veröffentlichen")
    expect(author.locator("h1")).to_have_text(title)
    origin = author.url

    other.goto(f"{KIRCHBACH}/blueprints")
    open_link(other, title)
    other.locator("a[href*='/blueprints/new?fork=']").first.click()
    fill(other, own, "4")
    submit(other, "Veröffentlichen")
    expect(other.locator("h1")).to_have_text(own)
    other.locator("form[action$='/offer'] textarea, form[action$='/offer'] input[name=text]").fill(
        "Am Hang rutscht einer weg."
    )
    submit(other, "Dem Original anbieten")

    author.goto(f"{origin}/lineage")
    await_text(author, "Am Hang rutscht einer weg.")
    if script:
        look_at(author)
    author.get_by_role("link", name=own).first.click()
    expect(author.get_by_role("heading", name="1 Zeile geändert")).to_be_visible()
    if script:
        look_at(author)
    submit(author, "Ausgewähltes übernehmen")
    expect(author.locator("h1")).to_have_text(title)
    expect(author.locator("tr", has_text="Ring aus Beton").first).to_contain_text("4")
    author.goto(f"{origin}/versions/1")
    expect(author.locator("tr", has_text="Ring aus Beton").first).to_contain_text("3")


def fill(page: Page, title: str, rings: str) -> None:
    """What stands in both; they differ in how many rings it takes."""
    page.locator("input[name=title]").fill(title)
    page.locator("textarea[name=source]").fill(DEEPER)
    page.locator("input[name=material_name]").first.fill("Ring aus Beton")
    page.locator("input[name=material_quantity]").first.fill(rings)


def look(page: Page, script: bool) -> None:
    """How the text will look: while it is written, or by the button."""
    if not script:
        submit(page, "Wie wird es aussehen?")
        expect(page.locator("input[name=material_name]").first).to_have_value("Ring aus Beton")
    expect(page.locator("#preview strong")).to_have_text("tiefer")
