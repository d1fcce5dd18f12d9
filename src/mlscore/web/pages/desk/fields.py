"""The fields of the desk: one for each fact that can be asked for, with the words to ask in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from mlscore.scoring.deal import FACTS, MINOR_UNITS, Deal, Kind, Value
from mlscore.scoring.policy import Category, Industry, Policy, vocabulary_of
from mlscore.texts import Language
from mlscore.web import reading
from mlscore.web.words import Words

GROUPS: Mapping[str, Sequence[str]] = {
    "client": ("industry", "steam_tph", "annual_turnover_rub", "group_turnover_rub", "is_existing_customer"),
    "request": (
        *("product_category", "in_nomenclature", "need_defined", "need_coverage", "trial_order"),
        "request_text",
    ),
    "terms": ("budget_allocated", "budget_amount", "asap", "delivery_needed_by"),
    "people": ("role_economic", "role_technical", "role_user"),
    "money": ("amount", "cost", "profit_if_won", "prospects_profit"),
}
MORE: Sequence[str] = (
    *("company_id", "region", "employees", "source"),
    *("won_deals_24m", "median_profit_24m", "small_exceptions_6m", "trial_exceptions"),
)
"""What is seldom told on the phone; whatever a criterion asks for moves up to the client's."""

_LOSSES = frozenset({"profit_if_won", "prospects_profit", "median_profit_24m"})
_SHARES = frozenset({"need_coverage"})
_LONG = frozenset({"request_text"})
_ANY = -reading.LARGEST_NUMBER

Shape = Literal["yes_no", "money", "number", "share", "date", "text", "long", "choice"]
_SHAPES: Mapping[Kind, Shape] = {
    Kind.TRI: "yes_no",
    Kind.MONEY: "money",
    Kind.NUMBER: "number",
    Kind.DATE: "date",
    Kind.TEXT: "text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the form: `offered` are words that may be typed, or with the shape `choice` the only ones."""

    name: str
    shape: Shape
    label: str
    question: str
    offered: Sequence[str] = ()
    is_custom: bool = False

    def shown(self, deal: Deal | None, language: Language) -> str:
        """Write what a deal holds as it would be typed; nothing where it is unknown."""
        value = None if deal is None else deal.extra.get(self.name) if self.is_custom else getattr(deal, self.name)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, date):
            return value.strftime("%d.%m.%Y") if language == "ru" else value.isoformat()
        if isinstance(value, int | float):
            return reading.write_number(self._as_typed(value), language)
        return str(value)

    def read(self, text: str, language: Language) -> Value:
        """Return what was typed, None for nothing and for what is not known. Raises FactError."""
        text = text.strip()
        if text in {"", reading.ASKED_IN_VAIN}:
            return None
        return _READERS[self.shape](self, text, language)

    def _as_typed(self, value: float) -> float | Decimal:
        if self.shape == "money":
            return Decimal(int(value)) / MINOR_UNITS
        return Decimal(repr(value)) * 100 if self.shape == "share" else value


_READERS: Mapping[Shape, Callable[[Field, str, Language], Value]] = {
    "yes_no": lambda _, text, __: text == "yes",
    "money": lambda field, text, language: reading.read_money(text, language, may_be_loss=field.name in _LOSSES),
    "number": lambda field, text, language: float(
        reading.read_number(text, language, least=_ANY if field.is_custom else 0)
    ),
    "share": lambda _, text, language: reading.read_share(text, language),
    "date": lambda _, text, __: reading.read_day(text),
    "text": lambda _, text, __: reading.read_text(text),
    "long": lambda _, text, __: reading.read_text(text, at_most=reading.LONG_TEXT_LENGTH),
    "choice": lambda _, text, __: reading.read_text(text),
}


def fields_of(words: Words) -> Mapping[str, Sequence[Field]]:
    """Return the fields under the policy in force, by their group; the last is `more`."""
    policy = words.policy
    of_criteria = dict.fromkeys(criterion.field for criterion in policy.criteria)
    placed = {name for names in GROUPS.values() for name in names}
    moved = [name for name in of_criteria if name in FACTS and name not in placed and FACTS[name].kind in _SHAPES]
    groups: dict[str, Sequence[Field]] = {
        group: [_standard(name, words) for name in (*names, *(moved if group == "client" else ()))]
        for group, names in GROUPS.items()
    }
    groups["own"] = [
        Field(
            name=fact.name,
            shape="choice" if fact.kind == "category" else _SHAPES[fact.carried_as],
            label=words.fact(fact.name) + (f", {fact.unit}" if fact.unit else ""),
            question=words.sentences().question(fact.name),
            offered=fact.levels,
            is_custom=True,
        )
        for fact in policy.custom_facts
    ]
    groups["more"] = [_standard(name, words) for name in MORE if name not in moved]
    return {group: fields for group, fields in groups.items() if fields}


def is_listed(name: str, text: str, policy: Policy) -> bool:
    """Tell whether a word is on the policy's list of its fact; of other facts there is no list."""
    rows = _rows(name, policy)
    return not rows or vocabulary_of(rows).index(text) >= 0


def _standard(name: str, words: Words) -> Field:
    shape = "share" if name in _SHARES else "long" if name in _LONG else _SHAPES[FACTS[name].kind]
    label = words.say("web.desk.company") if name == "company_id" else words.fact(name)
    signs = {"money": _sign_of_money(words), "share": "%"}
    sign = "₽" if name.endswith("_rub") and words.language == "ru" else "RUB" if name.endswith("_rub") else ""
    unit = signs.get(shape, sign)
    return Field(
        name=name,
        shape=shape,
        label=label + (f", {unit}" if unit else ""),
        question=words.sentences().question(name) if words.has(f"ask.{name}") else "",
        offered=[_word(row, words.language) for row in _rows(name, words.policy)],
    )


def _sign_of_money(words: Words) -> str:
    return words.money(0).replace("0", "").strip()


def _rows(name: str, policy: Policy) -> tuple[Industry, ...] | tuple[Category, ...]:
    return policy.industries if name == "industry" else policy.categories if name == "product_category" else ()


def _word(row: Industry | Category, language: Language) -> str:
    """Name a row of a list by its first synonym of the reader's language, else by its code."""
    return next((word for word in row.synonyms if word.isascii() == (language == "en")), row.code)
