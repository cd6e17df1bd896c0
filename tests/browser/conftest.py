"""The demonstration as `make demo` starts it, browsers for it, and a postbox."""

import os
import shutil
from collections.abc import Callable, Generator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

from tests.browser.demo import PASSWORD, Demo

expect.set_options(timeout=15_000)
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Postbox:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.got.append(found)
        return "250 OK"


@pytest.fixture(scope="session")
def postbox() -> Generator[tuple[Postbox, str]]:
    """What was mailed, and the address of the mail server."""
    box = Postbox()
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, f"smtp://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, postbox: tuple[Postbox, str]) -> Generator[Demo]:
    """Three cities; kept in the folder STADTNETZ_TEST_DEMO where that is given."""
    kept = os.environ.get("STADTNETZ_TEST_DEMO")
    running = Demo(Path(kept) if kept else tmp_path_factory.mktemp("demo"), postbox[1])
    try:
        running.read()
        yield running
    finally:
        running.end()


@pytest.fixture(scope="session")
def chromium() -> Generator[Browser]:
    """Debian's; the one thing that pip does not bring."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Generator[Callable[..., Page]]:
    """Opens a browser of one's own: `visit(locale="de", width=360, scheme="dark", script=True)`."""
    opened: list[BrowserContext] = []

    def new(
        *,
        locale: str = "de",
        width: int = 360,
        scheme: Any = "light",
        script: bool = True,
        bypass: bool = False,
    ) -> Page:
        context = chromium.new_context(
            locale={"de": "de-AT", "en": "en-GB"}[locale],
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            java_script_enabled=script,
            bypass_csp=bypass,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        opened.append(context)
        return context.new_page()

    yield new
    for context in opened:
        context.close()


@pytest.fixture(scope="session")
def sessions() -> dict[tuple[str, str], StorageState]:
    """Who logged in already: logins are limited, and a browser may keep its cookies."""
    return {}


@pytest.fixture
def log_in(
    demo: Demo, sessions: dict[tuple[str, str], StorageState]
) -> Callable[[Page, str, str], None]:
    """`log_in(page, origin, role)` through the page itself; the second time with its cookie."""

    def enter(page: Page, origin: str, role: str = "resident") -> None:
        key = (origin, demo.who(origin, role))
        if key in sessions:
            page.context.add_cookies([*sessions[key].get("cookies", [])])  # pyright: ignore[reportArgumentType]: what it gave itself
            return
        page.goto(f"{origin}/login")
        page.locator("input[name=login]").first.fill(key[1])
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main form:has(input[name=password]) button[type=submit]").first.click()
        page.wait_for_load_state()
        assert "/login" not in page.url, page.locator("main").inner_text()
        sessions[key] = page.context.storage_state()

    return enter
