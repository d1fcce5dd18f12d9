"""The model card: what a reader is told, and a page that needs nothing but itself."""

import re
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from mlscore.scoring.model import Knots, Sigmoid
from mlscore.scoring.policy import default_policy
from tests.training.findings import GATES, a_round, some_findings
from tests.training.histories import a_history, a_table, undated
from training.leaks import Leak
from training.publish import card_page, draw, model_card

FINDINGS = some_findings(a_history(400))
CARD = model_card(FINDINGS)
PLOTS = draw(FINDINGS)
PAGE = card_page(FINDINGS, PLOTS)

LEAK = Leak(fact="paid_at", way="name", severity="refuse", figure=None, sentence="paid_at is known <late> & only then.")


def section(card: str, heading: str) -> str:
    """Return what stands under a heading."""
    return re.split(r"^## ", card.split(f"## {heading}\n")[1], flags=re.MULTILINE)[0]


def card_of(**changes) -> str:
    return model_card(some_findings(a_history(400), **changes))


def test_the_card_tells_what_the_model_is_made_of() -> None:
    made_of = section(CARD, "What it is made of")
    assert "| logistic | 60% |" in made_of
    assert "| random trees | 40% |" in made_of
    assert "track records of earlier deals are not read" in made_of
    assert "old deals count as much as new ones" in made_of
    fading = card_of(settings={"track_records": "read", "half_life": "180 days"})
    assert "a deal counts half as much after 180 days" in section(fading, "What it is made of")


@pytest.mark.parametrize(
    ("calibration", "said"),
    [
        (Sigmoid(), "no calibration did better"),
        (Sigmoid(slope=0.9, intercept=-0.1), "a sigmoid (slope 0.90, intercept -0.10)"),
        (Knots(at=np.array([-1.0, 0.0, 1.0]), value=np.array([-1.0, 0.0, 1.0])), "an isotonic map of 3 steps"),
    ],
)
def test_the_card_tells_how_it_is_calibrated(calibration, said: str) -> None:
    assert said in card_of(model=replace(FINDINGS.model, calibration=calibration))


def test_the_card_tells_what_it_learned_from_and_what_it_leans_on() -> None:
    table = FINDINGS.table
    learned = section(CARD, "What it learned from")
    assert f"400 closed deals, {table.y.sum()} of them profitable" in learned
    assert table.history_sha256 in learned
    points = 100 * np.abs(FINDINGS.moves.points).sum(axis=1).mean()
    assert f"- budget allocated: {points:.1f} probability points" in section(CARD, "What it leans on")


def test_the_card_tells_every_quarter_with_its_money() -> None:
    told = section(CARD, "Quarter by quarter")
    for quarter in FINDINGS.quarters():
        assert f"| {quarter.quarter} | {quarter.deals} | {quarter.positives} |" in told
        assert f"| {quarter.realised:,.0f} |" in told
    nothing_dated = model_card(some_findings(undated(a_history(60))))
    assert "No quarter has enough" in section(nothing_dated, "Quarter by quarter")


def test_the_card_holds_expected_against_realised_with_an_interval() -> None:
    money, worth = section(CARD, "The money"), FINDINGS.worth
    assert f"expected to bring {worth.expected:,.0f} RUB and brought {worth.realised:,.0f}" in money
    assert f"from {worth.surplus.low:+,.0f} to\n{worth.surplus.high:+,.0f}" in money
    assert f"could work them all, so rankings are compared at half of them, {FINDINGS.captured.worked} deals" in money
    assert ("so chance may explain it" in money) == (worth.surplus.low <= 0 <= worth.surplus.high)


def test_the_table_says_by_what_each_ranks_and_of_which_repeat_the_rest_is() -> None:
    assert "by expected profit and last what it abstains on, which the gates alone rank" in section(
        CARD, "How good it is"
    )
    assert "repeats" not in CARD
    twice = replace(FINDINGS.contest, rounds=FINDINGS.rounds * 2)
    told = section(card_of(contest=twice), "How good it is")
    assert "mean of 2 repeats; whatever else is told of the judged deals, gates included, is of the first" in told
    unrecorded = replace(FINDINGS.table, profit=np.full(400, np.nan))
    assert "expected profit" not in section(
        model_card(some_findings(table=unrecorded, answered=a_round(FINDINGS.table))), "How good it is"
    )


def test_the_card_says_in_readable_moments_what_was_learned_and_judged() -> None:
    table = FINDINGS.table
    assert "Trained 2026-03-02 12:00 UTC." in CARD
    until = datetime.fromtimestamp(table.history_until, UTC)
    assert f"known until {until:%Y-%m-%d %H:%M} UTC" in section(CARD, "What it learned from")
    judged = section(CARD, "How good it is")
    first, last = (datetime.fromtimestamp(table.as_of[FINDINGS.rows][place], UTC) for place in (0, -1))
    assert f"scored from {first:%Y-%m-%d} to {last:%Y-%m-%d}" in judged
    assert "were not judged" not in judged
    young = card_of(plan=replace(FINDINGS.plan, immature=7))
    assert "The newest 7 deals taught and were not judged" in section(young, "How good it is")
    undated_card = section(model_card(some_findings(undated(a_history(60)))), "How good it is")
    assert "in grouped folds (nothing is dated)" in undated_card
    assert "scored from" not in undated_card


def test_a_fact_somebody_vouched_for_is_named() -> None:
    told = section(card_of(terms={"vouched": ["profit_if_won", "amount"]}), "Facts that may be known too late")
    assert "A person vouches for profit if won, amount:" in told
    assert "vouches" not in CARD


def test_of_few_groups_the_card_says_that_they_prove_nothing() -> None:
    assert 0 < len(FINDINGS.intervals) < 10
    assert "so few groups prove nothing" in section(CARD, "Its interval")
    many = card_of(rows=np.tile(FINDINGS.rows, 10))
    assert "so few groups prove nothing" not in section(many, "Its interval")


def test_a_team_that_cannot_work_all_is_told_how_many_it_can() -> None:
    policy = default_policy()
    busy = replace(policy, economics=replace(policy.economics, worked_capacity=3))
    found = some_findings(a_history(400), busy)
    assert not found.captured.all_workable
    assert f"The team can work {found.captured.worked} of them" in section(model_card(found), "The money")


def test_the_card_says_when_more_than_chance_parts_expected_from_realised() -> None:
    table = a_table(a_history(400))
    hopeful = a_round(table, expected_profit=np.full(400, 1e9))
    money = section(model_card(some_findings(table=table, answered=hopeful)), "The money")
    assert "more than chance explains" in money


def test_the_card_tells_how_often_the_interval_held_and_what_abstaining_is_worth() -> None:
    table = a_table(a_history(600, seed=4))
    first_thirty = np.isin(np.arange(600), some_findings(table=table).rows[:30])
    sure = a_round(table, low=np.zeros(600), high=np.ones(600), abstained=first_thirty)
    findings = some_findings(table=table, answered=sure)
    card = model_card(findings)
    assert f"{len(findings.intervals)} groups of 100 deals" in section(card, "Its interval")
    assert "100% had a share within" in section(card, "Its interval")
    abstained = section(card, "When it abstains")
    assert "It abstained on 30 of the judged deals" in abstained
    assert ("saves" in abstained) == (findings.abstaining.saves >= 0)
    assert "It abstained on none" in section(CARD, "When it abstains")


def test_the_card_tells_leaks_gates_and_limits() -> None:
    card = card_of(leaks=(LEAK,), gates=(GATES[0], replace(GATES[1], passed=False)))
    assert f"**refused**: {LEAK.sentence}" in section(card, "Facts that may be known too late")
    assert f"passed: {GATES[0].sentence}" in section(card, "Gates")
    assert f"**failed**: {GATES[1].sentence}" in section(card, "Gates")
    assert "It did not pass every gate" in card
    assert "Deals that were refused have no outcome" in section(card, "Limits")


def test_where_nothing_was_judged_the_card_says_so() -> None:
    card = model_card(some_findings(a_history(30), rows=np.zeros(0, dtype=np.intp), figures=()))
    assert "is not known" in section(card, "The money")
    assert "Fewer than 100 deals were judged" in section(card, "Its interval")
    assert "No deal was judged" in section(card, "When it abstains")


def test_a_firm_that_records_no_profit_has_a_card_without_money() -> None:
    unrecorded = [replace(c, outcome=replace(c.outcome, realised_profit=None)) for c in a_history(260)]
    findings = some_findings(unrecorded)
    card = model_card(findings)
    assert "(this history records no profit)" in card
    assert "is not known" in section(card, "The money")
    assert "records no profit. The model's yes and no are said in money, so here it says neither" in card
    assert "| rules | deals | won |\n|---|---:|---:|\n|" in card
    by_rules = re.findall(r"^\| (?:yes|no|waits) \| (\d+) \|", section(card, "The money"), flags=re.MULTILINE)
    assert sum(map(int, by_rules)) == len(findings.rows)
    assert len(by_rules) <= 3
    assert "| quarter | deals | won | log loss | AUC |\n|---|---:|---:|---:|---:|\n|" in card
    assert card_page(findings, draw(findings)).count("<figure") == 6


def test_a_simulated_history_is_named_at_the_top_of_both_cards() -> None:
    findings = some_findings(a_history(400), model=replace(FINDINGS.model, simulated=True))
    for card in (model_card(findings), card_page(findings, ())):
        assert "Trained on a simulated history" in card[:2000]
    assert "simulated" not in CARD


def test_the_page_says_what_the_card_says() -> None:
    words = re.sub(r"<[^>]+>", " ", PAGE)
    for gate in FINDINGS.gates:
        assert gate.sentence in words
    assert FINDINGS.table.history_sha256 in words
    headings = re.findall(r"^##? (.+)$", CARD, flags=re.MULTILINE)
    assert [f">{heading}</h" in PAGE for heading in headings] == [True] * len(headings)


def test_the_page_holds_every_plot_with_its_numbers() -> None:
    pictures = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', PAGE)
    assert {b64decode(picture).decode() for picture in pictures} == {plot.svg for plot in PLOTS}
    assert sorted(re.findall(r'<figure id="(\w+)">', PAGE)) == sorted(plot.name for plot in PLOTS)
    assert PAGE.count("<summary>The numbers</summary>") == len(PLOTS)


def test_the_page_asks_nobody_for_anything() -> None:
    assert "Content-Security-Policy\" content=\"default-src 'none'" in PAGE
    assert re.findall(r'(?:src|href|action)="(?!data:image/svg)', PAGE) == []
    assert not re.search(r"<(script|link|iframe|object|embed)\b|@import|url\(", PAGE)


def test_what_looks_like_a_tag_is_shown_and_not_obeyed() -> None:
    leak = replace(LEAK, sentence='<script>alert("x")</script> is a fact.')
    page = card_page(some_findings(a_history(400), leaks=(leak,)), ())
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_of_few_judged_deals_the_card_says_they_are_too_few_to_tell() -> None:
    few, enough = (
        section(model_card(replace(FINDINGS, rows=FINDINGS.rows[-deals:])), "The money") for deals in (29, 30)
    )
    assert "29 deals are too few to tell it from chance" in few
    assert "more than chance explains" not in few
    assert "too few to tell" not in enough
