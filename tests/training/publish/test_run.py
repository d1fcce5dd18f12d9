"""What a run tells of a training: figures by name, and the history it learned without one deal of it."""

import json
import re
from pathlib import Path

import numpy as np

from tests.training.findings import some_findings
from tests.training.histories import a_history, a_table, undated
from training.publish.run import History, metrics_of

HISTORY = a_history(400)
FINDINGS = some_findings(HISTORY)


def test_the_history_is_listed_by_our_own_digest_with_its_size_and_its_time() -> None:
    table = FINDINGS.table
    listed = History("main", table).to_dict()
    assert listed["name"] == "closed deals of main"
    assert table.history_sha256.startswith(listed["digest"])
    assert len(listed["digest"]) == 36
    profile = json.loads(listed["profile"])
    assert (profile["rows"], profile["positives"]) == (400, int(table.y.sum()))
    assert profile["scored_from"] == HISTORY[0].receipt.as_of.isoformat()
    assert profile["scored_until"] == HISTORY[-1].receipt.as_of.isoformat()
    assert json.loads(listed["source"])["tags"]["history_sha256"] == table.history_sha256


def test_no_deal_is_in_what_is_listed() -> None:
    history = a_history(60)
    listed = json.dumps(History("main", a_table(history)).to_dict())
    for one in history:
        assert one.receipt.deal.deal_id not in listed
        assert str(one.receipt.deal.amount) not in listed


def test_an_undated_history_has_no_time() -> None:
    profile = History("main", a_table(undated(a_history(60)))).profile
    assert (profile["scored_from"], profile["scored_until"]) == (None, None)


def test_the_run_has_figures_money_doubts_and_quarters_by_name() -> None:
    told = metrics_of(FINDINGS)
    worth = FINDINGS.worth
    assert told["deals"] == 400
    assert (told["expected_profit"], told["realised_profit"]) == (worth.expected, worth.realised)
    assert told["surplus_low"] <= told["surplus"] <= told["surplus_high"]
    assert told["oracle.profit_captured"] >= told["service.profit_captured"] > told["chance.profit_captured"]
    assert {"service.log_loss", "rules.auc", "rank_correlation", "abstained_share", "abstaining_saves"} < told.keys()
    for quarter in FINDINGS.quarters():
        assert told[f"log_loss/{quarter.quarter}"] == quarter.log_loss
        assert told[f"expected_profit/{quarter.quarter}"] == quarter.expected
        assert told[f"realised_profit/{quarter.quarter}"] == quarter.realised
    assert "logistic.log_loss" not in told


def test_the_share_of_intervals_that_held_is_told_where_it_can_be() -> None:
    assert "interval_held" in metrics_of(FINDINGS)
    assert "interval_held" not in metrics_of(some_findings(a_history(80)))


def test_what_cannot_be_told_is_left_out() -> None:
    told = metrics_of(some_findings(a_history(30), rows=np.zeros(0, dtype=np.intp), figures=()))
    assert told.keys() == {"deals", "positives", "immature"}
    assert np.isfinite(list(metrics_of(FINDINGS).values())).all()


def test_every_figure_the_page_on_training_names_is_in_the_run() -> None:
    page = (Path(__file__).parents[3] / "docs" / "training.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith(("| money |", "| doubts |"))]
    named = [name.replace("2025Q1", "2024Q3") for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert len(named) > 10
    assert set(named) - metrics_of(FINDINGS).keys() == set()
