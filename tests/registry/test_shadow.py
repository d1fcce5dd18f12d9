"""A challenger is loaded beside the champion, and a bad one leaves the champion as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlscore.registry import LocalChampions, Shelf
from mlscore.registry.checking import check_bundle
from mlscore.scoring.model import prior_model
from tests.registry.models import EVERY_KIND, a_bundle, a_constant_model, a_policy, with_file
from tests.registry.test_serving import Checks


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "models")


@pytest.fixture
def checks() -> Checks:
    return Checks()


@pytest.fixture
def champions(shelf: Shelf, checks: Checks) -> Iterator[LocalChampions]:
    made = LocalChampions(shelf, fallback=lambda firm: prior_model(a_policy()), check=checks)
    yield made
    made.stop()


def put(shelf: Shelf, version: str, *roles: str) -> None:
    shelf.put("main", version, a_bundle(shelf.models_dir.parent / version, a_constant_model(0.1 * int(version))))
    for role in roles:
        shelf.point("main", version, role)


def serving(champions: LocalChampions) -> tuple[str | None, str | None]:
    """Look once, and return the versions of champion and challenger."""
    champions.refresh("main")
    now = champions.serving("main")
    return now.model and now.model.version, now.challenger and now.challenger.version


def test_the_challenger_the_shelf_names_answers_beside_the_champion(shelf, champions) -> None:
    put(shelf, "1", "champion")
    assert serving(champions) == ("1", None)
    put(shelf, "2", "challenger")
    assert serving(champions) == ("1", "2")
    put(shelf, "3", "challenger")
    assert serving(champions) == ("1", "3")


def test_the_first_call_waits_for_no_challenger(shelf, champions, checks) -> None:
    put(shelf, "1", "champion")
    put(shelf, "2", "challenger")
    assert champions.serving("main").challenger is None
    assert checks.asked == 1


def test_one_that_becomes_champion_casts_no_shadow(shelf, champions) -> None:
    put(shelf, "1", "champion")
    put(shelf, "2", "challenger")
    assert serving(champions) == ("1", "2")
    shelf.point("main", "2")
    assert serving(champions) == ("2", None)
    shelf.roll_back("main")
    assert serving(champions) == ("1", "2")


def test_a_role_left_to_nobody_ends_the_shadow(shelf, champions) -> None:
    put(shelf, "1", "champion")
    put(shelf, "2", "challenger")
    assert serving(champions) == ("1", "2")
    shelf.vacate("main", "challenger")
    assert serving(champions) == ("1", None)


def test_a_challenger_that_stays_is_checked_once_and_a_new_champion_keeps_it(shelf, champions, checks) -> None:
    put(shelf, "1", "champion")
    put(shelf, "2", "challenger")
    first = [serving(champions) for _ in range(3)]
    assert first == [("1", "2")] * 3
    assert checks.asked == 2
    put(shelf, "3", "champion")
    assert serving(champions) == ("3", "2")
    assert checks.asked == 3


def test_a_damaged_challenger_is_told_of_rests_and_leaves_the_champion(shelf, champions, checks) -> None:
    put(shelf, "1", "champion")
    put(shelf, "2", "challenger")
    assert serving(champions) == ("1", "2")
    put(shelf, "3", "challenger")
    (shelf.folder("main", "3") / "model.json").write_text("{}", encoding="utf-8")
    asked = checks.asked
    assert [serving(champions) for _ in range(3)] == [("1", None)] * 3
    now = champions.serving("main")
    assert "model.json" in now.challenger_refused
    assert now.refused is None
    assert checks.asked == asked + 1
    assert [(one.failures, one.challenger_failures) for one in champions.standings()] == [(0, 1)]
    shelf.point("main", "2", "challenger")
    assert serving(champions) == ("1", "2")
    assert champions.serving("main").challenger_refused is None


def test_a_damaged_pointer_is_told_of_and_passes(shelf, champions) -> None:
    put(shelf, "1", "champion")
    put(shelf, "2", "challenger")
    pointer = shelf.models_dir / "main" / "challenger"
    good = pointer.read_bytes()
    pointer.write_bytes(b"{")
    assert serving(champions) == ("1", None)
    assert "challenger's pointer cannot be read" in champions.serving("main").challenger_refused
    pointer.write_bytes(good)
    assert serving(champions) == ("1", "2")


def test_a_refused_champion_does_not_end_the_shadow(shelf, champions) -> None:
    put(shelf, "1", "champion")
    put(shelf, "2", "challenger")
    assert serving(champions) == ("1", "2")
    put(shelf, "3", "champion")
    (shelf.folder("main", "3") / "model.json").write_text("{}", encoding="utf-8")
    assert serving(champions) == ("1", "2")
    assert champions.serving("main").refused is not None
    shelf.roll_back("main")
    assert serving(champions) == ("1", "2")
    assert champions.serving("main").refused is None


def test_before_any_champion_a_challenger_stands_beside_the_fallback(shelf, champions) -> None:
    put(shelf, "1", "challenger")
    assert serving(champions) == ("prior", "1")


def test_a_booster_that_kills_its_reader_does_not_kill_the_service(shelf) -> None:
    put(shelf, "1", "champion")
    bundle = a_bundle(shelf.models_dir.parent / "b", EVERY_KIND["booster"]())
    with_file(bundle, "booster-1.lgb", lambda text: text.replace("left_child=", "left_child=-77 ", 1))
    shelf.put("main", "2", bundle)
    shelf.point("main", "2", "challenger")
    made = LocalChampions(shelf, fallback=lambda firm: prior_model(a_policy()), check=check_bundle)
    assert serving(made) == ("1", None)
    assert made.serving("main").challenger_refused.startswith("Model 2 could not be read")


def test_the_shadow_may_be_switched_off(shelf, checks) -> None:
    put(shelf, "1", "champion")
    put(shelf, "2", "challenger")
    made = LocalChampions(shelf, fallback=lambda firm: prior_model(a_policy()), check=checks, shadow=False)
    assert serving(made) == ("1", None)
    assert checks.asked == 1


def test_a_challenger_is_prepared_before_it_first_answers(shelf, checks) -> None:
    prepared: list[str] = []
    made = LocalChampions(
        shelf,
        fallback=lambda firm: prior_model(a_policy()),
        check=checks,
        prepare=lambda firm, model: prepared.append(model.version),
    )
    put(shelf, "1", "champion")
    put(shelf, "2", "challenger")
    assert serving(made) == ("1", "2")
    serving(made)
    assert prepared == ["1", "2"]
