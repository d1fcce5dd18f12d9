"""Pages over a small firm's deals, and over a firm nothing is known of."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.visiting import Stage, a_stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give pages with deals on them."""
    with a_stage(tmp_path_factory.mktemp("web"), has_deals=True) as opened:
        yield opened


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Stage]:
    """Give pages without a deal."""
    with a_stage(tmp_path, has_deals=False) as opened:
        yield opened
