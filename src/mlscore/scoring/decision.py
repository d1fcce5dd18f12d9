"""Who decides, and what the CRM is told."""

from __future__ import annotations

from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import Agreement, DecidedBy, Decision, ModelAnswer, Route, RuleAnswer, Verdict

_ACCEPTS = {Verdict.ACCEPT, Verdict.ACCEPT_EXCEPTION}
_WAITS = {Verdict.ASK, Verdict.REVIEW}


def decide(rule: RuleAnswer, model: ModelAnswer | None, policy: Policy) -> Decision:
    """Turn both answers into one: the policy says who decides, and the rules do whenever the model abstains."""
    rule_yes = _rule_yes(rule)
    model_yes = _model_yes(model, policy)
    agreement = _agreement(rule_yes, model_yes)
    if policy.deciding.decide_by == "rule" or model_yes is None or not _is_models_to_decide(rule):
        return Decision(action=rule.verdict, decided_by="rule", agreement=agreement)
    action, decided_by = _action(rule, model_yes, policy)
    return Decision(action=action, decided_by=decided_by, agreement=agreement)


def _rule_yes(rule: RuleAnswer) -> bool | None:
    return None if rule.verdict in _WAITS else rule.verdict in _ACCEPTS


def _model_yes(model: ModelAnswer | None, policy: Policy) -> bool | None:
    """Tell whether expected profit is at or above what working a deal costs; None when the model does not say."""
    if model is None or model.abstained or model.expected_profit is None:
        return None
    return model.expected_profit >= policy.economics.cost_per_worked_deal


def _is_models_to_decide(rule: RuleAnswer) -> bool:
    """Only deals in the second funnel whose amount is known to be above the manager's own limit, where one is set."""
    within_limits = all(reason.answer for reason in rule.reasons if reason.code.startswith("rule.min_amount."))
    return rule.route is Route.DEAL and within_limits


def _action(rule: RuleAnswer, model_yes: bool, policy: Policy) -> tuple[Verdict, DecidedBy]:
    if policy.deciding.decide_by == "model":
        accepted = rule.verdict if rule.verdict in _ACCEPTS else Verdict.ACCEPT
        return (accepted if model_yes else Verdict.REFUSE), "model"
    if rule.verdict in _ACCEPTS and model_yes:
        return rule.verdict, "both"
    if rule.verdict is Verdict.REFUSE and not model_yes:
        return Verdict.REFUSE, "both"
    return (Verdict.ASK if rule.verdict is Verdict.ASK else Verdict.REVIEW), "both"


def _agreement(rule_yes: bool | None, model_yes: bool | None) -> Agreement:
    if rule_yes is None or model_yes is None:
        return "undecided"
    if rule_yes == model_yes:
        return "both_yes" if rule_yes else "both_no"
    return "rule_only" if rule_yes else "model_only"
