from dataclasses import replace
from datetime import timedelta

import pytest

from mlscore.ports import Backtest, ScoredOutcome
from mlscore.scoring.deal import Outcome, Status
from mlscore.scoring.policy import default_document
from mlscore.scoring.receipt import Answer, Decision, Receipt, Verdict
from mlscore.service.comparing import NAMED_MAX, SHADOWED_MIN, ComparingService, ComparisonReport
from mlscore.service.policies import CurrentPolicies
from tests.builders import NOON, a_good_deal, roubles, rules_on
from tests.fakes import FakeClock, FixedChampions, InMemoryClosed, InMemoryPolicies
from tests.models import a_model, a_model_answer

FLOOR = roubles(5_000)


def closed(n: int, *, profit: int | None, chance: float, is_live: bool = True, good: bool = True) -> ScoredOutcome:
    """Return a deal the model gave a chance, and how it ended; profit None: won, and not recorded."""
    deal = a_good_deal(deal_id=f"D-{n}", as_of=NOON + timedelta(days=n), **({} if good else {"steam_tph": 1.0}))
    model = a_model_answer(probability=chance, expected_profit=chance * roubles(10_000)) if is_live else None
    answer = Answer(
        rule=rules_on(deal),
        model=model,
        decision=Decision(action=Verdict.ACCEPT, decided_by="rule", agreement="undecided"),
    )
    receipt = Receipt(receipt_id=f"R-{n}", deal=deal, as_of=deal.as_of, scored_at=NOON, answer=answer)
    status = Status.LOST if profit == 0 else Status.WON
    return ScoredOutcome(
        receipt=receipt, outcome=Outcome(deal_id=deal.deal_id, status=status, realised_profit=profit or None)
    )


def with_backtest(row: ScoredOutcome, chance: float, *, version: str = "7") -> ScoredOutcome:
    backtest = Backtest(
        receipt_id=row.receipt.receipt_id, probability=chance, expected_profit=0.0, model_version=version
    )
    return replace(row, backtest=backtest)


def comparing(closed: InMemoryClosed, *, document: str = "", champion: str | None = "7") -> ComparingService:
    policies = CurrentPolicies(InMemoryPolicies(), default=document or default_document(), clock=FakeClock())
    champions = FixedChampions(None if champion is None else replace(a_model(), version=champion))
    return ComparingService(closed=closed, policies=policies, champions=champions)


def compared(*rows: ScoredOutcome, document: str = "", champion: str | None = "7") -> ComparisonReport:
    return comparing(InMemoryClosed(rows), document=document, champion=champion).compare("main")


def test_rules_and_model_are_measured_on_the_same_closed_deals():
    report = compared(
        closed(1, profit=2 * FLOOR, chance=0.9),
        closed(2, profit=0, chance=0.2),
        closed(3, profit=2 * FLOOR, chance=0.8, good=False),
        closed(4, profit=0, chance=0.1, good=False),
    )
    rules, model = report.comparison.scorecards
    assert (rules.scorer, model.scorer) == ("rules", "model")
    assert (report.comparison.deals, report.comparison.positives) == (4, 2)
    assert model.auc.value == 1.0
    assert rules.auc.value == 0.5


def test_the_swap_set_holds_the_deals_on_which_they_part():
    report = compared(closed(1, profit=0, chance=0.1), closed(2, profit=2 * FLOOR, chance=0.9, good=False))
    cells = {name: swap.deals for name, swap in report.comparison.swap.items()}
    assert {name: deals for name, deals in cells.items() if deals} == {"rule_only": 1, "undecided": 1}


def test_the_undecided_are_parted_by_who_is_silent_and_every_cell_names_its_newest_deals():
    waits = closed(1, profit=2 * FLOOR, chance=0.9)
    waits = replace(waits, receipt=replace(waits.receipt, deal=replace(waits.receipt.deal, steam_tph=None)))
    silent = a_model_answer(probability=0.9, expected_profit=float(roubles(9_000)), abstained=True)
    spoken = closed(2, profit=0, chance=0.9)

    def unspoken(row: ScoredOutcome) -> ScoredOutcome:
        return replace(row, receipt=replace(row.receipt, answer=replace(row.receipt.answer, model=silent)))

    many = [closed(n, profit=FLOOR, chance=0.9) for n in range(10, 10 + NAMED_MAX + 1)]
    report = compared(waits, unspoken(spoken), unspoken(replace(waits)), *many)
    assert {name: cell.deals for name, cell in report.undecided.items()} == {
        "rules_wait": 1,
        "model_abstains": 1,
        "both": 1,
    }
    assert report.undecided["rules_wait"].profit == 2 * FLOOR
    assert report.deal_ids["model_abstains"] == ["D-2"]
    assert report.deal_ids["both_yes"] == [f"D-{n}" for n in range(10 + NAMED_MAX, 10, -1)]
    assert sum(cell.deals for cell in report.undecided.values()) == report.comparison.swap["undecided"].deals


def test_an_answer_the_model_abstained_from_is_neither_its_yes_nor_its_no():
    row = closed(1, profit=2 * FLOOR, chance=0.9)
    silent = a_model_answer(probability=0.9, expected_profit=float(roubles(9_000)), abstained=True)
    abstained = replace(row, receipt=replace(row.receipt, answer=replace(row.receipt.answer, model=silent)))
    spoken, unspoken = (
        {name for name, swap in compared(one).comparison.swap.items() if swap.deals} for one in (row, abstained)
    )
    assert (spoken, unspoken) == ({"both_yes"}, {"undecided"})


def test_a_won_deal_below_the_floor_is_no_success():
    report = compared(closed(1, profit=FLOOR, chance=0.9), closed(2, profit=FLOOR - 1, chance=0.2))
    assert report.comparison.positives == 1


def test_a_deal_scored_before_there_was_a_model_counts_by_its_backtest():
    old = closed(2, profit=0, chance=0.0, is_live=False)
    report = compared(closed(1, profit=2 * FLOOR, chance=0.9), with_backtest(old, 0.3))
    assert (report.live, report.backtested, report.without_model_answer) == (1, 1, 0)


def test_a_live_answer_beats_a_backtest():
    report = compared(with_backtest(closed(1, profit=2 * FLOOR, chance=0.9), 0.1), closed(2, profit=0, chance=0.5))
    assert report.live == 2
    assert report.comparison.scorecards[1].auc.value == 1.0


def test_a_backtest_counts_only_while_the_model_that_made_it_serves():
    old = with_backtest(closed(1, profit=2 * FLOOR, chance=0.0, is_live=False), 0.9, version="8")
    live = closed(2, profit=0, chance=0.3)
    before, after = (compared(old, live, champion=version) for version in ("8", "7"))
    assert (before.model_versions, before.backtested_by_another) == ({"7": 1, "8": 1}, 0)
    assert (after.model_versions, after.comparison.deals) == ({"7": 1}, 1)
    assert (after.without_model_answer, after.backtested_by_another) == (1, 1)
    assert compared(old, champion=None).model_versions == {"8": 1}


def shadowed(row: ScoredOutcome, chance: float, *, version: str = "8") -> ScoredOutcome:
    challenger = a_model_answer(probability=chance, model_version=version)
    return replace(row, receipt=replace(row.receipt, answer=replace(row.receipt.answer, challenger=challenger)))


def a_shadowed_history(deals: int, *, version: str = "8", first: int = 0) -> list[ScoredOutcome]:
    """Return deals every second of which paid; the model has it backwards and the challenger knows."""
    return [
        shadowed(
            closed(n, profit=2 * FLOOR * (n % 2), chance=0.9 - 0.8 * (n % 2)), 0.1 + 0.8 * (n % 2), version=version
        )
        for n in range(first, first + deals)
    ]


def test_a_challenger_is_compared_on_the_deals_it_answered_in_the_shadow():
    before = [closed(n, profit=0, chance=0.5) for n in range(5)]
    report = compared(*before, *a_shadowed_history(SHADOWED_MIN, first=10))
    assert (report.comparison.deals, len(report.comparison.scorecards)) == (45, 2)
    shadow = report.challenger
    assert (shadow.model_version, shadow.comparison.deals) == ("8", SHADOWED_MIN)
    assert {card.scorer: card.auc.value for card in shadow.comparison.scorecards} == {
        "rules": 0.5,
        "model": 0.0,
        "challenger": 1.0,
    }


def test_only_the_newest_challenger_is_told_of_and_only_of_enough_deals():
    old, new = a_shadowed_history(50), a_shadowed_history(SHADOWED_MIN - 1, version="9", first=60)
    assert compared(*old).challenger.model_version == "8"
    assert compared(*old, *new).challenger is None
    backtested = [with_backtest(replace(row, receipt=replace(row.receipt, origin="import")), 0.5) for row in old]
    assert compared(*backtested).challenger is None


def test_the_prior_is_no_model_to_compare():
    row = closed(1, profit=0, chance=0.3)
    prior = replace(row.receipt.answer, model=a_model_answer(model_version="prior"))
    report = compared(replace(row, receipt=replace(row.receipt, answer=prior)))
    assert (report.comparison.deals, report.without_model_answer) == (0, 1)


def test_an_imported_receipt_has_no_live_answer_even_where_it_carries_one():
    row = closed(1, profit=0, chance=0.3)
    report = compared(replace(row, receipt=replace(row.receipt, origin="import")))
    assert (report.live, report.without_model_answer) == (0, 1)


def test_a_won_deal_whose_profit_nobody_recorded_is_left_out_and_counted():
    recorded = closed(3, profit=2 * FLOOR, chance=0.8)
    report = compared(closed(1, profit=None, chance=0.9), closed(2, profit=0, chance=0.1), recorded)
    assert (report.label, report.comparison.deals, report.without_profit) == ("profitable", 2, 1)


def test_where_most_profits_are_missing_deals_are_compared_by_won_as_in_training():
    report = compared(closed(1, profit=None, chance=0.9), closed(2, profit=0, chance=0.1))
    assert (report.label, report.comparison.deals, report.comparison.positives) == ("won", 2, 1)


def test_what_was_refused_is_counted_and_not_priced():
    report = comparing(InMemoryClosed((closed(1, profit=2 * FLOOR, chance=0.9),), open={Verdict.REFUSE: 3})).compare(
        "main"
    )
    assert report.without_outcome == {Verdict.REFUSE: 3}
    assert report.comparison.deals == 1


def test_a_firm_that_records_no_profit_compares_by_won():
    document = default_document().replace('label = "profitable"', 'label = "won"')
    report = compared(closed(1, profit=None, chance=0.9), closed(2, profit=0, chance=0.1), document=document)
    assert (report.label, report.comparison.deals, report.comparison.positives) == ("won", 2, 1)


@pytest.mark.parametrize("snapshot", ["first", "last_before_close"])
def test_the_receipts_compared_are_the_policys_snapshot(snapshot):
    rows = InMemoryClosed()
    document = default_document().replace('snapshot = "first"', f'snapshot = "{snapshot}"')
    comparing(rows, document=document).compare("main")
    assert rows.snapshots == [snapshot]


def test_without_closed_deals_there_is_nothing_to_tell():
    assert compared().comparison.deals == 0
