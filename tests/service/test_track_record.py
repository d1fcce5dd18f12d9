"""A deal is scored with what the champion, and the challenger, know of the firm's earlier deals at its own moment."""

from dataclasses import replace

import numpy as np
import pytest

from mlscore.scoring.features import features_of
from mlscore.scoring.model import FittedModel, Linear, Sigmoid
from mlscore.scoring.policy import Policy, default_document, default_policy, fingerprint
from mlscore.service.policies import CurrentPolicies
from mlscore.service.scoring import ScoringService
from tests.builders import NOON, a_fire_deal, a_good_deal, a_policy, roubles
from tests.fakes import FakeClock, FixedChampions, FixedTrackRecords, InMemoryPolicies, InMemoryReceipts
from tests.models import a_model, a_planted_model
from tests.track_records import DAY, a_record, closed

OURS = default_policy()
THEIRS = a_policy(economics={"floor": 9_000})
GOOD = [closed(f"G-{n}", company_id="C-good", known_at=NOON - DAY) for n in range(9)]
BAD = [closed(f"B-{n}", company_id="C-bad", known_at=NOON - DAY, paid=False, profit=0.0) for n in range(9)]


def records() -> FixedTrackRecords:
    """Return records that hold good and bad clients under our policy."""
    return FixedTrackRecords({fingerprint(OURS): a_record([*GOOD, *BAD], OURS)})


def reader(policy: Policy = OURS, **parts: object) -> FittedModel:
    """Return a model that goes by the client's record, and by the budget a little."""
    return replace(a_planted_model(policy, track_client_rate=4.0, budget_allocated=0.5), **parts)


def untracked() -> FittedModel:
    """Return a model whose features are all facts."""
    features = tuple(one for one in features_of(OURS, {}) if not one.is_tracked)
    count = len(features)
    weightless = Linear(
        intercept=0.4,
        center=np.zeros(count),
        scale=np.ones(count),
        weight=np.zeros(count),
        unknown_weight=np.zeros(count),
        level_weights=np.zeros((count, max(len(f.levels or ()) for f in features))),
    )
    return replace(
        a_model(calibration=Sigmoid(), members=((1.0, weightless),)),
        features=features,
        far=replace(a_model().far, least=np.full(count, -np.inf), most=np.full(count, np.inf)),
    )


def a_service(champions: FixedChampions, track_records: FixedTrackRecords) -> ScoringService:
    clock = FakeClock()
    return ScoringService(
        receipts=InMemoryReceipts(),
        track_records=track_records,
        policies=CurrentPolicies(InMemoryPolicies(), default=default_document(), clock=clock),
        champions=champions,
        clock=clock,
    )


def chances(champions: FixedChampions, track_records: FixedTrackRecords, *deals: object) -> list[float]:
    receipts = a_service(champions, track_records).score("main", deals)
    return [receipt.answer.model.probability for receipt in receipts]


def test_a_client_with_a_good_record_has_a_better_chance() -> None:
    deals = [a_good_deal(deal_id=client, company_id=client) for client in ("C-good", "C-new", "C-bad")]
    good, new, bad = chances(FixedChampions(reader()), records(), *deals)
    assert good > new > bad


def test_each_deal_of_a_call_is_seen_at_its_own_moment() -> None:
    before = a_good_deal(deal_id="D-1", company_id="C-good", as_of=NOON - 2 * DAY)
    after = a_good_deal(deal_id="D-2", company_id="C-good", as_of=NOON)
    early, late = chances(FixedChampions(reader()), records(), before, after)
    assert late > early
    assert chances(FixedChampions(reader()), records(), before) == [early]


def test_one_call_asks_once_for_the_record_of_its_firm() -> None:
    track_records = records()
    a_service(FixedChampions(reader()), track_records).score("main", [a_good_deal(deal_id=f"D-{n}") for n in range(9)])
    assert track_records.asked == ["main"]


def test_a_model_that_reads_no_record_costs_nobody_a_question() -> None:
    track_records = records()
    assert chances(FixedChampions(untracked()), track_records, a_good_deal()) == [pytest.approx(0.5987, abs=1e-4)]
    assert chances(FixedChampions(untracked(), challenger=untracked()), track_records, a_good_deal())
    assert track_records.asked == []


def test_without_a_record_its_figures_are_unknown_and_the_deal_is_answered() -> None:
    [chance] = chances(FixedChampions(reader()), FixedTrackRecords(), a_good_deal(company_id="C-good"))
    assert chance == chances(FixedChampions(a_planted_model(budget_allocated=0.5)), records(), a_good_deal())[0]


def test_what_would_change_an_answer_is_tried_with_the_same_record() -> None:
    # Only with the client's record does the model say so much: without it every hypothesis would look far worse.
    deal = a_fire_deal(company_id="C-good", amount=roubles(20_000), profit_if_won=roubles(4_000), budget_allocated=None)
    [receipt] = a_service(FixedChampions(reader()), records()).score("main", [deal])
    asked, said = receipt.answer.next_question, receipt.answer.model.probability
    assert asked is not None
    assert min(asked.if_yes, asked.if_no) >= said - 1e-9


def test_a_challenger_of_the_same_policy_reads_what_the_champion_reads() -> None:
    track_records = records()
    service = a_service(FixedChampions(reader(), challenger=reader(version="8")), track_records)
    [receipt] = service.score("main", [a_good_deal(company_id="C-good")])
    assert receipt.answer.challenger.probability == receipt.answer.model.probability
    assert track_records.asked == ["main"]


@pytest.mark.parametrize("champion_reads", [True, False])
def test_a_challenger_of_another_policy_reads_a_record_of_its_own(champion_reads) -> None:
    bad_for_them = [replace(one, paid=False) for one in GOOD]
    both = FixedTrackRecords(
        {
            fingerprint(OURS): a_record([*GOOD, *BAD], OURS),
            fingerprint(THEIRS): a_record([*bad_for_them, *BAD], THEIRS),
        }
    )
    champion = reader() if champion_reads else untracked()
    deal = a_good_deal(company_id="C-good")
    [shadowed] = a_service(FixedChampions(champion, challenger=reader(THEIRS, version="8")), both).score("main", [deal])
    [alone] = a_service(FixedChampions(reader(THEIRS, version="8")), both).score("main", [deal])
    [by_ours] = a_service(FixedChampions(champion), both).score("main", [deal])
    assert shadowed.answer.challenger.probability == alone.answer.model.probability
    assert shadowed.answer.model == by_ours.answer.model
    assert shadowed.answer.rule == by_ours.answer.rule
