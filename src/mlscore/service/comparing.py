"""Holds rules and model against the same closed deals of a firm."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from mlscore.ports import Champions, Closed, ScoredOutcome, kept_in
from mlscore.scoring.comparison import (
    Comparison,
    Contender,
    Labels,
    Swap,
    compare,
    deals_the_team_can_work,
    swap_of,
    team_can_work_all,
)
from mlscore.scoring.deal import Deals, Floats, as_number
from mlscore.scoring.decision import agreement, model_yes, rule_yes
from mlscore.scoring.economics import has_paid, label_of, realised
from mlscore.scoring.model.prior import PRIOR_VERSION
from mlscore.scoring.policy import Policy, fingerprint
from mlscore.scoring.receipt import Agreement, Label, Verdict
from mlscore.scoring.verdict import VERDICTS, judge
from mlscore.service.policies import CurrentPolicies

SHADOWED_MIN = 40
"""With fewer closed deals that a challenger answered too, nothing is said of it."""

NAMED_MAX = 100
"""So many deals of a cell are named, the newest."""

Undecided = Literal["rules_wait", "model_abstains", "both"]
"""Why rules and model neither agree nor part: who of them says neither yes nor no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowReport:
    """Rules, model and the newest challenger on the deals that both models answered when they were scored."""

    model_version: str
    comparison: Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonReport:
    """The comparison, and what it stands on.

    `live` deals carry the answer the model gave when they were scored, `backtested` ones a rolling out-of-time
    prediction made when the champion was trained; `model_versions` counts them by who answered. Left out:
    `without_model_answer`, of which `backtested_by_another` have a prediction of a model that serves no longer, and
    `without_profit` (won, profit not recorded).
    `without_outcome` counts deals that have none, by their latest verdict: what was refused is counted, never priced.
    `undecided` parts the cell of that name by who is silent, `deal_ids` names the newest deals of every cell.
    `challenger` compares the newest one where enough of the deals it answered in the shadow have closed. Money is in
    minor units of `currency`; where the team could have worked every deal (`all_workable`), half stand for what it can.
    """

    comparison: Comparison
    undecided: Mapping[Undecided, Swap]
    deal_ids: Mapping[str, Sequence[str]]
    all_workable: bool
    currency: str
    cost_per_worked_deal: float
    label: Label
    policy_version: str
    live: int
    backtested: int
    model_versions: Mapping[str, int]
    without_model_answer: int
    backtested_by_another: int
    without_profit: int
    without_outcome: Mapping[Verdict, int]
    challenger: ShadowReport | None


@dataclass(frozen=True, slots=True)
class _Prediction:
    """What a model said; `expected_profit` is None where it abstained, for then it is neither a yes nor a no."""

    probability: float
    expected_profit: float | None
    model_version: str
    is_live: bool


_Row = tuple[ScoredOutcome, _Prediction]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparingService:
    """Compares on every closed deal that the model, too, has answered for."""

    closed: Closed
    policies: CurrentPolicies
    champions: Champions

    def compare(self, firm: str, *, sandbox: bool = False) -> ComparisonReport:
        """Return rules and model side by side; the rules answer by today's policy.

        The deals are those of the firm, or of its sandbox. Raises StoreUnavailableError.
        """
        policy, kept = self.policies.current(firm).policy, kept_in(firm, sandbox)
        every = self.closed.closed_deals(kept, snapshot=policy.training.snapshot)
        label = label_of([row.outcome for row in every], policy)
        labelled = [row for row in every if has_paid(row.outcome, label, policy) is not None]
        predicted = [(row, said) for row in labelled if (said := _prediction(row)) is not None]
        champion = self.champions.serving(firm).model
        answered = [
            (row, said)
            for row, said in predicted
            if said.is_live or champion is None or said.model_version == champion.version
        ]
        live = sum(said.is_live for _, said in answered)
        columns, economics = _columns(answered, label, policy), policy.economics
        return ComparisonReport(
            comparison=_compared(columns, policy),
            undecided=_undecided(columns),
            deal_ids=_named(answered, columns.agreements) | _named(answered, columns.silent),
            all_workable=team_can_work_all(columns.as_of, deals_a_month=economics.deals_worked),
            currency=policy.currency,
            cost_per_worked_deal=economics.cost_per_worked_deal,
            label=label,
            policy_version=fingerprint(policy),
            live=live,
            backtested=len(answered) - live,
            model_versions=Counter(said.model_version for _, said in answered),
            without_model_answer=len(labelled) - len(answered),
            backtested_by_another=len(predicted) - len(answered),
            without_profit=len(every) - len(labelled),
            without_outcome=self.closed.without_outcome(kept),
            challenger=_shadowed(answered, label, policy),
        )


def _shadowed(rows: Sequence[_Row], label: Label, policy: Policy) -> ShadowReport | None:
    """Compare the challenger that answered last, on every live deal it answered."""
    live = [(row, said, row.receipt.answer.challenger) for row, said in rows if said.is_live]
    versions = [shadow.model_version for _, _, shadow in live if shadow is not None]
    if not versions:
        return None
    newest = versions[-1]
    of_it = [(row, said, s.probability) for row, said, s in live if s is not None and s.model_version == newest]
    if len(of_it) < SHADOWED_MIN:
        return None
    chances = np.array([chance for _, _, chance in of_it], dtype=np.float64)
    challenger = Contender(name="challenger", rank=chances, probability=chances)
    columns = _columns([(row, said) for row, said, _ in of_it], label, policy)
    compared = _compared(columns, policy, challenger)
    return ShadowReport(model_version=newest, comparison=compared)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """The deals compared as columns: `by_rule` and `by_model` say yes, no, or None where neither."""

    as_of: Floats
    rank: Floats
    probability: Floats
    labels: Labels
    profit: Floats
    by_rule: Sequence[bool | None]
    by_model: Sequence[bool | None]

    @property
    def agreements(self) -> Sequence[Agreement]:
        """The cell of every deal."""
        return [agreement(rule, model) for rule, model in zip(self.by_rule, self.by_model, strict=True)]

    @property
    def silent(self) -> Sequence[Undecided | None]:
        """Who says neither yes nor no of every deal, None where both speak."""
        return [_who_is_silent(rule, model) for rule, model in zip(self.by_rule, self.by_model, strict=True)]


def _columns(rows: Sequence[_Row], label: Label, policy: Policy) -> _Columns:
    judged = judge(Deals([row.receipt.deal for row, _ in rows]), policy)
    return _Columns(
        as_of=np.array([as_number(row.receipt.as_of) for row, _ in rows], dtype=np.float64),
        rank=judged.rank,
        probability=np.array([said.probability for _, said in rows], dtype=np.float64),
        labels=np.array([bool(has_paid(row.outcome, label, policy)) for row, _ in rows], dtype=np.bool_),
        profit=np.nan_to_num(np.array([realised(row.outcome) for row, _ in rows], dtype=np.float64)),
        by_rule=[rule_yes(VERDICTS[verdict]) for verdict in judged.verdict],
        by_model=[model_yes(said.expected_profit, policy) for _, said in rows],
    )


def _compared(columns: _Columns, policy: Policy, *others: Contender) -> Comparison:
    return compare(
        (
            Contender(name="rules", rank=columns.rank),
            Contender(name="model", rank=columns.probability, probability=columns.probability),
            *others,
        ),
        labels=columns.labels,
        profit=columns.profit,
        agreements=columns.agreements,
        worked=deals_the_team_can_work(columns.as_of, deals_a_month=policy.economics.deals_worked),
    )


def _undecided(columns: _Columns) -> Mapping[Undecided, Swap]:
    return swap_of(columns.silent, get_args(Undecided), labels=columns.labels, profit=columns.profit)


def _who_is_silent(by_rule: bool | None, by_model: bool | None) -> Undecided | None:
    if by_rule is None:
        return "both" if by_model is None else "rules_wait"
    return "model_abstains" if by_model is None else None


def _named(rows: Sequence[_Row], cells: Sequence[str | None]) -> dict[str, Sequence[str]]:
    """Return the newest deals of every cell that has some by their ids, the newest first."""
    ids = defaultdict[str, list[str]](list)
    for (row, _), name in zip(reversed(rows), reversed(cells), strict=True):
        if name is not None:
            ids[name].append(row.receipt.deal.deal_id)
    return {name: found[:NAMED_MAX] for name, found in ids.items()}


def _prediction(row: ScoredOutcome) -> _Prediction | None:
    model = row.receipt.answer.model
    if row.receipt.origin == "live" and model is not None and model.model_version != PRIOR_VERSION:
        expected = None if model.abstained else model.expected_profit
        return _Prediction(model.probability, expected, model.model_version, is_live=True)
    if (backtest := row.backtest) is not None:
        return _Prediction(backtest.probability, backtest.expected_profit, backtest.model_version, is_live=False)
    return None
