"""The house stays small and of one shape: sizes, names, pins and papers."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted([*ROOT.glob("src/**/*.py"), *ROOT.glob("training/**/*.py")])
LOCKS = sorted(ROOT.glob("requirements*.lock"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

LINES_AT_MOST = 300
MEDIAN_BELOW = 100
BODY_AT_MOST = 40
MODULES_IN_A_FOLDER_AT_MOST = 12
NAMES_THAT_SAY_NOTHING = {"utils", "util", "common", "helpers", "helper", "base", "core", "misc"}
ARBITRARY_CODE = {"pickle", "joblib", "cloudpickle", "dill", "shelve", "marshal"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines after the docstring: what a reader holds in mind, not what explains it."""
    has_docstring = ast.get_docstring(function) is not None
    body = function.body[1:] if has_docstring else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module


def required_packages() -> set[str]:
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    lists = [project["dependencies"], *project["optional-dependencies"].values(), *groups.values()]
    return {re.match(r"[\w-]+", line)[0].lower() for lines in lists for line in lines}


def test_no_module_is_longer_than_300_lines() -> None:
    assert {name_of(path) for path in MODULES if lines_of(path) > LINES_AT_MOST} == set()


def test_half_of_the_modules_are_shorter_than_100_lines() -> None:
    assert median(map(lines_of, MODULES)) < MEDIAN_BELOW


def test_no_function_body_is_longer_than_40_lines() -> None:
    long = {
        f"{name_of(path)}:{function.name}"
        for path in MODULES
        for function in functions_of(path)
        if body_lines(function) > BODY_AT_MOST
    }
    assert long == set()


def test_every_module_opens_with_what_it_is_for() -> None:
    silent = {name_of(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))}
    assert silent == set()


def test_rooms_are_named_after_what_happens_in_them() -> None:
    nameless = {
        name_of(path) for path in MODULES if NAMES_THAT_SAY_NOTHING & {*path.relative_to(ROOT).with_suffix("").parts}
    }
    assert nameless == set()


def test_a_folder_with_more_than_a_dozen_modules_is_two_rooms() -> None:
    rooms = Counter(name_of(path.parent) for path in MODULES if path.name != "__init__.py")
    assert {room for room, n in rooms.items() if n > MODULES_IN_A_FOLDER_AT_MOST} == set()


def test_nothing_that_runs_code_when_read_is_imported() -> None:
    risky = {
        f"{name_of(path)}: {module}"
        for path in MODULES
        for module in imports_of(path)
        if module.split(".")[0] in ARBITRARY_CODE
    }
    assert risky == set()


@pytest.mark.parametrize("lock", LOCKS, ids=name_of)
def test_a_lock_file_pins_with_hashes_and_names_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|--index|--extra-index|--find-links|-f)\b", text, re.MULTILINE)
    for pin in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[\w.-]+==\S+", pin), pin
        assert "--hash=sha256:" in pin, pin


def test_both_lock_files_pin_the_same_versions() -> None:
    everything, lean = (
        set(re.findall(r"^[\w-]+==\S+", text, re.MULTILINE))
        for text in (
            (ROOT / "requirements.lock").read_text(encoding="utf-8"),
            (ROOT / "requirements-serve.lock").read_text(encoding="utf-8"),
        )
    )
    assert lean - everything == set()


def test_the_lean_server_carries_no_training_room() -> None:
    lean = (ROOT / "requirements-serve.lock").read_text(encoding="utf-8")
    heavy = re.findall(r"^(mlflow\S*|pandas|scikit-learn|pyarrow|matplotlib)==", lean, re.MULTILINE)
    assert heavy == []


def test_every_dependency_is_explained() -> None:
    explained = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([\w-]+)`", explained, re.MULTILINE))
    assert rows == required_packages()


def test_every_decision_is_listed_with_its_own_title() -> None:
    folder = ROOT / "docs/decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"\[([^\]]+)\]\((\d{4}-[\w-]+\.md)\)", index))
    titles = {
        path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# "): path.name
        for path in folder.glob("[0-9]*.md")
    }
    assert listed == titles


SILENCED = re.compile(r"#\s*(?:noqa|type: ignore|nosec)\b")
WITH_A_REASON = re.compile(
    r"# noqa: [A-Z0-9, ]+(?:(?: # nosec [A-Z0-9, ]+)? # | - )\w"
    r"|# type: ignore\[[a-z-]+\]\s+# \w"
    r"|# nosec [A-Z0-9, ]+ (?:# |- )\w"
    r"|# ruff: noqa: [A-Z0-9, ]+ - \w"
)


def test_whoever_silences_a_check_says_why_on_the_line() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("src", "training", "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if SILENCED.search(line) and not WITH_A_REASON.search(line) and path != Path(__file__)
    ]
    assert silent == []
