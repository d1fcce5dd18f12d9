"""Golden rows: invented deals and what the model answered them when it was written; no client's data travels."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import numpy as np

from mlscore.scoring.deal import FACTS, Deal, Deals, Floats, Kind, Value
from mlscore.scoring.features import LEARNED_VOCABULARIES, Vocabularies
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import Policy
from mlscore.scoring.track_record import columns_of
from mlscore.scoring.verdict import judge

_Sample = TypeVar("_Sample")

ROWS = 24
TOLERANCE = 1e-9
"""How far an answer may lie from the golden one: absolute for probabilities, relative for money."""

_AS_OF = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
_STANDARD_KINDS = {name: fact.kind for name, fact in FACTS.items()}
_SAMPLES: Mapping[Kind, tuple[Value, ...]] = {
    Kind.TRI: (True, False),
    Kind.NUMBER: (0.0, 0.5, 1.0, 7.0, 40.0, 3e8, 5e9),
    Kind.MONEY: (0, 90_000, 450_000, 1_200_000, 70_000_000, 4_000_000_000),
    Kind.DATE: tuple(_AS_OF.date() + timedelta(days=days) for days in (-3, 5, 29, 31, 200)),
    Kind.MOMENT: tuple(_AS_OF - timedelta(days=days) for days in (0, 1, 20, 400)),
    Kind.TEXT: ("golden-unseen",),
}
_FIGURES = {
    "deals": (0.0, 0.7, 2.4, 6.0),
    "rate": (0.02, 0.3, 0.5, 0.9),
    "margin": (-0.4, 0.0, 0.12, 0.45),
    "days_since": (0.0, 3.5, 40.0, 700.0),
}
"""What a track record may say, by the first word of a statistic."""


def golden_deals(policy: Policy, *, vocabularies: Vocabularies | None = None) -> tuple[Deal, ...]:
    """Return invented deals under a policy: all unknown, then every fact unknown and known in turn, custom facts too.

    `vocabularies` add the levels a model learned.
    """
    samples = _samples(policy, vocabularies or {})
    custom = _custom_kinds(policy)
    rows = [dict(_picked(samples, row)) | {"deal_id": f"golden-{row}"} for row in range(ROWS)]
    return tuple(_deal(facts, custom) for facts in rows)


def golden_rows(model: FittedModel) -> bytes:
    """Return the golden deals with the model's answers, as JSON."""
    deals, track = golden_deals(model.policy, vocabularies=model.vocabularies), _golden_track(model.policy)
    answers = dict(_answers(model, Deals(deals).having(track)))
    rows = [
        {
            "facts": _written(deal),
            "track": {name: float(column[row]) for name, column in track.items() if not math.isnan(column[row])},
            "answer": {name: _plain(column[row]) for name, column in answers.items()},
        }
        for row, deal in enumerate(deals)
    ]
    return (json.dumps(rows, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def disagreement(model: FittedModel, golden: bytes) -> str | None:
    """Return where the model no longer answers as its golden rows say, None where it does."""
    rows = json.loads(golden)
    if len(rows) != ROWS:
        return f"there are {len(rows)} golden rows instead of {ROWS}"
    custom = _custom_kinds(model.policy)
    kinds = _STANDARD_KINDS | custom
    read = [{name: _read(kinds.get(name), value) for name, value in row["facts"].items()} for row in rows]
    deals = Deals(tuple(_deal(facts, custom) for facts in read)).having(_read_track(rows))
    if not _adds_up(model, deals):
        return "the shares of its log-odds do not add up to them"
    for name, column in _answers(model, deals):
        for deal_id, row, now in zip(deals.texts("deal_id"), rows, column, strict=True):
            then = row["answer"][name]
            if not _is_lawful(name, float(now)):
                return f"{deal_id} has {name} {now!s}, which is none"
            if not _is_same(float(now), math.nan if then is None else float(then)):
                return f"{deal_id} has {name} {now!s} instead of {then!s}"
    return None


def _golden_track(policy: Policy) -> Mapping[str, Floats]:
    """Return invented figures for every golden deal, each column at a pace of its own; the first knows none."""
    columns = tuple(columns_of(policy))
    samples = {name: (math.nan, *_FIGURES[_kind_of_figure(name)]) for name in columns}
    picked = [dict(_picked(samples, row)) for row in range(ROWS)]
    return {name: np.array([row[name] for row in picked], dtype=np.float64) for name in columns}


def _kind_of_figure(column: str) -> str:
    statistic = column.rpartition(".")[2]
    return statistic if statistic in _FIGURES else statistic.partition("_")[0]


def _read_track(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Floats]:
    """Return the figures of written rows; bundles written before there were any have none."""
    told = [row.get("track", {}) for row in rows]
    names = dict.fromkeys(name for row in told for name in row)
    return {name: np.array([row.get(name, math.nan) for row in told], dtype=np.float64) for name in names}


def _answers(model: FittedModel, deals: Deals) -> Iterator[tuple[str, Floats]]:
    answers = model.answers(deals, judged=judge(deals, model.policy))
    yield "probability", answers.probability
    yield "low", answers.interval[0]
    yield "high", answers.interval[1]
    yield "expected_profit", answers.expected_profit


def _adds_up(model: FittedModel, deals: Deals) -> bool:
    answers = model.answers(deals, judged=judge(deals, model.policy))
    shares = answers.contributions(np.arange(len(deals))).sum(axis=1)
    return bool(np.allclose(shares, model.raw_log_odds(answers.inputs), rtol=TOLERANCE, atol=TOLERANCE))


def _samples(policy: Policy, vocabularies: Vocabularies) -> Mapping[str, tuple[Value, ...]]:
    learned = {name: vocabularies.get(name, ()) for name in LEARNED_VOCABULARIES}
    known: Mapping[str, tuple[Value, ...]] = {
        "stage": ("deal", "lead"),
        "as_of": (_AS_OF,) * ROWS,
        "currency": (policy.currency,) * 5,
        "industry": tuple(industry.code for industry in policy.industries),
        "product_category": tuple(category.code for category in policy.categories),
        **learned,
    }
    samples = {name: (None, *known.get(name, ()), *_SAMPLES[fact.kind]) for name, fact in FACTS.items()}
    custom = {fact.name: (None, *fact.levels, *_SAMPLES[fact.carried_as]) for fact in policy.custom_facts}
    return samples | custom


def _custom_kinds(policy: Policy) -> dict[str, Kind]:
    return {fact.name: fact.carried_as for fact in policy.custom_facts}


def _picked(samples: Mapping[str, tuple[_Sample, ...]], row: int) -> Iterator[tuple[str, _Sample]]:
    """Walk through each fact's samples at a pace of its own, so that facts meet in many ways; row 0 knows nothing."""
    for place, (name, values) in enumerate(samples.items()):
        yield name, values[(row * (1 + place % 5) + row // len(values)) % len(values)]


def _deal(facts: Mapping[str, Any], custom: Collection[str]) -> Deal:
    known = {name: value for name, value in facts.items() if value is not None}
    extra = {name: known.pop(name) for name in custom if name in known}
    return Deal(**known, extra=extra)


def _written(deal: Deal) -> Mapping[str, object]:
    facts = {name: getattr(deal, name) for name in ("deal_id", *_STANDARD_KINDS)} | dict(deal.extra)
    return {n: v.isoformat() if isinstance(v, date) else v for n, v in facts.items() if v is not None}


def _read(kind: Kind | None, value: Any) -> Value:  # noqa: ANN401 - as JSON has it
    if kind is Kind.MOMENT:
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if kind is Kind.DATE else value


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _is_lawful(name: str, value: float) -> bool:
    """Tell whether an answer is one at all; only a profit may be unknown."""
    return not math.isinf(value) if name == "expected_profit" else 0.0 <= value <= 1.0


def _is_same(now: float, then: float) -> bool:
    if math.isnan(now) or math.isnan(then):
        return math.isnan(now) and math.isnan(then)
    return math.isclose(now, then, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
