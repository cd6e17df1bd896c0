"""Pages that only what somebody does leads to: letters, draws, reports, appeals; looked at."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page

from federation.acts.desk import ON_SHEET
from tests.browser.demo import WIEN, Demo
from tests.browser.steps import LogIn, Visit, a_title, look_at

pytestmark = pytest.mark.browser
SAY = """async ([address, fields]) => {
    const csrf = document.querySelector('input[name=csrf]').value;
    const body = new URLSearchParams({...fields, csrf});
    const answer = await fetch(address, {method: 'POST', body});
    if (!answer.ok) throw new Error(address + ' ' + answer.status + ' ' + await answer.text());
    return answer.url;
}"""


def say(page: Page, path: str, fields: Mapping[str, str]) -> str:
    """Sends what a form would send; the path it leads to."""
    url: str = page.evaluate(SAY, [path, dict(fields)])
    return url.removeprefix(WIEN).partition("#")[0]


def look(page: Page, path: str) -> None:
    """On a phone at night and on a desk by day."""
    for width, scheme in ((360, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        look_at(page, WIEN + path)


def follow(page: Page, path: str, links: str) -> None:
    """Looks at where the first of these links leads."""
    page.goto(WIEN + path)
    target = page.locator(f"main a{links}").first.get_attribute("href")
    assert target, f"{path} has no link {links}"
    look(page, target)


@pytest.fixture
def three(demo: Demo, visit: Visit, log_in: LogIn) -> tuple[Page, Page, Page]:
    """A resident, another, and an admin, each on a page with a form."""
    pages = visit(bypass=True), visit(bypass=True), visit(bypass=True)
    for page, role in zip(pages, ("resident", "another", "admin"), strict=True):
        log_in(page, WIEN, role)
        page.goto(f"{WIEN}/new")
    return pages


def test_letters_draws_answers_and_tags_are_accessible(
    demo: Demo, three: tuple[Page, Page, Page]
) -> None:
    reader, giver, _ = three
    day = date.today() + timedelta(days=9)
    draw = {"hand_out": "draw", "hand_out_day": day.isoformat(), "until": "standing"}
    offer = say(giver, "/new", {"kind": "offer", "title": a_title("Leiter"), **draw})
    look(reader, offer.replace("/offers/", "/draws/"))
    say(reader, offer.replace("/offers/", "/answers/"), {"source": "Gern! #leiterprobe"})
    follow(giver, offer, "[href^='/answers/']")
    look(reader, "/tags/leiterprobe")
    letter = say(reader, "/messages", {"to": demo.who(WIEN, "another"), "source": "Guten Tag."})
    look(reader, letter)
    follow(reader, letter, "[href$='/edit']")


def test_what_admins_decide_and_those_it_is_about_answer_is_accessible(
    three: tuple[Page, Page, Page],
) -> None:
    reader, giver, admin = three
    title = a_title("Wunderpillen")
    offer = say(giver, "/new", {"kind": "offer", "title": title, "until": "standing"})
    report = {"harm": "fraud", "text": "Werbung.", "proposal": offer.rpartition("/")[2]}
    say(reader, "/reports", report)
    admin.goto(f"{WIEN}/admin/reports")
    case = admin.get_by_role("link", name=title).first.get_attribute("href") or ""
    look(admin, case)
    decision = {"measure": "remove", "outcome": "Es ist weg.", "reason": "Werbung ist hier nicht."}
    say(admin, case, decision)
    giver.goto(f"{WIEN}/notices")
    appeal = giver.locator("main a[href$='/appeal']").first.get_attribute("href") or ""
    look(giver, appeal)
    say(giver, appeal, {"text": "Es waren Hustenbonbons."})
    follow(admin, "/admin/appeals", "[href^='/admin/appeals/']")


def test_the_weekly_sheet_is_one_page_of_paper(three: tuple[Page, Page, Page]) -> None:
    _, giver, admin = three
    for number in range(ON_SHEET):
        words = a_title(f"{number} Stück von etwas, dessen langer Name nicht in eine Zeile passt")
        say(
            giver,
            "/new",
            {"kind": "offer", "title": words, "quantity": "12", "unit": "piece", "until": "week"},
        )
    look(admin, "/desk/sheet")
    assert admin.locator(".sheet > li strong").count() == ON_SHEET
    pages = re.findall(rb"/Type\s*/Page\b", admin.pdf(format="A4"))
    assert len(pages) == 1
    admin.emulate_media(media="print")
    admin.set_viewport_size({"width": 718, "height": 1047})  # A4 without its margins
    for line in admin.locator(".sheet > li").all():
        assert line.evaluate("line => line.scrollHeight <= line.clientHeight"), line.inner_text()


def test_sheets_and_lists_of_admins_are_accessible(three: tuple[Page, Page, Page]) -> None:
    _, _, admin = three
    say(admin, "/admin/invitations", {"uses": "3", "days": "14", "note": "Für die Nachbarn"})
    follow(admin, "/admin/invitations", "[href^='/admin/invitations/']")
    say(admin, "/admin/lists", {"title": a_title("Liste"), "text": "evil.example"})
    follow(admin, "/admin/lists", "[href^='/admin/lists/']")
    look(admin, "/communities/find")
    look(admin, "/welcome")
