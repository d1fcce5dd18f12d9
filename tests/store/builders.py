"""Builders: a test says only what matters to it, the rest is plausible."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from mlscore.scoring.deal import Deal, Outcome, Status
from mlscore.scoring.receipt import (
    Answer,
    Change,
    ChecklistItem,
    Decision,
    EconomicsAnswer,
    ExceptionTerms,
    Grade,
    ModelAnswer,
    ModelReason,
    NextQuestion,
    Reason,
    Receipt,
    Route,
    RuleAnswer,
    Signs,
    Step,
    Verdict,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def a_deal(deal_id: str = "D-1", **facts: Any) -> Deal:
    """Give a deal at stage deal, at noon, of which nothing else is known."""
    return Deal(**{"deal_id": deal_id, "stage": "deal", "as_of": NOON, **facts})


def an_outcome(deal_id: str = "D-1", **said: Any) -> Outcome:
    """Give a won deal with 12 000 of profit, closed at noon; nobody says when that became known."""
    won = {"status": Status.WON, "closed_at": NOON, "realised_profit": 1_200_000}
    return Outcome(**{"deal_id": deal_id, **won, **said})


def a_rule_answer(**said: Any) -> RuleAnswer:
    """Give the rules' answer to a good deal; `exception` makes it an accepted exception of that kind."""
    kind = said.pop("exception", None)
    economics = EconomicsAnswer(
        floor=500_000,
        target=600_000,
        stretch=1_000_000,
        cost_per_worked_deal=250_000.0,
        profit_if_won=300_000 if kind else 1_200_000,
        basis="given",
        passes=not kind,
        exception=ExceptionTerms(kind=kind) if kind else None,
    )
    answer: dict[str, Any] = {
        "fire": True,
        "route": Route.DEAL,
        "verdict": Verdict.ACCEPT_EXCEPTION if kind else Verdict.ACCEPT,
        "signs": Signs(need=True, budget=None, urgency=False),
        "grade": Grade.CCC,
        "grade_by_ladder": Grade.CCC,
        "grade_by_count": Grade.CCC,
        "grade_ceiling": Grade.BBB,
        "economics": economics,
        "checklist": (ChecklistItem(item=1, code="checklist.above_limit", answer=not kind),),
        "flags": ("no_urgency",),
        "missing": ("budget_allocated",),
        "reasons": (Reason(code="rule.steam", answer=True, params={"steam_tph": 5.0, "above": 3, "firm": None}),),
        "policy_version": "0123456789ab",
    }
    return RuleAnswer(**{**answer, **said})


def a_model_answer(**said: Any) -> ModelAnswer:
    """Give an answer of model 7."""
    answer: dict[str, Any] = {
        "probability": 0.63,
        "interval": (0.5, 0.74),
        "rule_probability": 0.55,
        "expected_profit": 760_000.0,
        "label": "profitable",
        "reasons": (
            ModelReason(fact="asap", value=True, effect=0.11),
            ModelReason(fact="region", value="77", effect=0),
        ),
        "similar_deals": 57,
        "model_version": "7",
        "abstained": False,
        "abstained_because": None,
        "simulated": False,
        "policy_drift": False,
        "within_capacity": False,
    }
    return ModelAnswer(**{**answer, **said})


def an_answer(*, model: ModelAnswer | None = None, challenger: ModelAnswer | None = None, **rule: Any) -> Answer:
    """Give a whole answer; keywords go to the rules' part."""
    said = a_rule_answer(**rule)
    return Answer(
        rule=said,
        model=model,
        decision=Decision(action=said.verdict, decided_by="rule", agreement="undecided"),
        next_question=NextQuestion(fact="budget_allocated", if_yes=0.78, if_no=0.41),
        path=(
            Step(
                fact="asap",
                to=True,
                verdict=Verdict.ACCEPT,
                grade=Grade.BBB,
                probability=None,
                goal="grade",
                also=(Change(fact="budget_allocated", to=True),),
            ),
        ),
        challenger=challenger,
    )


def a_receipt(deal: Deal | None = None, **said: Any) -> Receipt:
    """Give a receipt of a deal, scored at the deal's own moment; `exception` as in `a_rule_answer`."""
    deal = deal or a_deal()
    rule = {name: said.pop(name) for name in ("exception", "verdict") if name in said}
    receipt: dict[str, Any] = {
        "receipt_id": str(uuid4()),
        "deal": deal,
        "as_of": deal.as_of,
        "scored_at": deal.as_of or NOON,
        "answer": an_answer(**rule),
    }
    return Receipt(**{**receipt, **said})
