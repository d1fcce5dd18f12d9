"""Who was right where rules and model parted, what it cost, and whether people knew better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mlscore.ports import Side
from mlscore.scoring.comparison import Labels
from mlscore.scoring.deal import Floats, Texts
from mlscore.service.looking_back.past import Past

Who: TypeAlias = Literal["rules", "model", "people"]

PARTED = ("rule_only", "model_only")
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Score:
    """How one of them did where they parted: how often right, and what following him would have brought.

    `money` is profit less the cost of working, over the deals he would have worked; minor units.
    """

    who: Who
    deals: int
    right: int
    money: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The scores over every closed deal on which rules and model part, and over those of which a person took a side.

    `rows` are the deals by their place in the past; `sided` those with a side taken before the deal closed, and
    `with_model` whether it was the model's. `overrides` are those sides that went against who decides by the policy,
    None where it lets both decide together; `gained` is what they brought more than he would have, minor units.
    `right` and `side` say of each deal of the past who was right on it and whose side was taken in time: None where
    they do not part, NOBODY where nobody took one.
    """

    rows: NDArray[np.intp]
    every: Sequence[Score]
    sided: NDArray[np.intp]
    with_model: Labels
    of_people: Sequence[Score]
    overrides: int | None
    gained: float
    right: Texts
    side: Texts


def board_of(past: Past, taken: Mapping[str, Side]) -> Board:
    """Score rules, model and people on the closed deals where rules and model part."""
    rows = np.array([row for row, cell in enumerate(past.agreements) if cell in PARTED], dtype=np.intp)
    sides = [(row, side) for row in rows if (side := _in_time(past, int(row), taken)) is not None]
    sided = np.array([row for row, _ in sides], dtype=np.intp)
    with_model = np.array([side.side == "model" for _, side in sides], dtype=np.bool_)
    by_people = _by_rule(past, sided) ^ with_model
    decider = past.policy.deciding.decide_by
    against = with_model if decider == "rule" else ~with_model
    worth = worth_of(past, sided)
    return Board(
        rows=rows,
        every=[_score(past, rows, "rules", _by_rule(past, rows)), _score(past, rows, "model", ~_by_rule(past, rows))],
        sided=sided,
        with_model=with_model,
        of_people=[
            _score(past, sided, "people", by_people),
            _score(past, sided, "rules", _by_rule(past, sided)),
            _score(past, sided, "model", ~_by_rule(past, sided)),
        ],
        overrides=None if decider == "both" else int(against.sum()),
        gained=float(worth[against & by_people].sum() - worth[against & ~by_people].sum()),
        right=_among(past, rows, np.where(was_right(past, rows, _by_rule(past, rows)), "rules", "model")),
        side=_side(past, rows, sided, with_model),
    )


def _among(past: Past, rows: NDArray[np.intp], values: NDArray[np.str_] | str) -> Texts:
    found = np.full(len(past), None, dtype=object)
    found[rows] = values
    return found


def _side(past: Past, rows: NDArray[np.intp], sided: NDArray[np.intp], with_model: Labels) -> Texts:
    found = _among(past, rows, NOBODY)
    found[sided] = np.where(with_model, "model", "rules")
    return found


def worth_of(past: Past, rows: NDArray[np.intp]) -> Floats:
    """Return what working each deal brought: its profit less the cost of an attempt, minor units."""
    return past.profit[rows] - past.policy.economics.cost_per_worked_deal


def was_right(past: Past, rows: NDArray[np.intp], yes: Labels) -> Labels:
    """Tell whether who said `yes` was right: a yes where the deal paid, a no where it did not."""
    return past.paid[rows] == yes


def _by_rule(past: Past, rows: NDArray[np.intp]) -> Labels:
    return np.array([past.by_rule[row] is True for row in rows], dtype=np.bool_)


def _score(past: Past, rows: NDArray[np.intp], who: Who, yes: Labels) -> Score:
    right = int(was_right(past, rows, yes).sum())
    return Score(who, len(rows), right, float(worth_of(past, rows)[yes].sum()))


def _in_time(past: Past, row: int, taken: Mapping[str, Side]) -> Side | None:
    """Return the side taken of a deal before it closed: afterwards everybody knows."""
    side, closed_at = taken.get(past.deal_ids[row]), past.closed_at[row]
    if side is None or np.isnan(closed_at) or side.at.timestamp() >= closed_at:
        return None
    return side
