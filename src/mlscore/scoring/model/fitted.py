"""A fitted model: members weighed in log-odds, calibrated, with an interval, an expected profit and its doubts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from math import isnan

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring import tri
from mlscore.scoring.deal import Deals, Floats, Texts
from mlscore.scoring.features import Feature, Vocabularies, matrix, named, within
from mlscore.scoring.model.calibration import NEVER_SURE, Calibration, sigmoid
from mlscore.scoring.model.far import Far
from mlscore.scoring.model.grouping import Grouping
from mlscore.scoring.model.members import Inputs, Member, Rates
from mlscore.scoring.model.profit import Profit
from mlscore.scoring.policy import Policy, fingerprint
from mlscore.scoring.receipt import Label, ModelAnswer, ModelReason
from mlscore.scoring.tri import Tri
from mlscore.scoring.verdict import Verdicts, judge


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedModel:
    """Everything one answer needs, read from a bundle; frozen, so a swap is one assignment.

    `spread_*` give the interval in log-odds below and above, by calibrated log-odds. `why_unapproved` is the
    code of why it may not yet be trusted (None: it passed the gates). `usual` is how often each question was answered
    with yes among the deals where the answer was known. `capacity_line` is what the last deal within the team's
    capacity was expected to bring, in minor units; None where profit or time is not recorded, or the team can work all.
    """

    version: str
    policy: Policy
    vocabularies: Vocabularies
    features: tuple[Feature, ...]
    members: tuple[tuple[float, Member], ...]
    calibration: Calibration
    spread_at: Floats
    spread_below: Floats
    spread_above: Floats
    profit: Profit
    rates: Rates
    far: Far
    label: Label
    simulated: bool
    why_unapproved: str | None
    usual: Mapping[str, float] = field(default_factory=dict)
    capacity_line: float | None = None
    grouping: Grouping = field(init=False, repr=False, compare=False)
    reads_track_record: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out once what every answer needs."""
        object.__setattr__(self, "grouping", Grouping.of(self.features))
        object.__setattr__(self, "reads_track_record", any(feature.is_tracked for feature in self.features))

    def answers(
        self, deals: Deals, *, judged: Verdicts, origin: Origin | None = None, same_record: bool = True
    ) -> ModelAnswers:
        """Answer every deal. `judged` are today's verdicts; rules are read again where the bundle's policy differs.

        `origin` is given of deals as they would be: what was answered of them as they are, and whose each row was;
        then `same_record` tells that no change of theirs touched what has a track record.
        """
        own = judged if fingerprint(judged.policy) == fingerprint(self.policy) else judge(deals, self.policy)
        return ModelAnswers(self, own, policy_drift=own is not judged, origin=origin, same_record=same_record)

    def raw_log_odds(self, inputs: Inputs) -> Floats:
        """Return the weighted sum of the members' log-odds."""
        return _added(weight * member.log_odds(inputs) for weight, member in self.members)

    def inputs(self, judged: Verdicts, origin: Origin | None = None, *, same_record: bool = True) -> Inputs:
        """Return what the members read of these deals; what no change of a fact touched comes from the origin."""
        if origin is None:
            return Inputs(matrix=matrix(self.features, judged), cells=judged.cell, memo={})
        answers, whose = origin
        tracked = answers.inputs.matrix[whose] if same_record else None
        made = matrix(self.features, judged, tracked=tracked)
        return Inputs(matrix=made, cells=judged.cell, origin=(answers.inputs, whose), memo={})


def _added(parts: Iterable[Floats]) -> Floats:
    # One by one: NumPy's own sum pairs the terms of a single deal otherwise than those of many.
    return reduce(np.add, parts)


def _never_sure(log_odds: Floats) -> Floats:
    return within(sigmoid(log_odds), NEVER_SURE, 1.0 - NEVER_SURE)


class ModelAnswers:
    """What the model says of every deal, column by column."""

    def __init__(
        self,
        model: FittedModel,
        judged: Verdicts,
        *,
        policy_drift: bool,
        origin: Origin | None = None,
        same_record: bool = True,
    ) -> None:
        self.model = model
        self.judged = judged
        self.policy_drift = policy_drift
        self.inputs = model.inputs(judged, origin, same_record=same_record)
        self.log_odds: Floats = model.calibration(model.raw_log_odds(self.inputs))
        self.probability = _never_sure(self.log_odds)

    def __len__(self) -> int:
        return len(self.judged)

    @cached_property
    def interval(self) -> tuple[Floats, Floats]:
        """The 90 % interval of the probability."""
        model, z = self.model, self.log_odds
        below = np.interp(z, model.spread_at, model.spread_below)
        above = np.interp(z, model.spread_at, model.spread_above)
        low, high = _never_sure(z - below), _never_sure(z + above)
        return np.minimum(low, self.probability), np.maximum(high, self.probability)

    @cached_property
    def expected_profit(self) -> Floats:
        """E[realised profit] in minor units."""
        return self.model.profit(self.inputs, self.judged, self.probability)

    @cached_property
    def rule_probability(self) -> Floats:
        """The smoothed rate of each deal's rule cell."""
        return self.model.rates.probability(self.inputs.cells)

    @cached_property
    def similar_deals(self) -> Floats:
        """How many labelled deals share the rule cell."""
        return self.model.rates.deals[self.inputs.cells]

    @cached_property
    def is_far(self) -> NDArray[np.bool_]:
        """Which deals lie far from everything seen."""
        return self.model.far(self.inputs, named(self.model.features, self.judged))

    @cached_property
    def above_line(self) -> Floats:
        """By how much the deal is expected to bring more than the capacity line; minor units.

        NaN where there is no line, or the model abstains: it ranks such deals last, and the rules decide.
        """
        line = self.model.capacity_line
        if line is None:
            return np.full(len(self), np.nan)
        return np.where(self.abstains, np.nan, self.expected_profit - line)

    @cached_property
    def within_capacity(self) -> Tri:
        """Whether the deal is expected to bring at least what the last deal within the team's capacity did."""
        return tri.where(self.above_line >= 0.0, known=~np.isnan(self.above_line))

    @cached_property
    def abstains(self) -> NDArray[np.bool_]:
        """For which deals the number is not to be trusted."""
        if self.model.why_unapproved is not None:
            return np.ones(len(self), dtype=np.bool_)
        return (self.similar_deals < self.model.policy.deciding.similar_deals_min) | self.is_far

    @cached_property
    def why_it_abstains(self) -> Texts:
        """Of every deal what `abstains_because` says."""
        if self.model.why_unapproved is not None:
            return np.full(len(self), self.model.why_unapproved, dtype=object)
        is_rare = self.similar_deals < self.model.policy.deciding.similar_deals_min
        why = np.where(self.is_far, "abstain.far_away", np.full(len(self), None, dtype=object))
        return np.where(is_rare, "abstain.few_similar", why)

    def contributions(self, rows: NDArray[np.intp]) -> Floats:
        """Return rows x (features + 2): shares of the raw log-odds; the rules' cell and the rest stand last."""
        is_all = len(rows) == len(self) and bool((rows == np.arange(len(rows))).all())
        picked = self.inputs if is_all else Inputs(self.inputs.matrix[rows], self.inputs.cells[rows], memo={})
        return _added(weight * member.contributions(picked) for weight, member in self.model.members)

    def answer(self, row: int, *, reasons: tuple[ModelReason, ...] = ()) -> ModelAnswer:
        """Return everything the model says of one deal, with its reasons where they were asked for.

        What a deal far from everything seen would bring is left unknown.
        """
        probability, low, high, rule_probability, profit, similar_deals, within_capacity, because = self._told[row]
        return ModelAnswer(
            probability=probability,
            interval=(low, high),
            rule_probability=rule_probability,
            expected_profit=None if isnan(profit) else profit,
            label=self.model.label,
            reasons=reasons,
            similar_deals=int(similar_deals),
            model_version=self.model.version,
            abstained=because is not None,
            abstained_because=because,
            simulated=self.model.simulated,
            policy_drift=self.policy_drift,
            within_capacity=tri.to_python(within_capacity),
        )

    @cached_property
    def _told(self) -> list[tuple[float, float, float, float, float, float, float, str | None]]:
        """The answers row by row, as Python's own values: NumPy hands out one at ten times the cost."""
        profit = np.where(self.is_far, np.nan, self.expected_profit)
        of_chance = (self.probability, *self.interval, self.rule_probability)
        columns = (*of_chance, profit, self.similar_deals, self.within_capacity, self.why_it_abstains)
        return list(zip(*(column.tolist() for column in columns), strict=True))


Origin = tuple[ModelAnswers, NDArray[np.intp]]
"""What was answered of some deals as they are, and whose each row of a further question is."""
