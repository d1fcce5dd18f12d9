"""A model put together from members that learned: what it blends, what it calls far, and when it will not speak."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.features import Feature
from mlscore.scoring.model import FittedModel, ModelAnswers
from mlscore.scoring.model.far import STRANGE_AT_MOST
from mlscore.scoring.verdict import judge
from tests.builders import roubles
from tests.training.histories import a_closed_deal, a_history, a_table, undated
from training.contest import GATES_FAILED, Setting, hold
from training.contest.assemble import LEVEL_LEARNED_ROWS, PROOF_ROWS, Answered, blend_weights, far_of
from training.estimators import BLENDED, FALLBACK
from training.split import plan

SETTING = Setting(seed=1, threads=1)


def history_by_category(*, matters: bool):
    """Return deals for pumps and valves, of which the pumps are good where the category matters."""
    rng = np.random.default_rng(3)
    history = []
    for number in range(300):
        is_pump, steam = bool(rng.random() < 0.5), float(rng.integers(2, 9))
        chance = (0.9 if is_pump else 0.1) if matters else (0.9 if steam > 5 else 0.1)
        history.append(
            a_closed_deal(
                f"D-{number}",
                day=number,
                won=bool(rng.random() < chance),
                product_category="pump" if is_pump else "valve",
                steam_tph=steam,
            )
        )
    return history


@cache
def trained(*, matters: bool = True) -> FittedModel:
    """Return the model that a contest put together, as if it had passed the gates."""
    table = a_table(history_by_category(matters=matters))
    return replace(hold(table, plan(table), SETTING).model, why_unapproved=None)


def asked(model: FittedModel, **facts: object) -> ModelAnswers:
    usual = {"product_category": "pump", "steam_tph": 5.0}
    as_of = history_by_category(matters=True)[200].receipt.as_of
    deals = Deals([Deal(**{"deal_id": "D-new", "as_of": as_of, "stage": "deal", **usual, **facts})])
    return model.answers(deals, judged=judge(deals, model.policy))


def because(model: FittedModel, **facts: object) -> str | None:
    return asked(model, **facts).answer(0).abstained_because


def test_a_deal_like_those_learned_is_answered() -> None:
    assert because(trained()) is None
    assert asked(trained()).probability[0] > 0.7
    assert asked(trained(), product_category="valve").probability[0] < 0.3


def test_a_planted_deal_far_from_all_that_was_seen_abstains() -> None:
    assert because(trained(), steam_tph=1e6) == "abstain.far_away"
    assert because(trained(), steam_tph=9.5) is None


def test_a_category_never_learned_abstains_where_the_model_leans_on_it() -> None:
    assert because(trained(matters=True), product_category="pipes") == "abstain.far_away"
    assert because(trained(matters=False), product_category="pipes") is None


@cache
def trained_on(fact: str, good: str, bad: str) -> FittedModel:
    """Return a model of a history in which one name pays and the other does not."""
    rng = np.random.default_rng(3)
    drawn = [(number, bool(rng.random() < 0.5)) for number in range(300)]
    history = [
        a_closed_deal(f"D-{n}", day=n, won=bool(rng.random() < (0.9 if pays else 0.1)), **{fact: good if pays else bad})
        for n, pays in drawn
    ]
    table = a_table(history)
    return replace(hold(table, plan(table), SETTING).model, why_unapproved=None)


@pytest.mark.parametrize(
    ("fact", "good", "bad"),
    [
        ("product_category", "pump", "valve"),
        ("region", "Урал", "Сибирь"),
        ("source", "tender", "call"),
        ("industry", "dairy", "meat"),
    ],
)
def test_a_name_that_nobody_ever_listed_or_learned_abstains_and_reads_as_unknown(fact, good, bad) -> None:
    model = trained_on(fact, good, bad)
    never_met, unstated = (asked(model, **{"product_category": None, fact: name}) for name in ("Зюзино", None))
    assert never_met.answer(0).abstained_because == "abstain.far_away"
    assert asked(model, **{"product_category": None, fact: good}).answer(0).abstained_because is None
    assert unstated.answer(0).abstained_because is None
    assert never_met.probability.tolist() == unstated.probability.tolist()


def test_an_unknown_fact_is_no_reason_to_abstain() -> None:
    assert because(trained(), steam_tph=None) is None


def test_what_the_model_leans_on_are_shares_of_all_it_does() -> None:
    model = trained()
    by_name = dict(zip((f.name for f in model.features), model.far.leans_on.tolist(), strict=True))
    assert by_name["product_category"] > 0.5
    assert all(0.0 <= share <= 1.0 for share in by_name.values())
    assert all(by_name[f.name] == 0.0 for f in model.features if f.levels is None)


def history_by_profit():
    """Return deals of which those pay that are said to bring much; a few are said so by amount less cost."""
    rng = np.random.default_rng(4)
    for number in range(300):
        profit, is_given = float(rng.integers(1, 20)) * 1_000, bool(rng.random() < 0.85)
        money = {"profit_if_won": roubles(profit)} if is_given else {"cost": roubles(50_000 - profit)}
        won = bool(rng.random() < (0.9 if profit > 10_000 else 0.1))
        yield a_closed_deal(f"D-{number}", day=number, won=won, profit=profit, amount=roubles(50_000), **money)


def test_a_category_is_not_leant_on_for_what_numbers_of_the_same_fact_do() -> None:
    table = a_table(list(history_by_profit()))
    model = hold(table, plan(table), SETTING).model
    by_name = dict(zip((f.name for f in model.features), model.far.leans_on.tolist(), strict=True))
    assert by_name["profit_basis"] < STRANGE_AT_MOST


def test_a_model_is_unapproved_until_the_gates_have_spoken() -> None:
    table = a_table(a_history(60))
    model = hold(table, plan(table), SETTING).model
    assert (model.why_unapproved, model.simulated, model.label) == (GATES_FAILED, False, "profitable")
    assert model.policy == table.policy
    assert model.features == table.features


def test_similar_deals_are_counted_however_old_they_are() -> None:
    table = a_table(a_history(300))
    fading = replace(SETTING, half_life_days=10.0)
    assert hold(table, plan(table), fading).model.rates.deals.sum() == len(table)


def test_its_members_weigh_what_the_contest_says() -> None:
    table = a_table(a_history(300))
    held = hold(table, plan(table), SETTING)
    assert [weight for weight, _ in held.model.members] == list(held.weights.values())
    assert sum(held.weights.values()) == pytest.approx(1.0)
    assert set(held.weights) <= set(BLENDED)


NUMBER = Feature("number", "number", 0, None, lambda judged: judged.rank)
SEASON = Feature("season_sine", "season", 0, None, lambda judged: judged.rank)
TRACKED = Feature("track_client_rate", "company_id", 0, None, lambda judged: judged.rank, is_tracked=True)
COLOUR = Feature("colour", "colour", 0, ("red", "green", "blue"), lambda judged: judged.rank)


def test_numbers_span_what_was_seen_and_seasons_and_track_records_anything() -> None:
    matrix = np.array([[3.0, 0.1, 0.2], [9.0, 0.2, 0.3], [np.nan, 0.3, 0.4]])
    far = far_of((NUMBER, SEASON, TRACKED), matrix)
    assert (far.least.tolist(), far.most.tolist()) == ([3.0, -np.inf, -np.inf], [9.0, np.inf, np.inf])


def test_a_yes_no_fact_spans_both_answers_and_one_never_known_anything() -> None:
    far = far_of((NUMBER, NUMBER), np.array([[1.0, np.nan], [1.0, np.nan]]))
    assert (far.least.tolist(), far.most.tolist()) == ([0.0, -np.inf], [1.0, np.inf])


def test_a_level_is_learned_once_enough_deals_had_it() -> None:
    codes = [0.0] * LEVEL_LEARNED_ROWS + [1.0] * (LEVEL_LEARNED_ROWS - 1) + [np.nan] * 9
    far = far_of((COLOUR, NUMBER), np.column_stack([codes, np.arange(len(codes))]))
    assert far.learned[0].tolist() == [1.0, 0.0, 0.0]
    assert np.isnan(far.learned[1]).all()


def said(history, skill: float, *, fallback_skill: float = 0.0):
    """Return answers of every blended member, and of the fallback, of such skill; each answered every deal."""
    table, rng = a_table(history), np.random.default_rng(0)
    skills = dict.fromkeys(BLENDED, skill) | {FALLBACK: fallback_skill}
    raw = {n: s * np.where(table.y, 1.0, -1.0) + rng.normal(0, 0.3, len(table)) for n, s in skills.items()}
    return table, Answered([np.arange(len(table))], raw)


def weights_of(table, answered, *, learned: int):
    """Return the weights where every blended member learned."""
    return blend_weights(table, BLENDED, answered, learned=learned)


LONG = [a_closed_deal(f"D-{n}", day=n, won=n % 3 > 0, amount=n) for n in range(PROOF_ROWS)]


def test_from_a_thousand_answers_on_the_blend_must_be_better_than_the_rules_rates() -> None:
    nothing_to_find = said(LONG, 0.0, fallback_skill=0.4)
    assert weights_of(*nothing_to_find, learned=len(LONG)) == {FALLBACK: 1.0}
    something = said(LONG, 1.0, fallback_skill=0.4)
    assert FALLBACK not in weights_of(*something, learned=len(LONG))
    too_few = said(LONG[1:], 0.0, fallback_skill=0.4)
    assert FALLBACK not in weights_of(*too_few, learned=len(LONG))


def test_who_is_no_member_has_no_part() -> None:
    table, answered = said(LONG[:90], 1.0)
    members = [name for name in BLENDED if name != "lightgbm_whole"]
    weights = blend_weights(table, members, answered, learned=10**6)
    assert "lightgbm_whole" not in weights
    assert sum(weights.values()) == pytest.approx(1.0)


def test_answers_of_no_deals_are_weighed_evenly() -> None:
    table, answered = said(LONG[:9], 1.0)
    weights = weights_of(table, Answered([], answered.raw), learned=9)
    assert len(set(weights.values())) == 1
    assert Answered([], answered.raw).of(BLENDED).shape == (0, len(BLENDED))


def test_an_undated_history_puts_a_model_together_too() -> None:
    table = a_table(undated(a_history(60)))
    model = hold(table, plan(table, grouped=(2, 1)), SETTING).model
    assert np.isfinite(model.answers(table.deals, judged=table.judged).probability).all()
