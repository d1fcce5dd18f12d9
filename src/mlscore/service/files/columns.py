"""Scores columns of deals without a receipt each: what the rules and the model say of a whole file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import Deals
from mlscore.scoring.decision import decisions
from mlscore.scoring.model import ModelAnswers
from mlscore.scoring.rules import Codes
from mlscore.scoring.verdict import Verdicts
from mlscore.service.history import with_history_columns
from mlscore.service.scoring import ScoringService


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What was said of deals, column by column; `model` is None where no model answers."""

    rules: Verdicts
    model: ModelAnswers | None
    actions: Codes
    decided_by: NDArray[np.object_]


def score_columns(scoring: ScoringService, firm: str, deals: Deals) -> Scored:
    """Score deals as `ScoringService.score` does on a dry run; they must be such as its `check` lets pass.

    While the store is away what it knows of companies is unknown. Raises StoreUnavailableError where the policy cannot
    be read.
    """
    policy = scoring.policies.current(firm).policy
    moments = deals.numbers("as_of")
    dated = deals.having({"as_of": np.where(np.isnan(moments), scoring.clock().timestamp(), moments)})
    known = with_history_columns(firm, dated, receipts=scoring.receipts, policy=policy)
    rules, model = scoring.judged(firm, known, policy, scoring.champions.serving(firm))
    actions, decided_by = decisions(rules, model)
    return Scored(rules=rules, model=model, actions=actions, decided_by=decided_by)
