"""A real browser, which remembers what went wrong on its pages."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from tests.web.visiting import PASSWORD

DESKTOP, PHONE = (1920, 1080), (360, 740)
LOCALES = {"ru": "ru-RU", "en": "en-GB"}
Scheme = Literal["light", "dark"]


def chromium() -> str | None:
    """Return the system's Chromium, None where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for found in map(shutil.which, names) if found), None)


@dataclass
class Tab:
    """One page of a browser, and everything it complained of: errors of its console, and calls to other hosts."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: said.type in {"error", "warning"} and self._complain("console", said.text))
        self.page.on("pageerror", lambda error: self._complain("error", str(error)))
        self.page.on("request", lambda request: self._watch(request.url))

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        self.go("/sign-in")
        self.page.locator("input[name=name]").fill(name)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("button.main").click()
        self.page.wait_for_url(lambda address: "/sign-in" not in address)

    def text(self, where: str = "main") -> str:
        return self.page.locator(where).first.inner_text()

    def _watch(self, url: str) -> None:
        if urlsplit(url).netloc != urlsplit(self.address).netloc:
            self._complain("elsewhere", url)

    def _complain(self, what: str, said: str) -> None:
        self.complaints.append(f"{what}: {said}")


@contextmanager
def a_browser(program: str) -> Iterator[Browser]:
    """Start a browser without a window."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def a_tab(
    browser: Browser,
    address: str,
    *,
    language: str = "en",
    scheme: Scheme = "light",
    size: tuple[int, int] = DESKTOP,
    **more: Any,
) -> Iterator[Tab]:
    """Open a page in a browser of its own: no cookie of another is in it."""
    context = browser.new_context(
        locale=LOCALES[language],
        color_scheme=scheme,
        viewport={"width": size[0], "height": size[1]},
        reduced_motion="reduce",
        **more,
    )
    context.set_default_timeout(15_000)
    yield Tab(context.new_page(), address)
    context.close()


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application on a free port, as browsers need it; give its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
        running = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        running.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            running.join()
