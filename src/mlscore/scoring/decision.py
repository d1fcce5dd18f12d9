"""Who decides, and what the CRM is told."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring import tri
from mlscore.scoring.model import ModelAnswers
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import Agreement, DecidedBy, Decision, ModelAnswer, Route, RuleAnswer, Verdict
from mlscore.scoring.rules import ROUTES, Codes
from mlscore.scoring.verdict import VERDICTS, Verdicts

_ACCEPTS = {Verdict.ACCEPT, Verdict.ACCEPT_EXCEPTION}
_WAITS = {Verdict.ASK, Verdict.REVIEW}


def decide(rule: RuleAnswer, model: ModelAnswer | None, policy: Policy) -> Decision:
    """Turn both answers into one: the policy says who decides, and the rules do whenever the model abstains."""
    by_model = None if model is None or model.abstained else model_yes(model.expected_profit, policy)
    cell = agreement(rule_yes(rule.verdict), by_model)
    if policy.deciding.decide_by == "rule" or by_model is None or not _is_models_to_decide(rule):
        return Decision(action=rule.verdict, decided_by="rule", agreement=cell)
    action, decided_by = _action(rule.verdict, by_model, policy)
    return Decision(action=action, decided_by=decided_by, agreement=cell)


def actions(judged: Verdicts, answers: ModelAnswers | None) -> Codes:
    """Return what `decide` would say of every deal, as positions in VERDICTS."""
    return decisions(judged, answers)[0]


def decisions(judged: Verdicts, answers: ModelAnswers | None) -> tuple[Codes, NDArray[np.object_]]:
    """Return the action `decide` would take on every deal, as positions in VERDICTS, and who decided it."""
    policy = judged.policy
    rule = np.full(len(judged), "rule", dtype=object)
    if answers is None or policy.deciding.decide_by == "rule":
        return judged.verdict, rule
    expected = answers.expected_profit
    is_yes = expected >= policy.economics.cost_per_worked_deal
    within_limits = tri.yes(judged.economy.above_min_amount)
    is_models = (
        (judged.lead.route == ROUTES.index(Route.DEAL)) & within_limits & ~answers.abstains & ~np.isnan(expected)
    )
    by_model, by_whom = _by_model(policy)
    at = (judged.verdict, is_yes.astype(np.intp))
    return np.where(is_models, by_model[at], judged.verdict), np.where(is_models, by_whom[at], rule)


@lru_cache(maxsize=64)
def _by_model(policy: Policy) -> tuple[Codes, NDArray[np.object_]]:
    """Return what is done and who decides it, by verdict and by what the model says: no, yes."""
    cells = [[_action(verdict, yes, policy) for yes in (False, True)] for verdict in VERDICTS]
    actions = np.array([[VERDICTS.index(action) for action, _ in row] for row in cells], dtype=np.intp)
    return actions, np.array([[who for _, who in row] for row in cells], dtype=object)


def rule_yes(verdict: Verdict) -> bool | None:
    """Tell whether the rules would work the deal; None while they wait for an answer or a person."""
    return None if verdict in _WAITS else verdict in _ACCEPTS


def model_yes(expected_profit: float | None, policy: Policy) -> bool | None:
    """Tell whether expected profit (minor units) is at or above what working a deal costs; None where not said."""
    return None if expected_profit is None else expected_profit >= policy.economics.cost_per_worked_deal


def agreement(by_rule: bool | None, by_model: bool | None) -> Agreement:
    """Name the cell of rules x model a deal falls into."""
    if by_rule is None or by_model is None:
        return "undecided"
    if by_rule == by_model:
        return "both_yes" if by_rule else "both_no"
    return "rule_only" if by_rule else "model_only"


def _is_models_to_decide(rule: RuleAnswer) -> bool:
    """Only deals in the second funnel whose amount is known to be above the manager's own limit, where one is set."""
    within_limits = all(reason.answer for reason in rule.reasons if reason.code.startswith("rule.min_amount."))
    return rule.route is Route.DEAL and within_limits


def _action(verdict: Verdict, by_model: bool, policy: Policy) -> tuple[Verdict, DecidedBy]:
    if policy.deciding.decide_by == "model":
        accepted = verdict if verdict in _ACCEPTS else Verdict.ACCEPT
        # An unknown profit is asked for, never refused.
        declined = Verdict.ASK if verdict is Verdict.ASK else Verdict.REFUSE
        return (accepted if by_model else declined), "model"
    if verdict in _ACCEPTS and by_model:
        return verdict, "both"
    if verdict is Verdict.REFUSE and not by_model:
        return Verdict.REFUSE, "both"
    return (Verdict.ASK if verdict is Verdict.ASK else Verdict.REVIEW), "both"
