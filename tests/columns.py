"""Every answer of the rules and of a model as named columns, to compare two batches bit for bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.features import LEARNED_VOCABULARIES, features_of, matrix
from mlscore.scoring.model import ModelAnswers
from mlscore.scoring.reasons.why import effects
from mlscore.scoring.verdict import Verdicts

Columns = Mapping[str, NDArray[Any]]
VOCABULARIES = dict.fromkeys(LEARNED_VOCABULARIES, ("site", "call", "Москва", "main"))


def rule_columns(judged: Verdicts) -> Columns:
    """Return every column of the rules' answer."""
    lead, bant, economy = judged.lead, judged.bant, judged.economy
    columns = {f"criterion {at}": answer for at, answer in enumerate(lead.criteria)}
    columns |= {f"checklist {at}": answer for at, answer in enumerate(judged.checklist, start=1)}
    columns |= {f"flag {code}": raised for code, raised in judged.flags.items()}
    for part in (lead, bant, economy):
        columns |= {n: getattr(part, n) for n in part.__slots__ if n != "criteria"}
    return columns | {
        "exception regular": judged.exception_regular,
        "exception trial": judged.exception_trial,
        "verdict": judged.verdict,
        "cell": judged.cell,
        "rank": judged.rank,
    }


def feature_columns(judged: Verdicts) -> Columns:
    """Return every feature."""
    features = features_of(judged.policy, VOCABULARIES)
    made = matrix(features, judged)
    return {f"feature {one.name}": made[:, at] for at, one in enumerate(features)}


def model_columns(answers: ModelAnswers) -> Columns:
    """Return every column of the model's answer."""
    low, high = answers.interval
    parts = answers.contributions(np.arange(len(answers)))
    moved = effects(answers)
    each = {f"contribution {at}": parts[:, at] for at in range(parts.shape[1])}
    each |= {f"effect {fact}": moved[:, at] for at, fact in enumerate(answers.model.grouping.facts)}
    return each | {
        "log-odds": answers.log_odds,
        "probability": answers.probability,
        "low": low,
        "high": high,
        "expected profit": answers.expected_profit,
        "rule probability": answers.rule_probability,
        "similar": answers.similar_deals,
        "far": answers.is_far,
        "abstains": answers.abstains,
        "within capacity": answers.within_capacity,
    }


def differing(these: Columns, those: Columns, rows: Sequence[int] | NDArray[np.intp]) -> list[str]:
    """Name the columns of `these` that are not, bit for bit, the given rows of `those`."""
    return [n for n in those if _bits(these[n]) != _bits(those[n][np.asarray(rows, dtype=np.intp)])]


def _bits(column: NDArray[Any]) -> bytes:
    plain = np.asarray(column, dtype=np.float64)
    return np.where(np.isnan(plain), np.nan, plain).tobytes()
