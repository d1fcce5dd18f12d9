"""Visits the pages as a browser without scripts does: cookies kept, forms sent with what the page put into them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from mlscore.api import create_app
from mlscore.cli.server import make_pages
from mlscore.ports import Role
from mlscore.service.application import Application, Office
from mlscore.store import Store, open_store
from tests.web.firm import a_firm, with_deals

PASSWORD = "correct horse battery"
HTML = {"Accept": "text/html", "Accept-Language": "en"}
_SPOKEN = {"aria-label", "title", "alt", "placeholder", "data-label", "data-asks"}
_MARK = re.compile(r'name="csrf" value="([0-9a-f]+)"')


def mark_on(page: str) -> str:
    """Return what the forms of a page carry, nothing where it has none."""
    found = _MARK.search(page)
    return found[1] if found else ""


@dataclass
class Browser:
    """One browser; `client` keeps its cookies."""

    client: TestClient
    headers: Mapping[str, str] = field(default_factory=lambda: dict(HTML))

    def get(self, path: str, **more: Any) -> Response:
        return self.client.get(path, headers=self.headers, follow_redirects=False, **more)

    def send(self, path: str, *, page: str = "/account", mark: str | None = None, **given: str) -> Response:
        """Send a form, with the mark of a page that shows one unless another is given."""
        data = {"csrf": mark_on(self.get(page).text) if mark is None else mark, **given}
        return self.client.post(path, data=data, headers=self.headers, follow_redirects=False)

    def sign_in(self, name: str, password: str = PASSWORD, **given: str) -> Response:
        return self.send("/sign-in", page="/sign-in", name=name, password=password, **given)


@dataclass(frozen=True)
class Stage:
    """Pages over a store of their own; every test that writes is one person of its own."""

    application: Application
    store: Store
    browser: Callable[[], Browser]

    @property
    def office(self) -> Office:
        assert self.application.office is not None
        return self.application.office

    @property
    def firm(self) -> str:
        return self.application.firm

    def add(self, name: str, role: Role, *sellers: str) -> None:
        self.office.people.add(self.firm, name, role=role, sellers=sellers, password=PASSWORD, by="a test")

    def signed_in(self, name: str, role: Role, *sellers: str) -> Browser:
        """Add a person and sign in."""
        self.add(name, role, *sellers)
        browser = self.browser()
        assert browser.sign_in(name).status_code == 303
        return browser


@contextmanager
def a_stage(folder: Path, *, has_deals: bool) -> Iterator[Stage]:
    """Open the pages of a firm."""
    with a_firm(folder) as (application, settings):
        if has_deals:
            with_deals(application)
        app = create_app(application, settings, pages=make_pages(application, settings))
        store = open_store(settings.database)
        with TestClient(app) as client:
            yield Stage(application, store, lambda: Browser(TestClient(client.app)))
        store.close()


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style"}
        self.found += [value for name, value in attrs if name in _SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._silent:
            self.found.append(data.strip())


def texts_of(page: str) -> list[str]:
    """Return every text a reader of a page meets, those read aloud included."""
    parser = _Texts()
    parser.feed(page)
    return parser.found


def said(page: str) -> str:
    """Return a page's texts in one line."""
    return re.sub(r"\s+", " ", unescape(" ".join(texts_of(page))))
