"""What the made-up firm's people fill in: each fact drawn on its own, and often left empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random

from mlscore.crm.bitrix24.fake.firm.words import MARGINS, NOT_SUPPLIED, REQUESTS, SUPPLIED
from mlscore.crm.bitrix24.fake.php import Json

Draw = Callable[[Random, datetime], Json]
"""Draws one fact's value as a person would write it; a choice of a list by its text."""


def happens(chance: Random, share: float) -> bool:
    """Draw whether something happens that happens in this share of cases."""
    return chance.random() < share


def _yes_no(yes: float, unknown: float) -> Draw:
    def draw(chance: Random, _now: datetime) -> str | None:
        if happens(chance, unknown):
            return None
        return "Да" if happens(chance, yes) else "Нет"

    return draw


def _money(low: int, high: int, unknown: float) -> Draw:
    def draw(chance: Random, _now: datetime) -> str | None:
        amount = round(chance.uniform(low, high) / 500) * 500
        return None if happens(chance, unknown) else f"{amount}|RUB"

    return draw


def _deliver_by(chance: Random, now: datetime) -> str | None:
    day = (now + timedelta(days=chance.randint(3, 150))).date()
    return None if happens(chance, 0.2) else day.isoformat()


def _steam(chance: Random, _now: datetime) -> float | None:
    return None if happens(chance, 0.15) else round(chance.lognormvariate(1.3, 0.7), 1)


def _category(chance: Random, _now: datetime) -> str:
    return chance.choice(SUPPLIED if happens(chance, 0.85) else NOT_SUPPLIED)


FACTS: Mapping[str, Draw] = {
    "steam": _steam,
    "category": _category,
    "nomenclature": _yes_no(0.85, 0.4),
    "request": lambda chance, _now: chance.choice(REQUESTS),
    "need": _yes_no(0.7, 0.2),
    "coverage": lambda chance, _now: chance.choice((None, 40, 60, 80, 100)),
    "budget": _yes_no(0.6, 0.25),
    "budget_amount": _money(10_000, 900_000, 0.4),
    "deliver_by": _deliver_by,
    "asap": lambda chance, _now: "Y" if happens(chance, 0.15) else "N",
    "economic": _yes_no(0.5, 0.3),
    "technical": _yes_no(0.7, 0.2),
    "user": _yes_no(0.5, 0.4),
    "trial": lambda chance, _now: "Y" if happens(chance, 0.08) else "N",
    "prospects": _money(5_000, 80_000, 0.7),
}
"""Every fact of a deal but what it costs and what it brought."""


def cost_of(amount: float, category: str | None, chance: Random) -> str | None:
    """Draw what the goods cost the firm; often nobody writes it down."""
    if happens(chance, 0.35):
        return None
    margin = MARGINS.get(category or "", 0.15) * chance.uniform(0.4, 1.3)
    return f"{round(amount * (1 - margin), 2)}|RUB"


def amount_of(chance: Random) -> float:
    """Draw a deal's amount: many small ones, few large ones."""
    return float(round(chance.lognormvariate(10.9, 1.1) / 100) * 100)
