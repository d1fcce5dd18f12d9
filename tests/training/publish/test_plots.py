"""The plots of a run: each drawn with the numbers it shows, in one visual language."""

import csv
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mlscore.scoring.policy import default_policy
from tests.training.findings import a_round, some_findings
from tests.training.histories import a_closed_deal, a_history, a_table, undated
from training.publish.plots import PLOTS, draw, draw_one, write_plots
from training.publish.plots.canvas import APART, MODEL, RULES, SEEN

FINDINGS = some_findings(a_history(400))
DRAWN = {plot.name: plot for plot in draw(FINDINGS)}


def titles(svg: str) -> str:
    """Return everything written on a plot."""
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def test_every_plot_is_drawn_in_the_order_of_the_index() -> None:
    assert list(DRAWN) == list(PLOTS)


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_is_a_picture_that_shows_itself_in_a_notebook(name: str) -> None:
    plot = DRAWN[name]
    assert plot.svg.rstrip().endswith("</svg>")
    assert plot._repr_svg_() == plot.svg
    assert plot.told == PLOTS[name].told


@pytest.mark.parametrize("name", PLOTS)
def test_beside_each_picture_lies_the_table_of_its_numbers(name: str, tmp_path) -> None:
    write_plots([DRAWN[name]], tmp_path)
    assert (tmp_path / f"{name}.svg").read_text(encoding="utf-8") == DRAWN[name].svg
    with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(DRAWN[name].numbers) > 0
    assert list(rows[0]) == list(DRAWN[name].numbers[0])


def test_the_same_findings_give_the_same_pictures() -> None:
    again = {plot.name: plot.svg for plot in draw(some_findings(a_history(400)))}
    assert again == {name: plot.svg for name, plot in DRAWN.items()}


def test_rules_model_and_whoever_knows_all_or_nothing_have_one_colour_everywhere() -> None:
    assert len({MODEL, RULES, SEEN, APART}) == 4
    for name in ("lift", "profit"):
        assert all(colour in DRAWN[name].svg for colour in (MODEL, RULES, APART))
    assert MODEL in DRAWN["calibration"].svg
    assert RULES not in DRAWN["calibration"].svg
    assert all(colour in DRAWN["quarters"].svg for colour in (MODEL, SEEN))


def test_a_plot_of_a_simulated_history_says_so_and_no_other_does() -> None:
    simulated = some_findings(a_history(400), model=replace(FINDINGS.model, simulated=True))
    assert all("(simulated)" in titles(plot.svg) for plot in draw(simulated))
    assert not any("(simulated)" in titles(plot.svg) for plot in DRAWN.values())


def test_the_curves_begin_with_no_deal_and_end_with_all() -> None:
    first, *_, last = DRAWN["profit"].numbers
    brought = FINDINGS.table.profit[FINDINGS.rows].sum() / 100
    assert (first["deals_worked"], first["model"], first["rules"], first["chance"]) == (0, 0, 0, 0)
    assert last["deals_worked"] == len(FINDINGS.rows)
    assert [last[name] for name in ("oracle", "model", "rules", "chance")] == pytest.approx([brought] * 4)
    assert len(DRAWN["profit"].numbers) <= 101


def test_the_line_of_the_capacity_says_where_it_is_but_half_of_the_deals() -> None:
    policy = default_policy()
    busy = some_findings(a_history(400), replace(policy, economics=replace(policy.economics, worked_capacity=3)))
    assert "what the team can work" in titles(draw_one(busy, "profit").svg)
    assert "half: the team can work all" in titles(DRAWN["profit"].svg)


def test_the_model_of_these_findings_finds_good_deals_faster_than_chance() -> None:
    half = DRAWN["lift"].numbers[len(DRAWN["lift"].numbers) // 2]
    assert half["chance"] < half["model"] <= half["oracle"] + 1e-9


def test_the_intervals_title_counts_those_that_held() -> None:
    table = a_table(a_history(600, seed=4))
    sure = a_round(table, low=np.zeros(600), high=np.ones(600))
    plot = draw_one(some_findings(table=table, answered=sure), "intervals")
    groups = len(plot.numbers)
    assert f"{groups} of {groups} intervals held" in titles(plot.svg)


def test_the_matrix_tells_counts_hit_rates_and_money() -> None:
    cell = next(cell for cell in FINDINGS.matrix if cell.deals)
    written = titles(DRAWN["matrix"].svg)
    assert f"{cell.deals} deals" in written
    assert f"{cell.hit_rate:.0%} good" in written
    assert f"{cell.realised:,.0f} RUB" in written


def test_the_learning_curve_says_what_it_is() -> None:
    written = titles(DRAWN["learning"].svg)
    assert "an even blend of logistic and lightgbm" in written
    assert "rule rates" in written


def test_facts_are_named_in_words() -> None:
    assert "budget allocated" in titles(DRAWN["influence"].svg)
    assert "yes (" in titles(DRAWN["insight"].svg)


def test_nothing_is_drawn_of_what_is_not_known() -> None:
    history = a_history(80)
    table = a_table(history)
    nobody = some_findings(table=table, rows=np.zeros(0, dtype=np.intp), figures=())
    assert {plot.name for plot in draw(nobody)} == {"deal_sizes"}
    unrecorded = replace(table, profit=np.full(80, np.nan))
    without = {plot.name for plot in draw(some_findings(table=unrecorded, answered=a_round(table)))}
    assert not without & {"profit", "quarters", "deal_sizes", "matrix"}
    assert "lift" in without
    assert draw_one(some_findings(undated(history)), "quarters") is None
    all_lost = a_table([a_closed_deal(f"D-{n}", day=n, won=False) for n in range(60)])
    assert draw_one(some_findings(table=all_lost), "lift") is None


def test_the_page_on_training_lists_every_plot_and_how_to_read_it() -> None:
    page = (Path(__file__).parents[3] / "docs" / "training.md").read_text(encoding="utf-8")
    listed = page.split("<!-- plots -->\n")[1].split("<!-- /plots -->")[0]
    rows = "".join(f"| `{name}` | {kind.told} |\n" for name, kind in PLOTS.items())
    assert listed == f"| plot | how to read it |\n|---|---|\n{rows}"
