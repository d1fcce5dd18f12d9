"""The champion in memory changes at once or not at all, and a bad one never gets there."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mlscore.registry import LocalChampions, Shelf
from mlscore.registry.bundle import load_and_try
from mlscore.scoring.errors import MlscoreError, StoreUnavailableError
from mlscore.scoring.model import FittedModel, prior_model
from mlscore.scoring.model.prior import PRIOR_VERSION
from mlscore.scoring.verdict import judge
from tests.builders import NOON
from tests.registry.models import EVERY_KIND, a_bundle, a_constant_model, a_policy, some_deals, with_file

MakeChampions = Callable[..., LocalChampions]


class Checks:
    """Tries bundles in this process, which is quick, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, folder: Path, *, version: str) -> str | None:
        self.asked += 1
        try:
            load_and_try(folder, version=version)
        except MlscoreError as error:
            return str(error)
        return None


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "models")


@pytest.fixture
def checks() -> Checks:
    return Checks()


@pytest.fixture
def champions(shelf: Shelf, checks: Checks) -> Iterator[MakeChampions]:
    made: list[LocalChampions] = []

    def make(**options: object) -> LocalChampions:
        options = {"fallback": lambda firm: prior_model(a_policy()), "check": checks} | options
        made.append(LocalChampions(shelf, **options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def publish(shelf: Shelf, version: str, probability: float, *, firm: str = "main") -> None:
    bundle = a_bundle(shelf.models_dir.parent / f"{firm}-{version}", a_constant_model(probability), told=version)
    shelf.put(firm, version, bundle)
    shelf.point(firm, version)


def damage(shelf: Shelf, version: str) -> None:
    (shelf.folder("main", version) / "model.json").write_text("{}", encoding="utf-8")


def version_of(champions: LocalChampions, firm: str = "main") -> str | None:
    model = champions.serving(firm).model
    return model and model.version


def test_before_any_champion_the_fallback_answers(champions: MakeChampions) -> None:
    serving = champions().serving("main")
    assert serving.model is not None
    assert (serving.model.version, serving.refused) == (PRIOR_VERSION, None)


def test_without_even_a_fallback_it_says_why(champions: MakeChampions) -> None:
    def none(firm: str) -> FittedModel:
        raise StoreUnavailableError(f"No policy of {firm} can be read.")

    serving = champions(fallback=none).serving("main")
    assert (serving.model, serving.why_none) == (None, "No policy of main can be read.")


def test_the_fallback_follows_its_policy_until_a_champion_comes(champions: MakeChampions, shelf: Shelf) -> None:
    answers = [a_constant_model(0.2, version="first"), a_constant_model(0.3, version="second")]
    made = champions(fallback=lambda firm: answers.pop(0))
    assert version_of(made) == "first"
    made.refresh("main")
    assert version_of(made) == "second"
    publish(shelf, "1", 0.5)
    made.refresh("main")
    assert version_of(made) == "1"


def test_a_champion_is_served_from_the_first_call_with_its_facts(champions: MakeChampions, shelf: Shelf) -> None:
    publish(shelf, "1", 0.5)
    made = champions()
    assert version_of(made) == "1"
    assert made.card("main")["told"] == "1"
    assert champions().card("other") == {}


def test_each_firm_has_its_own(champions: MakeChampions, shelf: Shelf) -> None:
    publish(shelf, "1", 0.5)
    publish(shelf, "4", 0.5, firm="other")
    made = champions()
    assert [version_of(made, firm) for firm in ("main", "other", "third")] == ["1", "4", PRIOR_VERSION]


def test_a_new_champion_and_a_rollback_are_noticed(champions: MakeChampions, shelf: Shelf) -> None:
    publish(shelf, "1", 0.5)
    made = champions()
    assert version_of(made) == "1"
    publish(shelf, "2", 0.6)
    assert version_of(made) == "1"
    made.refresh("main")
    assert (version_of(made), made.card("main")["told"]) == ("2", "2")
    shelf.roll_back("main")
    made.refresh("main")
    assert version_of(made) == "1"


def test_asking_reads_no_disk_once_loaded(champions: MakeChampions, shelf: Shelf) -> None:
    publish(shelf, "1", 0.5)
    made = champions()
    first = made.serving("main")
    shelf.models_dir.rename(shelf.models_dir.parent / "away")
    assert made.serving("main") is first
    made.refresh("main")
    assert version_of(made) == "1"


def test_a_champion_that_stays_is_checked_once(champions: MakeChampions, shelf: Shelf, checks: Checks) -> None:
    publish(shelf, "1", 0.5)
    made = champions()
    for _ in range(3):
        made.refresh("main")
    assert checks.asked == 1


def test_a_refused_champion_leaves_the_old_one_serving(champions: MakeChampions, shelf: Shelf, checks: Checks) -> None:
    publish(shelf, "1", 0.5)
    made = champions()
    assert version_of(made) == "1"
    publish(shelf, "2", 0.6)
    damage(shelf, "2")
    for _ in range(3):
        made.refresh("main")
    serving = made.serving("main")
    assert version_of(made) == "1"
    assert serving.refused is not None
    assert "model.json" in serving.refused
    assert checks.asked == 2  # a refused one rests


def test_a_refusal_at_the_start_leaves_the_fallback_serving(champions: MakeChampions, shelf: Shelf) -> None:
    publish(shelf, "1", 0.5)
    damage(shelf, "1")
    serving = champions().serving("main")
    assert serving.model is not None
    assert serving.model.version == PRIOR_VERSION
    assert serving.refused is not None


def test_a_refused_champion_is_tried_again_after_its_rest(champions: MakeChampions, shelf: Shelf) -> None:
    publish(shelf, "1", 0.5)
    model = shelf.folder("main", "1") / "model.json"
    whole = model.read_bytes()
    damage(shelf, "1")
    made = champions(retry_seconds=0.0)
    assert version_of(made) == PRIOR_VERSION
    model.write_bytes(whole)
    made.refresh("main")
    assert (version_of(made), made.serving("main").refused) == ("1", None)


def test_the_next_good_champion_clears_a_refusal(champions: MakeChampions, shelf: Shelf) -> None:
    publish(shelf, "1", 0.5)
    made = champions()
    publish(shelf, "2", 0.6)
    damage(shelf, "2")
    made.refresh("main")
    shelf.roll_back("main")
    made.refresh("main")
    assert (version_of(made), made.serving("main").refused) == ("1", None)


def test_a_damaged_pointer_is_reported_and_passes(champions: MakeChampions, shelf: Shelf) -> None:
    publish(shelf, "1", 0.5)
    made = champions()
    assert version_of(made) == "1"
    pointer = shelf.models_dir / "main" / "champion"
    good = pointer.read_bytes()
    pointer.write_bytes(b"{")
    made.refresh("main")
    assert version_of(made) == "1"
    assert "pointer cannot be read" in str(made.serving("main").refused)
    pointer.write_bytes(good)
    made.refresh("main")
    assert made.serving("main").refused is None


def test_a_booster_that_kills_its_reader_does_not_kill_the_service(shelf: Shelf) -> None:
    publish(shelf, "1", 0.5)
    bundle = a_bundle(shelf.models_dir.parent / "b", EVERY_KIND["booster"]())
    with_file(bundle, "booster-1.lgb", lambda text: text.replace("left_child=", "left_child=-77 ", 1))
    made = LocalChampions(shelf, fallback=lambda firm: prior_model(a_policy()))
    assert version_of(made) == "1"
    shelf.put("main", "2", bundle)
    shelf.point("main", "2")
    made.refresh("main")
    assert version_of(made) == "1"
    assert str(made.serving("main").refused).startswith("Model 2 could not be read")


def test_readers_never_see_two_models_mixed_while_champions_change(champions: MakeChampions, shelf: Shelf) -> None:
    said = {"1": 0.25, "2": 0.75}
    for version, probability in said.items():
        publish(shelf, version, probability)
    made, deals, done = champions(), some_deals(3), threading.Event()
    assert version_of(made) == "2"
    judged = judge(deals, a_policy())
    mixed, seen = [], set()

    def ask() -> None:
        while not done.is_set():
            model = made.serving("main").model
            assert model is not None
            answer = model.answers(deals, judged=judged).answer(0)
            seen.add(answer.model_version)
            if abs(answer.probability - said[answer.model_version]) > 1e-12:
                mixed.append(answer)

    readers = [threading.Thread(target=ask) for _ in range(4)]
    for reader in readers:
        reader.start()
    for turn in range(12):
        shelf.point("main", "12"[turn % 2])
        made.refresh("main")
    done.set()
    for reader in readers:
        reader.join()
    assert mixed == []
    assert seen == {"1", "2"}


def test_a_started_watch_takes_a_new_champion_by_itself(champions: MakeChampions, shelf: Shelf) -> None:
    swapped = threading.Event()

    class Told(Checks):
        def __call__(self, folder: Path, *, version: str) -> str | None:
            swapped.set()
            return super().__call__(folder, version=version)

    made = champions(check=Told(), poll_seconds=0.01)
    made.start()
    made.start()
    assert version_of(made) == PRIOR_VERSION
    publish(shelf, "1", 0.5)
    assert swapped.wait(20)
    made.stop()
    assert version_of(made) == "1"


def test_nothing_runs_before_it_is_started_and_nothing_after_it_is_stopped(champions: MakeChampions) -> None:
    def watching() -> int:
        return sum(thread.name == "champions" for thread in threading.enumerate())

    before = watching()
    made = champions(poll_seconds=0.01)
    made.serving("main")
    assert watching() == before
    made.start()
    assert watching() == before + 1
    made.stop()
    made.stop()
    assert watching() == before


def test_the_watch_outlives_what_nobody_foresaw(champions: MakeChampions, shelf: Shelf) -> None:
    third = threading.Event()

    class Failing(Checks):
        def __call__(self, folder: Path, *, version: str) -> str | None:
            if self.asked < 2:
                self.asked += 1
                raise RuntimeError("nobody foresaw this")
            third.set()
            return super().__call__(folder, version=version)

    made = champions(check=Failing(), poll_seconds=0.01)
    assert version_of(made) == PRIOR_VERSION
    publish(shelf, "1", 0.5)
    made.start()
    assert third.wait(20)
    made.stop()
    assert version_of(made) == "1"


def test_a_model_is_prepared_before_it_first_answers_and_only_then(shelf: Shelf, champions: MakeChampions) -> None:
    prepared: list[tuple[str, str | None, str | None]] = []
    made = champions(prepare=lambda firm, model: prepared.append((firm, model.version, answering())))

    def answering() -> str | None:
        held = made._held.get("main")  # noqa: SLF001 - asking `serving` from within a look would wait for that look
        return held and held.serving.model and held.serving.model.version

    publish(shelf, "1", 0.5)
    made.refresh("main")
    made.refresh("main")
    publish(shelf, "2", 0.6)
    made.refresh("main")
    assert prepared == [("main", "1", None), ("main", "2", "1")]


def test_refusals_are_counted_and_the_last_good_look_is_remembered(shelf: Shelf, champions: MakeChampions) -> None:
    looked = iter(NOON + timedelta(seconds=second) for second in range(9))
    publish(shelf, "1", 0.2)
    served = champions(clock=lambda: next(looked), retry_seconds=0.0)
    served.serving("main")
    publish(shelf, "2", 0.4)
    damage(shelf, "2")
    for _ in range(2):
        served.refresh("main")
    [standing] = served.standings()
    assert (standing.firm, standing.failures, standing.challenger_failures) == ("main", 2, 0)
    assert standing.shelf_read_at == NOON + timedelta(seconds=2)
    (shelf.models_dir / "main/champion").write_text("{", encoding="utf-8")
    served.refresh("main")
    assert served.standings()[0].shelf_read_at == NOON + timedelta(seconds=2)


def test_a_tracking_server_that_was_reached_is_remembered_beside_the_models(
    shelf: Shelf, champions: MakeChampions
) -> None:
    served = champions()
    served.serving("main")
    assert served.standings()[0].followed_at is None
    shelf.note_followed("main")
    followed_at = served.standings()[0].followed_at
    assert followed_at is not None
    assert followed_at == shelf.followed_at("main")
