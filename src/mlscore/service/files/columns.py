"""Scores columns of deals without a receipt each: what the rules and the model say of a whole file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from mlscore.ports import HistoryFacts
from mlscore.scoring.deal import Deal, Deals, Floats, as_number
from mlscore.scoring.decision import decisions
from mlscore.scoring.errors import StoreUnavailableError
from mlscore.scoring.model import ModelAnswers
from mlscore.scoring.rules import Codes
from mlscore.scoring.verdict import Verdicts, judge
from mlscore.service.scoring import ScoringService
from mlscore.service.track_record import with_track_record

_HISTORY = tuple(HistoryFacts.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What was said of deals, column by column; `model` is None where no model answers."""

    deals: Deals
    rules: Verdicts
    model: ModelAnswers | None
    actions: Codes
    decided_by: NDArray[np.object_]


def score_columns(scoring: ScoringService, firm: str, deals: Deals) -> Scored:
    """Score deals as `ScoringService.score` does on a dry run; custom facts must be of the policy's kinds already.

    Raises StoreUnavailableError where the policy cannot be read.
    """
    policy = scoring.policies.current(firm).policy
    dated = _dated(deals, scoring.clock())
    known = _with_history(scoring, firm, dated)
    serving = scoring.champions.serving(firm)
    seen = with_track_record(firm, known, serving.model, track_records=scoring.track_records)
    rules = judge(seen, policy)
    model = None if serving.model is None else serving.model.answers(seen, judged=rules)
    actions, decided_by = decisions(rules, model)
    return Scored(deals=seen, rules=rules, model=model, actions=actions, decided_by=decided_by)


def _dated(deals: Deals, now: datetime) -> Deals:
    moments = deals.numbers("as_of")
    return deals.having({"as_of": np.where(np.isnan(moments), now.timestamp(), moments)})


def _with_history(scoring: ScoringService, firm: str, deals: Deals) -> Deals:
    """Fill in what the store knows of the companies; where it is away the facts stay unknown."""
    columns: dict[str, Floats] = {name: deals.numbers(name) for name in _HISTORY}
    companies, ids, moments = deals.texts("company_id"), deals.texts("deal_id"), deals.numbers("as_of")
    is_open = np.isnan(list(columns.values())).any(axis=0)
    rows = [row for row in np.flatnonzero(is_open).tolist() if companies[row]]
    if not rows:
        return deals
    asked = [
        Deal(deal_id=ids[row], company_id=companies[row], as_of=datetime.fromtimestamp(moments[row], UTC))
        for row in rows
    ]
    try:
        counted = scoring.receipts.history(firm, asked, policy=scoring.policies.current(firm).policy)
    except StoreUnavailableError:
        return deals
    filled = {}
    for name, column in columns.items():
        found = np.full(len(column), np.nan)
        found[rows] = [as_number(getattr(facts, name)) for facts in counted]
        filled[name] = np.where(np.isnan(column), found, column)
    return deals.having(filled)
