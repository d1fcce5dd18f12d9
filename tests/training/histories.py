"""Small seeded histories: deals whose chances are known to the test and to nobody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import numpy as np

from mlscore.ports import ScoredOutcome
from mlscore.scoring.deal import Deal, Outcome, Status
from mlscore.scoring.economics import has_paid
from mlscore.scoring.policy import CustomFact, Policy, default_policy
from mlscore.scoring.receipt import Answer, Decision, Receipt, Verdict
from mlscore.settings import Settings
from tests.builders import a_deal, roubles, rules_on
from training.dataset import Table, build_table
from training.playground import MAPPING, take_in
from training.simulate import simulate
from training.workshop import open_workshop

START = datetime(2024, 1, 1, 9, tzinfo=UTC)


@cache
def an_answer() -> Answer:
    """Return an answer nobody looks at: training reads facts."""
    decision = Decision(action=Verdict.ASK, decided_by="rule", agreement="undecided")
    return Answer(rule=rules_on(a_deal()), model=None, decision=decision)


def a_closed_deal(
    deal_id: str = "D-1",
    *,
    day: float | None = 0,
    won: bool = True,
    profit: float | None = 9_000,
    days_to_close: float = 20,
    **facts: Any,
) -> ScoredOutcome:
    """Return a deal scored `day` days after the start (None: undated) that closed later; profit in roubles."""
    as_of = None if day is None else START + timedelta(days=day)
    closed_at = None if as_of is None else as_of + timedelta(days=days_to_close)
    deal = Deal(**{"deal_id": deal_id, "as_of": as_of, "stage": "deal"} | facts)
    receipt = Receipt(
        receipt_id=f"R-{deal_id}", deal=deal, as_of=as_of, scored_at=as_of or START, answer=an_answer(), origin="import"
    )
    outcome = Outcome(
        deal_id=deal_id,
        status=Status.WON if won else Status.LOST,
        closed_at=closed_at,
        realised_profit=roubles(profit) if won and profit is not None else None,
        known_at=closed_at,
    )
    return ScoredOutcome(receipt=receipt, outcome=outcome)


def a_history(deals: int = 300, *, seed: int = 1, signal: float = 1.0) -> list[ScoredOutcome]:
    """Return dated deals, one a day, won the likelier the better budget, need and roles are; large ones pay."""
    rng = np.random.default_rng(seed)
    history = []
    for number in range(deals):
        budget, need, role = (bool(rng.random() < share) for share in (0.5, 0.6, 0.4))
        amount = float(np.round(np.exp(rng.normal(10.6, 0.6)), 2))
        steam = float(np.round(np.exp(rng.normal(1.3, 0.6)), 1))
        log_odds = signal * (2.2 * budget + 1.6 * need + 1.2 * role + 1.2 * (steam > 3) - 3.0)
        won = bool(rng.random() < 1 / (1 + np.exp(-log_odds)))
        history.append(
            a_closed_deal(
                f"D-{number:04d}",
                day=number,
                won=won,
                profit=round(amount * 0.2 * float(np.exp(rng.normal(0, 0.2))), 2),
                days_to_close=float(rng.integers(5, 40)),
                budget_allocated=budget,
                budget_amount=roubles(amount) if budget else None,
                need_defined=need,
                role_economic=role,
                role_technical=bool(rng.random() < 0.5),
                role_user=None if rng.random() < 0.3 else bool(rng.random() < 0.5),
                steam_tph=steam,
                annual_turnover_rub=float(rng.choice([5e8, 2e9])),
                industry=str(rng.choice(["dairy", "meat", "retail"])),
                in_nomenclature=True,
                amount=roubles(amount),
                profit_if_won=roubles(round(amount * 0.2, 2)),
                source=str(rng.choice(["site", "referral", "tender"])),
                asap=bool(rng.random() < 0.3),
            )
        )
    return history


def undated(history: Sequence[ScoredOutcome]) -> list[ScoredOutcome]:
    """Return the same deals without any date."""
    return [
        ScoredOutcome(
            receipt=replace(c.receipt, as_of=None, deal=replace(c.receipt.deal, as_of=None)),
            outcome=replace(c.outcome, closed_at=None, known_at=None),
        )
        for c in history
    ]


def with_outcomes_turned(history: Sequence[ScoredOutcome], places: Sequence[int]) -> list[ScoredOutcome]:
    """Return the history with the deals at these places lost if won, and won if lost."""
    turned = list(history)
    for place in places:
        was = turned[place].outcome
        now_won = was.status is Status.LOST
        turned[place] = replace(
            turned[place],
            outcome=replace(
                was, status=Status.WON if now_won else Status.LOST, realised_profit=roubles(9_000) if now_won else None
            ),
        )
    return turned


def a_table(history: Sequence[ScoredOutcome] | None = None, policy: Policy | None = None) -> Table:
    """Return the training table of a history under the shipped policy."""
    return build_table(a_history() if history is None else history, policy or default_policy())


@cache
def a_simulated_history(deals: int = 900, *, seed: int = 20) -> tuple[ScoredOutcome, ...]:
    """Return a history of `training.simulate`, imported as a firm would import it; honest by construction."""
    with TemporaryDirectory() as folder:
        export = Path(folder) / "deals.csv"
        simulate(deals=deals, seed=seed).write_csv(export)
        settings = Settings(database=f"sqlite:///{folder}/mlscore.db", models=Path(folder) / "models")
        with open_workshop(settings) as workshop:
            take_in(workshop.store, export, firm=workshop.firm, mapping=MAPPING, policy=workshop.policy)
            return tuple(workshop.store.closed.closed_deals(workshop.firm))


def with_fact(
    history: Sequence[ScoredOutcome],
    name: str,
    values: Sequence[Any],
    *,
    kind: str = "yes_no",
    also: Mapping[str, Sequence[Any]] = MappingProxyType({}),
    **declared: Any,
) -> Table:
    """Return the table of a history with a custom fact more (None: unknown), and `also` yes / no facts by name."""
    facts = (CustomFact(name=name, kind=kind, **declared), *(CustomFact(name=other, kind="yes_no") for other in also))
    columns = {name: values, **also}
    planted = []
    for place, c in enumerate(history):
        extra = {**c.receipt.deal.extra, **{fact: column[place] for fact, column in columns.items()}}
        planted.append(replace(c, receipt=replace(c.receipt, deal=replace(c.receipt.deal, extra=extra))))
    return build_table(planted, replace(default_policy(), custom_facts=facts))


def is_good(history: Sequence[ScoredOutcome]) -> list[bool]:
    """Return which deals were profitable."""
    policy = default_policy()
    return [bool(has_paid(c.outcome, "profitable", policy)) for c in history]


def with_outcomes_shuffled(history: Sequence[ScoredOutcome], *, seed: int = 0, among: int = 50) -> list[ScoredOutcome]:
    """Return the history with the outcomes dealt out anew among each `among` neighbours in time.

    Every deal keeps the moments it closed and was known at, so the share that wins moves in time as it did.
    """
    rng = np.random.default_rng(seed)
    shuffled = []
    for start in range(0, len(history), among):
        block = history[start : start + among]
        for c, other in zip(block, rng.permutation(len(block)).tolist(), strict=True):
            was = block[other].outcome
            shuffled.append(
                replace(c, outcome=replace(c.outcome, status=was.status, realised_profit=was.realised_profit))
            )
    return shuffled


def turning(deals: int = 600, *, seed: int = 0, days: int = 60) -> list[ScoredOutcome]:
    """Return a history in which the fortunes of two categories change places every so many days."""
    rng = np.random.default_rng(seed)
    pumps = rng.random(deals) < 0.5
    lucky = (np.arange(deals) // days) % 2 == 0
    won = rng.random(deals) < np.where(pumps == lucky, 0.9, 0.1)
    return [
        a_closed_deal(
            f"D-{n}", day=n, won=bool(won[n]), days_to_close=3, product_category="pump" if pumps[n] else "valve"
        )
        for n in range(deals)
    ]
