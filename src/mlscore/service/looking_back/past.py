"""Closed deals in columns: what was known of each, what rules and model say of it, what it came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np

from mlscore.ports import Asked, Briefs, Champions, Closed, Said
from mlscore.scoring.comparison import Labels
from mlscore.scoring.deal import Deals, Floats, Status, Texts, as_number
from mlscore.scoring.decision import agreement, model_yes, rule_yes
from mlscore.scoring.economics import has_paid, label_of, realised
from mlscore.scoring.model.prior import PRIOR_VERSION
from mlscore.scoring.policy import Policy, fingerprint
from mlscore.scoring.receipt import Agreement, Label
from mlscore.scoring.verdict import VERDICTS, Verdicts, judge
from mlscore.service.looking_back.remembering import Remembered
from mlscore.service.policies import CurrentPolicies


@dataclass(frozen=True, kw_only=True)
class Past:
    """Closed deals of which it is known whether they paid, in the order of `as_of`; one entry a deal everywhere.

    Facts are those of the receipt that stands for a deal in training. `judged` is what the rules of today's policy say;
    `probability` and `expected_profit` are what the model said live, or in a backtest of the champion: NaN where it
    said nothing, `expected_profit` also where it abstained. `closed_at` and `as_of` are seconds since 1970, NaN
    unknown; `profit` is realised, in minor units, 0 where lost. `without_profit` counts won deals left out because
    their profit is not known. `version` changes with whatever is in here.
    """

    version: str
    policy: Policy
    label: Label
    deal_ids: Sequence[str]
    deals: Deals
    judged: Verdicts
    as_of: Floats
    closed_at: Floats
    won: Labels
    paid: Labels
    profit: Floats
    probability: Floats
    expected_profit: Floats
    is_live: Labels
    without_profit: int

    def __len__(self) -> int:
        return len(self.deal_ids)

    @property
    def answered(self) -> Labels:
        """Whether the model, too, answered."""
        return ~np.isnan(self.probability)

    @cached_property
    def by_rule(self) -> Sequence[bool | None]:
        """Whether the rules would work each deal, None while they wait for an answer or a person."""
        return [rule_yes(VERDICTS[verdict]) for verdict in self.judged.verdict]

    @cached_property
    def by_model(self) -> Sequence[bool | None]:
        """Whether the model would, None where it says nothing."""
        return [model_yes(None if np.isnan(one) else float(one), self.policy) for one in self.expected_profit]

    @cached_property
    def agreements(self) -> Sequence[Agreement]:
        """The cell of rules and model each deal falls into."""
        return [agreement(rule, model) for rule, model in zip(self.by_rule, self.by_model, strict=True)]

    @cached_property
    def agreement_column(self) -> Texts:
        """The same as a column."""
        return np.array(self.agreements, dtype=object)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookingBack:
    """Gives a firm's past, read once for all who look at it until another deal closes, a policy or a champion comes."""

    closed: Closed
    asked: Asked
    briefs: Briefs
    policies: CurrentPolicies
    champions: Champions
    remembered: Remembered = field(default_factory=Remembered)

    def past(self, firm: str) -> Past:
        """Return the firm's closed deals. Raises StoreUnavailableError."""
        policy = self.policies.current(firm).policy
        model = self.champions.serving(firm).model
        champion = None if model is None else model.version
        version = f"{self.closed.version(firm)} {fingerprint(policy)} {champion}"
        return self.remembered.of((firm, "past"), version, lambda: self._read(firm, policy, champion, version))

    def opened(self, firm: str, *, now: datetime) -> Deals:
        """Return the facts of the deals that have not ended, as of a minute ago at most; raises as `past` does."""
        minute = int(now.timestamp() // 60)
        return self.remembered.of((firm, "open"), minute, lambda: self._open(firm))

    def _open(self, firm: str) -> Deals:
        return Deals([one.deal for one in self.asked.open_deals(firm)])

    def _read(self, firm: str, policy: Policy, champion: str | None, version: str) -> Past:
        self.briefs.catch_up(firm, at_most=None)
        every = self.closed.in_brief(firm, snapshot=policy.training.snapshot)
        said = self.briefs.said_of_closed(firm)
        label = label_of([one.outcome for one in every], policy)
        rows = [one for one in every if has_paid(one.outcome, label, policy) is not None]
        answers = [_answer(said.get(one.receipt_id), champion) for one in rows]
        deals = Deals([one.deal for one in rows])
        return Past(
            version=version,
            policy=policy,
            label=label,
            deal_ids=[one.deal.deal_id for one in rows],
            deals=deals,
            judged=judge(deals, policy),
            as_of=_floats([as_number(one.as_of) for one in rows]),
            closed_at=_floats([as_number(one.outcome.closed_at) for one in rows]),
            won=np.array([one.outcome.status is Status.WON for one in rows], dtype=np.bool_),
            paid=np.array([bool(has_paid(one.outcome, label, policy)) for one in rows], dtype=np.bool_),
            profit=np.nan_to_num(_floats([realised(one.outcome) for one in rows])),
            probability=_floats([one.probability for one in answers]),
            expected_profit=_floats([one.expected_profit for one in answers]),
            is_live=np.array([one.is_live for one in answers], dtype=np.bool_),
            without_profit=len(every) - len(rows),
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    probability: float = np.nan
    expected_profit: float = np.nan
    is_live: bool = False


_NONE = _Answer()


def _answer(said: Said | None, champion: str | None) -> _Answer:
    """Return what a model said live, else in a backtest of the champion."""
    if said is None:
        return _NONE
    if said.probability is not None and said.model_version != PRIOR_VERSION:
        expected = None if said.abstained else said.expected_profit
        return _Answer(said.probability, np.nan if expected is None else expected, is_live=True)
    test = said.backtest
    if test is None or champion not in {None, test.model_version}:
        return _NONE
    return _Answer(test.probability, np.nan if test.expected_profit is None else test.expected_profit)


def _floats(values: Sequence[float]) -> Floats:
    return np.array(values, dtype=np.float64)
