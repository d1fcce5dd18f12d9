"""A deal gets the same answer alone, in a batch and in any order, to the last bit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.explanation import explain
from mlscore.scoring.features import features_of
from mlscore.scoring.model import Far, FittedModel, Knots, PartedProfit, SameRatio
from mlscore.scoring.policy import Policy, default_policy
from mlscore.scoring.reasons import look_ahead, model_reasons
from mlscore.scoring.reasons.questions import questions_of
from mlscore.scoring.verdict import judge
from tests import columns as col
from tests.builders import NOON, a_policy
from tests.models import a_bent_linear, a_drawn_linear, a_model, a_staged, some_rates
from tests.strategies import batches
from tests.track_records import DAY, a_record, closed

POLICIES = [
    default_policy(),
    a_policy(
        economics={"min_amount": 5_000, "floor": 0},
        grading={"mode": "count", "budget_min": 1_000},
        timezone="America/New_York",
        nontarget_client_request="deal",
    ),
]


def models(policy: Policy) -> list[FittedModel]:
    features = features_of(policy, col.VOCABULARIES)
    blend = [(0.1 + 0.01 * seed, a_drawn_linear(features, seed=seed)) for seed in range(9)]
    staged = [(0.3, a_staged(features, seed=20)), (0.2, a_bent_linear(features, seed=30))]
    learned = np.array([[np.nan] * 4 if one.levels is None else [1.0, 0.0, 1.0, 1.0] for one in features])
    count = len(features)
    far = Far(np.full(count, -1e3), np.full(count, 1e3), learned=learned, leans_on=np.full(count, 0.2))
    knots = Knots(at=np.array([-3.0, -0.4, 0.3, 2.0]), value=np.array([-1.7, -0.5, 0.6, 1.1]))
    return [
        a_model(policy, vocabularies=col.VOCABULARIES),
        a_model(policy, vocabularies=col.VOCABULARIES, calibration=knots, members=[*blend, (0.2, some_rates())]),
        a_model(policy, vocabularies=col.VOCABULARIES, members=staged, far=far),
    ]


PAST = [
    closed(f"D-{n}", known_at=NOON - n * 30 * DAY, paid=n % 3 == 0, source="site" if n % 2 else "call", region="Урал")
    for n in range(60)
]
RECORDS = {id(policy): a_record(PAST, policy) for policy in POLICIES}
MODELS = {id(policy): models(policy) for policy in POLICIES}


def built_of(deals: list[Deal], policy: Policy) -> Deals:
    """Return deals with the track record of each at its own moment."""
    built = Deals(deals)
    return built.having(RECORDS[id(policy)].columns(built))


def columns_of(deals: list[Deal], policy: Policy) -> col.Columns:
    built = built_of(deals, policy)
    judged = judge(built, policy)
    every = dict(col.rule_columns(judged)) | dict(col.feature_columns(judged))
    for number, model in enumerate(MODELS[id(policy)]):
        said = col.model_columns(model.answers(built, judged=judged))
        every |= {f"model {number} {name}": column for name, column in said.items()}
    return every


@pytest.mark.parametrize("policy", POLICIES)
@given(deals=batches(at_least=2))
@settings(max_examples=20)
def test_a_deal_is_judged_alone_as_it_is_in_a_batch(policy: Policy, deals: list[Deal]):
    together = columns_of(deals, policy)
    for row, deal in enumerate(deals):
        assert col.differing(columns_of([deal], policy), together, [row]) == []


@given(deals=batches(at_least=2), data=st.data())
@settings(max_examples=20)
def test_the_order_of_a_batch_changes_no_answer(deals: list[Deal], data: st.DataObject):
    order = data.draw(st.permutations(range(len(deals))))
    shuffled = columns_of([deals[at] for at in order], POLICIES[0])
    assert col.differing(shuffled, columns_of(deals, POLICIES[0]), order) == []


def told(deals: list[Deal], model: FittedModel) -> list[tuple[object, ...]]:
    """Return everything said of each deal."""
    built = built_of(deals, model.policy)
    judged = judge(built, model.policy)
    answers = model.answers(built, judged=judged)
    ahead = look_ahead(judged, answers)
    return [
        (explain(judged, row), answers.answer(row, reasons=reasons), question, path)
        for row, (reasons, question, path) in enumerate(
            zip(model_reasons(answers), ahead.next_questions, ahead.paths, strict=True)
        )
    ]


def with_a_line(model: FittedModel) -> FittedModel:
    usual = {question.name: 0.1 + 0.05 * at for at, question in enumerate(questions_of(model.policy))}
    profit = PartedProfit(good=SameRatio(0.9), bad=SameRatio(-0.1), margin=0.2, typical=1e6)
    return replace(model, profit=profit, capacity_line=6e5, usual=usual)


@pytest.mark.parametrize("policy", POLICIES)
@given(deals=batches(at_least=2, at_most=5))
@settings(max_examples=25)
def test_what_is_told_of_a_deal_does_not_depend_on_its_neighbours(policy: Policy, deals: list[Deal]):
    for model in map(with_a_line, MODELS[id(policy)]):
        together = told(deals, model)
        assert [told([deal], model) for deal in deals] == [[one] for one in together]
        assert told(deals[::-1], model) == together[::-1]


@pytest.mark.parametrize("size", [2, 7, 8, 9, 63, 257, 1_000])
def test_no_size_of_batch_changes_a_single_bit(size: int):
    rng = np.random.default_rng(size)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    deals = [
        Deal(
            deal_id=f"D-{at}",
            as_of=start + timedelta(hours=int(rng.integers(0, 20_000))),
            created_at=start - timedelta(hours=int(rng.integers(0, 20_000))),
            industry=str(rng.choice(["dairy", "meat", "ЖКХ"])),
            steam_tph=float(rng.lognormal(1.5)),
            annual_turnover_rub=float(rng.lognormal(21)),
            in_nomenclature=bool(rng.random() < 0.8),
            amount=int(rng.integers(1, 10**9)),
            profit_if_won=int(rng.integers(1, 10**8)),
            employees=None if rng.random() < 0.5 else float(rng.integers(1, 10**4)),
            source=str(rng.choice(["site", "call", "elsewhere"])),
        )
        for at in range(size)
    ]
    together = columns_of(deals, POLICIES[0])
    model = with_a_line(MODELS[id(POLICIES[0])][0])
    said = told(deals, model)
    for row in {0, 1, size // 2, size - 1}:
        assert col.differing(columns_of([deals[row]], POLICIES[0]), together, [row]) == []
        assert told([deals[row]], model) == [said[row]]
