"""The documents say what the code does: settings, commands and links are compared with it."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from mlscore.settings import Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "models/README.md"])


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_operations_page_with_its_default(name: str) -> None:
    field = Settings.model_fields[name]
    default = "none" if field.default is None else f"`{field.default}`"
    assert f"| `MLSCORE_{name.upper()}` | {default} | {field.description} |" in text_of("docs/operations.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_make_word_in_the_readme_exists() -> None:
    words = set(re.findall(r"\bmake ([a-z]+)\b", text_of("README.md")))
    known = set(re.findall(r"^([a-z]+):.*## ", text_of("Makefile"), re.MULTILINE))
    assert words - known == set()


def test_every_module_a_make_word_runs_is_there() -> None:
    modules = set(re.findall(r"\$\(PY\) -m ([\w.]+)", text_of("Makefile"))) - {"pip", "venv"}
    assert modules
    assert [name for name in modules if not (find_spec(name) and find_spec(f"{name}.__main__"))] == []


def test_the_changelog_says_whether_scores_moved() -> None:
    unreleased = text_of("CHANGELOG.md").split("## [Unreleased]")[1].split("\n## ")[0]
    assert "### Scores moved" in unreleased
