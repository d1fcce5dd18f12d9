"""`mlscore model` lists the shelf and shows one of its versions."""

import pytest

from mlscore.registry import Shelf
from tests.registry.models import a_bundle, a_constant_model

GATES = [{"code": "calibrated", "passed": True}, {"code": "no_leak", "passed": False}]


@pytest.fixture
def shelf(tmp_path):
    """Give a shelf with a champion, a challenger and a version that was damaged."""
    shelf = Shelf(tmp_path / "models")
    for number in (1, 2, 3):
        facts = {"created_at": f"2026-0{number}-15T09:00:00+00:00", "gates": GATES[:number]}
        shelf.put("main", str(number), a_bundle(tmp_path / f"of-{number}", a_constant_model(0.4), **facts))
    shelf.point("main", "1")
    shelf.point("main", "2", role="challenger")
    (tmp_path / "models/main/3/facts.json").write_text("{")
    return shelf


def rows(done):
    return [tuple(cell.strip() for cell in line.split("│")[1:-1]) for line in done.stdout.splitlines() if "│" in line]


@pytest.mark.usefixtures("shelf")
def test_every_version_is_listed_with_its_role_and_its_gates(run):
    assert rows(run("model", "list")) == [
        ("1", "champion", "2026-01-15", "1 of 1"),
        ("2", "challenger", "2026-02-15", "1 of 2"),
        ("3", "", "—", "damaged"),
    ]


@pytest.mark.usefixtures("shelf")
def test_a_version_is_shown_below_the_list_by_its_card(run):
    assert "A card" not in run("model", "list").stdout
    shown = run("model", "show", "2")
    assert len(rows(shown)) == 3
    assert "A card" in shown.stdout


@pytest.mark.parametrize("command", ["list", "show"])
def test_an_empty_shelf_says_what_to_do_and_draws_no_empty_table(run, command):
    done = run("model", command)
    assert done.exit_code == 0
    assert "python -m training retrain" in done.stdout
    assert "version" not in done.stdout
