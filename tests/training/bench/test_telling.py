"""Tables, targets and pages say what was measured, and a page cannot hold older figures unnoticed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlscore.scoring.errors import TrainingError
from training.bench import SETS, Measured, Target, as_json, curve, markdown_of, verdicts, with_tables
from training.evaluate import SERVICE


def said(scorer: str, log_loss: float, *, size: int | None = None, covered: float | None = None) -> Measured:
    return Measured(
        scorer=scorer, size=size, deals=7, log_loss=log_loss, auc=float("nan"), brier=0.1, ece=0.1, captured=None,
        captured_half=None, covered=covered,
    )  # fmt: skip


MEASURED = [
    said("prior_rate", 0.7, size=30), said(SERVICE, 0.72, size=30), said("prior_rate", 0.6), said(SERVICE, 0.5),
]  # fmt: skip


def test_the_service_may_lose_a_hundredth_more_than_the_best_classic_at_any_size() -> None:
    assert [(target.figure, target.reached) for target in curve(MEASURED)] == [("1.029", False), ("0.833", True)]


def test_a_table_shows_the_largest_size_and_a_second_one_the_curve() -> None:
    told = markdown_of("A firm", MEASURED, command="bench it")
    assert "Printed by `bench it`." in told
    assert "| service | 0.5000 | — |" in told
    assert "| service / best classic | 1.029 | 0.833 |" in told


def test_profits_of_classics_and_service_say_by_what_each_ranks() -> None:
    earning = [replace(one, captured=5.0) for one in MEASURED]
    assert "the classics rank by probability, the service by expected profit" in markdown_of(
        "A firm", earning, command="bench it"
    )
    assert "expected profit" not in markdown_of("A firm", MEASURED, command="bench it")


def of_sizes(covered: dict[int | None, float]) -> list[Measured]:
    """Return a classic and a service whose interval holds so often, at every size."""
    each = [
        (said("forest", 0.5, size=size), said(SERVICE, 0.4, size=size, covered=share))
        for size, share in covered.items()
    ]
    return [one for pair in each for one in pair]


def test_the_interval_is_told_at_every_size_and_judged_at_each_from_a_thousand_on() -> None:
    measured = of_sizes({500: 0.5, 1000: 0.9, 10_000: 0.951})
    assert "| the service's interval covers | 50.0% | 90.0% | 95.1% |" in markdown_of(
        "A firm", measured, command="bench it"
    )
    asked = [target for target in SETS["simulated"].targets(measured) if "interval" in target.words]
    assert [(target.words[:9], target.figure, target.reached) for target in asked] == [
        ("n = 1000:", "90.0%", True), ("n = 10000", "95.1%", False)
    ]  # fmt: skip


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("size", [None, 30])
def test_a_target_is_asked_only_at_the_size_it_speaks_of(name, size) -> None:
    asked = SETS[name].targets(of_sizes({size: 0.9}))
    assert not [target for target in asked if "10 000" in target.words]
    if size is not None:
        assert all(target.words.startswith("n = 30:") for target in asked)


def test_what_is_not_reached_is_said_first() -> None:
    assert verdicts([Target("log loss", "0.5", reached=False)]) == "- **not reached**: log loss: 0.5"


def test_what_cannot_be_told_is_null_in_the_file() -> None:
    [first, *_] = json.loads(as_json({"firm": MEASURED}))["firm"]
    assert first["auc"] is None
    assert first["log_loss"] == 0.7


def test_tables_take_the_place_of_those_before() -> None:
    page = with_tables("before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n", "new")
    assert page == "before\n<!-- bench -->\n\nnew\n\n<!-- /bench -->\nafter\n"
    assert with_tables(page, "new") == page


def test_a_page_may_have_tables_of_several_kinds() -> None:
    page = "<!-- bench --><!-- /bench --> <!-- other --><!-- /other -->"
    assert with_tables(page, "new", mark="other").startswith("<!-- bench --><!-- /bench --> <!-- other -->\n\nnew")


def test_a_page_without_marks_is_refused_with_what_to_do() -> None:
    with pytest.raises(TrainingError, match="put <!-- bench -->"):
        with_tables("nothing here", "new")
