"""A bundle with a booster, and copies of it to spoil."""

import shutil
from pathlib import Path

import pytest

from tests.registry.models import EVERY_KIND, a_bundle


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_bundle(tmp_path_factory.mktemp("whole") / "b", EVERY_KIND["booster"]())


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "b"))
