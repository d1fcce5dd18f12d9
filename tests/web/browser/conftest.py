"""A real browser, and pages served to it: over a firm of deals, for each file of tests its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from mlscore.api import create_app
from mlscore.cli.server import make_pages
from mlscore.settings import Settings
from tests.web.chromium import a_browser, chromium, served
from tests.web.visiting import a_stage


@pytest.fixture(scope="module")
def browser():
    program = chromium()
    if program is None:
        reason = "no Chromium on this machine: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with a_browser(program) as started:
        yield started


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with a_stage(tmp_path_factory.mktemp("browser"), has_deals=True) as opened:
        opened.add("Анна", "admin")
        yield opened


@pytest.fixture(scope="module")
def address(stage) -> Iterator[str]:
    pages = make_pages(stage.application, Settings())
    with served(create_app(stage.application, Settings(), pages=pages)) as at:
        yield at
