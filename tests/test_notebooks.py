"""The notebooks stay in step with their scripts, hold no output and no logic; `make notebooks` runs them."""

import ast
from itertools import pairwise
from pathlib import Path

import jupytext
import nbformat
import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted((ROOT / "notebooks").glob("*.py"))
LOGIC = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.If, ast.IfExp, ast.For, ast.While, ast.Try),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.BinOp, ast.Compare, ast.BoolOp),
)
each = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)


def cells(path: Path) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in jupytext.read(path).cells]


def notebook_of(script: Path) -> nbformat.NotebookNode:
    return nbformat.read(script.with_suffix(".ipynb"), as_version=4)


def test_there_are_three_and_each_has_its_script() -> None:
    assert [path.stem for path in SCRIPTS] == ["01-history", "02-train-and-compare", "03-policy"]
    assert [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))] == [path.stem for path in SCRIPTS]


@each
def test_a_notebook_is_in_step_with_its_script(script: Path) -> None:
    assert cells(script.with_suffix(".ipynb")) == cells(script), "run .venv/bin/jupytext --sync notebooks/*.py"


@each
def test_a_notebook_carries_no_output(script: Path) -> None:
    code = [cell for cell in notebook_of(script).cells if cell.cell_type == "code"]
    assert [(cell.outputs, cell.execution_count, cell.metadata) for cell in code] == [([], None, {})] * len(code)


@each
def test_a_notebook_calls_and_shows_and_computes_nothing_itself(script: Path) -> None:
    tree = ast.parse(script.read_text(encoding="utf-8"))
    assert [type(node).__name__ for node in ast.walk(tree) if isinstance(node, LOGIC)] == []
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module.split(".")[0] for module in modules} <= {"mlscore", "training", "IPython"}
    assert [node for node in ast.walk(tree) if isinstance(node, ast.Import)] == []


@each
def test_a_notebook_says_that_its_history_is_simulated(script: Path) -> None:
    assert "**The history is simulated**" in cells(script)[0][1]


@each
def test_every_cell_of_code_stands_under_a_sentence(script: Path) -> None:
    kinds = [kind for kind, _ in cells(script)]
    assert kinds[0] == "markdown"
    assert ("code", "code") not in set(pairwise(kinds))
