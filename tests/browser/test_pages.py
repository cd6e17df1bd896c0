"""Every page, as a guest, a resident and an admin: accessible, narrow enough, light enough."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demo import KIRCHBACH, WIEN, Demo
from tests.browser.steps import look_at

pytestmark = pytest.mark.browser

GUEST = [
    "/",
    "/needs",
    "/offers",
    "/communities",
    "/projects",
    "/projects/zisterne_kelterei@kirchbach.localhost:8002",
    "/blueprints",
    "/live-here",
    "/pledges",
    "/network",
    "/about",
    "/rules",
    "/help",
    "/join",
    "/login",
    "/elsewhere",
]
RESIDENT = ["/", "/new", "/me", "/me/security", "/me/blocked", "/me/data", "/notices"]
RESIDENT += ["/communities/new", "/projects/new", "/needs", "/communities"]
RESIDENT += ["/blueprints/new", "/blueprints/import", "/projects/zisterne_kelterei"]
ADMIN = ["/admin", "/admin/people", "/admin/invitations", "/admin/reports", "/admin/cities"]
ADMIN += ["/admin/settings", "/admin/rules", "/admin/mail", "/admin/log", "/admin/appeals"]
LINKS = {  # a page of one thing is the first link of this kind on its list
    "/needs": "main a[href^='/needs/']",
    "/offers": "main a[href^='/offers/']",
    "/communities": "main h3 a[href^='/communities/']",
    "/projects": "main h3 a[href^='/projects/']",
    "/blueprints": "main h3 a[href^='/blueprints/']",
    "/pledges": "main a[href^='/pledges/']",
    "/network": "main h3 a[href^='/network/']",
}


def open_first(page: Page, origin: str, path: str) -> None:
    """The page of the first thing on a list."""
    page.goto(origin + path)
    target = page.locator(LINKS[path]).first.get_attribute("href")
    assert target
    look_at(page, origin + target)


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_the_pages_around_a_blueprint_are_accessible(
    demo: Demo,
    visit: Callable[..., Page],
    log_in: Callable[[Page, str, str], None],
    width: int,
    scheme: str,
) -> None:
    page = visit(width=width, scheme=scheme, bypass=True)
    log_in(page, WIEN, "resident")
    page.goto(f"{WIEN}/blueprints")
    page.get_by_role("link", name="Regenzisterne").first.click()
    page.wait_for_load_state()
    address = page.url
    adoption = page.locator("a[href$='/adoption']").first.get_attribute("href")
    for path in (f"{address}/lineage", f"{address}/reports/new", f"{WIEN}{adoption}"):
        look_at(page, path)
    page.goto(f"{address}/lineage")
    report = page.locator("a[href*='/reports/']").first.get_attribute("href")
    look_at(page, f"{WIEN}{report}")


@pytest.mark.parametrize(("locale", "scheme"), [("de", "light"), ("en", "dark")])
def test_guests_find_every_page_accessible(
    demo: Demo, visit: Callable[..., Page], locale: str, scheme: str
) -> None:
    page = visit(locale=locale, scheme=scheme, bypass=True)
    for path in GUEST:
        look_at(page, WIEN + path)
        assert page.locator("html").get_attribute("lang") == locale
    for path in LINKS:
        open_first(page, WIEN, path)


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
def test_residents_find_every_page_accessible(
    demo: Demo,
    visit: Callable[..., Page],
    log_in: Callable[[Page, str, str], None],
    scheme: str,
    width: int,
) -> None:
    page = visit(scheme=scheme, width=width, bypass=True)
    log_in(page, KIRCHBACH, "resident")
    for path in RESIDENT:
        look_at(page, KIRCHBACH + path)
    for path in LINKS:
        open_first(page, KIRCHBACH, path)


@pytest.mark.parametrize(("scheme", "width"), [("dark", 360), ("light", 1280)])
def test_admins_find_every_page_accessible(
    demo: Demo,
    visit: Callable[..., Page],
    log_in: Callable[[Page, str, str], None],
    scheme: str,
    width: int,
) -> None:
    page = visit(scheme=scheme, width=width, bypass=True)
    log_in(page, WIEN, "admin")
    for path in ADMIN:
        look_at(page, WIEN + path)


def test_lists_and_listings_are_printed_dark_on_white_without_controls(
    demo: Demo, visit: Callable[..., Page]
) -> None:
    page = visit(scheme="dark", width=1280)
    page.emulate_media(media="print")
    page.goto(f"{WIEN}/offers")
    listing = page.locator(LINKS["/offers"]).first
    title, address = listing.inner_text(), listing.get_attribute("href")
    assert title
    for path in ("/offers", address):
        page.goto(f"{WIEN}{path}")
        expect(page.get_by_text(title).first).to_be_visible()
        expect(page.locator("nav:visible, button:visible, form:visible")).to_have_count(0)
        assert page.locator("html").evaluate("one => getComputedStyle(one).color") == "rgb(0, 0, 0)"
        paper = page.locator("body").evaluate("one => getComputedStyle(one).backgroundColor")
        assert paper in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
