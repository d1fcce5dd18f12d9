"""Receipts as the card tests need them: the rules' own answer, and a model's beside it."""

from datetime import datetime
from typing import Any

from mlscore.scoring.deal import Deal
from mlscore.scoring.policy import default_policy
from mlscore.scoring.receipt import Answer, Decision, ModelAnswer, NextQuestion, Receipt
from tests.builders import NOON, a_good_deal, rules_on


def a_receipt(
    deal: Deal | None = None,
    *,
    model: ModelAnswer | None = None,
    question: str | None = None,
    at: datetime = NOON,
    name: str = "r-1",
) -> Receipt:
    """Return the receipt of a deal, a good one unless another is given."""
    of = deal or a_good_deal()
    rule = rules_on(of, default_policy())
    return Receipt(
        receipt_id=name,
        deal=of,
        as_of=at,
        scored_at=at,
        answer=Answer(
            rule=rule,
            model=model,
            decision=Decision(action=rule.verdict, decided_by="rule", agreement="undecided"),
            next_question=None if question is None else NextQuestion(fact=question, if_yes=0.7, if_no=0.3),
        ),
    )


def a_model_answer(**said: Any) -> ModelAnswer:
    """Return an answer of an approved model that named no reasons."""
    usual: dict[str, Any] = {
        "probability": 0.634,
        "interval": (0.5, 0.7),
        "rule_probability": 0.55,
        "expected_profit": 760_049.0,
        "label": "profitable",
        "reasons": (),
        "similar_deals": 57,
        "model_version": "7",
        "abstained": False,
        "abstained_because": None,
        "simulated": False,
        "policy_drift": False,
    }
    return ModelAnswer(**usual | said)
