"""What is promised of a change is what a score of the deal so changed says, the track record asked again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.scoring.deal import FACTS, Deal, Deals, Kind, Value
from mlscore.scoring.model import FittedModel, ModelAnswers
from mlscore.scoring.reasons import look_ahead
from mlscore.scoring.reasons.asking import both_answers
from mlscore.scoring.reasons.what_if import Said, Written, try_all
from mlscore.scoring.track_record import TrackRecord
from mlscore.scoring.verdict import judge
from tests.builders import NOON, a_good_deal, a_policy
from tests.models import a_planted_model
from tests.scoring.policy.documents import a_criterion
from tests.strategies import deals
from tests.track_records import DAY, a_record, closed

POLICY = a_policy(
    criteria=[
        a_criterion(code="near", field="region", op="in", value=["north", "south"]),
        a_criterion(code="ours", field="product_category", op="in", value=["pump"]),
        a_criterion(code="burns", field="fuel", op="in", value=["gas"]),
    ],
    custom_facts=[{"name": "fuel", "kind": "category", "levels": ["gas", "oil"]}],
)
NORTH = {"region": "north", "product_category": "pump", "fuel": "gas"}
WEST = {"region": "west", "product_category": "pipes", "fuel": "oil"}


def told(number: int, facts: Mapping[str, str], *, paid: bool):
    standard = {name: value for name, value in facts.items() if name in FACTS}
    extra = {name: value for name, value in facts.items() if name not in FACTS}
    return closed(f"D-{facts['region']}-{number}", known_at=NOON - DAY, paid=paid, extra=extra, **standard)


RECORD = a_record(
    [*(told(n, NORTH, paid=True) for n in range(9)), *(told(n, WEST, paid=False) for n in range(7))], POLICY
)
READER = a_planted_model(
    POLICY,
    intercept=-1.0,
    track_region_rate=1.5,
    track_category_rate=1.0,
    track_fuel_deals=0.5,
    need_defined=0.3,
)


def scored(deal: Deal, model: FittedModel, record: TrackRecord) -> ModelAnswers:
    built = Deals([deal]).recorded(record.columns)
    return model.answers(built, judged=judge(built, POLICY))


def rewritten(deal: Deal, edit: Written) -> Deal:
    """Return the deal with the facts of one answer, as a client would send them."""
    told = {name: _value(name, value[0] if isinstance(value, np.ndarray) else value) for name, value in edit.items()}
    standard = {name: value for name, value in told.items() if name in FACTS}
    return replace(deal, **standard, extra={**deal.extra, **{n: v for n, v in told.items() if n not in FACTS}})


def _value(name: str, value: float | str) -> Value:
    if isinstance(value, str) or np.isnan(value):
        return value if isinstance(value, str) else None
    match FACTS[name].kind:
        case Kind.TRI:
            return bool(value)
        case Kind.DATE:
            return date.fromordinal(int(value))
        case _:
            return float(value)


@given(deal=deals(), region=st.sampled_from([None, "north", "west"]), fuel=st.sampled_from([None, "gas", "oil"]))
@settings(max_examples=40)
def test_every_answer_promises_what_a_score_of_the_deal_so_answered_says(deal, region, fuel):
    asked = replace(deal, as_of=NOON, region=region, extra={"fuel": fuel})
    answers = scored(asked, READER, RECORD)
    now = Said(answers.judged, answers)
    scenarios = both_answers(now, np.array([True]))
    [tried] = try_all(now, scenarios)
    for row, scenario in enumerate(tried.scenario.tolist()):
        then = scored(rewritten(asked, scenarios.edits[scenario]), READER, RECORD)
        assert tried.answered.probability[tried.at][row] == then.probability[0]


def test_a_question_for_a_region_promises_with_the_record_of_the_region_answered():
    deal = a_good_deal(region=None, product_category="pump", extra={"fuel": "gas"})
    answers = scored(deal, READER, RECORD)
    [question] = look_ahead(answers.judged, answers).next_questions
    assert question.fact == "region"
    assert question.if_yes == scored(replace(deal, region="north"), READER, RECORD).probability[0]
    assert question.if_yes > question.if_no
