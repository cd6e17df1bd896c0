"""Every page of the app is found by following links, and looked at: one address for each route."""

from collections import Counter, deque
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, Page
from starlette.routing import Match

from tests.browser.demo import GUESSING, KIRCHBACH, WIEN, Demo
from tests.browser.steps import look_at
from web.app import page_routes

pytestmark = pytest.mark.browser

TRIES = 8  # addresses of one route that are read for their links
STARTS = ["/", "/me", "/hours", "/disputes", "/messages", "/circles", "/admin"]
WHO = [(WIEN, "admin"), (KIRCHBACH, "resident"), (KIRCHBACH, "admin"), (WIEN, "resident")]
WHO += [(GUESSING, "resident"), (GUESSING, "admin"), (WIEN, "another"), (KIRCHBACH, "another")]
WHO += [(GUESSING, "guest")]
READ = """async address => {
    const answer = await fetch(address, {headers: {Accept: 'text/html'}, redirect: 'manual'});
    if (answer.status !== 200 || !answer.headers.get('content-type').startsWith('text/html'))
        return null;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    return [...page.querySelectorAll('a[href]')].map(link => link.getAttribute('href'));
}"""
NO_LINKS = {  # no pages, or led to by a mail, by a form, or from another server
    "/actor",
    "/admin/cities-export/{name}",
    "/authorize_interaction",
    "/city",
    "/communities/find",
    "/elsewhere",  # test_pages looks at it
    "/files/{id:uuid}",
    "/livez",
    "/login/confirm/{secret}",
    "/login/link/{secret}",
    "/media/{id:uuid}",
    "/metrics",
    "/new/guess",
    "/notices/live",
    "/notices/unread",
    "/readyz",
    "/tap/{token}",
    "/welcome",
    "/worker.js",
}
NOT_IN_DEMO = {  # the fresh demonstration has none; test_rare_pages makes and looks at most
    "/admin/appeals/{id:uuid}",
    "/admin/invitations/{code}",
    "/admin/lists/{id:uuid}",
    "/admin/reports/{id:uuid}",
    "/answers/{post_id:uuid}/agreement",
    "/blueprints/{id:uuid}/differences",
    "/blueprints/{id:uuid}/upstream",
    "/bridges/questions/{id:uuid}",
    "/communities/{handle}/leaving",
    "/draws/{id:uuid}",
    "/messages/{id:uuid}",
    "/messages/{id:uuid}/{letter:uuid}/edit",
    "/notices/{id:uuid}/appeal",
    "/posts/new",
    "/tags/{tag}",
}
FILES = (".csv", ".ics", ".json", ".toml", ".yml")
ROUTES = [
    route
    for route in page_routes()
    if "GET" in (route.methods or ()) and not route.path.endswith(FILES)
]


def route_of(path: str) -> str:
    """The pattern of the page at this path; empty: none."""
    scope = {"type": "http", "method": "GET", "path": path, "root_path": ""}
    for route in ROUTES:
        if route.matches(scope)[0] is Match.FULL:
            return route.path
    return ""


def walk(page: Page, origin: str, seen: set[str], look: Callable[[Page, str], None]) -> None:
    """Follows links within one place; looks at the first address of each route not yet seen."""
    page.goto(origin)
    waiting, known, tries = deque(STARTS), set(STARTS), Counter[str]()
    while waiting:
        address = waiting.popleft()
        pattern = route_of(urlsplit(address).path)
        if not pattern or tries[pattern] >= TRIES:
            continue
        tries[pattern] += 1
        links: list[str] | None = page.evaluate(READ, address)
        if links is None:
            continue
        if pattern not in seen:
            look(page, origin + address)
            seen.add(pattern)
        fresh = [link for link in links if link.startswith("/") and link not in known]
        known.update(fresh)
        waiting.extend(fresh)


def test_every_page_is_found_by_links_and_is_accessible(
    demo: Demo,
    visit: Callable[..., Page],
    log_in: Callable[[Page, str, str], None],
) -> None:
    seen, findings = set(NO_LINKS), list[str]()

    def look(page: Page, address: str) -> None:
        try:
            look_at(page, address)
            assert page.locator("form[action='/language']").count(), "no other language"
        except (AssertionError, Error) as found:
            findings.append(f"{address}: {found}")

    for origin, role in WHO:
        page = visit(scheme="dark", bypass=True)
        if role != "guest":
            log_in(page, origin, role)
        walk(page, origin, seen, look)
    assert not findings, "\n".join(findings)
    missed = {route.path for route in ROUTES} - seen - NOT_IN_DEMO
    assert not missed, f"no link leads to {sorted(missed)}"
