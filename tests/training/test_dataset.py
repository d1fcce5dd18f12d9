"""What becomes a training row, under which label, and what is left out."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from mlscore.ports import ScoredOutcome
from mlscore.scoring.features import matrix
from mlscore.scoring.verdict import judge
from tests.builders import a_policy
from tests.training.histories import a_closed_deal, a_history, a_table, undated, with_outcomes_turned
from training.dataset import deals_under

FLOOR = 5_000


@pytest.mark.parametrize(
    ("won", "profit", "is_positive"),
    [
        (True, FLOOR, True),
        (True, FLOOR - 0.01, False),
        (True, FLOOR + 0.01, True),
        (True, -300, False),
        (False, None, False),
    ],
)
def test_positive_is_won_and_at_least_the_floor(won, profit, is_positive) -> None:
    other = a_closed_deal("D-2", won=True, profit=9_000)
    table = a_table([a_closed_deal(won=won, profit=profit), other])
    assert table.label == "profitable"
    assert table.y.tolist() == [is_positive, True]


def test_a_lost_deal_brings_nothing() -> None:
    table = a_table([a_closed_deal(won=False), a_closed_deal("D-2", won=True, profit=70)])
    assert table.profit.tolist() == [0.0, 7_000.0]


def test_the_label_is_won_where_a_firm_records_no_profit() -> None:
    table = a_table([a_closed_deal(profit=None), a_closed_deal("D-2", won=False)])
    assert (table.label, table.y.tolist(), table.has_profit) == ("won", [True, False], False)


def test_the_label_is_won_where_the_policy_says_so() -> None:
    table = a_table([a_closed_deal(profit=1)], a_policy(training={"label": "won"}))
    assert (table.label, table.y.tolist()) == ("won", [True])


def test_a_won_deal_whose_profit_is_not_recorded_is_left_out_and_counted() -> None:
    history = [a_closed_deal("D-1"), a_closed_deal("D-2"), a_closed_deal("D-3", profit=None)]
    table = a_table(history)
    assert table.deal_ids == ("D-1", "D-2")
    assert table.left_out == {"profit_not_recorded": 1}


def test_a_deal_first_scored_after_it_closed_is_left_out_and_counted() -> None:
    late = a_closed_deal("D-2", days_to_close=-3)
    table = a_table([a_closed_deal("D-1"), late])
    assert table.deal_ids == ("D-1",)
    assert table.left_out == {"scored_after_closing": 1}


def test_undated_deals_alike_in_everything_are_one_deal_and_dated_ones_are_not() -> None:
    history = [a_closed_deal(f"D-{n}", day=n) for n in range(3)]
    assert len(a_table(history)) == 3
    table = a_table(undated(history))
    assert (len(table), table.left_out) == (1, {"repeated": 2})


def test_an_outcome_known_late_is_known_when_the_firm_learned_it() -> None:
    told = a_closed_deal(day=0, days_to_close=10)
    later = told.outcome.closed_at + timedelta(days=30)
    table = a_table([replace(told, outcome=replace(told.outcome, known_at=later))])
    assert table.known_at.tolist() == [later.timestamp()]


def test_a_corrected_outcome_was_first_known_before_and_is_known_as_it_is_now_since_the_correction() -> None:
    told = a_closed_deal(day=0, days_to_close=10)
    first = told.outcome.known_at
    corrected = replace(told.outcome, known_at=first + timedelta(days=90))
    table = a_table([replace(told, outcome=corrected, first_known_at=first), a_closed_deal("D-2", day=1)])
    assert table.first_known_at.tolist()[0] == first.timestamp()
    assert table.known_at.tolist()[0] == corrected.known_at.timestamp()
    assert table.first_known_at.tolist()[1] == table.known_at.tolist()[1] == table.closed_at.tolist()[1]


def test_undated_deals_have_no_moments_to_be_known_at() -> None:
    table = a_table(undated(a_history(5)))
    assert np.isnan([*table.known_at, *table.first_known_at, *table.closed_at]).all()


def test_a_level_of_its_own_needs_five_deals() -> None:
    history = [a_closed_deal(f"D-{n}", source="site" if n < 5 else "rare") for n in range(9)]
    assert a_table(history).vocabularies["source"] == ("site",)


def test_deals_with_the_same_facts_share_a_group() -> None:
    history = [a_closed_deal("D-1", amount=100), a_closed_deal("D-2", amount=100), a_closed_deal("D-3", amount=200)]
    first, second, third = a_table(history).groups.tolist()
    assert first == second != third


def test_features_and_rule_answers_are_those_of_the_policy_in_hand() -> None:
    strict = a_policy(economics={"floor": 50_000})
    table = a_table(a_history(20), strict)
    judged = judge(table.deals, strict)
    np.testing.assert_array_equal(table.inputs.matrix, matrix(table.features, judged))
    np.testing.assert_array_equal(table.inputs.cells, judged.cell)


def names_of(table):
    return {feature.name for feature in table.features}


def test_features_that_are_the_same_for_every_deal_are_left_out() -> None:
    table = a_table(a_history(60))
    assert all(len(np.unique(np.nan_to_num(column, nan=-1e9))) > 1 for column in table.inputs.matrix.T)
    assert "employees" not in names_of(table)
    some_known = [a_closed_deal(f"D-{n}", day=n, employees=9.0 if n else None) for n in range(9)]
    assert "employees" in names_of(a_table(some_known))
    all_known = [a_closed_deal(f"D-{n}", day=n, employees=9.0) for n in range(9)]
    assert "employees" not in names_of(a_table(all_known))


def test_what_was_left_out_changes_no_rule_and_no_group() -> None:
    history = a_history(60)
    plain, varied = a_table(history), a_table([*history, a_closed_deal("D-new", day=99, employees=9.0)])
    assert names_of(varied) > names_of(plain)
    np.testing.assert_array_equal(varied.inputs.cells[:60], plain.inputs.cells)
    assert len(np.unique(plain.groups)) == len(np.unique(varied.groups[:60]))


def test_a_won_deal_is_won_whether_it_paid_or_not() -> None:
    history = [a_closed_deal("D-1"), a_closed_deal("D-2", profit=FLOOR - 1), a_closed_deal("D-3", won=False)]
    table = a_table(history)
    assert table.won.tolist() == [True, True, False]
    assert table.y.tolist() == [True, False, False]
    unrecorded = a_table([a_closed_deal("D-1", profit=None), a_closed_deal("D-2", won=False)])
    assert unrecorded.won.tolist() == unrecorded.y.tolist() == [True, False]


def tracked(table, name):
    """Return a column of the track record: what each deal could know of the others."""
    return table.inputs.matrix[:, [feature.name for feature in table.features].index(name)]


def test_a_deal_knows_of_the_others_what_was_known_when_it_was_scored() -> None:
    history = [a_closed_deal(f"D-{n}", day=10 * n, days_to_close=15, company_id="C-1") for n in range(4)]
    table = a_table(history)
    counted = np.expm1(tracked(table, "track_client_deals"))
    assert [round(float(deals), 1) for deals in counted] == [0.0, 0.0, 1.0, 1.9]
    assert np.isnan(tracked(table, "track_client_days_since")[:2]).all()
    assert tracked(table, "track_client_days_since")[2:].tolist() == [5.0, 5.0]


def test_a_track_record_counts_what_paid_under_the_label_of_the_table() -> None:
    def rates(profit: float):
        before = a_closed_deal("D-1", day=0, profit=profit, company_id="C-1")
        return tracked(a_table([before, a_closed_deal("D-2", day=50, company_id="C-1")]), "track_client_rate")

    assert rates(FLOOR)[1] > rates(FLOOR - 0.01)[1]


def test_a_corrected_outcome_tells_nobody_before_the_correction() -> None:
    first = a_closed_deal("D-1", day=0, days_to_close=10, company_id="C-1")
    corrected = replace(first, outcome=replace(first.outcome, known_at=first.outcome.known_at + timedelta(days=90)))
    later = [a_closed_deal(f"D-{day}", day=day, company_id="C-1") for day in (50, 120)]
    in_time, late = (np.expm1(tracked(a_table([one, *later]), "track_client_deals")) for one in (first, corrected))
    assert in_time.round(1).tolist() == [0.0, 0.9, 1.6]
    assert late.round(1).tolist() == [0.0, 0.0, 1.8]


def test_an_undated_history_has_no_track_record() -> None:
    history = [a_closed_deal(f"D-{n}", day=9 * n, company_id=f"C-{n % 2}", amount=n) for n in range(9)]
    assert any(feature.is_tracked for feature in a_table(history).features)
    assert not any(feature.is_tracked for feature in a_table(undated(history)).features)


def test_a_track_record_parts_no_deals_with_the_same_facts() -> None:
    before = a_closed_deal("D-1", day=0, days_to_close=50.1, company_id="C-1")
    table = a_table([before, *(a_closed_deal(f"D-{day}", day=day, company_id="C-1") for day in (50.0, 50.2))])
    counted = tracked(table, "track_client_deals")
    assert counted[1] != counted[2]
    assert table.groups[1] == table.groups[2] != table.groups[0]


def test_the_hash_of_a_history_does_not_depend_on_its_order() -> None:
    history = a_history(30)
    assert a_table(history).history_sha256 == a_table(history[::-1]).history_sha256


def test_the_hash_of_a_history_changes_with_one_outcome() -> None:
    history = a_history(30)
    assert a_table(history).history_sha256 != a_table(with_outcomes_turned(history, [7])).history_sha256


def test_no_deals_make_an_empty_table() -> None:
    table = a_table([])
    assert (len(table), table.is_dated, table.history_until) == (0, False, None)


def test_one_undated_deal_does_not_turn_a_dated_history_into_an_undated_one() -> None:
    table = a_table([*a_history(40), a_closed_deal("D-undated", day=None)])
    assert table.is_dated
    assert table.left_out["undated"] == 1


def clients_with_profits(profit: float) -> list[ScoredOutcome]:
    return [a_closed_deal(f"D-{n}", day=n, days_to_close=1, profit=profit, company_id="C-1") for n in range(40)]


def test_a_model_of_another_policy_reads_the_record_of_its_own_floor() -> None:
    table, strict = a_table(clients_with_profits(9_000)), a_policy(economics={"floor": 50_000})
    ours, theirs = (deals.numbers("track.client.rate") for deals in (table.deals, deals_under(table, strict)))
    np.testing.assert_array_equal(
        theirs, a_table(clients_with_profits(9_000), strict).deals.numbers("track.client.rate")
    )
    assert (theirs[5:] < ours[5:]).all()
    assert deals_under(table, a_policy()) is table.deals


def test_where_a_model_learned_who_won_so_does_the_record_it_reads() -> None:
    by_won = a_policy(training={"label": "won"})
    table = a_table(clients_with_profits(100))
    rate = deals_under(table, by_won).numbers("track.client.rate")
    np.testing.assert_array_equal(rate, a_table(clients_with_profits(100), by_won).deals.numbers("track.client.rate"))
    assert rate[-1] > 0.9
