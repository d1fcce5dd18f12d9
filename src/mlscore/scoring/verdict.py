"""The rules' verdicts over columns: the first that applies, with grade, economics and checklist kept beside it."""

from __future__ import annotations

from functools import cached_property
from math import isnan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring import tri
from mlscore.scoring.deal import Deals, Floats
from mlscore.scoring.economics import BASES, Economy, judge_economy
from mlscore.scoring.policy import Policy
from mlscore.scoring.policy.facts import Facts
from mlscore.scoring.receipt import Basis, ExceptionKind, Route, Verdict
from mlscore.scoring.rules import (
    GRADES,
    ROUTES,
    Bant,
    Codes,
    Flags,
    Lead,
    bant_flags,
    checklist,
    judge_bant,
    judge_lead,
    vocabulary_flags,
)
from mlscore.scoring.tri import Tri

VERDICTS = tuple(Verdict)
ECONOMY_CELLS = 4
"""Passes, excused by an exception, below the floor, unknown."""

CELLS = len(ROUTES) * len(GRADES) * ECONOMY_CELLS

_RANKED = (Verdict.ACCEPT_EXCEPTION, Verdict.ASK, Verdict.REVIEW, Verdict.NURTURE, Verdict.REFUSE, Verdict.REJECT)
_TURNED_AWAY = {
    Route.COMPANY: Verdict.NURTURE,
    Route.REJECT: Verdict.REJECT,
    Route.REVIEW: Verdict.REVIEW,
    Route.UNDETERMINED: Verdict.ASK,
}


class Money(NamedTuple):
    """What the rules say of one deal's money, in minor units, as Python's own values; None is unknown."""

    profit: int | None
    amount: int | None
    basis: Basis
    passes: bool | None
    above_min_amount: bool | None
    regular_small: bool | None
    trial: bool | None

    @property
    def excused_as(self) -> ExceptionKind | None:
        """The exception that excuses the deal from the floor, where one is needed and known to hold."""
        if self.passes is not False:
            return None
        return "regular_small" if self.regular_small else "trial" if self.trial else None

    @property
    def is_refused(self) -> bool:
        """Whether the floor alone refuses the deal, and no exception is known to excuse it."""
        return bool(self.above_min_amount) and self.passes is False and not (self.regular_small or self.trial)


class Told(NamedTuple):
    """What the rules say as Python's own values, an entry a deal: NumPy hands out one at ten times the cost.

    Answers are positions in `tri.ANSWERS`: `of_lead` are the criteria, client, request, fire, need, budget, urgency
    and overdue, `of_checklist` the seven points. `codes` are route, verdict, official grade, grade by the ladder, by
    count, and ceiling.
    """

    of_lead: list[list[int]]
    of_checklist: list[list[int]]
    codes: list[list[int]]
    flags: list[list[bool]]
    money: list[Money]


class Verdicts:
    """What the rules say of every deal, column by column."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.lead: Lead = judge_lead(facts)
        self.bant: Bant = judge_bant(facts)
        self.economy: Economy = judge_economy(facts)
        self.exception_regular, self.exception_trial = _excused(self.lead, self.economy)
        self.verdict: Codes = _verdict(self)

    def __len__(self) -> int:
        return self.facts.size

    @property
    def policy(self) -> Policy:
        """The policy the rules were read from."""
        return self.facts.policy

    @cached_property
    def checklist(self) -> tuple[Tri, ...]:
        """The seven points, in order."""
        has_limit = self.policy.economics.min_amount is not None
        limit = self.economy.above_min_amount if has_limit else self.economy.passes
        return checklist(self.facts, self.lead, limit)

    @cached_property
    def cell(self) -> Codes:
        """The rule cell of every deal: route x grade x economics, 0 to CELLS - 1."""
        excused = tri.yes(self.exception_regular) | tri.yes(self.exception_trial)
        passes = self.economy.passes
        economy = tri.first_yes([tri.yes(passes), tri.no(passes) & excused, tri.no(passes)], range(3), default=3)
        return (self.lead.route * len(GRADES) + self.bant.official) * ECONOMY_CELLS + economy

    @cached_property
    def flags(self) -> dict[str, Flags]:
        """What a reader should notice, by code."""
        assumed = self.policy.economics.worked_capacity is None
        return (
            bant_flags(self.bant)
            | vocabulary_flags(self.facts)
            | {
                "foreign_currency": self.facts.foreign,
                "profit_estimated": self.economy.basis == BASES.index("estimated"),
                "worked_capacity_assumed": np.full(len(self), assumed),
            }
        )

    @cached_property
    def told(self) -> Told:
        """The answers, codes and flags, row by row."""
        lead, bant = self.lead, self.bant
        signs = (bant.need, bant.budget, bant.urgency, bant.overdue)
        codes = (lead.route, self.verdict, bant.official, bant.by_ladder, bant.by_count, bant.ceiling)
        return Told(
            of_lead=_rows(tri.position(np.array([*lead.criteria, lead.client, lead.request, lead.fire, *signs]))),
            of_checklist=_rows(tri.position(np.array(self.checklist))),
            codes=_rows(np.array(codes)),
            flags=_rows(np.array(list(self.flags.values()))),
            money=self.money_of(slice(None)),
        )

    def money_of(self, rows: Codes | slice) -> list[Money]:
        """Return what the rules say of the money of these deals."""
        economy = self.economy
        answers = np.array([economy.passes, economy.above_min_amount, self.exception_regular, self.exception_trial])
        said = _rows(tri.position(answers[:, rows]))
        columns = (column[rows].tolist() for column in (economy.profit, economy.amount, economy.basis))
        return [
            Money(_whole(profit), _whole(amount), BASES[basis], *(tri.ANSWERS[answer] for answer in of_one))
            for profit, amount, basis, of_one in zip(*columns, said, strict=True)
        ]

    @cached_property
    def rank(self) -> Floats:
        """A number that orders deals as the rules would: larger first; ties by profit.

        Accept AAA > BBB > CCC > none, accept_exception, ask, review, nurture, refuse, reject.
        """
        order = {VERDICTS.index(v): len(_RANKED) - 1 - i for i, v in enumerate(_RANKED)}
        accepted = VERDICTS.index(Verdict.ACCEPT)
        band = np.array([order.get(v, len(_RANKED)) for v in range(len(VERDICTS))])[self.verdict]
        band = band + np.where(self.verdict == accepted, self.bant.official, 0)
        profit = np.nan_to_num(self.economy.profit, nan=0.0)
        # Squeezed into (-1/2, 1/2): never moves a deal out of its band.
        return band + np.arctan(profit / 1e8) / np.pi


def _rows(columns: NDArray[Any]) -> list[list[Any]]:
    rows: list[list[Any]] = columns.T.tolist()
    return rows


def _whole(minor: float) -> int | None:
    return None if isnan(minor) else int(minor)


def judge(deals: Deals, policy: Policy) -> Verdicts:
    """Apply the rules of `policy` to every deal."""
    return Verdicts(Facts(deals, policy))


def _excused(lead: Lead, economy: Economy) -> tuple[Tri, Tri]:
    eligible = np.where(tri.yes(lead.client) & (lead.route == ROUTES.index(Route.DEAL)), tri.YES, tri.NO)
    return tri.all_of(eligible, economy.regular_small), tri.all_of(eligible, economy.trial)


def _verdict(judged: Verdicts) -> Codes:
    lead, economy = judged.lead, judged.economy
    conditions: list[NDArray[np.bool_]] = [lead.route == ROUTES.index(route) for route in _TURNED_AWAY]
    choices = list(_TURNED_AWAY.values())
    steps = (
        (tri.unknown(economy.passes) | tri.unknown(economy.above_min_amount), Verdict.ASK),
        (tri.no(economy.above_min_amount), Verdict.REFUSE),
        (tri.yes(economy.passes), Verdict.ACCEPT),
        (tri.yes(judged.exception_regular) | tri.yes(judged.exception_trial), Verdict.ACCEPT_EXCEPTION),
    )
    for condition, verdict in steps:
        conditions.append(condition)
        choices.append(verdict)
    codes = [VERDICTS.index(verdict) for verdict in choices]
    return tri.first_yes(conditions, codes, default=VERDICTS.index(Verdict.REFUSE))
