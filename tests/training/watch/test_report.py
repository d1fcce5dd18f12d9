"""The watch on a history split in time: silent where nothing changed, and naming what was planted."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from mlscore.ports import ScoredOutcome
from mlscore.scoring.deal import Status
from mlscore.scoring.policy import default_policy, fingerprint
from mlscore.scoring.receipt import Verdict
from tests.builders import a_good_deal, roubles, rules_on
from tests.models import a_model_answer
from tests.training.histories import an_answer
from tests.training.watch.planted import (
    FIRM,
    a_workshop,
    asked,
    changed,
    last_moment,
    seen,
    with_facts,
)
from training.watch import Limits, Report, Standing, Window, tables

SPOKEN = ("facts", "scores", "unknowns", "calibration", "profit")


def said(report: Report, check: str):
    [one] = [one for one in report.observations if one.check == check]
    return one


def watched(tmp_path, history, **how) -> Report:
    with a_workshop(tmp_path, history) as workshop:
        return seen(workshop, at=last_moment(history), **how)


@pytest.mark.parametrize("seed", range(6))
def test_where_nothing_has_changed_every_check_is_ok(tmp_path, seed) -> None:
    report = watched(tmp_path, asked(900, seed=seed))
    assert {one.check: one.standing for one in report.observations} == {
        **dict.fromkeys(SPOKEN, Standing.OK),
        "staleness": Standing.CANNOT_SAY,
    }
    assert report.standing is Standing.OK
    assert all(one.sentence.count(". ") == 0 and one.sentence.endswith(".") for one in report.observations)


def test_a_planted_drift_is_named_first_with_its_figure(tmp_path) -> None:
    rng = np.random.default_rng(3)
    history = changed(asked(900), lambda one: with_facts(one, source=str(rng.choice(["tender", "site"], p=[0.8, 0.2]))))
    report = watched(tmp_path, history)
    first = report.drifts[0]
    assert (first.fact, report.standing_of(first)) == ("source", Standing.ALARM)
    assert [report.standing_of(drift) for drift in report.drifts[1:]] == [Standing.OK] * (len(report.drifts) - 1)
    found = said(report, "facts")
    assert found.standing is Standing.ALARM
    assert f"source (PSI {first.psi:.2f} where chance gives {first.psi_by_chance:.2f}" in found.sentence
    assert "retrain" in found.sentence


def test_a_deal_the_champion_learned_from_is_not_compared_with_itself(tmp_path) -> None:
    history = [with_facts(one, source="site") for one in asked(900)]
    history = changed(history, lambda one: with_facts(one, source="tender"), since=2 / 3)
    at = last_moment(history)
    with a_workshop(tmp_path, history, until=at) as workshop:
        report = seen(workshop, at=at, window=Window(since=history[600].receipt.as_of))
    assert (report.learned, report.before, report.lately) == (900, 600, 300)
    assert report.drifts[0].moved in {"site 100% -> 0%", "tender 0% -> 100%"}
    assert said(report, "scores").standing is Standing.OK
    heading = next(tables(report)).title
    assert "600 deals it learned from against 300 deals since" in heading
    assert "(300 as new were learned from too, and are no part of the former)" in heading


def test_a_number_that_drifts_is_told_by_its_distance_too(tmp_path) -> None:
    history = changed(asked(900), lambda one: with_facts(one, amount=one.receipt.deal.amount * 3))
    report = watched(tmp_path, history)
    assert report.drifts[0].fact == "amount"
    assert report.drifts[0].ks > 0.5
    assert f"KS {report.drifts[0].ks:.2f}" in said(report, "facts").sentence


def test_a_fact_no_longer_filled_in_is_an_alarm_of_the_unknowns(tmp_path) -> None:
    history = changed(asked(900), lambda one: with_facts(one, industry=None))
    found = said(watched(tmp_path, history), "unknowns")
    assert found.standing is Standing.ALARM
    assert "industry (unknown 0% -> 100%)" in found.sentence


def test_deals_of_another_kind_move_the_scores(tmp_path) -> None:
    history = changed(asked(900), lambda one: with_facts(one, budget_allocated=False, budget_amount=None))
    found = said(watched(tmp_path, history), "scores")
    assert found.standing is Standing.ALARM


def test_the_scores_looked_at_are_those_given_before_the_end_was_known(tmp_path) -> None:
    def answered(one: ScoredOutcome) -> ScoredOutcome:
        model = a_model_answer(model_version="7", probability=0.02)
        receipt = replace(one.receipt, origin="live", answer=replace(an_answer(), model=model))
        return replace(one, receipt=receipt)

    report = watched(tmp_path, changed(asked(900), answered, since=0.0))
    assert report.scores.moved.endswith("-> 0.02")
    assert report.calibration.answered == report.calibration.deals > 200
    assert report.calibration.expected == pytest.approx(report.calibration.deals * 0.02)


def lost_instead(one: ScoredOutcome) -> ScoredOutcome:
    is_lost = int(one.outcome.deal_id.removeprefix("D-")) % 2
    ended = replace(one.outcome, status=Status.LOST, realised_profit=None)
    return replace(one, outcome=ended) if is_lost else one


def test_outcomes_that_fall_short_of_what_was_expected_are_an_alarm(tmp_path) -> None:
    report = watched(tmp_path, changed(asked(900), lost_instead))
    found, figures = said(report, "calibration"), report.calibration
    assert found.standing is Standing.ALARM
    assert figures.low < figures.ratio < figures.high < 1 / Limits().calibration_alarm
    assert f"{figures.observed} were won and {figures.expected:.0f} were expected" in found.sentence
    assert said(report, "facts").standing is Standing.OK


def test_the_same_shortfall_on_a_few_deals_is_not_yet_an_alarm(tmp_path) -> None:
    report = watched(tmp_path, changed(asked(90, a_day=1), lost_instead))
    assert report.calibration.deals < 70
    assert said(report, "calibration").standing is not Standing.ALARM


def with_sellers(history, *, optimist: str | None = None) -> list[ScoredOutcome]:
    sold = []
    for place, one in enumerate(history):
        seller, profit = f"S-{place % 5}", one.outcome.realised_profit
        if seller == optimist and profit is not None:
            profit = profit // 2
        moved = with_facts(one, seller_id=seller)
        sold.append(replace(moved, outcome=replace(moved.outcome, realised_profit=profit)))
    return sold


def test_a_planted_optimist_is_named_and_nobody_else(tmp_path) -> None:
    report = watched(tmp_path, with_sellers(asked(900), optimist="S-3"))
    found = said(report, "profit")
    assert found.standing is Standing.ALARM
    assert "the figures of S-3 (" in found.sentence
    assert [seller.seller for seller in report.sellers[:2]] == ["(everyone)", "S-3"]
    worst = report.sellers[1]
    assert worst.ratio < Limits().profit_alarm * worst.others
    assert worst.p < 0.001
    assert worst.realised < 0.65 * worst.stated
    assert not any(f"S-{n}" in found.sentence for n in (0, 1, 2, 4))


def test_sellers_whose_figures_come_true_alike_are_left_in_peace(tmp_path) -> None:
    assert said(watched(tmp_path, with_sellers(asked(900))), "profit").standing is Standing.OK


def test_one_bad_deal_makes_no_optimist(tmp_path) -> None:
    history = with_sellers(asked(900))
    won = [at for at, one in enumerate(history) if one.receipt.deal.seller_id == "S-3" and one.outcome.realised_profit]
    bad = history[won[0]]
    stated = sum(history[at].receipt.deal.profit_if_won for at in won)
    history[won[0]] = replace(bad, outcome=replace(bad.outcome, realised_profit=-stated // 2))
    report = watched(tmp_path, history)
    assert report.sellers[1].seller == "S-3"
    assert report.sellers[1].ratio < Limits().profit_alarm * report.sellers[1].others
    assert said(report, "profit").standing is Standing.OK


def test_a_profit_nobody_stated_is_no_sellers_figure(tmp_path) -> None:
    history = [with_facts(one, profit_if_won=None) for one in with_sellers(asked(300), optimist="S-3")]
    assert said(watched(tmp_path, history), "profit").standing is Standing.CANNOT_SAY


def test_backtests_of_another_version_are_not_the_champions(tmp_path) -> None:
    history = asked(600)
    with a_workshop(tmp_path, history) as workshop:
        own = seen(workshop, at=last_moment(history))
        kept = [one.backtest for one in workshop.store.closed.closed_deals(FIRM) if one.backtest is not None]
        workshop.store.backtests.keep(FIRM, [replace(backtest, model_version="6") for backtest in kept])
        anothers = seen(workshop, at=last_moment(history))
    assert said(own, "scores").standing is Standing.OK
    assert said(anothers, "scores").standing is Standing.CANNOT_SAY


def test_too_few_deals_are_said_to_be_too_few(tmp_path) -> None:
    history = asked(40, a_day=0.5)
    report = watched(tmp_path, history, window=Window(since=last_moment(history) + timedelta(days=1)))
    assert {one.check for one in report.observations if one.standing is Standing.CANNOT_SAY} >= {
        "facts",
        "scores",
        "unknowns",
        "staleness",
    }
    assert (report.drifts, report.scores) == ((), None)


def an_open_deal(name: str, *, at: datetime, policy: str | None = None, model: str | None = "7", **facts):
    """Return a receipt of an AAA deal, answered by a champion under the shipped policy."""
    deal = a_good_deal(deal_id=name, stage="deal", as_of=at, **facts)
    rule = replace(rules_on(deal), policy_version=policy or fingerprint(default_policy()))
    answer = replace(an_answer(), rule=rule, model=model and a_model_answer(model_version=model))
    history = asked(1)[0].receipt
    return replace(history, receipt_id=f"R-{name}", deal=deal, as_of=at, scored_at=at, answer=answer, origin="live")


def test_stale_scores_are_counted_by_their_causes(tmp_path) -> None:
    history = asked(300)
    at = last_moment(history)
    day = timedelta(days=1)
    in_forty_days = (at + 40 * day).date()
    receipts = [
        an_open_deal("fresh", at=at - day),
        an_open_deal("fresh-and-dated", at=at - day, asap=None, delivery_needed_by=in_forty_days),
        an_open_deal("policy", at=at - day, policy="another"),
        an_open_deal("champion", at=at - day, model="6"),
        an_open_deal("unanswered", at=at - day, model=None),
        an_open_deal("urgency", at=at - 15 * day, asap=None, delivery_needed_by=in_forty_days - 20 * day),
        an_open_deal("age", at=at - 31 * day),
        an_open_deal("age-and-champion", at=at - 31 * day, model="6"),
        replace(an_open_deal("undated", at=at - day), as_of=None),
    ]
    refused = an_open_deal("refused", at=at - 90 * day, profit_if_won=roubles(1))
    assert refused.answer.rule.verdict is Verdict.REFUSE
    with a_workshop(tmp_path, history) as workshop:
        workshop.store.receipts.keep(FIRM, [*receipts, refused])
        report = seen(workshop, at=at)
    stale = report.staleness
    assert stale.causes == {"policy": 1, "champion": 3, "urgency": 1, "age": 2}
    assert (stale.open_deals, stale.turned_away, stale.stale) == (9, 1, 6)
    found = said(report, "staleness")
    assert found.standing is Standing.ALARM
    assert found.sentence.startswith("6 of 9 open deals (67%) have a stale score (1 another policy, 3 another champion")


def test_urgency_that_changes_with_the_days_is_judged_by_todays_policy(tmp_path) -> None:
    history = asked(300)
    at = last_moment(history)
    waiting = an_open_deal("D", at=at, asap=None, delivery_needed_by=(at + timedelta(days=40)).date())
    with a_workshop(tmp_path, history) as workshop:
        workshop.store.receipts.keep(FIRM, [waiting])
        soon, later = (seen(workshop, at=at + timedelta(days=days)).staleness.urgency for days in (9, 11))
    assert default_policy().grading.urgent_days == 30
    assert (soon, later) == (0, 1)


def test_a_deal_scored_again_is_no_longer_stale(tmp_path) -> None:
    history = asked(300)
    at = last_moment(history)
    with a_workshop(tmp_path, history) as workshop:
        workshop.store.receipts.keep(FIRM, [an_open_deal("D", at=at - timedelta(days=50), model="6")])
        before = seen(workshop, at=at).staleness.stale
        again = replace(an_open_deal("D", at=at), receipt_id="R-again")
        workshop.store.receipts.keep(FIRM, [again])
        after = seen(workshop, at=at).staleness
    assert (before, after.stale, after.open_deals) == (1, 0, 1)


def test_right_after_a_promotion_open_deals_are_not_yet_rescored_and_a_day_later_stale(tmp_path) -> None:
    history = asked(300)
    at = last_moment(history)
    hour = timedelta(hours=1)
    receipts = [an_open_deal("before", at=at - 5 * hour, model="6"), an_open_deal("none", at=at - 5 * hour, model=None)]
    with a_workshop(tmp_path, history, promoted=at - hour) as workshop:
        workshop.store.receipts.keep(FIRM, receipts)
        soon, later = (seen(workshop, at=at + wait) for wait in (hour, 30 * hour))
    assert (soon.staleness.stale, soon.staleness.not_yet, soon.staleness.open_deals) == (0, 2, 2)
    found = said(soon, "staleness")
    assert found.standing is Standing.OK
    assert found.sentence.endswith("2 more were scored before the champion was promoted and not yet since.")
    assert (later.staleness.stale, later.staleness.not_yet) == (2, 0)
    assert said(later, "staleness").standing is Standing.ALARM


def test_a_stale_deal_is_not_counted_again_among_those_not_yet_rescored(tmp_path) -> None:
    history = asked(300)
    at = last_moment(history)
    day = timedelta(days=1)
    receipts = [an_open_deal("old", at=at - 40 * day, model="6"), an_open_deal("before", at=at - day, model="6")]
    with a_workshop(tmp_path, history, promoted=at - day / 2) as workshop:
        workshop.store.receipts.keep(FIRM, receipts)
        report = seen(workshop, at=at)
    assert (report.staleness.open_deals, report.staleness.stale, report.staleness.not_yet) == (2, 1, 1)
    assert "1 more was scored" in said(report, "staleness").sentence


def test_a_limit_of_ones_own_moves_the_alarm(tmp_path) -> None:
    history = changed(asked(900), lost_instead)
    report = watched(tmp_path, history, limits=Limits(calibration_warn=3.0, calibration_alarm=4.0))
    assert said(report, "calibration").standing is Standing.OK


def test_the_same_deals_give_the_same_report(tmp_path) -> None:
    history = with_sellers(asked(300))
    with a_workshop(tmp_path, history) as workshop:
        first, again = (seen(workshop, at=last_moment(history)) for _ in range(2))
    assert first == again


def test_the_newest_deals_are_taken_as_the_champions_rows_were(tmp_path) -> None:
    """A deal asked about again, better known by then, is the deal it was when the champion would have met it."""
    history = asked(600)
    at = last_moment(history)
    again = [
        replace(
            one.receipt, receipt_id=f"{one.receipt.receipt_id}-again", deal=replace(one.receipt.deal, employees=9.0)
        )
        for one in history[400:]
    ]
    with a_workshop(tmp_path, history) as workshop:
        workshop.store.receipts.keep(FIRM, [replace(r, as_of=r.as_of + timedelta(hours=1)) for r in again])
        report = seen(workshop, at=at)
    assert "employees" not in {drift.fact for drift in report.drifts}
