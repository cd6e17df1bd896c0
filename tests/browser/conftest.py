"""The demonstration as `make demo` starts it, and browsers for it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
WIEN = "http://wien.localhost:8001"
KIRCHBACH = "http://kirchbach.localhost:8002"
GUESSING = "http://guessing.localhost:8003"
_LOGIN = re.compile(r"^\s+(admin|resident)\s*: (\w+)$")


class Demo:
    """The running demonstration; `logins` by origin: who is admin, who resident."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.logins: dict[str, list[tuple[str, str]]] = {}
        self.password = ""
        self.said: list[str] = []

    def read(self) -> None:
        """Until it has printed its addresses and the password."""
        origin = ""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line)
            if found := re.search(r"(http://\w+\.localhost:\d+)$", line.strip()):
                origin = found.group(1)
            elif found := _LOGIN.match(line.rstrip()):
                self.logins.setdefault(origin, []).append((found.group(1), found.group(2)))
            elif found := re.search(r"password is “(.+)”", line):
                self.password = found.group(1)
                return
        raise AssertionError("the demonstration did not start:\n" + "".join(self.said))

    def who(self, origin: str, role: str) -> str:
        """A login name."""
        return next(name for kind, name in self.logins[origin] if kind == role)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Generator[Demo]:
    """Three cities; kept in the folder STADTNETZ_TEST_DEMO where that is given."""
    kept = os.environ.get("STADTNETZ_TEST_DEMO")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("demo")
    process = subprocess.Popen(
        [sys.executable, "-m", "web", "demo", "--data", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    running = Demo(process)
    running.read()
    threading.Thread(target=lambda: list(process.stdout or ()), daemon=True).start()
    yield running
    process.send_signal(signal.SIGINT)
    process.wait(60)


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
        opened.append(context)
        return context.new_page()

    yield new
    for context in opened:
        context.close()


@pytest.fixture
def log_in(demo: Demo) -> Callable[[Page, str, str], None]:
    """`log_in(page, origin, role)` through the page itself."""

    def enter(page: Page, origin: str, role: str = "resident") -> None:
        page.goto(f"{origin}/login")
        page.locator("input[name=login]").fill(demo.who(origin, role))
        page.locator("input[name=password]").fill(demo.password)
        page.locator("main form:has(input[name=password]) button[type=submit]").first.click()
        page.wait_for_load_state()
        assert "/login" not in page.url, page.locator("main").inner_text()

    return enter
