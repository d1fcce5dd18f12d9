"""Members made of members: their log-odds are those of the sum, or of both holding, and their shares add up to them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mlscore.scoring.features import Feature
from mlscore.scoring.model import Boosted, Inputs, Linear, Member, Rates, Staged
from mlscore.scoring.model.calibration import sigmoid
from mlscore.scoring.model.stages import both
from mlscore.scoring.verdict import CELLS
from tests.models import a_bent_linear, a_drawn_linear, a_linear, some_rates

FEATURES = [Feature(f"number_{n}", "a fact", 0, None, lambda judged: judged.rank) for n in range(3)] + [
    Feature("category", "a fact", 0, ("one", "two", "three"), lambda judged: judged.rank)
]
NUMBERS = st.floats(-1e3, 1e3) | st.just(np.nan)
LEVELS = st.sampled_from([0.0, 1.0, 2.0, np.nan])


@st.composite
def asked(draw: st.DrawFn) -> Inputs:
    """Draw what members read of up to five deals."""
    deals = draw(st.integers(0, 5))
    numbers = draw(arrays(np.float64, (deals, 3), elements=NUMBERS))
    levels = draw(arrays(np.float64, (deals, 1), elements=LEVELS))
    return Inputs(np.hstack([numbers, levels]), draw(arrays(np.intp, deals, elements=st.integers(0, CELLS - 1))))


@st.composite
def members(draw: st.DrawFn, *, depth: int = 2) -> Member:
    """Draw a member of any kind, made of others up to two deep."""
    kind = draw(st.sampled_from(["rates", "linear", "bent", *(["staged", "boosted"] if depth else [])]))
    seed = draw(st.integers(0, 99))
    if kind in {"staged", "boosted"}:
        made_of = (draw(members(depth=depth - 1)), draw(members(depth=depth - 1)))
        return Staged(*made_of) if kind == "staged" else Boosted(*made_of)
    if kind == "rates":
        return some_rates(seed=seed)
    return (a_bent_linear if kind == "bent" else a_drawn_linear)(FEATURES, seed=seed)


@given(member=members(), inputs=asked())
def test_the_shares_of_any_member_add_up_to_its_log_odds(member: Member, inputs: Inputs):
    shares = member.contributions(inputs)
    assert shares.shape == (len(inputs.cells), len(FEATURES) + 2)
    assert shares.sum(axis=1) == pytest.approx(member.log_odds(inputs), rel=1e-9, abs=1e-9)


@given(member=members(), inputs=asked())
def test_a_deal_has_the_same_shares_alone_and_in_a_batch(member: Member, inputs: Inputs):
    log_odds, shares = member.log_odds(inputs), member.contributions(inputs)
    for row in range(len(inputs.cells)):
        alone = Inputs(inputs.matrix[[row]], inputs.cells[[row]])
        assert member.log_odds(alone).tobytes() == log_odds[[row]].tobytes()
        assert member.contributions(alone).tobytes() == shares[[row]].tobytes()


@given(a=st.floats(-30, 30), b=st.floats(-30, 30))
def test_that_two_things_hold_is_as_likely_as_both_chances_together(a: float, b: float):
    [found] = both(np.array([a]), np.array([b]))
    assert sigmoid(np.array([found]))[0] == pytest.approx(sigmoid(np.array([a]))[0] * sigmoid(np.array([b]))[0])
    assert found <= min(a, b)


@pytest.mark.parametrize(("a", "b"), [(700.0, -700.0), (-700.0, -700.0), (700.0, 700.0), (0.0, 700.0)])
def test_near_certainties_together_stay_finite(a: float, b: float):
    assert np.isfinite(both(np.array([a]), np.array([b]))).all()


@given(inputs=asked(), seed=st.integers(0, 99))
def test_stages_answer_the_product_of_their_chances(inputs: Inputs, seed: int):
    won, enough = a_drawn_linear(FEATURES, seed=seed), a_bent_linear(FEATURES, seed=seed)
    chance = sigmoid(won.log_odds(inputs)) * sigmoid(enough.log_odds(inputs))
    assert sigmoid(Staged(won, enough).log_odds(inputs)) == pytest.approx(chance)


@given(inputs=asked(), seed=st.integers(0, 99))
def test_trees_begin_where_the_simpler_member_ends(inputs: Inputs, seed: int):
    start, trees = some_rates(seed=seed), a_drawn_linear(FEATURES, seed=seed)
    said = Boosted(start, trees).log_odds(inputs)
    assert said == pytest.approx(start.log_odds(inputs) + trees.log_odds(inputs))


def certain(log_odds: float = 0.0) -> Linear:
    """Return a member that says the same of every deal."""
    return a_linear(FEATURES, intercept=log_odds)


def one_deal(*numbers: float) -> Inputs:
    return Inputs(np.array([[*numbers, 0.0]]), np.zeros(1, dtype=np.intp))


def test_a_stage_that_says_the_same_of_every_deal_is_given_no_share():
    moves = a_linear(FEATURES, weights={"number_0": 1.0})
    alone = Staged(moves, certain(0.4)).contributions(one_deal(2.0, 3.0, 4.0))
    assert alone[0, 1:4].tolist() == [0.0, 0.0, 0.0]
    assert alone[0, 0] > 0


def test_stages_alike_share_alike():
    first = a_linear(FEATURES, weights={"number_0": 1.0}, intercept=-0.5)
    second = a_linear(FEATURES, weights={"number_1": 1.0}, intercept=-0.5)
    [shares] = Staged(first, second).contributions(one_deal(0.8, 0.8, 0.0))
    assert shares[0] == pytest.approx(shares[1])
    assert shares[0] > 0


def test_a_stage_that_doubts_pulls_down_though_the_other_hopes():
    first = a_linear(FEATURES, weights={"number_0": 1.0})
    second = a_linear(FEATURES, weights={"number_1": 1.0})
    [shares] = Staged(first, second).contributions(one_deal(1.5, -1.5, 0.0))
    assert shares[0] > 0 > shares[1]


def test_the_rest_is_what_both_say_of_a_deal_of_which_nothing_is_told():
    staged = Staged(a_linear(FEATURES, weights={"number_0": 1.0}, intercept=0.7), certain(-0.2))
    [shares] = staged.contributions(one_deal(3.0, 0.0, 0.0))
    assert shares[-1] == pytest.approx(both(np.array([0.7]), np.array([-0.2]))[0])


def test_the_rules_have_their_share_of_a_stage_of_rates():
    deals, positives = np.full(CELLS, 50.0), np.zeros(CELLS)
    positives[3] = 50.0
    rates = Rates(deals=deals, positives=positives, base=0.3, worth=10.0)
    inputs = Inputs(np.zeros((2, len(FEATURES))), np.array([3, 4]))
    shares = Staged(rates, certain(1.0)).contributions(inputs)
    assert shares[0, -2] > 0 > shares[1, -2]
    assert np.count_nonzero(shares[:, :-2]) == 0
