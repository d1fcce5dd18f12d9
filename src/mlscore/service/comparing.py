"""Holds rules and model against the same closed deals of a firm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlscore.ports import Champions, Closed, ScoredOutcome, kept_in
from mlscore.scoring.comparison import Comparison, Contender, compare, deals_the_team_can_work
from mlscore.scoring.deal import Deals, as_number
from mlscore.scoring.decision import agreement, model_yes, rule_yes
from mlscore.scoring.economics import has_paid, label_of, realised
from mlscore.scoring.model.prior import PRIOR_VERSION
from mlscore.scoring.policy import Policy, fingerprint
from mlscore.scoring.receipt import Label, Verdict
from mlscore.scoring.verdict import VERDICTS, judge
from mlscore.service.policies import CurrentPolicies

SHADOWED_MIN = 40
"""With fewer closed deals that a challenger answered too, nothing is said of it."""


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
    `challenger` compares the newest one where enough of the deals it answered in the shadow have closed.
    """

    comparison: Comparison
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
        return ComparisonReport(
            comparison=_compared(answered, label, policy),
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
    compared = _compared([(row, said) for row, said, _ in of_it], label, policy, challenger)
    return ShadowReport(model_version=newest, comparison=compared)


def _compared(rows: Sequence[_Row], label: Label, policy: Policy, *others: Contender) -> Comparison:
    judged = judge(Deals([row.receipt.deal for row, _ in rows]), policy)
    probability = np.array([said.probability for _, said in rows], dtype=np.float64)
    as_of = np.array([as_number(row.receipt.as_of) for row, _ in rows], dtype=np.float64)
    profit = np.array([realised(row.outcome) for row, _ in rows], dtype=np.float64)
    return compare(
        (
            Contender(name="rules", rank=judged.rank),
            Contender(name="model", rank=probability, probability=probability),
            *others,
        ),
        labels=np.array([bool(has_paid(row.outcome, label, policy)) for row, _ in rows], dtype=bool),
        profit=np.nan_to_num(profit),
        agreements=[
            agreement(rule_yes(VERDICTS[verdict]), model_yes(said.expected_profit, policy))
            for verdict, (_, said) in zip(judged.verdict, rows, strict=True)
        ],
        worked=deals_the_team_can_work(as_of, deals_a_month=policy.economics.deals_worked),
    )


def _prediction(row: ScoredOutcome) -> _Prediction | None:
    model = row.receipt.answer.model
    if row.receipt.origin == "live" and model is not None and model.model_version != PRIOR_VERSION:
        expected = None if model.abstained else model.expected_profit
        return _Prediction(model.probability, expected, model.model_version, is_live=True)
    if (backtest := row.backtest) is not None:
        return _Prediction(backtest.probability, backtest.expected_profit, backtest.model_version, is_live=False)
    return None
